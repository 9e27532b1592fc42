# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Lowerings of torch.ops.linnet to the dialect. The forms for one token give the state after it as a further result."""

from __future__ import annotations

from math import inf
from typing import Any, Callable, List, Optional, Sequence, Tuple

import torch

from .._combiner import Element, trace
from .._graph import Tensor
from .._mlir import Value
from .._sizes import Size
from ..ops.affine_scan import emit as emit_affine_scan
from ..ops.causal_conv1d import activation_name
from ..ops.causal_conv1d import emit as emit_causal_conv1d
from ..ops.linear_attention import emit as emit_linear_attention
from ..ops.selective_scan import emit as emit_selective_scan
from ..ops.ssd import emit as emit_ssd
from ._aten_pointwise import ADD, MAX, MUL
from ._lowering import Context, Unsupported, lowers
from ._operators import WKV_NOTHING, combine_wkv

_ops = torch.ops.linnet


def _value(context: Context, x: Optional[Tensor]) -> Optional[Value]:
    """In memory, in f32, as kernels have it."""
    return None if x is None else context.graph.value(context.graph.cast(x, "f32"))


def _state(context: Context, x: Optional[Tensor], shape: Sequence[Size]) -> Value:
    return context.graph.fill(shape, 0, "f32") if x is None else _value(context, x)


def _results(context: Context, y: Value, last: Value, element: str, state: str = "f32") -> Tuple[Tensor, Tensor]:
    graph = context.graph
    return graph.cast(graph.tensor(y), element), graph.cast(graph.tensor(last), state)


@lowers(_ops.causal_conv1d.default)
def causal_conv1d(context: Context, x, weight, bias=None, initial_state=None, activation=None):
    batch, channels, _ = x.shape
    width = weight.shape[1]
    state = _state(context, initial_state, (batch, channels, width - 1))
    own = activation_name("causal_conv1d", activation)
    y, last = emit_causal_conv1d(
        context.graph, _value(context, x), _value(context, weight), _value(context, bias), state, own
    )
    return _results(context, y, last, x.element, x.element)


@lowers(_ops.causal_conv1d_step.default)
def causal_conv1d_step(context: Context, x_t, state, weight, bias=None, activation=None):
    graph = context.graph
    x = graph.unsqueeze(x_t, 2)
    kept, width = state.shape[2], weight.shape[1]
    recent = graph.slice(state, 2, kept - (width - 1), width - 1)
    y, last = causal_conv1d(context, x, weight, bias, recent, activation)
    if kept != width - 1:
        last = graph.concat([graph.slice(state, 2, 1, kept - 1), graph.cast(x, state.element)], 2)
    return graph.squeeze(y, [2]), graph.cast(last, state.element)


@lowers(_ops.selective_scan.default)
def selective_scan(context: Context, u, delta, A, B, C, D=None, z=None, delta_bias=None, delta_softplus=False,
                   initial_state=None):  # fmt: skip
    batch, channels, _ = u.shape
    state = _state(context, initial_state, (batch, channels, A.shape[1]))
    graph = context.graph
    B, C = (graph.squeeze(x, [1]) if x.rank == 4 and x.shape[1] == 1 else x for x in (B, C))
    values = [_value(context, x) for x in (u, delta, A, B, C, D, z, delta_bias)]
    return _results(context, *emit_selective_scan(graph, *values, state, delta_softplus), u.element)


@lowers(_ops.selective_scan_step.default)
def selective_scan_step(context: Context, u_t, state, delta_t, A, B_t, C_t, D=None, z_t=None, delta_bias=None,
                        delta_softplus=False):  # fmt: skip
    graph = context.graph
    later = lambda x: None if x is None else graph.unsqueeze(x, x.rank)
    y, last = selective_scan(context, later(u_t), later(delta_t), A, later(B_t), later(C_t), D, later(z_t), delta_bias,
                             delta_softplus, state)  # fmt: skip
    return graph.squeeze(y, [2]), graph.cast(last, state.element)


@lowers(_ops.ssd.default)
def ssd(
    context: Context, x, dt, A, B, C, D=None, z=None, dt_bias=None, dt_softplus=False, initial_state=None, dt_limit=None
):
    batch, _, heads, values = x.shape
    state = _state(context, initial_state, (batch, heads, values, B.shape[3]))
    operands = [_value(context, own) for own in (x, dt, A, B, C, D, z, dt_bias)]
    options = (dt_softplus, *map(float, dt_limit or (-inf, inf)))
    return _results(context, *emit_ssd(context.graph, *operands, state, options), x.element)


@lowers(_ops.ssd_step.default)
def ssd_step(
    context: Context, x_t, state, dt_t, A, B_t, C_t, D=None, z_t=None, dt_bias=None, dt_softplus=False, dt_limit=None
):
    graph = context.graph
    later = lambda x: None if x is None else graph.unsqueeze(x, 1)
    y, last = ssd(
        context,
        later(x_t),
        later(dt_t),
        A,
        later(B_t),
        later(C_t),
        D,
        later(z_t),
        dt_bias,
        dt_softplus,
        state,
        dt_limit,
    )
    return graph.squeeze(y, [1]), graph.cast(last, state.element)


