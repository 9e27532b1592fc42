# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import definitions
import linnet
import numpy as np
import pytest
from definitions import Oracle, assert_close, oracles
from linear_attention_cases import FORMS, OVER_TIME, TOLERANCE, arrays, assert_all_close, check, make, run, same
from linnet.ops import linear_attention, linear_attention_step

pytestmark = pytest.mark.filterwarnings("ignore::linnet.SlowPathWarning")

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


def assert_rounded(got, want, digits):
    """Elements of 16 bits go in as they are; o is within a rounding of what widened ones give."""
    assert (np.abs(got - want) <= 2.0**-digits * np.abs(want) + 2.0**-digits * 1e-3).all()


@pytest.mark.parametrize("form", FORMS)
def test_float16(rng, path, form):
    x = make(rng, form)
    names = [name for name in (*OVER_TIME, "bonus") if name in x and name != "log_decay"]
    half = x | {name: x[name].astype(np.float16) for name in names}
    o, *state = run(half)
    assert o.dtype == np.float16 and all(a.dtype == np.float32 for a in state)
    want, *want_state = run(half | {name: half[name].astype(np.float32) for name in names})
    assert_rounded(o.astype(np.float32), want, 10)
    for a, b in zip(state, want_state):
        assert_close(a, b, TOLERANCE)


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
    assert_rounded(o.float().numpy(), want.numpy(), 7)


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
    options = (None, None, False, True, False, "post_update", None, False, None, None)
    key = ("f32", 2, 2, 2, 4, 4, None, False, False, False, "i64")
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
