# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Attention over pairs of keys: oracles, its definition in float64, its invariances, and what is refused."""

import numpy as np
import pytest
from definitions import Oracle, oracles
from linnet.ops import kronecker_attention


def make(rng, n=17, m1=None, m2=None, size=8, values=5, batch=2, heads=2, key_heads=None):
    normal = lambda *shape: rng.standard_normal(shape, np.float32)
    m1, m2, key_heads = (n if m1 is None else m1), (n if m2 is None else m2), key_heads or heads
    return {"q": normal(batch, heads, n, size), "k1": normal(batch, key_heads, m1, size), "k2": normal(batch, key_heads, m2, size),
            "v1": normal(batch, key_heads, m1, values), "v2": normal(batch, key_heads, m2, values)}  # fmt: skip


def define(q, k1, k2, v1, v2, scale=None, causal=False):
    """In float64, with all scores of a query at once."""
    q, k1, k2, v1, v2 = (x.astype(np.float64) for x in (q, k1, k2, v1, v2))
    group = q.shape[1] // k1.shape[1]
    k1, k2, v1, v2 = (np.repeat(x, group, 1) for x in (k1, k2, v1, v2))
    scale = q.shape[3] ** -0.5 if scale is None else scale
    o, lse = np.zeros((*q.shape[:3], v1.shape[3])), np.zeros(q.shape[:3])
    for i in range(q.shape[2]):
        end = i + 1 if causal else None
        a, b, x, y = k1[:, :, :end], k2[:, :, :end], v1[:, :, :end], v2[:, :, :end]
        s = scale * np.einsum("bhjd,bhld->bhjl", q[:, :, i, None] * a, b)
        most = s.max((2, 3), keepdims=True)
        p = np.exp(s - most)
        total = p.sum((2, 3))
        o[:, :, i] = np.einsum("bhjl,bhje,bhle->bhe", p, x, y, optimize=True) / total[..., None]
        lse[:, :, i] = most[:, :, 0, 0] + np.log(total)
    return o, lse


def assert_close(got, want, tolerance=1e-5):
    for a, b in zip(got, want):
        assert a.shape == b.shape and np.abs(a - b).max() <= tolerance * max(1.0, np.abs(b).max())


@pytest.mark.parametrize("name", oracles("third-order"))
def test_oracle(name, path):
    oracle = Oracle(name)
    p = oracle.parameters
    o, lse = kronecker_attention(**oracle.inputs, scale=p["scale"], causal=p["causal"], method="exact", return_lse=True)
    oracle.check("o", o)
    oracle.check("lse", lse)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("sizes", [{}, {"n": 1}, {"n": 9, "size": 1, "values": 1}, {"n": 20, "size": 16, "values": 16},
                                   {"n": 13, "size": 33, "values": 40, "batch": 1}, {"heads": 4, "key_heads": 2, "n": 5}])  # fmt: skip
def test_definition(rng, path, sizes, causal):
    x = make(rng, **sizes)
    assert_close(kronecker_attention(**x, causal=causal, method="exact", return_lse=True), define(**x, causal=causal))


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("n", [63, 64, 65, 130, 256])
def test_blocks_of_queries_and_keys(rng, monkeypatch, n, causal):
    monkeypatch.setenv("LINNET_PATH", "fast")
    x = make(rng, n=n, batch=1, heads=1, size=32, values=32)
    assert_close(kronecker_attention(**x, causal=causal, method="exact", return_lse=True), define(**x, causal=causal))


def test_other_numbers_of_keys(rng, path):
    for m1, m2 in ((3, 70), (70, 3), (1, 1)):
        x = make(rng, n=11, m1=m1, m2=m2, batch=1)
        assert_close(kronecker_attention(**x, scale=0.3, method="exact", return_lse=True), define(**x, scale=0.3))


