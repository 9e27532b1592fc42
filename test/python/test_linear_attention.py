# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import definitions
import linnet
import numpy as np
import pytest
from definitions import Oracle, assert_close, oracles
from linnet.ops import linear_attention, linear_attention_step

pytestmark = pytest.mark.filterwarnings("ignore::linnet.SlowPathWarning")

TOLERANCE = 1e-5
#: The forms of the operation: of the decay, of the rule, and of the read.
FORMS = {
    "plain": {},
    "constant": {"decay": "constant"},
    "head": {"decay": "head"},
    "key": {"decay": "key"},
    "delta": {"rule": "delta", "qk_l2norm": True},
    "gated_delta": {"rule": "delta", "decay": "head", "qk_l2norm": True},
    "kda": {"rule": "delta", "decay": "key"},
    "low_rank": {"rule": "low_rank", "decay": "key"},
    "pre_update": {"decay": "head", "read": "pre_update"},
    "bonus": {"decay": "key", "read": "pre_update", "bonus": True},
    "delta_bonus": {"rule": "delta", "decay": "key", "read": "pre_update", "bonus": True},
    "normalized": {"decay": "head", "normalize": "key_sum"},
}
#: A few that go different ways through the compiler, for what would take long with all.
SOME = ("head", "kda", "low_rank", "bonus", "normalized")
OVER_TIME = ("q", "k", "v", "log_decay", "beta", "erase", "write")


def make(rng, form="head", batch=2, length=37, heads=2, keys=5, values=17, query_heads=1, key_heads=2, sequences=None):
    """Arguments as a model has them: keys of about length 1, decays below one. One kernel for each form."""
    form = FORMS[form]
    normal = lambda *shape: rng.standard_normal(shape, np.float32)
    unit = lambda x: (x / np.sqrt((x * x).sum(-1, keepdims=True) + 1e-6)).astype(np.float32)
    x = {
        "q": normal(batch, length, query_heads, keys),
        "k": unit(normal(batch, length, key_heads, keys)),
        "v": normal(batch, length, heads, values),
        "initial_state": normal(sequences or batch, heads, keys, values),
    }
    decays = {"constant": (heads,), "head": (batch, length, heads), "key": (batch, length, heads, keys)}
    if "decay" in form:
        x["log_decay"] = -np.abs(normal(*decays[form["decay"]])) * np.float32(0.5)
    if form.get("rule") == "delta":
        x["beta"] = rng.uniform(0, 1, (batch, length, heads)).astype(np.float32)
    if form.get("rule") == "low_rank":
        removed = unit(normal(batch, length, heads, keys))
        x["erase"] = -removed
        x["write"] = removed * rng.uniform(0, 0.5, (batch, length, heads, 1)).astype(np.float32)
    if form.get("bonus"):
        x["bonus"] = normal(heads, keys)
    if "normalize" in form:  # positive, so that no sum of keys comes near 0
        x["q"], x["k"] = np.abs(x["q"]) + np.float32(0.1), np.abs(x["k"]) + np.float32(0.1)
        x["initial_state"] = (x["initial_state"], np.abs(normal(sequences or batch, heads, keys)))
    return x | {name: form[name] for name in ("read", "normalize", "qk_l2norm") if name in form}


def over_time(x):
    """The arguments that have a dimension of time."""
    return [name for name in OVER_TIME if name in x and x[name].ndim > 1]


def cut(x, begin, end, **changed):
    """The arguments for a part of the time."""
    return x | {name: x[name][:, begin:end] for name in over_time(x)} | changed


def arrays(results):
    """The results as a flat list: with `normalize` the state is a pair."""
    o, state = results
    return [o, *state] if isinstance(state, tuple) else [o, state]


def run(x, **changed):
    return arrays(linear_attention(**(x | changed)))


def assert_all_close(got, want, tolerance=TOLERANCE):
    for a, b in zip(got, want):
        assert_close(a, b, tolerance)


def same(got, want):
    return all(np.array_equal(a, b) for a, b in zip(got, want))


