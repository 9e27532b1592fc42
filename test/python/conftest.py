# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the Python tests share.

They import linnet from the build (tools/test sets PYTHONPATH and PATH) and keep compiled kernels in a folder of their
own, so that every run compiles what it tests.
"""

import os
import pathlib
import shutil
import subprocess
import sys

import numpy as np
import pytest

TEST = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TEST / "python"))


@pytest.fixture(scope="session", autouse=True)
def kernel_cache(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kernels")
    before = os.environ.get("LINNET_CACHE_DIR")
    os.environ["LINNET_CACHE_DIR"] = str(folder)
    os.environ.pop("LINNET_PATH", None)
    yield folder
    if before is None:
        del os.environ["LINNET_CACHE_DIR"]
    else:
        os.environ["LINNET_CACHE_DIR"] = before


@pytest.fixture(params=["auto", "reference"])
def path(request, monkeypatch):
    """Runs a test on both lowerings."""
    monkeypatch.setenv("LINNET_PATH", request.param)
    return request.param


@pytest.fixture
def rng():
    return np.random.default_rng(20260611)


@pytest.fixture
def threads():
    """Puts the number of threads back."""
    import linnet

    before = linnet.num_threads()
    yield
    linnet.set_num_threads(before)


@pytest.fixture(scope="session")
def linnetc():
    """Compiles with the tool: linnetc(*arguments)."""
    tool = shutil.which("linnetc")
    if tool is None:
        pytest.skip("linnetc is not on PATH; tools/env prints the line that puts it there")

    def run(*arguments):
        done = subprocess.run([tool, *map(str, arguments)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    return run


@pytest.fixture
def python():
    """Runs code in a new interpreter; gives what it printed."""

    def run(code, **environment):
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            env={**os.environ, **{name: str(value) for name, value in environment.items()}},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
