# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""From a graph of ATen operators, as torch.export and torch.compile make them, to a module of Linnet."""

from __future__ import annotations

import operator
from typing import Any, Collection, Dict, List, NamedTuple, Optional, Set, Tuple

import torch
from torch.fx import GraphModule, Node

from .._graph import Graph, Tensor
from .._sizes import Size
from . import _aten_index, _aten_pointwise, _aten_products, _aten_reduce, _aten_shape, _linnet_lowering  # noqa: F401
from ._lowering import LOWERINGS, Context, Unsupported, aten, element_of, size_of

#: Statements about tensors that torch has checked already.
_IGNORED = {
    aten._assert_scalar.default,
    aten._assert_tensor_metadata.default,
    aten.sym_constrain_range_for_size.default,
    aten.sym_constrain_range.default,
    aten._assert_async.msg,
}


class Fault(NamedTuple):
    """A node that has no lowering, and why."""

    node: Node
    reason: str


class UnsupportedOperators(NotImplementedError):
    """A model uses operators that Linnet does not compile. The message lists all of them, with a place for each."""

    def __init__(self, faults: List[Fault]) -> None:
        self.faults = faults
        kinds: Dict[str, List[Fault]] = {}
        for fault in faults:
            kinds.setdefault(fault.reason, []).append(fault)
        lines = [f"{len(kinds)} operators of the model are not supported:"]
        for reason, uses in kinds.items():
            count = f"{len(uses)} uses" if len(uses) > 1 else "1 use"
            lines.append(f"  {reason} ({count}), first in {place_of(uses[0].node) or 'the model'}")
        lines.append('torch.compile(model, backend="linnet") runs these parts in torch')
        super().__init__("\n".join(lines))


class Output(NamedTuple):
    """A result of the graph: `kind` is result (number `value` of the program, permuted by `order`), input (the name of
    one that is returned as it is), size or constant."""

    kind: str
    value: Any
    order: Optional[Tuple[int, ...]] = None
    dtype: Optional[torch.dtype] = None


class Imported(NamedTuple):
    """A module, and how its arguments and results are those of the graph."""

    name: str
    text: str
    inputs: Tuple[str, ...]
    weights: Tuple[str, ...]
    outputs: Tuple[Output, ...]
    result_shapes: Tuple[Tuple[Size, ...], ...]
    #: What gives the symbols that torch has: {symbol: (input, dimension), or (input, None) for a number}
    symbols: Dict[str, Tuple[str, Optional[int]]]
    #: Inputs that the graph writes, with the result that they become.
    mutated: Tuple[Tuple[str, int], ...]
    #: Tensors that the graph has in itself, bound as weights.
    constants: Dict[str, torch.Tensor]


def place_of(node: Node) -> str:
    """The module of torch that a node comes from, "model.layers.0.mixer"."""
    stack = node.meta.get("nn_module_stack")
    if not stack:
        return ""
    path = list(stack.values())[-1][0]
    path = path.replace("L['self'].", "").replace("['", ".").replace("']", "").replace('"', "")
    return path.replace("_modules.", "").strip(".")