def check(x, tolerance=TOLERANCE):
    got = run(x)
    assert all(a.dtype == np.float32 for a in got)
    assert_all_close(got, arrays(definitions.linear_attention(**x)), tolerance)


# ------------------------------------------------------------------ oracles of independent code


def swap(a):  # [B, H, T, ...] <-> [B, T, H, ...]
    return a.swapaxes(1, 2)


def retention(x, p):
    return {"log_decay": np.log(1 - 2.0 ** (-5 - np.arange(p["heads"]))).astype(np.float32)}


#: How the inputs of a recorded case become arguments; "heads_first" says that its arrays are [B, H, T, ...].
HEADS_FIRST = ("delta_rule", "rwkv6", "rwkv7", "retention", "lightning_attn")
ARGUMENTS = {
    "linear_attn": lambda x, p: {},
    "linear_attn_normalized": lambda x, p: {"normalize": "key_sum"},
    "simple_gla": lambda x, p: {"log_decay": x["g"]},
    "gla": lambda x, p: {"log_decay": x["gk"]},
    "linear_options": lambda x, p: {
        "log_decay": x["g"],
        "beta": x.get("beta"),
        "cu_seqlens": x.get("cu_seqlens"),
        "reverse": p["reverse"],
        "chunk_size": p["chunk_size"],
    },
    "delta_rule": lambda x, p: {"beta": swap(x["beta"])},
    "gated_delta_rule": lambda x, p: {"log_decay": x["g"], "beta": x["beta"]},
    "kda": lambda x, p: {"log_decay": x["g"], "beta": x["beta"]},
    "rwkv6": lambda x, p: {"log_decay": swap(x["w"]), "bonus": x["u"], "read": "pre_update"},
    "rwkv7": lambda x, p: {"log_decay": swap(x["gk"]), "erase": swap(x["a"]), "write": swap(x["b"])},
    "retention": retention,
    "lightning_attn": lambda x, p: {"log_decay": -x["slope"] if "slope" in x else None, "scale": 1.0},
}
ORACLES = [
    name
    for prefix in (
        "linear-attn",
        "simple-gla",
        "gla",
        "lightning",
        "retention",
        "rwkv",
        "delta-rule",
        "gated-delta",
        "kda",
    )
    for name in oracles(prefix)
]


# Sizes mean nothing to the reference path.
@pytest.mark.parametrize(
    "name, path",
    [
        (name, path)
        for name in ORACLES
        for path in ("auto", "reference")
        if path == "auto" or not name.endswith(("-d64", "-len1"))
    ],
    indirect=["path"],
)
def test_oracle(name, path):
    case = Oracle(name)
    x, move = case.inputs, swap if case.operation in HEADS_FIRST else lambda a: a
    arguments = ARGUMENTS[case.operation](x, case.parameters)
    o, state = linear_attention(*(move(x[name]) for name in "qkv"), initial_state=x.get("initial_state"), **arguments)
    case.check("o", move(o))
    if "final_state" in case.outputs:
        case.check("final_state", state)


@pytest.mark.parametrize("name", oracles("ssd-minimal"))
def test_state_space_dual_oracle(name, path):
    """Mamba-2's recurrence has its states as [V, K]."""
    case = Oracle(name)
    x = case.inputs
    state = x["initial_state"].swapaxes(-1, -2) if "initial_state" in x else None
    o, last = linear_attention(x["C"], x["B"], x["X"], log_decay=x["A"], scale=1.0, initial_state=state)
    case.check("Y", o)
    case.check("final_state", last.swapaxes(-1, -2))


@pytest.mark.parametrize("name", oracles("norm-attention"))
def test_norm_attention_oracle(name, path):
    case = Oracle(name)
    feature = lambda x: np.where(x > 0, x + 1, np.exp(np.minimum(x, 0)))  # elu + 1
    q, k, v = (swap(case.inputs[name]) for name in "qkv")
    o, _ = linear_attention(feature(q), feature(k), v, scale=1.0, causal=case.parameters["causal"])
    case.check("o", swap(o / np.sqrt((o * o).mean(-1, keepdims=True) + case.parameters["eps"])))


