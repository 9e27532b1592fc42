//===- SelectiveScan.td - selective state-space scan ----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_SCAN_SELECTIVESCAN_TD
#define LINNET_SCAN_SELECTIVESCAN_TD

include "dialects/linnet/TimeOp.td"

def Linnet_SelectiveScanOp : Linnet_TimeOp<"selective_scan", [
    AttrSizedOperandSegments, AllTypesMatch<["y_init", "y"]>, AllTypesMatch<["state_init", "state"]>]> {
  let summary = "selective state-space scan (Mamba-1)";
  let description = [{
    For every batch b and channel c, over states n:

    ```
    d    = delta[t] + delta_bias;  d = softplus(d) with delta_softplus
    h[n] = exp(d * A[c,n]) * h[n] + d * B[t,n] * u[t]
    y[t] = sum_n C[t,n] * h[n]      (complex A: twice the real part)
    y[t] = (y[t] + D * u[t]) * silu(z[t])
    ```

    The sum over n runs from n = 0 upward in the definition. `D`, `z` and
    `delta_bias` are optional. `state_init` is the state before the first token,
    `state` the one after the last.

    Layout `btd`: u, delta, z, y [B,T,D]; B, C [B,T,N], [B,T,G,N] for G groups of
    D/G channels, or [D,N] constant in time. Layout `bdt`: u [B,D,T]; B, C
    [B,N,T], [B,G,N,T] or [D,N]. A [D,N]; D, delta_bias [D]; state [B,D,N].
    With `complex`, A, B, C and the state have a last dimension of 2 more: the
    real and the imaginary part. See docs/spec/scan.md.
  }];
  let arguments = (ins AnyRankedTensor:$u, AnyRankedTensor:$delta, AnyRankedTensor:$A, AnyRankedTensor:$B,
                       AnyRankedTensor:$C, AnyRankedTensor:$y_init, AnyRankedTensor:$state_init,
                       Optional<AnyRankedTensor>:$D, Optional<AnyRankedTensor>:$z, Optional<AnyRankedTensor>:$delta_bias,
                       DefaultValuedAttr<Linnet_Layout, "::linnet::Layout::BTD">:$layout, UnitAttr:$delta_softplus, UnitAttr:$complex);
  let results = (outs AnyRankedTensor:$y, AnyRankedTensor:$state);
  let assemblyFormat = [{
    `ins` `(` $u `,` $delta `,` $A `,` $B `,` $C `:` type($u) `,` type($delta) `,` type($A) `,` type($B) `,` type($C) `)`
    (`skip` `(` $D^ `:` type($D) `)`)? (`gate` `(` $z^ `:` type($z) `)`)? (`delta_bias` `(` $delta_bias^ `:` type($delta_bias) `)`)?
    `outs` `(` $y_init `,` $state_init `:` type($y_init) `,` type($state_init) `)` attr-dict
  }];
  let firstInit = 5;
  let extraClassDeclaration = dpsDeclaration # [{
    /// The dimension of `u` that is time (2 for bdt) and channel.
    int64_t getTimeDim() { return getLayout() == ::linnet::Layout::BTD ? 1 : 2; }
    int64_t getChannelDim() { return getLayout() == ::linnet::Layout::BTD ? 2 : 1; }
    /// Whether B or C (`coefficients`) is constant in time, and the dimension that is its group, if it has one.
    bool isConstantInTime(::mlir::Value coefficients);
    std::optional<int64_t> getGroupDim(::mlir::Value coefficients);
  }];
}

#endif // LINNET_SCAN_SELECTIVESCAN_TD
