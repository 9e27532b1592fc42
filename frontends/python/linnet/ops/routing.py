# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tokens to experts and back. Spec: docs/spec/routing.md."""

from __future__ import annotations

from operator import index
from typing import Tuple

import numpy as np

from .. import _mlir
from .._arrays import Arguments, Array, is_empty
from .._kernels import KernelFamily, selected_path

_route_topk = KernelFamily("route_topk", ("scores",))
# `rows` and `offsets` are there for their sizes, which are no sizes of the indices.
_token_permute = KernelFamily("token_permute", ("indices", "rows", "offsets"))
_token_unpermute = KernelFamily("token_unpermute", ("x", "place", "weights"))


def route_topk(scores: Array, k: int) -> Tuple[Array, Array]:
    """The k experts of every token and their weights:

        p          = softmax(scores)                         over the experts
        indices    = the places of the k greatest scores     the greatest first, of equal ones the first
        weights    = p[indices] / sum(p[indices])

    Shapes: scores [B, T, E]; k from 1 to E. B and T may be 0.

    Types: float32, float16 or bfloat16, computed in float32. Returns (weights, indices), both [B, T, k]: weights in the
    type of scores, indices int32. NaN in the scores of a token makes all its weights NaN.

    Raises TypeError for kinds and types of arrays, ValueError for shapes and values, both naming the argument;
    RuntimeError for tensors that require a gradient.
    """
    path = selected_path()
    k = _integer("route_topk", "k", k)
    results = _route_topk.call((k,), path, scores)
    if results is not None:
        return results
    arguments = Arguments("route_topk", "scores", scores)
    scores = arguments.array("scores", scores)
    arguments.shape("scores", scores, "B", "T", "E")
    batch, times, experts = scores.shape
    if not 1 <= k <= experts:
        raise arguments.fail("k", f"a number from 1 to the {experts} experts of scores", str(k))
    if is_empty(scores.shape):
        weights, indices = np.zeros((batch, times, k), np.float32), np.zeros((batch, times, k), np.int32)
    else:
        kernel = _route_topk.get((k,), experts, path, lambda: _route_topk_module(k, experts))
        weights, indices = kernel(scores)
    return arguments.result(weights, narrow=True), arguments.result(indices)


def token_permute(indices: Array, experts: int) -> Tuple[Array, Array, Array]:
    """Packs the tokens of every batch and expert one after the other, in the order of time:

        source[n]                                    the number b * T + t of the token in row n
        place[b, t, s]                               the row of token (b, t) in slot s, its inverse
        cu_seqlens[b * E + e] to the next            the rows of batch b and expert e

    indices [B, T, k] are experts from 0 to E - 1, E = experts. Rows are then x.reshape(B * T, ...)[source], and cu_seqlens is
    what linear_attention takes: B * E sequences, empty where an expert has no token. -1 is no expert: such a pair has no
    row and place -1; cu_seqlens[-1] is then less than the B * T * k rows, and the last of source are 0.

    Types: int32 or int64. Returns (source [B * T * k], place [B, T, k], cu_seqlens [B * E + 1]), int32.

    Raises TypeError for kinds and types of arrays, ValueError for shapes and values, both naming the argument.
    """
    path = selected_path()
    arguments = Arguments("token_permute", "indices", indices)
    experts = _integer("token_permute", "experts", experts)
    if not 1 <= experts < 2**31:
        raise arguments.fail("experts", "a number from 1 to 2147483647", str(experts))
    indices = arguments.indices("indices", indices, -1, experts - 1)
    arguments.shape("indices", indices, "B", "T", "k")
    offsets = np.zeros(indices.shape[0] * experts + 1, np.int32)
    if is_empty(indices.shape):
        return tuple(map(arguments.result, (np.zeros(0, np.int32), np.zeros(indices.shape, np.int32), offsets)))
    slots = indices.shape[2]
    kernel = _token_permute.get((experts,), slots, path, lambda: _token_permute_module(experts, slots))
    return tuple(map(arguments.result, kernel(indices, np.empty(indices.size, np.int32), offsets)))


def token_unpermute(x: Array, place: Array, weights: Array) -> Array:
    """The weighted sum of the rows of every token:

        y[b, t] = sum over s of weights[b, t, s] * x[place[b, t, s]]

    Shapes: x [N, ...], place and weights [B, T, k]; the result is [B, T, ...]. A place of -1 adds nothing.

    Types: x and weights float32, float16 or bfloat16, computed in float32; place int32 or int64, from -1 to N - 1. Returns
    y in the type of x.

    Raises TypeError for kinds and types of arrays, ValueError for shapes and values, both naming the argument;
    RuntimeError for tensors that require a gradient.
    """
    path = selected_path()
    arguments = Arguments("token_unpermute", "x", x)
    x = arguments.array("x", x)
    if x.ndim == 0:
        raise arguments.fail("x", "at least 1 dimension", "shape []")
    place = arguments.indices("place", place, -1, x.shape[0] - 1)
    arguments.shape("place", place, "B", "T", "k")
    weights = arguments.array("weights", weights)
    arguments.shape("weights", weights, "B", "T", "k")
    shape = (*place.shape[:2], *x.shape[1:])
    if is_empty(shape) or is_empty(place.shape) or is_empty(x.shape):
        return arguments.result(np.zeros(shape, np.float32), narrow=True)
    slots = place.shape[2]
    kernel = _token_unpermute.get((), slots, path, lambda: _token_unpermute_module(slots))
    (y,) = kernel(x.reshape(x.shape[0], -1), place, weights)
    return arguments.result(y.reshape(shape), narrow=True)


def _integer(op: str, name: str, x: int) -> int:
    try:
        return index(x)
    except TypeError:
        raise TypeError(f"{op}: argument {name}: expected an integer, got {x!r}") from None


def _route_topk_module(k: int, experts: int) -> str:
    function = _mlir.Function("route_topk")
    scores = function.argument("scores", ("B", "T", experts))
    inits = function.empty(("B", "T", k)), function.empty(("B", "T", k), "i32")
    weights, indices = function.scan("route_topk", (scores,), inits)
    function.result(weights, "weights")
    function.result(indices, "indices")
    return function.text()


def _token_permute_module(experts: int, slots: int) -> str:
    function = _mlir.Function("token_permute")
    indices = function.argument("indices", ("B", "T", slots), element="i32")
    function.argument("rows", ("N",), element="i32")
    function.argument("offsets", ("G",), element="i32")
    inits = function.empty(("N",), "i32"), function.empty(("B", "T", slots), "i32"), function.empty(("G",), "i32")
    results = function.scan("token_permute", (indices,), inits, f"experts = {experts} : i64")
    for value, name in zip(results, ("source", "place", "cu_seqlens")):
        function.result(value, name)
    return function.text()


def _token_unpermute_module(slots: int) -> str:
    function = _mlir.Function("token_unpermute")
    x = function.argument("x", ("N", "D"))
    place = function.argument("place", ("B", "T", slots), element="i32")
    weights = function.argument("weights", ("B", "T", slots))
    (y,) = function.scan("token_unpermute", (x, place, weights), (function.empty(("B", "T", "D")),))
    function.result(y, "y")
    return function.text()
