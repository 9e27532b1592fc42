# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Orders of tokens: by hashes, and of images by windows and curves. Spec: docs/spec/sparse-attention.md."""

from __future__ import annotations

from functools import lru_cache
from operator import index
from typing import Tuple, Union

import numpy as np

from .. import _mlir, _random
from .._arrays import Arguments, Array, is_empty
from .._kernels import KernelFamily, selected_path

_lsh = KernelFamily("lsh_order", ("x", "projections"))

_MOST_PROJECTIONS = 12


def lsh_projections(size: int, count: int = 7, seed: int = 0) -> np.ndarray:
    """The projections [size, count] of the angular hash: normal numbers from a counter-based generator."""
    return _random.normal((size, count), seed)


def lsh_order(x: Array, projections: Array, gray: str = "decode") -> Tuple[Array, Array]:
    """Vectors in the order of their angular hashes, those of one hash in the order in which they stand:

        bit t of id = x . projections[:, t] > 0
        bucket      = id decoded from the Gray code, so that neighbouring buckets differ in one bit;
                      with gray="encode" id ^ (id >> 1), as the public code of HyperAttention has it

    x [B, H, n, D], projections [D, R] with R from 1 to 12. Returns (order, place), both [B, H, n] of int32: row order[i] of
    x is the i-th, and place[order[i]] = i.

    Raises TypeError for kinds and types of arrays, ValueError for shapes and values, both naming the argument.
    """
    path = selected_path()
    arguments = Arguments("lsh_order", "x", x)
    x = arguments.array("x", x)
    arguments.shape("x", x, "B", "H", "n", "D")
    projections = arguments.array("projections", projections, any_kind=True)
    arguments.shape("projections", projections, "D", ("R", projections.shape[1] if projections.ndim == 2 else -1))
    count = projections.shape[1]
    if not 1 <= count <= _MOST_PROJECTIONS:
        raise arguments.fail("projections", f"1 to {_MOST_PROJECTIONS} columns", str(count))
    if gray not in ("decode", "encode"):
        raise arguments.fail("gray", "'decode' or 'encode'", repr(gray))
    if is_empty(x.shape):
        order = np.broadcast_to(np.arange(x.shape[2], dtype=np.int32), x.shape[:3])
        return arguments.result(order.copy()), arguments.result(order.copy())
    kernel = _lsh.get((gray,), count, path, lambda: _lsh_module(gray, count))
    return tuple(arguments.result(x) for x in kernel(x, projections))


def _lsh_module(gray: str, count: int) -> str:
    function = _mlir.Function("lsh_order")
    x = function.argument("x", ("B", "H", "N", "D"))
    projections = function.argument("projections", ("D", count))
    inits = tuple(function.empty(("B", "H", "N"), "i32") for _ in range(2))
    results = function.scan("lsh_order", (x, projections), inits, f"gray = #linnet.gray_code<{gray}>")
    for value, name in zip(results, ("order", "place")):
        function.result(value, name)
    return function.text()


@lru_cache(maxsize=64)
def _window_order(grid: Tuple[int, int], window: Tuple[int, int], hilbert: bool) -> np.ndarray:
    (rows, columns), (height, width) = grid, window
    y, x = (a.reshape(-1) for a in np.mgrid[:rows, :columns])
    number = y // height * -(-columns // width) + x // width
    inside = _hilbert_distance(y % height, x % width, max(min(height, rows), min(width, columns))) if hilbert else np.zeros_like(y)
    order = np.lexsort((np.arange(rows * columns), inside, number)).astype(np.int32)
    order.setflags(write=False)
    return order


def _hilbert_distance(y: np.ndarray, x: np.ndarray, size: int) -> np.ndarray:
    """Along the Hilbert curve of the least square of a power of two that holds `size` cells a side."""
    side = 1 << (size - 1).bit_length()
    a, b, distance = y.copy(), x.copy(), np.zeros_like(y)
    s = side // 2
    while s:
        right, up = (a & s != 0).astype(y.dtype), (b & s != 0).astype(y.dtype)
        distance += s * s * ((3 * right) ^ up)
        turns = up == 0
        flips = turns & (right == 1)
        a, b = np.where(flips, s - 1 - a, a), np.where(flips, s - 1 - b, b)
        a, b = np.where(turns, b, a), np.where(turns, a, b)
        s //= 2
    return distance


def window_order(grid: Tuple[int, int], window: Union[int, Tuple[int, int]], curve: str = "raster") -> np.ndarray:
    """The cells of an image of grid = (rows, columns), numbered row by row, window after window: windows follow one another
    row by row, their cells row by row or with curve="hilbert" along a Hilbert curve. Read-only, [rows * columns] of int32."""
    windows = (window, window) if not isinstance(window, (tuple, list)) else tuple(window)
    sizes = []
    for name, pair in (("grid", tuple(grid)), ("window", windows)):
        if len(pair) != 2 or any(index(size) < 1 for size in pair):
            raise ValueError(f"window_order: argument {name}: expected two numbers of at least 1, got {pair}")
        sizes.append((index(pair[0]), index(pair[1])))
    if curve not in ("raster", "hilbert"):
        raise ValueError(f"window_order: argument curve: expected 'raster' or 'hilbert', got {curve!r}")
    return _window_order(sizes[0], sizes[1], curve == "hilbert")


def hilbert_order(rows: int, columns: int) -> np.ndarray:
    """The cells of an image of rows by columns, numbered row by row, along a Hilbert curve."""
    return window_order((rows, columns), (rows, columns), "hilbert")
