//===- LMulContract.td - matrix products with L-Mul -------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_LMUL_LMULCONTRACT_TD
#define LINNET_LMUL_LMULCONTRACT_TD

include "dialects/linnet/l_mul/LMul.td"

def Linnet_LMulContractOp : Linnet_TimeOp<"lmul_contract", [AllTypesMatch<["c_init", "c"]>]> {
  let summary = "product of matrices whose numbers are multiplied by L-Mul";
  let description = [{
    ```
    c[..,i,j] = c_init[..,i,j] + sum_k lmul(a[..,i,k], b[..,k,j])
    ```

    a [..,M,K]; b [K,N] or [..,K,N], with `transpose_b` [N,K] or [..,N,K]; c
    [..,M,N], f32. Factors of bf16 and f16 are widened to f32 first, and the
    fraction has at most the bits of their type. Products are added in f32, in
    the order of k. See docs/spec/l-mul.md.
  }];
  let arguments = (ins AnyRankedTensor:$a, AnyRankedTensor:$b, AnyRankedTensor:$c_init, Linnet_LMulAttr:$multiply,
                       UnitAttr:$transpose_b);
  let results = (outs AnyRankedTensor:$c);
  let assemblyFormat = [{
    `ins` `(` $a `,` $b `:` type($a) `,` type($b) `)` `outs` `(` $c_init `:` type($c_init) `)` attr-dict
  }];
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getCInitMutable(); }
    /// Places of k and j in the shape of b, from its end.
    int64_t getDepthFromEnd() { return getTransposeB() ? 1 : 2; }
    int64_t getColumnFromEnd() { return getTransposeB() ? 2 : 1; }
    /// Bits of the fraction that products are made with, in f32.
    int64_t getMantissa();
  }];
}

#endif // LINNET_LMUL_LMULCONTRACT_TD
