# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""linnet.jit: functions of arrays traced to one module."""

import numpy as np
import pytest

import linnet
from linnet._sizes import Dim, divide, evaluate


def close(got, want):
    return got.shape == want.shape and np.allclose(got, want, rtol=1e-5, atol=1e-5)


CASES = {
    "arithmetic": lambda x: (2 * x - x / 3 + 1) * (1 - x) - 3 / (x * x + 1),
    "functions": lambda x: np.exp(-np.abs(x))
    + np.log1p(x * x)
    + np.tanh(x)
    + np.sqrt(np.abs(x))
    + np.sin(x) * np.cos(x),
    "choice": lambda x: np.where(x > 0, x, -1.0)
    + np.maximum(x, 0.5)
    + np.minimum(-0.5, x)
    + (x <= 1).astype(np.float32),
    "reductions": lambda x: x.sum(1) + x.mean(axis=1) + np.max(x, axis=1) - x.min(1, keepdims=True).sum(1),
    "shapes": lambda x: x.reshape(2, -1, 2, 2).transpose(0, 2, 1, 3)[:, 1, ..., None] * x[:, :, :2][..., None]
    + x[0, -1, 1:3][:, None],
    "products": lambda x: x @ x.swapaxes(1, 2) @ x,
    "empty parts": lambda x: np.concatenate([x[:, :0], x, x[:, :0]], 1),
    "parts": lambda x: np.concatenate([x[:, 1:], x[:, :1] ** 3], 1),
}


@pytest.mark.parametrize("name", CASES)
def test_functions_of_numpy(rng, name):
    function, x = CASES[name], rng.standard_normal((2, 6, 4), np.float32)
    assert close(linnet.jit(function)(x), function(x))


@pytest.mark.parametrize("name", [name for name in CASES if name not in ("shapes",)])
def test_any_length(rng, name):
    function = CASES[name]
    compiled = linnet.jit(function, shapes={"x": ("B", "T", 4)})
    for batch, length in ((2, 6), (1, 3), (3, 40)):
        x = rng.standard_normal((batch, length, 4), np.float32)
        assert close(compiled(x), function(x)), (batch, length)
    assert len(compiled._programs) == 1


@linnet.jit(shapes={"x": ("B", "T", 8)})
def layer(x, weight, decay):
    """A gated linear recurrence, written as a user would."""
    gate = 1 / (1 + np.exp(-x @ weight))
    h, last = linnet.ops.affine_scan(np.exp(decay) * gate, (1 - gate) * x)
    return h * x, last


def test_a_layer_with_a_scan(rng, tmp_path):
    weight, decay = rng.standard_normal((8, 8), np.float32), -np.abs(rng.standard_normal(8, np.float32))
    for length in (1, 7, 300):
        x = rng.standard_normal((2, length, 8), np.float32)
        gate = 1 / (1 + np.exp(-x @ weight))
        h, want_last = linnet.ops.affine_scan(np.exp(decay) * gate, (1 - gate) * x)
        y, last = layer(x, weight, decay)
        assert close(y, h * x) and close(last, want_last)
    assert layer.__doc__.startswith("A gated")
    assert "linnet.affine_scan" in layer.mlir() and "llvm.func" in layer.mlir("llvm")
    assert layer.stats(100).flops > 100 * 2 * 64 and layer.stats().seconds > 0
    assert repr(layer).startswith("<linnet.Compiled layer(x f32[B, T, 8], weight f32[8, 8], decay f32[8]): ")
    layer.save(tmp_path / "layer.so")
    assert list(linnet._linnet.Library(str(tmp_path / "layer.so")).functions) == ["layer"]


