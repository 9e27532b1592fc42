# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import definitions
import linnet
import numpy as np
import pytest
from definitions import assert_close
from linear_attention_cases import FORMS, SOME, TOLERANCE, arrays, assert_all_close, check, cut, make, over_time, run, same
from linnet.ops import linear_attention, linear_attention_step

pytestmark = pytest.mark.filterwarnings("ignore::linnet.SlowPathWarning")

# ------------------------------------------------------------------ states, parts of time, packed sequences


@pytest.mark.parametrize("form, reverse", [(form, False) for form in FORMS] + [("gated_delta", True), ("bonus", True)])
def test_split_and_carry(rng, path, form, reverse):
    length = 13
    x = make(rng, form, length=length) | {"reverse": reverse}
    whole, *last = run(x)
    for split in range(length + 1):
        parts = [(0, split), (split, length)]
        state, pieces = x["initial_state"], []
        for begin, end in parts[::-1] if reverse else parts:
            o, state = linear_attention(**cut(x, begin, end, initial_state=state))
            pieces.append(o)
        assert_close(np.concatenate(pieces[::-1] if reverse else pieces, 1), whole, TOLERANCE)
        assert_all_close(arrays((o, state))[1:], last)


@pytest.mark.parametrize("form", FORMS)
def test_step(rng, path, form):
    x = make(rng, form, length=7)
    whole, *last = run(x)
    state, fixed = x.pop("initial_state"), set(x) - set(over_time(x))
    for t in range(7):
        token = {name: x[name] if name in fixed else x[name][:, t] for name in x}
        o, state = linear_attention_step(state=state, **token)
        assert o.shape == (2, 2, 17)
        assert_close(o, whole[:, t], TOLERANCE)
    assert_all_close(arrays((o, state))[1:], last)


@pytest.mark.parametrize("form", ["kda", "normalized"])
def test_the_initial_state_is_not_changed(rng, path, form):
    x = make(rng, form)
    states = x["initial_state"] if isinstance(x["initial_state"], tuple) else (x["initial_state"],)
    kept = [a.copy() for a in states]
    for _ in range(2):  # the second time a kernel takes the arrays as they are
        _, *last = run(x)
        assert same(states, kept) and not any(np.shares_memory(a, b) for a in last for b in states)


LENGTHS = (0, 1, 3, 4, 0, 5, 15, 16, 17, 0)


@pytest.mark.parametrize(
    "form, options",
    [(form, {}) for form in SOME] + [("constant", {}), ("kda", {"reverse": True}), ("plain", {"causal": False})],
    ids=str,
)
def test_packed(rng, path, form, options):
    offsets = np.cumsum((0, *LENGTHS))
    x = make(rng, form, batch=1, length=int(offsets[-1]), sequences=len(LENGTHS)) | options
    o, *states = run(x, cu_seqlens=offsets)
    for n, (begin, end) in enumerate(zip(offsets[:-1], offsets[1:])):
        pick = lambda a: tuple(b[n : n + 1] for b in a) if isinstance(a, tuple) else a[n : n + 1]
        alone, *state = run(cut(x, begin, end, initial_state=pick(x["initial_state"])))
        assert_close(o[:, begin:end], alone, TOLERANCE)
        assert_all_close([a[n : n + 1] for a in states], state)
    for other in (list(map(int, offsets)), offsets.astype(np.int32)):
        assert same(run(x, cu_seqlens=other), [o, *states])


@pytest.mark.parametrize("form", ["kda", "head"])
def test_packed_single_token(rng, path, form):
    x = make(rng, form, batch=1, length=1, sequences=3)
    o, states = run(x, cu_seqlens=[0, 0, 1, 1])
    alone, state = run(x, initial_state=x["initial_state"][1:2])
    assert_all_close([o, states[1:2]], [alone, state])
    assert np.array_equal(states[[0, 2]], x["initial_state"][[0, 2]])


def test_packed_without_sequences(rng, path):
    x = make(rng, batch=1, length=0) | {"initial_state": None}
    assert linear_attention(**x, cu_seqlens=[0])[1].shape == (0, 2, 5, 17)
    assert np.array_equal(linear_attention(**x, cu_seqlens=[0, 0, 0])[1], np.zeros((2, 2, 5, 17)))


# ------------------------------------------------------------------ invariances


@pytest.mark.parametrize("form", FORMS)
def test_causality(rng, path, form):
    x = make(rng, form)
    o = run(x)[0]
    for t in (0, 1, 3, 4, 5, 18, 36):
        changed = dict(x)
        for name in over_time(x):
            changed[name] = x[name].copy()
            changed[name][:, t:] *= 2
        other = run(changed)[0]
        assert np.array_equal(other[:, :t], o[:, :t])
        assert not np.array_equal(other[:, t:], o[:, t:])


