# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import definitions
import linnet
import numpy as np
import pytest
from definitions import Oracle, assert_close, oracles, silu
from linnet.ops import causal_conv1d, linear_attention, route_topk, token_permute, token_unpermute

TOLERANCE = 1e-6


def scores_of(rng, batch=2, length=37, experts=5):
    return rng.standard_normal((batch, length, experts), np.float32)


def indices_of(rng, batch=2, length=37, slots=2, experts=5):
    """As a router gives them: those of a token differ."""
    return rng.random((batch, length, experts)).argsort(-1)[..., :slots].astype(np.int32)


def same(got, want):
    return len(got) == len(want) and all(np.array_equal(a, b) for a, b in zip(got, want))


# ------------------------------------------------------------------ against the definitions


@pytest.mark.parametrize("experts, k", [(1, 1), (2, 1), (4, 2), (5, 5), (64, 8)])
def test_route_topk(rng, path, experts, k):
    for batch, length in ((1, 1), (3, 2), (2, 67)):
        scores = scores_of(rng, batch, length, experts)
        weights, indices = route_topk(scores, k)
        assert weights.dtype == np.float32 and indices.dtype == np.int32
        want, want_indices = definitions.route_topk(scores, k)
        assert np.array_equal(indices, want_indices)
        assert_close(weights, want, TOLERANCE)
        assert_close(weights.sum(-1), np.ones((batch, length)), TOLERANCE)


@pytest.mark.parametrize("experts, slots", [(1, 1), (2, 1), (4, 2), (5, 5), (64, 8)])
def test_token_permute(rng, path, experts, slots):
    for batch, length in ((1, 1), (3, 2), (2, 67)):
        indices = indices_of(rng, batch, length, slots, experts)
        got = token_permute(indices, experts)
        assert all(a.dtype == np.int32 for a in got)
        assert same(got, definitions.token_permute(indices, experts))


@pytest.mark.parametrize("row", [(), (1,), (17,), (3, 5), (2, 3, 4)])
def test_token_unpermute(rng, path, row):
    for batch, length, slots, rows in ((1, 1, 1, 1), (2, 37, 3, 50)):
        x = rng.standard_normal((rows, *row), np.float32)
        place = rng.integers(-1, rows, (batch, length, slots), np.int32)
        weights = rng.standard_normal((batch, length, slots), np.float32)
        y = token_unpermute(x, place, weights)
        assert y.dtype == np.float32
        assert_close(y, definitions.token_unpermute(x, place, weights), TOLERANCE)


def test_ties(path):
    """Of equal scores the first is the greater, whichever slot it is for."""
    scores = np.array([[[1, 2, 2, 1], [3, 3, 3, 3], [0, 1, 0, 0], [-0.0, 0.0, -1, 0.0]]], np.float32)
    for k in (1, 2, 3, 4):
        weights, indices = route_topk(scores, k)
        want = np.array([[[1, 2, 0, 3], [0, 1, 2, 3], [1, 0, 2, 3], [0, 1, 3, 2]]])
        assert np.array_equal(indices, want[..., :k])
        assert np.array_equal(weights[0, 1], np.full(k, np.float32(1 / k)))


def test_scores_are_compared_and_not_their_exponentials(path):
    scores = np.float32([[[-1e-9, 0, 1e-9, -2e-9], [-200, -150, 0, -100]]])  # rounded to 1, and to 0
    weights, indices = route_topk(scores, 4)
    assert np.array_equal(indices[0], [[2, 1, 0, 3], [2, 3, 1, 0]])
    assert_close(weights[0], [[0.25] * 4, [1, 0, 0, 0]], TOLERANCE)


def test_special_scores(path):
    inf, nan = np.inf, np.nan
    scores = [[-inf, 1, -inf, -inf], [1e30, -1e30, 1e30, 0], [nan, 1, 2, 3], [1, 2, nan, 3], [inf, 0, 0, 1]]
    weights, indices = route_topk(np.float32([scores]), 2)
    assert np.array_equal(indices[0], [[1, 0], [0, 2], [0, 3], [3, 1], [0, 3]])
    assert np.array_equal(weights[0, :2], [[1, 0], [0.5, 0.5]]) and np.isnan(weights[0, 2:]).all()


