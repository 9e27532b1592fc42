# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""linnet.ops.scan: every kind and option against step-by-step definitions, recorded cases, traced functions, errors."""

import numpy as np
import pytest
from definitions import Oracle, assert_close

import linnet
from linnet.ops import affine_scan, scan

COMBINE = {"add": np.add, "mul": np.multiply, "min": np.minimum, "max": np.maximum, "logaddexp": np.logaddexp}
IDENTITY = {"add": 0.0, "mul": 1.0, "min": np.inf, "max": -np.inf, "logaddexp": -np.inf}
# Lengths 0, 1, 2, primes and around a vector; lanes 1, few, a vector and more; time first, last and in between.
SHAPES = [
    ((0,), 0), ((1,), 0), ((2,), 0), ((37,), 0), ((64,), 0), ((2, 31), 1), ((31, 2), 0), ((3, 17, 5), 1), ((2, 2, 40), 2),
    ((16, 17), 1), ((17, 16), 0), ((1, 16), 1), ((1, 1), 0), ((4, 5, 21), 2), ((2, 7, 64), 1), ((5, 3, 40), 0),
]  # fmt: skip


def definition(x, kind, dim, inclusive=True, reverse=False, init=None, starts=None):
    x = np.moveaxis(np.float64(x), dim, 0)
    starts = np.zeros(x.shape, bool) if starts is None else np.moveaxis(starts, dim, 0)
    carry = np.full(x.shape[1:], IDENTITY[kind]) if init is None else np.float64(init)
    y = np.empty(x.shape)
    for t in range(len(x))[:: -1 if reverse else 1]:
        before = np.where(starts[t], IDENTITY[kind], carry)
        carry = COMBINE[kind](before, x[t])
        y[t] = carry if inclusive else before
    return np.moveaxis(y, 0, dim), carry


def same(got, want):
    """Close, with infinities in the same places."""
    finite = np.isfinite(want)
    np.testing.assert_array_equal(np.asarray(got)[~finite], want[~finite])
    assert_close(np.where(finite, got, 0), np.where(finite, want, 0), 1e-5)


@pytest.mark.parametrize("kind", COMBINE)
@pytest.mark.parametrize("shape, dim", SHAPES, ids=str)
def test_kinds(rng, path, kind, shape, dim):
    x = rng.uniform(0.5, 1.5, shape).astype(np.float32)
    init = rng.uniform(0.5, 1.5, shape[:dim] + shape[dim + 1 :]).astype(np.float32)
    starts = rng.uniform(size=shape) < 0.2
    for reverse in (False, True):
        for inclusive in (False, True):
            for options in ({}, {"init": init}, {"init": init, "segment_start": starts}):
                y, total = scan(x, kind, dim, inclusive, reverse, **options)
                want, last = definition(x, kind, dim, inclusive, reverse, options.get("init"), options.get("segment_start"))
                same(y, want)
                same(total, last)


def test_oracle_kinds(path):
    case = Oracle("scan-simple-basic")
    dim = case.parameters["axis"]
    for kind, source in (("add", "x"), ("mul", "m"), ("logaddexp", "s"), ("max", "x"), ("min", "x")):
        name = {"add": "sum", "mul": "prod", "logaddexp": "logsumexp"}.get(kind, kind)
        for suffix, options in (("", {}), ("_exclusive", {"inclusive": False}), ("_reverse", {"reverse": True}),
                                ("_reverse_exclusive", {"reverse": True, "inclusive": False})):  # fmt: skip
            if name + suffix in case.outputs:
                case.check(name + suffix, scan(case.inputs[source], kind, dim, **options)[0])


def test_oracle_segments(path):
    case = Oracle("scan-segmented-basic")
    case.check("sum", scan(case.inputs["x"], "add", case.parameters["axis"], segment_start=case.inputs["start"])[0])


@pytest.mark.parametrize("name", ["scan-init-basic", "scan-init-last-axis"])
def test_oracle_initial_values(name, path):
    case = Oracle(name)
    for kind in ("add", "max", "logaddexp"):
        for suffix, reverse in (("", False), ("_reverse", True)):
            for exclusive, inclusive in (("", True), ("_exclusive", False)):
                y, total = scan(case.inputs["x"], kind, case.parameters["axis"], inclusive, reverse, case.inputs[f"{kind}_init"])
                case.check(f"{kind}{suffix}{exclusive}", y)
                case.check(f"{kind}{suffix}{exclusive}_total", total)