@pytest.mark.parametrize("form", ["constant", "gated_delta", "low_rank", "bonus"])
def test_reverse(rng, path, form):
    x = make(rng, form)
    flipped = x | {name: x[name][:, ::-1] for name in over_time(x)}
    o, state = run(flipped)
    assert_all_close(run(x, reverse=True), [o[:, ::-1], state])


@pytest.mark.parametrize("form", ["key", "gated_delta", "low_rank", "bonus"])
def test_linearity(rng, path, form):
    """o and the last state are linear in the values and the initial state together."""
    x, y = make(rng, form, length=19), make(rng, form, length=19)
    y = x | {name: y[name] for name in ("v", "initial_state")}
    both = x | {name: x[name] + 2 * y[name] for name in ("v", "initial_state")}
    assert_all_close(run(both), [a + 2 * b for a, b in zip(run(x), run(y))], 2 * TOLERANCE)
    assert same(run(x, v=2 * x["v"], initial_state=2 * x["initial_state"]), [2 * a for a in run(x)])  # exact


@pytest.mark.parametrize("form", ["key", "low_rank"])
def test_gauge(rng, path, form):
    """Measuring every key on a scale of its own, which changes in time, gives the same output."""
    x = make(rng, form, key_heads=2, query_heads=2)
    c = rng.uniform(-1, 1, (2, 37, 2, 5)).astype(np.float32)
    before = np.concatenate([np.zeros_like(c[:, :1]), c[:, :-1]], 1)
    y = x | {"q": x["q"] * np.exp(-c), "k": x["k"] * np.exp(c), "log_decay": x["log_decay"] + c - before}
    if form == "low_rank":
        y |= {"erase": x["erase"] * np.exp(-before), "write": x["write"] * np.exp(c)}
    o, state = run(x)
    assert_all_close(run(y), [o, state * np.exp(c[:, -1, :, :, None])], 2 * TOLERANCE)


def test_forms_that_are_the_same(rng, path):
    x = make(rng, "head")
    wide = np.repeat(x["log_decay"][..., None], 5, axis=3)
    assert_all_close(run(x, log_decay=wide), run(x))
    constant = make(rng, "constant")
    spread = np.ascontiguousarray(np.broadcast_to(constant["log_decay"], (2, 37, 2)))
    assert_all_close(run(constant, log_decay=spread), run(constant))
    # The decay is in erase, which reads the state before it.
    x = make(rng, "kda")
    low_rank = {name: x[name] for name in ("q", "k", "log_decay", "initial_state")} | {
        "v": x["beta"][..., None] * x["v"],
        "erase": -x["beta"][..., None] * np.exp(x["log_decay"]) * x["k"],
        "write": x["k"],
    }
    assert_all_close(run(low_rank), run(x))
    none = np.zeros((2, 37, 2, 5), np.float32)
    key = make(rng, "key")
    assert_all_close(run(key, erase=none, write=none), run(key))
    # A bonus of 1 sees the token itself, as the read after the update does.
    x = make(rng, "plain")
    assert_all_close(run(x, read="pre_update", bonus=np.ones((2, 5), np.float32)), run(x))


@pytest.mark.parametrize("form", ["head", "kda"])
def test_chunk_size(rng, form):
    x = make(rng, form, length=67)
    want = arrays(definitions.linear_attention(**x))
    for size in (1, 3, 16, 64, 67, 1000):
        assert_all_close(run(x, chunk_size=size), want)


@pytest.mark.parametrize("form", ["key", "delta", "gated_delta", "kda", "delta_before"])
@pytest.mark.parametrize("options", [{"chunk_size": 32}, {"chunk_size": 64, "sub_chunk_size": 32, "gate_lower_bound": -2.0}], ids=str)
def test_chunks_of_staged_rows(rng, form, options):
    """Whole vectors of keys, so that chunks there are: decays in two levels, and the delta rule by substitution."""
    x = make(rng, "kda" if form == "delta_before" else form, batch=1, length=101, heads=1, keys=32, query_heads=1, key_heads=1)
    if form == "delta_before":
        x["read"] = "pre_update"
    if "log_decay" in x:
        x["log_decay"] = np.maximum(x["log_decay"], np.float32(-2))
    else:
        options = {name: value for name, value in options.items() if name != "gate_lower_bound"}
    o, state = run(x, **options)
    assert_all_close([o, state], arrays(definitions.linear_attention(**x)))
    if "gate_lower_bound" not in options and "log_decay" in x:
        extreme = rng.choice(np.float32([0, -1e-6, -1, -20, -1e4, -np.inf]), x["log_decay"].shape)
        assert_all_close(run(x, log_decay=extreme, **options), arrays(definitions.linear_attention(**x | {"log_decay": extreme})))
    for name in ("v", "k"):
        changed = x[name].copy()
        changed[:, 40] = np.inf
        before = run(x, **{name: changed}, **options)[0][:, :40]
        # Without the delta rule a value that is not finite sends its stretch through blocks, which round in another way.
        assert_close(before, o[:, :40])
        assert "beta" not in x or np.array_equal(before, o[:, :40])


