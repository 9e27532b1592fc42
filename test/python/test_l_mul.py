# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""L-Mul: against its definition, exhaustively for 8 bits, its products of matrices, and what is refused."""

import ml_dtypes
import numpy as np
import pytest
from definitions import Oracle, oracles
from l_mul_definition import FORMATS, check_pairs, define, same
from linnet.ops import lmul, lmul_matmul

EDGES = np.array([0.0, 2.0**-149, 2.0**-127, 2.0**-126, 2.0**-125, 2.0**-64, 2.0**-63, 0.96875, 1.0, 1.96875, 2.0**63, 2.0**64,
                  3.0e38, np.finfo(np.float32).max, np.inf, np.nan], np.float32)  # fmt: skip


@pytest.mark.parametrize("name", [name for name in oracles("lmul") if "matmul" not in name])
def test_oracle(name, path):
    oracle = Oracle(name)
    for variant in ("bits", "formula"):
        if variant in oracle.outputs:
            z = lmul(oracle.inputs["x"], oracle.inputs["y"], oracle.parameters["mantissa_bits"], variant)
            assert np.array_equal(z, oracle.outputs[variant])


@pytest.mark.parametrize("name", oracles("lmul-matmul"))
def test_matmul_oracle(name, path):
    oracle = Oracle(name)
    for variant in ("bits", "formula"):
        c = lmul_matmul(oracle.inputs["a"], oracle.inputs["b"], oracle.parameters["mantissa_bits"], variant)
        oracle.check(variant, c)


@pytest.mark.parametrize("variant", ["bits", "formula"])
@pytest.mark.parametrize("name", ["e4m3", "e5m2"])
def test_all_pairs_of_8_bits(name, variant, path):
    format = FORMATS[name]
    patterns = np.arange(256, dtype=np.uint8).view(format.type)
    x, y = patterns[:, None], patterns[None, :]
    for mantissa in [None, *range(1, format.bits + 1)]:
        z = lmul(x, y, mantissa, variant)
        assert z.dtype == format.type
        assert same(z, define(x, y, format, mantissa, variant)).all()


@pytest.mark.parametrize("variant", ["bits", "formula"])
@pytest.mark.parametrize("name", ["f32", "f16", "bf16"])
def test_definition(rng, name, variant, path):
    format = FORMATS[name]
    width = np.dtype(format.pattern).itemsize * 8
    random = rng.integers(0, 1 << width, 4099, format.pattern).view(format.type)
    ones = (rng.standard_normal(4099) * 4).astype(format.type)
    with np.errstate(over="ignore"):
        edges = np.concatenate([EDGES, -EDGES]).astype(format.type)
    pairs = [(random, random[::-1]), (ones, ones[::-1]), (edges[:, None], edges[None, :])]
    for mantissa in (None, 1, 2, 3, 4, 5, format.bits):
        for x, y in pairs:
            assert same(lmul(x, y, mantissa, variant), define(x, y, format, mantissa, variant)).all()


def test_pairs_of_bfloat16():
    assert check_pairs(1 << 20) == 0


def test_golden():
    assert [float(lmul(np.float32([x]), np.float32([y]))[0]) for x, y in ((1, 1), (2, 3), (1.5, 1.5))] == [1.0625, 6.25, 2.125]


def test_error_is_within_its_bounds(rng):
    x, y = (rng.uniform(1, 2, 1 << 20).astype(np.float32) for _ in range(2))
    error = lmul(x, y).astype(np.float64) / (x.astype(np.float64) * y) - 1
    assert -0.07290 < error.min() < -0.0728 and 0.0624 < error.max() <= 0.0625


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 63, 64, 65, 20000])
@pytest.mark.parametrize("name", ["f32", "bf16", "e4m3"])
def test_lengths(rng, name, length, path):
    format = FORMATS[name]
    x, y = (rng.standard_normal(length).astype(format.type) for _ in range(2))
    assert same(lmul(x, y), define(x, y, format)).all()


def test_broadcast(rng, path):
    x, y = rng.standard_normal((3, 1, 5), np.float32), rng.standard_normal((4, 1), np.float32)
    z = lmul(x, y)
    assert z.shape == (3, 4, 5) and same(z, define(x, y, FORMATS["f32"])).all()