def test_stable(path):
    """With one expert of two for long, the order of time is that of the rows; other sorts change it."""
    length = 100
    indices = np.zeros((2, length, 1), np.int32)
    indices[0, ::7], indices[1] = 1, 1
    source, place, offsets = token_permute(indices, 2)
    others = np.arange(0, length, 7)
    assert np.array_equal(offsets, [0, length - len(others), length, length, 2 * length])
    assert np.array_equal(source[: offsets[1]], np.setdiff1d(np.arange(length), others))
    assert np.array_equal(source[offsets[1] : offsets[2]], others)
    assert np.array_equal(source[offsets[3] :], np.arange(length, 2 * length))
    assert np.array_equal(source[place[..., 0]], np.arange(2 * length).reshape(2, length))


def test_counts_come_from_indices(rng, path):
    """A weight of 0, as it comes of an underflow, loses no row."""
    scores = np.float32([[[0, -200, -300], [-200, 0, -300], [0, -200, -300]]])
    weights, indices = route_topk(scores, 2)
    assert np.array_equal(weights, np.float32([[[1, 0]] * 3]))
    source, place, offsets = token_permute(indices, 3)
    assert np.array_equal(source, [0, 1, 2, 0, 1, 2]) and np.array_equal(offsets, [0, 3, 6, 6])
    x = rng.standard_normal((3, 4), np.float32)
    assert np.array_equal(token_unpermute(x[source], place, weights)[0], x)


def test_inverse(rng, path):
    indices = indices_of(rng, slots=3)
    source, place, offsets = token_permute(indices, 5)
    assert np.array_equal(source[place.reshape(-1)], np.arange(2 * 37).repeat(3))
    assert np.array_equal(np.sort(place.reshape(-1)), np.arange(2 * 37 * 3))
    for begin, end in zip(offsets[:-1], offsets[1:]):
        assert (np.diff(source[begin:end]) > 0).all()
    x = rng.standard_normal((2 * 37, 6), np.float32)
    weights = rng.uniform(0, 1, indices.shape).astype(np.float32)
    weights /= weights.sum(-1, keepdims=True)
    assert_close(token_unpermute(x[source], place, weights).reshape(x.shape), x, TOLERANCE)


def test_no_expert(rng, path):
    """-1 leaves a pair out: it has no row, and adds nothing."""
    indices = indices_of(rng, slots=2)
    indices[rng.random(indices.shape) < 0.3] = -1
    left = indices == -1
    source, place, offsets = token_permute(indices, 5)
    assert same((source, place, offsets), definitions.token_permute(indices, 5))
    assert offsets[-1] == (~left).sum() < indices.size
    assert (place[left] == -1).all() and (source[offsets[-1] :] == 0).all()
    rows = rng.standard_normal((offsets[-1], 3), np.float32)
    weights = np.where(left, np.float32(np.nan), np.float32(0.5))  # not read
    want = np.where(left[..., None], 0, rows[place]).sum(2) * 0.5
    assert_close(token_unpermute(rows, place, weights), want, TOLERANCE)


def test_no_time(path):
    for warm in (False, True):
        length = 3 if warm else 0
        weights, indices = route_topk(np.zeros((2, 0, 4), np.float32), 2)
        assert weights.shape == indices.shape == (2, 0, 2) and indices.dtype == np.int32
        source, place, offsets = token_permute(indices, 4)
        assert source.shape == (0,) and place.shape == (2, 0, 2) and np.array_equal(offsets, np.zeros(9))
        assert token_unpermute(np.zeros((0, 7), np.float32), place, weights).shape == (2, 0, 7)
        weights, indices = route_topk(np.zeros((2, 3, 4), np.float32), 2)  # then kernels answer
        token_unpermute(np.zeros((12, 7), np.float32), token_permute(indices, 4)[1], weights)


