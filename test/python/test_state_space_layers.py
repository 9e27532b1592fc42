# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""S4D and S5 (layers.py) from checkpoints, against convolutions and recurrences in float64."""

import numpy as np
import pytest
from definitions import assert_close
from layers import S4D, S5, discretize, load_checkpoint, phi1
from safetensors.numpy import save_file

METHODS = ["zoh", "bilinear"]
# Batch, tokens, channels, states: few lanes, and more than a vector; one of everything; no token.
SIZES = [(1, 41, 2, 3), (2, 97, 5, 8), (1, 1, 1, 1), (3, 0, 2, 4), (1, 1000, 3, 16)]


def close_to_exact(got, want, tokens):
    """A layer rounds Lbar once to float32; its power of l tokens later is off by l such roundings."""
    assert_close(got, want, 2e-6 + tokens * 2.0**-24)


def pairs(x):
    return np.stack([x.real, x.imag], -1).astype(np.float32)


def standard_complex(rng, *shape):
    return rng.standard_normal(shape) + 1j * rng.standard_normal(shape)


def log_uniform(rng, *shape):
    return rng.uniform(np.log(1e-3), np.log(1e-1), shape).astype(np.float32)


def save_s4d(file, rng, channels, states):
    """S4D-Lin: Lambda_n = -1/2 + i pi n."""
    Lambda = np.broadcast_to(-0.5 + 1j * np.pi * np.arange(states), (channels, states))
    save_file({
        "Lambda": pairs(Lambda),
        "B": pairs(np.ones((channels, states), complex)),
        "C": pairs(standard_complex(rng, channels, states)),
        "D": rng.standard_normal(channels, np.float32),
        "log_step": log_uniform(rng, channels),
    }, file)  # fmt: skip
    return file


def save_s5(file, rng, channels, states, directions=1):
    Lambda = -rng.uniform(0.1, 1, states) + 1j * rng.uniform(0, 20, states)
    save_file({
        "Lambda": pairs(Lambda),
        "B": pairs(standard_complex(rng, states, channels) / np.sqrt(channels)),
        "C": pairs(standard_complex(rng, channels, directions * states) / np.sqrt(states)),
        "D": rng.standard_normal(channels, np.float32),
        "log_step": log_uniform(rng, states),
    }, file)  # fmt: skip
    return file


def wide(parameters):
    return {name: x.astype(complex if np.iscomplexobj(x) else float) for name, x in parameters.items()}


def discrete_by_formula(Lambda, step, method):
    """Lbar and what B is multiplied by, as textbooks have them."""
    if method == "zoh":
        return np.exp(Lambda * step), (np.exp(Lambda * step) - 1) / Lambda
    s = 1 / (1 - step * Lambda / 2)
    return s * (1 + step * Lambda / 2), s * step


def s4d_by_convolution(p, u, method):
    p, u = wide(p), np.float64(u)
    step = np.exp(p["log_step"])[:, None]
    Lbar, scale = discrete_by_formula(p["Lambda"], step, method)
    exponent = p["Lambda"] * step if method == "zoh" else np.log(Lbar)
    length = u.shape[1]
    powers = np.exp(np.arange(length)[:, None, None] * exponent)
    kernel = 2 * (p["C"] * scale * p["B"] * powers).sum(-1).real  # [T, H]
    y = p["D"] * u
    for t in range(length):
        y[:, t] += (kernel[t::-1] * u[:, : t + 1]).sum(1)
    return y


def s5_by_recurrence(p, u, method, state=None, bidirectional=False):
    """Both states of every pair, and the real part of what they give. The state has those of the first half."""
    p, u = wide(p), np.float64(u)
    Lbar, scale = discrete_by_formula(p["Lambda"], np.exp(p["log_step"]), method)
    Bbar = scale[:, None] * p["B"]
    Lbar, Bbar = np.concatenate([Lbar, Lbar.conj()]), np.concatenate([Bbar, Bbar.conj()])
    half = len(Lbar) // 2
    y, last = p["D"] * u, None
    for direction in range(2 if bidirectional else 1):
        C = p["C"][:, direction * half : (direction + 1) * half]
        C = np.concatenate([C, C.conj()], 1)
        x = np.zeros((len(u), 2 * half), complex)
        if state is not None:
            x = np.concatenate([state, state.conj()], 1).astype(complex)
        for t in range(u.shape[1])[:: -1 if direction else 1]:
            x = Lbar * x + u[:, t] @ Bbar.T
            y[:, t] += (x @ C.T).real
        last = x[:, :half] if direction == 0 else last
    return y, last


def test_phi1():
    radius = np.concatenate([[0], np.logspace(-12, 0, 60), [0.0099999, 0.0100001]])
    z = radius[:, None] * np.exp(1j * np.linspace(0, 2 * np.pi, 24))
    want, term = np.zeros_like(z), np.ones_like(z)
    for k in range(25):
        want += term
        term = term * z / (k + 2)
    assert np.abs(phi1(z) / want - 1).max() < 1e-13
    assert np.abs(phi1(np.array([-40.0 + 3j])) * (-40 + 3j) + 1).max() < 1e-12


@pytest.mark.parametrize("method", METHODS)
def test_discretisation(method):
    """The order of the method where steps are small, what stays stable where they are large, and an integrator."""
    Lambda = np.array([-0.5 + 2j, -3 + 0j, -1e-9 + 0j, 0j])
    Lbar, scale = discretize(Lambda, np.full(4, 1e-3), method)
    assert np.abs(Lbar - np.exp(1e-3 * Lambda)).max() < 1e-8
    assert np.abs(Lbar - 1 - Lambda * scale).max() < 1e-15  # a constant input of -Lambda keeps the state 1
    np.testing.assert_allclose(scale[2:], 1e-3, rtol=1e-11)
    assert (np.abs(discretize(Lambda[:2], np.full(2, 1e3), method)[0]) < 1).all()


