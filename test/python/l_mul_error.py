# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints the tables of docs/spec/l-mul.md: the errors of L-Mul, and what the two claims of its paper rest on.

    python test/python/l_mul_error.py
"""

import numpy as np
from linnet.ops import lmul


def keep(x, bits, rounds):
    """The significands of float32 cut to `bits` bits of fraction, or rounded to nearest, ties to even."""
    fraction, exponent = np.frexp(x)
    scaled = np.ldexp(fraction, bits + 1)
    return np.ldexp(np.rint(scaled) if rounds else np.trunc(scaled), exponent - bits - 1).astype(np.float32)


def describe(error):
    return f"{error.mean():+.2%}, {np.sqrt((error**2).mean()):.2%}, {error.min():+.2%}, {error.max():+.2%}"


def uniform_fractions(count=1 << 22):
    rng = np.random.default_rng(0)
    x, y = rng.uniform(1, 2, (2, count))
    exact, s = x * y, x + y - 2
    print("relative error of products of uniform fractions that are not cut: mean, rms, least, greatest")
    for name, offset in (("1/16", 1 / 16), ("1/8", 1 / 8)):
        carry = np.floor(s + offset)
        print(f"  bits, {name}:    {describe(2**carry * (1 + s + offset - carry) / exact - 1)}")
        print(f"  formula, {name}: {describe((1 + s + offset) / exact - 1)}")
    x, y = x.astype(np.float32), y.astype(np.float32)
    for variant in ("bits", "formula"):
        error = lmul(x, y, variant=variant).astype(np.float64) / (x.astype(np.float64) * y) - 1
        print(f"  linnet.ops.lmul, {variant}, 23 bits: {describe(error)}")


def gaussian_factors(count=1 << 22):
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((2, count)).astype(np.float32)
    x, y = (np.where(value == 0, np.float32(1), value) for value in (x, y))
    exact = x.astype(np.float64) * y
    rms = lambda product: np.sqrt(((product.astype(np.float64) / exact - 1) ** 2).mean())
    print("rms error of a product of Gaussian numbers")
    print("  bits   L-Mul, cut   L-Mul, rounded   exact, cut   exact, rounded")
    for bits in (2, 3, 4, 5, 6, 7):
        row = [rms(lmul(keep(x, bits, rounds), keep(y, bits, rounds), bits)) for rounds in (False, True)]
        row += [rms(keep(x, bits, rounds).astype(np.float64) * keep(y, bits, rounds)) for rounds in (False, True)]
        print(f"  {bits}      {row[0]:6.2%}       {row[1]:6.2%}           {row[2]:6.2%}       {row[3]:6.2%}")
        if bits in (2, 3):
            print(f"         (e{'5m2' if bits == 2 else '4m3'} rounded to nearest is the last column)")


if __name__ == "__main__":
    uniform_fractions()
    gaussian_factors()
