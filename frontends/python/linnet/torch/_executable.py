# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs an imported graph on tensors of torch."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import numpy as np
import torch

from .._program import Program
from .._sizes import evaluate
from ._importer import Imported

# numpy has no bfloat16: its bits.
_BITS = {torch.bfloat16: torch.uint16}


def to_array(x: torch.Tensor) -> np.ndarray:
    """The tensor as an array, dense, over the same memory where it is dense already."""
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
        self._bound: Optional[List[Tuple[int, int]]] = None

    def bind(self, weights: Mapping[str, torch.Tensor]) -> None:
        """Binds the weights by the names of their placeholders."""
        tensors = {**{name: weights[name] for name, _ in self._weights}, **self.imported.constants}
        self.program.bind({name: to_array(tensor) for name, tensor in tensors.items()})

    def __call__(self, arguments: Sequence[Any]) -> List[Any]:
        bound = [(arguments[i].data_ptr(), _version(arguments[i])) for _, i in self._weights]
        if bound != self._bound:  # the first call, or a weight has changed since
            self.bind({name: arguments[i] for name, i in self._weights})
            self._bound = bound
        return self.run(arguments)

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
