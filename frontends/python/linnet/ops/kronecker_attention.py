# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Third-order attention: a softmax over pairs of keys. Spec: docs/spec/kronecker-attention.md."""

from __future__ import annotations

from math import isfinite
from typing import Optional, Tuple, Union

import numpy as np

from .. import _mlir
from .._arrays import Arguments, Array, is_empty
from .._kernels import KernelFamily, selected_path

_exact = KernelFamily("kronecker_attention", ("q", "k1", "k2", "v1", "v2"))


def kronecker_attention(
    q: Array,
    k1: Array,
    k2: Array,
    v1: Array,
    v2: Array,
    scale: Optional[float] = None,
    causal: bool = False,
    method: str = "auto",
    bound: Optional[float] = None,
    error: Optional[float] = None,
    return_lse: bool = False,
) -> Union[Array, Tuple[Array, Array]]:
    """Attention of every query to all pairs of a key of k1 and one of k2.

        s[i, j, l] = scale * sum over d of q[i, d] k1[j, d] k2[l, d]
        o[i]       = sum over j, l of softmax(s[i])[j, l] v1[j] v2[l]        with causal over j, l <= i
        lse[i]     = log(sum over j, l of exp(s[i, j, l]))

    Shapes: q [B, H, N, D], k1 [B, Hk, M1, D], k2 [B, Hk, M2, D], v1 [B, Hk, M1, E], v2 [B, Hk, M2, E]; Hk divides H, and
    head h reads keys of head h // (H / Hk). Types: float32, float16 or bfloat16, computed in float32.

    The exact method takes time in N M1 M2 (D + E) and memory in (N + M1 + M2) (D + E): the scores are never in memory.
    scale is D ** -0.5 where it is not given. Without a pair to attend to, o is 0 and lse -inf. Returns o [B, H, N, E] in the
    type of q, with return_lse also lse [B, H, N] in float32.

    Raises TypeError for kinds and types of arrays, ValueError for shapes and values, both naming the argument;
    CompileError where LINNET_PATH=fast does not cover the case; RuntimeError for tensors that require a gradient.
    """
    arguments = Arguments("kronecker_attention", "q", q)
    fail, shape = arguments.fail, arguments.shape
    if method not in ("auto", "exact"):
        raise fail("method", "'auto' or 'exact'", repr(method))
    for name, value in (("scale", scale), ("bound", bound), ("error", error)):
        if value is not None and not (isinstance(value, (int, float)) and isfinite(value)):
            raise fail(name, "a finite number or None", repr(value))
    for name, value in (("bound", bound), ("error", error)):
        if value is not None and value <= 0:
            raise fail(name, "a number above 0", str(value))
    q, k1, k2, v1, v2 = (arguments.array(name, x) for name, x in (("q", q), ("k1", k1), ("k2", k2), ("v1", v1), ("v2", v2)))
    shape("q", q, "B", "H", "N", "D")
    shape("k1", k1, "B", ("Hk", k1.shape[1] if k1.ndim == 4 else -1), "M1", "D")
    heads, key_heads = q.shape[1], k1.shape[1]
    shape("k2", k2, "B", ("Hk", key_heads), "M2", "D")
    shape("v1", v1, "B", ("Hk", key_heads), "M1", "E")
    shape("v2", v2, "B", ("Hk", key_heads), "M2", "E")
    if key_heads != heads and (key_heads == 0 or heads % key_heads):
        raise fail("k1", f"a number of heads (dimension 1) that divides the {heads} heads of q", str(key_heads))
    if scale is None:
        scale = q.shape[3] ** -0.5 if q.shape[3] else 1.0
    o, lse = _run_exact(q, k1, k2, v1, v2, float(scale), bool(causal))
    o = arguments.result(o, narrow=True)
    return (o, arguments.result(lse)) if return_lse else o


def _run_exact(q, k1, k2, v1, v2, scale, causal):
    path = selected_path()
    shape = (*q.shape[:3], v1.shape[3])
    if is_empty(shape) or 0 in (k1.shape[2], k2.shape[2]):
        return np.zeros(shape, np.float32), np.full(shape[:3], -np.inf, np.float32)
    options, key = (scale, causal), (q.shape[1], k1.shape[1], q.shape[3], v1.shape[3])
    kernel = _exact.get(options, key, path, lambda: _module(options, *key))
    return kernel(q, k1, k2, v1, v2)


def _module(options, heads, key_heads, size, values) -> str:
    scale, causal = options
    function = _mlir.Function("kronecker_attention")
    q = function.argument("q", ("B", heads, "N", size))
    k1, k2 = (function.argument(name, ("B", key_heads, keys, size)) for name, keys in (("k1", "M1"), ("k2", "M2")))
    v1, v2 = (function.argument(name, ("B", key_heads, keys, values)) for name, keys in (("v1", "M1"), ("v2", "M2")))
    outs = function.empty(("B", heads, "N", values)), function.empty(("B", heads, "N"))
    attributes = f"scale = {_mlir.number(scale)} : f64" + (", causal" if causal else "")
    o, lse = function.scan("kronecker_attention", (q, k1, k2, v1, v2), outs, attributes)
    function.result(o, "o")
    function.result(lse, "lse")
    return function.text()
