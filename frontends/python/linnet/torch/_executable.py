# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs an imported graph on tensors of torch."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np
import torch

from .._program import Program
from .._sizes import evaluate
from ._importer import Imported

# numpy has no bfloat16: its bits.
_BITS = {torch.bfloat16: torch.uint16}


def to_array(x: Union[torch.Tensor, int]) -> np.ndarray:
    """The tensor as an array, dense, over the same memory where it is dense already; a number as one of rank 0."""
    if isinstance(x, int):
        return np.array(x, np.int64)
    if x.device.type != "cpu":
        raise ValueError(f"expected tensors on the CPU, got one on {x.device}; model.cpu() moves a model")
    x = x.detach() if x.requires_grad else x
    if not x.is_contiguous():
        x = x.contiguous()
    bits = _BITS.get(x.dtype)
    return (x if bits is None else x.view(bits)).numpy()


class Executable:
    """A compiled graph, called with the list of what its placeholders are."""

    def __init__(self, imported: Imported, placeholders: Sequence[str]) -> None:
        self.imported = imported
        self.program = Program(imported.name, imported.text, imported.inputs, imported.result_shapes)
        place = {name: i for i, name in enumerate(placeholders)}
        self._inputs = [place[name] for name in imported.inputs]
        self._weights = [(name, place[name]) for name in imported.weights]
        self._outputs = [
            output._replace(value=place[output.value]) if output.kind == "input" else output
            for output in imported.outputs
        ]
        self._mutated = [(place[name], number) for name, number in imported.mutated]
        needs_symbols = self.program.needs_sizes or any(output.kind == "size" for output in imported.outputs)
        self._symbols = (
            [(symbol, place[name], dim) for symbol, (name, dim) in imported.symbols.items()] if needs_symbols else []
        )
        #: The weights that are bound, kept alive so that no other tensor gets their place in memory, and their versions.
        self._bound: List[Tuple[torch.Tensor, int]] = []
        self._moves: Dict[str, int] = {}

    def bind(self, weights: Mapping[str, torch.Tensor]) -> None:
        """Binds the weights by the names of their placeholders."""
        tensors = {**{name: weights[name] for name, _ in self._weights}, **self.imported.constants}
        self.program.bind({name: to_array(tensor) for name, tensor in tensors.items()})

    def __call__(self, arguments: Sequence[Any]) -> List[Any]:
        weights = [(arguments[i], _version(arguments[i])) for _, i in self._weights]
        before = self._bound
        same = [own.data_ptr() == old.data_ptr() for (own, _), (old, _) in zip(weights, before)]
        if not before or not all(same) or any(own[1] != old[1] for own, old in zip(weights, before)):
            # The first call, or a weight has changed since.
            self.bind({name: own for (name, _), (own, _) in zip(self._weights, weights)})
            self._bound = weights
            for (name, _), stays in zip(self._weights, same):
                self._moves[name] = self._moves.get(name, 0) + (not stays)
        return self.run(arguments)

    @property
    def moving(self) -> List[str]:
        """Weights that were another tensor again and again: states, which a module keeps where others keep weights."""
        return [name for name, count in self._moves.items() if count > 1]

    def run(self, arguments: Sequence[Any]) -> List[Any]:
        """A call with the weights that are bound."""
        arrays = tuple([to_array(arguments[i]) for i in self._inputs])
        symbols: Dict[str, int] = {
            symbol: int(arguments[i] if dim is None else arguments[i].shape[dim]) for symbol, i, dim in self._symbols
        }
        results = self.program(arrays, symbols)
        outputs = []
        for kind, value, order, dtype in self._outputs:
            if kind == "result":
                tensor = torch.from_numpy(results[value])
                if dtype in _BITS:
                    tensor = tensor.view(dtype)
                outputs.append(tensor if order is None else tensor.permute(order))
            elif kind == "input":
                outputs.append(arguments[value])
            else:
                outputs.append(evaluate(value, symbols) if kind == "size" else value)
        for place, number in self._mutated:
            target, source = arguments[place], torch.from_numpy(results[number])
            target.copy_(source.view(target.dtype) if target.dtype in _BITS else source)
        return outputs


def _version(x: torch.Tensor) -> int:
    return 0 if x.is_inference() else x._version
