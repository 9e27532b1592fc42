//===- LshOrder.td - vectors in the order of their hashes -------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_SPARSE_ATTENTION_LSHORDER_TD
#define LINNET_SPARSE_ATTENTION_LSHORDER_TD

include "dialects/linnet/ArrangementOp.td"

def Linnet_GrayCodeEnum : Linnet_I32Enum<"GrayCode", "how the bits of a hash become the number of a bucket", [
  I32EnumAttrCase<"Decode", 0, "decode">,
  I32EnumAttrCase<"Encode", 1, "encode">
]>;
def Linnet_GrayCode : EnumAttr<Linnet_Dialect, Linnet_GrayCodeEnum, "gray_code"> {
  let assemblyFormat = "`<` $value `>`";
}

def Linnet_LshOrderOp : Linnet_ArrangementOp<"lsh_order", 2, 2, [
    AllTypesMatch<["order_init", "order"]>, AllTypesMatch<["place_init", "place"]>]> {
  let summary = "vectors in the order of an angular hash";
  let description = [{
    ```
    bit t of id = x[n] . projections[:, t] > 0
    bucket[n]   = id decoded from the Gray code: id ^ (id >> 1) ^ (id >> 2) ^ ...
                  encode: id ^ (id >> 1)
    order       = the vectors by their buckets, those of one in the order in which they stand
    place[order[i]] = i
    ```

    x [B,H,N,D], projections [D,R] with R from 1 to 12; order and place [B,H,N] of
    i32. Decoded, neighbouring buckets differ in one bit of their hashes.
    See docs/spec/sparse-attention.md.
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$projections, AnyRankedTensor:$order_init, AnyRankedTensor:$place_init,
                       DefaultValuedAttr<Linnet_GrayCode, "::linnet::GrayCode::Decode">:$gray);
  let results = (outs AnyRankedTensor:$order, AnyRankedTensor:$place);
  let assemblyFormat = [{
    `ins` `(` $x `,` $projections `:` type($x) `,` type($projections) `)`
    `outs` `(` $order_init `,` $place_init `:` type($order_init) `,` type($place_init) `)` attr-dict
  }];
}

#endif // LINNET_SPARSE_ATTENTION_LSHORDER_TD
