# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Attention inside blocks of tokens (DiagAttention). Spec: docs/spec/linear-attention.md."""

from __future__ import annotations

from math import isfinite
from operator import index
from typing import Optional

import numpy as np

from .. import _mlir
from .._arrays import Arguments, Array, is_empty
from .._kernels import KernelFamily, selected_path

_kernels = KernelFamily("block_local_attention", ("q", "k", "v"))


def block_local_attention(
    q: Array,
    k: Array,
    v: Array,
    block_size: int = 64,
    scale: Optional[float] = None,
    causal: bool = True,
    weights: str = "softmax",
) -> Array:
    """Attention of every token to the tokens of its block; blocks of `block_size` tokens, from token 0 on, do not overlap.

        s_j = scale q_t . k_j                      for the tokens j of the block, with causal those up to t
        o_t = sum over j of softmax(s)_j v_j       weights="softmax"
        o_t = sum over j of max(s_j, 0) v_j        weights="relu"

    Shapes, with T the length of time (it may be 0; the last block may be shorter):
        q                    [B, T, Hq, K]; Hq divides H, head h reads head h // (H / Hq)
        k                    [B, T, Hk, K]; likewise
        v                    [B, T, H, V]

    scale is K ** -0.5 where it is not given. Types: float32, float16 or bfloat16, computed in float32; arrays of different
    ones are widened first. Returns o [B, T, H, V] in the type of q.

    Raises TypeError for kinds and types of arrays, ValueError for shapes and values, both naming the argument;
    CompileError where LINNET_PATH=fast does not cover the case; RuntimeError for tensors that require a gradient.
    """
    path = selected_path()
    arguments = Arguments("block_local_attention", "q", q)
    try:
        block_size = index(block_size)
    except TypeError:
        raise arguments.fail("block_size", "an integer", repr(block_size), TypeError) from None
    try:
        scale = None if scale is None else float(scale)
    except (TypeError, ValueError, OverflowError):
        raise arguments.fail("scale", "a number", repr(scale), TypeError) from None
    options = (block_size, scale, bool(causal), weights)
    results = _kernels.call(options, path, q, k, v)
    return results[0] if results is not None else _checked(arguments, q, k, v, options, path)


def _checked(arguments, q, k, v, options, path):
    block_size, scale, _, weights = options
    shape, fail = arguments.shape, arguments.fail
    if not 1 <= block_size < 2**63:
        raise fail("block_size", "a number of at least 1", str(block_size))
    if scale is not None and not isfinite(scale):
        raise fail("scale", "a finite number", str(scale))
    if weights not in ("softmax", "relu"):
        raise fail("weights", "'softmax' or 'relu'", repr(weights))
    element = arguments.element(q, k, v)
    v = arguments.array("v", v, element=element)
    shape("v", v, "B", "T", "H", "V")
    q, k = arguments.array("q", q, element=element), arguments.array("k", k, element=element)
    shape("q", q, "B", "T", ("Hq", q.shape[2] if q.ndim == 4 else -1), "K")
    shape("k", k, "B", "T", ("Hk", k.shape[2] if k.ndim == 4 else -1), "K")
    heads = v.shape[2]
    for name, x in (("q", q), ("k", k)):
        if x.shape[2] != heads and (x.shape[2] == 0 or heads % x.shape[2]):
            raise fail(name, f"a number of heads (dimension 2) that divides the {heads} heads of v", str(x.shape[2]))
    if is_empty(v.shape):
        return arguments.result(np.zeros_like(v), narrow=True)
    key = (element, q.shape[2], k.shape[2], heads, q.shape[3], v.shape[3])
    kernel = _kernels.get(options, key, path, lambda: _module(options, *key))
    return arguments.result(kernel(q, k, v)[0], narrow=True)


def _module(options, element, query_heads, key_heads, heads, keys, values) -> str:
    block_size, scale, causal, weights = options
    function = _mlir.Function("block_local_attention")
    q, k, v = (
        function.argument(name, ("B", "T", heads, size), element=element)
        for name, heads, size in (("q", query_heads, keys), ("k", key_heads, keys), ("v", heads, values))
    )
    if scale is None:
        scale = keys**-0.5 if keys else 1.0
    attributes = [f"block_size = {block_size} : i64", f"scale = {_mlir.number(scale)} : f64",
                  f"weights = #linnet.score_weights<{weights}>"] + ["causal"] * causal  # fmt: skip
    (o,) = function.scan("block_local_attention", (q, k, v), (function.empty(v.shape, element),), ", ".join(attributes))
    function.result(o, "o")
    return function.text()
