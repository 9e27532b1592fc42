# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import linnet
import numpy as np
import pytest
from definitions import Oracle, oracles
from linnet import math


def ulps(got, exact):
    spacing = np.spacing(np.abs(exact).astype(np.float32).clip(np.finfo(np.float32).tiny)).astype(np.float64)
    return np.abs(got.astype(np.float64) - exact) / spacing


@pytest.mark.parametrize("name", oracles("function-"))
def test_oracle_within_one_ulp(name):
    case = Oracle(name)
    got = getattr(math, case.parameters["function"])(case.inputs["x"])
    high, low = case.outputs["hi"], case.outputs["lo"]
    finite = np.isfinite(high)
    np.testing.assert_array_equal(got[~finite], high[~finite])
    assert ulps(got[finite], high[finite].astype(np.float64) + low[finite]).max() <= 1


X = np.linspace(-20, 20, 4001, dtype=np.float32)
EXACT = {
    "exp": np.exp,
    "expm1": np.expm1,
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "softplus": lambda x: np.logaddexp(0, x),
    "sin": np.sin,
    "cos": np.cos,
    "reciprocal": lambda x: 1 / x,
}


@pytest.mark.parametrize("name", EXACT)
def test_bounds(name):
    x = X[X != 0]
    exact = EXACT[name](x.astype(np.float64))
    function = getattr(math, name)
    assert ulps(function(x, ulps=4), exact).max() <= 4
    got = function(x, rel=1e-2)
    assert (np.abs(got - exact) <= 1e-2 * np.abs(exact)).all()
    both = function(x, rel=1e-3, ulps=1)
    assert ulps(both, exact).max() <= 1


def test_absolute_bound():
    np.testing.assert_allclose(math.tanh(X, abs=1e-3), np.tanh(X.astype(np.float64)), rtol=0, atol=1e-3)
    # No program bounds the absolute error of a function that grows without end.
    with pytest.raises(linnet.CompileError, match="within 1.000000e-03 absolute, got none; the closest is exp-"):
        math.exp(X, abs=1e-3)


def test_looser_bounds_are_other_programs():
    assert (math.exp(X) != math.exp(X, rel=1e-2)).any()


def test_special_values():
    inf, nan = np.float32(np.inf), np.float32(np.nan)
    x = np.array([0.0, -0.0, inf, -inf, nan], np.float32)
    np.testing.assert_array_equal(math.exp(x), np.array([1, 1, inf, 0, nan], np.float32))
    np.testing.assert_array_equal(math.log(x), np.array([-inf, -inf, inf, nan, nan], np.float32))
    for name in ("tanh", "silu", "gelu", "expm1", "erf", "sin", "log1p"):
        signed = getattr(math, name)(x[:2])
        assert (signed == 0).all() and (np.signbit(signed) == [False, True]).all(), name
    assert np.signbit(math.silu(x[3:4]))[0]


def test_shapes_and_types(rng):
    x = rng.standard_normal((3, 4, 5), np.float32)
    np.testing.assert_array_equal(math.exp(x.transpose(2, 0, 1)), math.exp(x).transpose(2, 0, 1))
    assert math.exp(x[0, 0, 0, None].reshape(())).shape == ()
    assert math.exp(x[:0]).shape == (0, 4, 5)
    half = math.exp(x.astype(np.float16))
    assert half.dtype == np.float16
    np.testing.assert_array_equal(half, math.exp(x.astype(np.float16).astype(np.float32)).astype(np.float16))


def test_torch(rng):
    torch = pytest.importorskip("torch")
    x = rng.standard_normal((3, 5), np.float32)
    for dtype in (torch.float32, torch.bfloat16):
        tensor = torch.from_numpy(x).to(dtype)
        got = math.gelu(tensor, ulps=4)
        assert got.dtype == dtype and got.shape == tensor.shape
        want = torch.from_numpy(math.gelu(tensor.float().numpy(), ulps=4)).to(dtype)
        assert torch.equal(got, want)
    with pytest.raises(RuntimeError, match="exp: argument x requires a gradient"):
        math.exp(torch.ones(3, requires_grad=True))


def test_one_kernel_for_all_sizes(rng, tmp_path, monkeypatch):
    monkeypatch.setenv("LINNET_CACHE_DIR", str(tmp_path))
    monkeypatch.setitem(math._kernels, "tanh", linnet._kernels.KernelFamily("math_tanh", ("x",)))
    for shape in ((7,), (3, 100), (2, 3, 4)):
        math.tanh(rng.standard_normal(shape, np.float32))
    assert len(list(tmp_path.iterdir())) == 1
    math.tanh(X, ulps=4)
    assert len(list(tmp_path.iterdir())) == 2


def test_arguments_are_checked():
    with pytest.raises(ValueError, match="exp: argument ulps: expected a finite number above 0, got 0"):
        math.exp(X, ulps=0)
    with pytest.raises(ValueError, match="tanh: argument rel: expected a finite number above 0, got nan"):
        math.tanh(X, rel=float("nan"))
    with pytest.raises(TypeError, match="exp: argument x: expected a numpy array or a torch tensor, got list"):
        math.exp([1.0])
    with pytest.raises(TypeError, match="exp: argument x: expected elements of type .*, got float64"):
        math.exp(X.astype(np.float64))