def test_nothing_else(path):
    assert same(token_permute(np.zeros((0, 3, 2), np.int32), 4), ([], np.zeros((0, 3, 2)), [0]))
    assert same(token_permute(np.zeros((1, 3, 0), np.int32), 2), ([], np.zeros((1, 3, 0)), [0, 0, 0]))
    empty = np.zeros((1, 3, 0), np.int32)
    assert np.array_equal(token_unpermute(np.ones((4, 2), np.float32), empty, empty.astype("f4")), np.zeros((1, 3, 2)))
    none = np.full((1, 3, 2), -1, np.int32)
    assert np.array_equal(token_unpermute(np.ones((0, 2), np.float32), none, none.astype("f4")), np.zeros((1, 3, 2)))
    assert route_topk(np.zeros((0, 3, 4), np.float32), 1)[0].shape == (0, 3, 1)


def test_batches_are_independent(rng, path):
    scores = scores_of(rng, batch=3)
    weights, indices = route_topk(scores, 2)
    for b in range(3):
        assert same(route_topk(scores[b : b + 1], 2), (weights[b : b + 1], indices[b : b + 1]))
    source, _, offsets = token_permute(indices, 5)
    ends = offsets[::5]  # of the batches
    for b in range(3):
        one, _, ones = token_permute(indices[b : b + 1], 5)
        assert np.array_equal(source[ends[b] : ends[b + 1]], one + 37 * b)
        assert np.array_equal(offsets[5 * b : 5 * b + 6], ones + ends[b])


def test_one_kernel_serves_all_lengths_and_batches(rng, kernel_cache):
    before = None
    for batch, length in ((1, 1), (2, 37), (3, 300)):
        weights, indices = route_topk(scores_of(rng, batch, length, 6), 3)
        source, place, _ = token_permute(indices, 6)
        for row in (1, 8):
            token_unpermute(rng.standard_normal((len(source), row), np.float32), place, weights)
        now = len(list(kernel_cache.iterdir()))
        assert before in (None, now)
        before = now


@pytest.mark.filterwarnings("error::linnet.SlowPathWarning")
@pytest.mark.parametrize("value", ["auto", "fast"])
def test_no_path_complains(rng, monkeypatch, value):
    """Options of their own, so that the kernels are compiled here."""
    monkeypatch.setenv("LINNET_PATH", value)
    weights, indices = route_topk(scores_of(rng, experts=9), 7)
    _, place, _ = token_permute(indices, 9)
    token_unpermute(np.ones((place.size, 2), np.float32), place, weights)


# ------------------------------------------------------------------ layers


def rms_norm(x, eps):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + np.float32(eps))


def gated_delta(x, w, weight, heads, groups, offsets, state=None):
    """The backbone on packed rows x [N, hidden]: groups[i] is the memory whose projections rows offsets[i] to the next take,
    `weight` the names of those. Short convolutions begin anew in every group."""

    def per_group(name, convolution=None):
        parts = []
        for group, begin, end in zip(groups, offsets[:-1], offsets[1:]):
            part = x[begin:end] @ w[weight(name, group)].T
            if convolution:
                taps = w[f"{convolution}_conv1d.weight"][:, 0]
                part = causal_conv1d(np.ascontiguousarray(part.T)[None], taps, activation="silu")[0][0].T
            parts.append(part)
        return np.concatenate(parts).reshape(1, len(x), heads, -1)

    a = per_group("a")[..., 0]
    decay = -np.exp(w["A_log"]) * np.logaddexp(0, a + w["dt_bias"])
    o, last = linear_attention(
        per_group("q", "q"), per_group("k", "k"), per_group("v", "v"), log_decay=decay.astype(np.float32),
        beta=(1 / (1 + np.exp(-per_group("b")[..., 0]))), cu_seqlens=offsets, qk_l2norm=True, initial_state=state,
    )  # fmt: skip
    return o[0], last


def mixture_of_memories(x, w, p, states=None):
    """A layer as its paper has it: routing, packed linear attention, and the weighted sum of what the memories gave."""
    batch, length, hidden = x.shape
    heads, memories = p["heads"], p["memories"]
    names = {"q": "q_proj.weight"}
    logits = x @ w["gate.weight"].T
    weights, indices = route_topk(logits, p["topk"])
    source, place, offsets = token_permute(indices, memories)
    rows = x.reshape(-1, hidden)
    memory_of = lambda name, group: names.get(name, f"{name}_proj.{group}.weight")
    groups = [*range(memories)] * batch
    o, last = gated_delta(rows[source], w, memory_of, heads, groups, offsets, states)
    y = token_unpermute(o, place, weights)
    if p["shared_memory"]:
        shared = lambda name, group: names.get(name, f"shared_{name}.weight")
        o, _ = gated_delta(rows, w, shared, heads, range(batch), np.arange(batch + 1, dtype=np.int32) * length)
        y = y + o.reshape(y.shape)
    gate = silu(x @ w["g_proj.weight"].T).reshape(y.shape)
    y = rms_norm(y, p["norm_eps"]) * w["o_norm.weight"] * gate
    return y.reshape(batch, length, -1) @ w["o_proj.weight"].T, logits, indices, last