def matmul_by_definition(a, b, format, mantissa, variant):
    """The products in float64, which float32 holds, added one by one."""
    mantissa = format.bits if mantissa is None else mantissa
    products = define(a[..., :, :, None].astype(np.float32), b[..., None, :, :].astype(np.float32), FORMATS["f32"], mantissa, variant)
    c = np.zeros((*products.shape[:-2], products.shape[-1]), np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(products.shape[-2]):
            c = c + products[..., k, :].astype(np.float32)
    return c


@pytest.mark.parametrize("variant", ["bits", "formula"])
@pytest.mark.parametrize("shape", [(1, 1, 1), (7, 5, 3), (8, 16, 32), (17, 129, 33), (300, 40, 70), (9, 260, 64)])
def test_matmul(rng, shape, variant, path):
    rows, depth, columns = shape
    for name, mantissa in (("f32", None), ("f32", 4), ("bf16", None), ("f16", 3)):
        format = FORMATS[name]
        a, b = rng.standard_normal((rows, depth)).astype(format.type), rng.standard_normal((depth, columns)).astype(format.type)
        a[rng.random(a.shape) < 0.1] = 0
        b[rng.random(b.shape) < 0.1] = 0
        c = lmul_matmul(a, b, mantissa, variant)
        assert c.dtype == np.float32 and np.array_equal(c, matmul_by_definition(a, b, format, mantissa, variant))


def test_matmul_outside_the_range_of_normal_numbers(rng, path):
    """Blocks that the loop of one addition does not take, beside others that it does."""
    a, b = rng.standard_normal((24, 300), np.float32), rng.standard_normal((300, 40), np.float32)
    for value, place in ((1e38, 3), (1e-38, 140), (1e-40, 150), (np.inf, 10), (np.nan, 200)):
        x, y = a.copy(), b.copy()
        x[5, place], y[place, 7] = value, value
        assert np.array_equal(lmul_matmul(x, y), matmul_by_definition(x, y, FORMATS["f32"], None, "bits"), equal_nan=True)


def test_batches(rng, path):
    a, b = rng.standard_normal((2, 3, 9, 20), np.float32), rng.standard_normal((2, 3, 20, 40), np.float32)
    want = matmul_by_definition(a, b, FORMATS["f32"], None, "bits")
    assert np.array_equal(lmul_matmul(a, b), want)
    assert np.array_equal(lmul_matmul(a, b[0, 0]), matmul_by_definition(a, b[:1, :1], FORMATS["f32"], None, "bits"))


def test_paths_and_threads_agree_bit_by_bit(rng, monkeypatch, threads):
    import linnet

    a, b = rng.standard_normal((600, 200), np.float32), rng.standard_normal((200, 100), np.float32)
    results = []
    for number in (1, 2):
        linnet.set_num_threads(number)
        results.append(lmul_matmul(a, b))
    monkeypatch.setenv("LINNET_PATH", "reference")
    results.append(lmul_matmul(a, b))
    assert all(np.array_equal(results[0], other) for other in results[1:])


def test_empty(path):
    for shape in ((0, 3), (3, 0)):
        assert lmul(np.zeros(shape, np.float32), np.zeros(shape, np.float32)).shape == shape
    c = lmul_matmul(np.ones((2, 0), np.float32), np.ones((0, 3), np.float32))
    assert np.array_equal(c, np.zeros((2, 3), np.float32))


def test_torch(rng, path):
    torch = pytest.importorskip("torch")
    x, y = (rng.standard_normal(100, np.float32) for _ in range(2))
    for type in (torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2):
        s, t = torch.from_numpy(x).to(type), torch.from_numpy(y).to(type)
        z = lmul(s, t)
        assert z.dtype == type
        name = {torch.float8_e4m3fn: "e4m3", torch.float8_e5m2: "e5m2", torch.bfloat16: "bf16", torch.float16: "f16"}.get(type, "f32")
        assert same(z.float().numpy(), define(s.float().numpy(), t.float().numpy(), FORMATS[name])).all()


@pytest.mark.parametrize(
    "function, change, error, message",
    [
        (lmul, {"mantissa": 0}, ValueError, "lmul: argument mantissa: expected 1 to 23 bits for f32, got 0"),
        (lmul, {"mantissa": 24}, ValueError, "lmul: argument mantissa: expected 1 to 23 bits for f32, got 24"),
        (lmul, {"mantissa": 1.5}, TypeError, "lmul: argument mantissa: expected an integer or None, got 1.5"),
        (lmul, {"variant": "exact"}, ValueError, "lmul: argument variant: expected 'bits' or 'formula', got 'exact'"),
        (lmul, {"y": np.zeros(3, np.float32)}, ValueError, "lmul: argument y: expected a shape that goes with"),
        (lmul, {"y": np.zeros(4, np.float16)}, TypeError, "lmul: argument y: expected elements of the type of x, f32, got f16"),
        (lmul, {"x": np.zeros(4, np.int32)}, TypeError, "lmul: argument x: expected elements of type float32"),
        (lmul, {"y": [1.0]}, TypeError, "lmul: argument y: expected elements of type float32"),
        (lmul_matmul, {}, ValueError, "lmul_matmul: argument a: expected 2 dimensions or more, got shape"),
        (lmul_matmul, {"a": np.zeros((2, 4), ml_dtypes.float8_e5m2)}, TypeError, "lmul_matmul: argument a: expected elements of type"),
        (lmul_matmul, {"a": np.zeros((2, 4), np.float32), "b": np.zeros((3, 2), np.float32)}, ValueError,
         "lmul_matmul: argument b: expected shape [4, N], got shape [3, 2]"),
    ],
)  # fmt: skip
def test_refuses(function, change, error, message):
    names = ("x", "y") if function is lmul else ("a", "b")
    arguments = {name: np.zeros(4, np.float32) for name in names} | change
    with pytest.raises(error) as raised:
        function(**arguments)
    assert str(raised.value).startswith(message)
