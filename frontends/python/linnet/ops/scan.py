# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Scans with any combination. Spec: docs/spec/scan.md, scan."""

from __future__ import annotations

import functools
import sys
from math import prod
from operator import index
from typing import Any, Callable, Optional, Sequence, Tuple, Union

import numpy as np

from .. import _mlir
from .._arrays import Arguments, Array, lane_sizes
from .._combiner import Element, Untraceable, trace
from .._kernels import KernelFamily, selected_path, shape_of

_KINDS = ("add", "mul", "min", "max", "logaddexp")

Combine = Callable[[Any, Any], Any]


def scan(
    x: Union[Array, Tuple[Array, ...]],
    kind: Union[str, Combine] = "add",
    dim: int = -1,
    inclusive: bool = True,
    reverse: bool = False,
    init: Union[None, Array, Tuple[Array, ...]] = None,
    segment_start: Optional[Array] = None,
) -> Tuple[Any, Any]:
    """The running combination along dimension `dim`: y_t = init (+) x_1 (+) ... (+) x_t, and the total, y at the end.

    kind is add, mul, min, max or logaddexp, or an associative function combine(earlier, later) that need not commute. With
    a tuple of arrays for x, combine takes and gives tuples, and y, total and init are tuples. An element may have
    dimensions of its own, the last ones of its array: combine is written as on whole arrays, with `...` for the others:

        def compose(earlier, later):  # affine maps x -> M x + v, on arrays [..., 2, 2] and [..., 2]
            (m1, v1), (m2, v2) = earlier, later
            return m2 @ m1, (m2 @ v1[..., None])[..., 0] + v2

        (m, v), total = linnet.ops.scan((m, v), compose, dim=1)

    Shapes:
        x                [..., L, ..., element], L (it may be 0) the size of dimension `dim`
        init             x without dimension `dim`; the identity of the kind where it is not given, and for a function
                         nothing: y_1 = x_1
        segment_start    [..., L, ...] of bool or integers, or only its dimensions up to L: not 0 where a segment begins,
                         which knows nothing of what was before (a function begins with the element itself)
    Types: float32, float16, bfloat16 (computed in float32), int32, int64. `dim` counts from the end where it is negative,
    without the element dimensions for a function. Not inclusive: y_t is what was there before x_t. reverse runs from the
    last element to the first; `earlier` is then of greater t.

    Returns (y, total). Raises TypeError for kinds and types of arrays and for a function that cannot be traced,
    ValueError for shapes and dim, all naming the argument; RuntimeError for tensors that require a gradient.
    """
    path, call = selected_path(), None
    if type(kind) is str and segment_start is None and shape_of(x) is not None:
        call = (kind, x.shape, x.dtype, index(dim), bool(inclusive), bool(reverse), shape_of(init), path)
        state = init if init is not None else _identity_like(*call[:4])
        results = _family(1, False).call_again(call, x, state)
        if results is not None:
            return results
    tupled = isinstance(x, tuple)
    xs = x if tupled else (x,)
    if not xs:
        raise ValueError("scan: argument x: expected at least one array, got an empty tuple")
    arguments = Arguments("scan", "x", xs[0])
    # The others of a tuple may be numpy arrays beside a tensor: positions, say. Results are of the kind of the first.
    arrays = [arguments.array(f"x[{i}]" if tupled else "x", a, integers=True, any_kind=i > 0) for i, a in enumerate(xs)]
    if not callable(kind) and kind not in _KINDS:
        raise arguments.fail("kind", f"one of {', '.join(_KINDS)} or a function", repr(kind))
    if not callable(kind) and tupled:
        raise arguments.fail("x", f"one array for kind {kind}", f"a tuple of {len(xs)}", TypeError)
    region, element_rank = (None, 0) if not callable(kind) else _trace(arguments, kind, arrays, tupled)
    # Element dimensions beyond those of the array with the fewest dimensions.
    rank = min(a.ndim for a in arrays) - element_rank
    ranks = [a.ndim - rank for a in arrays]
    if rank == 0:
        raise arguments.fail("x[0]" if tupled else "x", "at least one dimension", "none")
    if not -rank <= index(dim) < rank:
        raise arguments.fail("dim", f"a number from {-rank} to {rank - 1} for {rank} dimensions", str(dim))
    dim = index(dim) % rank
    scan_shape = arrays[0].shape[:rank]
    for i, a in enumerate(arrays):
        if a.shape[:rank] != scan_shape:
            raise arguments.fail(f"x[{i}]", f"a shape that begins with {list(scan_shape)}, as x[0] has", f"shape {list(a.shape)}")

    outer, times, inner = prod(scan_shape[:dim]), scan_shape[dim], prod(scan_shape[dim + 1 :])
    rest = scan_shape[:dim] + scan_shape[dim + 1 :]
    states, unseeded = _initial(arguments, kind, arrays, ranks, rank, rest, init, tupled)
    if unseeded and not inclusive:
        raise arguments.fail("init", "an initial value where the scan is not inclusive and kind is a function", "none")
    flags = _segments(arguments, segment_start, scan_shape, dim)
    if flags is not None and not inclusive and callable(kind):
        raise arguments.fail("segment_start", "none where the scan is not inclusive and kind is a function", "an array")

    def finish(values: Sequence[np.ndarray], narrow: bool) -> Any:
        results = tuple(arguments.result(v, narrow=narrow and v.dtype.kind == "f") for v in values)
        return results if tupled else results[0]

    if 0 in scan_shape:
        if unseeded and times == 0:
            raise arguments.fail("init", "an initial value where there is nothing to combine", "none")
        return finish([np.zeros_like(a) for a in arrays], True), finish([s.copy() for s in states], True)

    elements = [Element(a.shape[rank:], _mlir_type(a)) for a in arrays]
    sizes = lane_sizes(outer, inner)
    key = (kind if isinstance(kind, str) else region, tuple(elements), sizes, inclusive, reverse, unseeded, flags is not None)
    family = _family(len(arrays), flags is not None)
    kernel = family.get(key, (), path, lambda: _module(*key))
    flat = (outer, times, inner) if len(sizes) == 2 else (outer, times)
    flat_state = (outer, inner) if len(sizes) == 2 else (outer,)
    inputs = [a.reshape(flat + a.shape[rank:]) for a in arrays]
    carried = [s.reshape(flat_state + a.shape[rank:]) for s, a in zip(states, arrays)]
    if call is not None:
        family.remember(call, key, path, (*inputs, *carried), (scan_shape, rest))
    results = kernel(*inputs, *carried, *([] if flags is None else [flags.reshape(flat)]))
    n = len(arrays)
    ys = [y.reshape(a.shape) for y, a in zip(results[:n], arrays)]
    totals = [t.reshape(rest + a.shape[rank:]) for t, a in zip(results[n:], arrays)]
    return finish(ys, True), finish(totals, True)


