//===- Mx.td - blocks of small floats with a common scale -------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_LOWPRECISION_MX_TD
#define LINNET_LOWPRECISION_MX_TD

include "dialects/linnet/TimeOp.td"

def Linnet_SmallFloatEnum : Linnet_I32Enum<"SmallFloat", "the numbers of a block: bits of exponent and fraction", [
  I32EnumAttrCase<"E2M1", 0, "e2m1">,
  I32EnumAttrCase<"E2M3", 1, "e2m3">,
  I32EnumAttrCase<"E3M2", 2, "e3m2">,
  I32EnumAttrCase<"E4M3", 3, "e4m3">,
  I32EnumAttrCase<"E5M2", 4, "e5m2">
]>;
def Linnet_SmallFloat : EnumAttr<Linnet_Dialect, Linnet_SmallFloatEnum, "small_float"> {
  let assemblyFormat = "`<` $value `>`";
}

def Linnet_ScaleRuleEnum : Linnet_I32Enum<"ScaleRule", "how the power of two of a block is found", [
  I32EnumAttrCase<"Floor", 0, "floor">,
  I32EnumAttrCase<"RCeil", 1, "rceil">,
  I32EnumAttrCase<"Quest", 2, "quest">
]>;
def Linnet_ScaleRule : EnumAttr<Linnet_Dialect, Linnet_ScaleRuleEnum, "scale_rule"> {
  let assemblyFormat = "`<` $value `>`";
}

def Linnet_MxQuantizeOp : Linnet_TimeOp<"mx_quantize", [
    AllTypesMatch<["codes_init", "codes"]>, AllTypesMatch<["scales_init", "scales"]>, AttrSizedOperandSegments]> {
  let summary = "numbers as small floats with a scale for every block (MXFP4, MXFP8, NVFP4)";
  let description = [{
    The last dimension is cut into blocks of `block` numbers; the last one may
    be shorter. With s the value of the scale of a block,

    ```
    codes[..,i]  = the code of the small float next to x[..,i] / s
    scales[..,b] = a power of two (E8M0), or an E4M3 of max|x| / 6 / tensor_scale
    ```

    x [..,N]; codes [..,N] of i8, with `packed` [..,N/2], the even number in the
    low half; scales [..,ceil(N/block)] of i8. Ties go to the even code, what is
    too large to the largest number. With `seeds`, one i32 for every block, a
    number is rounded up or down by chance. See docs/spec/low-precision.md.
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$codes_init, AnyRankedTensor:$scales_init,
                       Optional<AnyRankedTensor>:$tensor_scale, Optional<AnyRankedTensor>:$seeds,
                       Linnet_SmallFloat:$format, I64Attr:$block,
                       DefaultValuedAttr<Linnet_ScaleRule, "::linnet::ScaleRule::Floor">:$rule, UnitAttr:$packed);
  let results = (outs AnyRankedTensor:$codes, AnyRankedTensor:$scales);
  let firstInit = 1;
  let assemblyFormat = [{
    `ins` `(` $x `:` type($x) `)` (`tensor_scale` `(` $tensor_scale^ `:` type($tensor_scale) `)`)?
    (`seeds` `(` $seeds^ `:` type($seeds) `)`)?
    `outs` `(` $codes_init `,` $scales_init `:` type($codes_init) `,` type($scales_init) `)` attr-dict
  }];
}

def Linnet_MxDequantizeOp : Linnet_TimeOp<"mx_dequantize", [AllTypesMatch<["x_init", "x"]>]> {
  let summary = "small floats with a scale for every block as f32";
  let description = [{
    ```
    x[..,i] = value(codes[..,i]) value(scales[..,i / block])            E8M0
    x[..,i] = value(codes[..,i]) value(scales[..,i / block]) tensor_scale    E4M3
    ```

    The inverse of `mx_quantize`, of whose operands and attributes it has those
    that it needs. A scale that is NaN makes its block NaN.
    See docs/spec/low-precision.md.
  }];
  let arguments = (ins AnyRankedTensor:$codes, AnyRankedTensor:$scales, AnyRankedTensor:$x_init,
                       Optional<AnyRankedTensor>:$tensor_scale, Linnet_SmallFloat:$format, I64Attr:$block,
                       UnitAttr:$packed);
  let results = (outs AnyRankedTensor:$x);
  let assemblyFormat = [{
    `ins` `(` $codes `,` $scales `:` type($codes) `,` type($scales) `)`
    (`tensor_scale` `(` $tensor_scale^ `:` type($tensor_scale) `)`)?
    `outs` `(` $x_init `:` type($x_init) `)` attr-dict
  }];
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getXInitMutable(); }
  }];
}

#endif // LINNET_LOWPRECISION_MX_TD
