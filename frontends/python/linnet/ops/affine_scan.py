# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The first-order recurrence. Spec: docs/spec/scan.md, affine_scan."""

from __future__ import annotations

from math import prod
from operator import index
from typing import Optional, Tuple, Union

import numpy as np

from .. import _mlir
from .._arrays import Arguments, Array, is_empty, lane_sizes, numbers, pairs
from .._kernels import KernelFamily, selected_path, shape_of

_kernels = KernelFamily("affine_scan", ("a", "b", "initial_state"))


def affine_scan(
    a: Array,
    b: Array,
    initial_state: Optional[Array] = None,
    dim: int = 1,
    reverse: bool = False,
) -> Tuple[Array, Array]:
    """Runs h_t = a_t h_{t-1} + b_t along dimension `dim`, elementwise in all others.

    Shapes:
        a, b                 [..., L, ...], the same shape of any rank; L (it may be 0) is the size of dimension `dim`
        initial_state        that shape without dimension `dim`; h_{-1}, zero where it is not given
    Types: float32, float16, bfloat16 or complex64, all of one kind. dim counts from the end where it is negative. With reverse, time runs from the
    last element to the first.

    Returns (h, final_state): h of the shape of a and in its type; final_state, float32 or complex64, the last h that was computed
    (of the first element with reverse). initial_state is not changed. Calls on the parts of a sequence, each with the
    state that the one before returned, give what one call gives.

    Raises TypeError for kinds and types of arrays, ValueError for shapes and dim, all naming the argument; RuntimeError
    for tensors that require a gradient.
    """
    path = selected_path()
    given, call = (a, b, initial_state), (shape_of(a), shape_of(b), shape_of(initial_state), index(dim), bool(reverse), path)
    results = _kernels.call_again(call, *given)
    if results is not None:
        return results
    arguments = Arguments("affine_scan", "a", a)
    a = arguments.array("a", a, complex_=None)
    is_complex = a.dtype.kind == "c"
    rank = a.ndim
    if rank == 0:
        raise arguments.fail("a", "at least one dimension", "none")
    if not -rank <= index(dim) < rank:
        raise arguments.fail("dim", f"a number from {-rank} to {rank - 1} for arrays of {rank} dimensions", str(dim))
    dim = index(dim) % rank
    b = arguments.array("b", b, complex_=is_complex)
    if b.shape != a.shape:
        raise arguments.fail("b", f"shape {list(a.shape)}, as a has", f"shape {list(b.shape)}")
    rest = a.shape[:dim] + a.shape[dim + 1 :]
    if initial_state is None:
        state = np.zeros(rest, a.dtype)
    else:
        state = arguments.array("initial_state", initial_state, complex_=is_complex)
        if state.shape != rest:
            raise arguments.fail("initial_state", f"shape {list(rest)}, that of a without dimension {dim}",
                                 f"shape {list(state.shape)}")
    if is_empty(a.shape):
        return arguments.result(np.zeros_like(a), narrow=True), arguments.result(state.copy())

    # All dimensions before time count as one, and so do all after it.
    outer, times, inner = prod(a.shape[:dim]), a.shape[dim], prod(a.shape[dim + 1 :])
    sizes = lane_sizes(outer, inner)
    flat = (outer, times, inner) if len(sizes) == 2 else (outer, times)
    flat_state = (outer, inner) if len(sizes) == 2 else (outer,)
    options = (bool(reverse), is_complex)
    options_of_kernel = (*options, sizes)
    kernel = _kernels.get(options_of_kernel, None, path, lambda: _module(*options, sizes))
    operands = [a.reshape(flat), b.reshape(flat), state.reshape(flat_state)]
    if not is_complex:
        _kernels.remember(call, options_of_kernel, path, tuple(operands), (a.shape, rest))
    h, last = kernel(*map(pairs, operands) if is_complex else operands)
    if is_complex:
        h, last = numbers(h), numbers(last)
    return arguments.result(h.reshape(a.shape), narrow=True), arguments.result(last.reshape(rest))


def _module(reverse: bool, is_complex: bool, sizes: Tuple[Union[int, str], ...]) -> str:
    function = _mlir.Function("affine_scan")
    pair = (2,) if is_complex else ()
    shape = (sizes[0], "T", *sizes[1:], *pair)
    a, b = function.argument("a", shape), function.argument("b", shape)
    state = function.argument("initial_state", (*sizes, *pair), role="state")
    h, last = emit(function, a, b, state, 1, reverse, is_complex)
    function.result(h, "h")
    function.result(last, "initial_state", role="state")
    return function.text()


def emit(function, a, b, state, dim: int, reverse: bool, is_complex: bool = False):
    """Adds the op on values of `function`; gives h and the last state."""
    attributes = f"dimension = {dim} : i64" + (", reverse" if reverse else "") + (", complex" if is_complex else "")
    return function.scan("affine_scan", (a, b), (function.empty(a.shape), state), attributes)