@functools.lru_cache(maxsize=64)
def _identity_like(kind: str, shape: Tuple[int, ...], dtype: Any, dim: int) -> Any:
    """The state before anything was combined, for an array of this shape and type; of torch for a type of torch."""
    if kind not in _KINDS or not -len(shape) <= dim < len(shape):
        return None
    rest = [size for axis, size in enumerate(shape) if axis != dim % len(shape)]
    if isinstance(dtype, np.dtype):
        return np.full(rest, _identity(kind, dtype), dtype) if dtype.kind in "fi" else None
    name = str(dtype).removeprefix("torch.")
    if name not in ("float32", "int32", "int64"):
        return None
    return sys.modules["torch"].from_numpy(np.full(rest, _identity(kind, np.dtype(name)), name))


def _mlir_type(a: np.ndarray) -> str:
    return "f32" if a.dtype.kind == "f" else {1: "i8", 4: "i32", 8: "i64"}[a.dtype.itemsize]


def _trace(arguments: Arguments, combine: Combine, arrays: Sequence[np.ndarray], tupled: bool) -> Tuple[str, int]:
    """The region, and the element dimensions of the array that has the fewest: the least number that the function works
    with."""
    fewest = min(a.ndim for a in arrays)
    reasons = []
    for element_rank in range(fewest):
        elements = [Element(a.shape[fewest - element_rank :], _mlir_type(a)) for a in arrays]
        try:
            return trace(combine, elements, tupled), element_rank
        except Untraceable as error:
            reasons.append(str(error))
    raise arguments.fail("kind", "a function of elements", f"one that cannot be traced: {reasons[0]}", TypeError)


