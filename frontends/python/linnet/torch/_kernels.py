# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The functions of mamba-ssm, causal-conv1d and flash-linear-attention that models look up, on Linnet's operators.

Names, order and defaults of the parameters are those of mamba_ssm 2.3, causal_conv1d 1.7 and fla-core 0.6, whose
documentation they follow. They run on the CPU, without gradients; a parameter that chooses what is not supported raises
NotImplementedError and says so.
"""

from __future__ import annotations

from typing import Any, Optional

import torch
from torch import Tensor

from . import _operators  # noqa: F401: defines torch.ops.linnet

_ops = torch.ops.linnet


def _refuse(function: str, **given: Any) -> None:
    """Raises for parameters that are set and not supported."""
    for name, value in given.items():
        if value is not None and value is not False:
            raise NotImplementedError(f"{function}: argument {name}: expected {None if value is not True else False}, "
                                      "as Linnet does not support it; leave it out")  # fmt: skip


# ---------------------------------------------------------------- causal_conv1d


def causal_conv1d_fn(x, weight, bias=None, seq_idx=None, initial_states=None, return_final_states=False,
                     final_states_out=None, activation=None):  # fmt: skip
    """x [batch, dim, T], weight [dim, width], initial_states [batch, dim, width - 1]."""
    _refuse("causal_conv1d_fn", seq_idx=seq_idx)
    y, last = _ops.causal_conv1d(x, weight, bias, initial_states, activation)
    if final_states_out is not None:
        last = final_states_out.copy_(last)
    return (y, last) if return_final_states else y


def causal_conv1d_update(
    x, conv_state, weight, bias=None, activation=None, cache_seqlens=None, conv_state_indices=None
):
    """x [batch, dim] or [batch, dim, T]; conv_state [batch, dim, S >= width - 1], written."""
    _refuse("causal_conv1d_update", cache_seqlens=cache_seqlens, conv_state_indices=conv_state_indices)
    if x.dim() == 2:
        return _ops.causal_conv1d_step(x, conv_state, weight, bias, activation)
    if x.shape[2] == 1:
        return _ops.causal_conv1d_step(x[..., 0], conv_state, weight, bias, activation)[..., None]
    kept, context = conv_state.shape[2], weight.shape[1] - 1
    y, _ = _ops.causal_conv1d(x, weight, bias, conv_state[..., kept - context :], activation)
    conv_state.copy_(torch.cat((conv_state, x.to(conv_state.dtype)), -1)[..., -kept:])
    return y


# ---------------------------------------------------------------- mamba_ssm


def selective_scan_fn(
    u, delta, A, B, C, D=None, z=None, delta_bias=None, delta_softplus=False, return_last_state=False
):
    """u, delta, z [batch, dim, T]; B, C [batch, N, T] or [batch, G, N, T]."""
    out, last = _ops.selective_scan(u, delta, A, B, C, D, z, delta_bias, delta_softplus)
    return (out, last) if return_last_state else out


def mamba_inner_fn(xz, conv1d_weight, conv1d_bias, x_proj_weight, delta_proj_weight, out_proj_weight, out_proj_bias,
                   A, B=None, C=None, D=None, delta_bias=None, B_proj_bias=None, C_proj_bias=None, delta_softplus=True,
                   checkpoint_lvl=1, b_rms_weight=None, c_rms_weight=None, dt_rms_weight=None,
                   b_c_dt_rms_eps=1e-6):  # fmt: skip
    """The mixer of Mamba after its first projection: xz [batch, 2 dim, T]."""
    rank, states = delta_proj_weight.shape[1], A.shape[1]
    x, z = xz.chunk(2, dim=1)
    weight = conv1d_weight.squeeze(1) if conv1d_weight.dim() == 3 else conv1d_weight
    x = _ops.causal_conv1d(x, weight, conv1d_bias, None, "silu")[0]
    rows = [rank] + [states] * (B is None) + [states] * (C is None)
    parts = list((x.transpose(1, 2) @ x_proj_weight.t()).split(rows, dim=-1))
    delta = _rms_norm(parts.pop(0), dt_rms_weight, b_c_dt_rms_eps)
    if B is None:
        B = parts.pop(0) if B_proj_bias is None else parts.pop(0) + B_proj_bias
        B = _rms_norm(B, b_rms_weight, b_c_dt_rms_eps).transpose(1, 2)
    if C is None:
        C = parts.pop(0) if C_proj_bias is None else parts.pop(0) + C_proj_bias
        C = _rms_norm(C, c_rms_weight, b_c_dt_rms_eps).transpose(1, 2)
    delta = delta_proj_weight @ delta.transpose(1, 2)
    y = _ops.selective_scan(x, delta, A, B, C, D, z, delta_bias, delta_softplus)[0]
    return torch.nn.functional.linear(y.transpose(1, 2), out_proj_weight, out_proj_bias)


def _rms_norm(x: Tensor, weight: Optional[Tensor], eps: float) -> Tensor:
    return x if weight is None else torch.nn.functional.rms_norm(x, (x.shape[-1],), weight, eps)


def selective_state_update(state, x, dt, A, B, C, D=None, z=None, dt_bias=None, dt_softplus=False,
                           state_batch_indices=None):  # fmt: skip
    """One token. state [batch, dim, N], x, dt, z [batch, dim], A [dim, N], B, C [batch, N] or [batch, G, N]; or with
    heads: state [batch, H, P, N], x, dt, z [batch, H, P], A [H, P, N], B, C [batch, G, N]. state is written."""
    _refuse("selective_state_update", state_batch_indices=state_batch_indices)
    if state.dim() == 3:
        return _ops.selective_scan_step(x, state, dt, A, B, C, D, z, dt_bias, dt_softplus)
    batch, heads, values, _ = state.shape

    def flat(value: Optional[Tensor], first: int) -> Optional[Tensor]:
        """Heads and their values as channels, behind `first` dimensions."""
        return None if value is None else value.reshape(*value.shape[:first], heads * values, *value.shape[first + 2 :])

    def channels(value: Optional[Tensor]) -> Optional[Tensor]:
        return flat(value[:, None].expand(heads, values) if value is not None and value.dim() == 1 else value, 0)

    y, after = _ops.selective_scan(
        flat(x, 1)[..., None], flat(dt, 1)[..., None], flat(A, 0), B[..., None], C[..., None], channels(D),
        None if z is None else flat(z, 1)[..., None], channels(dt_bias), dt_softplus, flat(state, 1),
    )  # fmt: skip
    state.copy_(after.reshape(state.shape))
    return y.reshape(batch, heads, values)


def mamba_chunk_scan_combined(x, dt, A, B, C, chunk_size, D=None, z=None, dt_bias=None, initial_states=None,
                              seq_idx=None, cu_seqlens=None, dt_softplus=False, dt_limit=(0.0, float("inf")),
                              return_final_states=False, return_varlen_states=False):  # fmt: skip
    """x [batch, T, H, P], dt [batch, T, H], A [H], B, C [batch, T, G, N], D [H] or [H, P]."""
    _refuse(
        "mamba_chunk_scan_combined", seq_idx=seq_idx, cu_seqlens=cu_seqlens, return_varlen_states=return_varlen_states
    )
    y, last = _ops.ssd(x, dt, A, B, C, D, z, dt_bias, dt_softplus, initial_states, list(dt_limit))
    return (y, last) if return_final_states else y


# ---------------------------------------------------------------- fla


def _delta_rule(function, q, k, v, g, beta, scale, initial_state, output_final_state, use_qk_l2norm_in_kernel,
                use_beta_sigmoid_in_kernel, allow_neg_eigval, state_v_first, cu_seqlens, cp_context, rest):  # fmt: skip
    _refuse(function, cp_context=cp_context, **{name: rest[name] for name in rest if name.startswith("use_")})
    if use_beta_sigmoid_in_kernel:
        beta = beta.sigmoid()
    if allow_neg_eigval:
        beta = 2 * beta
    if state_v_first and initial_state is not None:
        initial_state = initial_state.transpose(-1, -2)
    o, last = _ops.linear_attention(q, k, v, g, beta, scale=scale, initial_state=initial_state, cu_seqlens=cu_seqlens,
                                    qk_l2norm=use_qk_l2norm_in_kernel)  # fmt: skip
    if state_v_first:
        last = last.transpose(-1, -2)
    return o, last if output_final_state else None


def chunk_gated_delta_rule(q, k, v, g, beta, scale=None, initial_state=None, output_final_state=False,
                           use_qk_l2norm_in_kernel=False, use_beta_sigmoid_in_kernel=False, allow_neg_eigval=False,
                           state_v_first=False, cu_seqlens=None, cu_seqlens_cpu=None, chunk_indices=None,
                           cp_context=None, **kwargs):  # fmt: skip
    """q, k [B, T, Hk, K], v [B, T, H, V], g, beta [B, T, H]; Hk divides H. Returns (o, state [B, H, K, V] or None)."""
    return _delta_rule("chunk_gated_delta_rule", q, k, v, g, beta, scale, initial_state, output_final_state,
                       use_qk_l2norm_in_kernel, use_beta_sigmoid_in_kernel, allow_neg_eigval, state_v_first, cu_seqlens,
                       cp_context, kwargs)  # fmt: skip


def fused_recurrent_gated_delta_rule(q, k, v, g=None, beta=None, scale=None, initial_state=None, output_final_state=False,
                                     use_qk_l2norm_in_kernel=False, use_beta_sigmoid_in_kernel=False,
                                     allow_neg_eigval=False, state_v_first=False, cu_seqlens=None, **kwargs):  # fmt: skip
    """As chunk_gated_delta_rule."""
    beta = torch.ones_like(v[..., 0]) if beta is None else beta
    return _delta_rule("fused_recurrent_gated_delta_rule", q, k, v, g, beta, scale, initial_state, output_final_state,
                       use_qk_l2norm_in_kernel, use_beta_sigmoid_in_kernel, allow_neg_eigval, state_v_first, cu_seqlens,
                       None, kwargs)  # fmt: skip


def chunk_kda(q, k, v, g, beta, scale=None, initial_state=None, output_final_state=False, use_qk_l2norm_in_kernel=False,
              use_gate_in_kernel=False, use_beta_sigmoid_in_kernel=False, allow_neg_eigval=False, safe_gate=False,
              lower_bound=None, state_v_first=False, cu_seqlens=None, cu_seqlens_cpu=None, chunk_indices=None,
              cp_context=None, **kwargs):  # fmt: skip
    """As chunk_gated_delta_rule, with a decay of every key: g [B, T, H, K]. safe_gate and lower_bound are hints for
    kernels that compute the gate."""
    _refuse("chunk_kda", use_gate_in_kernel=use_gate_in_kernel)
    return _delta_rule("chunk_kda", q, k, v, g, beta, scale, initial_state, output_final_state, use_qk_l2norm_in_kernel,
                       use_beta_sigmoid_in_kernel, allow_neg_eigval, state_v_first, cu_seqlens, cp_context, kwargs)  # fmt: skip


def fused_recurrent_kda(q, k, v, g, beta, scale=None, initial_state=None, output_final_state=False,
                        use_qk_l2norm_in_kernel=False, use_gate_in_kernel=False, use_beta_sigmoid_in_kernel=False,
                        allow_neg_eigval=False, state_v_first=False, cu_seqlens=None, **kwargs):  # fmt: skip
    """As chunk_kda."""
    _refuse("fused_recurrent_kda", use_gate_in_kernel=use_gate_in_kernel)
    return _delta_rule("fused_recurrent_kda", q, k, v, g, beta, scale, initial_state, output_final_state,
                       use_qk_l2norm_in_kernel, use_beta_sigmoid_in_kernel, allow_neg_eigval, state_v_first, cu_seqlens,
                       None, kwargs)  # fmt: skip


#: {package: {module below it: functions}}, as models look them up.
PACKAGES = {
    "causal_conv1d": {"": (causal_conv1d_fn, causal_conv1d_update)},
    "mamba_ssm": {
        "ops.selective_scan_interface": (selective_scan_fn, mamba_inner_fn),
        "ops.triton.selective_state_update": (selective_state_update,),
        "ops.triton.ssd_combined": (mamba_chunk_scan_combined,),
    },
    "fla": {
        "ops.gated_delta_rule": (chunk_gated_delta_rule, fused_recurrent_gated_delta_rule),
        "ops.kda": (chunk_kda, fused_recurrent_kda),
    },
}
