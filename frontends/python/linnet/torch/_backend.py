# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""torch.compile(model, backend="linnet")."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Sequence, Set

import torch
from functorch.compile import make_boxed_func
from torch._decomp import core_aten_decompositions
from torch._dynamo.backends.common import aot_autograd
from torch.fx import GraphModule, Node
from torch.fx.passes.infra.partitioner import CapabilityBasedPartitioner
from torch.fx.passes.operator_support import OperatorSupportBase

from ._executable import Executable
from ._importer import Importer, UnsupportedOperators
from ._lowering import LOWERINGS


def decompositions() -> Dict[Any, Callable]:
    """Those of core ATen, less the operators that have lowerings of their own."""
    table = dict(core_aten_decompositions())
    for overload in list(table):
        if overload in LOWERINGS:
            del table[overload]
    return table


def _weights(module: GraphModule) -> Set[str]:
    """The placeholders of parameters and buffers, which stay where they are from call to call."""
    context = torch._guards.TracingContext.try_get()
    metadata = context.fw_metadata if context else None
    static = set(metadata.static_input_indices or ()) if metadata else set()
    placeholders = [node for node in module.graph.nodes if node.op == "placeholder"]
    written = {node.args[0] for node in module.graph.nodes if node.target is torch.ops.aten.copy_.default}
    return {node.name for i, node in enumerate(placeholders) if i in static and node not in written}


class _Compiled:
    """A compiled graph, called with what its placeholders are. torch says which of them stay where they are; what turns
    out to move nevertheless becomes an argument as others are, since binding a weight packs all of them."""

    def __init__(self, module: GraphModule, weights: Set[str]) -> None:
        self._module, self._weights = module, weights
        self._compile()

    def _compile(self) -> None:
        placeholders = [node.name for node in self._module.graph.nodes if node.op == "placeholder"]
        imported = Importer(self._module, "torch_graph", self._weights).run()
        self._executable = Executable(imported, placeholders)

    def __call__(self, arguments: Sequence[Any]) -> List[Any]:
        results = self._executable(arguments)
        moving = self._executable.moving
        if moving:
            self._weights = self._weights.difference(moving)
            self._compile()
        return results


class _Supported(OperatorSupportBase):
    def __init__(self, faults: Set[Node]) -> None:
        self._faults = faults

    def is_node_supported(self, submodules: Any, node: Node) -> bool:
        if node.op != "call_function" or node in self._faults or node.target is torch.ops.aten.copy_.default:
            return False
        value = node.meta.get("val")
        return node.target in LOWERINGS or isinstance(value, (tuple, list)) or not isinstance(value, torch.Tensor)


def _compile_parts(module: GraphModule, faults: Set[Node], weights: Set[str]) -> Callable[..., Any]:
    """What is supported as one or several compiled graphs, and the rest in torch."""
    partitioner = CapabilityBasedPartitioner(module, _Supported(faults), allows_single_node_partition=False)
    fused = partitioner.partition_and_fuse()
    for node in list(fused.graph.nodes):
        if node.op != "call_module":
            continue
        part = getattr(fused, node.target)
        inner = [own for own in part.graph.nodes if own.op == "placeholder"]
        for own, argument in zip(inner, node.args):
            own.meta.setdefault("val", argument.meta.get("val"))
        own_weights = {
            own.name
            for own, argument in zip(inner, node.args)
            if argument.op == "placeholder" and argument.name in weights
        }
        try:
            setattr(fused, node.target, _Part(_Compiled(part, own_weights), part))
        except UnsupportedOperators:
            pass  # it stays torch's
    fused.recompile()
    return fused.forward


class _Part(torch.nn.Module):
    """A compiled part of a graph, called as a module."""

    def __init__(self, compiled: _Compiled, part: GraphModule) -> None:
        super().__init__()
        self._compiled = compiled
        self._single = not isinstance(next(iter(reversed(part.graph.nodes))).args[0], (tuple, list))

    def forward(self, *arguments: Any) -> Any:
        results = self._compiled(arguments)
        return results[0] if self._single else results


def compile_graph(module: GraphModule, example_inputs: Sequence[Any]) -> Callable[[List[Any]], Any]:
    """Compiles a graph of ATen operators."""
    weights = _weights(module)
    try:
        compiled = _Compiled(module, weights)
    except UnsupportedOperators as error:
        return make_boxed_func(_compile_parts(module, {fault.node for fault in error.faults}, weights))

    def run(arguments: List[Any]) -> List[Any]:
        results = compiled(arguments)
        arguments.clear()
        return results

    run._boxed_call = True
    return run


def _refuse_backward(module: GraphModule, example_inputs: Sequence[Any]) -> Any:
    raise RuntimeError('gradients are not supported yet by backend="linnet"; call the model under torch.no_grad()')


def linnet(module: GraphModule, example_inputs: Sequence[Any], **_: Any) -> Callable[..., Any]:
    """A backend of torch.compile for inference on the CPU.

    Sizes that torch makes symbolic are symbolic in the compiled code, so a new length compiles nothing; mark them with
    torch._dynamo.mark_dynamic, or let the second length do it. Call linnet.patch() before, for models of transformers.
    Operators that Linnet does not compile run in torch.
    """
    return aot_autograd(
        fw_compiler=compile_graph, inference_compiler=compile_graph, bw_compiler=_refuse_backward, decompositions=decompositions(),
    )(module, example_inputs)  # fmt: skip
