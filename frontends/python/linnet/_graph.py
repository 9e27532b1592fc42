# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Builds the module of a whole function: what importers and the tracer build with.

A Tensor is lazy. What is computed element by element, and what only moves indices (transposes, broadcasts, slices), is an
expression over the tensors that it reads; it becomes one linalg.generic when something needs it in memory, such as a
product, a reshape or a scan, and reductions read through it. So a chain of operations is one loop, whatever it was cut
into where it came from. `settle` keeps what several others use from being computed several times.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

from . import _mlir
from ._elements import FLOATS, Body, constant_op, constant_text
from ._mlir import Value
from ._sizes import Dim, FloorDivision, Size, divide, product

#: More operations than this are not put into one loop.
_LARGE = 48
#: No more operations than this are computed again for each copy that a broadcast makes.
_CHEAP = 3


class Read(NamedTuple):
    """The element of a tensor at the loops `dims`, one for each of its dimensions; None reads the only one there is."""

    value: Value
    dims: Tuple[Optional[int], ...]


class Constant(NamedTuple):
    text: str
    element: str


class Position(NamedTuple):
    """The index of a loop, as i64."""

    dim: int


class Apply(NamedTuple):
    """A scalar operation: `emit(body, *operands)` writes it and gives the name of its result."""

    emit: Callable[..., str]
    operands: Tuple[Any, ...]
    element: str
    count: int


class Load(NamedTuple):
    """The element of a tensor at computed places."""

    value: Value
    places: Tuple[Any, ...]
    count: int


class Tensor:
    """A value of a Graph: its shape, the type of its elements, and how an element is computed."""

    def __init__(self, shape: Sequence[Size], element: str, expression: Any) -> None:
        self.shape, self.element, self.expression = tuple(shape), element, expression
        #: What this is a merging of leading dimensions of, so that a product need not see them merged.
        self.unmerged: Optional[Tensor] = None
        #: Where it was asked for, which may be long before it is computed.
        self.location = ""

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def is_float(self) -> bool:
        return self.element in FLOATS


def _count(expression: Any) -> int:
    return expression.count if isinstance(expression, (Apply, Load)) else 0


def broadcast(*shapes: Sequence[Size]) -> Tuple[Size, ...]:
    """The shape of what is computed from all of these. Raises ValueError."""
    rank = max(map(len, shapes))
    result: List[Size] = []
    for axis in range(rank):
        sizes = {shape[len(shape) - rank + axis] for shape in shapes if len(shape) - rank + axis >= 0}
        sizes.discard(1)
        if len(sizes) > 1:
            raise ValueError(
                "shapes " + " and ".join(f"[{', '.join(map(str, shape))}]" for shape in shapes) + " do not match"
            )
        result.append(sizes.pop() if sizes else 1)
    return tuple(result)


