//===- Hadamard.td - the fast Walsh-Hadamard transform ----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_LOWPRECISION_HADAMARD_TD
#define LINNET_LOWPRECISION_HADAMARD_TD

include "dialects/linnet/TimeOp.td"

def Linnet_HadamardOp : Linnet_TimeOp<"hadamard", [AllTypesMatch<["y_init", "y"]>]> {
  let summary = "Walsh-Hadamard transform of blocks of the last dimension";
  let description = [{
    In the order of Sylvester, H_1 = 1 and H_2h = [[H_h, H_h], [H_h, -H_h]], of
    every block of `block` numbers, a power of two:

    ```
    y[..,b block + i] = scale sum_j H[i,j] signs[b block + j] x[..,b block + j]
    ```

    x and y [..,N], signs [N]. Of a last block that is shorter, the numbers that
    are missing count as 0 and the results that have no place are dropped.
    See docs/spec/low-precision.md.
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$y_init, Optional<AnyRankedTensor>:$signs, I64Attr:$block,
                       F64Attr:$scale);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = [{
    `ins` `(` $x `:` type($x) `)` (`signs` `(` $signs^ `:` type($signs) `)`)?
    `outs` `(` $y_init `:` type($y_init) `)` attr-dict
  }];
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getYInitMutable(); }
  }];
}

#endif // LINNET_LOWPRECISION_HADAMARD_TD
