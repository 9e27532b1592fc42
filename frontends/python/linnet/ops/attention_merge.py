# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Attention to two disjoint sets of keys, from that to each. Spec: docs/spec/sparse-attention.md."""

from __future__ import annotations

from typing import Optional, Tuple

import numpy as np

from .. import _mlir
from .._arrays import Arguments, Array, is_empty
from .._kernels import KernelFamily, selected_path

_kernels = KernelFamily("attention_merge", ("o1", "lse1", "o2", "lse2", "rows"))


def attention_merge(o1: Array, lse1: Array, o2: Array, lse2: Array, rows: Optional[Array] = None) -> Tuple[Array, Array]:
    """Attention to the keys of two attentions that have none in common:

        o   = (exp(lse1 - lse) o1 + exp(lse2 - lse) o2)
        lse = log(exp(lse1) + exp(lse2))                    -inf, and o 0, where both are

    o1, o2 [B, H, n, E] and lse1, lse2 [B, H, n]. With `rows` [B, H, r] of int32 or int64, result i is that of row rows[i].
    Types: float32, float16 or bfloat16, computed in float32. Returns (o in the type of o1, lse in float32).

    Raises TypeError for kinds and types of arrays, ValueError for shapes and values, both naming the argument.
    """
    path = selected_path()
    arguments = Arguments("attention_merge", "o1", o1)
    o1 = arguments.array("o1", o1)
    arguments.shape("o1", o1, "B", "H", "n", "E")
    o2 = arguments.array("o2", o2)
    arguments.shape("o2", o2, "B", "H", "n", "E")
    lse1, lse2 = arguments.array("lse1", lse1), arguments.array("lse2", lse2)
    for name, lse in (("lse1", lse1), ("lse2", lse2)):
        arguments.shape(name, lse, "B", "H", "n")
    length = o1.shape[2]
    if rows is not None:
        rows = arguments.indices("rows", rows, 0, length - 1)
        arguments.shape("rows", rows, "B", "H", ("r", rows.shape[2] if rows.ndim == 3 else -1))
        length = rows.shape[2]
    shape = (*o1.shape[:2], length, o1.shape[3])
    if is_empty(shape):
        # Without columns there is a sum all the same.
        merged = np.logaddexp(lse1, lse2)
        lse = merged if rows is None else np.take_along_axis(merged, rows, 2)
        return arguments.result(np.zeros(shape, np.float32), narrow=True), arguments.result(lse)
    key = (o1.shape[1], o1.shape[3], rows is not None)
    kernel = _kernels.get((), key, path, lambda: _module(*key))
    o, lse = kernel(o1, lse1, o2, lse2, rows)
    return arguments.result(o, narrow=True), arguments.result(lse)


def _module(heads: int, columns: int, has_rows: bool) -> str:
    function = _mlir.Function("attention_merge")
    inputs = [function.argument(name, ("B", heads, "N", columns) if name[0] == "o" else ("B", heads, "N"))
              for name in ("o1", "lse1", "o2", "lse2")]  # fmt: skip
    rows = function.argument("rows", ("B", heads, "R"), element="i32") if has_rows else None
    length = "R" if has_rows else "N"
    inits = function.empty(("B", heads, length, columns)), function.empty(("B", heads, length))
    text = f"linnet.attention_merge ins({_mlir.operands(inputs)})"
    if rows is not None:
        text += f" rows({_mlir.operands([rows])})"
    results = function.group(f"{text} outs({_mlir.operands(inits)})", *((x.shape, x.element) for x in inits))
    for value, name in zip(results, ("o", "lse")):
        function.result(value, name)
    return function.text()