def weights_of(case):
    return {name[2:]: value for name, value in case.inputs.items() if name.startswith("w.")}


@pytest.mark.parametrize("name", oracles("mom-gated-delta"))
def test_mixture_of_memories_oracle(name, path):
    case = Oracle(name)
    y, logits, selected, _ = mixture_of_memories(case.inputs["x"], weights_of(case), case.parameters)
    case.check("router_logits", logits)
    case.check("selected", selected)
    case.check("y", y)


def packed_arguments(rng, batch, length, heads=2, keys=5, values=7):
    normal = lambda *shape: rng.standard_normal(shape, np.float32)
    return {
        "q": normal(batch, length, heads, keys),
        "k": normal(batch, length, heads, keys),
        "v": normal(batch, length, heads, values),
        "log_decay": -np.abs(normal(batch, length, heads)) * np.float32(0.5),
        "beta": rng.uniform(0, 1, (batch, length, heads)).astype(np.float32),
    }


def memories(x, indices, weights, experts, state=None):
    """Memories that share all projections: one packed call over [B E] states."""
    source, place, offsets = token_permute(indices, experts)
    packed = {name: value.reshape(-1, *value.shape[2:])[source][None] for name, value in x.items()}
    o, state = linear_attention(**packed, cu_seqlens=offsets, qk_l2norm=True, initial_state=state)
    return token_unpermute(o[0], place, weights), state


def test_one_memory_is_the_backbone(rng, path):
    x = packed_arguments(rng, 2, 37)
    weights, indices = route_topk(scores_of(rng, experts=1), 1)
    assert np.array_equal(weights, np.ones((2, 37, 1))) and not indices.any()
    y, state = memories(x, indices, weights, 1)
    want, want_state = linear_attention(**x, qk_l2norm=True)
    assert_close(y, want, 1e-5)
    assert_close(state, want_state, 1e-5)


def test_memories_of_the_same_weights_are_not_the_backbone(rng):
    x = packed_arguments(rng, 2, 37)
    weights, indices = route_topk(scores_of(rng, experts=4), 2)
    y, _ = memories(x, indices, weights, 4)
    assert np.abs(y - linear_attention(**x, qk_l2norm=True)[0]).max() > 0.1


def test_memories_see_their_tokens_only(rng, path):
    """Against one call for every memory on what came to it, and with memories to which nothing came."""
    x = packed_arguments(rng, 2, 37)
    weights, indices = route_topk(scores_of(rng, experts=4), 2)
    indices[indices == 3] = 5  # 3 and 4 are empty
    y, states = memories(x, indices, weights, 6)
    want = np.zeros_like(y)
    for b in range(2):
        for e in range(6):
            slot, tokens = np.nonzero((indices[b] == e).T)[0], np.nonzero((indices[b] == e).any(-1))[0]
            share = (weights[b] * (indices[b] == e)).sum(-1)[tokens]
            o, state = linear_attention(**{name: v[b : b + 1, tokens] for name, v in x.items()}, qk_l2norm=True)
            assert len(slot) == len(tokens)
            want[b, tokens] += share[:, None, None] * o[0]
            assert_close(states[6 * b + e], state[0], 1e-5)
            assert (e in (3, 4)) == (not states[6 * b + e].any())
    assert_close(y, want, 1e-5)


def test_split_and_carry(rng, path):
    length = 9
    x = packed_arguments(rng, 2, length)
    weights, indices = route_topk(scores_of(rng, length=length, experts=4), 2)
    whole, last = memories(x, indices, weights, 4)
    for split in range(length + 1):
        pieces, state = [], None
        for part in (slice(0, split), slice(split, length)):
            tokens = {name: value[:, part] for name, value in x.items()}
            o, state = memories(tokens, indices[:, part], weights[:, part], 4, state)
            pieces.append(o)
        assert_close(np.concatenate(pieces, 1), whole, 1e-5)
        assert_close(state, last, 1e-5)


