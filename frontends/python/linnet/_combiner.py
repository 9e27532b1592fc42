# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Traces the combine function of a scan to the region of linnet.scan.

The function is called once with traced elements in the place of arrays. They know numpy's and torch's operators: arithmetic,
comparisons, `where`, `@`, indexing from the last dimensions (`x[..., 0]`, `x[..., None]`), maximum, minimum, exp, log and
abs. What a function does to dimensions other than those of its elements is not known here: such a use raises Untraceable.
"""

from __future__ import annotations

import itertools
import math
from typing import Any, Callable, NamedTuple, Sequence, Tuple

import numpy as np


class Untraceable(TypeError):
    """The function does something that a region cannot express, or that touches dimensions beyond the elements."""


class Element(NamedTuple):
    """The type of one element of an input: its dimensions and its MLIR element type."""

    shape: Tuple[int, ...]
    type: str

    @property
    def mlir(self) -> str:
        return f"tensor<{''.join(f'{size}x' for size in self.shape)}{self.type}>" if self.shape else self.type


class _Region:
    """The lines of a region under construction."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._next = 0

    def emit(self, text: str) -> str:
        name = f"%c{self._next}"
        self._next += 1
        self.lines.append(f"{name} = {text}")
        return name

    def constant(self, value: Any, type: str) -> str:
        if type == "i1":
            return self.emit(f"arith.constant {'true' if value else 'false'}")
        if type.startswith("i"):
            return self.emit(f"arith.constant {int(value)} : {type}")
        bits = np.array(value, np.float32).view(np.uint32)
        return self.emit(f"arith.constant 0x{int(bits):08X} : {type}")


_RANK = {"i1": 0, "i8": 1, "i32": 2, "i64": 3, "f32": 4}


