//===- LMul.td - multiplication by the addition of integers -----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_LMUL_LMUL_TD
#define LINNET_LMUL_LMUL_TD

include "dialects/linnet/TimeOp.td"

def Linnet_LMulVariantEnum : Linnet_I32Enum<"LMulVariant", "which of the two forms of L-Mul", [
  I32EnumAttrCase<"Bits", 0, "bits">,
  I32EnumAttrCase<"Formula", 1, "formula">
]>;

def Linnet_LMulAttr : AttrDef<Linnet_Dialect, "LMul"> {
  let mnemonic = "lmul";
  let summary = "how L-Mul takes the place of a multiplication";
  let description = [{
    Both factors are cut to `mantissa` bits of their fraction (default: all that
    the type has) [lmul C2]. `variant` is the addition of the patterns as
    integers (`bits`, the default) or the equation of the paper (`formula`). See
    docs/spec/l-mul.md.

    ```mlir
    #linnet.lmul<>
    #linnet.lmul<mantissa = 4, variant = formula>
    ```
  }];
  let parameters = (ins OptionalParameter<"int64_t">:$mantissa,
                        DefaultValuedParameter<"::linnet::LMulVariant", "::linnet::LMulVariant::Bits">:$variant);
  let assemblyFormat = "`<` struct(params) `>`";
  let extraClassDeclaration = [{
    /// From what people write on a command line: lmul, lmul:4 or lmul:4:formula.
    static ::llvm::Expected<LMulAttr> parseText(::mlir::MLIRContext *context, ::llvm::StringRef text);
  }];
}

// Rows do not depend on one another: time may be cut anywhere.
def Linnet_LMulOp : Linnet_TimeOp<"lmul", [AllTypesMatch<["x", "y", "z_init", "z"]>]> {
  let summary = "product by the addition of integers (L-Mul)";
  let description = [{
    Element by element, with the exponent and fraction of a number as one
    integer mag, in the type of the elements:

    ```
    mag(z) = mag(x) + mag(y) - ((bias << M) - 2^(M - l))        variant = bits
    z      = (1 + fx + fy + 2^-l) 2^(ex + ey)                   variant = formula
    sign(z) = sign(x) xor sign(y)
    ```

    l is m for m <= 3 bits of the fraction, 3 for 4, else 4. A factor that is 0
    or subnormal gives 0, a result below the normal numbers 0, one above them
    the largest finite number. Elements: f32, bf16, f16, f8E4M3FN, f8E5M2.
    See docs/spec/l-mul.md.
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$y, AnyRankedTensor:$z_init, Linnet_LMulAttr:$multiply);
  let results = (outs AnyRankedTensor:$z);
  let assemblyFormat = "`ins` `(` $x `,` $y `:` type($x) `)` `outs` `(` $z_init `)` attr-dict";
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getZInitMutable(); }
  }];
}

#endif // LINNET_LMUL_LMUL_TD
