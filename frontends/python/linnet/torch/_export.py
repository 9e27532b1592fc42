# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""linnet.compile: whole models through torch.export."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

import torch
from torch.export import Dim as TorchDim
from torch.export import ExportedProgram
from torch.export.graph_signature import InputKind, OutputKind
from torch.utils import _pytree as pytree

from .._report import Described
from ._executable import Executable
from ._importer import Importer
from ._lowering import LOWERINGS

#: {argument: {dimension: name}}, a list of the latter for a list of tensors; dimensions of one name are one size.
Dynamic = Mapping[str, Union[Mapping[int, str], Sequence[Mapping[int, str]]]]


class CompiledModule(Described):
    """A compiled torch module: called as the module was, with tensors; arguments that the module changes in place are
    changed. print() shows what it does and what it takes."""

    def __init__(self, program: ExportedProgram) -> None:
        self._signature = program.graph_signature
        self._in_spec, self._out_spec = program.call_spec.in_spec, program.call_spec.out_spec
        nodes = [node for node in program.graph.nodes if node.op == "placeholder"]
        kinds = {spec.arg.name: spec for spec in self._signature.input_specs}
        bound: Dict[str, torch.Tensor] = {}
        for node in nodes:
            spec = kinds[node.name]
            if spec.kind == InputKind.CONSTANT_TENSOR:
                bound[node.name] = program.constants[spec.target]
            elif spec.kind in (InputKind.PARAMETER, InputKind.BUFFER):
                constants = program.constants if spec.target in program.constants else program.state_dict
                bound[node.name] = constants[spec.target]
            elif spec.kind != InputKind.USER_INPUT:
                raise NotImplementedError(f"compile: an input of kind {spec.kind.name} is not supported")
        written = {spec.target for spec in self._signature.output_specs if spec.kind == OutputKind.BUFFER_MUTATION}
        weights = {name for name in bound if kinds[name].target not in written}
        self._executable = Executable(
            Importer(program.graph_module, "torch_module", weights).run(), [node.name for node in nodes]
        )
        self._arguments: List[Any] = [bound.get(node.name) for node in nodes]
        self._free = [i for i, node in enumerate(nodes) if kinds[node.name].kind == InputKind.USER_INPUT]
        place = {node.name: i for i, node in enumerate(nodes)}
        buffers = {kinds[name].target: place[name] for name in bound}
        # Results come in this order: what is written, then what is returned.
        self._returned: List[int] = []
        self._written: List[Tuple[int, int]] = []
        for number, spec in enumerate(self._signature.output_specs):
            if spec.kind == OutputKind.USER_OUTPUT:
                self._returned.append(number)
            elif spec.kind == OutputKind.USER_INPUT_MUTATION:
                self._written.append((place[spec.target], number))
            elif spec.kind == OutputKind.BUFFER_MUTATION:
                self._written.append((buffers[spec.target], number))
            else:
                raise NotImplementedError(f"compile: an output of kind {spec.kind.name} is not supported")
        self._executable.bind({name: tensor for name, tensor in bound.items() if name in weights})
        self._shapes = [_expected(node) for node in nodes]
        self._names = [node.name for node in nodes]

    @property
    def program(self) -> Any:
        return self._executable.program

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Runs it. Raises ValueError and TypeError for arguments that are not of the structure, shape and type that it
        was compiled for."""
        leaves, spec = pytree.tree_flatten((args, kwargs))
        if spec != self._in_spec:
            leaves = self._reordered(args, kwargs)
        arguments = list(self._arguments)
        for i, leaf in zip(self._free, leaves):
            arguments[i] = leaf
        self._check(arguments)
        results = self._timed(self._executable.run, arguments)
        for place, number in self._written:
            arguments[place].copy_(results[number])
        return pytree.tree_unflatten([results[number] for number in self._returned], self._out_spec)

    def _reordered(self, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> List[Any]:
        own = self._in_spec.children()[1].context
        ordered = {name: kwargs[name] for name in own if name in kwargs} if set(own) == set(kwargs) else kwargs
        leaves, spec = pytree.tree_flatten((args, ordered))
        if spec != self._in_spec:
            raise TypeError(
                f"call of a compiled module: expected arguments of the structure {self._in_spec}, got {spec}"
            )
        return leaves

    def _check(self, arguments: Sequence[Any]) -> None:
        sizes: Dict[str, int] = {}
        for i in self._free:
            expected = self._shapes[i]
            if expected is None:
                continue
            x, name, (shape, dtype) = arguments[i], self._names[i], expected
            if not isinstance(x, torch.Tensor):
                raise TypeError(f"argument {name}: expected a tensor, got {type(x).__name__}")
            if x.dtype != dtype:
                raise TypeError(f"argument {name}: expected elements of type {dtype}, got {x.dtype}")
            if x.device.type != "cpu":
                raise ValueError(
                    f"argument {name}: expected a tensor on the CPU, got one on {x.device}; x.cpu() moves it"
                )
            fits = x.dim() == len(shape)
            for size, wanted in zip(x.shape, shape) if fits else ():
                fits = fits and size == (sizes.setdefault(wanted, size) if isinstance(wanted, str) else wanted)
            if not fits:
                raise ValueError(f"argument {name}: expected shape [{', '.join(map(str, shape))}], got {list(x.shape)}")


def _expected(node: torch.fx.Node) -> Optional[Tuple[Tuple[Union[int, str], ...], torch.dtype]]:
    value = node.meta.get("val")
    if not isinstance(value, torch.Tensor):
        return None
    return tuple(size if isinstance(size, int) else str(size) for size in value.shape), value.dtype


def decompositions() -> Any:
    """What torch.export takes apart, less the operators that have lowerings of their own."""
    table = torch.export.default_decompositions()
    for overload in list(table):
        if overload in LOWERINGS:
            del table[overload]
    return table


def compile(module: torch.nn.Module, example_inputs: Union[Sequence[Any], Mapping[str, Any]],
            dynamic: Optional[Dynamic] = None) -> CompiledModule:  # fmt: skip
    """Compiles a torch module for inference, through torch.export.

    example_inputs: a tuple of what it is called with, or a dictionary where it is called with keywords. dynamic: which
    sizes may change from call to call, {argument: {dimension: name}}, or {argument: [{dimension: name}, ...]} for an
    argument that is a list of tensors; dimensions of the same name are one size, from 2
    on (a size of 1 in the example stays 1: compile the step of a decoder separately). Weights are those of the module
    now; their memory is used where it is, so they must not change.

        step = linnet.compile(model, {"input_ids": ids}, dynamic={"input_ids": {1: "T"}})

    For models of transformers call linnet.patch() before. Raises UnsupportedOperators (a NotImplementedError) that lists
    every operator that is not supported, and what torch.export raises for what it cannot export.
    """
    if not isinstance(module, torch.nn.Module):
        raise TypeError(f"compile: argument module: expected a torch.nn.Module, got {type(module).__name__}")
    args, kwargs = ((), dict(example_inputs)) if isinstance(example_inputs, Mapping) else (tuple(example_inputs), {})
    shapes = _dynamic_shapes(module, args, kwargs, dynamic or {})
    with torch.no_grad():
        program = torch.export.export(module, args, kwargs, dynamic_shapes=shapes, strict=False)
        return CompiledModule(program.run_decompositions(decompositions()))


def _dynamic_shapes(module: torch.nn.Module, args: Tuple[Any, ...], kwargs: Dict[str, Any], dynamic: Dynamic) -> Any:
    """In the form of torch.export: one entry for every argument."""
    import inspect

    parameters = list(inspect.signature(module.forward).parameters)
    names = [*parameters[: len(args)], *kwargs]
    unknown = [name for name in dynamic if name not in names]
    if unknown:
        raise ValueError(f"compile: argument dynamic: expected names of {', '.join(names)}, got {unknown[0]!r}")
    if not dynamic:
        return None
    dims: Dict[str, Any] = {}

    def entry(value: Any, given: Any) -> Any:
        if given is None:
            return pytree.tree_map(lambda _: None, value)
        if isinstance(given, (list, tuple)):
            return [entry(own, inner) for own, inner in zip(value, given)]
        return {dim: dims.setdefault(own, TorchDim(own, min=2)) for dim, own in given.items()}

    shapes = {name: entry(value, dynamic.get(name)) for name, value in zip(names, (*args, *kwargs.values()))}
    return tuple(shapes.values()) if not kwargs else shapes
