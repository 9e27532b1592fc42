# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Attention: every form of mask against a dense masked softmax in float64, edge cases, and what is refused."""

import sys

import linnet
import numpy as np
import pytest
from linnet import masks
from linnet.ops import attention

TOLERANCE = 1e-5


@pytest.fixture(params=["fast", "reference"])
def path(request, monkeypatch):
    monkeypatch.setenv("LINNET_PATH", request.param)
    return request.param


def make(rng, n, m, batch=2, heads=4, groups=2, keys=8, values=16, factor=1.0):
    normal = lambda *shape: rng.standard_normal(shape, np.float32) * np.float32(factor)
    return normal(batch, heads, n, keys), normal(batch, groups, m, keys), rng.standard_normal((batch, groups, m, values), np.float32)


def define(q, k, v, kept, scale=None, soft_cap=None, alibi=None, position=None):
    """In float64, with all scores at once; `kept` is broadcast to [B, H, n, m]."""
    q, k, v = (x.astype(np.float64) for x in (q, k, v))
    k, v = (np.repeat(x, q.shape[1] // x.shape[1], axis=1) for x in (k, v))
    n, m = q.shape[2], k.shape[2]
    s = np.einsum("bhid,bhjd->bhij", q, k) * (q.shape[3] ** -0.5 if scale is None else scale)
    if soft_cap is not None:
        s = soft_cap * np.tanh(s / soft_cap)
    if alibi is not None:
        i = np.arange(n)[:, None] + (m - n if position is None else position)
        s = s - np.asarray(alibi, np.float64)[:, None, None] * np.abs(i - np.arange(m))
    s = np.where(kept, s, -np.inf)
    greatest = s.max(-1, keepdims=True, initial=-np.inf)
    weights = np.exp(s - np.where(np.isfinite(greatest), greatest, 0))
    total = weights.sum(-1, keepdims=True)
    with np.errstate(divide="ignore"):
        lse = np.where(np.isfinite(greatest), greatest, 0)[..., 0] + np.log(total[..., 0])
    # What is not kept is left out, not multiplied by 0.
    product = np.einsum("bhij,bhje->bhie", weights, np.where(np.isfinite(v), v, 0))
    return product / np.where(total > 0, total, 1), lse


def assert_close(got, want, tolerance=TOLERANCE):
    (o, lse), (wanted, wanted_lse) = got, want
    assert o.dtype == np.float32 and lse.dtype == np.float32
    assert o.shape == wanted.shape and lse.shape == wanted_lse.shape
    assert np.abs(o - wanted).max(initial=0) <= tolerance * max(1.0, np.abs(wanted).max(initial=0))
    empty = np.isneginf(wanted_lse)
    assert np.array_equal(np.isneginf(lse), empty)
    assert (np.abs(lse - wanted_lse)[~empty] <= tolerance * np.maximum(1, np.abs(wanted_lse[~empty]))).all()
    assert (o[empty] == 0).all()


RULES = {
    "none": None,
    "causal": masks.causal(),
    "window": masks.window(7),
    "causal-window": masks.causal() & masks.window(20),
    "right": masks.window(left=33, right=3),
    "block-diagonal": masks.block_diagonal(16),
    "causal-block-diagonal": masks.causal() & masks.block_diagonal(13),
    "unequal-blocks": masks.block_diagonal((5, 9)),
    "prefix-lm": masks.causal() | masks.prefix(11),
    "nothing": masks.prefix(0),
    "query-prefix": masks.query_prefix(3),
    "dilated": masks.dilated(3, 5),
    "strided": masks.causal() & (masks.window(8) | masks.strided(8)),
    "longformer": masks.longformer(4, 2),
    "sink": masks.causal() & (masks.prefix(2) | masks.window(9)),
}


@pytest.mark.parametrize("n, m", [(0, 5), (5, 0), (1, 1), (1, 37), (37, 1), (64, 64), (97, 97), (61, 131), (131, 61), (150, 257)])
@pytest.mark.parametrize("name", RULES)
def test_rules(rng, path, name, n, m):
    q, k, v = make(rng, n, m)
    kept = np.True_ if RULES[name] is None else RULES[name].dense(n, m)
    assert_close(attention(q, k, v, RULES[name], return_lse=True), define(q, k, v, kept))


@pytest.mark.parametrize("sizes", [dict(keys=1, values=1), dict(keys=3, values=5), dict(keys=16, values=64),
                                   dict(keys=64, values=64), dict(keys=128, values=33, heads=3, groups=3),
                                   dict(keys=5, values=8, heads=6, groups=1)])  # fmt: skip
@pytest.mark.parametrize("name", ["none", "causal-window"])
def test_sizes(rng, path, name, sizes):
    q, k, v = make(rng, 83, 101, **sizes)
    kept = np.True_ if RULES[name] is None else RULES[name].dense(83, 101)
    assert_close(attention(q, k, v, RULES[name], return_lse=True), define(q, k, v, kept))


@pytest.mark.parametrize("seed", range(4))
def test_random_rules(path, seed):
    """Conjunctions and disjunctions of random rules on random sizes."""
    rng = np.random.default_rng(seed)
    size = lambda: int(rng.integers(1, 40))
    simple = [masks.causal, lambda: masks.window(size()), lambda: masks.block_diagonal(size()), lambda: masks.prefix(size()),
              lambda: masks.dilated(size() // 8, size()), lambda: masks.strided(size()), lambda: masks.query_prefix(size()),
              lambda: masks.window(left=size(), right=None)]  # fmt: skip

    def random_rule(depth):
        if depth == 0 or rng.random() < 0.3:
            return simple[rng.integers(len(simple))]()
        first, second = random_rule(depth - 1), random_rule(depth - 1)
        return first & second if rng.random() < 0.5 else first | second

    for _ in range(3):
        rule = random_rule(3)
        n, m = rng.integers(1, 200, 2)
        q, k, v = make(rng, n, m, batch=1, heads=2, groups=1)
        assert_close(attention(q, k, v, rule, return_lse=True), define(q, k, v, rule.dense(n, m)))


@pytest.mark.parametrize("rule", [None, masks.causal(), masks.window(40)])
def test_greatest_logits(rng, path, rule):
    """Logits of +-1e4 neither overflow nor vanish; q and k are integers, so that all agree on them."""
    q, k, v = (rng.integers(-9, 10, shape).astype(np.float32) for shape in ((1, 2, 90, 16), (1, 2, 90, 16), (1, 2, 90, 8)))
    scale = 1e4 / np.abs(np.einsum("bhid,bhjd->bhij", q, k)).max()
    kept = np.True_ if rule is None else rule.dense(90, 90)
    scale = float(2.0 ** np.floor(np.log2(scale)))
    assert_close(attention(q, k, v, rule, scale=scale, return_lse=True), define(q, k, v, kept, scale))


def test_equal_keys(rng, path):
    q, k, v = make(rng, 70, 70)
    k[:] = k[:, :, :1]
    o = attention(q, k, v)
    mean = np.repeat(v.astype(np.float64).mean(2, keepdims=True), 2, axis=1)
    assert np.abs(o - mean).max() < 1e-5


def test_minus_infinity_is_a_score(rng, path):
    """A key of -inf scores weighs nothing; a query that has only such keys gets 0."""
    q, k, v = make(rng, 40, 40, keys=1)
    q[:] = 1
    k[:, :, 10:] = -np.inf
    o, lse = attention(q, k, v, masks.window(left=2, right=0), return_lse=True)
    assert np.isneginf(lse[:, :, 12:]).all() and (o[:, :, 12:] == 0).all()
    assert np.isfinite(lse[:, :, :12]).all() and np.isfinite(o[:, :, :12]).all()


@pytest.mark.parametrize("poison", [np.nan, np.inf])
def test_what_is_masked_out_reaches_nothing(rng, path, poison):
    q, k, v = make(rng, 100, 100)
    rule = masks.causal() & masks.window(30)
    clean = attention(q, k, v, rule, return_lse=True)
    for tensor in (k, v):
        before = tensor[:, :, 50].copy()
        tensor[:, :, 50] = poison
        o, lse = attention(q, k, v, rule, return_lse=True)
        for got, want in zip((o, lse), clean):
            assert np.array_equal(got[:, :, :50], want[:, :, :50]) and np.array_equal(got[:, :, 80:], want[:, :, 80:])
        tensor[:, :, 50] = before


def test_options(rng, path):
    q, k, v = make(rng, 50, 70)
    slopes = (2.0 ** -np.arange(1, 5)).astype(np.float32)
    rule = masks.causal()
    for options in ({"scale": 0.3}, {"soft_cap": 2.5}, {"alibi": slopes}, {"alibi": slopes, "soft_cap": 3.0, "scale": 1.0}):
        assert_close(attention(q, k, v, rule, return_lse=True, **options), define(q, k, v, rule.dense(50, 70), **options))


@pytest.mark.parametrize("position", [-3, 0, 7, 40])
def test_position(rng, path, position):
    q, k, v = make(rng, 30, 70)
    slopes = np.array([0.5, 0.25, 0.125, 1.0], np.float32)
    i, j = np.arange(30)[:, None] + position, np.arange(70)
    kept = (j <= i) & (abs(i - j) < 12)
    got = attention(q, k, v, masks.causal() & masks.window(12), position=position, alibi=slopes, return_lse=True)
    assert_close(got, define(q, k, v, kept, alibi=slopes, position=position))


def test_rows(rng, path):
    """Rows of q, k and v by number, for all heads or for each."""
    q, k, v = make(rng, 45, 67)
    for batch, heads in ((1, 1), (2, 1), (1, 4), (2, 4)):
        query_rows = rng.integers(0, 45, (batch, heads, 53))
        key_rows = rng.integers(0, 67, (batch, heads, 80)).astype(np.int32)
        every = lambda rows: np.broadcast_to(rows, (2, 4, rows.shape[2]))[..., None]
        wide_k, wide_v = (np.repeat(x, 2, axis=1) for x in (k, v))
        rows = np.take_along_axis(q, every(query_rows), 2), *(np.take_along_axis(x, every(key_rows), 2) for x in (wide_k, wide_v))
        rule = masks.block_diagonal((20, 30))
        got = attention(q, k, v, rule, query_rows=query_rows, key_rows=key_rows, position=0, return_lse=True)
        kept = np.arange(53)[:, None] // 20 == np.arange(80) // 30
        assert_close(got, define(*rows, kept))


@pytest.mark.parametrize("different", [False, True])
def test_documents(rng, path, different):
    q, k, v = make(rng, 77, 90)
    for shape in ((), (4,), (2, 1)):
        ids, key_ids = rng.integers(0, 3, (*shape, 77)), rng.integers(0, 3, (*shape, 90))
        mask = masks.documents(ids, key_ids, different) & masks.causal()
        assert_close(attention(q, k, v, mask, return_lse=True), define(q, k, v, mask.dense(77, 90)))


@pytest.mark.parametrize("rule", ["none", "causal-window", "prefix-lm"])
def test_packed(rng, path, rule):
    """Each sequence as if it were alone; some have no queries, no keys, or neither."""
    queries, keys = [0, 5, 0, 40, 1, 33, 0, 7], [0, 5, 3, 40, 60, 20, 0, 0]
    ends, key_ends = np.cumsum([0, *queries]), np.cumsum([0, *keys])
    q, k, v = make(rng, ends[-1], key_ends[-1], batch=1)
    o, lse = attention(q, k, v, RULES[rule], cu_seqlens=ends, cu_seqlens_k=key_ends, return_lse=True)
    for a, b, c, d in zip(ends, ends[1:], key_ends, key_ends[1:]):
        kept = np.True_ if RULES[rule] is None else RULES[rule].dense(b - a, d - c)
        assert_close((o[:, :, a:b], lse[:, :, a:b]), define(q[:, :, a:b], k[:, :, c:d], v[:, :, c:d], kept))


@pytest.mark.parametrize("block, shape", [(1, (4,)), (4, ()), (16, ()), (16, (4,)), (32, (2, 4)), ((32, 16), (2, 1)), ((64, 128), (4,)),
                                          ((128, 64), ())])  # fmt: skip
def test_block_sparse(rng, path, block, shape):
    n, m = 150, 130
    size = block if isinstance(block, tuple) else (block, block)
    q, k, v = make(rng, n, m)
    kept = rng.random((*shape, -(-n // size[0]), -(-m // size[1]))) < 0.3
    kept[..., 0, :] = False
    mask = masks.block_sparse(kept, block)
    assert_close(attention(q, k, v, mask, return_lse=True), define(q, k, v, mask.dense(n, m)))
    both = mask & masks.causal()
    assert_close(attention(q, k, v, both, return_lse=True), define(q, k, v, both.dense(n, m)))


@pytest.mark.parametrize("block", [16, 32, (64, 32)])
def test_partial_blocks(rng, path, block):
    n, m = 150, 130
    size = block if isinstance(block, tuple) else (block, block)
    q, k, v = make(rng, n, m)
    bits = rng.random((3, *size)) < 0.4
    kept = rng.integers(0, 5, (4, -(-n // size[0]), -(-m // size[1])))
    mask = masks.block_sparse(kept, block, bits)
    wanted = np.zeros((4, n + size[0], m + size[1]), bool)
    for h, r, c in zip(*np.nonzero(kept)):
        part = bits[kept[h, r, c] - 2] if kept[h, r, c] > 1 else True
        wanted[h, r * size[0] : (r + 1) * size[0], c * size[1] : (c + 1) * size[1]] = part
    assert np.array_equal(mask.dense(n, m)[0], wanted[:, :n, :m])
    assert_close(attention(q, k, v, mask, return_lse=True), define(q, k, v, wanted[:, :n, :m]))


def test_csr(rng, path):
    n, m = 61, 83
    q, k, v = make(rng, n, m)
    kept = rng.random((n, m)) < 0.2
    kept[7] = False
    starts = np.concatenate([[0], np.cumsum(kept.sum(1))])
    mask = masks.csr(starts, np.nonzero(kept)[1])
    assert np.array_equal(mask.dense(n, m)[0, 0], kept)
    assert_close(attention(q, k, v, mask, return_lse=True), define(q, k, v, kept))


def test_from_function(rng, path):
    n, m = 150, 130
    q, k, v = make(rng, n, m)
    functions = {"causal": (lambda b, h, i, j: j <= i, {}), "by head": (lambda b, h, i, j: (i + j) % (h + 2) == 0, {"heads": 4}),
                 "by batch": (lambda b, h, i, j: (i < 40 + b * 50) & (j < 64), {"batch": 2}),
                 "both": (lambda b, h, i, j: abs(i - j) < 10 * (b + h), {"batch": 2, "heads": 4})}  # fmt: skip
    b, h, i, j = np.ogrid[:2, :4, :n, :m]
    for keeps, sizes in functions.values():
        mask = masks.from_function(keeps, n, m, block=32, **sizes)
        kept = np.broadcast_to(keeps(b, h, i, j), (2, 4, n, m))
        assert np.array_equal(np.broadcast_to(mask.dense(n, m), kept.shape), kept)
        assert_close(attention(q, k, v, mask, return_lse=True), define(q, k, v, kept))
    # What is whole or empty keeps no bits.
    mask = masks.from_function(lambda b, h, i, j: j <= i, 128, 128, block=32)
    assert mask.blocks.columns.size == 10 and len(mask.blocks.bits) == 4


def test_threads_do_not_change_bits(rng, threads):
    import linnet

    q, k, v = make(rng, 700, 700, keys=64, values=64)
    results = []
    for count in (1, 2, 3):
        linnet.set_num_threads(count)
        results.append(attention(q, k, v, masks.causal(), return_lse=True))
    for other in results[1:]:
        assert all(np.array_equal(x, y) for x, y in zip(results[0], other))


def test_half_precision(rng, path):
    q, k, v = (x.astype(np.float16) for x in make(rng, 50, 50))
    o, lse = attention(q, k, v, masks.causal(), return_lse=True)
    assert o.dtype == np.float16 and lse.dtype == np.float32
    wanted = define(q, k, v, masks.causal().dense(50, 50))
    assert np.abs(o - wanted[0]).max() < 3e-3 and np.abs(lse - wanted[1]).max() < 1e-5


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_torch(rng, dtype):
    torch = pytest.importorskip("torch")
    q, k, v = (torch.from_numpy(x).to(getattr(torch, dtype)) for x in make(rng, 50, 60))
    o, lse = attention(q, k, v, masks.causal() & masks.window(20), return_lse=True)
    assert o.dtype == q.dtype and lse.dtype == torch.float32
    wanted = define(*(x.float().numpy() for x in (q, k, v)), (masks.causal() & masks.window(20)).dense(50, 60))
    assert np.abs(o.float().numpy() - wanted[0]).max() < (2e-2 if dtype == "bfloat16" else 1e-5)
    with pytest.raises(RuntimeError, match="argument q requires a gradient"):
        attention(q.requires_grad_(), k, v)


@pytest.mark.parametrize("change", [{}, {"partial": [-1, 2, 0]}, {"columns": [0, 3, 2]}, {"starts": [0, 1, 4]}], ids=str)
def test_compiled_code_refuses_blocks_by_itself(rng, path, change):
    """Where the Python function did not look: a number that names no block or matrix."""
    module = sys.modules["linnet.ops.attention"]
    arrays = {"starts": [[[0, 1, 3]]], "columns": [0, 1, 2], "partial": [-1, 1, 0], **change}
    arrays = {name: np.array(x, np.int32).reshape((1, 1, -1) if name == "starts" else -1) for name, x in arrays.items()}
    q, k, v = make(rng, 32, 48)
    given = dict.fromkeys(module._OPTIONAL)
    given.update(block_starts=arrays["starts"], block_columns=arrays["columns"], partial=arrays["partial"],
                 partial_bits=np.ones((2, 16, 16), np.int8))  # fmt: skip
    options = module._Options(1.0, "", None, (16, 16), False, tuple(x is not None for x in given.values()))
    leading = tuple(("1", "1") if name == "block_starts" else None if x is None else () for name, x in given.items())
    key = ("f32", q.shape[1], (k.shape[1], v.shape[1]), q.shape[3], v.shape[3], leading)
    kernels = linnet._kernels.KernelFamily("attention", module._kernels.parameters)
    kernel = kernels.get(options, key, path, lambda: module._module(options, *key))
    if not change:
        kernel(q, k, v, *given.values())
        return
    with pytest.raises(RuntimeError, match=f"'(block_)?{next(iter(change))}': function 'attention' refused its values"):
        kernel(q, k, v, *given.values())


def test_refused(rng):
    q, k, v = make(rng, 20, 30)
    cases = [
        (lambda: attention(q[0], k, v), ValueError, "argument q: expected 4 dimensions"),
        (lambda: attention(q, k[:, :, :, :4], v), ValueError, "argument k: expected shape"),
        (lambda: attention(q, k, v[:, :, :7]), ValueError, "argument v: expected shape"),
        (lambda: attention(q[:, :3], k, v), ValueError, "argument k: expected a number of heads"),
        (lambda: attention(q, k, v, "causal"), TypeError, "argument mask: expected a mask of linnet.masks, got str"),
        (lambda: attention(q, k, v, scale=np.nan), ValueError, "argument scale: expected a finite number"),
        (lambda: attention(q, k, v, soft_cap=0), ValueError, "argument soft_cap: expected a finite number above 0"),
        (lambda: attention(q, k, v, alibi=np.zeros(3, np.float32)), ValueError, "argument alibi: expected shape"),
        (lambda: attention(q, k, v, position=1.5), TypeError, "argument position: expected an integer"),
        (lambda: attention(q, k, v, query_rows=np.full((1, 1, 4), 20)), ValueError, "argument query_rows: expected integers from 0 to 19"),
        (lambda: attention(q, k, v, key_rows=np.full((3, 1, 4), 0)), ValueError, "argument key_rows: expected shape"),
        (lambda: attention(q, k, v, cu_seqlens=[0, 20], cu_seqlens_k=[0, 30]), ValueError, "argument cu_seqlens: expected a batch of 1"),
        (lambda: attention(q[:1], k[:1], v[:1], cu_seqlens=[0, 20], cu_seqlens_k=[0, 5, 30]), ValueError, "expected 2 offsets"),
        (lambda: attention(q, k, v, masks.block_sparse(np.ones((2, 2)) > 0, 16)), None, None),
        (lambda: attention(q, k, v, masks.block_sparse(np.ones((3, 2)) > 0, 16)), ValueError, "argument mask: expected shape"),
        (lambda: attention(q, k, v, masks.block_sparse(np.ones((2, 3)) > 0, 16)), ValueError, "expected columns below the 2 blocks"),
        (lambda: attention(q, k, v, masks.csr(np.arange(21), np.full(20, 30))), ValueError, "expected columns below the 30 blocks of keys, got 30"),
        (lambda: masks.csr([0, 2], [1, 1]), ValueError, "argument columns: expected ascending numbers"),
        (lambda: masks.csr([0, 2], [2, 1]), ValueError, "argument columns: expected ascending numbers"),
        (lambda: masks.csr([0, 2], [-1, 1]), ValueError, "argument columns: expected numbers of at least 0"),
        (lambda: masks.csr([0, 3], [0, 1]), ValueError, "argument starts: expected numbers from 0 to the 2 columns"),
        (lambda: masks.csr([0, 2, 1], [0, 1]), ValueError, "argument starts: expected ascending numbers"),
        (lambda: masks.window(-1), ValueError, "masks.window: argument size: expected a number from 1"),
        (lambda: masks.window(left=-2), ValueError, "masks.window: argument left: expected a number from 0"),
        (lambda: masks.block_diagonal(0), ValueError, "expected a number from 1"),
        (lambda: masks.block_sparse(np.ones((2, 2)), 16), TypeError, "expected truth values or integers"),
        (lambda: masks.block_sparse(np.full((2, 2), 3), 16, np.ones((1, 16, 16))), ValueError, "argument kept: expected numbers from 0 to 2"),
        (lambda: masks.causal() & masks.causal() | masks.documents([1]), ValueError, "expected rules of positions"),
        (lambda: attention(q, k, v, masks.from_function(lambda b, h, i, j: i == j, 20, 20)), ValueError, "one made for 20 queries and 30 keys"),
    ]  # fmt: skip
    for call, error, message in cases:
        if error is None:
            call()
            continue
        with pytest.raises(error) as caught:
            call()
        assert message in str(caught.value), str(caught.value)
