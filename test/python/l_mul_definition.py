# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""L-Mul as docs/spec/l-mul.md defines it, on values in float64; and pairs of bfloat16 against it by the million.

    python test/python/l_mul_definition.py [PAIRS]      PAIRS: how many of the 2^32, 2^28 where it is not given
"""

import sys
from typing import NamedTuple

import ml_dtypes
import numpy as np


class Format(NamedTuple):
    """A type of numbers: bits of its fraction, bias of its exponent, its pattern."""

    type: type
    bits: int
    bias: int
    pattern: type

    @property
    def largest(self):
        return float(ml_dtypes.finfo(self.type).max)

    @property
    def has_infinity(self):
        return self.type is not ml_dtypes.float8_e4m3fn


FORMATS = {
    "f32": Format(np.float32, 23, 127, np.uint32),
    "f16": Format(np.float16, 10, 15, np.uint16),
    "bf16": Format(ml_dtypes.bfloat16, 7, 127, np.uint16),
    "e4m3": Format(ml_dtypes.float8_e4m3fn, 3, 7, np.uint8),
    "e5m2": Format(ml_dtypes.float8_e5m2, 2, 15, np.uint8),
}


def define(x, y, format, mantissa=None, variant="bits"):
    """float64 products of two arrays of a format; the numbers are those that the format can hold."""
    m = format.bits if mantissa is None else mantissa
    offset = 2.0 ** -(m if m <= 3 else 3 if m == 4 else 4)
    smallest = 2.0 ** (1 - format.bias)
    with np.errstate(invalid="ignore", over="ignore"):
        x, y = x.astype(np.float64), y.astype(np.float64)
        exact = np.where(np.abs(x) < smallest, 0 * x, x) * np.where(np.abs(y) < smallest, 0 * y, y)

        def take(value):
            value = np.where(np.isfinite(value) & (np.abs(value) >= smallest), np.abs(value), 1)
            fraction, exponent = np.frexp(value)  # in [1/2, 1)
            return np.floor((2 * fraction - 1) * 2.0**m) / 2.0**m, exponent - 1

        (fx, ex), (fy, ey) = take(x), take(y)
        s = fx + fy + offset
        if variant == "bits":  # the carry of the fraction goes into the exponent
            carry = np.floor(s)
            z = np.ldexp(1 + s - carry, (ex + ey + carry).astype(np.int64))
            most = np.floor((2 - 2.0**-format.bits) * 2.0**m) / 2.0**m * 2.0 ** np.floor(np.log2(format.largest))
            if not format.has_infinity:  # the greatest fraction is NaN
                most = np.floor((2 - 2.0 ** (1 - format.bits)) * 2.0**m) / 2.0**m * 2.0 ** np.floor(np.log2(format.largest))
        else:
            z, place = np.frexp(1 + s)
            z = np.ldexp(np.rint(np.ldexp(z, format.bits + 1)), ex + ey + place - format.bits - 1)
            most = format.largest
        z = np.where(z < smallest, 0, np.minimum(z, most))
        z = np.where((np.abs(x) < smallest) | (np.abs(y) < smallest), 0, z)
        z = np.copysign(z, np.where(np.signbit(x) != np.signbit(y), -1.0, 1.0))
        finite = np.isfinite(x) & np.isfinite(y)
        return np.where(finite, z, exact)


def same(got, want):
    """Where a product is the one wanted, with its sign; NaN is NaN."""
    got = got.astype(np.float64)
    return (np.isnan(got) & np.isnan(want)) | ((got == want) & (np.signbit(got) == np.signbit(want)))


def check_pairs(pairs, seed=1):
    """Compares `pairs` random pairs of bfloat16; returns how many differ."""
    from linnet.ops import lmul

    rng, format, wrong, step = np.random.default_rng(seed), FORMATS["bf16"], 0, 1 << 20
    for first in range(0, pairs, step):
        x, y = (rng.integers(0, 1 << 16, min(step, pairs - first), np.uint16).view(format.type) for _ in range(2))
        for variant in ("bits", "formula"):
            wrong += int((~same(lmul(x, y, variant=variant), define(x, y, format, variant=variant))).sum())
    return wrong


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1 << 28
    different = check_pairs(count)
    print(f"{count} pairs of bfloat16, both variants: {different} differ from the definition in float64")
    sys.exit(1 if different else 0)
