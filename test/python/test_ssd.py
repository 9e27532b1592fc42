# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import definitions
import numpy as np
import pytest
from definitions import Oracle, assert_close, oracles
from linnet.ops import linear_attention, selective_scan, ssd

TOLERANCE = 1e-5
OVER_TIME = ("x", "dt", "B", "C", "z")
#: Which optional arguments there are; "D2" is a skip of [H, P].
FORMS = {
    "plain": (),
    "skip": ("D",),
    "wide_skip": ("D2",),
    "gate": ("z",),
    "bias": ("dt_bias",),
    "full": ("D2", "z", "dt_bias", "dt_softplus"),
}


def make(rng, form="full", batch=2, length=37, heads=4, values=5, groups=2, states=17):
    normal = lambda *shape: rng.standard_normal(shape, np.float32)
    x = {
        "x": normal(batch, length, heads, values),
        "dt": np.abs(normal(batch, length, heads)) * np.float32(0.3),
        "A": -rng.uniform(0.1, 2, heads).astype(np.float32),
        "B": normal(batch, length, groups, states),
        "C": normal(batch, length, groups, states),
        "initial_state": normal(batch, heads, values, states),
    }
    optional = {
        "D": {"D": normal(heads)},
        "D2": {"D": normal(heads, values)},
        "z": {"z": normal(batch, length, heads, values)},
        "dt_bias": {"dt_bias": rng.uniform(0, 0.5, heads).astype(np.float32)},
        "dt_softplus": {"dt_softplus": True},
    }
    for name in FORMS[form]:
        x |= optional[name]
    return x


def check(x):
    y, state = ssd(**x)
    assert y.dtype == state.dtype == np.float32
    want, want_state = definitions.ssd(**x)
    assert_close(y, want, TOLERANCE)
    assert_close(state, want_state, TOLERANCE)


def cut(x, begin, end, **changed):
    return x | {name: x[name][:, begin:end] for name in OVER_TIME if name in x} | changed


@pytest.mark.parametrize("name", oracles("ssd-mamba2"))
def test_oracle(name, path):
    case = Oracle(name)
    y, _ = ssd(**case.inputs, dt_softplus=case.parameters["softplus"])
    case.check("y", y)


@pytest.mark.parametrize("form", FORMS)
def test_forms(rng, path, form):
    for batch, length in ((1, 1), (3, 2), (2, 67)):
        check(make(rng, form, batch, length))
    check(make(rng, form) | {"initial_state": None})


