# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Softmax attention to what a mask keeps. Spec: docs/spec/sparse-attention.md."""

from __future__ import annotations

from math import isfinite
from operator import index
from typing import NamedTuple, Optional, Tuple, Union

import numpy as np

from .. import _mlir
from .._arrays import Arguments, Array, is_empty
from .._kernels import KernelFamily, selected_path
from ..masks import Mask

#: Operands beside q, k and v, in the order of the kernel's parameters.
_OPTIONAL = ("position", "alibi", "query_rows", "key_rows", "query_ids", "key_ids", "block_starts", "block_columns", "partial",
             "partial_bits", "query_offsets", "key_offsets")
_kernels = KernelFamily("attention", ("q", "k", "v", *_OPTIONAL))


class _Options(NamedTuple):
    scale: Optional[float]
    rule: str
    soft_cap: Optional[float]
    block_size: Optional[Tuple[int, int]]
    different_ids: bool
    has: Tuple[bool, ...]  # which of _OPTIONAL are given


def attention(
    q: Array,
    k: Array,
    v: Array,
    mask: Optional[Mask] = None,
    scale: Optional[float] = None,
    return_lse: bool = False,
    *,
    soft_cap: Optional[float] = None,
    alibi: Optional[Array] = None,
    position: Optional[int] = None,
    query_rows: Optional[Array] = None,
    key_rows: Optional[Array] = None,
    cu_seqlens: Optional[Array] = None,
    cu_seqlens_k: Optional[Array] = None,
) -> Union[Array, Tuple[Array, Array]]:
    """Softmax attention of every query to the keys that `mask` (linnet.masks) keeps; the others are not computed.

        s_ij  = scale q_i . k_j                       with soft_cap: soft_cap tanh(s / soft_cap)
        s_ij -= alibi_h |position + i - j|            with alibi
        lse_i = log sum of exp(s_ij)                  over the keys that are kept
        o_i   = sum of exp(s_ij - lse_i) v_j          0, and lse -inf, for a query that keeps none

    Shapes (n and m may be 0 and differ):
        q                    [B, H, n, D]
        k                    [B, G, m, D]; G divides H, head h reads head h // (H / G)
        v                    [B, Gv, m, E]; likewise
        alibi                [H]
        query_rows, key_rows [B or 1, H or 1, n or m] of int32 or int64: query i is row query_rows[i] of q, and so for keys
        cu_seqlens           [S + 1]: S sequences one after the other in a batch of 1; cu_seqlens_k those of the keys, where
                             they are others

    scale is D ** -0.5 where it is not given. Query i stands at `position` + i for the mask and alibi, by default m - n + i.
    Types: float32, float16 or bfloat16, computed in float32. Returns o [B, H, n, E] in the type of q; with `return_lse` the
    pair (o, lse), lse [B, H, n] in float32.

    Raises TypeError for kinds and types of arrays, ValueError for shapes and values, both naming the argument;
    CompileError where LINNET_PATH=fast does not cover the case; RuntimeError for tensors that require a gradient.
    """
    path = selected_path()
    arguments = Arguments("attention", "q", q)
    if mask is not None and not isinstance(mask, Mask):
        raise arguments.fail("mask", "a mask of linnet.masks", type(mask).__name__, TypeError)
    mask = mask or Mask()
    blocks = mask.blocks
    given = dict.fromkeys(_OPTIONAL)
    given.update(alibi=alibi, query_rows=query_rows, key_rows=key_rows)
    if position is not None:
        try:
            given["position"] = np.array([index(position)], np.int32)
        except (TypeError, OverflowError):
            raise arguments.fail("position", "an integer of 32 bits", repr(position), TypeError) from None
    if mask.ids is not None:
        given["query_ids"], given["key_ids"] = mask.ids
    if blocks is not None:
        given.update(block_starts=blocks.starts, block_columns=blocks.columns, partial=blocks.partial, partial_bits=blocks.bits)
    if cu_seqlens is not None:
        given.update(query_offsets=cu_seqlens, key_offsets=cu_seqlens if cu_seqlens_k is None else cu_seqlens_k)
    options = _Options(_number(arguments, "scale", scale), mask.rule, _number(arguments, "soft_cap", soft_cap),
                       None if blocks is None else blocks.size, mask.different_ids, tuple(x is not None for x in given.values()))
    results = None
    if not any(options.has):  # what else is given is checked against the lengths of q and k every time
        results = _kernels.call(options, path, q, k, v, *given.values())
    if results is None:
        results = _checked(arguments, q, k, v, given, options, mask, path)
    return tuple(results) if return_lse else results[0]