def test_batches_and_heads_are_independent(rng, path):
    x = make(rng, "gated_delta", query_heads=2, key_heads=2)
    o, state = run(x)
    flip = {name: x[name][::-1, :, ::-1] for name in over_time(x)} | {"initial_state": x["initial_state"][::-1, ::-1]}
    assert same(run(x, **flip), [o[::-1, :, ::-1], state[::-1, ::-1]])
    x["v"][0, 20, 1] = np.nan
    x["k"][1, 5, 0] = np.inf
    other, other_state = run(x)
    assert np.array_equal(other[0, :, 0], o[0, :, 0]) and np.array_equal(other[1, :, 1], o[1, :, 1])
    assert np.array_equal(other[0, :20], o[0, :20]) and np.array_equal(other[1, :5], o[1, :5])
    assert np.array_equal(other_state[0, 0], state[0, 0]) and np.array_equal(other_state[1, 1], state[1, 1])
    assert np.isnan(other[0, 20:, 1]).all() and np.isnan(other_state[1, 0]).any()


@pytest.mark.parametrize("form", SOME)
def test_threads(rng, path, threads, form):
    x = make(rng, form, batch=5, length=130)
    results = []
    for count in (1, 2, 2, 3):
        linnet.set_num_threads(count)
        results.append(run(x))
    assert all(same(result, results[0]) for result in results[1:])


@pytest.mark.parametrize("form", ["plain", "constant", "head", "key", "bonus", "normalized", "delta"])
def test_time_in_parallel_chunks(rng, threads, form):
    """One head is one tile: more than 1024 tokens are cut into chunks, into the same ones whatever runs them."""
    for length in (1024, 1025, 2500):
        x = make(rng, form, length=length, heads=1, query_heads=1, key_heads=1)
        if "log_decay" in x:
            x["log_decay"] *= np.float32(1e-3)
        check(x, 2 * TOLERANCE)
    results = []
    for count in (1, 2, 3):
        linnet.set_num_threads(count)
        results.append(run(x))
    assert all(same(result, results[0]) for result in results[1:])
    rest = [a[1:] for a in arrays((x["q"], x["initial_state"]))[1:]]
    alone = run(x, **{name: x[name][1:] for name in over_time(x)}, initial_state=rest[0] if len(rest) == 1 else tuple(rest))
    assert same([a[0] for a in alone], [a[1] for a in results[0]])
    changed = {name: np.concatenate([x[name][:, :2047], 2 * x[name][:, 2047:]], 1) for name in over_time(x)}
    assert np.array_equal(run(x, **changed)[0][:, :2047], results[0][0][:, :2047])


# ------------------------------------------------------------------ stress


@pytest.mark.parametrize("form", ["constant", "head", "key", "gated_delta", "kda", "low_rank", "bonus", "normalized"])
def test_extreme_decays(rng, path, form):
    """Decays of nearly 1 and of 0 side by side: no exponential of a difference overflows, and -inf restarts."""
    decays = np.array([0, -1e-6, -1, -20, -1e4, -np.inf], np.float32)
    for _ in range(4):
        x = make(rng, form, length=67)
        x["log_decay"] = rng.choice(decays, x["log_decay"].shape).astype(np.float32)
        check(x)
        check(x | {"log_decay": np.full_like(x["log_decay"], -np.inf)})


@pytest.mark.parametrize("form", ["constant", "head", "key", "kda", "low_rank", "bonus"])
def test_steady_decays(rng, path, form):
    """Many tokens of one decay: their product leaves the range of float32 soon, what is remembered does not."""
    x = make(rng, form, batch=1, length=300)
    shape = x["log_decay"].shape
    down_and_up = np.where(rng.random(shape) < 0.5, -4, np.where(rng.random(shape) < 0.2, 1, -0.1))
    for decays in (-0.3, -1, -20, -88, 0.1, *([] if form == "kda" else [down_and_up])):
        check(x | {"log_decay": np.broadcast_to(np.float32(decays), shape).copy()}, 2 * TOLERANCE)


