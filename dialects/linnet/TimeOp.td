//===- TimeOp.td - what the ops along time share ----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TIMEOP_TD
#define LINNET_TIMEOP_TD

include "dialects/linnet/Linnet.td"
include "dialects/linnet/LinnetInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Every named op along time: destination-passing, a primary result along time and a
// final state, both of the type of their init.
class Linnet_TimeOp<string mnemonic, list<Trait> traits = []>
    : Op<Linnet_Dialect, mnemonic, traits # [
        Pure, DestinationStyleOpInterface,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>,
        DeclareOpInterfaceMethods<Linnet_TimeOpInterface>,
        DeclareOpInterfaceMethods<Linnet_CostOpInterface, ["getFlops"]>]> {
  let hasVerifier = 1;
  let hasCanonicalizeMethod = 1;
  // The two inits stand before the optional operands: type inference of ODS finds them by a fixed index.
  int firstInit = 2;
  code dpsDeclaration = "::mlir::MutableOperandRange getDpsInitsMutable() {\n"
                        "  return ::mlir::MutableOperandRange(getOperation(), " # firstInit # ", 2);\n}\n";
  let extraClassDeclaration = dpsDeclaration;
}

#endif // LINNET_TIMEOP_TD