class Traced:
    """An element, or a value computed from elements: scalars in row-major order."""

    __array_priority__ = 1000

    def __init__(self, region: _Region, shape: Tuple[int, ...], type: str, scalars: Sequence[str]) -> None:
        self.region, self.element_shape, self.type, self.scalars = region, shape, type, list(scalars)

    # ------------------------------------------------------------ helpers

    def _lift(self, other: Any) -> "Traced":
        if isinstance(other, Traced):
            return other
        if isinstance(other, (bool, np.bool_)):
            return Traced(self.region, (), "i1", [self.region.constant(other, "i1")])
        if isinstance(other, (int, np.integer)):
            type = self.type if self.type != "i1" else "i32"
            return Traced(self.region, (), type, [self.region.constant(other, type)])
        if isinstance(other, (float, np.floating)):
            return Traced(self.region, (), "f32", [self.region.constant(other, "f32")])
        raise Untraceable(f"expected a number or an element, got {other!r}")

    def _cast(self, type: str) -> "Traced":
        if type == self.type:
            return self
        if type == "f32":
            op = "uitofp" if self.type == "i1" else "sitofp"
        elif _RANK[type] > _RANK[self.type]:
            op = "extui" if self.type == "i1" else "extsi"
        else:
            op = "trunci"
        scalars = [self.region.emit(f"arith.{op} {x} : {self.type} to {type}") for x in self.scalars]
        return Traced(self.region, self.element_shape, type, scalars)

    def _at(self, index: Tuple[int, ...]) -> str:
        """The scalar at a place of a shape that this one broadcasts to."""
        own = index[len(index) - len(self.element_shape):]
        place = 0
        for position, size in zip(own, self.element_shape):
            place = place * size + (0 if size == 1 else position)
        return self.scalars[place]

    def _map(self, others: Sequence["Traced"], result: str, emit: Callable[..., str]) -> "Traced":
        operands = [self, *others]
        try:
            shape = np.broadcast_shapes(*(x.element_shape for x in operands))
        except ValueError as error:
            raise Untraceable(str(error)) from None
        scalars = [emit(*(x._at(index) for x in operands)) for index in itertools.product(*map(range, shape))]
        return Traced(self.region, shape, result, scalars)

    def _binary(self, other: Any, floats: str, integers: str | None, swap: bool = False) -> "Traced":
        a, b = self, self._lift(other)
        type = max(a.type, b.type, key=_RANK.__getitem__)
        if type == "i1":
            type = "i32"
        if integers is None:
            type = "f32"
        a, b = a._cast(type), b._cast(type)
        if swap:
            a, b = b, a
        op = floats if type == "f32" else integers
        return a._map([b], type, lambda x, y: a.region.emit(f"arith.{op} {x}, {y} : {type}"))

    def _compare(self, other: Any, floats: str, integers: str) -> "Traced":
        a, b = self, self._lift(other)
        type = max(a.type, b.type, key=_RANK.__getitem__)
        a, b = a._cast(type), b._cast(type)
        op = f"cmpf {floats}" if type == "f32" else f"cmpi {integers}"
        return a._map([b], "i1", lambda x, y: a.region.emit(f"arith.{op}, {x}, {y} : {type}"))

    def _logical(self, other: Any, op: str) -> "Traced":
        other = self._lift(other)
        type = max(self.type, other.type, key=_RANK.__getitem__)
        if type == "f32":
            raise Untraceable("expected integers or truth values for a bitwise operation, got f32")
        a = self._cast(type)
        return a._map([other._cast(type)], type, lambda x, y: a.region.emit(f"arith.{op} {x}, {y} : {type}"))

    def _math(self, op: str) -> "Traced":
        a = self._cast("f32")
        return a._map([], "f32", lambda x: a.region.emit(f"math.{op} {x} : f32"))

    # ------------------------------------------------------------ operators

    def __add__(self, other): return self._binary(other, "addf", "addi")
    def __radd__(self, other): return self._binary(other, "addf", "addi", swap=True)
    def __sub__(self, other): return self._binary(other, "subf", "subi")
    def __rsub__(self, other): return self._binary(other, "subf", "subi", swap=True)
    def __mul__(self, other): return self._binary(other, "mulf", "muli")
    def __rmul__(self, other): return self._binary(other, "mulf", "muli", swap=True)
    def __truediv__(self, other): return self._binary(other, "divf", None)
    def __rtruediv__(self, other): return self._binary(other, "divf", None, swap=True)
    def __lt__(self, other): return self._compare(other, "olt", "slt")
    def __le__(self, other): return self._compare(other, "ole", "sle")
    def __gt__(self, other): return self._compare(other, "ogt", "sgt")
    def __ge__(self, other): return self._compare(other, "oge", "sge")
    def __eq__(self, other): return self._compare(other, "oeq", "eq")  # type: ignore[override]
    def __ne__(self, other): return self._compare(other, "une", "ne")  # type: ignore[override]
    def __and__(self, other): return self._logical(other, "andi")
    def __or__(self, other): return self._logical(other, "ori")
    def __xor__(self, other): return self._logical(other, "xori")
    __hash__ = None  # type: ignore[assignment]

    def __neg__(self):
        return 0 - self if self.type != "f32" else self._map([], "f32", lambda x: self.region.emit(f"arith.negf {x} : f32"))

    def __invert__(self):
        return self._logical(True if self.type == "i1" else -1, "xori")

    def __abs__(self):
        if self.type == "f32":
            return self._math("absf")
        return where(self < 0, -self, self)

    def __matmul__(self, other):
        return _matmul(self, self._lift(other))

    def __rmatmul__(self, other):
        return _matmul(self._lift(other), self)

    def __bool__(self):
        raise Untraceable("the function branches on a value; use where() to choose by element")

    def __getitem__(self, key: Any) -> "Traced":
        keys = key if isinstance(key, tuple) else (key,)
        if not keys or keys[0] is not Ellipsis or Ellipsis in keys[1:]:
            raise Untraceable("expected an index that starts with ..., since an element is the last dimensions of an array")
        keys = keys[1:]
        used = sum(k is not None for k in keys)
        rank = len(self.element_shape)
        if used > rank:
            raise Untraceable(f"the index takes {used} dimensions of an element that has {rank}")
        places = np.arange(len(self.scalars)).reshape(self.element_shape)
        picked = places[(slice(None),) * (rank - used) + keys]
        return Traced(self.region, np.shape(picked), self.type, [self.scalars[i] for i in np.ravel(picked)])

    @property
    def dtype(self):
        return np.dtype({"f32": "float32", "i32": "int32", "i64": "int64", "i8": "int8", "i1": "bool"}[self.type])

    # ------------------------------------------------------------ numpy and torch functions

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        function = _FUNCTIONS.get(ufunc.__name__)
        if method != "__call__" or kwargs or function is None:
            raise Untraceable(f"numpy.{ufunc.__name__} is not known to the tracer")
        return function(*inputs)

    def __array_function__(self, function, types, args, kwargs):
        known = _FUNCTIONS.get(function.__name__)
        if known is None or kwargs:
            raise Untraceable(f"numpy.{function.__name__} is not known to the tracer")
        return known(*args)

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        known = _FUNCTIONS.get(function.__name__)
        if known is None or kwargs:
            raise Untraceable(f"torch.{function.__name__} is not known to the tracer")
        return known(*args)


def where(condition: Any, yes: Any, no: Any) -> Traced:
    """yes where condition holds, else no."""
    traced = next(x for x in (condition, yes, no) if isinstance(x, Traced))
    condition, yes, no = traced._lift(condition), traced._lift(yes), traced._lift(no)
    if condition.type != "i1":
        condition = condition != 0
    type = max(yes.type, no.type, key=_RANK.__getitem__)
    return condition._map([yes._cast(type), no._cast(type)], type,
                          lambda c, x, y: traced.region.emit(f"arith.select {c}, {x}, {y} : {type}"))


def _matmul(a: Traced, b: Traced) -> Traced:
    if not a.element_shape or not b.element_shape or (len(a.element_shape) == 1 and len(b.element_shape) == 1):
        raise Untraceable("@ takes the last two dimensions, and an element here has fewer")
    if len(a.element_shape) == 1 or len(b.element_shape) == 1:
        raise Untraceable("@ of a matrix and a vector is not defined batch by batch; write (m @ v[..., None])[..., 0]")
    rows, inner = a.element_shape[-2:]
    if b.element_shape[-2] != inner:
        raise Untraceable(f"@ of elements of shapes {list(a.element_shape)} and {list(b.element_shape)}")
    total: Traced | None = None
    for k in range(inner):
        product = a[..., k:k + 1] * b[..., k:k + 1, :]
        total = product if total is None else total + product
    assert total is not None
    return total


