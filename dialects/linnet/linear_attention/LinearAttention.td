//===- LinearAttention.td - linear attention with decay and delta rule ----------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_LINEAR_ATTENTION_LINEARATTENTION_TD
#define LINNET_LINEAR_ATTENTION_LINEARATTENTION_TD

include "dialects/linnet/TimeOp.td"

def Linnet_StateLayoutEnum : Linnet_I32Enum<"StateLayout", "order of the key and the value dimension of a state", [
  I32EnumAttrCase<"KV", 0, "kv">,
  I32EnumAttrCase<"VK", 1, "vk">
]>;
def Linnet_StateLayout : EnumAttr<Linnet_Dialect, Linnet_StateLayoutEnum, "state_layout"> {
  let assemblyFormat = "`<` $value `>`";
}

def Linnet_LinearAttentionOp : Linnet_TimeOp<"linear_attention", [
    AttrSizedOperandSegments, AllTypesMatch<["o_init", "o"]>, AllTypesMatch<["state_init", "state"]>]> {
  let summary = "linear attention with decay, delta rule or low-rank transition";
  let description = [{
    For every sequence and head, with a state S [K,V] that starts as `state_init`:

    ```
    S' = diag(exp(log_decay[t])) S
    S  = S' + k[t] v[t]^T                                     plain
    S  = S' + k[t] (beta[t] (v[t] - S'^T k[t]))^T             with beta: the delta rule
    S  = S' + k[t] v[t]^T + write[t] (S^T erase[t])^T         with erase, write: diagonal plus low rank
    o[t] = scale * S^T q[t]                                   after the update
    o[t] = scale * (S + diag(bonus) k[t] v[t]^T)^T q[t]       pre_update: S before it
    ```

    q [B,T,Hq,K], k [B,T,Hk,K], v and o [B,T,H,V]; Hq and Hk divide H, and head h
    reads q of head h / (H / Hq). log_decay [H], [B,T,H] or [B,T,H,K]; beta
    [B,T,H]; erase, write [B,T,H,K]; bonus [H,K]; state [B,H,K,V].

    `cu_seqlens` [N+1] packs N sequences one after another in a batch of 1; the
    state is then [N,H,K,V]. `normalize` divides by scale * (q . sum of k) + 1e-10;
    the sum of keys is one more value column of the state. `qk_l2norm` divides
    the rows of q and k by their length. `bidirectional`: every token reads the
    state after the last one. `chunk_size` and `sub_chunk_size` are hints for the
    lowering; `gate_lower_bound` promises that no log_decay is below it or above 0.
    See docs/spec/linear-attention.md.
  }];
  let arguments = (ins AnyRankedTensor:$q, AnyRankedTensor:$k, AnyRankedTensor:$v, AnyRankedTensor:$o_init, AnyRankedTensor:$state_init,
                       Optional<AnyRankedTensor>:$log_decay, Optional<AnyRankedTensor>:$beta, Optional<AnyRankedTensor>:$erase,
                       Optional<AnyRankedTensor>:$write, Optional<AnyRankedTensor>:$bonus, Optional<AnyRankedTensor>:$cu_seqlens,
                       F64Attr:$scale, DefaultValuedAttr<Linnet_StateLayout, "::linnet::StateLayout::KV">:$state_layout,
                       UnitAttr:$pre_update, UnitAttr:$normalize, UnitAttr:$qk_l2norm,
                       DefaultValuedAttr<F64Attr, "1e-6">:$l2norm_eps, UnitAttr:$bidirectional, UnitAttr:$reverse,
                       OptionalAttr<I64Attr>:$chunk_size, OptionalAttr<I64Attr>:$sub_chunk_size,
                       OptionalAttr<F64Attr>:$gate_lower_bound);
  let results = (outs AnyRankedTensor:$o, AnyRankedTensor:$state);
  let assemblyFormat = [{
    `ins` `(` $q `,` $k `,` $v `:` type($q) `,` type($k) `,` type($v) `)`
    (`log_decay` `(` $log_decay^ `:` type($log_decay) `)`)? (`beta` `(` $beta^ `:` type($beta) `)`)?
    (`erase` `(` $erase^ `:` type($erase) `)`)? (`write` `(` $write^ `:` type($write) `)`)?
    (`bonus` `(` $bonus^ `:` type($bonus) `)`)? (`cu_seqlens` `(` $cu_seqlens^ `:` type($cu_seqlens) `)`)?
    `outs` `(` $o_init `,` $state_init `:` type($o_init) `,` type($state_init) `)` attr-dict
  }];
  // Without what has its own keyword but for the decay, which may be null.
  let builders = [OpBuilder<(ins "::mlir::Value":$q, "::mlir::Value":$k, "::mlir::Value":$v, "::mlir::Value":$logDecay,
                                 "::mlir::Value":$oInit, "::mlir::Value":$stateInit, "double":$scale), [{
    $_state.addOperands({q, k, v, oInit, stateInit});
    if (logDecay)
      $_state.addOperands(logDecay);
    $_state.getOrAddProperties<Properties>().operandSegmentSizes = {1, 1, 1, 1, 1, logDecay ? 1 : 0, 0, 0, 0, 0, 0};
    $_state.addAttribute("scale", $_builder.getF64FloatAttr(scale));
    $_state.addTypes({oInit.getType(), stateInit.getType()});
  }]>];
  let firstInit = 3;
  let extraClassDeclaration = dpsDeclaration # [{
    /// The dimension of the state that is K and the one that is V.
    int64_t getStateKeyDim() { return getStateLayout() == ::linnet::StateLayout::KV ? 2 : 3; }
    int64_t getStateValueDim() { return getStateLayout() == ::linnet::StateLayout::KV ? 3 : 2; }
    /// Whether the decay has one value per key, and whether it is constant in time.
    bool hasKeyDecay();
    bool hasConstantDecay();
    bool isPacked() { return static_cast<bool>(getCuSeqlens()); }
  }];
}

#endif // LINNET_LINEAR_ATTENTION_LINEARATTENTION_TD