def test_growing_state(rng, path):
    """Decays above 1 are allowed."""
    x = make(rng, "key", length=20)
    check(x | {"log_decay": -x["log_decay"]})


def test_restart_is_a_new_sequence(rng, path):
    """A decay of 0 at token 18 is as good as two packed sequences, the second from nothing."""
    x = make(rng, "kda", batch=1)
    x["log_decay"][:, 18] = -np.inf
    o, state = run(x)
    two = np.concatenate([x["initial_state"], np.zeros_like(x["initial_state"])])
    packed, states = run(x, cu_seqlens=[0, 18, 37], initial_state=two)
    assert_all_close([o, state], [packed, states[1:]])


@pytest.mark.parametrize("form", ["head", "key"])
def test_long(rng, path, form):
    """65536 tokens with decays that forget in about a thousand: sums of logarithms must not lose what is small."""
    length = 65536
    x = make(rng, form, batch=1, length=length)
    x["log_decay"] = rng.uniform(-2e-3, 0, x["log_decay"].shape).astype(np.float32)
    o, state = run(x)
    # By definition, from the last 30000 tokens: what is before them counts e^-30.
    g = np.float64(x["log_decay"])[0] if form == "key" else np.float64(x["log_decay"])[0][..., None]
    k, v, q = (np.float64(x[name])[0] for name in "kvq")
    for t in (length - 1, length // 2, 40000):
        begin = t - 30000
        after = np.cumsum(g[begin + 1 : t + 1][::-1], 0)[::-1]  # sum of g over s+1 .. t
        weight = np.exp(np.concatenate([after, np.zeros_like(g[:1])]))
        S = np.einsum("thk,thv->hkv", weight * k[begin : t + 1], v[begin : t + 1])
        assert_close(o[0, t], np.einsum("k,hkv->hv", q[t, 0], S) * 5**-0.5, 5e-5)
        if t == length - 1:
            assert_close(state[0], S, 5e-5)


def test_nan_stays_in_its_sequence(rng, path):
    offsets = np.cumsum((0, 5, 7, 6, 9))
    for form in ("head", "kda", "low_rank"):
        x = make(rng, form, batch=1, length=27, sequences=4)
        o, states = run(x, cu_seqlens=offsets)
        for name in ("q", "k", "v", "log_decay"):
            y = x | {name: x[name].copy()}
            y[name][0, 13:17] = np.nan  # in sequence 2, its second token on
            other, other_states = run(y, cu_seqlens=offsets)
            assert np.array_equal(other[:, :13], o[:, :13]) and np.array_equal(other[:, 18:], o[:, 18:])
            assert np.array_equal(other_states[[0, 1, 3]], states[[0, 1, 3]])
            assert np.isnan(other[0, 13:17]).all()
        # Neither does a state that is not finite.
        y = x | {"initial_state": x["initial_state"].copy()}
        y["initial_state"][1], y["initial_state"][2] = np.nan, np.inf
        other, other_states = run(y, cu_seqlens=offsets)
        assert np.array_equal(other[:, :5], o[:, :5]) and np.array_equal(other[:, 18:], o[:, 18:])
        assert np.isnan(other[0, 5:12]).all() and np.isnan(other_states[1]).all()


def test_keys_that_are_nearly_equal(rng, path):
    """The delta rule with beta near 1 on keys of one direction: each value replaces the one before it."""
    x = make(rng, "delta", length=67)
    x["k"] = (x["k"][:, :1] + 1e-3 * x["k"]).astype(np.float32)
    x["beta"] = 1 - x["beta"] * np.float32(1e-3)
    check(x)
    check(x | {"beta": x["beta"] * 2})  # reflections


def test_keys_that_are_too_long(rng, path):
    """Without qk_l2norm and with long keys the delta rule blows up by definition, and all paths in the same way."""
    x = make(rng, "kda", length=9)
    x["k"] *= 3
    x["beta"] += 1
    want = arrays(definitions.linear_attention(**x))
    assert np.abs(want[1]).max() > 1e3
    assert_all_close(run(x), want, 1e-4)


def test_large_float16(rng, path):
    x = make(rng, "head", keys=17, query_heads=2)
    half = {name: (x[name] * 30 if name in "qk" else x[name]).astype(np.float16) for name in "qkv"}
    check(x | {name: half[name].astype(np.float32) for name in "qkv"})
    o, _ = linear_attention(**(x | half | {"scale": 1e-3}))
    assert o.dtype == np.float16 and np.isfinite(o).all()