def test_checkpoint(rng, tmp_path):
    p = load_checkpoint(save_s5(tmp_path / "s5.safetensors", rng, 3, 4, directions=2))
    assert {name: (x.dtype, x.shape) for name, x in p.items()} == {
        "Lambda": (np.complex64, (4,)), "B": (np.complex64, (4, 3)), "C": (np.complex64, (3, 8)),
        "D": (np.float32, (3,)), "log_step": (np.float32, (4,)),
    }  # fmt: skip
    assert (p["Lambda"].real < 0).all() and (p["Lambda"].imag >= 0).all()
    with pytest.raises(ValueError, match="C: expected 4 columns, got 8"):
        S5(p)
    save_file({"Lambda": np.zeros((4, 3), np.float32)}, tmp_path / "bad.safetensors")
    with pytest.raises(ValueError, match=r"Lambda: expected float32 and a last dimension of 2, got float32 \[4, 3\]"):
        load_checkpoint(tmp_path / "bad.safetensors")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("batch, tokens, channels, states", SIZES)
def test_s4d_is_a_convolution(rng, path, tmp_path, method, batch, tokens, channels, states):
    file = save_s4d(tmp_path / "s4d.safetensors", rng, channels, states)
    u = rng.standard_normal((batch, tokens, channels), np.float32)
    y, last = S4D.load(file, method=method)(u)
    assert y.dtype == np.float32 and last.dtype == np.complex64 and last.shape == (batch, channels, states)
    close_to_exact(y, s4d_by_convolution(load_checkpoint(file), u, method), tokens)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("batch, tokens, channels, states", SIZES)
def test_s5_is_a_recurrence(rng, path, tmp_path, method, batch, tokens, channels, states):
    file = save_s5(tmp_path / "s5.safetensors", rng, channels, states)
    u = rng.standard_normal((batch, tokens, channels), np.float32)
    state = np.complex64(standard_complex(rng, batch, states))
    layer, p = S5.load(file, method=method), load_checkpoint(file)
    for initial in (None, state):
        y, last = layer(u, initial)
        want, want_last = s5_by_recurrence(p, u, method, initial)
        assert y.dtype == np.float32 and last.dtype == np.complex64
        close_to_exact(y, want, tokens)
        close_to_exact(last, want_last, tokens)


@pytest.mark.parametrize("batch, tokens, channels, states", SIZES)
def test_bidirectional_s5(rng, path, tmp_path, batch, tokens, channels, states):
    file = save_s5(tmp_path / "s5.safetensors", rng, channels, states, directions=2)
    u = rng.standard_normal((batch, tokens, channels), np.float32)
    layer, p = S5.load(file, bidirectional=True), load_checkpoint(file)
    y, last = layer(u)
    want, want_last = s5_by_recurrence(p, u, "zoh", bidirectional=True)
    close_to_exact(y, want, tokens)
    close_to_exact(last, want_last, tokens)

    # The flipped sequence, with the two halves of C in each other's place, gives the flipped result.
    swapped = S5({**p, "C": np.roll(p["C"], states, axis=1)}, bidirectional=True)
    assert_close(swapped(np.ascontiguousarray(u[:, ::-1]))[0][:, ::-1], y)

    with pytest.raises(ValueError, match="needs the whole sequence"):
        layer(u, last)
    with pytest.raises(ValueError, match="needs the whole sequence"):
        layer.step(u[:, 0] if tokens else np.zeros((batch, channels), np.float32), last)


@pytest.mark.parametrize("save, Layer", [(save_s4d, S4D), (save_s5, S5)], ids=["s4d", "s5"])
@pytest.mark.parametrize("channels, states", [(2, 3), (7, 9)])
class TestParts:
    TOKENS = 53

    @pytest.fixture
    def layer(self, rng, path, tmp_path, save, Layer, channels, states):
        return Layer.load(save(tmp_path / "layer.safetensors", rng, channels, states))

    @pytest.fixture
    def u(self, rng, channels):
        return rng.standard_normal((2, self.TOKENS, channels), np.float32)

    @pytest.mark.parametrize("cuts", [(0,), (1,), (16,), (52,), (53,), (5, 5, 21), (16, 32, 48)], ids=str)
    def test_split_and_carry(self, layer, u, cuts):
        y, last = layer(u)
        parts, state = [], None
        for part in np.split(u, cuts, axis=1):
            out, state = layer(part, state)
            parts.append(out)
        assert_close(np.concatenate(parts, 1), y)
        assert_close(state, last)

    def test_decode(self, layer, u):
        """A prompt as a sequence, the rest token by token."""
        y, last = layer(u)
        prompt = 20
        _, state = layer(u[:, :prompt])
        for t in range(prompt, self.TOKENS):
            before = state.copy()
            out, after = layer.step(u[:, t], state)
            np.testing.assert_array_equal(state, before)
            assert out.dtype == np.float32 and after.dtype == np.complex64
            assert_close(out, y[:, t])
            state = after
        assert_close(state, last)

    def test_causal_and_linear(self, layer, u):
        y, last = layer(u)
        later = u.copy()
        later[:, 30:] += 1
        np.testing.assert_array_equal(layer(later)[0][:, :30], y[:, :30])
        # A power of two changes no rounding.
        double, double_last = layer(2 * u)
        np.testing.assert_array_equal(double, 2 * y)
        np.testing.assert_array_equal(double_last, 2 * last)
