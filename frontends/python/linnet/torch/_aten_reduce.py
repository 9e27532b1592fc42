# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Lowerings of what combines the elements of dimensions: sums, extremes, norms, sorting, scans."""

from __future__ import annotations

import math
from typing import Any, List, Sequence, Tuple

from .._elements import FLOATS
from .._graph import Tensor
from .._sizes import product
from ._aten_pointwise import ADD, MUL, SUB, _compare
from ._lowering import Context, Unsupported, aten, axes, compute, element_of, lowers


def _keep(context: Context, x: Tensor, dims: Sequence[int], keepdim: bool) -> Tensor:
    """The reduced dimensions as dimensions of 1, where they are wanted."""
    for dim in sorted(dims) if keepdim else ():
        x = context.graph.unsqueeze(x, dim)
    return x


def reduce(
    context: Context, x: Tensor, dims: Any, start: Any, floats: str, integers: str, keepdim: bool = False
) -> Tensor:
    dims = axes(dims, x.rank)
    if x.element in ("f16", "bf16"):  # sums of narrow numbers are kept in a wide one
        x = context.graph.cast(x, "f32")
    op = floats if x.element in FLOATS else integers
    return _keep(context, context.graph.reduce(x, dims, start, f"arith.{op}"), dims, keepdim)


def total(context: Context, x: Tensor, dims: Any, keepdim: bool = False) -> Tensor:
    return reduce(context, x, dims, 0, "addf", "addi", keepdim)


@lowers(aten.sum.dim_IntList, aten.sum.default)
def sum_(context: Context, x: Tensor, dims: Any = None, keepdim: bool = False, dtype: Any = None) -> Tensor:
    return context.operand(total(context, context.operand(x, context.element), dims, keepdim), context.element)


@lowers(aten.mean.dim, aten.mean.default)
def mean(context: Context, x: Tensor, dims: Any = None, keepdim: bool = False, dtype: Any = None) -> Tensor:
    count = product(x.shape[dim] for dim in axes(dims, x.rank))
    whole = total(context, context.operand(x, context.element), dims, keepdim)
    return context.operand(_divide(context, whole, count), context.element)


def _divide(context: Context, x: Tensor, by: Any) -> Tensor:
    element = x.element
    return compute(context, lambda body, e, a, b: body.emit(f"arith.divf {a}, {b} : {e}"), [x, by], element)


@lowers(aten.var.correction)
def var(context: Context, x: Tensor, dims: Any = None, correction: Any = 1, keepdim: bool = False) -> Tensor:
    count = product(x.shape[dim] for dim in axes(dims, x.rank))
    x = context.graph.cast(x, "f32")
    average = _divide(context, total(context, x, dims, True), count)
    deviation = context.graph.settle(compute(context, SUB, [x, average], "f32"))
    squares = total(context, compute(context, MUL, [deviation, deviation], "f32"), dims, keepdim)
    return context.operand(
        _divide(context, squares, count - (1 if correction is None else int(correction))), context.element
    )


def _lowest(element: str, sign: int = -1) -> Any:
    if element in FLOATS:
        return sign * math.inf
    bits = {"i8": 8, "i32": 32, "i64": 64}[element]
    return -(2 ** (bits - 1)) if sign < 0 else 2 ** (bits - 1) - 1


@lowers(aten.amax.default)
def amax(context: Context, x: Tensor, dims: Any = (), keepdim: bool = False) -> Tensor:
    return context.operand(reduce(context, x, dims, _lowest(x.element), "maximumf", "maxsi", keepdim), context.element)


@lowers(aten.amin.default)
def amin(context: Context, x: Tensor, dims: Any = (), keepdim: bool = False) -> Tensor:
    return context.operand(
        reduce(context, x, dims, _lowest(x.element, 1), "minimumf", "minsi", keepdim), context.element
    )


@lowers(aten.any.dim, aten.any.default, aten.any.dims)
def any_(context: Context, x: Tensor, dims: Any = None, keepdim: bool = False) -> Tensor:
    return reduce(context, context.graph.cast(x, "i1"), dims, False, "", "ori", keepdim)


@lowers(aten.all.dim, aten.all.default)
def all_(context: Context, x: Tensor, dims: Any = None, keepdim: bool = False) -> Tensor:
    return reduce(context, context.graph.cast(x, "i1"), dims, True, "", "andi", keepdim)


def _first_place(context: Context, x: Tensor, best: Tensor, dim: int) -> Tensor:
    """The first index along `dim` at which x is `best`."""
    graph = context.graph
    end = _lowest("i64", 1)
    found = _compare("oeq", "eq")(context, x, best)
    places = graph.pointwise(
        lambda body, yes, i: body.emit(f"arith.select {yes}, {i}, {body.constant(end, 'i64')} : i64"),
        [found, graph.positions(x.shape, dim)], "i64",
    )  # fmt: skip
    return graph.reduce(places, [dim], end, "arith.minsi")


