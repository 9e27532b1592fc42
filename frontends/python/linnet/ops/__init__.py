# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels on numpy arrays and torch tensors.

All arrays of a call are of one kind, and so are the results, which are new. float32 arrays in C order go in without a
copy; other strides are copied once; float16 and bfloat16 are computed in float32. The first call with new static sizes
compiles a kernel, in a fraction of a second; lengths and batches are not static. See docs/rationale/python.md.
"""

from .affine_scan import affine_scan
from .attention import attention
from .attention_merge import attention_merge
from .block_local_attention import block_local_attention
from .causal_conv1d import causal_conv1d, causal_conv1d_step
from .hyper_attention import hyper_attention
from .kronecker_attention import kronecker_attention
from .l_mul import lmul, lmul_matmul
from .linear_attention import linear_attention, linear_attention_step
from .low_precision import hadamard, mx_dequantize, mx_quantize, nvfp4_dequantize, nvfp4_quantize
from .orders import hilbert_order, lsh_order, lsh_projections, window_order
from .routing import route_topk, token_permute, token_unpermute
from .scale_dit_attention import scale_dit_attention, scale_dit_mask
from .scan import scan
from .sea_attention import sea_attention, sea_mask
from .selective_scan import selective_scan
from .sliding_window import SlidingWindow
from .ssd import ssd
from .topk_mask import mask_interpolate, topk_mask

__all__ = ["SlidingWindow", "affine_scan", "attention", "attention_merge", "block_local_attention", "causal_conv1d",
           "causal_conv1d_step", "hadamard", "hilbert_order", "hyper_attention", "kronecker_attention",
           "linear_attention", "linear_attention_step", "lmul", "lmul_matmul", "lsh_order", "lsh_projections",
           "mask_interpolate", "mx_dequantize", "mx_quantize", "nvfp4_dequantize", "nvfp4_quantize", "route_topk",
           "scale_dit_attention", "scale_dit_mask", "scan", "sea_attention", "sea_mask", "selective_scan", "ssd",
           "token_permute", "token_unpermute", "topk_mask", "window_order"]
