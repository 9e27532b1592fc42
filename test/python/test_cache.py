# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The cache of compiled kernels."""

import os
import stat
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from linnet import _cache, _compiler

RUN = """
import sys, numpy as np, linnet
x = np.ones((1, 7, 5), np.float32)
y, _ = linnet.ops.causal_conv1d(x, np.ones((7, 2), np.float32))
assert y.tolist() == [[[1, 2, 2, 2, 2]] * 7]
maps = open("/proc/self/maps").read()
print("compiled" if "libMLIR" in maps else "cached")
"""


def only(folder):
    (file,) = folder.iterdir()
    return file


def test_second_process_loads_no_compiler(python, tmp_path):
    assert python(RUN, LINNET_CACHE_DIR=tmp_path).strip() == "compiled"
    before = only(tmp_path).stat()
    assert python(RUN, LINNET_CACHE_DIR=tmp_path).strip() == "cached"
    assert only(tmp_path).stat().st_mtime_ns == before.st_mtime_ns


def test_many_processes_compile_once(tmp_path):
    environment = {**os.environ, "LINNET_CACHE_DIR": str(tmp_path)}
    command, pipe = [sys.executable, "-c", RUN], subprocess.PIPE
    runs = [subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True) for _ in range(6)]
    results = [run.communicate(timeout=300) for run in runs]
    assert [run.returncode for run in runs] == [0] * 6, results
    assert sorted(out.strip() for out, _ in results) == ["cached"] * 5 + ["compiled"]
    only(tmp_path)  # neither locks nor temporary files are left


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"not a library",
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda data: data[:200] + bytes([data[200] ^ 1]) + data[201:],
        lambda data: data[: len(data) // 2] + b"\0" + data[len(data) // 2 :],
    ],
    ids=["empty", "foreign", "half", "shortened", "flipped", "lengthened"],
)
def test_damaged_files_are_replaced(python, tmp_path, damage):
    python(RUN, LINNET_CACHE_DIR=tmp_path)
    file = only(tmp_path)
    sound = file.read_bytes()
    file.write_bytes(damage(sound))
    assert python(RUN, LINNET_CACHE_DIR=tmp_path).strip() == "compiled"
    assert _cache._check(only(tmp_path).read_bytes()) is not None
    assert python(RUN, LINNET_CACHE_DIR=tmp_path).strip() == "cached"


def test_a_file_of_another_kernel_is_not_used(python, tmp_path):
    python(RUN, LINNET_CACHE_DIR=tmp_path)
    file = only(tmp_path)
    wrong = RUN.replace("7", "9")
    python(wrong, LINNET_CACHE_DIR=tmp_path)
    (other,) = [name for name in tmp_path.iterdir() if name != file]
    other.write_bytes(file.read_bytes())
    assert python(wrong, LINNET_CACHE_DIR=tmp_path).strip() == "compiled"


def test_the_name_depends_on_compiler_processor_path_and_text(tmp_path, monkeypatch):
    monkeypatch.setenv("LINNET_CACHE_DIR", str(tmp_path))
    asked = []
    monkeypatch.setattr(_cache, "_open", lambda file, digest: asked.append(file) or (SimpleNamespace(path=file), ""))
    _cache.load_or_compile("op", "text", "auto")
    _cache.load_or_compile("op", "text", "auto")
    assert asked[0] == asked[1]
    _cache.load_or_compile("op", "other text", "auto")
    _cache.load_or_compile("op", "text", "reference")
    monkeypatch.setattr(_compiler, "identity", lambda: "0.0.9")
    _cache.load_or_compile("op", "text", "auto")
    monkeypatch.setattr(_compiler, "host_cpu", lambda: "another")
    _cache.load_or_compile("op", "text", "auto")
    assert len(set(asked)) == 5
    assert _compiler.identity() == "0.0.9" and os.path.dirname(asked[0]) == str(tmp_path)


def test_identity_follows_the_build_of_the_compiler(tmp_path, monkeypatch):
    fake = tmp_path / "liblinnet_compiler.so"
    fake.write_bytes(b"1")
    monkeypatch.setattr(_compiler, "PATH", str(fake))
    first = _compiler.identity()
    fake.write_bytes(b"12")
    assert _compiler.identity() != first
    fake.unlink()
    assert "no compiler" in _compiler.identity()


