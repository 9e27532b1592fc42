# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The selective scan of Mamba-1. Spec: docs/spec/scan.md, selective_scan."""

from __future__ import annotations

from typing import Optional, Tuple

import numpy as np

from .. import _mlir
from .._arrays import Arguments, Array, is_empty, numbers, pairs
from .._kernels import KernelFamily, selected_path

_kernels = KernelFamily(
    "selective_scan", ("u", "delta", "A", "B", "C", "D", "z", "delta_bias", "initial_state")
)


def selective_scan(
    u: Array,
    delta: Array,
    A: Array,
    B: Array,
    C: Array,
    D: Optional[Array] = None,
    z: Optional[Array] = None,
    delta_bias: Optional[Array] = None,
    delta_softplus: bool = False,
    initial_state: Optional[Array] = None,
) -> Tuple[Array, Array]:
    """Runs the selective state-space recurrence over time, for every batch, channel d and state n:

        d_t = delta_t + delta_bias                      softplus(d_t) with delta_softplus
        h_t = exp(d_t A) h_{t-1} + d_t B_t u_t          h_{-1} = initial_state
        y_t = sum over n of C_t h_t                     twice the real part when A is complex
        y_t = (y_t + D u_t) silu(z_t)

    Shapes, with L the length of time (it may be 0):
        u, delta, z          [batch, D, L]
        A                    [D, N]
        B, C                 [batch, N, L]; [batch, G, N, L] for G groups of D / G channels; [D, N] constant in time
        D, delta_bias        [D]
        initial_state        [batch, D, N], zero where it is not given

    Types: float32, float16 or bfloat16. A may be complex64: then the states are, B and C that are constant are, and B
    and C that vary have their real and imaginary parts interleaved along a last dimension of 2 L, as in mamba-ssm.

    Returns (out, last_state): out [batch, D, L] in the type of u; last_state [batch, D, N], float32 or complex64, is
    the state after the last token. initial_state is not changed. Calls on the parts of a sequence, each with the state
    that the one before returned, give what one call gives.

    Raises TypeError for kinds and types of arrays, ValueError for shapes, both naming the argument; CompileError where
    LINNET_PATH=fast does not cover the case; RuntimeError for tensors that require a gradient.
    """
    options = bool(delta_softplus)
    path = selected_path()
    results = _kernels.call(options, path, u, delta, A, B, C, D, z, delta_bias, initial_state)
    if results is not None:
        return results
    return _checked(u, delta, A, B, C, D, z, delta_bias, options, initial_state, path)


def _checked(u, delta, A, B, C, D, z, delta_bias, softplus, initial_state, path):
    arguments = Arguments("selective_scan", "u", u)
    array, shape = arguments.array, arguments.shape
    u = array("u", u)
    shape("u", u, "B", "D", "L")
    delta = array("delta", delta)
    shape("delta", delta, "B", "D", "L")
    A = array("A", A, complex_=None)
    shape("A", A, "D", "N")
    is_complex = A.dtype.kind == "c"
    B = _coefficients(arguments, "B", B, is_complex)
    C = _coefficients(arguments, "C", C, is_complex)
    if D is not None:
        D = array("D", D)
        shape("D", D, "D")
    if z is not None:
        z = array("z", z)
        shape("z", z, "B", "D", "L")
    if delta_bias is not None:
        delta_bias = array("delta_bias", delta_bias)
        shape("delta_bias", delta_bias, "D")
    batch, channels, _ = u.shape
    states = A.shape[1]
    if initial_state is None:
        state = np.zeros((batch, channels, states), A.dtype)
    else:
        state = array("initial_state", initial_state, complex_=is_complex)
        shape("initial_state", state, "B", "D", "N")

    if is_empty(u.shape) or states == 0:
        if states == 0:
            raise arguments.fail("A", "at least one state", f"shape {list(A.shape)}")
        return arguments.result(np.zeros_like(u), narrow=True), arguments.result(state.copy())

    if is_complex:
        A, state = pairs(A), pairs(state)
    key = (
        channels, states, is_complex, _kind(B, is_complex), _kind(C, is_complex),
        D is not None, z is not None, delta_bias is not None,
    )  # fmt: skip
    kernel = _kernels.get(softplus, key, path, lambda: _module(softplus, *key))
    out, last = kernel(u, delta, A, B, C, D, z, delta_bias, state)
    return arguments.result(out, narrow=True), arguments.result(numbers(last) if is_complex else last)


def _coefficients(arguments: Arguments, name: str, x, is_complex: bool) -> np.ndarray:
    """B or C; complex ones as pairs of numbers."""
    rank = getattr(x, "ndim", 0)
    x = arguments.array(name, x, complex_=is_complex and rank == 2)
    length = ("2L", 2 * arguments.sizes["L"]) if is_complex else "L"
    if rank == 2:
        arguments.shape(name, x, "D", "N")
        return pairs(x) if is_complex else x
    if rank == 4:
        groups, channels = x.shape[1], arguments.sizes["D"]
        arguments.shape(name, x, "B", ("G", groups), "N", length)
        if groups == 0 or channels % groups:
            expected = f"a number of groups (dimension 1) that divides the {channels} channels"
            raise arguments.fail(name, expected, str(groups))
        if groups == 1:
            x = x[:, 0]
    elif rank == 3:
        arguments.shape(name, x, "B", "N", length)
    else:
        raise arguments.fail(name, "2, 3 or 4 dimensions, [D, N], [B, N, L] or [B, G, N, L]", f"shape {list(x.shape)}")
    return x.reshape(*x.shape[:-1], -1 if x.size else 0, 2) if is_complex else x


def _kind(x: np.ndarray, is_complex: bool) -> int:
    """-1: constant in time; 0: not grouped; else the number of groups."""
    rank = x.ndim - is_complex
    return -1 if rank == 2 else 0 if rank == 3 else x.shape[1]


def _module(softplus, channels, states, is_complex, b_kind, c_kind, has_d, has_z, has_bias) -> str:
    function = _mlir.Function("selective_scan")
    sequence = ("B", channels, "T")

    pair = (2,) if is_complex else ()  # real and imaginary part, as complex numbers lie in memory

    def coefficients(name, kind):
        grouped = {-1: (channels, states), 0: ("B", states, "T")}.get(kind, ("B", kind, states, "T"))
        return function.argument(name, grouped + pair)

    argument = function.argument
    u, delta = argument("u", sequence), argument("delta", sequence)
    a = argument("A", (channels, states) + pair)
    b, c = coefficients("B", b_kind), coefficients("C", c_kind)
    skip = argument("D", (channels,)) if has_d else None
    gate = argument("z", sequence) if has_z else None
    bias = argument("delta_bias", (channels,)) if has_bias else None
    state = argument("initial_state", ("B", channels, states) + pair, role="state")
    y, last = emit(function, u, delta, a, b, c, skip, gate, bias, state, softplus, is_complex)
    function.result(y, "out")
    function.result(last, "initial_state", role="state")
    return function.text()


def emit(function, u, delta, a, b, c, skip, gate, delta_bias, state, softplus, is_complex=False):
    """Adds the op on values of `function`; gives y and the last state."""
    attributes = "layout = #linnet.layout<bdt>" + (", delta_softplus" if softplus else "")
    attributes += ", complex" if is_complex else ""
    outs = (function.empty(u.shape), state)
    return function.scan("selective_scan", (u, delta, a, b, c), outs, attributes, skip=skip, gate=gate, delta_bias=delta_bias)
