# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import definitions
import linnet
import numpy as np
import pytest
from definitions import Oracle, assert_close, oracles
from linnet.ops import selective_scan

pytestmark = pytest.mark.filterwarnings("ignore::linnet.SlowPathWarning")


def make(rng, batch=2, channels=20, states=4, length=37, **options):
    """Arguments as a model has them: steps below one, states that decay."""
    normal = lambda *shape: rng.standard_normal(shape, np.float32)
    x = {
        "u": normal(batch, channels, length),
        "delta": normal(batch, channels, length) * 0.5,
        "A": -np.exp(normal(channels, states) * 0.5),
        "B": normal(batch, states, length),
        "C": normal(batch, states, length),
        "delta_softplus": True,
    }
    groups = options.get("groups")
    if groups:
        x["B"], x["C"] = normal(batch, groups, states, length), normal(batch, groups, states, length)
    if options.get("constant"):
        x["B"], x["C"] = normal(channels, states), normal(channels, states)
    if options.get("complex"):
        x["A"] = (x["A"] + 1j * normal(channels, states)).astype(np.complex64)
        for name in "BC":
            if x[name].ndim == 2:
                x[name] = (x[name] + 1j * normal(channels, states)).astype(np.complex64)
            else:
                x[name] = normal(*x[name].shape[:-1], 2 * length)
    if options.get("all", True):
        x |= {"D": normal(channels), "z": normal(batch, channels, length), "delta_bias": normal(channels) * 0.1}
        x["initial_state"] = normal(batch, channels, states)
        if options.get("complex"):
            x["initial_state"] = (x["initial_state"] + 1j * normal(batch, channels, states)).astype(np.complex64)
    return x


def cut(x, begin, end, **changed):
    """The arguments for a part of the time."""
    parts = dict(x)
    for name in ("u", "delta", "z", "B", "C"):
        if name in x and x[name].ndim > 2:
            factor = 2 if name in "BC" and np.iscomplexobj(x["A"]) else 1
            parts[name] = x[name][..., factor * begin : factor * end]
    return parts | changed


def check(x, tolerance=3e-6):
    out, state = selective_scan(**x)
    want, want_state = definitions.selective_scan(**x)
    assert_close(out, want, tolerance)
    assert_close(state, want_state, tolerance)
    return out, state


@pytest.mark.parametrize("name", oracles("selective-scan"))
def test_oracle(name, path):
    case = Oracle(name)
    x, p = dict(case.inputs), case.parameters
    if p["complex"]:
        x["A"] = x["A"][..., 0] + 1j * x["A"][..., 1]
    if "h0" in x:
        x["initial_state"] = x.pop("h0")
    out, state = selective_scan(delta_softplus=p["softplus"], **x)
    case.check("y", out)
    case.check("last_state", np.stack([state.real, state.imag], -1) if p["complex"] else state)


@pytest.mark.parametrize("channels", [1, 5, 16, 17, 40])
@pytest.mark.parametrize("states", [1, 4, 16])
def test_sizes(rng, path, channels, states):
    check(make(rng, channels=channels, states=states))


@pytest.mark.parametrize("channels", [1, 7, 1024])
@pytest.mark.parametrize("states", [1, 3, 16, 17, 64])
def test_lengths_and_types(rng, channels, states):
    """Lengths around nothing, one and a block of time, on the fast path; half precision is that of its inputs."""
    for length in (0, 1, 2, 13, 17, 67):
        x = make(rng, 1, channels, states, length)
        check(x)
        half = {name: a.astype(np.float16) if isinstance(a, np.ndarray) else a for name, a in x.items()}
        y, last = selective_scan(**half)
        wide = {name: a.astype(np.float32) if isinstance(a, np.ndarray) else a for name, a in half.items()}
        want, want_last = selective_scan(**wide)
        assert y.dtype == np.float16 and last.dtype == np.float32
        assert np.array_equal(y, want.astype(np.float16)) and np.array_equal(last, want_last)


def test_options(rng, path):
    x = make(rng)
    everything = ["D", "z", "delta_bias", "initial_state"]
    for name in everything:
        check({key: value for key, value in x.items() if key != name})
    check({key: value for key, value in x.items() if key not in everything})
    check(x | {"delta_softplus": False, "delta": np.abs(x["delta"])})


@pytest.mark.parametrize(
    "options",
    [
        {"groups": 1},
        {"groups": 4},
        {"groups": 2, "channels": 32},
        {"constant": True},
        {"complex": True},
        {"complex": True, "groups": 2},
        {"complex": True, "constant": True},
    ],
    ids=str,
)
def test_coefficients(rng, path, options):
    check(make(rng, **options))


def test_one_constant_and_one_varying_coefficient(rng, path):
    x = make(rng)
    x["B"] = rng.standard_normal((20, 4), np.float32)
    check(x)


def test_one_kernel_serves_all_lengths_and_batches(rng, kernel_cache):
    before = None
    for batch, length in ((1, 1), (2, 37), (3, 300), (1, 513)):
        check(make(rng, batch=batch, length=length), 5e-6)
        now = len(list(kernel_cache.iterdir()))
        assert before in (None, now)
        before = now


@pytest.mark.parametrize("options", [{}, {"groups": 2}, {"complex": True}], ids=str)
def test_split_and_carry(rng, path, options):
    length = 12
    x = make(rng, length=length, **options)
    whole, last = selective_scan(**x)
    for split in range(length + 1):
        first, state = selective_scan(**cut(x, 0, split))
        second, state = selective_scan(**cut(x, split, length, initial_state=state))
        assert_close(np.concatenate([first, second], -1), whole, 1e-6)
        assert_close(state, last, 1e-6)