def test_the_two_sides_may_change_places(rng, path):
    x = make(rng)
    other = {"q": x["q"], "k1": x["k2"], "k2": x["k1"], "v1": x["v2"], "v2": x["v1"]}
    assert_close([kronecker_attention(**x, method="exact")], [kronecker_attention(**other, method="exact")])


def test_second_keys_and_values_of_one_are_attention(rng, path):
    x = make(rng)
    x["k2"], x["v2"] = np.ones_like(x["k2"]), np.ones_like(x["v2"])
    s = x["q"].shape[3] ** -0.5 * np.einsum("bhid,bhjd->bhij", x["q"], x["k1"])
    p = np.exp(s - s.max(-1, keepdims=True))
    assert_close([kronecker_attention(**x, method="exact")], [p / p.sum(-1, keepdims=True) @ x["v1"]])


def test_what_comes_later_reaches_nothing_before(rng, path):
    x = make(rng, n=40, batch=1, heads=1)
    before = kronecker_attention(**x, causal=True, method="exact")
    for value in (np.nan, np.inf, 7.0):
        for name in ("k1", "k2", "v1", "v2"):
            changed = x | {name: x[name].copy()}
            changed[name][:, :, 21:] = value
            after = kronecker_attention(**changed, causal=True, method="exact")
            assert np.array_equal(after[:, :, :21], before[:, :, :21])


def test_large_scores_do_not_overflow(rng, path):
    x = make(rng)
    x["q"] *= 1e4
    assert_close(kronecker_attention(**x, method="exact", return_lse=True), define(**x), 1e-3)


def test_threads_agree_bit_by_bit(rng, threads):
    import linnet

    x, results = make(rng, n=150, batch=1, heads=1), []
    for number in (1, 2):
        linnet.set_num_threads(number)
        results.append(kronecker_attention(**x, causal=True, method="exact"))
    assert np.array_equal(*results)


def test_empty(rng, path):
    o, lse = kronecker_attention(**make(rng, m1=0), method="exact", return_lse=True)
    assert not o.any() and np.isneginf(lse).all()
    assert kronecker_attention(**make(rng, n=0)).shape == (2, 2, 0, 5)


def test_float16_and_torch(rng, path):
    x = make(rng)
    half = {name: a.astype(np.float16) for name, a in x.items()}
    o = kronecker_attention(**half, method="exact")
    assert o.dtype == np.float16
    assert_close([o.astype(np.float32)], [define(**half)[0]], 3e-3)
    torch = pytest.importorskip("torch")
    tensors = {name: torch.from_numpy(a) for name, a in x.items()}
    assert np.array_equal(kronecker_attention(**tensors, method="exact").numpy(), kronecker_attention(**x, method="exact"))


@pytest.mark.parametrize(
    "change, error, message",
    [
        ({"method": "fast"}, ValueError, "argument method: expected "),
        ({"bound": 0.0}, ValueError, "argument bound: expected a number above 0, got 0.0"),
        ({"bound": float("nan")}, ValueError, "argument bound: expected a finite number or None, got nan"),
        ({"error": -1.0}, ValueError, "argument error: expected a number above 0, got -1.0"),
        ({"scale": "x"}, ValueError, "argument scale: expected a finite number or None, got 'x'"),
        ({"k1": np.zeros((2, 3, 17, 8), np.float32)}, ValueError, "argument k2: expected shape"),
        ({"k2": np.zeros((2, 2, 17, 7), np.float32)}, ValueError, "argument k2: expected shape"),
        ({"v1": np.zeros((2, 2, 16, 5), np.float32)}, ValueError, "argument v1: expected shape"),
        ({"q": np.zeros((2, 3, 17, 8), np.float32)}, ValueError, "argument k1: expected a number of heads (dimension 1) that divides"),
        ({"v2": [1.0]}, TypeError, "argument v2: expected a numpy array"),
    ],
)
def test_refuses(rng, change, error, message):
    with pytest.raises(error) as raised:
        kronecker_attention(**(make(rng) | change))
    assert str(raised.value).startswith("kronecker_attention: " + message)