class Graph(_mlir.Function):
    """A function under construction."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._units: Dict[Tuple[str, Tuple[int, ...]], Value] = {}
        self._sizes: Dict[Size, str] = {}  # computed, by expression

    # ------------------------------------------------------------ sizes

    def size(self, size: Union[str, Size]) -> str:
        """The SSA value of a size, computed from those of the arguments."""
        own = self._symbols.get(size) or self._sizes.get(size)
        if own is not None:
            return own
        if isinstance(size, int):
            return self.operation(f"arith.constant {size} : index", ((), "index"))[0].name
        if isinstance(size, str) or size.symbol is not None:
            raise ValueError(f"no input has the size {size}")
        terms = []
        constant = 0
        for factors, count in size.terms.items():
            if not factors:
                constant = count
                continue
            name = None
            for factor in factors:
                own = self._factor(factor)
                name = own if name is None else self._index(f"arith.muli {name}, {own} : index")
            terms.append((name, count))
        # One affine map, whose upper bound the plan of the workspace can tell.
        names = [name for name, _ in terms]
        text = " + ".join(f"s{i} * {count}" if count != 1 else f"s{i}" for i, (_, count) in enumerate(terms))
        text += f" + {constant}" if constant else ""
        if text == "s0":
            return names[0]
        symbols = ", ".join(f"s{i}" for i in range(len(terms)))
        result = self._index(f"affine.apply affine_map<()[{symbols}] -> ({text})>()[{', '.join(names)}]")
        self._sizes[size] = result
        return result

    def _factor(self, factor: Any) -> str:
        if isinstance(factor, FloorDivision):
            numerator = self.size(factor.numerator)
            return self._index(f"affine.apply affine_map<()[s0] -> (s0 floordiv {factor.divisor})>()[{numerator}]")
        return self.size(Dim(factor))

    def _index(self, text: str) -> str:
        return self.operation(text, ((), "index"))[0].name

    def define(self, symbol: Dim, number: "Tensor") -> None:
        """A symbol that is no size of an argument is the value of one, a tensor of rank 0 of i64."""
        value = self.value(number)
        (element,) = self.operation(f"tensor.extract {value.name}[] : {value.type}", ((), "i64"))
        self._sizes[symbol] = self._index(f"arith.index_cast {element.name} : i64 to index")

    def knows(self, size: Size) -> bool:
        """Whether the arguments so far tell a size."""
        if isinstance(size, int) or size in self._symbols:
            return True
        for factors in size.terms:
            for factor in factors:
                if not (
                    self.knows(factor.numerator) if isinstance(factor, FloorDivision) else Dim(factor) in self._symbols
                ):
                    return False
        return True

    def _extent(self, size: Size) -> str:
        """A size in a list of mixed sizes."""
        return str(size) if isinstance(size, int) else self.size(size)

    # ------------------------------------------------------------ tensors

    def tensor(self, value: Value) -> Tensor:
        return Tensor(value.shape, value.element, Read(value, tuple(range(len(value.shape)))))

    def input(self, name: str, shape: Sequence[Size], element: str, role: str = "input") -> Tensor:
        return self.tensor(self.argument(name, shape, role, element))

    def full(self, shape: Sequence[Size], number: Any, element: str) -> Tensor:
        return Tensor(shape, element, Constant(constant_text(number, element), element))

    def positions(self, shape: Sequence[Size], dim: int) -> Tensor:
        """The index along a dimension, i64."""
        return Tensor(shape, "i64", Constant("0", "i64") if shape[dim] == 1 else Position(dim))

    def size_tensor(self, size: Size) -> Tensor:
        """A size as a tensor of rank 0, i64."""
        if isinstance(size, int):
            return self.full((), size, "i64")
        index = self.size(size)
        (number,) = self.operation(f"arith.index_cast {index} : index to i64", ((), "i64"))
        (value,) = self.operation(f"tensor.from_elements {number.name} : tensor<i64>", ((), "i64"))
        return self.tensor(value)

    def pointwise(self, emit: Callable[..., str], operands: Sequence[Tensor], element: str,
                  shape: Optional[Sequence[Size]] = None) -> Tensor:  # fmt: skip
        """emit(body, *scalars) for every element of operands that are broadcast to each other."""
        shape = broadcast(*(x.shape for x in operands)) if shape is None else tuple(shape)
        for x in operands:
            if _count(x.expression) > _LARGE:
                self.settle(x)
        expressions = tuple(self.expand(x, shape).expression for x in operands)
        result = Tensor(shape, element, Apply(emit, expressions, element, 1 + sum(map(_count, expressions))))
        result.location = self.location
        return result

    def cast(self, x: Tensor, element: str) -> Tensor:
        if x.element == element:
            return x
        source = x.element
        return self.pointwise(lambda body, name: body.cast(name, source, element), [x], element)

    # ------------------------------------------------------------ moving indices

    def _remap(self, x: Tensor, shape: Sequence[Size], dims: Sequence[Optional[int]]) -> Tensor:
        """Loop i of x becomes loop dims[i]; None where it has one step and goes."""

        def visit(expression: Any) -> Any:
            if isinstance(expression, Read):
                return Read(expression.value, tuple(None if d is None else dims[d] for d in expression.dims))
            if isinstance(expression, Position):
                dim = dims[expression.dim]
                return Constant("0", "i64") if dim is None else Position(dim)
            if isinstance(expression, Apply):
                return expression._replace(operands=tuple(map(visit, expression.operands)))
            if isinstance(expression, Load):
                return expression._replace(places=tuple(map(visit, expression.places)))
            return expression

        result = Tensor(shape, x.element, visit(x.expression))
        result.location = x.location
        return result

    def permute(self, x: Tensor, order: Sequence[int]) -> Tensor:
        place = {old: new for new, old in enumerate(order)}
        return self._remap(x, [x.shape[i] for i in order], [place[i] for i in range(x.rank)])

    def expand(self, x: Tensor, shape: Sequence[Size]) -> Tensor:
        """Broadcast to a shape whose last dimensions are those of x, or where x has 1."""
        shape = tuple(shape)
        if x.shape == shape:
            return x
        more = len(shape) - x.rank
        dims = [None if size == 1 and shape[more + i] != 1 else more + i for i, size in enumerate(x.shape)]
        if _count(x.expression) > _CHEAP and (None in dims or more):
            self.settle(x)  # else computed again for each copy
        return self._remap(x, shape, dims)

    def unsqueeze(self, x: Tensor, dim: int) -> Tensor:
        shape = (*x.shape[:dim], 1, *x.shape[dim:])
        return self._remap(x, shape, [i + (i >= dim) for i in range(x.rank)])

    def squeeze(self, x: Tensor, dims: Sequence[int]) -> Tensor:
        kept = [i for i in range(x.rank) if i not in dims]
        place: List[Optional[int]] = [None] * x.rank
        for new, old in enumerate(kept):
            place[old] = new
        return self._remap(x, [x.shape[i] for i in kept], place)

    def slice(self, x: Tensor, dim: int, start: Size, size: Size, step: int = 1) -> Tensor:
        """`size` elements along a dimension, from `start` on."""
        if start == 0 and step == 1 and size == x.shape[dim]:
            return x
        begin = self._extent(start)

        def visit(expression: Any) -> Any:
            if isinstance(expression, Read) and dim in expression.dims:
                value = expression.value
                axes = [axis for axis, d in enumerate(expression.dims) if d == dim]
                cut = self._extract_slice(value, axes, begin, size, step)
                return Read(cut, expression.dims)
            if isinstance(expression, Position) and expression.dim == dim:
                return Apply(lambda body, i: _affine(body, i, begin, step), (expression,), "i64", 1)
            if isinstance(expression, Apply):
                return expression._replace(operands=tuple(map(visit, expression.operands)))
            if isinstance(expression, Load):
                return expression._replace(places=tuple(map(visit, expression.places)))
            return expression

        return Tensor((*x.shape[:dim], size, *x.shape[dim + 1 :]), x.element, visit(x.expression))

    def _extract_slice(self, value: Value, axes: Sequence[int], begin: str, size: Size, step: int) -> Value:
        rank = range(len(value.shape))
        shape = [size if axis in axes else value.shape[axis] for axis in rank]
        offsets = ", ".join(begin if axis in axes else "0" for axis in rank)
        sizes = ", ".join(map(self._extent, shape))
        steps = ", ".join(str(step) if axis in axes else "1" for axis in rank)
        result = Value("", tuple(shape), value.element)
        text = f"tensor.extract_slice {value.name}[{offsets}] [{sizes}] [{steps}] : {value.type} to {result.type}"
        return self.operation(text, (shape, value.element))[0]

    def concat(self, parts: Sequence[Tensor], dim: int) -> Tensor:
        """The parts one after the other along a dimension."""
        parts = [part for part in parts if part.shape[dim] != 0] or parts[:1]
        if len(parts) == 1:
            return parts[0]
        total: Size = 0
        for part in parts:
            total = part.shape[dim] + total
        shape = [*parts[0].shape]
        shape[dim] = total
        whole = self.empty(shape, parts[0].element)
        begin: Size = 0
        for part in parts:
            whole = self._insert_slice(self.value(part), whole, dim, begin)
            begin = part.shape[dim] + begin
        return self.tensor(whole)

    def _insert_slice(self, part: Value, whole: Value, dim: int, begin: Size) -> Value:
        rank = range(len(whole.shape))
        offsets = ", ".join(self._extent(begin) if axis == dim else "0" for axis in rank)
        sizes = ", ".join(map(self._extent, part.shape))
        steps = ", ".join("1" for _ in rank)
        text = f"tensor.insert_slice {part.name} into {whole.name}[{offsets}] [{sizes}] [{steps}] : {part.type} into {whole.type}"
        return self.operation(text, (whole.shape, whole.element))[0]

    def insert(self, part: Tensor, whole: Tensor, dim: int, begin: Size) -> Tensor:
        """`whole` with `part` from `begin` on along a dimension."""
        return self.tensor(self._insert_slice(self.value(part), self.value(whole), dim, begin))

    def pad(self, x: Tensor, low: Sequence[int], high: Sequence[int], number: Any) -> Tensor:
        """x with elements of `number` before and behind each dimension; negative counts cut."""
        for dim, (before, behind) in enumerate(zip(low, high)):
            cut = max(-before, 0)
            if before < 0 or behind < 0:
                x = self.slice(x, dim, cut, x.shape[dim] - cut - max(-behind, 0))
            parts = [x]
            for count, place in ((before, 0), (behind, len(parts))):
                if count > 0:
                    edge = self.full((*x.shape[:dim], count, *x.shape[dim + 1 :]), number, x.element)
                    parts.insert(0 if place == 0 else len(parts), edge)
            x = self.concat(parts, dim)
        return x

    def reshape(self, x: Tensor, shape: Sequence[Size]) -> Tensor:
        """The same elements, row by row, in another shape. Raises ValueError where the numbers of them differ."""
        shape = tuple(shape)
        if x.shape == shape:
            return x
        if x.unmerged is not None and x.unmerged.shape == shape:
            return x.unmerged
        units = self._only_units(x, shape)
        if units is not None:
            return units
        value = self.value(x)
        for source, target in _regroup(x.shape, shape):
            pass  # checks the whole before anything is written
        groups = list(_regroup(x.shape, shape))
        middle = [product(shape[i] for i in target) for _, target in groups]
        if len(middle) < x.rank:
            value = self._collapse(value, [source for source, _ in groups], middle)
        if len(middle) < len(shape):
            value = self._expand(value, [target for _, target in groups], shape)
        result = self.tensor(value)
        if (
            len(groups) == len(shape)
            and x.rank > len(shape)
            and len(groups[0][0]) > 1
            and all(len(s) == 1 for s, _ in groups[1:])
        ):
            result.unmerged = x
        return result

    def _only_units(self, x: Tensor, shape: Tuple[Size, ...]) -> Optional[Tensor]:
        """The reshape as added and dropped dimensions of 1, where it is nothing else."""
        if [s for s in x.shape if s != 1] != [s for s in shape if s != 1]:
            return None
        x = self.squeeze(x, [i for i, size in enumerate(x.shape) if size == 1])
        for dim, size in enumerate(shape):
            if size == 1:
                x = self.unsqueeze(x, dim)
        return x

    def _collapse(self, value: Value, groups: Sequence[Sequence[int]], shape: Sequence[Size]) -> Value:
        target = Value("", tuple(shape), value.element)
        text = f"tensor.collapse_shape {value.name} {_groups(groups)} : {value.type} into {target.type}"
        return self.operation(text, (shape, value.element))[0]

    def _expand(self, value: Value, groups: Sequence[Sequence[int]], shape: Sequence[Size]) -> Value:
        target = Value("", tuple(shape), value.element)
        sizes = ", ".join(map(self._extent, shape))
        text = f"tensor.expand_shape {value.name} {_groups(groups)} output_shape [{sizes}] : {value.type} into {target.type}"
        return self.operation(text, (shape, value.element))[0]

    # ------------------------------------------------------------ into memory

    def value(self, x: Tensor) -> Value:
        """x in memory."""
        expression = x.expression
        if isinstance(expression, Read) and expression.dims == tuple(range(x.rank)):
            return expression.value
        if isinstance(expression, Read) and sorted(d for d in expression.dims if d is not None) == list(range(x.rank)):
            dims = [d for d in expression.dims if d is not None]
            value = self._without_units(expression)
            if dims == list(range(x.rank)):
                return value
            order = [dims.index(axis) for axis in range(x.rank)]
            init = self.empty(x.shape, x.element)
            text = f"linalg.transpose ins({value.name} : {value.type}) outs({init.name} : {init.type}) permutation = {order}"
            result = self.operation(text, (x.shape, x.element))[0]
        else:
            init = self.empty(x.shape, x.element)
            given = self._given_location
            self.location = x.location or given
            result = self._generic(x.shape, ["parallel"] * x.rank, x, init, range(x.rank), lambda body, name, _: name)
            self.location = given
        x.expression = Read(result, tuple(range(x.rank)))
        return result

    def settle(self, x: Tensor) -> Tensor:
        """Puts into memory what is not free to compute again: for what several others read."""
        if not isinstance(x.expression, (Read, Constant, Position)):
            self.value(x)
        return x

    def _without_units(self, read: Read) -> Value:
        """The tensor of a Read without the dimensions that no loop runs along."""
        value = read.value
        dropped = tuple(axis for axis, dim in enumerate(read.dims) if dim is None)
        if not dropped:
            return value
        known = self._units.get((value.name, dropped))
        if known is None:
            kept = [axis for axis in range(len(value.shape)) if axis not in dropped]
            groups: List[List[int]] = []
            for axis in range(len(value.shape)):
                if axis in kept and (not groups or any(i in kept for i in groups[-1])):
                    groups.append([axis])
                elif not groups:
                    groups.append([axis])
                else:
                    groups[-1].append(axis)
            shape = [value.shape[axis] for axis in kept]
            known = self._collapse(value, groups if kept else [], shape)
            self._units[value.name, dropped] = known
        return known

    def _generic(self, loops: Sequence[Size], kinds: Sequence[str], x: Tensor, init: Value, out_dims: Sequence[int],
                 finish: Callable[[Body, str, str], str]) -> Value:  # fmt: skip
        """A linalg.generic that computes x at each step and combines it with the result so far."""
        body, reads, names = Body(), [], {}

        def visit(expression: Any) -> str:
            # Equal reads are one operand; a shared part of the expression is computed once.
            key = id(expression) if isinstance(expression, (Apply, Load)) else expression
            known = names.get(key)
            if known is not None:
                return known
            if isinstance(expression, Read):
                name = f"%in{len(reads)}"
                reads.append(expression)
            elif isinstance(expression, Constant):
                name = body.emit(constant_op(expression.text, expression.element))
            elif isinstance(expression, Position):
                name = body.emit(f"linalg.index {expression.dim} : index")
                name = body.emit(f"arith.index_cast {name} : index to i64")
            elif isinstance(expression, Load):
                places = [body.emit(f"arith.index_cast {visit(place)} : i64 to index") for place in expression.places]
                value = expression.value
                name = body.emit(f"tensor.extract {value.name}[{', '.join(places)}] : {value.type}")
            else:
                name = expression.emit(body, *map(visit, expression.operands))
            names[key] = name
            return name

        yielded = finish(body, visit(x.expression), "%out")
        operands = [self._without_units(read) for read in reads]
        dims = ", ".join(f"d{i}" for i in range(len(loops)))
        maps = [[d for d in read.dims if d is not None] for read in reads] + [list(out_dims)]
        unread = [d for d in range(len(loops)) if not any(d in own for own in maps)]
        if unread:  # the size of a loop is that of an operand: one that nobody reads
            operands.append(self.empty([loops[d] for d in unread], "i1"))
            maps.insert(-1, unread)
        texts = ", ".join(f"affine_map<({dims}) -> ({', '.join(f'd{d}' for d in m)})>" for m in maps)
        arguments = [f"%in{i}: {value.element}" for i, value in enumerate(operands)] + [f"%out: {init.element}"]
        ins = f"ins({_mlir.operands(operands)}) " if operands else ""
        iterators = ", ".join(f'"{kind}"' for kind in kinds)
        text = (
            f"linalg.generic {{indexing_maps = [{texts}], iterator_types = [{iterators}]}} {ins}"
            f"outs({init.name} : {init.type}) {{\n  ^bb0({', '.join(arguments)}):\n    "
            + "\n    ".join([*body.lines, f"linalg.yield {yielded} : {init.element}"])
            + f"\n  }} -> {init.type}"
        )
        return self.operation(text, (init.shape, init.element))[0]

    # ------------------------------------------------------------ reductions and products

    def fill(self, shape: Sequence[Size], number: Any, element: str) -> Value:
        init = self.empty(shape, element)
        (constant,) = self.operation(constant_op(constant_text(number, element), element), ((), element))
        text = f"linalg.fill ins({constant.name} : {element}) outs({init.name} : {init.type}) -> {init.type}"
        return self.operation(text, (shape, element))[0]

    def reduce(self, x: Tensor, dims: Sequence[int], start: Any, combine: str) -> Tensor:
        """Combines along dimensions, which go: `combine` is an operation such as "arith.addf"."""
        kept = [i for i in range(x.rank) if i not in dims]
        # Reductions innermost, as the compiler cuts the others into tiles.
        x = self.permute(x, [*kept, *dims])
        shape = x.shape[: len(kept)]
        init = self.fill(shape, start, x.element)
        kinds = ["parallel"] * len(kept) + ["reduction"] * len(dims)
        # `reassoc` lets a sum be cut into the lanes of a vector; the order is the same in every run.
        flags = " fastmath<reassoc>" if combine in ("arith.addf", "arith.mulf") else ""
        element = x.element
        finish = lambda body, name, out: body.emit(f"{combine} {out}, {name}{flags} : {element}")
        return self.tensor(self._generic(x.shape, kinds, x, init, range(len(kept)), finish))

    def contract(self, a: Tensor, a_loops: Sequence[int], b: Tensor, b_loops: Sequence[int], out_loops: Sequence[int],
                 init: Optional[Tensor] = None) -> Tensor:  # fmt: skip
        """Sum of products: the dimensions of a and b are these loops, and loops that are not in the result are summed."""
        sizes = {**dict(zip(a_loops, a.shape)), **dict(zip(b_loops, b.shape))}
        shape = [sizes[loop] for loop in out_loops]
        left, right = self._operand(a, a_loops, out_loops), self._operand(b, b_loops, out_loops)
        result = self.fill(shape, 0, a.element) if init is None else self.value(self.expand(init, shape))
        dims = ", ".join(f"d{i}" for i in range(len(sizes)))
        maps = ", ".join(
            f"affine_map<({dims}) -> ({', '.join(f'd{d}' for d in loops)})>" for loops in (left[1], right[1], out_loops)
        )
        operands = _mlir.operands([left[0], right[0]])
        text = f"linalg.contract indexing_maps = [{maps}] ins({operands}) outs({result.name} : {result.type}) -> {result.type}"
        return self.tensor(self.operation(text, (shape, a.element))[0])

    def _operand(self, x: Tensor, loops: Sequence[int], out_loops: Sequence[int]) -> Tuple[Value, List[int]]:
        """An operand of a product as it lies in memory: a transpose or broadcast of it is another order of loops. It has
        all loops that are summed, as linalg.contract wants."""
        expression = x.expression
        if isinstance(expression, Read):
            own = [loops[d] for d in expression.dims if d is not None]
            if len(set(own)) == len(own) and all(loop in own or loop in out_loops for loop in loops):
                return self._without_units(expression), own
        # Where a copy is not what it reads: a dimension of 1 that the read left out comes back.
        value = self.value(Tensor(x.shape, x.element, Apply(lambda body, name: name, (expression,), x.element, 1)))
        return value, list(loops)


def _affine(body: Body, name: str, begin: str, step: int) -> str:
    if step != 1:
        name = body.emit(f"arith.muli {name}, {body.constant(step, 'i64')} : i64")
    if begin.lstrip("-").isdigit():
        offset = body.constant(int(begin), "i64")
    else:
        offset = body.emit(f"arith.index_cast {begin} : index to i64")
    return body.emit(f"arith.addi {name}, {offset} : i64")


def _groups(groups: Sequence[Sequence[int]]) -> str:
    return "[" + ", ".join(f"[{', '.join(map(str, group))}]" for group in groups) + "]"


def _regroup(source: Sequence[Size], target: Sequence[Size]) -> List[Tuple[List[int], List[int]]]:
    """The least groups of dimensions of both that have equally many elements."""
    groups: List[Tuple[List[int], List[int]]] = []
    i = j = 0
    while i < len(source) or j < len(target):
        own, other = [], []
        left: Size = 1
        right: Size = 1
        if i < len(source):
            own, left, i = [i], source[i], i + 1
        if j < len(target):
            other, right, j = [j], target[j], j + 1
        while left != right:
            # The side that the other is a multiple of goes on.
            if i < len(source) and (divide(right, left) is not None or j >= len(target)):
                own.append(i)
                left, i = left * source[i], i + 1
            elif j < len(target):
                other.append(j)
                right, j = right * target[j], j + 1
            else:
                show = lambda shape: f"[{', '.join(map(str, shape))}]"
                raise ValueError(f"cannot reshape {show(source)} to {show(target)}")
        if not own or not other:  # dimensions of 1 at the end belong to the last group
            if not groups:
                groups.append((own, other))
            else:
                groups[-1][0].extend(own)
                groups[-1][1].extend(other)
            continue
        groups.append((own, other))
    return groups