def _number(arguments: Arguments, name: str, x: Optional[float]) -> Optional[float]:
    try:
        x = None if x is None else float(x)
    except (TypeError, ValueError, OverflowError):
        raise arguments.fail(name, "a number", repr(x), TypeError) from None
    if x is not None and not (isfinite(x) and (name != "soft_cap" or x > 0)):
        raise arguments.fail(name, "a finite number" + " above 0" * (name == "soft_cap"), str(x))
    return x


def _checked(arguments, q, k, v, given, options, mask, path):
    fail, shape = arguments.fail, arguments.shape
    element = arguments.element(q, k, v)
    q, k, v = (arguments.array(name, x, element=element) for name, x in (("q", q), ("k", k), ("v", v)))
    shape("q", q, "B", "H", "n", "D")
    shape("k", k, "B", "G", "m", "D")
    shape("v", v, "B", ("Gv", v.shape[1] if v.ndim == 4 else -1), "m", "E")
    batch, heads, rows, keys = q.shape
    groups = k.shape[1], v.shape[1]
    for name, count in zip("kv", groups):
        if heads != count and (count == 0 or heads % count):
            raise fail(name, f"a number of heads (dimension 1) that divides the {heads} heads of q", str(count))
    n, m = rows, k.shape[2]
    if given["alibi"] is not None:
        given["alibi"] = arguments.array("alibi", given["alibi"], any_kind=True)
        shape("alibi", given["alibi"], "H")

    def per_head(name, x, length):
        """[B or 1, H or 1, length]"""
        sizes = x.shape[:2] if x.ndim == 3 else (0, 0)
        shape(name, x, ("B", 1 if sizes[0] == 1 else batch), ("H", 1 if sizes[1] == 1 else heads), length)

    for name, greatest in (("query_rows", n), ("key_rows", m)):
        if given[name] is not None:
            given[name] = arguments.indices(name, given[name], 0, greatest - 1)
            per_head(name, given[name], (name[0], given[name].shape[2] if given[name].ndim == 3 else -1))
    n = n if given["query_rows"] is None else given["query_rows"].shape[2]
    m = m if given["key_rows"] is None else given["key_rows"].shape[2]
    if mask.ids is not None:
        per_head("mask", given["query_ids"], ("n", n))
        per_head("mask", given["key_ids"], ("m", m))
    if mask.blocks is not None:
        size = mask.blocks.size
        if mask.blocks.shape not in (None, (n, m)):
            raise fail("mask", f"one made for {n} queries and {m} keys", f"one for {mask.blocks.shape[0]} and {mask.blocks.shape[1]}")
        per_head("mask", given["block_starts"], ("rows of blocks + 1", -(-n // size[0]) + 1))
        columns = given["block_columns"]
        if columns.size and columns.max() >= -(-m // size[1]):
            raise fail("mask", f"columns below the {-(-m // size[1])} blocks of keys", str(columns.max()))
    if given["query_offsets"] is not None:
        others = [name for name in ("position", "query_rows", "key_rows", "query_ids", "block_starts") if given[name] is not None]
        if others:
            raise fail("cu_seqlens", "no position, rows, ids and blocks with it", others[0])
        if batch != 1:
            raise fail("cu_seqlens", "a batch of 1 with it", f"a batch of {batch}")
        for name, key, length in (("cu_seqlens", "query_offsets", n), ("cu_seqlens_k", "key_offsets", m)):
            given[key] = arguments.offsets(name, given[key], length).astype(np.int32)
        if len(given["query_offsets"]) != len(given["key_offsets"]):
            raise fail("cu_seqlens_k", f"{len(given['query_offsets'])} offsets, as cu_seqlens has", str(len(given["key_offsets"])))
    values = v.shape[3]
    if is_empty((batch, heads, n, m)) or (mask.blocks is not None and given["block_columns"].size == 0):
        results = np.zeros((batch, heads, n, values), np.float32), np.full((batch, heads, n), -np.inf, np.float32)
    else:
        sizes = tuple(None if x is None else x.shape[:2] if x.ndim == 3 and name != "partial_bits" else () for name, x in given.items())
        leading = tuple(s and tuple("1" if size == 1 else "all" for size in s) for s in sizes)
        key = (element, heads, groups, keys, values, leading)
        kernel = _kernels.get(options, key, path, lambda: _module(options, *key))
        results = kernel(q, k, v, *given.values())
    return arguments.result(results[0], narrow=True), arguments.result(results[1])


def _module(options, element, heads, groups, keys, values, leading) -> str:
    function = _mlir.Function("attention")
    has = dict(zip(_OPTIONAL, options.has))
    q = function.argument("q", ("B", heads, "R" if has["query_rows"] else "N", keys), element=element)
    k = function.argument("k", ("B", groups[0], "S" if has["key_rows"] else "M", keys), element=element)
    v = function.argument("v", ("B", groups[1], "S" if has["key_rows"] else "M", values), element=element)

    def argument(name):
        if not has[name]:
            return None
        front = leading[_OPTIONAL.index(name)]
        front = front and (1 if front[0] == "1" else "B", 1 if front[1] == "1" else heads)
        block = options.block_size or (0, 0)
        shape = {"position": (1,), "alibi": (heads,), "query_rows": (*front, "N"), "key_rows": (*front, "M"),
                 "query_ids": (*front, "N"), "key_ids": (*front, "M"), "block_starts": (*front, "P"), "block_columns": ("Z",),
                 "partial": ("Z",), "partial_bits": ("W", block[1], block[0]), "query_offsets": ("C",),
                 "key_offsets": ("C",)}[name]  # fmt: skip
        return function.argument(name, shape, element={"alibi": "f32", "partial_bits": "i8"}.get(name, "i32"))

    operands = {name: argument(name) for name in _OPTIONAL}
    o, lse = emit(function, q, k, v, operands, options, "N")
    function.result(o, "o")
    function.result(lse, "lse")
    return function.text()


def emit(function, q, k, v, operands, options, queries):
    """Adds the op on values of `function`; gives o and lse. `operands` are those of _OPTIONAL by their names, or None."""
    text = f"linnet.attention ins({_mlir.operands((q, k, v))})"
    if operands["position"] is not None:
        text += f" position({function.index_of(operands['position'])})"
    for keyword, names in (("alibi", ("alibi",)), ("query_rows", ("query_rows",)), ("key_rows", ("key_rows",)),
                           ("ids", ("query_ids", "key_ids")), ("blocks", ("block_starts", "block_columns")),
                           ("partial", ("partial", "partial_bits")), ("offsets", ("query_offsets", "key_offsets"))):  # fmt: skip
        if operands[names[0]] is not None:
            text += f" {keyword}({_mlir.operands([operands[name] for name in names])})"
    shape = (q.shape[0], q.shape[1], queries)
    inits = function.empty((*shape, v.shape[3]), q.element), function.empty(shape)
    scale = options.scale
    if scale is None:
        scale = q.shape[3] ** -0.5 if q.shape[3] else 1.0
    attributes = [f"scale = {_mlir.number(scale)} : f64"]
    if options.rule:
        attributes.append(f"mask = {options.rule}")
    if options.soft_cap is not None:
        attributes.append(f"soft_cap = {_mlir.number(options.soft_cap)} : f64")
    if options.block_size is not None:
        attributes.append(f"block_size = array<i64: {options.block_size[0]}, {options.block_size[1]}>")
    attributes += ["different_ids"] * options.different_ids
    text += f" outs({_mlir.operands(inits)}) {{{', '.join(attributes)}}}"
    return function.group(text, *((x.shape, x.element) for x in inits))
