# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is wrong with a call is a Python exception of the right type that names the argument and says what to do, and the
process lives: after every such call a right one works."""

import errno
import os
import re
import subprocess
import sys

import numpy as np
import pytest

import linnet
from linnet import _cache, ops


def normal(*shape):
    return np.random.default_rng(sum(shape)).standard_normal(shape, np.float32)


def absolute(*shape):
    return np.abs(normal(*shape))


#: Each operation with arguments that fit; the first two arrays are tried with everything that does not.
CALLS = {
    "affine_scan": lambda: dict(a=absolute(2, 5, 3), b=normal(2, 5, 3)),
    "block_local_attention": lambda: dict(q=normal(1, 8, 2, 4), k=normal(1, 8, 2, 4), v=normal(1, 8, 2, 4)),
    "causal_conv1d": lambda: dict(x=normal(2, 6, 5), weight=normal(6, 3)),
    "causal_conv1d_step": lambda: dict(x_t=normal(2, 6), state=normal(2, 6, 4), weight=normal(6, 3)),
    "linear_attention": lambda: dict(q=normal(2, 5, 2, 4), k=normal(2, 5, 2, 4), v=normal(2, 5, 2, 3)),
    "linear_attention_step": lambda: dict(q=normal(2, 2, 4), k=normal(2, 2, 4), v=normal(2, 2, 3), state=normal(2, 2, 4, 3)),
    "scan": lambda: dict(x=normal(2, 5)),
    "selective_scan": lambda: dict(
        u=normal(2, 6, 5), delta=absolute(2, 6, 5), A=-absolute(6, 4), B=normal(2, 4, 5), C=normal(2, 4, 5)
    ),
    "ssd": lambda: dict(x=normal(2, 5, 2, 4), dt=absolute(2, 5, 2), A=-absolute(2), B=normal(2, 5, 1, 4), C=normal(2, 5, 1, 4)),
}


def arrays_of(name):
    return [argument for argument, value in list(CALLS[name]().items())[:2] if isinstance(value, np.ndarray)]


PAIRS = [(name, argument) for name in CALLS for argument in arrays_of(name)]


def refused(name, argument, value, error):
    """The message of a call with one argument replaced."""
    arguments = {**CALLS[name](), argument: value}
    with pytest.raises(error) as raised:
        getattr(ops, name)(**arguments)
    message = str(raised.value)
    named = re.search(r"argument (\w+)", message)  # of two that do not fit each other, either
    assert named and named[1] in {*arguments, "x"}, message
    assert "expected" in message and "got" in message, message
    getattr(ops, name)(**CALLS[name]())
    return message


@pytest.mark.parametrize("name, argument", PAIRS)
def test_wrong_types(name, argument):
    value = CALLS[name]()[argument]
    for wrong in (value.astype(np.float64), value > 0, np.array(value, dtype=object), value.astype("<U3")):
        if name == "scan" and wrong.dtype.kind == "b":
            continue  # truth values are an error there too, of the next test
        assert str(wrong.dtype) in refused(name, argument, wrong, TypeError)
    for wrong in (value.tolist(), 3, "x", None):
        refused(name, argument, wrong, TypeError)


@pytest.mark.parametrize("name, argument", PAIRS)
def test_wrong_shapes(name, argument):
    value = CALLS[name]()[argument]
    if name != "scan":  # takes any
        refused(name, argument, value[None, None], ValueError)
        refused(name, argument, value[..., 0] if value.ndim > 1 else value[None], ValueError)
    refused(name, argument, np.array(1, np.float32), ValueError)


@pytest.mark.parametrize("name", CALLS)
def test_empty_arrays(name):
    """No sequences, or nothing in them: results of the right shapes. A size that is part of a kernel may not be 0."""
    arguments = CALLS[name]()
    batch = {argument: value[:0] if argument not in ("weight", "A") else value for argument, value in arguments.items()}
    if name == "scan":
        batch = {"x": arguments["x"][:0]}
    full, empty = getattr(ops, name)(**arguments), getattr(ops, name)(**batch)
    for of, expected in zip(empty if isinstance(empty, tuple) else [empty], full if isinstance(full, tuple) else [full]):
        assert of.dtype == expected.dtype and of.shape[1:] == expected.shape[1:] and of.size == 0
    compiled = linnet.jit(lambda x: (np.exp(x) * 2, x.sum(1), x @ x.swapaxes(1, 2)), shapes={"x": ("B", "T", 3)})
    for shape in ((0, 4, 3), (2, 0, 3)):
        y, total, product = compiled(np.zeros(shape, np.float32))
        assert y.shape == shape and total.tolist() == np.zeros((shape[0], 3)).tolist() and product.shape == (*shape[:2], shape[1])


@pytest.mark.parametrize("name, argument", PAIRS)
def test_wrong_tensors(name, argument):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    call = lambda: {key: torch.from_numpy(value) for key, value in CALLS[name]().items()}
    function, right = getattr(ops, name), call()[argument]
    for wrong, error, message in (
        (right.to("meta"), ValueError, "a tensor on the CPU, got one on meta; x.cpu"),
        (right.double(), TypeError, "torch.float64"),
        (right.to_sparse(), TypeError, "a dense tensor"),
        (right.clone().requires_grad_(), RuntimeError, r"requires a gradient.* call it under torch.no_grad\(\)"),
        (right.numpy(), TypeError, "expected a (torch tensor|numpy array), as"),
        (right[None, None], ValueError, "expected") if name != "scan" else (right.bool(), TypeError, "bool"),
    ):
        if isinstance(wrong, np.ndarray) and name == "scan":
            continue  # has one array, which may be of either kind
        with pytest.raises(error, match=message):
            function(**{**call(), argument: wrong})
        function(**call())
    strided = torch.stack([right, right], -1)[..., 0]  # copied once
    for got, want in zip(function(**{**call(), argument: strided}), function(**call())):
        assert torch.equal(got, want)


def test_operators_of_torch():
    """The same through torch.ops: what a kernel says reaches the caller."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    import linnet.torch  # noqa: F401

    x, weight = torch.randn(1, 4, 6), torch.randn(4, 3)
    with pytest.raises(TypeError, match="argument x: expected elements of type .*, got torch.float64"):
        torch.ops.linnet.causal_conv1d(x.double(), weight)
    with pytest.raises(ValueError, match="argument weight: expected .* dimensions"):
        torch.ops.linnet.causal_conv1d(x, weight[None])
    with pytest.raises(RuntimeError, match="linnet::causal_conv1d"):  # torch itself: no kernel takes a list
        torch.ops.linnet.causal_conv1d([1.0], weight)
    assert torch.ops.linnet.causal_conv1d(x, weight)[0].shape == x.shape


