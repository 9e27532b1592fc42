# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What an operator of torch becomes: the table of lowerings, and what each is given."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import torch

from .._graph import Graph, Tensor
from .._sizes import Dim, FloorDivision, Size

aten = torch.ops.aten

ELEMENTS = {
    torch.float32: "f32",
    torch.float64: "f64",
    torch.float16: "f16",
    torch.bfloat16: "bf16",
    torch.bool: "i1",
    torch.int8: "i8",
    torch.int32: "i32",
    torch.int64: "i64",
}


class Unsupported(Exception):
    """An operator, or a use of one, that has no lowering. The message says what and why."""


def element_of(dtype: torch.dtype) -> str:
    if dtype not in ELEMENTS:
        raise Unsupported(f"elements of type {dtype}")
    return ELEMENTS[dtype]


def size_of(size: Any) -> Size:
    """A size of torch, a number or an expression of symbols, as Linnet's."""
    if isinstance(size, int):
        return size
    return _from_sympy(size.node.expr)


def _from_sympy(expression: Any) -> Size:
    if expression.is_Integer:
        return int(expression)
    if expression.is_Symbol:
        return Dim(str(expression))
    if expression.is_Add or expression.is_Mul:
        parts = [_from_sympy(argument) for argument in expression.args]
        total = parts[0]
        for part in parts[1:]:
            total = total + part if expression.is_Add else total * part
        return total
    if expression.is_Pow and expression.exp.is_Integer and expression.exp > 0:
        base = result = _from_sympy(expression.base)
        for _ in range(int(expression.exp) - 1):
            result = result * base
        return result
    kind = type(expression).__name__
    if kind in ("FloorDiv", "CleanDiv", "Mod", "PythonMod") and len(expression.args) == 2:
        numerator, divisor = map(_from_sympy, expression.args)
        try:
            return numerator // divisor if kind in ("FloorDiv", "CleanDiv") else numerator % divisor
        except ValueError:
            pass
    raise Unsupported(f"the size {expression}")


class Context:
    """One use of an operator: the graph to build in, and what torch says of the result."""

    def __init__(self, graph: Graph, out: Any) -> None:
        self.graph, self.out = graph, out

    @property
    def shape(self) -> Tuple[Size, ...]:
        """Of the (first) result."""
        return tuple(map(size_of, self._first.shape))

    @property
    def element(self) -> str:
        return element_of(self._first.dtype)

    @property
    def _first(self) -> Any:
        return self.out[0] if isinstance(self.out, (tuple, list)) else self.out

    def shape_of(self, i: int) -> Tuple[Size, ...]:
        """Of result `i` of several."""
        return tuple(map(size_of, self.out[i].shape))

    def operand(self, x: Any, element: str) -> Tensor:
        """A tensor or number as a tensor of this element type."""
        if isinstance(x, Tensor):
            return self.graph.cast(x, element)
        if isinstance(x, Dim):
            return self.graph.cast(self.graph.size_tensor(x), element)
        return self.graph.full((), x, element)


#: By overload.
LOWERINGS: Dict[Any, Callable[..., Any]] = {}


def lowers(*overloads: Any) -> Callable[[Callable], Callable]:
    """The decorated function lowers these operators; it gets a Context and the operator's arguments."""

    def register(function: Callable) -> Callable:
        for overload in overloads:
            LOWERINGS[overload] = function
        return function

    return register


def axes(dims: Any, rank: int) -> List[int]:
    """Dimensions counted from the front; None and [] mean all."""
    if dims is None or (isinstance(dims, (list, tuple)) and not dims):
        return list(range(rank))
    return [dim % rank if rank else 0 for dim in ([dims] if isinstance(dims, int) else dims)]


def clamp_index(index: Optional[int], size: Size, default: Size) -> Size:
    """A bound of a slice, as Python has it."""
    if index is None or (isinstance(index, int) and index >= 2**62):
        return default
    if isinstance(index, int) and isinstance(size, int):
        return min(max(index + size if index < 0 else index, 0), size)
    if isinstance(index, int) and index < 0:
        return size + index
    return index


def slice_start(start: Optional[int], end: Optional[int], size: Size, taken: Size) -> Size:
    """Where a slice of `taken` elements begins."""
    if isinstance(size, Dim) and isinstance(start, int) and start < 0:
        # size + start may be below 0, from where a slice goes on at 0. torch knows, by how many it takes.
        return clamp_index(end, size, size) - taken
    return clamp_index(start, size, 0)


def bodies(element: str, function: Callable[..., str]) -> Callable[..., str]:
    """A scalar operation on floats: in f32 for the types of 16 bits, then rounded."""
    if element not in ("f16", "bf16"):
        return lambda body, *names: function(body, element, *names)

    def emit(body: Any, *names: str) -> str:
        wide = [body.cast(name, element, "f32") for name in names]
        return body.cast(function(body, "f32", *wide), "f32", element)

    return emit


def compute(
    context: Context, function: Callable[..., str], operands: Sequence[Any], element: Optional[str] = None
) -> Tensor:
    """function(body, element, *scalars) over operands that are converted to the type of the result."""
    element = element or context.element
    tensors = [context.operand(x, element) for x in operands]
    return context.graph.pointwise(bodies(element, function), tensors, element)