def test_step_leaves_other_memories_alone(rng, path):
    x = packed_arguments(rng, 2, 1)
    state = rng.standard_normal((8, 2, 5, 7), np.float32)
    weights, indices = route_topk(scores_of(rng, length=1, experts=4), 2)
    _, after = memories(x, indices, weights, 4, state)
    for b in range(2):
        for e in range(4):
            assert np.array_equal(after[4 * b + e], state[4 * b + e]) == (e not in indices[b, 0])


MODULE = """
module @memories attributes {linnet.symbols = ["B", "T"]} {
func.func @memories(%x: tensor<?x?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["B", "T"]},
                    %scores: tensor<?x?x4xf32> {linnet.name = "scores", linnet.role = "input", linnet.symbols = ["B", "T"]})
    -> (tensor<?x?x8xf32> {linnet.name = "y", linnet.role = "output", linnet.symbols = ["B", "T"]}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x8xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x8xf32>
  %tokens = arith.muli %b, %t : index
  %n = affine.apply affine_map<()[n] -> (n * 2)>()[%tokens]
  %groups = affine.apply affine_map<()[b] -> (b * 4)>()[%b]
  %ends = affine.apply affine_map<()[b] -> (b * 4 + 1)>()[%b]
  %w0 = tensor.empty(%b, %t) : tensor<?x?x2xf32>
  %i0 = tensor.empty(%b, %t) : tensor<?x?x2xi32>
  %route:2 = linnet.route_topk ins(%scores : tensor<?x?x4xf32>) outs(%w0, %i0 : tensor<?x?x2xf32>, tensor<?x?x2xi32>)
  %s0 = tensor.empty(%n) : tensor<?xi32>
  %p0 = tensor.empty(%b, %t) : tensor<?x?x2xi32>
  %e0 = tensor.empty(%ends) : tensor<?xi32>
  %packed:3 = linnet.token_permute ins(%route#1 : tensor<?x?x2xi32>)
      outs(%s0, %p0, %e0 : tensor<?xi32>, tensor<?x?x2xi32>, tensor<?xi32>) {experts = 4 : i64}
  %flat = tensor.collapse_shape %x [[0, 1], [2]] : tensor<?x?x8xf32> into tensor<?x8xf32>
  %v0 = tensor.empty(%n) : tensor<1x?x1x8xf32>
  %v = linalg.generic {indexing_maps = [affine_map<(a, n, h, d) -> (n)>, affine_map<(a, n, h, d) -> (a, n, h, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%packed#0 : tensor<?xi32>) outs(%v0 : tensor<1x?x1x8xf32>) {
  ^bb0(%token: i32, %old: f32):
    %row = arith.index_cast %token : i32 to index
    %d = linalg.index 3 : index
    %value = tensor.extract %flat[%row, %d] : tensor<?x8xf32>
    linalg.yield %value : f32
  } -> tensor<1x?x1x8xf32>
  %state0 = tensor.empty(%groups) : tensor<?x1x8x8xf32>
  %state = linalg.fill ins(%zero : f32) outs(%state0 : tensor<?x1x8x8xf32>) -> tensor<?x1x8x8xf32>
  %o0 = tensor.empty(%n) : tensor<1x?x1x8xf32>
  %o:2 = linnet.linear_attention ins(%v, %v, %v : tensor<1x?x1x8xf32>, tensor<1x?x1x8xf32>, tensor<1x?x1x8xf32>)
      cu_seqlens(%packed#2 : tensor<?xi32>) outs(%o0, %state : tensor<1x?x1x8xf32>, tensor<?x1x8x8xf32>) {scale = 1.0 : f64}
  %rows = tensor.collapse_shape %o#0 [[0, 1], [2, 3]] : tensor<1x?x1x8xf32> into tensor<?x8xf32>
  %y0 = tensor.empty(%b, %t) : tensor<?x?x8xf32>
  %y = linnet.token_unpermute ins(%rows, %packed#1, %route#0 : tensor<?x8xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>)
      outs(%y0 : tensor<?x?x8xf32>)
  return %y : tensor<?x?x8xf32>
}
}
"""