def test_the_initial_state_is_not_changed(rng, path):
    x = make(rng)
    kept = x["initial_state"].copy()
    _, state = selective_scan(**x)
    assert np.array_equal(x["initial_state"], kept) and not np.shares_memory(state, x["initial_state"])


def test_causality(rng, path):
    x = make(rng)
    out, _ = selective_scan(**x)
    for t in (0, 1, 17, 36):
        changed = dict(x)
        for name in ("u", "delta", "z", "B", "C"):
            changed[name] = x[name].copy()
            changed[name][..., t:] += 1
        assert np.array_equal(selective_scan(**changed)[0][..., :t], out[..., :t])


def test_threads(rng, path, threads):
    x = make(rng, batch=3, channels=80, length=300)
    results = []
    for count in (1, 2, 3):
        linnet.set_num_threads(count)
        assert linnet.num_threads() == count
        results.append(selective_scan(**x))
    for result in results[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(result, results[0]))


@pytest.mark.parametrize("length", [0])
def test_no_time(rng, path, length):
    x = make(rng, length=length)
    out, state = selective_scan(**x)
    assert out.shape == (2, 20, 0) and np.array_equal(state, x["initial_state"])
    out, state = selective_scan(**make(rng, batch=0))
    assert out.shape == (0, 20, 37) and state.shape == (0, 20, 4)


def test_strides(rng, path):
    x = make(rng)
    dense = selective_scan(**x)
    strided = {
        name: np.asfortranarray(value) if isinstance(value, np.ndarray) and value.ndim > 1 else value
        for name, value in x.items()
    }
    strided["z"] = np.repeat(x["z"], 2, axis=2)[:, :, ::2]
    strided["D"] = np.stack([x["D"], x["D"]], 1)[:, 0]
    strided["u"].flags.writeable = False
    for got, want in zip(selective_scan(**strided), dense):
        assert np.array_equal(got, want)


def test_float16(rng, path):
    x = make(rng)
    half = {name: v.astype(np.float16) if name in ("u", "delta", "z", "B", "C") else v for name, v in x.items()}
    out, state = selective_scan(**half)
    assert out.dtype == np.float16 and state.dtype == np.float32
    wide = {name: v.astype(np.float32) if getattr(v, "dtype", None) == np.float16 else v for name, v in half.items()}
    want, want_state = selective_scan(**wide)
    assert np.array_equal(out, want.astype(np.float16)) and np.array_equal(state, want_state)


@pytest.mark.parametrize(
    "changed, error, message",
    [
        ({"u": [1.0]}, TypeError, "argument u: expected a numpy array or a torch tensor, got list"),
        ({"u": np.zeros((2, 20))}, TypeError,
         "argument u: expected elements of type float32, float16 or bfloat16, got float64"),
        ({"u": np.zeros((2, 20), "f4")}, ValueError,
         r"argument u: expected 3 dimensions \[B, D, L\], got shape \[2, 20\]"),
        ({"delta": np.zeros((2, 20, 36), "f4")}, ValueError,
         r"argument delta: expected shape \[B, D, L\] = \[2, 20, 37\], got shape \[2, 20, 36\]"),
        ({"A": np.zeros((19, 4), "f4")}, ValueError,
         r"argument A: expected shape \[D, N\] = \[20, 4\], got shape \[19, 4\]"),
        ({"A": np.zeros((20, 0), "f4"), "B": np.zeros((2, 0, 37), "f4"), "C": np.zeros((2, 0, 37), "f4"),
          "initial_state": None}, ValueError, "argument A: expected at least one state"),
        ({"B": np.zeros((2, 3, 4, 37), "f4")}, ValueError, "argument B: expected a number of groups"),
        ({"B": np.zeros(4, "f4")}, ValueError, "argument B: expected 2, 3 or 4 dimensions"),
        ({"C": None}, TypeError, "argument C: expected a numpy array, as u is, got NoneType"),
        ({"D": np.zeros(20, "i4")}, TypeError, "argument D: expected elements of type .*, got int32"),
        ({"z": np.zeros((2, 20, 37), ">f4")}, TypeError, "argument z: expected elements of type .*, got >f4"),
        ({"initial_state": np.zeros((2, 20, 5), "f4")}, ValueError, "argument initial_state: expected shape"),
        ({"initial_state": np.zeros((2, 20, 4), "c8")}, TypeError, "argument initial_state: expected elements of type"),
        ({"u": np.ma.zeros((2, 20, 37), "f4")}, TypeError, "argument u: expected an array without a mask"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)  # fmt: skip
def test_errors(rng, changed, error, message):
    x = make(rng)
    selective_scan(**x)  # the kernel is there: errors do not depend on it
    with pytest.raises(error, match=message):
        selective_scan(**(x | changed))


def test_path(rng, monkeypatch):
    x = make(rng, channels=2, states=300)  # more than the fast path keeps in vectors
    monkeypatch.setenv("LINNET_PATH", "fast")
    refused = "selective_scan:.*not covered by the fast path: 300 states"
    with pytest.raises(linnet.CompileError, match=refused) as e:
        selective_scan(**x)
    assert isinstance(e.value, RuntimeError)
    monkeypatch.setenv("LINNET_PATH", "auto")
    with pytest.warns(linnet.SlowPathWarning, match="takes the reference path") as warnings:
        selective_scan(**x)
    assert warnings[0].filename == __file__
    monkeypatch.setenv("LINNET_PATH", "quick")
    with pytest.raises(ValueError, match="LINNET_PATH: expected auto, fast or reference, got 'quick'"):
        selective_scan(**x)
