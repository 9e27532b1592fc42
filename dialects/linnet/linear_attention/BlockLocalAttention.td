//===- BlockLocalAttention.td - attention inside blocks of tokens ---------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_LINEAR_ATTENTION_BLOCKLOCALATTENTION_TD
#define LINNET_LINEAR_ATTENTION_BLOCKLOCALATTENTION_TD

include "dialects/linnet/TimeOp.td"

def Linnet_ScoreWeightsEnum : Linnet_I32Enum<"ScoreWeights", "what makes weights of the scores of a query", [
  I32EnumAttrCase<"Softmax", 0, "softmax">,
  I32EnumAttrCase<"Relu", 1, "relu">
]>;
def Linnet_ScoreWeights : EnumAttr<Linnet_Dialect, Linnet_ScoreWeightsEnum, "score_weights"> {
  let assemblyFormat = "`<` $value `>`";
}

def Linnet_BlockLocalAttentionOp : Linnet_TimeOp<"block_local_attention", [AllTypesMatch<["o_init", "o"]>]> {
  let summary = "attention inside blocks of tokens (DiagAttention)";
  let description = [{
    Time is cut into blocks of `block_size` tokens from token 0 on; the last one
    may be shorter. A token attends to the tokens of its block, with `causal` to
    those up to itself:

    ```
    s[j] = scale * q[t] . k[j]
    o[t] = sum over j of softmax(s)[j] v[j]          weights = softmax
    o[t] = sum over j of max(s[j], 0) v[j]           weights = relu
    ```

    q [B,T,Hq,K], k [B,T,Hk,K], v and o [B,T,H,V]; Hq and Hk divide H, and head h
    reads q of head h / (H / Hq). There is no state.
    See docs/spec/linear-attention.md.
  }];
  let arguments = (ins AnyRankedTensor:$q, AnyRankedTensor:$k, AnyRankedTensor:$v, AnyRankedTensor:$o_init,
                       I64Attr:$block_size, F64Attr:$scale, UnitAttr:$causal,
                       DefaultValuedAttr<Linnet_ScoreWeights, "::linnet::ScoreWeights::Softmax">:$weights);
  let results = (outs AnyRankedTensor:$o);
  let assemblyFormat = [{
    `ins` `(` $q `,` $k `,` $v `:` type($q) `,` type($k) `,` type($v) `)`
    `outs` `(` $o_init `:` type($o_init) `)` attr-dict
  }];
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getOInitMutable(); }
  }];
}

#endif // LINNET_LINEAR_ATTENTION_BLOCKLOCALATTENTION_TD
