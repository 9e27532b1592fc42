//===- KroneckerAttention.td - attention over pairs of keys -----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_KRONECKERATTENTION_TD
#define LINNET_KRONECKERATTENTION_TD

include "dialects/linnet/TimeOp.td"

def Linnet_KroneckerAttentionOp : Linnet_TimeOp<"kronecker_attention", [
    AllTypesMatch<["o_init", "o"]>, AllTypesMatch<["lse_init", "lse"]>]> {
  let summary = "third-order attention: a softmax over pairs of keys";
  let description = [{
    ```
    s[i,j,l] = scale sum_d q[i,d] k1[j,d] k2[l,d]
    o[i,e]   = sum over j, l of softmax(s[i])[j,l] v1[j,e] v2[l,e]
    lse[i]   = log sum over j, l of exp(s[i,j,l])
    ```

    over all pairs, with `causal` those with j and l at most i, or at most
    positions[i]. q [B,H,N,D], k1 [B,Hk,M1,D], k2 [B,Hk,M2,D], v1 [B,Hk,M1,E],
    v2 [B,Hk,M2,E], positions [N] of i32; o [B,H,N,E], lse [B,H,N]. Hk divides
    H, and head h reads keys of head h / (H / Hk). The scores are never in
    memory. See docs/spec/kronecker-attention.md.
  }];
  let arguments = (ins AnyRankedTensor:$q, AnyRankedTensor:$k1, AnyRankedTensor:$k2, AnyRankedTensor:$v1,
                       AnyRankedTensor:$v2, AnyRankedTensor:$o_init, AnyRankedTensor:$lse_init,
                       Optional<AnyRankedTensor>:$positions, F64Attr:$scale, UnitAttr:$causal);
  let results = (outs AnyRankedTensor:$o, AnyRankedTensor:$lse);
  let firstInit = 5;
  let assemblyFormat = [{
    `ins` `(` $q `,` $k1 `,` $k2 `,` $v1 `,` $v2 `:` type($q) `,` type($k1) `,` type($k2) `,` type($v1) `,` type($v2) `)`
    (`positions` `(` $positions^ `:` type($positions) `)`)?
    `outs` `(` $o_init `,` $lse_init `:` type($o_init) `,` type($lse_init) `)` attr-dict
  }];
}

#endif // LINNET_KRONECKERATTENTION_TD
