# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""torch.ops.linnet: the kernels of linnet.ops as operators of torch.

Each has a schema, a kernel for CPU and a rule for fake tensors, so that torch.export and torch.compile see one operator
and not what is inside. Those named *_step read one token and write the state where it is. Shapes and meaning are those
of the functions of the same name in linnet.ops, which say what is wrong with an argument.

Results are new tensors in C order: the first in the type of the first argument, states in float32 (those of a
convolution in the type of its inputs).
"""

from __future__ import annotations

from typing import Callable, Optional, Sequence, Tuple

import torch
from torch import Tensor

from .. import ops

_library = torch.library.Library("linnet", "DEF")


def _operator(schema: str, fake: Callable) -> Callable[[Callable], Callable]:
    """Defines an operator whose kernel is the decorated function."""
    name = schema[: schema.index("(")]

    def define(kernel: Callable) -> Callable:
        _library.define(schema)
        _library.impl(name, kernel, "CPU")
        torch.library.register_fake(f"linnet::{name}", fake, lib=_library)
        return kernel

    return define


def _like(x: Tensor, shape: Optional[Sequence] = None, dtype: Optional[torch.dtype] = None) -> Tensor:
    return torch.empty(x.shape if shape is None else shape, dtype=dtype or x.dtype, device=x.device)


_f32 = torch.float32

# ---------------------------------------------------------------- convolution


@_operator(
    "causal_conv1d(Tensor x, Tensor weight, Tensor? bias=None, Tensor? initial_state=None, str? activation=None)"
    " -> (Tensor, Tensor)",
    lambda x, weight, bias=None, initial_state=None, activation=None: (
        _like(x),
        _like(x, (*x.shape[:2], weight.shape[1] - 1)),
    ),
)
def causal_conv1d(x, weight, bias=None, initial_state=None, activation=None) -> Tuple[Tensor, Tensor]:
    return ops.causal_conv1d(x, weight, bias, initial_state, activation)


@_operator(
    "causal_conv1d_step(Tensor x_t, Tensor(a!) state, Tensor weight, Tensor? bias=None, str? activation=None) -> Tensor",
    lambda x_t, state, weight, bias=None, activation=None: _like(x_t),
)
def causal_conv1d_step(x_t, state, weight, bias=None, activation=None) -> Tensor:
    y, after = ops.causal_conv1d_step(x_t, state, weight, bias, activation)
    state.copy_(after)
    return y


# ---------------------------------------------------------------- state spaces


@_operator(
    "selective_scan(Tensor u, Tensor delta, Tensor A, Tensor B, Tensor C, Tensor? D=None, Tensor? z=None,"
    " Tensor? delta_bias=None, bool delta_softplus=False, Tensor? initial_state=None) -> (Tensor, Tensor)",
    lambda u, delta, A, *rest, **named: (
        _like(u),
        _like(u, (*u.shape[:2], A.shape[1]), torch.complex64 if A.is_complex() else _f32),
    ),
)
def selective_scan(u, delta, A, B, C, D=None, z=None, delta_bias=None, delta_softplus=False, initial_state=None):
    return ops.selective_scan(u, delta, A, B, C, D, z, delta_bias, delta_softplus, initial_state)


@_operator(
    "selective_scan_step(Tensor u_t, Tensor(a!) state, Tensor delta_t, Tensor A, Tensor B_t, Tensor C_t,"
    " Tensor? D=None, Tensor? z_t=None, Tensor? delta_bias=None, bool delta_softplus=False) -> Tensor",
    lambda u_t, *rest, **named: _like(u_t),
)
def selective_scan_step(u_t, state, delta_t, A, B_t, C_t, D=None, z_t=None, delta_bias=None, delta_softplus=False):
    """u_t, delta_t, z_t [batch, D]; B_t, C_t [batch, N] or [batch, G, N]; state [batch, D, N], written."""
    y, after = ops.selective_scan(
        u_t[..., None], delta_t[..., None], A, B_t[..., None], C_t[..., None], D,
        None if z_t is None else z_t[..., None], delta_bias, delta_softplus, state,
    )  # fmt: skip
    state.copy_(after)
    return y[..., 0]


@_operator(
    "ssd(Tensor x, Tensor dt, Tensor A, Tensor B, Tensor C, Tensor? D=None, Tensor? z=None, Tensor? dt_bias=None,"
    " bool dt_softplus=False, Tensor? initial_state=None, float[2]? dt_limit=None) -> (Tensor, Tensor)",
    lambda x, dt, A, B, *rest, **named: (
        _like(x),
        _like(x, (x.shape[0], *x.shape[2:], B.shape[3]), _f32),
    ),
)
def ssd(x, dt, A, B, C, D=None, z=None, dt_bias=None, dt_softplus=False, initial_state=None, dt_limit=None):
    return ops.ssd(x, dt, A, B, C, D, z, dt_bias, dt_softplus, initial_state, dt_limit and tuple(dt_limit))


@_operator(
    "ssd_step(Tensor x_t, Tensor(a!) state, Tensor dt_t, Tensor A, Tensor B_t, Tensor C_t, Tensor? D=None,"
    " Tensor? z_t=None, Tensor? dt_bias=None, bool dt_softplus=False, float[2]? dt_limit=None) -> Tensor",
    lambda x_t, *rest, **named: _like(x_t),
)
def ssd_step(x_t, state, dt_t, A, B_t, C_t, D=None, z_t=None, dt_bias=None, dt_softplus=False, dt_limit=None):
    """x_t, z_t [batch, H, P]; dt_t [batch, H]; B_t, C_t [batch, G, N]; state [batch, H, P, N], written."""
    y, after = ops.ssd(
        x_t[:, None], dt_t[:, None], A, B_t[:, None], C_t[:, None], D, None if z_t is None else z_t[:, None],
        dt_bias, dt_softplus, state, dt_limit and tuple(dt_limit),
    )  # fmt: skip
    state.copy_(after)
    return y[:, 0]


# ---------------------------------------------------------------- linear attention

_ATTENTION = (
    "Tensor? log_decay=None, Tensor? beta=None, Tensor? erase=None, Tensor? write=None, Tensor? bonus=None,"
    " float? scale=None"
)


def _fake_attention(q, k, v, log_decay=None, beta=None, erase=None, write=None, bonus=None, scale=None,
                    initial_state=None, cu_seqlens=None, *rest, **named):  # fmt: skip
    sequences = v.shape[0] if cu_seqlens is None else cu_seqlens.shape[0] - 1
    return _like(q, v.shape), _like(v, (sequences, v.shape[2], k.shape[3], v.shape[3]), _f32)


@_operator(
    f"linear_attention(Tensor q, Tensor k, Tensor v, {_ATTENTION}, Tensor? initial_state=None, Tensor? cu_seqlens=None,"
    " bool qk_l2norm=False, bool causal=True, bool reverse=False, str read='post_update', int? chunk_size=None,"
    " int? sub_chunk_size=None, float? gate_lower_bound=None) -> (Tensor, Tensor)",
    _fake_attention,
)
def linear_attention(q, k, v, log_decay=None, beta=None, erase=None, write=None, bonus=None, scale=None,
                     initial_state=None, cu_seqlens=None, qk_l2norm=False, causal=True, reverse=False,
                     read="post_update", chunk_size=None, sub_chunk_size=None, gate_lower_bound=None):  # fmt: skip
    return ops.linear_attention(
        q, k, v, log_decay, beta, erase, write, bonus, scale, initial_state, cu_seqlens, None, qk_l2norm, causal,
        reverse, read, chunk_size, sub_chunk_size, gate_lower_bound,
    )  # fmt: skip


@_operator(
    f"linear_attention_step(Tensor q, Tensor k, Tensor v, Tensor(a!) state, {_ATTENTION}, bool qk_l2norm=False,"
    " str read='post_update') -> Tensor",
    lambda q, k, v, *rest, **named: _like(q, v.shape),
)
def linear_attention_step(q, k, v, state, log_decay=None, beta=None, erase=None, write=None, bonus=None, scale=None,
                          qk_l2norm=False, read="post_update"):  # fmt: skip
    o, after = ops.linear_attention_step(
        q, k, v, state, log_decay, beta, erase, write, bonus, scale, None, qk_l2norm, read
    )
    state.copy_(after)
    return o


# ---------------------------------------------------------------- scans


@_operator(
    "affine_scan(Tensor a, Tensor b, Tensor? initial_state=None, int dim=1, bool reverse=False) -> (Tensor, Tensor)",
    lambda a, b, initial_state=None, dim=1, reverse=False: (
        _like(a),
        _like(a, [size for i, size in enumerate(a.shape) if i != dim % a.dim()], a.dtype if a.is_complex() else _f32),
    ),
)
def affine_scan(a, b, initial_state=None, dim=1, reverse=False):
    return ops.affine_scan(a, b, initial_state, dim, reverse)


def combine_wkv(earlier, later):
    """The combination of two stretches of time of RWKV-4. A stretch is (d, m, a, b): what it lets decay, and the sums
    exp(m) a of weighted values and exp(m) b of weights that it adds, with m the largest exponent in them."""
    from numpy import exp, maximum

    decay, exponent = earlier[0] + later[0], maximum(earlier[1] + later[0], later[1])
    old, new = exp(earlier[1] + later[0] - exponent), exp(later[1] - exponent)
    return decay, exponent, old * earlier[2] + new * later[2], old * earlier[3] + new * later[3]


#: The exponent of a state to which nothing has been added yet, as transformers has it.
WKV_NOTHING = -1e38


@_operator(
    "wkv4(Tensor decay, Tensor first, Tensor k, Tensor v, Tensor? numerator=None, Tensor? denominator=None,"
    " Tensor? exponent=None) -> (Tensor, Tensor, Tensor, Tensor)",
    lambda decay, first, k, v, *rest, **named: (
        _like(k),
        *(_like(k, (k.shape[0], k.shape[2]), _f32) for _ in range(3)),
    ),
)
def wkv4(decay, first, k, v, numerator=None, denominator=None, exponent=None):
    """RWKV-4 over k, v [batch, T, D], with decay and first [D]; decay is what is added to a logarithm at each step,
    and not above 0. Returns (y, numerator, denominator, exponent), the state in three parts [batch, D]:

        y_t = (n + exp(first + k_t) v_t) / (d + exp(first + k_t)),     n and d before token t
        n, d = exp(decay) n + exp(k_t) v_t, exp(decay) d + exp(k_t)    kept as numbers times exp(exponent)
    """
    keys, values = k.float(), v.float()
    if numerator is None:
        numerator = denominator = keys.new_zeros(keys.shape[0], keys.shape[2])
        exponent = torch.full_like(numerator, WKV_NOTHING)
    stretches = (
        decay.float().expand_as(keys).contiguous(),
        keys.contiguous(),
        values.contiguous(),
        torch.ones_like(keys),
    )
    start = (torch.zeros_like(numerator), exponent, numerator, denominator)
    before, after = ops.scan(
        stretches, combine_wkv, 1, inclusive=False, init=tuple(x.float().contiguous() for x in start)
    )
    own = first.float() + keys
    largest = torch.maximum(before[1], own)
    old, new = torch.exp(before[1] - largest), torch.exp(own - largest)
    y = (old * before[2] + new * values) / (old * before[3] + new)
    return y.to(k.dtype), after[2], after[3], after[1]