# ---------------------------------------------------------------- Ctrl-C


INTERRUPTED = """
import os, signal, sys, threading, time
import numpy as np, linnet
from linnet import _cache
q = np.ones((1, 200, 4, 64), np.float32)
compiling = _cache._compile
def compile_and_interrupt(*arguments):
    threading.Timer({delay}, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    return compiling(*arguments)
_cache._compile = compile_and_interrupt
try:
    linnet.ops.block_local_attention(q, q, q, block_size=128)
    print("done")
except KeyboardInterrupt:
    print("interrupted")
_cache._compile = compiling
time.sleep(0.2)
print(sorted(os.listdir(os.environ["LINNET_CACHE_DIR"])))
begin = time.perf_counter()
y, _ = linnet.ops.causal_conv1d(np.ones((1, 7, 5), np.float32), np.ones((7, 2), np.float32))
print(y[0, 0].tolist())
"""


@pytest.mark.parametrize("delay", [0.02, 0.2, 0.6])
def test_interrupt_while_compiling(python, tmp_path, delay):
    """Early, in the middle and late (if it is not done by then): the exception of Python, no half of a file and no lock."""
    first, files, after = python(INTERRUPTED.format(delay=delay), LINNET_CACHE_DIR=tmp_path).splitlines()
    assert after == "[1.0, 2.0, 2.0, 2.0, 2.0]"
    if first == "interrupted":
        assert files == "[]"
    else:
        assert first == "done" and delay > 0.1 and "block_local_attention" in files


def test_a_handler_that_raises_ends_a_compilation(monkeypatch, tmp_path):
    """As time limits do, which raise exceptions of their own."""
    import signal

    class TooLong(Exception):
        pass

    def handler(*_):
        raise TooLong

    monkeypatch.setenv("LINNET_CACHE_DIR", str(tmp_path))
    before = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.03)
        with pytest.raises(TooLong):
            for width in range(2, 60):
                ops.causal_conv1d(normal(1, 48, 9), normal(48, width))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert ops.causal_conv1d(normal(1, 48, 9), normal(48, 3))[0].shape == (1, 48, 9)


