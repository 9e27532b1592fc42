//===- Linnet.td - the linnet dialect -------------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_DIALECT_TD
#define LINNET_DIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Linnet_Dialect : Dialect {
  let name = "linnet";
  let cppNamespace = "::linnet";
  let summary = "Scans and near-linear attention on tensors";
  let description = [{
    Operations for models built of scans: every one is destination-passing,
    pure, and defined by sequential loops (docs/spec). A carried state is an
    `outs` operand: its value before the op is the initial state, the result is
    the final state, as with the accumulator of a linalg reduction.

    Verifier messages end with the number of the constraint they enforce, as in
    `[selective-scan C3]`; docs/spec/ lists them.
  }];
  // Casts made by shape inference, and constants.
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
  let hasConstantMaterializer = 1;
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1; // linnet.accuracy
  let hasRegionArgAttrVerify = 1; // linnet.range
}

class Linnet_I32Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::linnet";
  let genSpecializedAttr = 0;
}

def Linnet_LayoutEnum : Linnet_I32Enum<"Layout", "order of the dimensions batch, time and channel", [
  I32EnumAttrCase<"BTD", 0, "btd">,
  I32EnumAttrCase<"BDT", 1, "bdt">
]>;
def Linnet_Layout : EnumAttr<Linnet_Dialect, Linnet_LayoutEnum, "layout"> {
  let assemblyFormat = "`<` $value `>`";
}

def Linnet_ActivationEnum : Linnet_I32Enum<"Activation", "function applied to each result element", [
  I32EnumAttrCase<"None", 0, "none">,
  I32EnumAttrCase<"Silu", 1, "silu">
]>;
def Linnet_Activation : EnumAttr<Linnet_Dialect, Linnet_ActivationEnum, "activation"> {
  let assemblyFormat = "`<` $value `>`";
}

#endif // LINNET_DIALECT_TD