def test_other_operations(rng):
    n = lambda *shape: rng.standard_normal(shape, np.float32)
    q, g = n(2, 9, 3, 8), -np.abs(n(2, 9, 3))
    attention = linnet.jit(lambda q, g: linnet.ops.linear_attention(q, q * 0.5, q, g)[0] + q)
    assert close(attention(q, g), linnet.ops.linear_attention(q, q * 0.5, q, g)[0] + q)
    x, w = n(2, 8, 9), n(8, 4)
    convolution = linnet.jit(lambda x, w: linnet.ops.causal_conv1d(x, w, activation="silu")[0])
    assert close(convolution(x, w), linnet.ops.causal_conv1d(x, w, activation="silu")[0])
    A, B = -np.abs(n(8, 4)), n(2, 4, 9)
    scan = linnet.jit(lambda x, A, B: linnet.ops.selective_scan(x, np.abs(x), A, B, B, delta_softplus=True)[0])
    assert close(scan(x, A, B), linnet.ops.selective_scan(x, np.abs(x), A, B, B, delta_softplus=True)[0])
    dt, a, b = np.abs(n(2, 9, 3)), -np.abs(n(3)), n(2, 9, 1, 16)
    ssd = linnet.jit(lambda q, dt, a, b: linnet.ops.ssd(q, dt, a, b, b)[0])
    assert close(ssd(q, dt, a, b), linnet.ops.ssd(q, dt, a, b, b)[0])


def test_what_goes_wrong(rng):
    x = rng.standard_normal((2, 4), np.float32)
    with pytest.raises(TypeError, match="branches on a value"):
        linnet.jit(lambda x: x if x.sum() > 0 else -x)(x)
    with pytest.raises(TypeError, match="numpy.cumprod is not known to linnet.jit"):
        linnet.jit(lambda x: np.cumprod(x))(x)
    with pytest.raises(TypeError, match="expected elements of type float32, int32, int64, bool, got float64"):
        linnet.jit(lambda x: x + 1)(x.astype(np.float64))
    with pytest.raises(ValueError, match=r"argument x: expected shape \[N, 5\], got \[2, 4\]"):
        linnet.jit(lambda x: x, shapes={"x": ("N", 5)})(x)
    with pytest.raises(ValueError, match="argument y: expected size N = 2, got 3"):
        linnet.jit(lambda x, y: x.sum() + y.sum(), shapes={"x": ("N", 4), "y": ("N",)})(x, np.ones(3, np.float32))
    with pytest.raises(ValueError, match="argument shapes: expected names of x, got 'y'"):
        linnet.jit(lambda x: x, shapes={"y": (1,)})
    with pytest.raises(ValueError, match=r"cannot reshape \[2, 4\] to \[3, 3\]"):
        linnet.jit(lambda x: x.reshape(3, 3))(x)
    with pytest.raises(TypeError, match="argument function: expected a function, got int"):
        linnet.jit(3)
    with pytest.raises(RuntimeError, match="is compiled at its first call"):
        linnet.jit(lambda x: x).stats()


def test_indices_are_checked_against_sizes_of_the_call(rng):
    function = lambda x: x[:, -3:] + x[:, :3] * x[:, 1, None]
    compiled = linnet.jit(function, shapes={"x": ("B", "T", 4)})
    for length in (3, 9):
        x = rng.standard_normal((2, length, 4), np.float32)
        assert close(compiled(x), function(x))
    with pytest.raises(IndexError, match=r"the index \[-3:\] is out of a dimension of size T \(in lambda:1\), where B = 2, T = 2"):
        compiled(np.ones((2, 2, 4), np.float32))
    assert len(compiled._programs) == 1
    x = rng.standard_normal((6, 4), np.float32)  # known sizes: as numpy has it
    clamped = lambda x: np.concatenate([x[-9:], x[:9], x[3:2]], 0)
    assert close(linnet.jit(clamped)(x), clamped(x))
    with pytest.raises(IndexError, match=r"the index \[-7\] is out of a dimension of size 6"):
        linnet.jit(lambda x: x[-7])(np.ones((6, 4), np.float32))


def test_sizes():
    T, B = Dim("T"), Dim("B")
    assert T + T == 2 * T and T - T == 0 and T * B == B * T and str(2 * T * B + 1) == "2*B*T+1"
    assert (6 * T) // 3 == 2 * T and divide(T * B, B) == T and divide(T, B) is None
    assert evaluate((T + 3) // 4 + T % 4, {"T": 6}) == 2 + 2
    assert hash(T + 1) == hash(1 + T) and repr(T) == "Dim('T')"
    with pytest.raises(ValueError, match="expected a name like 'T', got '2'"):
        Dim("2")
