//===- LinnetOps.td - all families of the dialect -------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_OPS_TD
#define LINNET_OPS_TD

include "dialects/linnet/Accuracy.td"
include "dialects/linnet/KroneckerAttention.td"
include "dialects/linnet/l_mul/LMul.td"
include "dialects/linnet/l_mul/LMulContract.td"
include "dialects/linnet/linear_attention/BlockLocalAttention.td"
include "dialects/linnet/linear_attention/LinearAttention.td"
include "dialects/linnet/linear_attention/Ssd.td"
include "dialects/linnet/low_precision/Hadamard.td"
include "dialects/linnet/low_precision/Mx.td"
include "dialects/linnet/Require.td"
include "dialects/linnet/routing/Routing.td"
include "dialects/linnet/scan/AffineScan.td"
include "dialects/linnet/scan/CausalConv1d.td"
include "dialects/linnet/scan/Scan.td"
include "dialects/linnet/scan/SelectiveScan.td"
include "dialects/linnet/sparse_attention/Attention.td"
include "dialects/linnet/sparse_attention/AttentionMerge.td"
include "dialects/linnet/sparse_attention/LshOrder.td"
include "dialects/linnet/sparse_attention/TopkMask.td"
include "dialects/linnet/sparse_attention/WindowOrder.td"

#endif // LINNET_OPS_TD
