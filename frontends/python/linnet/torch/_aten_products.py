# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Lowerings of products of matrices and of convolutions."""

from __future__ import annotations

from typing import Any, Sequence

from .._graph import Load, Tensor
from .._sizes import Dim
from ._aten_pointwise import ADD, MUL
from ._lowering import Context, Unsupported, aten, compute, lowers


def _is_one_matrix(x: Tensor) -> bool:
    """Whether all matrices of a batch are the same one, as it lies in memory."""
    dims = getattr(x.expression, "dims", None)
    return (
        dims is not None
        and len(dims) == len(x.expression.value.shape)
        and set(dims) - {None} == {x.rank - 2, x.rank - 1}
    )


def _product(context: Context, a: Tensor, b: Tensor, add: Any = None, transposed: bool = False) -> Tensor:
    """a [..., m, k] times b [..., k, n], or [..., n, k] where it is transposed; equal leading dimensions are a batch.
    Computed in f32."""
    graph = context.graph
    a, b = graph.cast(a, "f32"), graph.cast(b, "f32")
    if b.rank > 2 and not _is_one_matrix(a) and _is_one_matrix(b):
        b = graph._remap(b, b.shape[-2:], [None] * (b.rank - 2) + [0, 1])
    merged = a.unmerged if b.rank == 2 else None
    if merged is not None:  # the rows of a are several dimensions: let them be
        a = merged
    if b.rank == 2:
        graph.value(a)  # the sum along what lies side by side: the form of which weights are packed
        rows = list(range(a.rank - 1))
        n, k = len(rows), len(rows) + 1
        a_loops, b_loops, out = [*rows, k], ([n, k] if transposed else [k, n]), [*rows, n]
    elif add is None and not transposed and _is_one_matrix(a):
        # One matrix times many is, turned, many times one: the second operand is then the weight.
        one = graph._remap(a, a.shape[-2:], [None] * (a.rank - 2) + [0, 1])
        turned = [*range(b.rank - 2), b.rank - 1, b.rank - 2]
        many = graph.permute(b, turned)
        graph.value(many)
        rows = list(range(b.rank - 1))
        result = graph.contract(many, [*rows, b.rank], one, [b.rank - 1, b.rank], [*rows, b.rank - 1])
        return graph.cast(graph.permute(result, turned), context.element)
    else:
        batch = list(range(b.rank - 2))
        m, n, k = len(batch), len(batch) + 1, len(batch) + 2
        a_loops, b_loops, out = [*batch, m, k], [*batch, *((n, k) if transposed else (k, n))], [*batch, m, n]
    result = graph.contract(a, a_loops, b, b_loops, out, None if add is None else graph.cast(add, "f32"))
    if merged is not None:
        flat = graph.reshape(result, context.shape)
        flat.unmerged = result
        result = flat
    element = context.element
    return result if element == "f32" else graph.cast(result, element)


@lowers(aten.mm.default)
def mm(context: Context, a: Tensor, b: Tensor) -> Tensor:
    return _product(context, a, b)


@lowers(aten.bmm.default)
def bmm(context: Context, a: Tensor, b: Tensor) -> Tensor:
    """Matrices that an index chooses (experts, each for its tokens), times one vector each, are read where they are: put
    together they would be a matrix for every token."""
    graph = context.graph
    if isinstance(a.expression, Load) and b.shape[2] == 1:
        vectors = graph.permute(graph.settle(b), [0, 2, 1])
        terms = compute(context, MUL, [a, graph.expand(vectors, a.shape)], "f32")
        return graph.cast(graph.unsqueeze(graph.reduce(terms, [2], 0, "arith.addf"), 2), context.element)
    if isinstance(b.expression, Load) and a.shape[1] == 1:
        turned = graph.permute(b, [0, 2, 1])
        terms = compute(context, MUL, [turned, graph.expand(graph.settle(a), turned.shape)], "f32")
        return graph.cast(graph.unsqueeze(graph.reduce(terms, [2], 0, "arith.addf"), 1), context.element)
    return _product(context, a, b)


@lowers(aten.addmm.default, aten.baddbmm.default)
def addmm(context: Context, add: Tensor, a: Tensor, b: Tensor, beta: Any = 1, alpha: Any = 1) -> Tensor:
    if beta != 1 or alpha != 1:
        result = compute(context, MUL, [_product(context, a, b), alpha])
        return compute(context, ADD, [result, compute(context, MUL, [add, beta])])
    if add.rank <= 1 or b.rank > 2 or a.unmerged is None:
        return _product(context, a, b, add)
    return compute(context, ADD, [_product(context, a, b), add])


@lowers(aten.linear.default)
def linear(context: Context, x: Tensor, weight: Tensor, bias: Any = None) -> Tensor:
    return _product(context, x, weight, bias, transposed=True)


@lowers(aten.matmul.default)
def matmul(context: Context, a: Tensor, b: Tensor) -> Tensor:
    graph = context.graph
    if a.rank == 1 or b.rank == 1:
        raise Unsupported("matmul with a vector")
    if b.rank > 2:
        batch = context.shape[:-2]
        a, b = graph.expand(a, (*batch, *a.shape[-2:])), graph.expand(b, (*batch, *b.shape[-2:]))
        a, b = (x if _reads(x) else graph.settle(x) for x in (a, b))
    elif a.rank > 2 and b.rank == 2:
        pass
    return _product(context, a, b)


def _reads(x: Tensor) -> bool:
    return hasattr(x.expression, "dims")


@lowers(aten.mv.default)
def mv(context: Context, a: Tensor, x: Tensor) -> Tensor:
    return context.operand(context.graph.contract(a, [0, 1], x, [1], [0]), context.element)


@lowers(aten.dot.default)
def dot(context: Context, a: Tensor, b: Tensor) -> Tensor:
    return context.operand(context.graph.contract(a, [0], b, [0], []), context.element)


@lowers(aten.convolution.default)
def convolution(context: Context, x: Tensor, weight: Tensor, bias: Any, stride: Sequence[int], padding: Sequence[int],
                dilation: Sequence[int], transposed: bool, output_padding: Sequence[int], groups: int) -> Tensor:  # fmt: skip
    if (
        x.rank != 3
        or transposed
        or list(stride) != [1]
        or list(dilation) != [1]
        or groups != x.shape[1]
        or weight.shape[1] != 1
    ):
        raise Unsupported("a convolution other than a depthwise one over one dimension, with stride and dilation 1")
    graph = context.graph
    padded = graph.pad(graph.cast(x, "f32"), [0, 0, padding[0]], [0, 0, padding[0]], 0)
    width = weight.shape[2]
    if isinstance(width, Dim):
        raise Unsupported("a convolution whose width is known only when it is called")
    taps = graph.cast(graph.squeeze(weight, [1]), "f32")
    total: Any = None if bias is None else graph.unsqueeze(graph.cast(bias, "f32"), 1)
    for tap in range(width):
        part = graph.slice(padded, 2, tap, context.shape[2])
        term = compute(context, MUL, [part, graph.slice(taps, 1, tap, 1)], "f32")
        total = term if total is None else compute(context, ADD, [total, term], "f32")
    return graph.cast(total, context.element)
