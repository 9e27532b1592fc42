# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Blocks of small floats and the Hadamard transform: oracles, definitions in float64, statistics, and what is refused."""

import numpy as np
import pytest
from definitions import Oracle, oracles
from linnet.ops import hadamard, mx_dequantize, mx_quantize, nvfp4_dequantize, nvfp4_quantize

#: bits of the fraction, bias, greatest code without its sign, sign bit
FORMATS = {"fp4_e2m1": (1, 1, 7, 8), "fp6_e2m3": (3, 1, 31, 32), "fp6_e3m2": (2, 3, 31, 32), "fp8_e4m3": (3, 7, 126, 128),
           "fp8_e5m2": (2, 15, 123, 128)}  # fmt: skip
MODES = [(format, mode) for format in FORMATS for mode in ("floor", "rceil")] + [("fp4_e2m1", "quest")]


def values(format):
    """The numbers of a format that are not negative, by code."""
    bits, bias, last, _ = FORMATS[format]
    code = np.arange(last + 1)
    exponent, fraction = code >> bits, code & ((1 << bits) - 1)
    return np.where(exponent > 0, fraction + 2**bits, fraction) * 2.0 ** (np.maximum(exponent, 1) - bias - bits)


def encode(x, format):
    """In float64: the nearest number, ties to the even code, saturating."""
    table, sign = values(format), FORMATS[format][3]
    magnitude = np.minimum(np.abs(x), table[-1])
    middle = (table[1:] + table[:-1]) / 2
    code = np.searchsorted(middle, magnitude, "left")  # those that lie below
    tie = np.searchsorted(middle, magnitude, "right") > code
    return (code + (tie & (code % 2 == 1)) + sign * np.signbit(x)).astype(np.uint8)


def define(x, format, block, mode):
    """Codes and scales of rows whose length `block` divides."""
    blocks = x.astype(np.float64).reshape(*x.shape[:-1], -1, block)
    most, largest = np.abs(blocks).max(-1), values(format)[-1]
    with np.errstate(divide="ignore"):
        if mode == "floor":
            exponent = np.floor(np.log2(most)) - np.floor(np.log2(largest))
        elif mode == "rceil":
            exponent = np.ceil(np.log2(most / largest))
        else:
            exponent = np.rint(np.log2(2.92247856 / 6 * blocks.std(-1) + 1e-8))
    exponent = np.clip(exponent, -127, 127)
    codes = encode(blocks * 2.0 ** -exponent[..., None], format)
    return codes.reshape(x.shape), (exponent + 127).astype(np.uint8)


@pytest.mark.parametrize("name", oracles("mxfp"))
def test_mx_oracle(name, path):
    oracle = Oracle(name)
    p = oracle.parameters
    codes, scale = mx_quantize(oracle.inputs["x"], p["format"], p["block"], p["scale_mode"].lower())
    x = mx_dequantize(codes, scale, p["format"], p["block"])
    for key, got in (("codes", codes), ("scale", scale), ("dequantized", x)):
        if key in oracle.outputs:
            oracle.check(key, got)


@pytest.mark.parametrize("name", oracles("nvfp4"))
def test_nvfp4_oracle(name, path):
    oracle = Oracle(name)
    block, two_level = oracle.parameters["block"], oracle.parameters["two_level"]
    codes, scale, tensor_scale = nvfp4_quantize(oracle.inputs["x"], block, two_level)
    oracle.check("codes", codes)
    oracle.check("scale", scale)
    if two_level:
        oracle.check("tensor_scale", tensor_scale)
    oracle.check("dequantized", nvfp4_dequantize(codes, scale, tensor_scale, block))


@pytest.mark.parametrize("name", oracles("hadamard"))
def test_hadamard_oracle(name, path):
    oracle = Oracle(name)
    oracle.check("y", hadamard(oracle.inputs["x"], oracle.inputs["signs"], oracle.parameters["scale"]))