@lowers(aten.argmax.default)
def argmax(context: Context, x: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    if dim is None:
        x, dim = context.graph.reshape(x, (product(x.shape),)), 0
        keepdim = False
    dim %= x.rank
    context.graph.settle(x)
    best = reduce(context, x, [dim], _lowest(x.element), "maximumf", "maxsi", True)
    return _keep(context, _first_place(context, x, best, dim), [dim], keepdim)


@lowers(aten.max.dim)
def max_dim(context: Context, x: Tensor, dim: int, keepdim: bool = False) -> Tuple[Tensor, Tensor]:
    dim %= x.rank
    context.graph.settle(x)
    best = reduce(context, x, [dim], _lowest(x.element), "maximumf", "maxsi", True)
    place = _first_place(context, x, best, dim)
    return (best if keepdim else context.graph.squeeze(best, [dim])), _keep(context, place, [dim], keepdim)


@lowers(aten.topk.default)
def topk(context: Context, x: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> List[Tensor]:
    if not isinstance(k, int) or k > 32 or not largest or x.element not in FLOATS:
        raise Unsupported(f"topk of {k} {'largest' if largest else 'smallest'}; up to 32 largest floats are found")
    graph, dim = context.graph, dim % x.rank
    graph.settle(x)
    left, values, places = x, [], []
    for _ in range(k):
        best = graph.settle(reduce(context, left, [dim], -math.inf, "maximumf", "maxsi", True))
        place = graph.unsqueeze(graph.settle(_first_place(context, left, best, dim)), dim)
        values.append(best)
        places.append(place)

        def without(body: Any, value: str, i: str, taken: str) -> str:
            same = body.emit(f"arith.cmpi eq, {i}, {taken} : i64")
            return body.emit(f"arith.select {same}, {body.constant(-math.inf, x.element)}, {value} : {x.element}")

        left = graph.settle(graph.pointwise(without, [left, graph.positions(x.shape, dim), place], x.element))
    return [graph.concat(values, dim), graph.concat(places, dim)]


def softmax_parts(context: Context, x: Tensor, dim: int) -> Tuple[Tensor, Tensor, Tensor]:
    """x less its maximum, the exponential of that, and the sum of the exponentials; in f32."""
    graph = context.graph
    x = graph.settle(graph.cast(x, "f32"))
    best = reduce(context, x, [dim], -math.inf, "maximumf", "maxsi", True)
    less = compute(context, SUB, [x, best], "f32")
    exponential = graph.settle(graph.pointwise(lambda body, e: body.emit(f"math.exp {e} : f32"), [less], "f32"))
    return less, exponential, total(context, exponential, [dim], True)


@lowers(aten._softmax.default, aten.softmax.int)
def softmax(context: Context, x: Tensor, dim: int, half_to_float: Any = False) -> Tensor:
    _, exponential, whole = softmax_parts(context, x, dim % x.rank)
    return context.operand(_divide(context, exponential, whole), context.element)


@lowers(aten._log_softmax.default)
def log_softmax(context: Context, x: Tensor, dim: int, half_to_float: Any = False) -> Tensor:
    less, _, whole = softmax_parts(context, x, dim % x.rank)
    result = compute(
        context,
        lambda body, e, a, b: body.emit(f"arith.subf {a}, {body.emit(f'math.log {b} : f32')} : f32"),
        [less, whole],
        "f32",
    )
    return context.operand(result, context.element)


@lowers(aten.native_layer_norm.default)
def layer_norm(context: Context, x: Tensor, shape: Sequence[Any], weight: Any, bias: Any, eps: float) -> List[Tensor]:
    graph = context.graph
    dims = list(range(x.rank - len(shape), x.rank))
    count = product(x.shape[dim] for dim in dims)
    narrow = x.element
    x = graph.settle(graph.cast(x, "f32"))
    average = graph.settle(_divide(context, total(context, x, dims, True), count))
    deviation = graph.settle(compute(context, SUB, [x, average], "f32"))
    variance = _divide(context, total(context, compute(context, MUL, [deviation, deviation], "f32"), dims, True), count)
    scale = graph.settle(
        compute(
            context,
            lambda body, e, v, p: body.emit(f"math.rsqrt {body.emit(f'arith.addf {v}, {p} : {e}')} : {e}"),
            [variance, eps],
            "f32",
        )
    )
    result = compute(context, MUL, [deviation, scale], "f32")
    if weight is not None:
        result = compute(context, MUL, [result, weight], "f32")
    if bias is not None:
        result = compute(context, ADD, [result, bias], "f32")
    return [graph.cast(result, narrow), average, scale]


@lowers(aten.rms_norm.default)
def rms_norm(context: Context, x: Tensor, shape: Sequence[Any], weight: Any = None, eps: Any = None) -> Tensor:
    dims = list(range(x.rank - len(shape), x.rank))
    count = product(x.shape[dim] for dim in dims)
    wide = context.graph.settle(context.graph.cast(x, "f32"))
    square = total(context, compute(context, MUL, [wide, wide], "f32"), dims, True)
    eps = 1.1920928955078125e-07 if eps is None else eps
    scale = compute(
        context,
        lambda body, e, v, p: body.emit(f"math.rsqrt {body.emit(f'arith.addf {v}, {p} : {e}')} : {e}"),
        [_divide(context, square, count), eps],
        "f32",
    )
    result = compute(context, MUL, [wide, scale], "f32")
    if weight is not None:
        result = compute(context, MUL, [result, weight], "f32")
    return context.operand(result, context.element)


@lowers(aten.cumsum.default)
def cumsum(context: Context, x: Tensor, dim: int, dtype: Any = None) -> Tensor:
    graph = context.graph
    element = context.element if dtype is None else element_of(dtype)
    if x.rank == 0:
        return graph.cast(x, element)
    dim %= x.rank
    work = "f32" if element in ("f16", "bf16") else element
    value = graph.value(graph.cast(x, work))
    rest = [size for i, size in enumerate(x.shape) if i != dim]
    state = graph.fill(rest, 0, work)
    y, _ = graph.element_scan("add", [value], [graph.empty(x.shape, work)], [state], f"dimension = {dim} : i64")
    return graph.cast(graph.tensor(y), element)