@pytest.mark.parametrize("heads, groups", [(4, 1), (4, 4), (6, 3), (1, 1)])
def test_groups(rng, path, heads, groups):
    x = make(rng, length=9, heads=heads, groups=groups)
    check(x)
    repeated = {name: x[name].repeat(heads // groups, axis=2) for name in "BC"}
    assert_close(ssd(**(x | repeated))[0], ssd(**x)[0], TOLERANCE)


@pytest.mark.parametrize("values, states", [(1, 1), (8, 3), (64, 128)])
def test_sizes(rng, values, states):
    for length in (1, 33):
        check(make(rng, length=length, values=values, states=states))


@pytest.mark.parametrize("limit", [(0.8, 1.0), (0.0, 0.8), (0.9, np.inf), (-np.inf, 0.8)])
def test_limits_of_steps(rng, path, limit):
    x = make(rng, length=11)
    check(x | {"dt_limit": limit})
    steps = np.clip(np.logaddexp(0, x["dt"] + x["dt_bias"]), *limit).astype(np.float32)
    assert (steps != np.logaddexp(0, x["dt"] + x["dt_bias"])).any()
    given = x | {"dt": steps, "dt_bias": None, "dt_softplus": False}
    assert_close(ssd(**given)[0], ssd(**x, dt_limit=limit)[0], TOLERANCE)


def test_softplus_of_large_steps(rng, path):
    x = make(rng, length=5) | {"dt_limit": None}
    x["dt"] *= 100  # exp would overflow
    x["A"] *= np.float32(0.01)
    check(x)


def test_selective_scan_is_the_same_where_a_head_shares_its_decay(rng, path):
    x = make(rng, length=21, groups=1)
    y, state = ssd(**x)
    batch, length, heads, values = x["x"].shape
    flat = lambda a: np.ascontiguousarray(a.reshape(batch, length, heads * values).swapaxes(1, 2))
    channels = lambda a: a.repeat(values)
    want, want_state = selective_scan(
        flat(x["x"]),
        flat(x["dt"][..., None].repeat(values, axis=3)),
        channels(x["A"])[:, None].repeat(17, axis=1),
        np.ascontiguousarray(x["B"][:, :, 0].swapaxes(1, 2)),
        np.ascontiguousarray(x["C"][:, :, 0].swapaxes(1, 2)),
        x["D"].reshape(-1),
        flat(x["z"]),
        channels(x["dt_bias"]),
        True,
        x["initial_state"].reshape(batch, heads * values, 17),
    )
    assert_close(flat(y), want, TOLERANCE)
    assert_close(state.reshape(want_state.shape), want_state, TOLERANCE)


def test_linear_attention_is_the_same(rng, path):
    x = make(rng, "plain", length=21)
    y, state = ssd(**x)
    o, last = linear_attention(
        x["C"], x["B"], x["x"] * x["dt"][..., None], log_decay=x["dt"] * x["A"], scale=1.0,
        initial_state=np.ascontiguousarray(x["initial_state"].swapaxes(2, 3)),
    )  # fmt: skip
    assert_close(y, o, TOLERANCE)
    assert_close(state, last.swapaxes(2, 3), TOLERANCE)


@pytest.mark.parametrize("form", ["plain", "full"])
def test_split_and_carry(rng, path, form):
    length = 13
    x = make(rng, form, length=length)
    whole, last = ssd(**x)
    for split in range(length + 1):
        first, state = ssd(**cut(x, 0, split))
        second, state = ssd(**cut(x, split, length, initial_state=state))
        assert_close(np.concatenate([first, second], 1), whole, TOLERANCE)
        assert_close(state, last, TOLERANCE)


def test_causal(rng, path):
    x = make(rng, length=40)
    before, _ = ssd(**x)
    for name in OVER_TIME:
        changed = x[name].copy()
        changed[:, 17] += 1
        after, _ = ssd(**(x | {name: changed}))
        assert np.array_equal(after[:, :17], before[:, :17])
        assert not np.array_equal(after[:, 17:], before[:, 17:])


def test_no_time(rng, path):
    for warm in (False, True):
        x = make(rng, length=0)
        y, state = ssd(**x)
        assert y.shape == (2, 0, 4, 5)
        assert np.array_equal(state, x["initial_state"]) and not np.shares_memory(state, x["initial_state"])
        if not warm:
            ssd(**make(rng))  # then a kernel answers


def test_nothing_else(rng):
    for sizes in ({"batch": 0}, {"heads": 0, "groups": 0}, {"values": 0}):
        x = make(rng, **sizes)
        y, state = ssd(**x)
        assert y.shape == x["x"].shape and state.shape == x["initial_state"].shape


def test_initial_state_is_not_changed(rng, path):
    x = make(rng)
    before = x["initial_state"].copy()
    ssd(**x)
    assert np.array_equal(x["initial_state"], before)


def test_runs_are_equal(rng, threads):
    import linnet

    x = make(rng, length=300)
    y, state = ssd(**x)
    for count in (1, 2, 3):
        linnet.set_num_threads(count)
        again, last = ssd(**x)
        assert np.array_equal(again, y) and np.array_equal(last, state)


def test_strides(rng, path):
    x = make(rng)
    y, state = ssd(**x)
    strided = {name: np.asfortranarray(value) if isinstance(value, np.ndarray) else value for name, value in x.items()}
    strided["B"].flags.writeable = False
    again, last = ssd(**strided)
    assert np.array_equal(again, y) and np.array_equal(last, state)


def test_float16(rng, path):
    x = make(rng)
    half = x | {name: x[name].astype(np.float16) for name in OVER_TIME}
    y, state = ssd(**half)
    assert y.dtype == np.float16 and state.dtype == np.float32
    want, want_state = ssd(**(half | {name: half[name].astype(np.float32) for name in OVER_TIME}))
    assert np.array_equal(y, want.astype(np.float16)) and np.array_equal(state, want_state)


def test_torch(rng, path):
    torch = pytest.importorskip("torch")
    x = make(rng)
    want, want_state = ssd(**x)
    tensors = {name: torch.from_numpy(value) if isinstance(value, np.ndarray) else value for name, value in x.items()}
    for _ in range(2):
        y, state = ssd(**tensors)
        assert np.array_equal(y.numpy(), want) and np.array_equal(state.numpy(), want_state)
    half = tensors | {name: tensors[name].bfloat16() for name in OVER_TIME}
    y, state = ssd(**half)
    assert y.dtype == torch.bfloat16 and state.dtype == torch.float32
    want, _ = ssd(**(half | {name: half[name].float() for name in OVER_TIME}))
    assert torch.equal(y, want.bfloat16())
    with pytest.raises(TypeError, match="argument B: expected a torch tensor, as x is, got numpy array"):
        ssd(**(tensors | {"B": x["B"]}))
    tensors["dt"].requires_grad_()
    with pytest.raises(RuntimeError, match="argument dt requires a gradient"):
        ssd(**tensors)


def zeros(*shape, dtype="f4"):
    return np.zeros(shape, dtype)


@pytest.mark.parametrize(
    "changed, error, message",
    [
        ({"x": [1.0]}, TypeError, "argument x: expected a numpy array or a torch tensor, got list"),
        ({"x": zeros(2, 37, 20)}, ValueError, r"argument x: expected 4 dimensions \[B, L, H, P\], got shape \[2, 37, 20\]"),
        ({"x": zeros(2, 37, 4, 5, dtype="f8")}, TypeError, "argument x: expected elements of type .*, got float64"),
        ({"dt": zeros(2, 37)}, ValueError, r"argument dt: expected 3 dimensions \[B, L, H\], got shape \[2, 37\]"),
        ({"dt": zeros(2, 36, 4)}, ValueError, r"argument dt: expected shape \[B, L, H\] = \[2, 37, 4\], got shape"),
        ({"A": zeros(4, 17)}, ValueError, r"argument A: expected 1 dimensions \[H\], got shape \[4, 17\]"),
        ({"A": zeros(2)}, ValueError, r"argument A: expected shape \[H\] = \[4\], got shape \[2\]"),
        ({"A": 1.0}, TypeError, "argument A: expected a numpy array, as x is, got float"),
        ({"B": zeros(2, 37, 17)}, ValueError, r"argument B: expected 4 dimensions \[B, L, G, N\]"),
        ({"B": zeros(2, 37, 3, 17), "C": zeros(2, 37, 3, 17)}, ValueError,
         r"argument B: expected a number of groups \(dimension 2\) that divides the 4 heads, got 3"),
        ({"B": zeros(2, 37, 0, 17), "C": zeros(2, 37, 0, 17)}, ValueError, "argument B: expected a number of groups .* got 0"),
        ({"B": zeros(2, 37, 2, 0), "C": zeros(2, 37, 2, 0), "initial_state": None}, ValueError,
         "argument B: expected at least one state"),
        ({"C": zeros(2, 37, 2, 16)}, ValueError, r"argument C: expected shape \[B, L, G, N\] = \[2, 37, 2, 17\], got shape"),
        ({"D": zeros(5)}, ValueError, r"argument D: expected shape \[H\] = \[4\], got shape \[5\]"),
        ({"D": zeros(4, 4)}, ValueError, r"argument D: expected shape \[H, P\] = \[4, 5\], got shape \[4, 4\]"),
        ({"D": zeros(4, 5, 1)}, ValueError, r"argument D: expected 1 dimensions \[H\]"),
        ({"z": zeros(2, 37, 4)}, ValueError, r"argument z: expected 4 dimensions \[B, L, H, P\]"),
        ({"dt_bias": zeros(1)}, ValueError, r"argument dt_bias: expected shape \[H\] = \[4\], got shape \[1\]"),
        ({"initial_state": zeros(2, 4, 17, 5)}, ValueError,
         r"argument initial_state: expected shape \[B, H, P, N\] = \[2, 4, 5, 17\], got shape \[2, 4, 17, 5\]"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)  # fmt: skip
def test_errors(rng, changed, error, message):
    x = make(rng)
    ssd(**x)  # the kernel is there: errors do not depend on it
    with pytest.raises(error, match="ssd: " + message):
        ssd(**(x | changed))
