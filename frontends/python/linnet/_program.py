# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A module that was built in Python, compiled: shared by linnet.jit and the importers for torch."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import numpy as np

from . import _cache, _compiler
from ._kernels import selected_path
from ._linnet import Kernel, Weights
from ._sizes import Size, evaluate
from ._warnings import SlowPathWarning, warn


class Program:
    """One function: the text of its module, and what was made of it."""

    def __init__(
        self, name: str, text: str, parameters: Sequence[str], result_shapes: Sequence[Sequence[Size]] = ()
    ) -> None:
        """Compiles, or finds in the cache. `parameters` are the inputs in the order of a call; `result_shapes` tell the
        sizes of results that are no size of an input."""
        self.name, self.text, self.parameters = name, text, tuple(parameters)
        self.path = selected_path()
        self.library, self.remarks = _cache.load_or_compile(name, text, self.path)
        slow = [line for line in self.remarks.splitlines() if "takes the reference path" in line]
        if slow:
            warn("\n".join(slow), SlowPathWarning)
        known = {
            size
            for _, role, _, shape in self.library.functions[name]
            if role not in ("output", "state_out")
            for size in shape
        }
        self._computed: Dict[str, Size] = {
            str(size): size
            for shape in result_shapes
            for size in shape
            if not isinstance(size, int) and str(size) not in known
        }
        self._kernel: Optional[Kernel] = None
        self._last_shapes: Optional[List[Tuple[int, ...]]] = None

    def bind(self, weights: Mapping[str, np.ndarray]) -> None:
        """Binds the weights, which must not change afterwards, and prepares them."""
        bound = Weights.from_arrays(self.library, dict(weights)) if weights else None
        self._kernel = Kernel(self.library, self.name, self.parameters, bound)

    @property
    def needs_sizes(self) -> bool:
        """Whether a call must say what the symbols are."""
        return bool(self._computed)

    def __call__(self, arrays: Tuple[Any, ...], symbols: Optional[Mapping[str, int]] = None) -> Tuple[np.ndarray, ...]:
        """The results for dense arrays of exactly the types of the inputs."""
        self._last_shapes = [x.shape for x in arrays]
        if not self._computed:
            return self._kernel(*arrays)
        return self._kernel.run(arrays, {name: evaluate(size, symbols or {}) for name, size in self._computed.items()})

    @property
    def signature(self) -> List[Tuple[str, str, Tuple[Any, ...]]]:
        """(name, type, shape) of each input."""
        described = {
            name: (name, dtype, shape)
            for name, role, dtype, shape in self.library.functions[self.name]
            if role == "input"
        }
        return [described[name] for name in self.parameters if name in described]

    @property
    def last_sizes(self) -> Dict[str, int]:
        """The values of the symbols in the last call."""
        shapes = {} if self._last_shapes is None else dict(zip(self.parameters, self._last_shapes))
        return {
            size: own
            for name, _, shape in self.signature
            for size, own in zip(shape, shapes.get(name, ()))
            if isinstance(size, str)
        }

    def count(self, sizes: Mapping[str, int], dynamic_size: int = 1) -> _compiler.Work:
        """The work of one call with these values of the symbols; a size that they do not tell is `dynamic_size`."""
        return _compiler.count(self.name, self.text, sizes, dynamic_size)

    def save(self, path: str) -> None:
        """Writes the library: a copy of that in the cache, or where the cache has it no more, compiled again."""
        try:
            with open(self.library.path, "rb") as kept:
                data = kept.read()
        except FileNotFoundError:
            _compiler.load().compile(self.name, self.text, path, self.path)
            return
        with open(path, "wb") as file:
            file.write(data)

    def mlir(self, stage: str) -> str:
        """The module after a stage: input, graph, tiled, vector or llvm."""
        return _compiler.load().print(self.name, self.text, stage, self.path)