@pytest.mark.parametrize("name", oracles("gsa"))
def test_gated_slot_attention_oracle(name, path):
    """In the first call every slot is a head with one value, in the second the slots are the keys."""
    case = Oracle(name)
    q, k, v, s, g = (case.inputs[name] for name in "qkvsg")
    batch, length, heads, slots = s.shape
    o, keys = linear_attention(q, k, s.reshape(batch, length, -1, 1), log_decay=g.reshape(batch, length, heads * slots))
    o = np.exp(o.reshape(s.shape) - o.reshape(s.shape).max(-1, keepdims=True))
    o, values = linear_attention(o / o.sum(-1, keepdims=True), s, v, log_decay=g, scale=1.0)
    case.check("o", o)
    case.check("final_key_state", keys.reshape(batch, heads, slots, -1).swapaxes(2, 3))
    case.check("final_value_state", values)


# ------------------------------------------------------------------ against the definition


@pytest.mark.parametrize("form", FORMS)
def test_forms(rng, path, form):
    for batch, length in ((1, 1), (3, 2), (1, 5), (2, 67)):
        check(make(rng, form, batch, length))
    check(make(rng, form) | {"initial_state": None})


@pytest.mark.parametrize(
    "keys, values", [(1, 1), (3, 8), (8, 3), (16, 16), (17, 33), (64, 64), (100, 1), (1, 100), (33, 100)]
)
@pytest.mark.parametrize("form", ["head", "kda", "low_rank"])
def test_sizes(rng, form, keys, values):
    for batch, length in ((2, 1), (1, 5), (1, 67)):
        check(make(rng, form, batch, length, keys=keys, values=values))


@pytest.mark.parametrize("form, values", [("key", 64), ("bonus", 16), ("normalized", 16), ("normalized", 15)])
def test_sizes_of_other_forms(rng, form, values):
    check(make(rng, form, keys=64, values=values))