@pytest.mark.parametrize("name", ["hgrn-basic", "hgrn-state"])
def test_oracle_hgrn(name, path):
    case = Oracle(name)
    h, last = affine_scan(np.exp(case.inputs["g"]), case.inputs["x"], case.inputs.get("initial_state"), dim=1)
    case.check("o", h)
    if "final_state" in case.outputs:
        case.check("final_state", last)


def compose(earlier, later):
    (m1, v1), (m2, v2) = earlier, later
    return m2 @ m1, (m2 @ v1[..., None])[..., 0] + v2


def test_oracle_matrices(path):
    case = Oracle("scan-matrix2-basic")
    (prod, h), _ = scan((case.inputs["M"], case.inputs["v"]), compose, case.parameters["axis"])
    case.check("prod", prod)
    case.check("h", h)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("shape, dim", [((9, 4), 0), ((3, 18), 1), ((2, 7, 20), 1), ((19,), 0)], ids=str)
def test_a_function_that_does_not_commute(rng, path, shape, dim, reverse):
    m = rng.uniform(-1, 1, (*shape, 2, 2)).astype(np.float32)
    v = rng.uniform(-1, 1, (*shape, 2)).astype(np.float32)
    (prod, h), (last_prod, last_h) = scan((m, v), compose, dim, reverse=reverse)
    ms, vs = np.moveaxis(np.float64(m), dim, 0), np.moveaxis(np.float64(v), dim, 0)
    carry = None
    for t in range(len(ms))[:: -1 if reverse else 1]:
        carry = (ms[t], vs[t]) if carry is None else compose(carry, (ms[t], vs[t]))
        assert_close(np.moveaxis(prod, dim, 0)[t], carry[0])
        assert_close(np.moveaxis(h, dim, 0)[t], carry[1])
    assert_close(last_prod, carry[0])
    assert_close(last_h, carry[1])


def test_where_and_several_types(rng, path):
    x = rng.standard_normal((3, 33, 4)).astype(np.float32)
    position = np.broadcast_to(np.arange(33, dtype=np.int32)[None, :, None], x.shape)

    def later_maximum(earlier, later):
        keep = earlier[0] > later[0]
        return np.where(keep, earlier[0], later[0]), np.where(keep, earlier[1], later[1])

    (value, index), (last_value, last_index) = scan((x, position), later_maximum, 1)
    np.testing.assert_array_equal(value, np.maximum.accumulate(x, 1))
    assert index.dtype == np.int32
    np.testing.assert_array_equal(np.take_along_axis(x, index.astype(int), 1), value)
    np.testing.assert_array_equal(last_value, value[:, -1])
    np.testing.assert_array_equal(last_index, index[:, -1])


def test_a_function_of_one_array_with_segments_and_start(rng, path):
    x = rng.standard_normal((40, 20)).astype(np.float32)
    starts = (rng.uniform(size=40) < 0.2)[:, None].repeat(20, 1)
    init = rng.standard_normal(20).astype(np.float32)
    y, _ = scan(x, lambda a, b: np.maximum(a, b), 0, init=init)
    np.testing.assert_array_equal(y, np.maximum.accumulate(np.concatenate([init[None], x]), 0)[1:])
    y, _ = scan(x, lambda a, b: a + b, 0, segment_start=starts)
    same(y, definition(x, "add", 0, starts=starts)[0])


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_integers(rng, path, dtype):
    x = rng.integers(-50, 50, (5, 70)).astype(dtype)
    for kind, accumulate in (("add", np.cumsum), ("min", np.minimum.accumulate), ("max", np.maximum.accumulate)):
        for dim in (0, 1):
            y, total = scan(x, kind, dim)
            assert y.dtype == dtype
            np.testing.assert_array_equal(y, accumulate(x, axis=dim))
            np.testing.assert_array_equal(total, y.take(-1, dim))


def test_half(rng, path):
    x = rng.uniform(0, 1, (3, 50)).astype(np.float16)
    y, total = scan(x, "add", 1)
    assert y.dtype == np.float16
    np.testing.assert_array_equal(y, np.cumsum(x.astype(np.float32), 1).astype(np.float16))


