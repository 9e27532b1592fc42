//===- ArrangementOp.td - what the ops that are not along time share ------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_ARRANGEMENTOP_TD
#define LINNET_ARRANGEMENTOP_TD

include "dialects/linnet/Linnet.td"
include "dialects/linnet/LinnetInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Destination-passing, but not along time in the sense of TimeOpInterface: what is put into another order, or chosen, is
// no longer in the order of time.
class Linnet_ArrangementOp<string mnemonic, int inputs, int inits, list<Trait> traits>
    : Op<Linnet_Dialect, mnemonic, traits # [
        Pure, DestinationStyleOpInterface,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>,
        DeclareOpInterfaceMethods<Linnet_CostOpInterface, ["getFlops"]>]> {
  let hasVerifier = 1;
  let hasCanonicalizeMethod = 1;
  let extraClassDeclaration = "::mlir::MutableOperandRange getDpsInitsMutable() {\n"
                              "  return ::mlir::MutableOperandRange(getOperation(), " # inputs # ", " # inits # ");\n}\n";
}

#endif // LINNET_ARRANGEMENTOP_TD
