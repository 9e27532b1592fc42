# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Lowerings of what makes tensors, and of what moves elements without computing."""

from __future__ import annotations

from typing import Any, List, Sequence

from .._graph import Tensor
from .._sizes import Dim, Size
from ._lowering import Context, Unsupported, aten, axes, compute, lowers, slice_start

# ---------------------------------------------------------------- the same elements


@lowers(aten.view.default, aten._unsafe_view.default, aten.reshape.default)
def view(context: Context, x: Tensor, shape: Sequence[Any]) -> Tensor:
    try:
        return context.graph.reshape(x, context.shape)
    except ValueError as error:
        raise Unsupported(str(error)) from None


@lowers(
    aten.alias.default, aten.detach.default, aten.lift_fresh_copy.default, aten.contiguous.default, aten.clone.default
)
def same(context: Context, x: Tensor, **_: Any) -> Tensor:
    return x


@lowers(aten.permute.default)
def permute(context: Context, x: Tensor, dims: Sequence[int]) -> Tensor:
    return context.graph.permute(x, axes(list(dims), x.rank)) if x.rank else x


@lowers(aten.transpose.int)
def transpose(context: Context, x: Tensor, first: int, second: int) -> Tensor:
    order = list(range(x.rank))
    order[first], order[second] = order[second], order[first]
    return context.graph.permute(x, order)


@lowers(aten.t.default)
def t(context: Context, x: Tensor) -> Tensor:
    return context.graph.permute(x, list(range(x.rank))[::-1])


@lowers(aten.expand.default)
def expand(context: Context, x: Tensor, shape: Sequence[Any], implicit: bool = False) -> Tensor:
    return context.graph.expand(x, context.shape)


@lowers(aten.unsqueeze.default)
def unsqueeze(context: Context, x: Tensor, dim: int) -> Tensor:
    return context.graph.unsqueeze(x, dim % (x.rank + 1))


@lowers(aten.squeeze.dims, aten.squeeze.dim, aten.squeeze.default)
def squeeze(context: Context, x: Tensor, dims: Any = None) -> Tensor:
    return context.graph.squeeze(x, [dim for dim in axes(dims, x.rank) if x.shape[dim] == 1])


# ---------------------------------------------------------------- parts


