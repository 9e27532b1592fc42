# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is built on attention: merging, masks by the greatest entries, orders, HyperAttention, SEA, Scale-DiT, decoding."""

import numpy as np
import pytest
from linnet import _random, masks, ops
from test_attention import assert_close, define, make


def test_philox():
    """The known answers of Random123 for philox4x32-10."""
    assert [hex(x) for x in _random.philox(4, 0)] == ["0x6627e8d5", "0xe169c58d", "0xbc57ac4c", "0x9b00dbd8"]
    assert np.array_equal(_random.philox(11, 5, 7)[:5], _random.philox(5, 5, 7))
    assert abs(_random.normal((4000,), 1).mean()) < 0.05 and abs(_random.normal((4000,), 1).std() - 1) < 0.05


def test_merge(rng, path):
    """Keys in parts, in any order, are attended to as if they were together."""
    q, k, v = make(rng, 40, 60)
    whole = define(q, k, v, np.True_)
    places = rng.permutation(60)
    parts = [ops.attention(q, k[:, :, part], v[:, :, part], return_lse=True) for part in (places[:7], places[7:7], places[7:30], places[30:])]
    for order in ((0, 1, 2, 3), (3, 1, 0, 2)):
        merged = parts[order[0]]
        for i in order[1:]:
            merged = ops.attention_merge(*merged, *parts[i])
        assert_close(merged, whole)
    left = ops.attention_merge(*ops.attention_merge(*parts[0], *parts[2]), *parts[3])
    right = ops.attention_merge(*parts[0], *ops.attention_merge(*parts[2], *parts[3]))
    assert_close(left, (right[0].astype(np.float64), right[1].astype(np.float64)), 3e-7)


def test_merge_of_unequal_parts(rng, path):
    o1, o2 = rng.standard_normal((2, 1, 2, 5, 3), np.float32)
    lse1 = np.array([[[0, 200, -np.inf, -np.inf, 1e4]] * 2], np.float32)
    lse2 = np.array([[[-200, 0, 1, -np.inf, 1e4]] * 2], np.float32)
    o, lse = ops.attention_merge(o1, lse1, o2, lse2)
    assert np.array_equal(o[:, :, 0], o1[:, :, 0]) and np.array_equal(o[:, :, 1], o1[:, :, 1])
    assert np.array_equal(o[:, :, 2], o2[:, :, 2]) and (o[:, :, 3] == 0).all()
    assert np.allclose(o[:, :, 4], (o1 + o2)[:, :, 4] / 2)
    assert np.array_equal(lse[0, 0, :4], [0, 200, 1, -np.inf]) and lse[0, 0, 4] == np.float32(1e4 + np.log(2))
    rows = np.array([[[3, 0, 0]] * 2])
    assert np.array_equal(ops.attention_merge(o1, lse1, o2, lse2, rows)[0], o[:, :, [3, 0, 0]])


def test_topk(rng, path):
    scores = np.round(rng.standard_normal((3, 5, 40)) * 3).astype(np.float32)  # many are equal
    scores[0, 0, 3], scores[0, 1, :5], scores[1, 0, 0] = np.nan, np.inf, -0.0
    counts = rng.integers(0, 41, (3, 5))
    counts[0, :2], counts[2, 4] = (39, 3), 0
    rank = np.argsort(np.argsort(-scores, -1, kind="stable"), -1)
    assert np.array_equal(ops.topk_mask(scores, counts), rank < counts[..., None])
    assert np.array_equal(ops.topk_mask(scores, 7).sum(-1), np.full((3, 5), 7))
    with pytest.raises(ValueError, match="argument counts: expected integers from 0 to 40, got 41"):
        ops.topk_mask(scores, 41)
    with pytest.raises(ValueError, match="argument counts: expected integers from 0 to 40, got -1"):
        ops.topk_mask(scores, -1)


@pytest.mark.parametrize("bins", [1, 3, 8, 20])
def test_interpolation(rng, path, bins):
    """The runs of bins are the columns that read them, and all bins together are all columns."""
    lengths = np.concatenate([np.arange(33), [100, 128]])
    for kept in (np.ones((2, 35, bins), bool), rng.random((2, 35, bins)) < 0.5):
        starts, columns = ops.mask_interpolate(kept, lengths)
        for g in range(2):
            for i, length in enumerate(lengths):
                j = np.arange(length)
                reads = np.clip(np.floor((j + 0.5) / max(length, 1) * bins - 1e-4), 0, bins - 1).astype(int)
                assert np.array_equal(columns[starts[g, i] : starts[g, i + 1]], j[kept[g, i, reads]])
    starts, columns = ops.mask_interpolate(np.ones((1, 35, bins), bool), lengths, max_run=2)
    assert np.diff(starts[0]).max() <= 2 * bins


