//===- TopkMask.td - the greatest entries of rows, and their mask for keys --------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_SPARSE_ATTENTION_TOPKMASK_TD
#define LINNET_SPARSE_ATTENTION_TOPKMASK_TD

include "dialects/linnet/ArrangementOp.td"

def Linnet_TopkMaskOp : Linnet_ArrangementOp<"topk_mask", 2, 1, [AllTypesMatch<["mask_init", "mask"]>]> {
  let summary = "where the greatest entries of each row are";
  let description = [{
    mask[r] is 1 at the counts[r] greatest entries of scores[r], of equal ones at
    the first, and 0 elsewhere; NaN is below every number. All of a row where it
    has no more.

    scores and mask [R,M], counts [R] of i32, mask of i8. Rows that are a group of
    heads, side by side, choose among all of them.
    See docs/spec/sparse-attention.md.
  }];
  let arguments = (ins AnyRankedTensor:$scores, AnyRankedTensor:$counts, AnyRankedTensor:$mask_init);
  let results = (outs AnyRankedTensor:$mask);
  let assemblyFormat = [{
    `ins` `(` $scores `,` $counts `:` type($scores) `,` type($counts) `)`
    `outs` `(` $mask_init `:` type($mask_init) `)` attr-dict
  }];
}

def Linnet_MaskInterpolateOp : Linnet_ArrangementOp<"mask_interpolate", 2, 2, [
    AllTypesMatch<["starts_init", "starts"]>, AllTypesMatch<["columns_init", "columns"]>]> {
  let summary = "a mask of bins as lists of keys";
  let description = [{
    Row i of a mask of M bins stands for lengths[i] keys: bin b for the keys

    ```
    from round(b lengths[i] / M) up to round((b + 1) lengths[i] / M)     halves away from 0, in whole numbers
    ```

    of which `max_run`, where it is given, keeps the first. The keys of row i of
    list g are columns[starts[g,i]] up to starts[g,i+1], as `linnet.attention`
    takes them with a block_size of 1 by 1. What columns have no room for is not
    written, so that starts alone say how many there are.

    mask [G,T,M] of i8, lengths [T], starts [G,T+1] and columns [n] of i32.
    See docs/spec/sparse-attention.md.
  }];
  let arguments = (ins AnyRankedTensor:$mask, AnyRankedTensor:$lengths, AnyRankedTensor:$starts_init, AnyRankedTensor:$columns_init,
                       OptionalAttr<I64Attr>:$max_run);
  let results = (outs AnyRankedTensor:$starts, AnyRankedTensor:$columns);
  let assemblyFormat = [{
    `ins` `(` $mask `,` $lengths `:` type($mask) `,` type($lengths) `)`
    `outs` `(` $starts_init `,` $columns_init `:` type($starts_init) `,` type($columns_init) `)` attr-dict
  }];
}

#endif // LINNET_SPARSE_ATTENTION_TOPKMASK_TD
