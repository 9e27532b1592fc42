# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import definitions
import linnet
import numpy as np
import pytest
from definitions import Oracle, assert_close, oracles
from linnet.ops import causal_conv1d, causal_conv1d_step


# A width of 1 takes the reference path.
pytestmark = pytest.mark.filterwarnings("ignore::linnet.SlowPathWarning")


def make(rng, batch=2, channels=20, width=4, length=37, activation="silu"):
    normal = lambda *shape: rng.standard_normal(shape, np.float32)
    return {
        "x": normal(batch, channels, length),
        "weight": normal(channels, width),
        "bias": normal(channels),
        "initial_state": normal(batch, channels, width - 1),
        "activation": activation,
    }


def check(x):
    y, state = causal_conv1d(**x)
    want, want_state = definitions.causal_conv1d(**x)
    assert_close(y, want)
    assert np.array_equal(state, want_state.astype(np.float32))  # inputs, not computed
    return y, state


@pytest.mark.parametrize("name", [name for name in oracles("causal-conv1d") if "step" not in name])
def test_oracle(name, path):
    case = Oracle(name)
    x = dict(case.inputs)
    if "initial_states" in x:
        x["initial_state"] = x.pop("initial_states")
    y, state = causal_conv1d(activation=case.parameters["activation"], **x)
    case.check("y", y)
    if "final_states" in case.outputs:
        case.check("final_states", state)


@pytest.mark.parametrize("name", oracles("causal-conv1d-step"))
def test_step_oracle(name, path):
    case = Oracle(name)
    x, state, ys = case.inputs, case.inputs["conv_state"], []
    for t in range(case.parameters["steps"]):
        y, state = causal_conv1d_step(
            x["x"][:, :, t], state, x["weight"], bias=x.get("bias"), activation=case.parameters["activation"]
        )
        ys.append(y)
    case.check("y", np.stack(ys, -1))
    case.check("conv_state", state)


@pytest.mark.parametrize("channels", [1, 16, 17, 40])
@pytest.mark.parametrize("width", [1, 2, 4])
def test_sizes(rng, path, channels, width):
    check(make(rng, channels=channels, width=width))


def test_options(rng, path):
    x = make(rng)
    for changed in ({"bias": None}, {"initial_state": None}, {"activation": None}, {"activation": "swish"}):
        check(x | changed)
    check(x | {"bias": None, "initial_state": None, "activation": None})


@pytest.mark.parametrize("length", [1, 2, 3, 256, 257, 600])
def test_lengths(rng, path, length):
    check(make(rng, length=length))


def test_split_and_carry(rng, path):
    length = 11
    x = make(rng, length=length)
    whole, last = causal_conv1d(**x)
    for split in range(length + 1):
        first, state = causal_conv1d(**(x | {"x": x["x"][..., :split]}))
        second, state = causal_conv1d(**(x | {"x": x["x"][..., split:], "initial_state": state}))
        assert np.array_equal(np.concatenate([first, second], -1), whole)
        assert np.array_equal(state, last)


@pytest.mark.parametrize("kept", [3, 4, 7])
def test_steps(rng, path, kept):
    x = make(rng, length=9)
    state = rng.standard_normal((2, 20, kept), np.float32)
    before = state.copy()
    want, _ = causal_conv1d(**(x | {"initial_state": state[:, :, kept - 3 :]}))
    now = state
    for t in range(9):
        y, now = causal_conv1d_step(x["x"][:, :, t], now, x["weight"], x["bias"], "silu")
        assert np.array_equal(y, want[:, :, t])
    assert np.array_equal(now, np.concatenate([state, x["x"]], -1)[:, :, 9:])
    assert np.array_equal(state, before)


def test_causality(rng, path):
    x = make(rng)
    y, _ = causal_conv1d(**x)
    for t in (0, 1, 36):
        changed = x["x"].copy()
        changed[..., t:] += 1
        assert np.array_equal(causal_conv1d(**(x | {"x": changed}))[0][..., :t], y[..., :t])


def test_threads(rng, path, threads):
    x = make(rng, batch=3, channels=80, length=600)
    results = []
    for count in (1, 2, 3):
        linnet.set_num_threads(count)
        results.append(causal_conv1d(**x))
    for result in results[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(result, results[0]))


def test_no_time(rng, path):
    x = make(rng, length=0)
    y, state = causal_conv1d(**x)
    assert y.shape == (2, 20, 0) and np.array_equal(state, x["initial_state"])
    assert causal_conv1d(**make(rng, batch=0))[0].shape == (0, 20, 37)


def test_strides(rng, path):
    x = make(rng)
    want = causal_conv1d(**x)
    transposed = np.ascontiguousarray(x["x"].transpose(0, 2, 1)).transpose(0, 2, 1)
    backwards = np.ascontiguousarray(x["x"][:, :, ::-1])[:, :, ::-1]
    for changed in ({"x": transposed}, {"x": backwards}, {"weight": np.asfortranarray(x["weight"])}):
        for got, expected in zip(causal_conv1d(**(x | changed)), want):
            assert np.array_equal(got, expected)


def test_float16(rng, path):
    x = make(rng)
    half = {name: v.astype(np.float16) if isinstance(v, np.ndarray) else v for name, v in x.items()}
    y, state = causal_conv1d(**half)
    assert y.dtype == state.dtype == np.float16
    wide = {name: v.astype(np.float32) if isinstance(v, np.ndarray) else v for name, v in half.items()}
    assert np.array_equal(y, causal_conv1d(**wide)[0].astype(np.float16))


@pytest.mark.parametrize(
    "changed, error, message",
    [
        ({"x": np.zeros((2, 20), "f4")}, ValueError, r"causal_conv1d: argument x: expected 3 dimensions \[B, D, L\]"),
        ({"weight": np.zeros((19, 4), "f4")}, ValueError, r"argument weight: expected shape \[D, W\] = \[20, 4\]"),
        ({"weight": np.zeros((20, 0), "f4")}, ValueError, "argument weight: expected a width"),
        ({"bias": np.zeros(21, "f4")}, ValueError, r"argument bias: expected shape \[D\] = \[20\], got shape \[21\]"),
        ({"initial_state": np.zeros((2, 20, 4), "f4")}, ValueError,
         r"argument initial_state: expected shape \[B, D, W-1\] = \[2, 20, 3\], got shape \[2, 20, 4\]"),
        ({"activation": "relu"}, ValueError, "argument activation: expected None, 'silu' or 'swish', got 'relu'"),
        ({"weight": np.zeros((20, 4), "c8")}, TypeError, "argument weight: expected elements of type"),
    ],
)  # fmt: skip
def test_errors(rng, changed, error, message):
    with pytest.raises(error, match=message):
        causal_conv1d(**(make(rng) | changed))


def test_step_errors(rng):
    f = lambda *shape: np.zeros(shape, np.float32)
    with pytest.raises(ValueError, match="argument state: expected at least the last W - 1 = 3 inputs"):
        causal_conv1d_step(f(2, 20), f(2, 20, 2), f(20, 4))
    with pytest.raises(ValueError, match=r"causal_conv1d_step: argument x_t: expected 2 dimensions \[B, D\]"):
        causal_conv1d_step(f(2, 20, 1), f(2, 20, 3), f(20, 4))
