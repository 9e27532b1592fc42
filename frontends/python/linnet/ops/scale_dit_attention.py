# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Scale-DiT (arXiv 2510.16325): local windows, low-resolution guidance and text. Spec: docs/spec/sparse-attention.md."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Optional, Tuple

import numpy as np

from .. import masks
from .._arrays import Arguments, Array
from .attention import attention
from .orders import window_order


def scale_dit_mask(text: int, grid: Tuple[int, int], low_grid: Tuple[int, int], window: int = 16, shift: Optional[int] = None,
                   text_sees_low: bool = False):
    """Which token of [text | image | low-resolution image] attends to which: a function of two arrays of token numbers.

    Text sees text and the image; an image token text, the image tokens at most window / 2 rows and columns away (with
    `shift`: those of its window, the grid moved by so many cells), and the low-resolution tokens of the window that covers
    it and of those beside it; a low-resolution token those at most window / 8 away.
    """
    high, low = grid[0] * grid[1], low_grid[0] * low_grid[1]
    factor = (grid[0] / low_grid[0], grid[1] / low_grid[1])

    def place(token):
        """0 text, 1 image, 2 low resolution; row and column."""
        kind = np.where(token < text, 0, np.where(token < text + high, 1, 2))
        cell = np.where(kind == 1, token - text, token - text - high)
        width = np.where(kind == 1, grid[1], low_grid[1])
        return kind, cell // width, cell % width

    low_window = max(1, round(window / factor[0])), max(1, round(window / factor[1]))

    def keeps(i, j):
        (kind, row, column), (other, other_row, other_column) = place(np.asarray(i)), place(np.asarray(j))
        text_row = (kind == 0) & ((other != 2) | text_sees_low)
        if shift is None:
            near = (abs(row - other_row) <= window // 2) & (abs(column - other_column) <= window // 2)
        else:
            window_of = lambda y, x: ((y + shift) % grid[0] // window, (x + shift) % grid[1] // window)
            near = np.logical_and(*(a == b for a, b in zip(window_of(row, column), window_of(other_row, other_column))))
        guide = (abs((row / factor[0]).astype(int) // low_window[0] - other_row // low_window[0]) <= 1) & (
            abs((column / factor[1]).astype(int) // low_window[1] - other_column // low_window[1]) <= 1)
        image_row = (kind == 1) & ((other == 0) | ((other == 1) & near) | ((other == 2) & guide))
        reach = max(1, window // 8)
        low_row = (kind == 2) & (other == 2) & (abs(row - other_row) <= reach) & (abs(column - other_column) <= reach)
        return text_row | image_row | low_row

    return keeps


@lru_cache(maxsize=16)
def _arrange(text, grid, low_grid, window, curve, shift, text_sees_low, mode, block):
    """The order of tokens, where each of them stands in it, and the mask in that order."""
    high = grid[0] * grid[1]
    order = np.concatenate([np.arange(text), text + window_order(grid, window, curve),
                            text + high + window_order(low_grid, max(1, window // 4), curve)]).astype(np.int32)
    keeps = scale_dit_mask(text, grid, low_grid, window, shift, text_sees_low)
    mask = masks.from_function(lambda b, h, i, j: keeps(order[np.minimum(i, order.size - 1)], order[np.minimum(j, order.size - 1)]),
                               order.size, order.size, block=block)
    if mode == "dense_touch":
        mask = replace(mask, blocks=replace(mask.blocks, partial=None, bits=None))
    return order, np.argsort(order).astype(np.int64), mask


def scale_dit_attention(
    q: Array,
    k: Array,
    v: Array,
    grid: Tuple[int, int],
    low_grid: Tuple[int, int],
    text: int = 512,
    window: int = 16,
    mode: str = "exact",
    curve: str = "raster",
    shift: Optional[int] = None,
    text_sees_low: bool = False,
    block: Tuple[int, int] = (128, 64),
    scale: Optional[float] = None,
) -> Array:
    """Attention over the tokens [text | image of grid | image of low_grid] of Scale-DiT, all [B, H, N, D] in raster order:
    `scale_dit_mask` says who sees whom. Tokens are taken in windows, so that few blocks are kept; mode "exact" keeps the
    pairs of the mask, "dense_touch" every pair of a block that has one, which is what the published kernel computes.

    Raises TypeError for kinds and types of arrays, ValueError for shapes and values, both naming the argument.
    """
    arguments = Arguments("scale_dit_attention", "q", q)
    if mode not in ("exact", "dense_touch"):
        raise arguments.fail("mode", "'exact' or 'dense_touch'", repr(mode))
    order, places, mask = _arrange(text, tuple(grid), tuple(low_grid), window, curve, shift, text_sees_low, mode, tuple(block))
    q, k, v = (arguments.array(name, x) for name, x in (("q", q), ("k", k), ("v", v)))
    for name, x in (("q", q), ("k", k), ("v", v)):
        if x.ndim != 4 or x.shape[2] != order.size:
            raise arguments.fail(name, f"shape [B, H, {order.size}, D], text and the cells of both grids", f"shape {list(x.shape)}")
    rows = order.reshape(1, 1, -1)
    o = attention(q, k, v, mask, scale, query_rows=rows, key_rows=rows)
    return arguments.result(np.ascontiguousarray(o[:, :, places]), narrow=True)