class Importer:
    """Imports one graph. Weights are placeholders by name: bound once, what depends on them alone is computed once."""

    def __init__(self, module: GraphModule, name: str, weights: Collection[str] = ()) -> None:
        self._module, self._weights = module, set(weights)
        self.graph = Graph(name)
        self._values: Dict[Node, Any] = {}
        self._used: List[str] = []
        self._bound: List[str] = []
        self._constants: Dict[str, torch.Tensor] = {}
        self._symbols: Dict[str, Tuple[str, Optional[int]]] = {}
        self._mutated: List[Tuple[Node, Tensor]] = []
        self.faults: List[Fault] = []

    def run(self) -> Imported:
        """Raises UnsupportedOperators, after the whole graph was seen."""
        outputs: Tuple[Output, ...] = ()
        shapes: List[Tuple[Size, ...]] = []
        mutated: List[Tuple[str, int]] = []
        for node in self._module.graph.nodes:
            self.graph.location = place_of(node).replace("\\", "/") if node.op == "call_function" else ""
            try:
                if node.op == "output":
                    # Settled first, so that what is both a result and an operand is made once.
                    outputs = tuple(self._output(argument, shapes) for argument in _flat(node.args[0]))
                    for target, value in self._mutated:
                        mutated.append((target.name, len(shapes)))
                        self._result(value, shapes)
                else:
                    self._values[node] = self._visit(node)
            except (Unsupported, ValueError, KeyError) as error:
                self.faults.append(Fault(node, self._reason(node, error)))
                self._values[node] = self._stand_in(node)
        if self.faults:
            raise UnsupportedOperators(self.faults)
        return Imported(
            self.graph.name, self.graph.text(), tuple(self._used), tuple(self._bound), outputs, tuple(shapes),
            self._symbols, tuple(mutated), self._constants,
        )  # fmt: skip

    # ------------------------------------------------------------ nodes

    def _visit(self, node: Node) -> Any:
        if node.op == "placeholder":
            return self._placeholder(node)
        if node.op == "get_attr":
            return self._attribute(node)
        if node.op != "call_function":
            raise Unsupported(f"a node {node.op}")
        if node.target in _IGNORED:
            return None
        value = node.meta.get("val")
        if isinstance(value, (int, torch.SymInt)) and not isinstance(value, bool):
            return size_of(value)
        if isinstance(value, (bool, float, torch.SymBool, torch.SymFloat)):
            return value
        if node.target is operator.getitem:
            return self._values[node.args[0]][node.args[1]]
        if node.target is aten.copy_.default and node.args[0].op == "placeholder":
            source = self._values[node.args[1]]
            target = self._values[node.args[0]]
            result = self.graph.expand(self.graph.cast(source, target.element), target.shape)
            self._mutated.append((node.args[0], result))
            return result
        if node.target in _FUNCTIONALIZED:
            return self._functionalized(node)
        lowering = LOWERINGS.get(node.target)
        if lowering is None:
            raise Unsupported("")
        result = lowering(Context(self.graph, value), *self._resolve(node.args), **self._resolve(node.kwargs))
        return self._share(node, result)

    def _share(self, node: Node, result: Any) -> Any:
        """What several read is computed once."""
        if isinstance(result, Tensor) and len(node.users) > 1:
            self.graph.settle(result)
        return result

    def _functionalized(self, node: Node) -> Any:
        """An operator that writes an argument, as torch.export writes it: its results, then the argument after it."""
        kernel = node.args[0]
        lowering = LOWERINGS.get(kernel)
        if lowering is None:
            raise Unsupported(str(kernel))
        given = dict(node.kwargs)
        bases = given.pop("_all_bases", None)
        arguments = {}
        for argument in kernel._schema.arguments:
            name = argument.name
            if argument.alias_info is not None and argument.alias_info.is_write and bases is not None:
                if any(
                    given.get(f"_{name}_{what}") is not None for what in ("size", "stride", "storage_offset", "alias")
                ):
                    raise Unsupported(f"{kernel} on a part of a tensor")
                arguments[name] = bases[given[f"_{name}_base_index"]]
            elif name in given:
                arguments[name] = given[name]
        values = node.meta["val"]
        return lowering(Context(self.graph, values), **self._resolve(arguments))

    def _resolve(self, argument: Any) -> Any:
        if isinstance(argument, Node):
            return self._values[argument]
        if isinstance(argument, (list, tuple)):
            return [self._resolve(own) for own in argument]
        if isinstance(argument, dict):
            return {name: self._resolve(own) for name, own in argument.items()}
        return argument

    # ------------------------------------------------------------ arguments

    def _placeholder(self, node: Node) -> Any:
        value = node.meta.get("val")
        if isinstance(value, torch.SymInt):
            size = size_of(value)
            if not isinstance(size, int) and size.symbol:
                self._symbols.setdefault(size.symbol, (node.name, None))
                if node.users and size.symbol not in self._sizes_of_tensors():
                    self.graph.define(size, self.graph.input(node.name, (), "i64"))
                    self._used.append(node.name)
            return size
        if not isinstance(value, torch.Tensor):
            return value  # None and numbers
        shape = tuple(map(size_of, value.shape))
        if not node.users:
            return None
        for dim, size in enumerate(shape):
            if not isinstance(size, int) and size.symbol:
                self._symbols.setdefault(size.symbol, (node.name, dim))
        is_weight = node.name in self._weights and all(isinstance(size, int) for size in shape)
        (self._bound if is_weight else self._used).append(node.name)
        return self.graph.input(node.name, shape, element_of(value.dtype), "weight" if is_weight else "input")

    def _sizes_of_tensors(self) -> Set[str]:
        """The symbols that are the size of an argument."""
        sizes = [
            size_of(size)
            for node in self._module.graph.nodes
            if node.op == "placeholder" and node.users and isinstance(node.meta.get("val"), torch.Tensor)
            for size in node.meta["val"].shape
        ]
        return {size.symbol for size in sizes if not isinstance(size, int) and size.symbol}

    def _attribute(self, node: Node) -> Any:
        value = self._module
        for name in node.target.split("."):
            value = getattr(value, name)
        if not isinstance(value, torch.Tensor):
            raise Unsupported(f"an attribute of type {type(value).__name__}")
        if value.numel() == 1 and value.device.type == "cpu":
            return self.graph.full(tuple(value.shape), value.item(), element_of(value.dtype))
        self._constants[node.name] = value
        return self.graph.input(node.name, tuple(value.shape), element_of(value.dtype), "weight")

    # ------------------------------------------------------------ results

    def _output(self, argument: Any, shapes: List[Tuple[Size, ...]]) -> Output:
        if not isinstance(argument, Node):
            return Output("constant", argument)
        value = self._values[argument]
        if argument.op == "placeholder" and isinstance(argument.meta.get("val"), torch.Tensor):
            return Output("input", argument.name)
        if not isinstance(value, Tensor):
            return Output("constant" if value is None else "size", value)
        fake = argument.meta["val"]
        order = _memory_order(fake)
        if order is not None:
            value = self.graph.permute(value, order)
        number = len(shapes)
        self._result(value, shapes)
        return Output(
            "result",
            number,
            None if order is None else tuple(sorted(range(len(order)), key=order.__getitem__)),
            fake.dtype,
        )

    def _result(self, x: Tensor, shapes: List[Tuple[Size, ...]]) -> None:
        self.graph.result(self.graph.value(x), f"result{len(shapes)}")
        shapes.append(x.shape)

    # ------------------------------------------------------------ faults

    def _reason(self, node: Node, error: Exception) -> str:
        name = str(node.target) if node.op == "call_function" else f"{node.op} {node.name}"
        text = str(error)
        return name if not text or text == name else f"{name}: {text}"

    def _stand_in(self, node: Node) -> Any:
        """Something of the right shape, so that the rest of the graph is looked at too."""

        def make(value: Any) -> Any:
            if isinstance(value, torch.Tensor):
                try:
                    return self.graph.full(tuple(map(size_of, value.shape)), 0, element_of(value.dtype))
                except Unsupported:
                    return self.graph.full((), 0, "f32")
            if isinstance(value, (tuple, list)):
                return [make(own) for own in value]
            return value

        return make(node.meta.get("val"))


_FUNCTIONALIZED = {
    getattr(torch.ops.higher_order, name)
    for name in ("auto_functionalized", "auto_functionalized_v2")
    if hasattr(torch.ops.higher_order, name)
}


def _flat(outputs: Any) -> List[Any]:
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


def _memory_order(value: torch.Tensor) -> Optional[List[int]]:
    """The dimensions from the one with the largest stride on, where that is not their order and the tensor is dense."""
    sizes = [_hint(size) for size in value.shape]
    strides = [_hint(stride) for stride in value.stride()]
    order = sorted(range(len(sizes)), key=lambda dim: (-strides[dim], dim))
    expected = 1
    for dim in reversed(order):
        if sizes[dim] != 1 and strides[dim] != expected:
            return None
        expected *= sizes[dim]
    kept = [dim for dim in order if sizes[dim] != 1]
    return None if kept == sorted(kept) else order


def _hint(size: Any) -> int:
    return size if isinstance(size, int) else int(size.node.hint if size.node.hint is not None else 2)