# ---------------------------------------------------------------- caches and files


@pytest.fixture
def unkept(monkeypatch):
    """A cache that cannot be written, by anybody."""
    monkeypatch.setenv("LINNET_CACHE_DIR", "/proc/self/linnet")


def test_a_cache_that_cannot_be_written(unkept, tmp_path):
    function = linnet.jit(lambda x: np.tanh(x) * 3 + 0.25)
    x = normal(4, 5)
    with pytest.warns(RuntimeWarning, match="cannot keep compiled kernels in .*; set LINNET_CACHE_DIR to a folder that can"):
        y = function(x)
    assert np.allclose(y, np.tanh(x) * 3 + 0.25, atol=1e-6)
    function.save(tmp_path / "function.so")  # although no cache has it
    kernel = linnet._linnet.Kernel(linnet._linnet.Library(str(tmp_path / "function.so")), "lambda", ["x"])
    assert np.array_equal(kernel(x)[0], y)


def test_a_full_cache(monkeypatch, tmp_path):
    """What the system says when a disk is full, at each of the steps of writing."""
    monkeypatch.setenv("LINNET_CACHE_DIR", str(tmp_path))

    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    import tempfile

    for width, (owner, step) in enumerate(((tempfile, "mkstemp"), (os, "fdopen"), (os, "replace")), start=2):
        with monkeypatch.context() as patch:
            patch.setattr(owner, step, full)
            with pytest.warns(RuntimeWarning, match="No space left on device"):
                y, _ = ops.causal_conv1d(np.ones((1, 5, 4), np.float32), np.ones((5, width), np.float32))
        assert y[0, 0].tolist() == np.minimum(np.arange(1, 5), width).tolist()
        assert not list(tmp_path.iterdir())  # no part of a file


def test_no_room_to_compile(python, tmp_path):
    """Where not even the temporary file can be written, the error is the system's."""
    code = """
import resource, numpy as np, linnet
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))
x, w = np.ones((1, 7, 5), np.float32), np.ones((7, 2), np.float32)
try:
    linnet.ops.causal_conv1d(x, w)
except linnet.CompileError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(linnet.ops.causal_conv1d(x, w)[0][0, 0].tolist())
"""
    *message, after = python(code, LINNET_CACHE_DIR=tmp_path).splitlines()
    assert "cannot" in "\n".join(message) and "File too large" in "\n".join(message)
    assert after == "[1.0, 2.0, 2.0, 2.0, 2.0]"
    nowhere = subprocess.run(
        [sys.executable, "-c", "import numpy as np, linnet; linnet.ops.scan(np.ones(3, np.float32))"],
        env={**os.environ, "LINNET_CACHE_DIR": str(tmp_path), "TMPDIR": "/proc", "TEMP": "/proc", "TMP": "/proc"},
        cwd="/proc", capture_output=True, text=True,
    )  # fmt: skip
    assert nowhere.returncode in (0, 1), nowhere.stderr  # /tmp serves where it can be written


def test_save_where_nothing_can_be_written(tmp_path):
    function = linnet.jit(lambda x: x * 2)
    function(normal(3))
    with pytest.raises(FileNotFoundError, match="nowhere"):
        function.save(tmp_path / "nowhere" / "f.so")
    with pytest.raises(OSError):
        function.save("/proc/self/f.so")
    with pytest.raises(IsADirectoryError):
        (tmp_path / "folder.so").mkdir()
        function.save(tmp_path / "folder.so")
    _cache.clear()  # by another process, say
    function.save(tmp_path / "f.so")
    assert list(linnet._linnet.Library(str(tmp_path / "f.so")).functions) == ["lambda"]


@pytest.mark.parametrize("path", ["", "quick", "FAST"])
def test_wrong_settings(monkeypatch, path):
    monkeypatch.setenv("LINNET_PATH", path)
    if path:
        with pytest.raises(ValueError, match=f"LINNET_PATH: expected auto, fast or reference, got '{path}'"):
            ops.scan(normal(3))
    else:
        ops.scan(normal(3))
    for count in (0, -1, 2000):
        with pytest.raises(ValueError, match="expected 1 to 1024"):
            linnet.set_num_threads(count)
    with pytest.raises(TypeError):
        linnet.set_num_threads(1.5)
