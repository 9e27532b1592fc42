# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import definitions
import linnet
import numpy as np
import pytest
from definitions import Oracle, assert_close, oracles
from linnet.ops import affine_scan

SHAPES = [((5,), 0), ((3, 9), 1), ((9, 3), 0), ((2, 9, 20), 1), ((2, 3, 17), -1), ((4, 2, 3, 5), 2), ((300, 40), 0)]
SHAPES += [((2, 257, 1), 1)]


def make(rng, shape, dim):
    a = rng.uniform(-1, 1, shape).astype(np.float32)
    state = shape[: dim % len(shape)] + shape[dim % len(shape) + 1 :]
    return a, rng.standard_normal(shape, np.float32), rng.standard_normal(state, np.float32)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("shape, dim", SHAPES, ids=str)
def test_shapes(rng, path, shape, dim, reverse):
    a, b, state = make(rng, shape, dim)
    for initial in (None, state):
        h, last = affine_scan(a, b, initial, dim=dim, reverse=reverse)
        want, want_last = definitions.affine_scan(a, b, initial, dim, reverse)
        assert_close(h, want)
        assert_close(last, want_last)


@pytest.mark.parametrize("name", oracles("scan-affine"))
def test_oracle(name, path):
    case = Oracle(name)
    p = case.parameters
    case.check("h", affine_scan(case.inputs["a"], case.inputs["b"], dim=p["axis"], reverse=p["reverse"])[0])


@pytest.mark.parametrize("name", oracles("scan-init"))
def test_initial_state_oracle(name, path):
    case = Oracle(name)
    x = case.inputs
    for suffix, reverse in (("", False), ("_reverse", True)):
        h, total = affine_scan(x["a"], x["x"], x["affine_init"], dim=case.parameters["axis"], reverse=reverse)
        case.check("affine" + suffix, h)
        case.check("affine" + suffix + "_total", total)


def test_kernels_do_not_depend_on_lengths_or_many_lanes(rng, tmp_path, monkeypatch):
    import sys

    module = sys.modules["linnet.ops.affine_scan"]
    monkeypatch.setenv("LINNET_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(module, "_kernels", linnet._kernels.KernelFamily("affine_scan", ("a", "b", "initial_state")))
    # With many lanes two kernels: something after time or nothing. Few lanes are part of a kernel, lengths never are.
    for shape, dim in (((4, 9, 33), 1), ((50, 3, 40), 1), ((7, 64), 0), ((64, 7), 1), ((5, 8, 3), 2)):
        affine_scan(*make(rng, shape, dim), dim=dim)
    assert len(list(tmp_path.iterdir())) == 2
    for length in (1, 5, 100):
        affine_scan(*make(rng, (length, 2), 0), dim=0)
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("reverse", [False, True])
def test_split_and_carry(rng, path, reverse):
    a, b, state = make(rng, (2, 10, 20), 1)
    whole, last = affine_scan(a, b, state, reverse=reverse)
    for split in range(11):
        parts = [slice(0, split), slice(split, 10)]
        hs, now = [], state
        for part in parts[::-1] if reverse else parts:
            h, now = affine_scan(a[:, part], b[:, part], now, reverse=reverse)
            hs.append(h)
        assert_close(np.concatenate(hs[::-1] if reverse else hs, 1), whole, 1e-6)
        assert_close(now, last, 1e-6)


def test_causality(rng, path):
    a, b, state = make(rng, (2, 10, 20), 1)
    h, _ = affine_scan(a, b, state)
    backwards, _ = affine_scan(a, b, state, reverse=True)
    for t in range(10):
        changed = b.copy()
        changed[:, t:] += 1
        assert np.array_equal(affine_scan(a, changed, state)[0][:, :t], h[:, :t])
        changed = b.copy()
        changed[:, : t + 1] += 1
        assert np.array_equal(affine_scan(a, changed, state, reverse=True)[0][:, t + 1 :], backwards[:, t + 1 :])


def test_threads(rng, path, threads):
    a, b, state = make(rng, (3, 600, 80), 1)
    results = []
    for count in (1, 2, 3):
        linnet.set_num_threads(count)
        results.append(affine_scan(a, b, state))
    for result in results[1:]:
        assert all(np.array_equal(x, y) for x, y in zip(result, results[0]))


def test_no_time(rng, path):
    a, b, state = make(rng, (2, 0, 3), 1)
    h, last = affine_scan(a, b, state)
    assert h.shape == (2, 0, 3) and np.array_equal(last, state) and not np.shares_memory(last, state)


def test_strides_and_float16(rng, path):
    a, b, state = make(rng, (2, 9, 20), 1)
    want = affine_scan(a, b, state)
    for got, expected in zip(affine_scan(np.asfortranarray(a), b[::-1][::-1], state), want):
        assert np.array_equal(got, expected)
    h, last = affine_scan(a.astype(np.float16), b.astype(np.float16))
    assert h.dtype == np.float16 and last.dtype == np.float32


def test_errors():
    f = lambda *shape: np.zeros(shape, np.float32)
    with pytest.raises(ValueError, match=r"argument b: expected shape \[2, 3\], as a has, got shape \[3, 2\]"):
        affine_scan(f(2, 3), f(3, 2))
    with pytest.raises(ValueError, match="argument dim: expected a number from -2 to 1 .* got 2"):
        affine_scan(f(2, 3), f(2, 3), dim=2)
    with pytest.raises(ValueError, match=r"argument initial_state: expected shape \[2\]"):
        affine_scan(f(2, 3), f(2, 3), f(3))
    with pytest.raises(ValueError, match="argument a: expected at least one dimension, got none"):
        affine_scan(f(), f(), dim=0)
    with pytest.raises(TypeError, match="argument b: expected a numpy array, as a is, got float"):
        affine_scan(f(2, 3), 1.0)
