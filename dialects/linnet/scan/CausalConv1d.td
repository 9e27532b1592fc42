//===- CausalConv1d.td - causal depthwise convolution ---------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_SCAN_CAUSALCONV1D_TD
#define LINNET_SCAN_CAUSALCONV1D_TD

include "dialects/linnet/TimeOp.td"

def Linnet_CausalConv1dOp : Linnet_TimeOp<"causal_conv1d", [
    AllTypesMatch<["y_init", "y"]>, AllTypesMatch<["state_init", "state"]>]> {
  let summary = "causal depthwise convolution along time";
  let description = [{
    With x[t] for t < 0 taken from `state_init`, which holds the W-1 inputs
    before the first:

    ```
    y[b,t,d] = act(bias[d] + sum_{w=0}^{W-1} weight[d,w] * x[b, t-W+1+w, d])
    state    = the last W-1 inputs (of state_init and x together)
    ```

    Layout `btd`: x [B,T,D], state [B,W-1,D]. Layout `bdt`: x [B,D,T], state
    [B,D,W-1]. weight [D,W], bias [D]. See docs/spec/scan.md.
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$weight, AnyRankedTensor:$y_init,
                       AnyRankedTensor:$state_init, Optional<AnyRankedTensor>:$bias,
                       DefaultValuedAttr<Linnet_Layout, "::linnet::Layout::BTD">:$layout,
                       DefaultValuedAttr<Linnet_Activation, "::linnet::Activation::None">:$activation);
  let results = (outs AnyRankedTensor:$y, AnyRankedTensor:$state);
  let assemblyFormat = [{
    `ins` `(` $x `,` $weight `:` type($x) `,` type($weight) `)` (`bias` `(` $bias^ `:` type($bias) `)`)?
    `outs` `(` $y_init `,` $state_init `:` type($y_init) `,` type($state_init) `)` attr-dict
  }];
}

#endif // LINNET_SCAN_CAUSALCONV1D_TD
