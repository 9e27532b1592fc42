# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The greatest entries of rows, and their mask for keys. Spec: docs/spec/sparse-attention.md."""

from __future__ import annotations

from operator import index
from typing import Optional, Tuple, Union

import numpy as np

from .. import _mlir
from .._arrays import Arguments, Array, is_empty
from .._kernels import KernelFamily, selected_path

_topk = KernelFamily("topk_mask", ("scores", "counts"))
_interpolate = KernelFamily("mask_interpolate", ("mask", "lengths", "starts", "columns"))


def topk_mask(scores: Array, counts: Union[int, Array]) -> Array:
    """True at the `counts` greatest entries of each row of scores [..., M], of equal ones at the first; NaN is below every
    number. counts is a number, or integers that are broadcast to [...], from 0 to M.

    Raises TypeError for kinds and types of arrays, ValueError for shapes and values, both naming the argument.
    """
    path = selected_path()
    arguments = Arguments("topk_mask", "scores", scores)
    scores = arguments.array("scores", scores)
    if scores.ndim == 0:
        raise arguments.fail("scores", "at least 1 dimension", "shape []")
    if not hasattr(counts, "ndim"):
        try:
            counts = np.array(index(counts), np.int64)
        except TypeError:
            raise arguments.fail("counts", "an integer or an array of integers", repr(counts), TypeError) from None
    counts = arguments.indices("counts", counts, 0, scores.shape[-1])
    try:
        counts = np.ascontiguousarray(np.broadcast_to(counts, scores.shape[:-1]))
    except ValueError:
        raise arguments.fail("counts", f"a shape that broadcasts to {list(scores.shape[:-1])}", f"shape {list(counts.shape)}") from None
    if is_empty(scores.shape):
        return arguments.result(np.zeros(scores.shape, bool))
    kernel = _topk.get((), (), path, _topk_module)
    (mask,) = kernel(scores.reshape(-1, scores.shape[-1]), counts.reshape(-1))
    return arguments.result(mask.reshape(scores.shape).view(bool))


def mask_interpolate(mask: Array, lengths: Array, max_run: Optional[int] = None) -> Tuple[np.ndarray, np.ndarray]:
    """A mask of bins as lists of keys: row i of mask [..., T, M] stands for lengths[i] keys, bin b for those from
    round(b lengths[i] / M) up to round((b + 1) lengths[i] / M), of which max_run keeps the first.

    Returns (starts [..., T + 1], columns [n]) of int32, as linnet.masks.csr takes them: numpy arrays for any kind of mask.

    Raises TypeError for kinds and types of arrays, ValueError for shapes and values, both naming the argument.
    """
    path = selected_path()
    arguments = Arguments("mask_interpolate", "mask", mask)
    bits = arguments.flags("mask", mask)
    if bits.ndim < 2:
        raise arguments.fail("mask", "at least 2 dimensions", f"shape {list(bits.shape)}")
    rows, bins = bits.shape[-2:]
    lengths = arguments.indices("lengths", lengths, 0, 2**31 - 1)
    arguments.shape("lengths", lengths, ("T", rows))
    if max_run is not None and index(max_run) < 1:
        raise arguments.fail("max_run", "a number of at least 1", str(max_run))
    lists = bits.reshape(-1, rows, bins)
    starts = np.zeros((lists.shape[0], rows + 1), np.int32)
    if is_empty(lists.shape):
        return starts.reshape(*bits.shape[:-2], rows + 1), np.zeros(0, np.int32)
    kernel = _interpolate.get((max_run,), (), path, lambda: _interpolate_module(max_run))
    # Once for their number, once with as much room.
    counted, _ = kernel(lists, lengths, starts, np.empty(1, np.int32))
    total = int(counted[-1, -1])
    starts, columns = kernel(lists, lengths, starts, np.empty(max(total, 1), np.int32))
    return starts.reshape(*bits.shape[:-2], rows + 1), columns[:total]


def _topk_module() -> str:
    function = _mlir.Function("topk_mask")
    scores = function.argument("scores", ("R", "M"))
    counts = function.argument("counts", ("R",), element="i32")
    (mask,) = function.scan("topk_mask", (scores, counts), (function.empty(("R", "M"), "i8"),))
    function.result(mask, "mask")
    return function.text()


def _interpolate_module(max_run: Optional[int]) -> str:
    function = _mlir.Function("mask_interpolate")
    mask = function.argument("mask", ("G", "T", "M"), element="i8")
    lengths = function.argument("lengths", ("T",), element="i32")
    # There for their sizes, which are no sizes of the mask.
    function.argument("starts", ("G", "S"), element="i32")
    function.argument("columns", ("Z",), element="i32")
    inits = function.empty(("G", "S"), "i32"), function.empty(("Z",), "i32")
    attributes = "" if max_run is None else f"max_run = {max_run} : i64"
    for value, name in zip(function.scan("mask_interpolate", (mask, lengths), inits, attributes), ("starts", "columns")):
        function.result(value, name)
    return function.text()
