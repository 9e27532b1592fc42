# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The examples run."""

import pathlib
import shlex
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "frontends" / "python" / "examples"


@pytest.mark.parametrize("name, needs", [("new_layer", ()), ("hugging_face", ("torch", "transformers"))])
def test_example(name, needs, tmp_path):
    for package in needs:
        pytest.importorskip(package, reason=f"{package} is not installed")
    more = [tmp_path / "layer.so"] if name == "new_layer" else []
    done = subprocess.run([sys.executable, EXAMPLES / f"{name}.py", *more], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "<linnet.Comp" in done.stdout
    assert all(path.stat().st_size for path in more)


def test_a_saved_library_in_a_program_in_c(tmp_path):
    """As the comment in the program says: no flags but those that the package prints."""
    run = lambda *command: subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True).stdout
    run(sys.executable, EXAMPLES / "new_layer.py", tmp_path / "layer.so")
    flags = shlex.split(run(sys.executable, "-m", "linnet", "config"))
    compiler = next(filter(None, map(shutil.which, ("cc", "clang-22", "gcc"))))
    warnings = ["-Wall", "-Wextra", "-Werror"]
    run(compiler, "-std=c99", "-O2", *warnings, EXAMPLES / "call_from_c.c", *flags, "-lm", "-o", tmp_path / "program")
    lines = run(tmp_path / "program", tmp_path / "layer.so").splitlines()
    assert [line.split()[0] for line in lines] == ["1", "10", "100", "1000"]
    wrong = subprocess.run([tmp_path / "program", tmp_path / "nothing.so"], capture_output=True, text=True)
    assert wrong.returncode == 1 and "nothing.so" in wrong.stderr
