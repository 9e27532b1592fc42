# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Attention inside blocks: against its definition, its closed forms and invariances, and what is refused."""

import numpy as np
import pytest
from linnet.ops import block_local_attention, linear_attention

TOLERANCE = 1e-5


def make(rng, batch=2, length=37, heads=2, keys=5, values=17, query_heads=1, key_heads=2):
    normal = lambda *shape: rng.standard_normal(shape, np.float32)
    return {"q": normal(batch, length, query_heads, keys), "k": normal(batch, length, key_heads, keys),
            "v": normal(batch, length, heads, values)}  # fmt: skip


def define(q, k, v, block_size, scale=None, causal=True, weights="softmax"):
    """In float64, a block at a time."""
    q, k, v = (x.astype(np.float64) for x in (q, k, v))
    heads = v.shape[2]
    q, k = (np.repeat(x, heads // x.shape[2], axis=2) for x in (q, k))
    scale = q.shape[3] ** -0.5 if scale is None else scale
    o = np.zeros_like(v)
    for first in range(0, v.shape[1], block_size):
        part = slice(first, first + block_size)
        scores = scale * np.einsum("bihk,bjhk->bhij", q[:, part], k[:, part])
        attends = np.tril(np.ones(scores.shape[-2:], bool)) if causal else np.ones(scores.shape[-2:], bool)
        if weights == "softmax":
            scores = np.where(attends, scores, -np.inf)
            scores = np.exp(scores - scores.max(-1, keepdims=True))
            scores /= scores.sum(-1, keepdims=True)
        else:
            scores = np.where(attends, np.maximum(scores, 0), 0)
        o[:, part] = np.einsum("bhij,bjhv->bihv", scores, v[:, part])
    return o


def assert_close(got, want, tolerance=TOLERANCE):
    assert np.abs(got - want).max() <= tolerance * max(1.0, np.abs(want).max())


@pytest.fixture(params=["auto", "reference"])
def path(request, monkeypatch):
    monkeypatch.setenv("LINNET_PATH", "fast" if request.param == "auto" else request.param)
    return request.param


@pytest.mark.parametrize("weights", ["softmax", "relu"])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("block_size", [1, 3, 16, 33, 64])
def test_definition(rng, path, block_size, causal, weights):
    for sizes in ({}, {"keys": 16, "values": 64, "query_heads": 2}, {"keys": 33, "values": 70, "length": 1}):
        x = make(rng, **sizes)
        o = block_local_attention(**x, block_size=block_size, causal=causal, weights=weights)
        assert o.dtype == np.float32
        assert_close(o, define(**x, block_size=block_size, causal=causal, weights=weights))


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 63, 64, 65, 200])
def test_lengths(rng, path, length):
    x = make(rng, length=length, keys=16, values=16)
    o = block_local_attention(**x, block_size=32, scale=0.3)
    assert o.shape == x["v"].shape
    if length:
        assert_close(o, define(**x, block_size=32, scale=0.3))


def test_blocks_are_separate_calls(rng, path):
    x = make(rng, length=50)
    whole = block_local_attention(**x, block_size=16)
    parts = [block_local_attention(**{name: a[:, i : i + 16] for name, a in x.items()}, block_size=16) for i in range(0, 50, 16)]
    assert np.array_equal(whole, np.concatenate(parts, 1))


def test_one_token_blocks_return_the_values(rng, path):
    x = make(rng)
    assert np.array_equal(block_local_attention(**x, block_size=1), x["v"])


def test_positive_relu_scores_are_linear_attention(rng, path):
    x = make(rng, length=24) | {}
    x["q"], x["k"] = np.abs(x["q"]), np.abs(x["k"])
    assert_close(block_local_attention(**x, block_size=24, weights="relu"), linear_attention(**x)[0])


@pytest.mark.parametrize("weights", ["softmax", "relu"])
def test_what_comes_later_reaches_nothing_before(rng, path, weights):
    x = make(rng, length=40, keys=16)
    before = block_local_attention(**x, block_size=16, weights=weights)
    for value in (np.nan, np.inf, 7.0):
        for name in ("k", "v"):
            changed = x | {name: x[name].copy()}
            changed[name][:, 21:] = value
            after = block_local_attention(**changed, block_size=16, weights=weights)
            assert np.array_equal(after[:, :21], before[:, :21])
            assert not np.array_equal(after[:, 21:], before[:, 21:], equal_nan=False)


def test_large_scores_do_not_overflow(rng, path):
    x = make(rng)
    x["q"] *= 1e4
    assert_close(block_local_attention(**x, block_size=16), define(**x, block_size=16), 1e-3)


def test_float16(rng, path):
    x = {name: a.astype(np.float16) for name, a in make(rng).items()}
    o = block_local_attention(**x, block_size=16)
    assert o.dtype == np.float16
    assert_close(o, define(**x, block_size=16), 2e-3)


def test_torch(rng, path):
    torch = pytest.importorskip("torch")
    x = make(rng)
    tensors = {name: torch.from_numpy(a) for name, a in x.items()}
    assert np.array_equal(block_local_attention(**tensors, block_size=16).numpy(), block_local_attention(**x, block_size=16))
    half = {name: a.bfloat16() for name, a in tensors.items()}
    for _ in range(2):  # checked, then at once
        o = block_local_attention(**half, block_size=16)
        assert o.dtype == torch.bfloat16
        assert_close(o.float().numpy(), define(**{name: a.float().numpy() for name, a in half.items()}, block_size=16), 2e-2)


@pytest.mark.parametrize(
    "change, error, message",
    [
        ({"block_size": 0}, ValueError, "argument block_size: expected a number of at least 1, got 0"),
        ({"block_size": 1.5}, TypeError, "argument block_size: expected an integer, got 1.5"),
        ({"scale": float("nan")}, ValueError, "argument scale: expected a finite number, got nan"),
        ({"scale": "x"}, TypeError, "argument scale: expected a number, got 'x'"),
        ({"weights": "gelu"}, ValueError, "argument weights: expected 'softmax' or 'relu', got 'gelu'"),
        ({"q": np.zeros((2, 37, 3, 5), np.float32)}, ValueError, "argument q: expected a number of heads"),
        ({"k": np.zeros((2, 37, 2, 6), np.float32)}, ValueError, "argument k: expected shape"),
        ({"v": [1.0]}, TypeError, "argument v: expected a numpy array"),
        ({"v": np.zeros((2, 37, 2, 5), np.int32)}, TypeError, "argument v: expected elements of type"),
    ],
)
def test_refuses(rng, change, error, message):
    with pytest.raises(error, match="block_local_attention: " + message.replace("(", r"\(")):
        block_local_attention(**(make(rng) | {"block_size": 16} | change))