@pytest.mark.parametrize("kind", ["read-only", "file"])
def test_a_cache_that_cannot_be_written_is_no_error(python, tmp_path, kind):
    folder = tmp_path / "cache"
    if kind == "file":
        folder.write_text("")
    else:
        folder.mkdir()
        folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
        if os.access(folder, os.W_OK):
            pytest.skip("this user may write everywhere")
    code = "import warnings\nwarnings.simplefilter('error', DeprecationWarning)\n" + RUN
    assert python(code, LINNET_CACHE_DIR=folder).strip() == "compiled"
    with pytest.raises(AssertionError, match="set LINNET_CACHE_DIR to a folder that can be written"):
        python("import warnings\nwarnings.simplefilter('error')\n" + RUN, LINNET_CACHE_DIR=folder)


def test_command(python, tmp_path):
    def command(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "linnet", "cache", *arguments],
            env={**os.environ, "LINNET_CACHE_DIR": str(tmp_path)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout

    assert command("dir").strip() == str(tmp_path)
    assert command("list").startswith("0 kernels")
    python(RUN, LINNET_CACHE_DIR=tmp_path)
    (tmp_path / "other-0.kernel.so").write_bytes(b"?")
    (tmp_path / "unrelated").write_bytes(b"kept")
    listed = command("list")
    assert "causal_conv1d, path auto, compiled in" in listed and "damaged" in listed and "2 kernels" in listed
    assert command("clear").startswith("removed 2 kernels")
    assert only(tmp_path).name == "unrelated"


def test_directory(monkeypatch):
    monkeypatch.delenv("LINNET_CACHE_DIR")
    monkeypatch.setenv("HOME", "/somebody")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert _cache.directory() == "/somebody/.cache/linnet"
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert _cache.directory() == "/caches/linnet"
    monkeypatch.setenv("LINNET_CACHE_DIR", "~/kernels")
    assert _cache.directory() == "/somebody/kernels"


def test_threads_and_forks(python, tmp_path):
    """Threads that ask for the same kernels, and a child that compiles after its parent has."""
    code = """
import os, threading, numpy as np, linnet
def run(channels):
    x = np.ones((1, channels, 5), np.float32)
    for _ in range(20):
        y, _s = linnet.ops.causal_conv1d(x, np.ones((channels, 2), np.float32))
        assert y.sum() == 9 * channels
threads = [threading.Thread(target=run, args=(3 + i % 2,)) for i in range(8)]
for t in threads: t.start()
for t in threads: t.join()
child = os.fork()
if child == 0:
    run(5)
    os._exit(0)
_, status = os.waitpid(child, 0)
print("child", os.waitstatus_to_exitcode(status), len(os.listdir(os.environ["LINNET_CACHE_DIR"])))
"""
    assert python(code, LINNET_CACHE_DIR=tmp_path).strip() == "child 0 3"


def test_diagnostics():
    compiler = _compiler.load()
    with pytest.raises(RuntimeError, match=r"kernel:1:9: error: custom op 'nothing' is unknown"):
        compiler.print("kernel", "module {nothing}", "input")
    with pytest.raises(RuntimeError, match="expected a stage of input, graph, tiled, vector or llvm, got object"):
        compiler.print("kernel", "module {}", "object")
    with pytest.raises(RuntimeError, match="unknown CPU 'abacus'"):
        compiler.print("kernel", "module {}", "input", cpu="abacus")


def test_every_stage_prints():
    import sys

    text = sys.modules["linnet.ops.causal_conv1d"]._module("silu", 20, 4, True)
    compiler = _compiler.load()
    printed = {stage: compiler.print("kernel", text, stage) for stage in ("input", "graph", "tiled", "vector", "llvm")}
    assert "linnet.causal_conv1d" in printed["input"] and "scf.forall" in printed["tiled"]
    assert "vector<16xf32>" in printed["vector"] and "llvm.func" in printed["llvm"]
    assert compiler.version == np.str_(_compiler._linnet.__version__)