@lowers(aten.slice.Tensor)
def slice_(context: Context, x: Tensor, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> Tensor:
    dim %= x.rank
    size, taken = x.shape[dim], context.shape[dim]
    if step != 1 and isinstance(size, Dim) and isinstance(start, int) and start < 0:
        raise Unsupported("a slice from the end with a step, of a size that is known only when it is called")
    return context.graph.slice(x, dim, slice_start(start, end, size, taken), taken, step)


@lowers(aten.select.int)
def select(context: Context, x: Tensor, dim: int, index: Any) -> Tensor:
    dim %= x.rank
    index = index + x.shape[dim] if isinstance(index, int) and index < 0 else index
    return context.graph.squeeze(context.graph.slice(x, dim, index, 1), [dim])


@lowers(aten.split_with_sizes.default, aten.split.Tensor, aten.chunk.default)
def split(context: Context, x: Tensor, sizes: Any, dim: int = 0) -> List[Tensor]:
    dim %= x.rank
    parts, begin = [], 0
    for i in range(len(context.out)):
        size = context.shape_of(i)[dim]
        parts.append(context.graph.slice(x, dim, begin, size))
        begin = size + begin
    return parts


@lowers(aten.unbind.int)
def unbind(context: Context, x: Tensor, dim: int = 0) -> List[Tensor]:
    return [select(context, x, dim, i) for i in range(len(context.out))]


@lowers(aten.slice_scatter.default)
def slice_scatter(context: Context, x: Tensor, source: Tensor, dim: int = 0, start: Any = None, end: Any = None,
                  step: int = 1) -> Tensor:  # fmt: skip
    if step != 1:
        raise Unsupported(f"slice_scatter with step {step}")
    dim %= x.rank
    return context.graph.insert(source, x, dim, slice_start(start, end, x.shape[dim], source.shape[dim]))


@lowers(aten.select_scatter.default)
def select_scatter(context: Context, x: Tensor, source: Tensor, dim: int, index: Any) -> Tensor:
    dim %= x.rank
    index = index + x.shape[dim] if isinstance(index, int) and index < 0 else index
    return context.graph.insert(context.graph.unsqueeze(source, dim), x, dim, index)


@lowers(aten.copy.default)
def copy(context: Context, x: Tensor, source: Tensor, non_blocking: bool = False) -> Tensor:
    return context.graph.expand(context.operand(source, x.element), x.shape)


# ---------------------------------------------------------------- put together


@lowers(aten.cat.default)
def cat(context: Context, parts: Sequence[Tensor], dim: int = 0) -> Tensor:
    parts = [part for part in parts if part.shape != (0,)]  # torch lets such a part be of another rank
    return context.graph.concat([context.operand(part, context.element) for part in parts], dim % parts[0].rank)


@lowers(aten.stack.default)
def stack(context: Context, parts: Sequence[Tensor], dim: int = 0) -> Tensor:
    dim %= parts[0].rank + 1
    return context.graph.concat(
        [context.graph.unsqueeze(context.operand(part, context.element), dim) for part in parts], dim
    )


@lowers(aten.constant_pad_nd.default)
def pad(context: Context, x: Tensor, amounts: Sequence[Any], value: Any = 0) -> Tensor:
    if not all(isinstance(amount, int) for amount in amounts):
        raise Unsupported("constant_pad_nd by a size that is known only when it is called")
    low, high = [0] * x.rank, [0] * x.rank
    for i in range(len(amounts) // 2):
        low[x.rank - 1 - i], high[x.rank - 1 - i] = amounts[2 * i], amounts[2 * i + 1]
    return context.graph.pad(x, low, high, value)


@lowers(aten.repeat.default)
def repeat(context: Context, x: Tensor, counts: Sequence[Any]) -> Tensor:
    graph, shape = context.graph, context.shape
    for _ in range(len(counts) - x.rank):
        x = graph.unsqueeze(x, 0)
    # [n] repeated m times is [m, n] read row by row.
    middle: List[Size] = []
    for dim, count in enumerate(counts):
        x = graph.unsqueeze(x, 2 * dim)
        middle += [count if isinstance(count, (int, Dim)) else 1, x.shape[2 * dim + 1]]
    return graph.reshape(graph.expand(x, middle), shape)


# ---------------------------------------------------------------- new ones


@lowers(aten.full.default, aten.full_like.default, aten.new_full.default)
def full(context: Context, x: Any, value: Any, *rest: Any, **_: Any) -> Tensor:
    if isinstance(x, Tensor) and rest:  # new_full(x, shape, value)
        value = rest[0]
    return context.graph.expand(context.operand(value, context.element), context.shape)


def _filled(value: Any):
    return lambda context, *_, **__: context.graph.full(context.shape, value, context.element)


# What is empty may hold anything: zeros are the same in every run.
lowers(aten.zeros.default, aten.zeros_like.default, aten.new_zeros.default, aten.empty.memory_format, aten.empty_like.default,
       aten.new_empty.default, aten.empty_permuted.default)(_filled(0))  # fmt: skip
lowers(aten.ones.default, aten.ones_like.default, aten.new_ones.default)(_filled(1))


@lowers(aten.scalar_tensor.default)
def scalar_tensor(context: Context, value: Any, **_: Any) -> Tensor:
    return context.operand(value, context.element)


@lowers(aten.arange.start_step, aten.arange.default, aten.arange.start)
def arange(context: Context, *bounds: Any, **_: Any) -> Tensor:
    start, step = (bounds[0] if len(bounds) > 1 else 0), (bounds[2] if len(bounds) > 2 else 1)
    element = context.element
    positions = context.operand(context.graph.positions(context.shape, 0), element)

    def emit(body: Any, kind: str, i: str, begin: str, by: str) -> str:
        mul, add = ("mulf", "addf") if kind[0] in "fb" else ("muli", "addi")
        return body.emit(f"arith.{add} {begin}, {body.emit(f'arith.{mul} {i}, {by} : {kind}')} : {kind}")

    return positions if start == 0 and step == 1 else compute(context, emit, [positions, start, step])


def _triangular(compare: str):
    def lower(context: Context, x: Tensor, diagonal: int = 0) -> Tensor:
        graph, element = context.graph, x.element
        row, column = graph.positions(x.shape, x.rank - 2), graph.positions(x.shape, x.rank - 1)

        def emit(body: Any, i: str, j: str, value: str) -> str:
            edge = body.emit(f"arith.addi {i}, {body.constant(diagonal, 'i64')} : i64")
            inside = body.emit(f"arith.cmpi {compare}, {j}, {edge} : i64")
            return body.emit(f"arith.select {inside}, {value}, {body.constant(0, element)} : {element}")

        return graph.pointwise(emit, [row, column, x], element)

    return lower


lowers(aten.tril.default)(_triangular("sle"))
lowers(aten.triu.default)(_triangular("sge"))


@lowers(aten.flip.default)
def flip(context: Context, x: Tensor, dims: Sequence[int]) -> Tensor:
    from ._aten_index import load

    graph = context.graph
    places: List[Tensor] = []
    for dim in range(x.rank):
        place: Tensor = graph.positions(x.shape, dim)
        if dim in axes(list(dims), x.rank):
            last = graph.size_tensor(x.shape[dim] - 1)
            place = graph.pointwise(lambda body, i, n: body.emit(f"arith.subi {n}, {i} : i64"), [place, last], "i64")
        places.append(place)
    return load(graph, x, places, x.shape)
