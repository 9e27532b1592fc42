# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The examples run."""

import pathlib
import subprocess
import sys

import pytest

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "frontends" / "python" / "examples"


@pytest.mark.parametrize("name, needs", [("new_layer", ()), ("hugging_face", ("torch", "transformers"))])
def test_example(name, needs, tmp_path):
    for package in needs:
        pytest.importorskip(package, reason=f"{package} is not installed")
    more = [tmp_path / "layer.so"] if name == "new_layer" else []
    done = subprocess.run([sys.executable, EXAMPLES / f"{name}.py", *more], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "<linnet.Comp" in done.stdout
    assert all(path.stat().st_size for path in more)