@pytest.mark.parametrize("gray", ["decode", "encode"])
def test_lsh_order(rng, path, gray):
    x, projections = rng.standard_normal((2, 3, 200, 16), np.float32), ops.lsh_projections(16, 5, seed=3)
    order, place = ops.lsh_order(x, projections, gray)
    bits = (x.astype(np.float64) @ projections > 0) << np.arange(5)
    bucket = bits.sum(-1)
    bucket = bucket ^ bucket >> 1 if gray == "encode" else bucket ^ bucket >> 1 ^ bucket >> 2 ^ bucket >> 3 ^ bucket >> 4
    assert np.array_equal(order, np.argsort(bucket, -1, kind="stable"))
    assert np.array_equal(np.take_along_axis(order, place.astype(np.int64), 2), np.broadcast_to(np.arange(200), order.shape))


def test_gray_code_of_neighbours():
    """Decoded, hashes of neighbouring buckets differ in one bit."""
    ids = np.arange(128)
    bucket = ids ^ ids >> 1 ^ ids >> 2 ^ ids >> 3 ^ ids >> 4 ^ ids >> 5 ^ ids >> 6
    ordered = np.argsort(bucket)
    assert all(bin(int(a) ^ int(b)).count("1") == 1 for a, b in zip(ordered, ordered[1:]))


def test_hilbert_order():
    cells = "00 10 11 01 02 03 13 12 22 23 33 32 31 21 20 30".split()
    assert [f"{c // 4}{c % 4}" for c in ops.hilbert_order(4, 4)] == cells
    for side in (1, 2, 8, 16, 32):
        y, x = np.divmod(ops.hilbert_order(side, side), side)
        assert (abs(np.diff(y)) + abs(np.diff(x)) == 1).all() and len(set(zip(y, x))) == side * side
    for curve in ("raster", "hilbert"):
        order = ops.window_order((13, 22), (4, 6), curve)
        assert sorted(order) == list(range(13 * 22)) and set(order[:24]) == {y * 22 + x for y in range(4) for x in range(6)}


def clustered(rng, n, batch=1, heads=2, size=16):
    centres = rng.standard_normal((batch, heads, 8, size)) * 2
    pick = lambda: np.take_along_axis(centres, rng.integers(0, 8, (batch, heads, n))[..., None], 2)
    q, k = ((pick() + rng.standard_normal((batch, heads, n, size)) * 0.3).astype(np.float32) for _ in range(2))
    return q, k, rng.standard_normal((batch, heads, n, size), np.float32)


def test_hyper_is_exact_where_it_must_be(rng, path):
    q, k, v = clustered(rng, 100)
    exact = define(q, k, v, np.True_)
    assert_close(ops.hyper_attention(q, k, v, block_size=100, min_seq_len=10, return_lse=True), exact)
    assert_close(ops.hyper_attention(q, k, v, min_seq_len=101, return_lse=True), exact)
    causal = define(q, k, v, masks.causal().dense(100, 100))
    assert_close(ops.hyper_attention(q, k, v, min_seq_len=100, causal=True, return_lse=True), causal)
    assert_close(ops.hyper_attention(q, k, v, block_size=64, min_seq_len=40, causal=True, return_lse=True), causal)


def test_hyper_equals_its_definition(rng, path):
    """Given the hashes and the samples; sizes that blocks do not divide."""
    q, k, v = clustered(rng, 150)
    projections, samples = ops.lsh_projections(16, 4, seed=1), rng.integers(0, 150, (1, 2, 20))
    o, lse = ops.hyper_attention(q, k, v, 32, 20, 10, projections=projections, samples=[samples], return_lse=True)
    (qo, place), (ko, _) = (ops.lsh_order(x, projections) for x in (q, k))
    take = lambda x, rows: np.take_along_axis(x, rows[..., None].astype(np.int64), 2)
    q, k, v = take(q, qo), take(k, ko), take(v, ko)
    block = np.arange(150) // 32
    own = define(q, k, v, block[:, None] == block)
    rest = define(q, take(k, samples), take(v, samples), block[:, None] != block[samples][:, :, None])
    rest_lse = rest[1] + np.log(150 / 20)
    both = np.logaddexp(own[1], rest_lse)
    wanted = np.exp(own[1] - both)[..., None] * own[0] + np.exp(rest_lse - both)[..., None] * rest[0]
    assert_close((o, lse), (take(wanted, place), np.take_along_axis(both, place.astype(np.int64), 2)))