@pytest.mark.parametrize("format, mode", MODES)
@pytest.mark.parametrize("block", [16, 32, 64])
def test_definition(rng, path, format, mode, block):
    x = (rng.standard_normal((7, 192)) * np.exp(8 * rng.standard_normal((7, 1)))).astype(np.float32)
    x[0, :block] = 0
    x[1, :block] = np.float32(1e-42) * rng.integers(-9, 9, block)
    x[2, :block] *= np.float32(2.0**100)
    x[3, :8] = [7, -5.1, 0.3, 2.5, 1.25, -0.74, 0.25, -0.0]
    codes, scale = mx_quantize(x, format, block, mode)
    want_codes, want_scale = define(x, format, block, mode)
    # float32 sums decide where a standard deviation lies next to the middle of two powers of two
    same = np.repeat(scale == want_scale, block, -1)
    assert same.all() if mode != "quest" else same.mean() > 0.98
    assert np.array_equal(codes[same], want_codes[same])
    decoded = values(format)[codes % FORMATS[format][3]] * np.where(codes >= FORMATS[format][3], -1, 1)
    want = decoded * np.repeat(2.0 ** (scale.astype(np.float64) - 127), block, -1)
    assert np.array_equal(mx_dequantize(codes, scale, format, block), want.astype(np.float32))


def test_example(path):
    """The block of the specification: scale 1, saturating."""
    x = np.zeros((1, 32), np.float32)
    x[0, :8] = [7, -5.1, 0.3, 2.5, 1.25, -0.74, 0.25, 0.2501]
    codes, scale = mx_quantize(x)
    assert scale.item() == 127
    assert mx_dequantize(codes, scale)[0, :8].tolist() == [6, -6, 0.5, 2, 1, -0.5, 0, 0.5]


@pytest.mark.parametrize("format", list(FORMATS))
def test_every_code_comes_back(format, path):
    sign = FORMATS[format][3]
    table = values(format)
    x = np.concatenate([table, -table, np.full(-2 * len(table) % 32, table[-1])]).astype(np.float32)
    x = np.concatenate([np.full((len(x), 1), table[-1], np.float32), x[:, None], np.zeros((len(x), 30), np.float32)], 1)
    codes, scale = mx_quantize(x, format)
    assert (scale == 127).all()
    assert np.array_equal(codes[: len(table), 1], np.arange(len(table)))
    assert np.array_equal(codes[len(table) : 2 * len(table), 1], np.arange(len(table)) + sign)
    assert np.array_equal(mx_dequantize(codes, scale, format), x)


@pytest.mark.parametrize("function", [lambda x: mx_quantize(x), lambda x: mx_quantize(x, "fp8_e5m2", 32, "rceil"),
                                      lambda x: mx_quantize(x, scale_mode="quest"), lambda x: mx_quantize(x, seed=7),
                                      lambda x: mx_quantize(x, "fp8_e4m3", 16, seed=8), lambda x: nvfp4_quantize(x),
                                      lambda x: nvfp4_quantize(x, two_level=True, seed=3)])  # fmt: skip
