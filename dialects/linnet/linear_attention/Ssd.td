//===- Ssd.td - state-space dual form of Mamba-2 --------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_LINEAR_ATTENTION_SSD_TD
#define LINNET_LINEAR_ATTENTION_SSD_TD

include "dialects/linnet/TimeOp.td"

def Linnet_SsdOp : Linnet_TimeOp<"ssd", [
    AttrSizedOperandSegments, AllTypesMatch<["y_init", "y"]>, AllTypesMatch<["state_init", "state"]>]> {
  let summary = "state-space dual form (Mamba-2)";
  let description = [{
    For every sequence and head, with a state S [P,N]:

    ```
    d    = dt[t] + dt_bias;  d = softplus(d) with dt_softplus;  d = min(max(d, dt_min), dt_max)
    S    = exp(d A) S + d x[t] B[t]^T
    y[t] = S C[t] + D x[t],  times silu(z[t]) with z
    ```

    x, z, y [B,T,H,P]; dt [B,T,H]; A, dt_bias [H]; B, C [B,T,G,N] with G dividing
    H; D [H] or [H,P]; state [B,H,P,N]. Short for elementwise operations around
    `linnet.linear_attention` with q = C, k = B, v = d x, log_decay = d A, which
    `linnet-expand-ssd` makes of it. See docs/spec/linear-attention.md.
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$dt, AnyRankedTensor:$A, AnyRankedTensor:$B, AnyRankedTensor:$C,
                       AnyRankedTensor:$y_init, AnyRankedTensor:$state_init,
                       Optional<AnyRankedTensor>:$D, Optional<AnyRankedTensor>:$z, Optional<AnyRankedTensor>:$dt_bias,
                       UnitAttr:$dt_softplus, OptionalAttr<F64Attr>:$dt_min, OptionalAttr<F64Attr>:$dt_max,
                       OptionalAttr<I64Attr>:$chunk_size);
  let results = (outs AnyRankedTensor:$y, AnyRankedTensor:$state);
  let assemblyFormat = [{
    `ins` `(` $x `,` $dt `,` $A `,` $B `,` $C `:` type($x) `,` type($dt) `,` type($A) `,` type($B) `,` type($C) `)`
    (`skip` `(` $D^ `:` type($D) `)`)? (`gate` `(` $z^ `:` type($z) `)`)? (`dt_bias` `(` $dt_bias^ `:` type($dt_bias) `)`)?
    `outs` `(` $y_init `,` $state_init `:` type($y_init) `,` type($state_init) `)` attr-dict
  }];
  let firstInit = 5;
}

#endif // LINNET_LINEAR_ATTENTION_SSD_TD