def test_hyper_estimates_the_sum(rng):
    """The mean over seeds of the sampled sum is the sum."""
    q, k, v = clustered(rng, 128)
    exact = define(q, k, v, np.True_)[1]
    ratios = np.array([np.exp(ops.hyper_attention(q, k, v, 32, 32, 10, projections=ops.lsh_projections(16, 5), seed=seed, return_lse=True)[1]
                              - exact) for seed in range(200)])  # fmt: skip
    error = ratios.std(0) / np.sqrt(len(ratios))
    assert (abs(ratios.mean(0) - 1) <= 5 * error + 1e-5).mean() > 0.99


def test_hyper_does_not_look_ahead(rng):
    q, k, v = clustered(rng, 200)
    options = dict(block_size=16, sample_size=8, min_seq_len=32, causal=True, seed=2)
    before = ops.hyper_attention(q, k, v, **options)
    for x in (q, k, v):
        x[:, :, 150] += 1
    assert np.array_equal(ops.hyper_attention(q, k, v, **options)[:, :, :100], before[:, :, :100])


def test_hyper_error_falls(rng):
    """Of exact attention: with greater blocks and with more samples."""
    q, k, v = clustered(rng, 512)
    exact = define(q, k, v, np.True_)[0]
    error = lambda block, samples: np.mean([abs(ops.hyper_attention(q, k, v, block, samples, 10, seed=s) - exact).mean() for s in range(5)])
    assert error(128, 64) < error(32, 64) < error(8, 64)
    assert error(32, 256) < error(32, 64) < error(32, 8)


def test_hyper_refused(rng):
    q, k, v = clustered(rng, 40)
    for options, message in (({"block_size": 0}, "argument block_size"), ({"sample_size": -1}, "argument sample_size"),
                             ({"samples": [], "block_size": 8, "min_seq_len": 2}, "argument samples: expected an array for each"),
                             ({"projections": np.zeros((7, 3), np.float32)}, "argument projections")):  # fmt: skip
        with pytest.raises(ValueError, match=message):
            ops.hyper_attention(q, k, v, **options)
    with pytest.raises(ValueError, match="argument k: expected as many keys as the 30 queries"):
        ops.hyper_attention(q[:, :, :30], k, v, causal=True)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("grouping", ["causal_batch", "query", "head"])
def test_sea(rng, path, causal, grouping):
    """Given the estimate: the rows that keep all keys too."""
    n, bins, keep, heads = 50, 8, 6, 2
    q, k, v = make(rng, n, n, batch=2, heads=heads, groups=heads)
    estimate = rng.random((2, heads, n, bins), np.float32)
    estimate /= estimate.sum(-1, keepdims=True)
    gates = rng.standard_normal((2, heads, n, 2), np.float32)
    lengths = np.arange(1, n + 1) if causal else np.full(n, n)
    narrow = ops.sea_mask(estimate, lengths, keep, grouping)
    if grouping == "causal_batch":
        counts = np.clip(np.round(heads * keep * bins / lengths), 1, heads * bins)
        assert np.array_equal(narrow.sum((1, 3)), np.broadcast_to(counts, (2, n)))
    j = np.arange(n)
    reads = np.clip(np.floor((j + 0.5) / lengths[:, None] * bins - 1e-4), 0, bins - 1).astype(int)
    wide = narrow[:, :, j[:, None], reads] & (j < lengths[:, None])
    sigmoid = lambda x: 1 / (1 + np.exp(-x.astype(np.float64)))
    o, _ = define(q, k, v, wide)
    if causal:
        average = np.cumsum(v.astype(np.float64), 2) / lengths[:, None]
    else:
        weights = estimate.astype(np.float64).mean(2)[:, :, reads[0]]
        average = np.einsum("bhj,bhje->bhe", weights / weights.sum(-1, keepdims=True), v)[:, :, None]
    keeps, mix = sigmoid(gates[..., :1]), sigmoid(gates[..., 1:])
    got = ops.sea_attention(q, k, v, estimate, gates, keep, causal, grouping=grouping)
    assert np.abs(got - (mix * keeps * o + (1 - mix) * average)).max() < 1e-5


