# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The causal depthwise convolution. Spec: docs/spec/scan.md, causal_conv1d."""

from __future__ import annotations

from typing import Optional, Tuple

import numpy as np

from .. import _mlir
from .._arrays import Arguments, Array, is_empty
from .._kernels import KernelFamily, selected_path

_kernels = KernelFamily("causal_conv1d", ("x", "weight", "bias", "initial_state"))
_step_kernels = KernelFamily("causal_conv1d_step", ("x_t", "state", "weight", "bias"))

_ACTIVATIONS = {None: "none", "silu": "silu", "swish": "silu"}


def activation_name(op: str, activation: Optional[str]) -> str:
    try:
        return _ACTIVATIONS[activation]
    except (KeyError, TypeError):
        raise ValueError(f"{op}: argument activation: expected None, 'silu' or 'swish', got {activation!r}") from None


def causal_conv1d(
    x: Array,
    weight: Array,
    bias: Optional[Array] = None,
    initial_state: Optional[Array] = None,
    activation: Optional[str] = None,
) -> Tuple[Array, Array]:
    """Convolves every channel with its own W weights over the W inputs up to each time:

        y_t = act(bias + sum over w of weight[w] x_{t - W + 1 + w})

    where the W - 1 inputs before the first come from initial_state.

    Shapes, with L the length of time (it may be 0):
        x                    [batch, D, L]
        weight               [D, W], the last weight is that of the present input
        bias                 [D]
        initial_state        [batch, D, W - 1], oldest first, zero where it is not given
    Types: float32, float16 or bfloat16. activation: None, "silu" or "swish", which are the same.

    Returns (y, final_state) in the type of x: y [batch, D, L], and final_state [batch, D, W - 1], the last inputs,
    those of initial_state included. initial_state is not changed. Calls on the parts of a sequence, each with the state
    that the one before returned, give what one call gives.

    Raises TypeError for kinds and types of arrays, ValueError for shapes, both naming the argument; CompileError where
    LINNET_PATH=fast does not cover the case; RuntimeError for tensors that require a gradient.
    """
    options = _ACTIVATIONS.get(activation) or activation_name("causal_conv1d", activation)
    path = selected_path()
    results = _kernels.call(options, path, x, weight, bias, initial_state)
    if results is not None:
        return results
    arguments = Arguments("causal_conv1d", "x", x)
    x = arguments.array("x", x)
    arguments.shape("x", x, "B", "D", "L")
    weight, bias = _parameters(arguments, weight, bias)
    batch, channels, _ = x.shape
    context = weight.shape[1] - 1
    if initial_state is not None:
        initial_state = arguments.array("initial_state", initial_state)
        arguments.shape("initial_state", initial_state, "B", "D", ("W-1", context))
    y, state = _run(x, weight, bias, initial_state, options, path)
    return arguments.result(y, narrow=True), arguments.result(state, narrow=True)


def causal_conv1d_step(
    x_t: Array,
    state: Array,
    weight: Array,
    bias: Optional[Array] = None,
    activation: Optional[str] = None,
) -> Tuple[Array, Array]:
    """One step in time of causal_conv1d.

    Shapes:
        x_t                  [batch, D]
        state                [batch, D, S] with S >= W - 1: the last S inputs, oldest first. causal_conv1d returns
                             S = W - 1, causal-conv1d and Hugging Face models keep S = W
        weight               [D, W]
        bias                 [D]
    Types: float32, float16 or bfloat16. activation: None, "silu" or "swish".

    Returns (y_t, state): y_t [batch, D] in the type of x_t, and the state [batch, D, S] with x_t as its last input, in
    the type of x_t. The given state is not changed.

    Raises TypeError, ValueError, CompileError and RuntimeError as causal_conv1d does.
    """
    options, path = activation_name("causal_conv1d_step", activation), selected_path()
    results = _step_kernels.call(options, path, x_t, state, weight, bias)
    if results is not None:
        return results
    arguments = Arguments("causal_conv1d_step", "x_t", x_t)
    x_t = arguments.array("x_t", x_t)
    arguments.shape("x_t", x_t, "B", "D")
    weight, bias = _parameters(arguments, weight, bias)
    state = arguments.array("state", state)
    arguments.shape("state", state, "B", "D", "S")
    kept, context = state.shape[2], weight.shape[1] - 1
    if kept < context:
        raise arguments.fail("state", f"at least the last W - 1 = {context} inputs", f"shape {list(state.shape)}")
    if is_empty(x_t.shape):
        return arguments.result(np.zeros_like(x_t), narrow=True), arguments.result(state.copy(), narrow=True)
    key = (*weight.shape, kept, bias is not None)
    kernel = _step_kernels.get(options, key, path, lambda: _step_module(options, *key))
    y, shifted = kernel(x_t, state, weight, bias)
    return arguments.result(y, narrow=True), arguments.result(shifted, narrow=True)


def _parameters(arguments: Arguments, weight, bias):
    weight = arguments.array("weight", weight)
    arguments.shape("weight", weight, "D", "W")
    if weight.shape[1] == 0:
        raise arguments.fail("weight", "a width (dimension 1) of at least 1", f"shape {list(weight.shape)}")
    if bias is not None:
        bias = arguments.array("bias", bias)
        arguments.shape("bias", bias, "D")
    return weight, bias


def _run(x, weight, bias, state, activation: str, path: str):
    """On checked arrays."""
    channels, width = weight.shape
    if state is None:
        state = np.zeros((x.shape[0], channels, width - 1), np.float32)
    if is_empty(x.shape):
        return np.zeros_like(x), state.copy()
    key = (channels, width, bias is not None)
    kernel = _kernels.get(activation, key, path, lambda: _module(activation, *key))
    return kernel(x, weight, bias, state)


def _module(activation: str, channels: int, width: int, has_bias: bool) -> str:
    function = _mlir.Function("causal_conv1d")
    x = function.argument("x", ("B", channels, "T"))
    weight = function.argument("weight", (channels, width))
    bias = function.argument("bias", (channels,)) if has_bias else None
    state = function.argument("initial_state", ("B", channels, width - 1), role="state")
    y, last = emit(function, x, weight, bias, state, activation)
    function.result(y, "y")
    function.result(last, "initial_state", role="state")
    return function.text()


def _step_module(activation: str, channels: int, width: int, kept: int, has_bias: bool) -> str:
    from .._graph import Graph  # with it comes much that is only needed here
    from .._sizes import Dim

    graph = Graph("causal_conv1d_step")
    batch = Dim("B")
    x = graph.unsqueeze(graph.input("x_t", (batch, channels), "f32"), 2)
    state = graph.input("state", (batch, channels, kept), "f32")
    weight = graph.argument("weight", (channels, width))
    bias = graph.argument("bias", (channels,)) if has_bias else None
    recent = graph.slice(state, 2, kept - (width - 1), width - 1)
    y, last = emit(graph, graph.value(x), weight, bias, graph.value(recent), activation)
    if kept == width - 1:
        after = graph.tensor(last)
    else:
        after = graph.concat([graph.slice(state, 2, 1, kept - 1), x], 2)
    graph.result(graph.value(graph.squeeze(graph.tensor(y), [2])), "y")
    graph.result(graph.value(after), "next_state")
    return graph.text()


def emit(function, x, weight, bias, state, activation: str):
    """Adds the op on values of `function`; gives y and the last inputs."""
    attributes = f"layout = #linnet.layout<bdt>, activation = #linnet.activation<{activation}>"
    return function.scan("causal_conv1d", (x, weight), (function.empty(x.shape), state), attributes, bias=bias)
