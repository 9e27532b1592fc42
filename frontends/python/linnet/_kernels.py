# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels: one for each operation, its options, element types and static sizes; never for a length or a batch.

A call goes through three doors, each only when the one before did not open:

1. `KernelFamily.call`: a kernel of this process that takes these arrays as they are. Some microseconds. Where arrays and
   kernel differ in their shapes, though not in their elements, `KernelFamily.call_again`: the kernel of an earlier call
   with arrays of the same shapes.
2. Checks and conversions in Python, then the dictionary of this process by key.
3. The cache on disk, and behind it the compiler (_cache.py).
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Any, Callable, Hashable, Optional, Sequence, Tuple

import numpy as np

from ._arrays import array_of, tensor_of
from ._linnet import Kernel, KernelTable
from ._warnings import SlowPathWarning, warn

#: Of one family.
_MOST_PLANS = 512

_PATHS = ("auto", "fast", "reference")


def selected_path() -> str:
    """$LINNET_PATH: auto (where it is not set), fast or reference."""
    path = os.environ.get("LINNET_PATH") or "auto"
    if path not in _PATHS:
        raise ValueError(f"environment variable LINNET_PATH: expected auto, fast or reference, got {path!r}")
    return path


def checks_values() -> bool:
    """Whether $LINNET_CHECK asks for checks of values, which take a pass over them."""
    return os.environ.get("LINNET_CHECK", "0") not in ("", "0")


class KernelFamily:
    """The kernels of one operation, whose Python function has these array parameters in this order."""

    def __init__(self, op: str, parameters: Sequence[str]) -> None:
        self.op = op
        self.parameters = list(parameters)
        self._tables: dict[Tuple[Hashable, str], Any] = {}
        self._kernels: dict[Hashable, Any] = {}
        self._plans: dict[Hashable, Any] = {}
        self._lock = threading.Lock()

    def call(self, options: Hashable, path: str, *arrays: Any) -> Any:
        """The results, if a kernel of this process takes the arrays as they are; else None, whatever the reason."""
        table = self._tables.get((options, path))
        if table is None:
            return None
        results = table(*arrays)
        if results is None and "torch" in sys.modules:
            results = _call_on_tensors(table, arrays)
        return results

    def call_again(self, key: Hashable, *arrays: Any) -> Any:
        """The results, if `remember` was told of a call with this key, which has all shapes in it; else None, whatever the
        reason."""
        plan = self._plans.get(key)
        if plan is None:
            return None
        results = plan(*arrays)
        if results is None and "torch" in sys.modules:
            results = _call_on_tensors(plan, arrays)
        return results

    def remember(self, key: Hashable, options: Hashable, path: str, arrays: Tuple[Any, ...], shapes: Sequence[Any]) -> None:
        """That calls with `key` run the kernel that takes `arrays`, numpy's, and have results of these shapes."""
        table = self._tables.get((options, path))
        plan = None if table is None else table.plan(arrays, shapes)
        if plan is not None:
            if len(self._plans) >= _MOST_PLANS:  # lengths that never come again
                self._plans.clear()
            self._plans[key] = plan

    def get(self, options: Hashable, key: Hashable, path: str, text: Callable[[], str]) -> Any:
        """The kernel for `options` and, within them, `key`; `text` writes its module when it is not known yet."""
        kernel = self._kernels.get((options, key, path))
        if kernel is not None:
            return kernel
        from . import _cache  # with it come modules that a program with no kernel does not need

        with self._lock:
            kernel = self._kernels.get((options, key, path))
            if kernel is None:
                library, remarks = _cache.load_or_compile(self.op, text(), path)
                slow = [line for line in remarks.splitlines() if "takes the reference path" in line]
                if slow:
                    warn("\n".join(slow), SlowPathWarning)
                kernel = Kernel(library, self.op, self.parameters)
                self._kernels[options, key, path] = kernel
                self._tables.setdefault((options, path), KernelTable()).add(kernel)
        return kernel


def shape_of(x: Any) -> Any:
    """For keys of `call_again`: None of None, and of what has no shape."""
    return getattr(x, "shape", None)


def as_arrays(arrays: Sequence[Any]) -> Optional[Tuple[Optional[np.ndarray], ...]]:
    """Tensors, or arrays, as arrays of numpy over the same memory, where that can be without a question: none of them
    requires a gradient, and numpy can look at each."""
    torch = sys.modules.get("torch")
    differentiable = torch is not None and torch.is_grad_enabled()
    views: list[Optional[np.ndarray]] = []
    for x in arrays:
        if x is None or type(x) is np.ndarray:
            views.append(x)
            continue
        try:
            if x.requires_grad:
                if differentiable:
                    return None
                x = x.detach()
            views.append(array_of(x))
        except (AttributeError, RuntimeError, TypeError):
            return None  # no tensor, or one that numpy cannot look at: the checks say why
    return tuple(views)


def _call_on_tensors(table: Any, arrays: Sequence[Any]) -> Any:
    if not isinstance(arrays[0], sys.modules["torch"].Tensor) or any(type(x) is np.ndarray for x in arrays):
        return None
    views = as_arrays(arrays)
    results = None if views is None else table(*views)
    return None if results is None else tuple(map(tensor_of, results))