@pytest.mark.parametrize("shift", [None, 2])
@pytest.mark.parametrize("curve", ["raster", "hilbert"])
def test_scale_dit(rng, curve, shift):
    grid, low, text = (16, 24), (4, 6), 10
    n = text + 16 * 24 + 4 * 6
    q, k, v = make(rng, n, n, batch=1, heads=2, groups=2)
    keeps = ops.scale_dit_mask(text, grid, low, window=4, shift=shift)
    kept = keeps(np.arange(n)[:, None], np.arange(n)[None])
    options = dict(grid=grid, low_grid=low, text=text, window=4, curve=curve, shift=shift, block=(32, 16))
    exact = ops.scale_dit_attention(q, k, v, **options)
    wanted, _ = define(q, k, v, kept)
    assert np.abs(exact - wanted).max() < 1e-5
    # Whole blocks: the same mask, coarsened in the order of windows.
    order = np.concatenate([np.arange(text), text + ops.window_order(grid, 4, curve), text + 16 * 24 + ops.window_order(low, 1, curve)])
    ordered = np.zeros((-(-n // 32) * 32, -(-n // 16) * 16), bool)
    ordered[:n, :n] = kept[np.ix_(order, order)]
    coarse = np.kron(ordered.reshape(ordered.shape[0] // 32, 32, -1, 16).any((1, 3)), np.ones((32, 16), bool))[:n, :n]
    touched = np.zeros((n, n), bool)
    touched[np.ix_(order, order)] = coarse
    dense = ops.scale_dit_attention(q, k, v, mode="dense_touch", **options)
    assert np.abs(dense - define(q, k, v, touched)[0]).max() < 1e-5
    with pytest.raises(ValueError, match="argument q: expected shape"):
        ops.scale_dit_attention(q[:, :, 1:], k, v, **options)


def test_patterns(rng):
    q, k, v = make(rng, 200, 200, batch=1)
    i, j = np.ogrid[:200, :200]
    for mask, kept in ((masks.longformer(7, 3), (abs(i - j) <= 7) | (i < 3) | (j < 3)),
                       (masks.causal() & (masks.window(16) | masks.strided(16)), (j <= i) & ((i - j < 16) | ((i - j) % 16 == 0)))):  # fmt: skip
        assert np.array_equal(mask.dense(200, 200), kept)
        assert_close(ops.attention(q, k, v, mask, return_lse=True), define(q, k, v, kept))
    mask = masks.bigbird(200, 200, block=16, random=2, heads=4)
    kept = mask.dense(200, 200)
    assert kept[:, :, :16].all() and kept[..., :16].all() and kept[:, :, 192:].all() and kept[..., 192:].all()
    blocks = np.diff(mask.blocks.starts[0], axis=-1)
    assert (blocks[:, 2:-2] == 3 + 2 + 2).sum() >= blocks[:, 2:-2].size * 0.7  # neighbours, first and last, random
    assert_close(ops.attention(q, k, v, mask, return_lse=True), define(q, k, v, kept))
    assert np.array_equal(masks.bigbird(200, 200, 16, random=2, heads=4).blocks.columns, mask.blocks.columns)


@pytest.mark.parametrize("window", [1, 8, 100])
def test_sliding_window(rng, window):
    """A token at a time, and in pieces, gives what all at once gives."""
    q, k, v = make(rng, 40, 40)
    rule = masks.causal() & masks.window(window)
    wanted, _ = define(q, k, v, rule.dense(40, 40))
    cache, o = ops.SlidingWindow(window), []
    o.append(cache.prefill(q[:, :, :5], k[:, :, :5], v[:, :, :5]))
    o.extend(cache.step(q[:, :, t], k[:, :, t], v[:, :, t])[:, :, None] for t in range(5, 20))
    o.append(cache.prefill(q[:, :, 20:37], k[:, :, 20:37], v[:, :, 20:37]))
    o.extend(cache.step(q[:, :, t], k[:, :, t], v[:, :, t])[:, :, None] for t in range(37, 40))
    assert cache.length == 40 and np.abs(np.concatenate(o, 2) - wanted).max() < 1e-5
