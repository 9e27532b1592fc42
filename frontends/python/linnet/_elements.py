# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The types of elements in MLIR, and code that computes with single elements."""

from __future__ import annotations

import struct
from typing import Any, List

FLOATS = ("f64", "f32", "bf16", "f16")
#: From the narrowest to the widest: the type of a result is that of the last of its operands.
_RANKS = {name: i for i, name in enumerate(("i1", "i8", "i16", "i32", "i64", "f16", "bf16", "f32", "f64"))}
_BITS = {"i1": 1, "i8": 8, "i16": 16, "i32": 32, "i64": 64, "f16": 16, "bf16": 16, "f32": 32, "f64": 64}


def constant_text(value: Any, element: str) -> str:
    """The literal of a number in MLIR."""
    if element == "i1":
        return "true" if value else "false"
    if element in FLOATS:
        format_, size = {"f64": (">d", 16), "f32": (">f", 8), "f16": (">e", 4), "bf16": (">f", 4)}[element]
        try:
            bits = struct.pack(format_, float(value))
        except OverflowError:  # beyond the type: infinite, as a conversion would have it
            bits = struct.pack(format_, float("inf") if value > 0 else float("-inf"))
        return "0x" + bits.hex().upper()[:size]
    return str(int(value))


def constant_op(text: str, element: str) -> str:
    """The operation for a literal; that of a truth value has its type in it."""
    return f"arith.constant {text}" + ("" if element == "i1" else f" : {element}")


class Body:
    """The lines of the region of one linalg.generic."""

    def __init__(self) -> None:
        self.lines: List[str] = []

    def emit(self, text: str) -> str:
        name = f"%e{len(self.lines)}"
        self.lines.append(f"{name} = {text}")
        return name

    def constant(self, value: Any, element: str) -> str:
        return self.emit(constant_op(constant_text(value, element), element))

    def cast(self, name: str, source: str, target: str) -> str:
        """A conversion between types of elements, as numpy and torch have it."""
        if source == target:
            return name
        if target == "i1":
            zero = self.constant(0, source)
            compare = "cmpf une" if source in FLOATS else "cmpi ne"
            return self.emit(f"arith.{compare}, {name}, {zero} : {source}")
        if source in FLOATS and target in FLOATS:
            narrower = _BITS[target] < _BITS[source]
            if _BITS[target] == _BITS[source]:  # f16 and bf16
                return self.cast(self.cast(name, source, "f32"), "f32", target)
            return self.emit(f"arith.{'truncf' if narrower else 'extf'} {name} : {source} to {target}")
        if source in FLOATS:
            return self.emit(f"arith.fptosi {name} : {source} to {target}")
        if target in FLOATS:
            return self.emit(f"arith.{'uitofp' if source == 'i1' else 'sitofp'} {name} : {source} to {target}")
        if _BITS[target] < _BITS[source]:
            return self.emit(f"arith.trunci {name} : {source} to {target}")
        return self.emit(f"arith.{'extui' if source == 'i1' else 'extsi'} {name} : {source} to {target}")


def widest(*elements: str) -> str:
    """The type that holds values of all of these, as numpy and torch choose it between arrays."""
    if {"f16", "bf16"} <= set(elements):
        return "f32"
    return max(elements, key=_RANKS.__getitem__)
