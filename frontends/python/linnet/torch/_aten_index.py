# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Lowerings of what reads and writes at computed places. A place outside of a tensor is moved to its edge."""

from __future__ import annotations

from typing import Any, List, Optional, Sequence

from .._graph import Graph, Load, Tensor, _count, broadcast
from .._sizes import Size
from ._lowering import Context, Unsupported, aten, lowers


def load(graph: Graph, x: Tensor, places: Sequence[Tensor], shape: Sequence[Size]) -> Tensor:
    """x at places, which are broadcast to `shape` and trusted."""
    value = graph.value(x)
    expressions = tuple(graph.expand(place, shape).expression for place in places)
    return Tensor(shape, x.element, Load(value, expressions, 4 + sum(map(_count, expressions))))


def place(graph: Graph, index: Tensor, size: Size) -> Tensor:
    """An index from -size to size - 1 as a place from 0 to size - 1."""
    index = graph.cast(index, "i64")
    bound = graph.size_tensor(size)

    def emit(body: Any, i: str, n: str) -> str:
        zero, one = body.constant(0, "i64"), body.constant(1, "i64")
        negative = body.emit(f"arith.cmpi slt, {i}, {zero} : i64")
        own = body.emit(f"arith.select {negative}, {body.emit(f'arith.addi {i}, {n} : i64')}, {i} : i64")
        last = body.emit(f"arith.subi {n}, {one} : i64")
        return body.emit(f"arith.minsi {body.emit(f'arith.maxsi {own}, {zero} : i64')}, {last} : i64")

    return graph.pointwise(emit, [index, bound], "i64")


@lowers(aten.embedding.default)
def embedding(context: Context, weight: Tensor, indices: Tensor, *_: Any, **__: Any) -> Tensor:
    graph = context.graph
    rows = place(graph, indices, weight.shape[0])
    return load(
        graph, weight, [graph.unsqueeze(rows, rows.rank), graph.positions(context.shape, rows.rank)], context.shape
    )


@lowers(aten.index.Tensor)
def index(context: Context, x: Tensor, indices: Sequence[Optional[Tensor]]) -> Tensor:
    graph = context.graph
    given = [i for i, own in enumerate(indices) if own is not None]
    if any(indices[i].element == "i1" for i in given):
        raise Unsupported("an index of truth values, whose number of results is not known")
    together = broadcast(*(indices[i].shape for i in given))
    # The dimensions of the indices stand where the first of them is, or in front where others lie between.
    front = 0 if given != list(range(given[0], given[-1] + 1)) else given[0]
    rest = [i for i in range(x.rank) if i not in given]
    shape = context.shape
    places: List[Any] = [None] * x.rank
    for i in given:
        own = place(graph, indices[i], x.shape[i])
        dims = [front + len(together) - own.rank + d for d in range(own.rank)]
        places[i] = graph._remap(
            own, shape, [d if own.shape[k] != 1 or shape[d] == 1 else None for k, d in enumerate(dims)]
        )
    for number, i in enumerate(rest):
        places[i] = graph.positions(shape, number if number < front else number + len(together))
    return load(graph, x, places, shape)


@lowers(aten.index_select.default)
def index_select(context: Context, x: Tensor, dim: int, indices: Tensor) -> Tensor:
    return index(context, x, [None] * (dim % x.rank) + [indices])


@lowers(aten.gather.default)
def gather(context: Context, x: Tensor, dim: int, indices: Tensor, sparse_grad: bool = False) -> Tensor:
    graph, dim = context.graph, dim % x.rank
    places = [graph.positions(context.shape, i) for i in range(x.rank)]
    places[dim] = place(graph, indices, x.shape[dim])
    return load(graph, x, places, context.shape)


@lowers(aten.scatter.value, aten.scatter.src)
def scatter(context: Context, x: Tensor, dim: int, indices: Tensor, source: Any) -> Tensor:
    """Few indices along `dim`, one after the other, as a later one wins."""
    graph, dim = context.graph, dim % x.rank
    count = indices.shape[dim]
    if (
        not isinstance(count, int)
        or count > 32
        or any(indices.shape[i] != x.shape[i] for i in range(x.rank) if i != dim)
    ):
        raise Unsupported("scatter of more than 32 elements along a dimension, or into a part of the others")
    graph.settle(indices)
    for i in range(count):
        own = place(graph, graph.slice(indices, dim, i, 1), x.shape[dim])
        value = graph.slice(source, dim, i, 1) if isinstance(source, Tensor) else context.operand(source, x.element)

        def emit(body: Any, old: str, at: str, taken: str, new: str) -> str:
            return body.emit(
                f"arith.select {body.emit(f'arith.cmpi eq, {at}, {taken} : i64')}, {new}, {old} : {x.element}"
            )

        x = graph.pointwise(emit, [x, graph.positions(x.shape, dim), own, value], x.element)
    return x
