# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random numbers that depend on a seed and a counter alone: Philox4x32-10 (Salmon et al., SC 2011)."""

from __future__ import annotations

import numpy as np

_MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_KEY_STEPS = (np.uint64(0x9E3779B9), np.uint64(0xBB67AE85))
_LOW, _WIDTH = np.uint64(0xFFFFFFFF), np.uint64(32)


def philox(count: int, seed: int, stream: int = 0) -> np.ndarray:
    """`count` numbers of 32 bits: the blocks 0, 1, ... of `stream` under the key `seed`, both of 64 bits."""
    blocks = np.arange(-(-count // 4), dtype=np.uint64)
    full = lambda x: np.full(blocks.shape, x & 0xFFFFFFFF, np.uint64)
    c0, c1, c2, c3 = blocks & _LOW, blocks >> _WIDTH, full(stream), full(stream >> 32)
    k0, k1 = np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32 & 0xFFFFFFFF)
    for _ in range(10):
        p0, p1 = _MULTIPLIERS[0] * c0, _MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (p1 >> _WIDTH) ^ c1 ^ k0, p1 & _LOW, (p0 >> _WIDTH) ^ c3 ^ k1, p0 & _LOW
        k0, k1 = k0 + _KEY_STEPS[0] & _LOW, k1 + _KEY_STEPS[1] & _LOW
    return np.stack([c0, c1, c2, c3], -1).reshape(-1)[:count].astype(np.uint32)


def normal(shape: tuple, seed: int, stream: int = 0) -> np.ndarray:
    """Numbers of the standard normal distribution in float32, two from two by the method of Box and Muller."""
    count = int(np.prod(shape))
    bits = philox(2 * count, seed, stream).astype(np.float64).reshape(count, 2)
    u = (bits + 0.5) / 2.0**32
    return (np.sqrt(-2 * np.log(u[:, 0])) * np.cos(2 * np.pi * u[:, 1])).astype(np.float32).reshape(shape)


def integers(count: int, below: int, seed: int, stream: int = 0) -> np.ndarray:
    """`count` integers from 0 to below - 1, with repetition: the high part of a product."""
    return (philox(count, seed, stream).astype(np.uint64) * np.uint64(below) >> _WIDTH).astype(np.int64)


def uniform_choice(count: int, chosen: int, seed: int, stream: int = 0) -> np.ndarray:
    """`chosen` different numbers below `count`, ascending."""
    return np.sort(np.argsort(philox(count, seed, stream), kind="stable")[:chosen])
