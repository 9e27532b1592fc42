# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The state-space dual form of Mamba-2. Spec: docs/spec/linear-attention.md, ssd."""

from __future__ import annotations

from math import inf
from typing import Optional, Tuple

import numpy as np

from .. import _mlir
from .._arrays import Arguments, Array, is_empty
from .._kernels import KernelFamily, selected_path

_kernels = KernelFamily("ssd", ("x", "dt", "A", "B", "C", "D", "z", "dt_bias", "initial_state"))


def ssd(
    x: Array,
    dt: Array,
    A: Array,
    B: Array,
    C: Array,
    D: Optional[Array] = None,
    z: Optional[Array] = None,
    dt_bias: Optional[Array] = None,
    dt_softplus: bool = False,
    initial_state: Optional[Array] = None,
    dt_limit: Optional[Tuple[float, float]] = None,
) -> Tuple[Array, Array]:
    """Runs the recurrence of Mamba-2 over time, for every batch and head:

        d_t = dt_t + dt_bias                            softplus(d_t) with dt_softplus; then limited to dt_limit = (least, greatest)
        S_t = exp(d_t A) S_{t-1} + d_t x_t B_t^T        S_{-1} = initial_state
        y_t = S_t C_t + D x_t                           times silu(z_t) where z is given

    Shapes, with L the length of time (it may be 0):
        x, z                 [batch, L, H, P]
        dt                   [batch, L, H]
        A, dt_bias           [H]; A is negative
        B, C                 [batch, L, G, N]; G divides H, head h reads group h // (H / G)
        D                    [H] or [H, P]
        initial_state        [batch, H, P, N], zero where it is not given

    Types: float32, float16 or bfloat16, computed in float32. Returns (y, final_state): y [batch, L, H, P] in the type
    of x; final_state [batch, H, P, N], float32, is the state after the last token. initial_state is not changed. Calls
    on the parts of a sequence, each with the state that the one before returned, give what one call gives.

    Raises TypeError for kinds and types of arrays, ValueError for shapes, both naming the argument; CompileError where
    LINNET_PATH=fast does not cover the case; RuntimeError for tensors that require a gradient.
    """
    options = (bool(dt_softplus), *map(float, dt_limit or (-inf, inf)))
    path = selected_path()
    results = _kernels.call(options, path, x, dt, A, B, C, D, z, dt_bias, initial_state)
    if results is not None:
        return results
    return _checked(x, dt, A, B, C, D, z, dt_bias, options, initial_state, path)


def _checked(x, dt, A, B, C, D, z, dt_bias, options, initial_state, path):
    arguments = Arguments("ssd", "x", x)
    array, shape = arguments.array, arguments.shape
    x = array("x", x)
    shape("x", x, "B", "L", "H", "P")
    dt, A = array("dt", dt), array("A", A)
    shape("dt", dt, "B", "L", "H")
    shape("A", A, "H")
    B, C = array("B", B), array("C", C)
    shape("B", B, "B", "L", "G", "N")
    shape("C", C, "B", "L", "G", "N")
    batch, _, heads, values = x.shape
    groups, states = B.shape[2:]
    if groups != heads and (groups == 0 or heads % groups):
        raise arguments.fail("B", f"a number of groups (dimension 2) that divides the {heads} heads", str(groups))
    if D is not None:
        D = array("D", D)
        shape("D", D, *(("H", "P") if D.ndim == 2 else ("H",)))
    if z is not None:
        z = array("z", z)
        shape("z", z, "B", "L", "H", "P")
    if dt_bias is not None:
        dt_bias = array("dt_bias", dt_bias)
        shape("dt_bias", dt_bias, "H")
    if initial_state is None:
        state = np.zeros((batch, heads, values, states), np.float32)
    else:
        state = array("initial_state", initial_state)
        shape("initial_state", state, "B", "H", "P", "N")
    if is_empty(x.shape) or states == 0:
        if states == 0:
            raise arguments.fail("B", "at least one state (dimension 3)", f"shape {list(B.shape)}")
        return arguments.result(np.zeros_like(x), narrow=True), arguments.result(state.copy())

    key = (heads, values, groups, states, None if D is None else D.ndim, z is not None, dt_bias is not None)
    kernel = _kernels.get(options, key, path, lambda: _module(options, *key))
    y, last = kernel(x, dt, A, B, C, D, z, dt_bias, state)
    return arguments.result(y, narrow=True), arguments.result(last)


def _module(options, heads, values, groups, states, skip_rank, has_z, has_bias) -> str:
    function = _mlir.Function("ssd")
    argument = function.argument
    sequence = ("B", "L", heads, values)
    x, dt, a = argument("x", sequence), argument("dt", ("B", "L", heads)), argument("A", (heads,))
    b, c = (argument(name, ("B", "L", groups, states)) for name in "BC")
    skip = argument("D", (heads, values)[:skip_rank]) if skip_rank else None
    gate = argument("z", sequence) if has_z else None
    dt_bias = argument("dt_bias", (heads,)) if has_bias else None
    state = argument("initial_state", ("B", heads, values, states), role="state")
    y, last = emit(function, x, dt, a, b, c, skip, gate, dt_bias, state, options)
    function.result(y, "y")
    function.result(last, "initial_state", role="state")
    return function.text()


def emit(function, x, dt, a, b, c, skip, gate, dt_bias, state, options):
    """Adds the op on values of `function`; gives y and the last state. options: (dt_softplus, least, greatest)."""
    softplus, low, high = options
    attributes = ["dt_softplus"] if softplus else []
    if low > -inf:
        attributes.append(f"dt_min = {low!r} : f64")
    if high < inf:
        attributes.append(f"dt_max = {high!r} : f64")
    outs = (function.empty(x.shape), state)
    return function.scan("ssd", (x, dt, a, b, c), outs, ", ".join(attributes), skip=skip, gate=gate, dt_bias=dt_bias)
