# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times lmul_matmul next to the product of numpy's BLAS and to an emulation in numpy, with one thread:

    OPENBLAS_NUM_THREADS=1 python test/python/l_mul_speed.py
"""

import time

import linnet
import numpy as np
from linnet.ops import lmul_matmul


def emulate(a, b):
    """A row of a at a time: the addition of patterns, without the cases of infinities and NaN."""
    x, y = a.view(np.uint32), b.view(np.uint32)
    c = np.zeros((a.shape[0], b.shape[1]), np.float32)
    magnitude = y & np.uint32(0x7FFFFFFF)
    for i, row in enumerate(x):
        factor = (row & np.uint32(0x7FFFFFFF))[:, None]
        total = factor + magnitude
        bounded = np.maximum(total, np.uint32(0x3F780000 + 0x00800000))
        product = np.minimum(bounded - np.uint32(0x3F780000), np.uint32(0x7F7FFFFF))
        product *= (bounded == total) & (np.minimum(factor, magnitude) >= np.uint32(0x00800000))
        product |= (row[:, None] ^ y) & np.uint32(0x80000000)
        c[i] = product.view(np.float32).sum(0)
    return c


def best(run, runs):
    run()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    linnet.set_num_threads(1)
    rng = np.random.default_rng(0)
    for n in (256, 512, 1024):
        a, b = (rng.standard_normal((n, n), np.float32) for _ in range(2))
        bits, formula = (best(lambda: lmul_matmul(a, b, variant=variant), 5) for variant in ("bits", "formula"))
        blas, numpy = best(lambda: a @ b, 9), best(lambda: emulate(a, b), 1)
        print(f"n = {n}: bits {bits * 1e3:.2f} ms, {blas / bits:.2f} of the speed of BLAS, {numpy / bits:.0f} times that of numpy; "
              f"formula {blas / formula:.2f} and {numpy / formula:.0f}")  # fmt: skip
