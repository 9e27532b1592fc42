# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Sizes that are known only when a function is called, and arithmetic with them."""

from __future__ import annotations

from operator import index
from typing import Dict, Mapping, NamedTuple, Optional, Tuple, Union


class FloorDivision(NamedTuple):
    """A part of a size that is no polynomial: floor(numerator / divisor)."""

    numerator: "Dim"
    divisor: int

    def __str__(self) -> str:
        return f"({self.numerator})//{self.divisor}"


#: A factor of a term: a symbol, or a division that does not come out even.
Atom = Union[str, FloorDivision]
_Terms = Dict[Tuple[Atom, ...], int]


class Dim:
    """A size: Dim("T") is one that is given by the arrays of a call; sums, products, // and % of sizes are sizes.

    Two sizes are equal when they are the same polynomial of their symbols. An expression that does not depend on a
    symbol is an int.
    """

    __slots__ = ("terms", "_key")

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not name.isidentifier():
            raise ValueError(f"Dim: argument name: expected a name like 'T', got {name!r}")
        self._set({(name,): 1})

    def _set(self, terms: _Terms) -> None:
        self.terms = terms
        self._key = frozenset(terms.items())

    @staticmethod
    def _make(terms: _Terms) -> "Size":
        terms = {factors: count for factors, count in terms.items() if count}
        if not terms:
            return 0
        if list(terms) == [()]:
            return terms[()]
        result = object.__new__(Dim)
        result._set(terms)
        return result

    @property
    def symbol(self) -> Optional[str]:
        """The name, where this is a symbol and nothing else."""
        ((factors, count),) = list(self.terms.items()) if len(self.terms) == 1 else [((), 0)]
        return factors[0] if count == 1 and len(factors) == 1 and isinstance(factors[0], str) else None

    @property
    def is_natural(self) -> bool:
        """Whether this is never negative, whatever the symbols are, which are not negative either."""
        return all(count >= 0 for count in self.terms.values())

    def evaluate(self, values: Mapping[str, int]) -> int:
        """The number for these values of the symbols."""
        total = 0
        for factors, count in self.terms.items():
            for factor in factors:
                if isinstance(factor, str):
                    count *= values[factor]
                else:
                    numerator = factor.numerator
                    count *= evaluate(numerator, values) // factor.divisor
            total += count
        return total

    def __add__(self, other: "Size") -> "Size":
        terms = dict(self.terms)
        for factors, count in _terms(other).items():
            terms[factors] = terms.get(factors, 0) + count
        return Dim._make(terms)

    def __mul__(self, other: "Size") -> "Size":
        terms: _Terms = {}
        for a, x in self.terms.items():
            for b, y in _terms(other).items():
                factors = tuple(sorted(a + b, key=str))
                terms[factors] = terms.get(factors, 0) + x * y
        return Dim._make(terms)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> "Size":
        return self * -1

    def __sub__(self, other: "Size") -> "Size":
        return self + -other

    def __rsub__(self, other: "Size") -> "Size":
        return -self + other

    def __floordiv__(self, other: "Size") -> "Size":
        exact = divide(self, other)
        if exact is not None:
            return exact
        if not isinstance(other, int) or other <= 0:
            raise ValueError(f"cannot divide the size {self} by {other}")
        return Dim._make({(FloorDivision(self, other),): 1})

    def __mod__(self, other: "Size") -> "Size":
        return self - (self // other) * other

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dim) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"Dim({str(self)!r})"

    def __str__(self) -> str:
        parts = []
        for factors, count in sorted(
            self.terms.items(), key=lambda term: ([str(f) for f in term[0]], term[1]), reverse=True
        ):
            names = [str(factor) for factor in factors]
            parts.append("*".join(([str(count)] if count != 1 or not names else []) + names))
        return "+".join(parts).replace("+-", "-")


#: A number, or a size that is known only when a function is called.
Size = Union[int, Dim]


def _terms(size: Size) -> _Terms:
    return size.terms if isinstance(size, Dim) else {(): index(size)}


def evaluate(size: Size, values: Mapping[str, int]) -> int:
    """The number for these values of the symbols."""
    return size.evaluate(values) if isinstance(size, Dim) else size


def divide(a: Size, b: Size) -> Optional[Size]:
    """a / b where that comes out even whatever the symbols are."""
    if isinstance(a, int) and isinstance(b, int):
        return a // b if b and a % b == 0 else None
    divisor = list(_terms(b).items())
    if len(divisor) != 1 or not divisor[0][1]:
        if isinstance(a, Dim) and a == b:
            return 1
        return None
    ((factors, count),) = divisor
    terms: _Terms = {}
    for own, times in _terms(a).items():
        rest = list(own)
        for factor in factors:
            if factor not in rest:
                return None
            rest.remove(factor)
        if times % count:
            return None
        terms[tuple(rest)] = times // count
    return Dim._make(terms)


def product(sizes) -> Size:
    total: Size = 1
    for size in sizes:
        total = size * total
    return total