@lowers(_ops.linear_attention.default)
def linear_attention(context: Context, q, k, v, log_decay=None, beta=None, erase=None, write=None, bonus=None, scale=None,
                     initial_state=None, cu_seqlens=None, qk_l2norm=False, causal=True, reverse=False,
                     read="post_update", chunk_size=None, sub_chunk_size=None, gate_lower_bound=None):  # fmt: skip
    if cu_seqlens is not None:
        raise Unsupported("linear_attention with cu_seqlens")
    batch, times, heads, values = v.shape
    state = _state(context, initial_state, (batch, heads, k.shape[3], values))
    optional = {name: _value(context, x) for name, x in
                {"log_decay": log_decay, "beta": beta, "erase": erase, "write": write, "bonus": bonus}.items()}  # fmt: skip
    options = (scale, None, qk_l2norm, causal, reverse, read, chunk_size, times == 1, sub_chunk_size, gate_lower_bound)
    own = [_value(context, x) for x in (q, k, v)]
    return _results(context, *emit_linear_attention(context.graph, *own, state, options, **optional), q.element)


@lowers(_ops.linear_attention_step.default)
def linear_attention_step(context: Context, q, k, v, state, log_decay=None, beta=None, erase=None, write=None, bonus=None,
                          scale=None, qk_l2norm=False, read="post_update"):  # fmt: skip
    graph = context.graph
    later = lambda x: None if x is None else graph.unsqueeze(x, 1)
    decay = log_decay if log_decay is None or log_decay.rank == 1 else later(log_decay)
    o, last = linear_attention(context, later(q), later(k), later(v), decay, later(beta), later(erase), later(write), bonus,
                               scale, state, None, qk_l2norm, True, False, read)  # fmt: skip
    return graph.squeeze(o, [1]), graph.cast(last, state.element)


@lowers(_ops.affine_scan.default)
def affine_scan(context: Context, a, b, initial_state=None, dim=1, reverse=False):
    dim %= a.rank
    state = _state(context, initial_state, [size for i, size in enumerate(a.shape) if i != dim])
    h, last = emit_affine_scan(context.graph, _value(context, a), _value(context, b), state, dim, reverse)
    return _results(context, h, last, a.element)


def _floats(context: Context, emit: Callable[..., str], *operands: Tensor) -> Tensor:
    return context.graph.pointwise(lambda body, *names: emit(body, "f32", *names), operands, "f32")


def _exp_difference(body: Any, element: str, a: str, b: str) -> str:
    return body.emit(f"math.exp {body.emit(f'arith.subf {a}, {b} : {element}')} : {element}")


@lowers(_ops.wkv4.default)
def wkv4(context: Context, decay, first, k, v, numerator=None, denominator=None, exponent=None) -> List[Tensor]:
    graph = context.graph
    keys, values = graph.cast(k, "f32"), graph.cast(v, "f32")
    stretches = [graph.expand(graph.cast(decay, "f32"), k.shape), keys, values, graph.full(k.shape, 1, "f32")]
    inputs = [graph.value(x) for x in stretches]
    rest = (k.shape[0], k.shape[2])
    if numerator is None:
        start = [graph.fill(rest, number, "f32") for number in (0, WKV_NOTHING, 0, 0)]
    else:
        start = [graph.fill(rest, 0, "f32"), *(_value(context, x) for x in (exponent, numerator, denominator))]
    region = trace(combine_wkv, [Element((), "f32")] * 4, True)
    outs = [graph.empty(k.shape) for _ in range(4)]
    results = graph.element_scan("custom", inputs, outs, start, "dimension = 1 : i64, exclusive", region=region)
    before_decay, before_exponent, before_n, before_d = map(graph.tensor, results[:4])
    _, last_exponent, last_n, last_d = map(graph.tensor, results[4:])
    own = graph.settle(_floats(context, ADD, graph.cast(first, "f32"), keys))
    # Nothing asks for the decay so far. But a result of a scan that nobody reads would have to lie in the memory of each
    # parallel iteration, as long as the sequence: it is read here, as minus infinity.
    nothing = _floats(context, ADD, before_decay, graph.full((), -inf, "f32"))
    largest = graph.settle(_floats(context, MAX, _floats(context, MAX, before_exponent, own), nothing))
    old = graph.settle(_floats(context, _exp_difference, before_exponent, largest))
    new = graph.settle(_floats(context, _exp_difference, own, largest))
    upper = _floats(context, ADD, _floats(context, MUL, old, before_n), _floats(context, MUL, new, values))
    lower = _floats(context, ADD, _floats(context, MUL, old, before_d), new)
    y = _floats(context, lambda body, e, a, b: body.emit(f"arith.divf {a}, {b} : {e}"), upper, lower)
    return [graph.cast(y, k.element), last_n, last_d, last_exponent]