def _unary(op: str) -> Callable[[Traced], Traced]:
    return lambda x: x._math(op)


def _operator(name: str) -> Callable[..., Traced]:
    def apply(x: Any, *rest: Any) -> Traced:
        if not isinstance(x, Traced):
            x = rest[0]._lift(x)
        return getattr(x, name)(*rest)

    return apply


def _extreme(floats: str, integers: str) -> Callable[[Any, Any], Traced]:
    def apply(x: Any, y: Any) -> Traced:
        if not isinstance(x, Traced):
            x = y._lift(x)
        return x._binary(y, floats, integers)

    return apply


_FUNCTIONS: dict[str, Callable[..., Traced]] = {
    "where": where,
    "maximum": _extreme("maximumf", "maxsi"), "minimum": _extreme("minimumf", "minsi"),
    "exp": _unary("exp"), "exp2": _unary("exp2"), "expm1": _unary("expm1"), "log": _unary("log"), "log1p": _unary("log1p"),
    "tanh": _unary("tanh"), "sqrt": _unary("sqrt"), "sin": _unary("sin"), "cos": _unary("cos"),
    "abs": abs, "absolute": abs, "fabs": abs, "negative": _operator("__neg__"), "neg": _operator("__neg__"),
    "add": _operator("__add__"), "subtract": _operator("__sub__"), "sub": _operator("__sub__"),
    "multiply": _operator("__mul__"), "mul": _operator("__mul__"), "divide": _operator("__truediv__"),
    "true_divide": _operator("__truediv__"), "div": _operator("__truediv__"), "matmul": _matmul,
    "less": _operator("__lt__"), "lt": _operator("__lt__"), "less_equal": _operator("__le__"), "le": _operator("__le__"),
    "greater": _operator("__gt__"), "gt": _operator("__gt__"), "greater_equal": _operator("__ge__"),
    "ge": _operator("__ge__"), "equal": _operator("__eq__"), "eq": _operator("__eq__"),
    "not_equal": _operator("__ne__"), "ne": _operator("__ne__"),
    "bitwise_and": _operator("__and__"), "logical_and": _operator("__and__"), "bitwise_or": _operator("__or__"),
    "logical_or": _operator("__or__"), "bitwise_xor": _operator("__xor__"), "invert": _operator("__invert__"),
    "bitwise_not": _operator("__invert__"), "logical_not": _operator("__invert__"),
}  # fmt: skip


def trace(combine: Callable[..., Any], elements: Sequence[Element], tupled: bool) -> str:
    """The region of linnet.scan for combine(earlier, later) on these elements: tuples of them where `tupled`.

    Raises Untraceable.
    """
    region = _Region()
    sides = []
    arguments = []
    for side in ("earlier", "later"):
        values = []
        for i, element in enumerate(elements):
            name = f"%{side}{i}"
            arguments.append(f"{name}: {element.mlir}")
            if not element.shape:
                values.append(Traced(region, (), element.type, [name]))
                continue
            scalars = []
            for index in itertools.product(*map(range, element.shape)):
                places = ", ".join(region.emit(f"arith.constant {i} : index") for i in index)
                scalars.append(region.emit(f"tensor.extract {name}[{places}] : {element.mlir}"))
            values.append(Traced(region, element.shape, element.type, scalars))
        sides.append(tuple(values) if tupled else values[0])
    result = combine(*sides)
    results = tuple(result) if tupled else (result,)
    if len(results) != len(elements):
        raise Untraceable(f"expected {len(elements)} results, got {len(results)}")
    yielded = []
    for i, (value, element) in enumerate(zip(results, elements)):
        if not isinstance(value, Traced):
            value = sides[0][0]._lift(value) if tupled else sides[0]._lift(value)
        value = value._cast(element.type)
        if math.prod(value.element_shape) != math.prod(element.shape) and value.element_shape != ():
            raise Untraceable(f"result {i} has elements of shape {list(value.element_shape)}, expected {list(element.shape)}")
        if value.element_shape != element.shape:
            if np.broadcast_shapes(value.element_shape, element.shape) != element.shape:
                raise Untraceable(f"result {i} has elements of shape {list(value.element_shape)}, expected {list(element.shape)}")
            value = Traced(region, element.shape, value.type,
                           [value._at(index) for index in itertools.product(*map(range, element.shape))])
        if element.shape:
            yielded.append(region.emit(f"tensor.from_elements {', '.join(value.scalars)} : {element.mlir}"))
        else:
            yielded.append(value.scalars[0])
    lines = [f"^bb0({', '.join(arguments)}):", *(f"  {line}" for line in region.lines)]
    lines.append(f"  linnet.yield {', '.join(yielded)} : {', '.join(element.mlir for element in elements)}")
    return "{\n" + "\n".join(lines) + "\n}"
