# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes MLIR of stage `input`. Why as text: docs/rationale/python.md."""

from __future__ import annotations

from typing import Dict, NamedTuple, Sequence, Tuple, Union

from ._sizes import Dim

#: A size: a number; for one that is known only when the kernel is called the name of a symbol, or an expression.
Size = Union[int, str, Dim]


class Value(NamedTuple):
    """An SSA value that is a tensor."""

    name: str
    shape: Tuple[Size, ...]
    element: str

    @property
    def type(self) -> str:
        sizes = "".join(f"{size if isinstance(size, int) else '?'}x" for size in self.shape)
        return f"tensor<{sizes}{self.element}>"


def number(x: float) -> str:
    """A floating-point constant; MLIR wants the point."""
    text = repr(x)
    return text if "." in text else text.replace("e", ".0e")


def _attributes(name: str, role: str, shape: Sequence[Size]) -> str:
    symbols = [f'"{size}"' for size in shape if not isinstance(size, int)]
    text = f'linnet.name = "{name}", linnet.role = "{role}"'
    if symbols:
        text += f", linnet.symbols = [{', '.join(symbols)}]"
    return "{" + text + "}"


class Function:
    """A module with one function, built in order: arguments, operations, results."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._symbols: Dict[Union[str, Dim], str] = {}  # the value of each
        self._result_symbols: Dict[str, None] = {}  # in an order of their own: sizes of results that no argument has
        self._arguments: list[str] = []
        self._body: list[str] = []
        self._results: list[Tuple[Value, str]] = []
        self._next = 0
        self._given_location = ""

    @property
    def location(self) -> str:
        """Where what is built now comes from, for messages and profiles: as was set, else the name of the function."""
        return self._given_location or self._own_location()

    @location.setter
    def location(self, place: str) -> None:
        self._given_location = place

    def _own_location(self) -> str:
        return self.name

    def argument(self, name: str, shape: Sequence[Size], role: str = "input", element: str = "f32") -> Value:
        """An argument; `role` is input or state (docs/spec/model-functions.md)."""
        value = Value(f"%{name}", tuple(shape), element)
        self._arguments.append(f"{value.name}: {value.type} {_attributes(name, role, shape)}")
        for axis, size in enumerate(shape):
            if not isinstance(size, int) and size not in self._symbols:
                number = len(self._symbols)
                self._symbols[size] = f"%size{number}"
                self._body.append(f"%axis{number} = arith.constant {axis} : index")
                self._body.append(f"%size{number} = tensor.dim {value.name}, %axis{number} : {value.type}")
        return value

    def size(self, size: Size) -> str:
        """The SSA value of a size that is not a number."""
        return self._symbols[size]

    @property
    def symbols(self) -> Tuple[Union[str, Dim], ...]:
        """What the arguments know of sizes."""
        return tuple(self._symbols)

    def result(self, value: Value, name: str, role: str = "output") -> None:
        """Returns `value`. A state is returned under the name of the argument that it goes on from."""
        known = {str(size) for size in self._symbols}
        self._result_symbols.update((str(size), None) for size in value.shape if not isinstance(size, int) and str(size) not in known)
        self._results.append((value, _attributes(name, role, value.shape)))

    def empty(self, shape: Sequence[Size], element: str = "f32") -> Value:
        """A tensor without values, to be written by an operation."""
        value = self._new(shape, element)
        sizes = ", ".join(self.size(size) for size in shape if not isinstance(size, int))
        self._body.append(f"{value.name} = tensor.empty({sizes}) : {value.type}")
        return value

    def operation(self, text: str, *results: Tuple[Sequence[Size], str]) -> Tuple[Value, ...]:
        """An operation in MLIR's syntax whose results have the given shapes and elements."""
        values = tuple(self._new(shape, element) for shape, element in results)
        self._body.append(f"{', '.join(value.name for value in values)} = {text}{self._place()}")
        return values

    def scan(self, op: str, ins: Sequence[Value], outs: Sequence[Value], attributes: str = "",
             **optional: Value | None) -> Tuple[Value, ...]:
        """An op with inputs and inits, as those of the Scan family are; `optional` are the operands that have a keyword in its syntax."""
        text = f"linnet.{op} ins({operands(ins)})"
        for keyword, value in optional.items():
            if value is not None:
                text += f" {keyword}({operands([value])})"
        text += f" outs({operands(outs)})"
        if attributes:
            text += f" {{{attributes}}}"
        return self.operation(text, *((value.shape, value.element) for value in outs))

    def element_scan(self, kind: str, ins: Sequence[Value], outs: Sequence[Value], states: Sequence[Value], attributes: str,
                     segments: Value | None = None, region: str | None = None) -> Tuple[Value, ...]:
        """linnet.scan; its results are one tensor along time for each input, then one state for each."""
        text = f"linnet.scan {kind} ins({operands(ins)}) outs({operands(outs)}) states({operands(states)})"
        if segments is not None:
            text += f" segments({operands([segments])})"
        text += f" {{{attributes}}}"
        if region is not None:
            text += f" combine {region}"
        return self.group(text, *((value.shape, value.element) for value in (*outs, *states)))

    def group(self, text: str, *results: Tuple[Sequence[Size], str]) -> Tuple[Value, ...]:
        """The same as `operation`, with one name for all results."""
        group = self._new((), "group").name
        self._body.append(f"{group}:{len(results)} = {text}{self._place()}")
        return tuple(Value(f"{group}#{i}", tuple(shape), element) for i, (shape, element) in enumerate(results))

    def index_of(self, value: Value) -> str:
        """The SSA value of type index that is the first element of a tensor of integers."""
        place, element, result = (self._new((), kind).name for kind in ("place", "element", "index"))
        self._body.append(f"{place} = arith.constant 0 : index")
        self._body.append(f"{element} = tensor.extract {value.name}[{place}] : {value.type}")
        self._body.append(f"{result} = arith.index_cast {element} : {value.element} to index")
        return result

    def _place(self) -> str:
        return f' loc("{self.location}")'

    def _new(self, shape: Sequence[Size], element: str) -> Value:
        self._next += 1
        return Value(f"%.{self._next}", tuple(shape), element)  # a name that no argument has

    def text(self) -> str:
        """The module."""
        symbols = ", ".join(f'"{name}"' for name in (*self._symbols, *self._result_symbols))
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


def operands(values: Sequence[Value]) -> str:
    """Values and, after a colon, their types."""
    return f"{', '.join(value.name for value in values)} : {', '.join(value.type for value in values)}"