@pytest.mark.parametrize("kind", ["add", "mul", "min", "max"])
@pytest.mark.parametrize("shape, dim", [((40, 3), 0), ((3, 40), 1), ((40, 20), 0)], ids=str)
def test_special_values(rng, path, kind, shape, dim):
    x = rng.choice(np.array([-0.0, 0.0, 1.0, -1.0, np.inf, -np.inf, np.nan], np.float32), shape, p=[0.3, 0.3, 0.1, 0.1, 0.08, 0.07, 0.05])
    with np.errstate(invalid="ignore"):
        want = COMBINE[kind].accumulate(x, axis=dim)
    y, _ = scan(x, kind, dim)
    np.testing.assert_array_equal(y, want)


@pytest.mark.parametrize("length", [16383, 16384, 16385, 50001])
def test_long_and_few_lanes(rng, length, threads):
    """Cut along time: the same bits for any number of threads, and what one piece gives."""
    a = rng.uniform(0.9, 1, (2, length)).astype(np.float32)
    x = rng.standard_normal((2, length)).astype(np.float32)
    results = []
    for count in (1, 2):
        linnet.set_num_threads(count)
        results.append((*scan(x, "add", 1), *affine_scan(a, x, dim=1), *scan(x, "max", 1)))
    for one, two in zip(*results):
        np.testing.assert_array_equal(one, two)
    y, total, h, last, top, _ = results[0]
    want = np.cumsum(np.float64(x), 1)
    assert_close(y, want, 1e-5)
    assert_close(total, want[:, -1], 1e-5)
    np.testing.assert_array_equal(top, np.maximum.accumulate(x, 1))
    state = np.zeros(2)
    for t in range(length):
        state = np.float64(a[:, t]) * state + x[:, t]
    assert_close(last, state, 1e-5)
    np.testing.assert_array_equal(h[:, -1], last)


def test_split_and_carry(rng, path):
    x = rng.standard_normal((5, 30, 3)).astype(np.float32)
    y, total = scan(x, "logaddexp", 1)
    for cut in (0, 1, 7, 29, 30):
        first, state = scan(x[:, :cut], "logaddexp", 1)
        second, last = scan(x[:, cut:], "logaddexp", 1, init=state)
        assert_close(np.concatenate([first, second], 1), y)
        assert_close(last, total)


