//===- Attention.td - softmax attention to what a mask keeps ----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_SPARSE_ATTENTION_ATTENTION_TD
#define LINNET_SPARSE_ATTENTION_ATTENTION_TD

include "dialects/linnet/TimeOp.td"
include "dialects/linnet/sparse_attention/Mask.td"

def Linnet_AttentionOp : Linnet_TimeOp<"attention", [
    AttrSizedOperandSegments, AllTypesMatch<["o_init", "o"]>, AllTypesMatch<["lse_init", "lse"]>]> {
  let summary = "softmax attention to the keys that a mask keeps";
  let description = [{
    ```
    s[i,j] = scale * q[i] . k[j]                  soft_cap: c tanh(s / c)
             - alibi * |position + i - j|         with alibi
    lse[i] = log sum of exp(s[i,j])               over the keys j that query i keeps
    o[i]   = sum of exp(s[i,j] - lse[i]) v[j]     0, and lse -inf, where it keeps none
    ```

    q [B,H,N,D], k [B,G,M,D], v [B,G',M,E], o [B,H,N,E], lse [B,H,N]; G and G'
    divide H, and head h reads k of head h / (H / G). What is not kept costs
    nothing and reaches nothing: a key or value that is not finite stays unseen.

    Query i stands at `position` + i, by default M - N + i, so that the last one
    sees the last key. A query keeps a key if all of these do:

    - `mask`, of the positions of both;
    - `ids` [B,H,N] and [B,H,M]: those of equal numbers, with `different_ids` of
      different ones;
    - `blocks`, starts [B,H,R+1] and columns [n]: row block r of `block_size`
      queries keeps the column blocks columns[starts[r]] up to starts[r + 1],
      which ascend; in `partial` a number >= 0 beside a column is that of a
      matrix of bits [p,keys,queries] that says which pairs of the block it keeps;
    - `offsets` [S+1] twice pack S sequences in a batch of 1: queries and keys of
      one sequence see one another, and positions count from its beginning.

    `query_rows` [B,H,N] and `key_rows` [B,H,M] name rows of q and of k and v: query
    i is then row query_rows[i]. B and H of ids, rows and blocks may be 1 for all.
    See docs/spec/sparse-attention.md.
  }];
  let arguments = (ins AnyRankedTensor:$q, AnyRankedTensor:$k, AnyRankedTensor:$v, AnyRankedTensor:$o_init, AnyRankedTensor:$lse_init,
                       Optional<Index>:$position, Optional<AnyRankedTensor>:$alibi,
                       Optional<AnyRankedTensor>:$query_rows, Optional<AnyRankedTensor>:$key_rows,
                       Optional<AnyRankedTensor>:$query_ids, Optional<AnyRankedTensor>:$key_ids,
                       Optional<AnyRankedTensor>:$block_starts, Optional<AnyRankedTensor>:$block_columns,
                       Optional<AnyRankedTensor>:$partial, Optional<AnyRankedTensor>:$partial_bits,
                       Optional<AnyRankedTensor>:$query_offsets, Optional<AnyRankedTensor>:$key_offsets,
                       F64Attr:$scale, OptionalAttr<Linnet_Mask>:$mask, OptionalAttr<F64Attr>:$soft_cap,
                       OptionalAttr<DenseI64ArrayAttr>:$block_size, UnitAttr:$different_ids);
  let results = (outs AnyRankedTensor:$o, AnyRankedTensor:$lse);
  let assemblyFormat = [{
    `ins` `(` $q `,` $k `,` $v `:` type($q) `,` type($k) `,` type($v) `)`
    (`position` `(` $position^ `)`)? (`alibi` `(` $alibi^ `:` type($alibi) `)`)?
    (`query_rows` `(` $query_rows^ `:` type($query_rows) `)`)? (`key_rows` `(` $key_rows^ `:` type($key_rows) `)`)?
    (`ids` `(` $query_ids^ `,` $key_ids `:` type($query_ids) `,` type($key_ids) `)`)?
    (`blocks` `(` $block_starts^ `,` $block_columns `:` type($block_starts) `,` type($block_columns) `)`)?
    (`partial` `(` $partial^ `,` $partial_bits `:` type($partial) `,` type($partial_bits) `)`)?
    (`offsets` `(` $query_offsets^ `,` $key_offsets `:` type($query_offsets) `,` type($key_offsets) `)`)?
    `outs` `(` $o_init `,` $lse_init `:` type($o_init) `,` type($lse_init) `)` attr-dict
  }];
  let firstInit = 3;
  let extraClassDeclaration = dpsDeclaration # [{
    /// Queries and keys of a block of `blocks`.
    int64_t getBlockQueries() { return (*getBlockSize())[0]; }
    int64_t getBlockKeys() { return (*getBlockSize())[1]; }
    /// What gives the number of keys: the value and its dimension.
    std::pair<::mlir::Value, int64_t> getKeyCount() {
      return {getKeyRows() ? getKeyRows() : ::mlir::Value(getK()), 2};
    }
  }];
}

#endif // LINNET_SPARSE_ATTENTION_ATTENTION_TD