@pytest.mark.parametrize("heads, query_heads, key_heads", [(4, 2, 4), (4, 4, 1), (6, 3, 2), (1, 1, 1)])
def test_heads(rng, path, heads, query_heads, key_heads):
    x = make(rng, "kda", length=9, heads=heads, query_heads=query_heads, key_heads=key_heads)
    check(x)
    repeated = {name: x[name].repeat(heads // x[name].shape[2], axis=2) for name in "qk"}
    assert_all_close(run(x), run(x, **repeated))


@pytest.mark.parametrize("scale", [1, -0.3, 1e-5, 2e30, np.float32(0.1)])
def test_scale(rng, scale):
    x = make(rng, "plain", length=6)
    o, state = run(x, scale=scale)
    want, want_state = run(x, scale=1.0)
    assert_close(o / np.float32(scale), want)
    assert np.array_equal(state, want_state)


@pytest.mark.parametrize("form", ["plain", "kda", "normalized"])
def test_l2norm(rng, path, form):
    x = make(rng, form, length=9) | {"qk_l2norm": True}
    x["q"][0, 3], x["k"][1, 4] = 0, 0  # a row of zeros stays
    x["q"] *= 30
    check(x)


@pytest.mark.parametrize("normalize", [None, "key_sum"])
def test_not_causal(rng, path, normalize):
    x = make(rng, "normalized" if normalize else "plain", length=21) | {"causal": False}
    x.pop("log_decay", None)
    check(x)
    # What a token gives does not depend on where it stands.
    order = rng.permutation(21)
    o, *state = run(x)
    moved, *moved_state = run(x | {name: x[name][:, order] for name in "qkv"})
    assert_close(moved, o[:, order])
    assert_all_close(moved_state, state)


def test_one_kernel_serves_all_lengths_and_batches(rng, kernel_cache):
    before = None
    for batch, length in ((1, 1), (2, 2), (2, 37), (3, 300), (1, 513)):
        check(make(rng, "gated_delta", batch, length, keys=3, values=7))
        now = len(list(kernel_cache.iterdir()))
        if length > 1:  # a single token may have a kernel of its own
            assert before in (None, now)
            before = now


def test_no_time(rng, path):
    for form in ("kda", "normalized"):
        for warm in (False, True):
            x = make(rng, form, length=0)
            o, *state = run(x)
            assert o.shape == (2, 0, 2, 17)
            want = x["initial_state"] if isinstance(x["initial_state"], tuple) else (x["initial_state"],)
            assert same(state, want) and not any(np.shares_memory(a, b) for a, b in zip(state, want))
            if not warm:
                run(make(rng, form))  # then a kernel answers


def test_nothing_else(rng, path):
    o, state = run(make(rng, batch=0))
    assert o.shape == (0, 37, 2, 17) and state.shape == (0, 2, 5, 17)
    o, state = run(make(rng, "plain", keys=0))
    assert np.array_equal(o, np.zeros((2, 37, 2, 17))) and state.shape == (2, 2, 0, 17)
    o, state = run(make(rng, "plain", heads=0, query_heads=0, key_heads=0))
    assert o.shape == (2, 37, 0, 17) and state.shape == (2, 0, 5, 17)
    o, state = run(make(rng, "plain", values=0))
    assert o.shape == (2, 37, 2, 0) and state.shape == (2, 2, 5, 0)


def test_sum_of_keys_without_values(rng, path):
    x = make(rng, "normalized", values=0)
    o, state, sums = run(x)
    assert o.shape == (2, 37, 2, 0) and state.shape == (2, 2, 5, 0)
    assert_close(sums, definitions.linear_attention(**x)[1][1])


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


# ------------------------------------------------------------------ kinds and types of arrays


def test_strides(rng, path):
    x = make(rng, "kda")
    dense = run(x)
    strided = {name: np.asfortranarray(value) if isinstance(value, np.ndarray) else value for name, value in x.items()}
    strided["v"] = np.repeat(x["v"], 2, axis=3)[..., ::2]
    strided["beta"] = np.stack([x["beta"], x["beta"]], 3)[..., 0]
    strided["k"] = x["k"].transpose(0, 2, 1, 3).copy().transpose(0, 2, 1, 3)
    strided["q"].flags.writeable = False
    assert same(run(strided), dense)


@pytest.mark.parametrize("form", ["kda", "low_rank", "bonus", "normalized"])
def test_float16(rng, path, form):
    x = make(rng, form)
    names = [name for name in (*OVER_TIME, "bonus") if name in x and name != "log_decay"]
    half = x | {name: x[name].astype(np.float16) for name in names}
    o, *state = run(half)
    assert o.dtype == np.float16 and all(a.dtype == np.float32 for a in state)
    want, *want_state = run(half | {name: half[name].astype(np.float32) for name in names})
    assert np.array_equal(o, want.astype(np.float16)) and same(state, want_state)


@pytest.mark.parametrize("form", ["kda", "normalized"])
def test_torch(rng, path, form):
    torch = pytest.importorskip("torch")
    x = make(rng, form)
    to_torch = lambda a: (
        tuple(map(to_torch, a)) if isinstance(a, tuple) else torch.from_numpy(a) if isinstance(a, np.ndarray) else a
    )
    tensors = {name: to_torch(value) for name, value in x.items()}
    for _ in range(2):
        got = run(tensors)
        assert all(isinstance(a, torch.Tensor) for a in got) and same([a.numpy() for a in got], run(x))
    assert same([a.numpy() for a in run(tensors | {"v": tensors["v"].mT.contiguous().mT})], run(x))
    half = tensors | {name: tensors[name].bfloat16() for name in OVER_TIME if name in x}
    o, *state = run(half)
    assert o.dtype == torch.bfloat16 and all(a.dtype == torch.float32 for a in state)
    want, *_ = run(half | {name: half[name].float() for name in OVER_TIME if name in x})
    assert torch.equal(o, want.bfloat16())


def test_torch_arguments(rng):
    torch = pytest.importorskip("torch")
    x = {name: torch.from_numpy(value) for name, value in make(rng, "head", batch=1).items()}
    o, _ = linear_attention(**x)
    for offsets in (torch.tensor([0, 37]), torch.tensor([0, 37], dtype=torch.int32), np.array([0, 37]), [0, 37]):
        assert_close(linear_attention(**x, cu_seqlens=offsets)[0], o, TOLERANCE)
    # A decay that is constant in time may come from numpy.
    decay = x["log_decay"][0, 0]
    assert same(linear_attention(**(x | {"log_decay": decay.numpy()})), linear_attention(**(x | {"log_decay": decay})))
    state, tokens = x.pop("initial_state"), {name: value[:, 0] for name, value in x.items()}
    assert_close(linear_attention_step(state=state, **tokens)[0], o[:, 0], TOLERANCE)
    with pytest.raises(TypeError, match="argument k: expected a torch tensor, as q is, got numpy array"):
        linear_attention(**(x | {"k": x["k"].numpy()}))
    x["v"].requires_grad_()
    with pytest.raises(RuntimeError, match="argument v requires a gradient"):
        linear_attention(**x)
    with torch.no_grad():
        linear_attention(**x)


# ------------------------------------------------------------------ errors


def zeros(*shape, dtype="f4"):
    return np.zeros(shape, dtype)


@pytest.mark.parametrize(
    "changed, error, message",
    [
        ({"q": [1.0]}, TypeError, "argument q: expected a numpy array or a torch tensor, got list"),
        ({"q": zeros(2, 37, 1, 5, dtype="f8")}, TypeError,
         "argument q: expected elements of type float32, float16 or bfloat16, got float64"),
        ({"q": zeros(2, 37, 5)}, ValueError, r"argument q: expected 4 dimensions \[B, T, Hq, K\], got shape \[2, 37, 5\]"),
        ({"q": zeros(2, 36, 1, 5)}, ValueError,
         r"argument q: expected shape \[B, T, Hq, K\] = \[2, 37, 1, 5\], got shape \[2, 36, 1, 5\]"),
        ({"q": zeros(2, 37, 3, 5)}, ValueError, r"argument q: expected a number of heads .* divides the 2 heads of v, got 3"),
        ({"q": zeros(2, 37, 0, 5)}, ValueError, r"argument q: expected a number of heads .* got 0"),
        ({"k": None}, TypeError, "argument k: expected a numpy array, as q is, got NoneType"),
        ({"k": zeros(2, 37, 2, 6)}, ValueError, r"argument k: expected shape .* = \[2, 37, 2, 5\], got"),
        ({"k": zeros(2, 37, 4, 5)}, ValueError, r"argument k: expected a number of heads .* got 4"),
        ({"v": zeros(2, 37, 17)}, ValueError, r"argument v: expected 4 dimensions \[B, T, H, V\]"),
        ({"v": np.ma.zeros((2, 37, 2, 17), "f4")}, TypeError, "argument v: expected an array without a mask"),
        ({"log_decay": 0.5}, TypeError, "argument log_decay: expected a numpy array, as q is, got float"),
        ({"log_decay": zeros(37, 2)}, ValueError, r"argument log_decay: expected 1, 3 or 4 dimensions, .* got shape \[37, 2\]"),
        ({"log_decay": zeros(3)}, ValueError, r"argument log_decay: expected shape \[H\] = \[2\], got shape \[3\]"),
        ({"log_decay": zeros(2, 37, 5)}, ValueError, r"argument log_decay: expected shape \[B, T, H\] = \[2, 37, 2\]"),
        ({"log_decay": zeros(2, 37, 2, 17)}, ValueError, r"argument log_decay: expected shape \[B, T, H, K\]"),
        ({"log_decay": zeros(2, dtype="i4")}, TypeError, "argument log_decay: expected elements of type .*, got int32"),
        ({"beta": zeros(2, 37)}, ValueError, r"argument beta: expected 3 dimensions \[B, T, H\]"),
        ({"beta": zeros(2, 37, 2, dtype="i8")}, TypeError, "argument beta: expected elements of type"),
        ({"erase": zeros(2, 37, 2, 5)}, ValueError, "argument write: expected erase and write together"),
        ({"write": zeros(2, 37, 2, 5)}, ValueError, "argument erase: expected erase and write together"),
        ({"erase": zeros(2, 37, 2, 5), "write": zeros(2, 37, 2, 5), "beta": zeros(2, 37, 2)}, ValueError,
         "argument erase: expected beta, or erase and write, got all of them"),
        ({"erase": zeros(2, 37, 2, 4), "write": zeros(2, 37, 2, 5)}, ValueError, "argument erase: expected shape"),
        ({"erase": zeros(2, 37, 2, 5), "write": zeros(2, 37, 2, 5, 1)}, ValueError, "argument write: expected 4 dimensions"),
        ({"bonus": zeros(2, 5)}, ValueError, "argument bonus: expected read='pre_update' with it"),
        ({"bonus": zeros(5, 2), "read": "pre_update"}, ValueError, r"argument bonus: expected shape \[H, K\] = \[2, 5\]"),
        ({"read": "before"}, ValueError, "argument read: expected 'post_update' or 'pre_update', got 'before'"),
        ({"scale": "a"}, TypeError, "argument scale: expected a number, got 'a'"),
        ({"scale": float("inf")}, ValueError, "argument scale: expected a finite number, got inf"),
        ({"scale": float("nan")}, ValueError, "argument scale: expected a finite number, got nan"),
        ({"normalize": "sum"}, ValueError, "argument normalize: expected None or 'key_sum', got 'sum'"),
        ({"normalize": "key_sum", "beta": zeros(2, 37, 2)}, ValueError, "argument normalize: expected no beta"),
        ({"normalize": "key_sum", "read": "pre_update"}, ValueError, "argument normalize: expected no beta"),
        ({"causal": False}, ValueError, "argument causal: expected no log_decay"),
        ({"causal": False, "log_decay": None, "reverse": True}, ValueError, "argument causal: expected no log_decay"),
        ({"chunk_size": 0}, ValueError, "argument chunk_size: expected a number of at least 1, got 0"),
        ({"chunk_size": 1.5}, TypeError, "argument chunk_size: expected an integer, got 1.5"),
        ({"initial_state": zeros(2, 2, 17, 5)}, ValueError,
         r"argument initial_state: expected shape \[B, H, K, V\] = \[2, 2, 5, 17\], got shape \[2, 2, 17, 5\]"),
        ({"initial_state": zeros(2, 2, 5, 17, dtype="c8")}, TypeError, "argument initial_state: expected elements of type"),
        ({"initial_state": (zeros(2, 2, 5, 17), zeros(2, 2, 5))}, TypeError, "argument initial_state: expected a numpy array"),
        ({"initial_state": zeros(2, 2, 5, 17), "normalize": "key_sum"}, TypeError,
         r"argument initial_state: expected a pair \(state, normalizer\), as normalize is given, got ndarray"),
        ({"initial_state": (zeros(2, 2, 5, 17),), "normalize": "key_sum"}, TypeError, "argument initial_state: expected a pair"),
        ({"initial_state": (zeros(2, 2, 5, 17), zeros(2, 2, 17)), "normalize": "key_sum"}, ValueError,
         r"argument initial_state: expected shape \[B, H, K\] = \[2, 2, 5\]"),
        ({"cu_seqlens": [0, 37]}, ValueError, "argument cu_seqlens: expected a batch of 1 with it, got a batch of 2"),
        ({"cu_seqlens": []}, ValueError, "argument cu_seqlens: expected at least one integer"),
        ({"cu_seqlens": [0.0, 37.0]}, ValueError, "argument cu_seqlens: expected at least one integer, .* of float64"),
        ({"cu_seqlens": [[0, 37]]}, ValueError, r"argument cu_seqlens: .* got shape \[1, 2\]"),
        ({"cu_seqlens": [[0], [1, 37]]}, ValueError, "argument cu_seqlens: expected integers, in one dimension"),
        ({"cu_seqlens": [1, 37]}, ValueError, "argument cu_seqlens: expected offsets from 0 to T = 37, got 1 to 37"),
        ({"cu_seqlens": [0, 36]}, ValueError, "argument cu_seqlens: expected offsets from 0 to T = 37, got 0 to 36"),
        ({"cu_seqlens": [0, 9, 8, 37]}, ValueError, "argument cu_seqlens: expected ascending offsets, got 9 before 8 at 1"),
        ({"cu_seqlens": zeros(2, dtype="i2")}, TypeError, "argument cu_seqlens: expected elements of type .* got int16"),
        ({"cu_seqlens": 37}, TypeError, "argument cu_seqlens: expected a numpy array"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)  # fmt: skip
def test_errors(rng, changed, error, message):
    x = make(rng, "head")
    linear_attention(**x)  # the kernel is there: errors do not depend on it
    with pytest.raises(error, match="linear_attention: " + message):
        linear_attention(**(x | changed))


def test_errors_of_packed_states(rng):
    x = make(rng, "head", batch=1)
    with pytest.raises(ValueError, match=r"argument initial_state: expected shape \[N, H, K, V\] = \[3, 2, 5, 17\]"):
        linear_attention(**x, cu_seqlens=[0, 4, 4, 37])


def test_errors_of_a_step(rng):
    x = make(rng, "head", length=1)
    state, x = x.pop("initial_state"), {name: value[:, 0] for name, value in x.items()}
    linear_attention_step(state=state, **x)
    for name in ("q", "k", "v"):
        with pytest.raises(TypeError, match=f"argument {name}: expected a numpy array"):
            linear_attention_step(state=state, **(x | {name: [1.0]}))
        with pytest.raises(ValueError, match=f"argument {name}: expected 4 dimensions"):
            linear_attention_step(state=state, **(x | {name: x[name][0]}))
    with pytest.raises(ValueError, match="argument initial_state: expected shape"):
        linear_attention_step(state=state[:, :1], **x)


def test_path(rng, monkeypatch):
    x = make(rng, "head", length=3)
    monkeypatch.setenv("LINNET_PATH", "quick")
    with pytest.raises(ValueError, match="LINNET_PATH: expected auto, fast or reference, got 'quick'"):
        linear_attention(**x)


@pytest.mark.parametrize("offsets", [[0, 5, 3], [0, 9, 8], [1, 3, 8], [0, 3, 9], [-1, 3, 8], [0, 3, 7]], ids=str)
def test_compiled_code_refuses_offsets_by_itself(path, offsets):
    import sys

    x, state = np.ones((1, 8, 2, 4), np.float32), np.zeros((2, 2, 4, 4), np.float32)
    kernels = linnet._kernels.KernelFamily("linear_attention", sys.modules["linnet.ops.linear_attention"]._kernels.parameters)
    options = (None, None, False, True, False, "post_update", None, False)
    key = (2, 2, 2, 4, 4, None, False, False, False, "i64")
    module = sys.modules["linnet.ops.linear_attention"]._module
    kernel = kernels.get(options, key, path, lambda: module(options, *key))
    arrays = [x, x, x, None, None, None, None, None]
    kernel(*arrays, np.array([0, 3, 8]), state)
    with pytest.raises(RuntimeError, match="argument 'cu_seqlens': function 'linear_attention' refused its values"):
        kernel(*arrays, np.array(offsets), state)


def test_checked_mode_refuses_decays_above_0(rng, monkeypatch):
    x = make(rng, "head")
    linear_attention(**x)
    x["log_decay"] = x["log_decay"].copy()
    x["log_decay"][0, -1, -1] = 0.5
    grown = linear_attention(**x)[0]
    assert np.isfinite(grown).all()
    monkeypatch.setenv("LINNET_CHECK", "1")
    for _ in range(2):
        with pytest.raises(ValueError, match="argument log_decay: expected no number above 0, as LINNET_CHECK is set, got 0.5"):
            linear_attention(**x)
    x["log_decay"][0, -1, -1] = 0.0
    linear_attention(**x)