def test_complex_affine_scan(rng, path):
    for shape, dim in (((3, 20, 5), 1), ((20, 40), 0), ((2, 33), 1), ((25,), 0)):
        a = (rng.uniform(0.5, 1, shape) * np.exp(1j * rng.uniform(-3, 3, shape))).astype(np.complex64)
        b = (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(np.complex64)
        for reverse in (False, True):
            h, last = affine_scan(a, b, dim=dim, reverse=reverse)
            assert h.dtype == last.dtype == np.complex64
            wide_a, wide_b = np.moveaxis(a.astype(complex), dim, 0), np.moveaxis(b.astype(complex), dim, 0)
            state = np.zeros(wide_a.shape[1:], complex)
            for t in range(len(wide_a))[:: -1 if reverse else 1]:
                state = wide_a[t] * state + wide_b[t]
                assert_close(np.moveaxis(h, dim, 0)[t], state)
            assert_close(last, state)


def test_errors(rng):
    x = rng.standard_normal((3, 5)).astype(np.float32)
    with pytest.raises(ValueError, match="argument kind: expected one of add, mul, min, max, logaddexp or a function, got 'sum'"):
        scan(x, "sum")
    with pytest.raises(ValueError, match="argument dim: expected a number from -2 to 1 for 2 dimensions, got 2"):
        scan(x, "add", 2)
    with pytest.raises(ValueError, match=r"argument init: expected shape \[3\], that of x without dimension dim, got shape \[5\]"):
        scan(x, "add", 1, init=np.zeros(5, np.float32))
    with pytest.raises(TypeError, match="argument x: expected elements of type float32, float16 or bfloat16, int32 or int64, got float64"):
        scan(np.float64(x))
    with pytest.raises(ValueError, match="argument segment_start: expected shape"):
        scan(x, "add", 1, segment_start=np.zeros(5, bool))
    with pytest.raises(ValueError, match="argument init: expected an initial value where the scan is not inclusive"):
        scan(x, lambda a, b: a + b, inclusive=False)
    with pytest.raises(TypeError, match="argument kind: expected a function of elements, got one that cannot be traced: .*where"):
        scan(x, lambda a, b: a if a > b else b)
    with pytest.raises(TypeError, match="numpy.sort is not known to the tracer"):
        scan(x, lambda a, b: np.sort(a))
    with pytest.raises(TypeError, match="expected 2 results, got 1"):
        scan((x, x), lambda a, b: (a[0],))


@pytest.mark.parametrize("dim", [0, 1])
def test_torch(rng, dim):
    torch = pytest.importorskip("torch")
    x = torch.from_numpy(rng.standard_normal((6, 40)).astype(np.float32))
    y, total = scan(x, "add", dim)
    assert isinstance(y, torch.Tensor)
    assert torch.allclose(y, torch.cumsum(x, dim), atol=1e-5)
    y, _ = scan((x, x), lambda a, b: (torch.where(a[0] > b[0], a[0], b[0]), torch.minimum(a[1], b[1])), dim)
    assert torch.equal(y[0], torch.cummax(x, dim)[0]) and torch.equal(y[1], torch.cummin(x, dim)[0])


@pytest.mark.parametrize("shape,dim", [((32768, 144), 0), ((144, 32768), 1), ((48, 3001, 32), 1), ((40, 110001), 1)])
def test_results_larger_than_the_caches(shape, dim):
    """They are written past the caches where their rows begin on cache lines."""
    x = np.random.default_rng(3).integers(-4, 5, shape).astype(np.float32)
    y, _ = scan(x, "add", dim=dim)
    assert y.nbytes >= 16 * 2**20 and y.ctypes.data % 64 == 0 and y.flags.writeable and y.flags.c_contiguous
    np.testing.assert_array_equal(y, np.cumsum(x, dim, np.float64))
    threads = linnet.num_threads()
    for other in (1, 2):
        linnet.set_num_threads(other)
        np.testing.assert_array_equal(scan(x, "add", dim=dim)[0], y)
    linnet.set_num_threads(threads)


@pytest.mark.parametrize("length", [16639, 33279, 33280, 33281, 66559, 66561, 100003])
@pytest.mark.parametrize("lanes", [1, 3])
def test_few_lanes_are_cut_along_time(lanes, length):
    """Around the multiples of a group of chunks, from an initial state; the same bits for one thread and two."""
    rng = np.random.default_rng(length)
    x, init = rng.integers(-4, 5, (lanes, length)).astype(np.float32), rng.integers(-4, 5, lanes).astype(np.float32)
    a = rng.choice(np.float32([0.5, -1, 1, 2, -0.5]), (lanes, length))
    y, total = scan(x, "add", dim=1, init=init)
    np.testing.assert_array_equal(y, np.cumsum(x, 1, np.float64) + init[:, None])
    np.testing.assert_array_equal(total, y[:, -1])
    h, last = affine_scan(a, x, init, dim=1)
    want, state = np.empty((lanes, length)), np.float64(init)
    for t in range(length):
        state = a[:, t] * state + x[:, t]
        want[:, t] = state
    assert_close(h, want, 1e-5)
    assert_close(last, state, 1e-5)
    threads = linnet.num_threads()
    for other in (1, 2):
        linnet.set_num_threads(other)
        np.testing.assert_array_equal(affine_scan(a, x, init, dim=1)[0], h)
    linnet.set_num_threads(threads)


@pytest.mark.parametrize("lanes,length", [(8, 1), (9, 16), (17, 37)])
@pytest.mark.parametrize("reverse", [False, True])
def test_two_results_with_time_last(lanes, length, reverse):
    """Affine maps as pairs, across lanes: the outputs share one size that is known when the kernel runs."""
    rng = np.random.default_rng(length)
    a, b = rng.uniform(-1, 1, (2, lanes, length)).astype(np.float32)
    (p, h), (_, last) = scan((a, b), lambda x, y: (y[0] * x[0], y[0] * x[1] + y[1]), dim=1, reverse=reverse)
    want, _ = affine_scan(a, b, dim=1, reverse=reverse)
    assert_close(h, want, 1e-5)
    assert_close(last, want[:, 0 if reverse else -1], 1e-5)
    turn = slice(None, None, -1 if reverse else 1)
    assert_close(p[:, turn], np.cumprod(np.float64(a[:, turn]), 1), 1e-5)