def test_paths_agree_bit_by_bit(rng, monkeypatch, function):
    for size in (32, 64, 100, 1):
        x = rng.standard_normal((5, 3, size), np.float32)
        x[1, 2, 0] = np.nan
        x[2, 0, size // 2] = np.inf
        results = []
        for path in ("fast", "reference"):
            monkeypatch.setenv("LINNET_PATH", path)
            results.append(function(x))
        assert all(np.array_equal(a, b) for a, b in zip(*results))


@pytest.mark.parametrize("size", [1, 31, 33, 100])
def test_shorter_last_block(rng, path, size):
    """As if zeros followed."""
    x = rng.standard_normal((4, size), np.float32)
    padded = np.pad(x, ((0, 0), (0, -size % 32)))
    for format, mode in (("fp4_e2m1", "floor"), ("fp8_e4m3", "rceil")):
        codes, scale = mx_quantize(x, format, scale_mode=mode)
        want_codes, want_scale = mx_quantize(padded, format, scale_mode=mode)
        assert np.array_equal(codes, want_codes[:, :size]) and np.array_equal(scale, want_scale)
        assert np.array_equal(mx_dequantize(codes, scale, format), mx_dequantize(want_codes, want_scale, format)[:, :size])


def test_blocks_that_are_not_finite(path):
    x = np.ones((1, 96), np.float32)
    x[0, 3], x[0, 70] = np.nan, -np.inf
    codes, scale = mx_quantize(x)
    assert scale.tolist() == [[255, 125, 255]] and not codes[0, :32].any() and not codes[0, 64:].any()
    back = mx_dequantize(codes, scale)
    assert np.isnan(back[0, :32]).all() and np.array_equal(back[0, 32:64], x[0, 32:64]) and np.isnan(back[0, 64:]).all()
    codes, scale, tensor_scale = nvfp4_quantize(x)
    back = nvfp4_dequantize(codes, scale, tensor_scale)
    assert np.isnan(back[0, :16]).all() and np.isfinite(back[0, 16:64]).all() and np.isnan(back[0, 64:80]).all()


def relative_error(x, back):
    return ((back.astype(np.float64) - x) ** 2).sum() / (x.astype(np.float64) ** 2).sum()


def test_mean_square_errors_of_gaussian_numbers(rng):
    """Those of the specification, within 3 %."""
    rows = rng.standard_normal((1 << 15, 32), np.float32) * np.exp2(rng.uniform(-1, 1, (1 << 15, 1))).astype(np.float32)
    for mode, want in (("floor", 1.33e-2), ("rceil", 1.37e-2), ("quest", 1.34e-2)):
        error = relative_error(rows, mx_dequantize(*mx_quantize(rows, scale_mode=mode)))
        assert abs(error / want - 1) < 0.03, (mode, error)
    error = relative_error(rows, nvfp4_dequantize(*nvfp4_quantize(rows, two_level=True)))
    assert abs(error / 0.90e-2 - 1) < 0.03, error


def test_rounding_by_chance_has_no_bias(rng, path):
    x = rng.standard_normal((1, 32), np.float32)
    x[0, 0] = 5.5  # nothing saturates
    draws = 200 if path == "reference" else 4000
    numbers = np.stack([mx_dequantize(*mx_quantize(x, seed=seed)) for seed in range(draws)])
    spread = numbers.std(0) / draws**0.5
    assert (np.abs(numbers.mean(0) - x) <= 5 * spread + 1e-6).all()
    assert np.array_equal(mx_quantize(x, seed=3)[0], mx_quantize(x, seed=3)[0])
    assert not np.array_equal(mx_quantize(x, seed=3)[0], mx_quantize(x, seed=4)[0])


def test_scale_is_invariant_to_powers_of_two(rng, path):
    x = rng.standard_normal((4, 64), np.float32)
    codes, scale = mx_quantize(x)
    other_codes, other_scale = mx_quantize(x * np.float32(2.0**-9))
    assert np.array_equal(codes, other_codes) and np.array_equal(scale, other_scale + 9)


def matrix(size):
    h = np.ones((1, 1))
    while len(h) < size:
        h = np.block([[h, h], [h, -h]])
    return h


@pytest.mark.parametrize("block", [1, 2, 4, 8, 16, 32, 64, 128, 512, 1024, 2048, 16384])
def test_hadamard_definition(rng, path, block):
    if path == "reference" and block > 128:
        pytest.skip("LLVM takes long for the loops of as many stages")
    sizes = [block, 3 * block] if block >= 16 else [1, 7, 16, 48, 50]
    for size in sizes[: 1 if block > 2048 else None]:
        x, signs = rng.standard_normal((3, size), np.float32), rng.choice(np.float32([-1, 1]), size)
        y = hadamard(x, signs, 0.5, block)
        padded = np.pad((x * signs).astype(np.float64), ((0, 0), (0, -size % block))).reshape(3, -1, block)
        want = 0.5 * (padded @ matrix(block).T if block <= 256 else transform(padded)).reshape(3, -1)[:, :size]
        assert y.shape == x.shape and np.abs(y - want).max() <= 1e-6 * block**0.5 * np.abs(want).max()


def transform(x):
    h = 1
    while h < x.shape[-1]:
        y = x.reshape(*x.shape[:-1], -1, 2, h)
        x = np.stack([y[..., 0, :] + y[..., 1, :], y[..., 0, :] - y[..., 1, :]], -2).reshape(x.shape)
        h *= 2
    return x


def test_hadamard_paths_agree_bit_by_bit(rng, monkeypatch):
    for size, block in ((100, None), (64, 32), (70, 16), (1024, None), (96, 8)):
        x, signs = rng.standard_normal((5, size), np.float32), rng.choice(np.float32([-1, 1]), size)
        results = []
        for path in ("fast", "reference"):
            monkeypatch.setenv("LINNET_PATH", path)
            results.append(hadamard(x, signs, size**-0.5, block))
        assert np.array_equal(*results)


def test_hadamard_is_a_rotation(rng, path):
    x, w, signs = rng.standard_normal((9, 128), np.float32), rng.standard_normal((5, 128), np.float32), rng.choice(np.float32([-1, 1]), 128)
    rotate = lambda a: hadamard(a, signs, 32**-0.5, 32)
    assert np.abs(rotate(x) @ rotate(w).T - x @ w.T).max() < 1e-4
    assert np.abs(hadamard(hadamard(x, scale=128**-0.5), scale=128**-0.5) - x).max() < 1e-5


def test_types_and_shapes(rng, path):
    x = rng.standard_normal((2, 3, 32), np.float32)
    codes, scale = mx_quantize(x)
    assert codes.shape == x.shape and scale.shape == (2, 3, 1) and codes.dtype == scale.dtype == np.uint8
    assert hadamard(x.astype(np.float16)).dtype == np.float16
    for shape in ((0, 32), (3, 0), (0,)):
        codes, scale = mx_quantize(np.zeros(shape, np.float32))
        assert codes.shape == shape and scale.shape == (*shape[:-1], -(-shape[-1] // 32))
        assert mx_dequantize(codes, scale).shape == shape
        assert hadamard(np.zeros(shape, np.float32)).shape == shape
    codes, scale = mx_quantize(x[0, 0])
    assert codes.shape == (32,) and scale.shape == (1,)


def test_torch(rng, path):
    torch = pytest.importorskip("torch")
    x = rng.standard_normal((4, 64), np.float32)
    codes, scale = mx_quantize(torch.from_numpy(x))
    assert codes.dtype == torch.uint8 and np.array_equal(codes.numpy(), mx_quantize(x)[0])
    assert np.array_equal(mx_dequantize(codes, scale).numpy(), mx_dequantize(*mx_quantize(x)))


ROWS = np.zeros((2, 32), np.float32)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: mx_quantize(ROWS, "fp5"), ValueError, "mx_quantize: argument format: expected 'fp4_e2m1', "),
        (lambda: mx_quantize(ROWS, block=0), ValueError, "mx_quantize: argument block: expected a number of at least 1, got 0"),
        (lambda: mx_quantize(ROWS, block=1.5), TypeError, "mx_quantize: argument block: expected an integer, got 1.5"),
        (lambda: mx_quantize(ROWS, scale_mode="even"), ValueError, "mx_quantize: argument scale_mode: expected 'floor', 'rceil' or 'quest'"),
        (lambda: mx_quantize(ROWS, "fp8_e4m3", scale_mode="quest"), ValueError, "mx_quantize: argument scale_mode: expected 'floor' or"),
        (lambda: mx_quantize(ROWS, seed=0.5), TypeError, "mx_quantize: argument seed: expected an integer or None, got 0.5"),
        (lambda: mx_quantize(ROWS.astype(np.int32)), TypeError, "mx_quantize: argument x: expected elements of type"),
        (lambda: mx_dequantize(ROWS, ROWS), TypeError, "mx_dequantize: argument codes: expected elements of type uint8"),
        (lambda: mx_dequantize(ROWS.astype(np.uint8), np.zeros((2, 2), np.uint8)), ValueError,
         "mx_dequantize: argument scale: expected shape [2, 1], got shape [2, 2]"),
        (lambda: nvfp4_dequantize(ROWS.astype(np.uint8), np.zeros((2, 2), np.uint8), [1.0, 2.0]), ValueError,
         "nvfp4_dequantize: argument tensor_scale: expected one number"),
        (lambda: hadamard(ROWS, block=24), ValueError, "hadamard: argument block: expected a power of two up to 2^30, got 24"),
        (lambda: hadamard(ROWS, np.zeros(31, np.float32)), ValueError, "hadamard: argument signs: expected"),
        (lambda: hadamard(ROWS, scale=float("inf")), ValueError, "hadamard: argument scale: expected a finite number, got inf"),
    ],
)  # fmt: skip
def test_refuses(call, error, message):
    with pytest.raises(error) as raised:
        call()
    assert str(raised.value).startswith(message)
