# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels on numpy arrays and torch tensors.

All arrays of a call are of one kind, and so are the results, which are new. float32 arrays in C order go in without a
copy; other strides are copied once; float16 and bfloat16 are computed in float32. The first call with new static sizes
compiles a kernel, in a fraction of a second; lengths and batches are not static. See docs/rationale/python.md.
"""

from .affine_scan import affine_scan
from .block_local_attention import block_local_attention
from .causal_conv1d import causal_conv1d, causal_conv1d_step
from .l_mul import lmul, lmul_matmul
from .linear_attention import linear_attention, linear_attention_step
from .low_precision import hadamard, mx_dequantize, mx_quantize, nvfp4_dequantize, nvfp4_quantize
from .routing import route_topk, token_permute, token_unpermute
from .scan import scan
from .selective_scan import selective_scan
from .ssd import ssd

__all__ = ["affine_scan", "block_local_attention", "causal_conv1d", "causal_conv1d_step", "hadamard", "linear_attention",
           "linear_attention_step", "lmul", "lmul_matmul", "mx_dequantize", "mx_quantize", "nvfp4_dequantize",
           "nvfp4_quantize", "route_topk", "scan", "selective_scan", "ssd", "token_permute", "token_unpermute"]