def test_all_in_one_function(rng, path):
    """Sizes are known when it is called, rows are gathered by elementwise code, and offsets go from op to op."""
    kernel = linnet._kernels.KernelFamily("memories", ("x", "scores")).get((), (), path, lambda: MODULE)
    for batch, length in ((1, 1), (2, 37), (1, 300)):
        x = rng.standard_normal((batch, length, 8), np.float32) * np.float32(0.3)
        scores = scores_of(rng, batch, length, 4)
        (y,) = kernel(x, scores)
        weights, indices = definitions.route_topk(scores, 2)
        source, place, offsets = definitions.token_permute(indices, 4)
        v = x.reshape(-1, 8)[source][None, :, None]
        o, _ = definitions.linear_attention(v, v, v, scale=1.0, cu_seqlens=offsets)
        assert_close(y, definitions.token_unpermute(o[0, :, 0], place, weights), 1e-5)


# ------------------------------------------------------------------ kinds and types of arrays


def test_strides(rng, path):
    scores = scores_of(rng)
    weights, indices = route_topk(scores, 2)
    assert same(route_topk(np.asfortranarray(scores), 2), (weights, indices))
    source, place, offsets = token_permute(indices, 5)
    assert same(token_permute(np.asfortranarray(indices), 5), (source, place, offsets))
    assert same(token_permute(indices.astype(np.int64), 5), (source, place, offsets))
    x = rng.standard_normal((len(source), 3, 4), np.float32)
    y = token_unpermute(x, place, weights)
    again = token_unpermute(np.asfortranarray(x), np.asfortranarray(place.astype(np.int64)), np.asfortranarray(weights))
    assert np.array_equal(again, y)


def test_float16(rng, path):
    scores = scores_of(rng).astype(np.float16)
    weights, indices = route_topk(scores, 2)
    want, want_indices = route_topk(scores.astype(np.float32), 2)
    assert weights.dtype == np.float16 and np.array_equal(weights, want.astype(np.float16))
    assert np.array_equal(indices, want_indices)
    source, place, _ = token_permute(indices, 5)
    x = rng.standard_normal((len(source), 3)).astype(np.float16)
    y = token_unpermute(x, place, weights)
    want = token_unpermute(x.astype(np.float32), place, weights.astype(np.float32))
    assert y.dtype == np.float16 and np.array_equal(y, want.astype(np.float16))


def test_torch(rng, path):
    torch = pytest.importorskip("torch")
    scores = scores_of(rng)
    want = route_topk(scores, 2)
    for _ in range(2):
        got = route_topk(torch.from_numpy(scores), 2)
        assert all(isinstance(a, torch.Tensor) for a in got) and same([a.numpy() for a in got], want)
    weights, indices = got
    packed = token_permute(indices, 5)
    assert same([a.numpy() for a in packed], token_permute(want[1], 5))
    assert same([a.numpy() for a in token_permute(indices.long(), 5)], token_permute(want[1], 5))
    x = torch.from_numpy(rng.standard_normal((len(packed[0]), 3), np.float32))
    y = token_unpermute(x, packed[1], weights)
    assert np.array_equal(y.numpy(), token_unpermute(x.numpy(), packed[1].numpy(), want[0]))
    half, _ = route_topk(torch.from_numpy(scores).bfloat16(), 2)
    assert half.dtype == torch.bfloat16
    assert token_unpermute(x.bfloat16(), packed[1], half).dtype == torch.bfloat16
    with pytest.raises(TypeError, match="argument place: expected a torch tensor, as x is, got numpy array"):
        token_unpermute(x, packed[1].numpy(), weights)
    with pytest.raises(RuntimeError, match="argument scores requires a gradient"):
        route_topk(torch.from_numpy(scores).requires_grad_(), 2)


# ------------------------------------------------------------------ errors


