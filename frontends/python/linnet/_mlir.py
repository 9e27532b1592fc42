# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes MLIR of stage `input`. Why as text: docs/rationale/python.md."""

from __future__ import annotations

from typing import NamedTuple, Sequence, Tuple, Union

#: A size: a number, or the name of a symbol for one that is known only when the kernel is called.
Size = Union[int, str]


class Value(NamedTuple):
    """An SSA value that is a tensor."""

    name: str
    shape: Tuple[Size, ...]
    element: str

    @property
    def type(self) -> str:
        sizes = "".join(f"{size if isinstance(size, int) else '?'}x" for size in self.shape)
        return f"tensor<{sizes}{self.element}>"


def _attributes(name: str, role: str, shape: Sequence[Size]) -> str:
    symbols = [f'"{size}"' for size in shape if isinstance(size, str)]
    text = f'linnet.name = "{name}", linnet.role = "{role}"'
    if symbols:
        text += f", linnet.symbols = [{', '.join(symbols)}]"
    return "{" + text + "}"


class Function:
    """A module with one function, built in order: arguments, operations, results."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._symbols: dict[str, str] = {}  # the value of each
        self._arguments: list[str] = []
        self._body: list[str] = []
        self._results: list[Tuple[Value, str]] = []
        self._next = 0

    def argument(self, name: str, shape: Sequence[Size], role: str = "input", element: str = "f32") -> Value:
        """An argument; `role` is input or state (docs/spec/model-functions.md)."""
        value = Value(f"%{name}", tuple(shape), element)
        self._arguments.append(f"{value.name}: {value.type} {_attributes(name, role, shape)}")
        for axis, size in enumerate(shape):
            if isinstance(size, str) and size not in self._symbols:
                self._symbols[size] = f"%size_{size}"
                self._body.append(f"%axis_{size} = arith.constant {axis} : index")
                self._body.append(f"%size_{size} = tensor.dim {value.name}, %axis_{size} : {value.type}")
        return value

    def result(self, value: Value, name: str, role: str = "output") -> None:
        """Returns `value`. A state is returned under the name of the argument that it goes on from."""
        self._results.append((value, _attributes(name, role, value.shape)))

    def empty(self, shape: Sequence[Size], element: str = "f32") -> Value:
        """A tensor without values, to be written by an operation."""
        value = self._new(shape, element)
        sizes = ", ".join(self._symbols[size] for size in shape if isinstance(size, str))
        self._body.append(f"{value.name} = tensor.empty({sizes}) : {value.type}")
        return value

    def operation(self, text: str, *results: Tuple[Sequence[Size], str]) -> Tuple[Value, ...]:
        """An operation in MLIR's syntax whose results have the given shapes and elements."""
        values = tuple(self._new(shape, element) for shape, element in results)
        self._body.append(f"{', '.join(value.name for value in values)} = {text}")
        return values

    def scan(self, op: str, ins: Sequence[Value], outs: Sequence[Value], attributes: str = "",
             **optional: Value | None) -> Tuple[Value, ...]:
        """An op of the Scan family; `optional` are the operands that have a keyword in its syntax."""
        text = f"linnet.{op} ins({_operands(ins)})"
        for keyword, value in optional.items():
            if value is not None:
                text += f" {keyword}({_operands([value])})"
        text += f" outs({_operands(outs)})"
        if attributes:
            text += f" {{{attributes}}}"
        return self.operation(text, *((value.shape, value.element) for value in outs))

    def _new(self, shape: Sequence[Size], element: str) -> Value:
        self._next += 1
        return Value(f"%v{self._next}", tuple(shape), element)

    def text(self) -> str:
        """The module."""
        symbols = ", ".join(f'"{name}"' for name in self._symbols)
        types = ", ".join(value.type for value, _ in self._results)
        lines = [
            f"module @{self.name} attributes {{linnet.symbols = [{symbols}]}} {{",
            f"func.func @{self.name}({', '.join(self._arguments)})",
            f"    -> ({', '.join(f'{value.type} {attributes}' for value, attributes in self._results)}) {{",
            *(f"  {line}" for line in self._body),
            f"  return {', '.join(value.name for value, _ in self._results)} : {types}",
            "}",
            "}",
        ]
        return "\n".join(lines) + "\n"


def _operands(values: Sequence[Value]) -> str:
    return f"{', '.join(value.name for value in values)} : {', '.join(value.type for value in values)}"


def _identity(rank: int) -> str:
    dims = ", ".join(f"d{i}" for i in range(rank))
    return f"affine_map<({dims}) -> ({dims})>"


# The runtime describes no complex elements (they are no type of its ABI): a kernel takes and gives them as pairs of
# numbers along a last dimension of 2, which is how they lie in memory.


def from_pairs(function: Function, pairs: Value) -> Value:
    """[..., 2] numbers to [...] complex numbers."""
    shape = pairs.shape[:-1]
    rank = len(shape)
    sizes = ", ".join(str(size) if isinstance(size, int) else function._symbols[size] for size in shape)
    parts = []
    for part in range(2):
        offsets = ", ".join(["0"] * rank + [str(part)])
        strides = ", ".join(["1"] * (rank + 1))
        (value,) = function.operation(
            f"tensor.extract_slice {pairs.name}[{offsets}] [{sizes}, 1] [{strides}] : "
            f"{pairs.type} to {Value('', shape, pairs.element).type}",
            (shape, pairs.element),
        )
        parts.append(value)
    element = f"complex<{pairs.element}>"
    out = function.empty(shape, element)
    iterators = ", ".join(['"parallel"'] * rank)
    (result,) = function.operation(
        f"linalg.generic {{indexing_maps = [{', '.join([_identity(rank)] * 3)}], iterator_types = [{iterators}]}} "
        f"ins({_operands(parts)}) outs({_operands([out])}) {{\n"
        f"  ^bb0(%re: {pairs.element}, %im: {pairs.element}, %old: {element}):\n"
        f"    %number = complex.create %re, %im : {element}\n"
        f"    linalg.yield %number : {element}\n"
        f"  }} -> {out.type}",
        (shape, element),
    )
    return result


def to_pairs(function: Function, value: Value, out: Value) -> Value:
    """[...] complex numbers to [..., 2] numbers, written to `out`."""
    rank = len(value.shape)
    number = out.element
    dims = ", ".join(f"d{i}" for i in range(rank + 1))
    inner = ", ".join(f"d{i}" for i in range(rank))
    iterators = ", ".join(['"parallel"'] * (rank + 1))
    (result,) = function.operation(
        f"linalg.generic {{indexing_maps = [affine_map<({dims}) -> ({inner})>, {_identity(rank + 1)}], "
        f"iterator_types = [{iterators}]}} ins({_operands([value])}) outs({_operands([out])}) {{\n"
        f"  ^bb0(%in: {value.element}, %old: {number}):\n"
        f"    %part = linalg.index {rank} : index\n"
        f"    %zero = arith.constant 0 : index\n"
        f"    %first = arith.cmpi eq, %part, %zero : index\n"
        f"    %re = complex.re %in : {value.element}\n"
        f"    %im = complex.im %in : {value.element}\n"
        f"    %number = arith.select %first, %re, %im : {number}\n"
        f"    linalg.yield %number : {number}\n"
        f"  }} -> {out.type}",
        (out.shape, number),
    )
    return result
