//===- AttentionMerge.td - attention to two sets of keys --------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_SPARSE_ATTENTION_ATTENTIONMERGE_TD
#define LINNET_SPARSE_ATTENTION_ATTENTIONMERGE_TD

include "dialects/linnet/ArrangementOp.td"

def Linnet_AttentionMergeOp : Linnet_ArrangementOp<"attention_merge", 4, 2, [
    AllTypesMatch<["o_init", "o"]>, AllTypesMatch<["lse_init", "lse"]>]> {
  let summary = "the attention to two disjoint sets of keys, from that to each";
  let description = [{
    ```
    m      = max(lse1[r], lse2[r]);  w1 = exp(lse1[r] - m);  w2 = exp(lse2[r] - m)
    o[i]   = (w1 o1[r] + w2 o2[r]) / (w1 + w2)
    lse[i] = m + log(w1 + w2)
    ```

    with r = i, or rows[i] where `rows` [B,H,N] are given; 0 and -inf where m is
    -inf. o1, o2 and o are [B,H,N,E], lse1, lse2 and lse [B,H,N].
    See docs/spec/sparse-attention.md.
  }];
  let arguments = (ins AnyRankedTensor:$o1, AnyRankedTensor:$lse1, AnyRankedTensor:$o2, AnyRankedTensor:$lse2, AnyRankedTensor:$o_init,
                       AnyRankedTensor:$lse_init, Optional<AnyRankedTensor>:$rows);
  let results = (outs AnyRankedTensor:$o, AnyRankedTensor:$lse);
  let assemblyFormat = [{
    `ins` `(` $o1 `,` $lse1 `,` $o2 `,` $lse2 `:` type($o1) `,` type($lse1) `,` type($o2) `,` type($lse2) `)`
    (`rows` `(` $rows^ `:` type($rows) `)`)?
    `outs` `(` $o_init `,` $lse_init `:` type($o_init) `,` type($lse_init) `)` attr-dict
  }];
}

#endif // LINNET_SPARSE_ATTENTION_ATTENTIONMERGE_TD