def zeros(*shape, dtype="f4"):
    return np.zeros(shape, dtype)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        (([1.0], 2), TypeError, "argument scores: expected a numpy array or a torch tensor, got list"),
        ((zeros(2, 4), 2), ValueError, r"argument scores: expected 3 dimensions \[B, T, E\], got shape \[2, 4\]"),
        ((zeros(2, 3, 4, dtype="i4"), 2), TypeError, "argument scores: expected elements of type .*, got int32"),
        ((zeros(2, 3, 4), 0), ValueError, "argument k: expected a number from 1 to the 4 experts of scores, got 0"),
        ((zeros(2, 3, 4), 5), ValueError, "argument k: expected a number from 1 to the 4 experts of scores, got 5"),
        ((zeros(2, 3, 0), 1), ValueError, "argument k: expected a number from 1 to the 0 experts of scores, got 1"),
        ((zeros(2, 3, 4), 1.5), TypeError, "argument k: expected an integer, got 1.5"),
    ],
)
def test_errors_of_route_topk(arguments, error, message):
    route_topk(zeros(2, 3, 4), 2)  # the kernel is there: errors do not depend on it
    with pytest.raises(error, match="route_topk: " + message):
        route_topk(*arguments)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ((0, 2), TypeError, "argument indices: expected a numpy array or a torch tensor, got int"),
        ((zeros(2, 3, dtype="i4"), 2), ValueError, r"argument indices: expected 3 dimensions \[B, T, k\], got shape \[2, 3\]"),
        ((zeros(2, 3, 2), 2), TypeError, "argument indices: expected elements of type int32 or int64, got float32"),
        ((zeros(2, 3, 2, dtype="?"), 2), TypeError, "argument indices: expected elements of type .* got bool"),
        ((zeros(2, 3, 2, dtype="i4") + 2, 2), ValueError, "argument indices: expected integers from -1 to 1, got 2"),
        ((zeros(2, 3, 2, dtype="i8") - 2, 2), ValueError, "argument indices: expected integers from -1 to 1, got -2"),
        ((zeros(2, 3, 2, dtype="i8") + 2**32, 2), ValueError, "argument indices: .* from -1 to 1, got 4294967296"),
        ((zeros(2, 3, 2, dtype="i4"), 0), ValueError, "argument experts: expected a number from 1 to 2147483647, got 0"),
        ((zeros(2, 3, 2, dtype="i4"), 2**31), ValueError, "argument experts: expected .* got 2147483648"),
        ((zeros(2, 3, 2, dtype="i4"), "2"), TypeError, "argument experts: expected an integer, got '2'"),
    ],
)  # fmt: skip
def test_errors_of_token_permute(arguments, error, message):
    token_permute(zeros(2, 3, 2, dtype="i4"), 2)
    with pytest.raises(error, match="token_permute: " + message):
        token_permute(*arguments)


@pytest.mark.parametrize(
    "changed, error, message",
    [
        ({"x": None}, TypeError, "argument x: expected a numpy array or a torch tensor, got NoneType"),
        ({"x": zeros()}, ValueError, r"argument x: expected at least 1 dimension, got shape \[\]"),
        ({"x": zeros(6, 4, dtype="f8")}, TypeError, "argument x: expected elements of type .*, got float64"),
        ({"x": zeros(5, 4)}, ValueError, "argument place: expected integers from -1 to 4, got 5"),
        ({"place": zeros(1, 3, 2, dtype="i4") - 2}, ValueError, "argument place: expected integers from -1 to 5, got -2"),
        ({"place": zeros(1, 3, 2)}, TypeError, "argument place: expected elements of type int32 or int64, got float32"),
        ({"place": zeros(3, 2, dtype="i4")}, ValueError, r"argument place: expected 3 dimensions \[B, T, k\]"),
        ({"weights": zeros(1, 3, 1)}, ValueError,
         r"argument weights: expected shape \[B, T, k\] = \[1, 3, 2\], got shape \[1, 3, 1\]"),
        ({"weights": zeros(1, 3, 2, dtype="i4")}, TypeError, "argument weights: expected elements of type .*, got int32"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)  # fmt: skip
def test_errors_of_token_unpermute(changed, error, message):
    x = {"x": zeros(6, 4), "place": np.arange(6, dtype=np.int32).reshape(1, 3, 2), "weights": zeros(1, 3, 2)}
    token_unpermute(**x)
    with pytest.raises(error, match="token_unpermute: " + message):
        token_unpermute(**(x | changed))