def _initial(arguments, kind, arrays, ranks, rank, rest, init, tupled):
    """The states to begin with, and whether there are none."""
    shapes = [rest + a.shape[rank:] for a in arrays]
    if init is None:
        if callable(kind):
            return [np.zeros(shape, a.dtype) for shape, a in zip(shapes, arrays)], True
        return [np.full(shapes[0], _identity(kind, arrays[0].dtype), arrays[0].dtype)], False
    inits = init if tupled else (init,)
    if tupled and (not isinstance(init, tuple) or len(init) != len(arrays)):
        raise arguments.fail("init", f"a tuple of {len(arrays)} arrays, as x is", type(init).__name__, TypeError)
    states = []
    for i, (value, shape, a) in enumerate(zip(inits, shapes, arrays)):
        name = f"init[{i}]" if tupled else "init"
        state = arguments.array(name, value, integers=True)
        if state.shape != shape:
            raise arguments.fail(name, f"shape {list(shape)}, that of x without dimension dim", f"shape {list(state.shape)}")
        if state.dtype != a.dtype:
            raise arguments.fail(name, f"elements of type {a.dtype}, as x has", str(state.dtype), TypeError)
        states.append(state)
    return states, False


def _identity(kind: str, dtype: np.dtype) -> Any:
    if kind in ("add", "mul"):
        return 0 if kind == "add" else 1
    if dtype.kind == "f":
        return np.inf if kind == "min" else -np.inf
    return np.iinfo(dtype).max if kind == "min" else np.iinfo(dtype).min


def _segments(arguments: Arguments, segment_start: Any, shape: Tuple[int, ...], dim: int) -> Optional[np.ndarray]:
    if segment_start is None:
        return None
    flags = arguments.flags("segment_start", segment_start)
    if flags.ndim <= dim or flags.shape != shape[: flags.ndim]:
        raise arguments.fail("segment_start", f"shape {list(shape)}, as x has", f"shape {list(flags.shape)}")
    missing = (1,) * (len(shape) - flags.ndim)
    return np.ascontiguousarray(np.broadcast_to(flags.reshape(flags.shape + missing), shape))


@functools.lru_cache(maxsize=None)
def _family(count: int, segments: bool) -> KernelFamily:
    names = [f"x{i}" for i in range(count)] + [f"state{i}" for i in range(count)]
    return KernelFamily("scan", names + ["segment_start"] * segments)


def _module(kind, elements, sizes, inclusive, reverse, unseeded, segments) -> str:
    function = _mlir.Function("scan")
    shape = (sizes[0], "T", *sizes[1:])
    inputs = [function.argument(f"x{i}", (*shape, *e.shape), element=e.type) for i, e in enumerate(elements)]
    states = [function.argument(f"state{i}", (*sizes, *e.shape), role="state", element=e.type) for i, e in enumerate(elements)]
    flags = function.argument("segment_start", shape, element="i8") if segments else None
    outs = [function.empty(value.shape, value.element) for value in inputs]
    attributes = ["dimension = 1 : i64"]
    attributes += [name for name, given in (("exclusive", not inclusive), ("reverse", reverse), ("unseeded", unseeded)) if given]
    if any(e.shape for e in elements):
        attributes.append(f"element_ranks = array<i64: {', '.join(str(len(e.shape)) for e in elements)}>")
    custom = kind not in _KINDS
    results = function.element_scan(
        "custom" if custom else kind, inputs, outs, states, ", ".join(attributes), segments=flags, region=kind if custom else None
    )
    count = len(elements)
    for i, value in enumerate(results[:count]):
        function.result(value, f"y{i}")
    for i, value in enumerate(results[count:]):
        function.result(value, f"state{i}", role="state")
    return function.text()
