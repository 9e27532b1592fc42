//===- LinnetInterfaces.td - what passes may ask of a linnet op -----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_INTERFACES_TD
#define LINNET_INTERFACES_TD

include "mlir/IR/OpBase.td"

def Linnet_TimeOpInterface : OpInterface<"TimeOpInterface"> {
  let cppNamespace = "::linnet";
  let description = [{
    An op that runs along time. Passes that cut time into blocks
    (`linnet-block-time`) or move it to another dimension ask this interface
    and nothing else.
  }];
  let methods = [
    InterfaceMethod<[{
      The dimension of `operand` that is time, or nothing where the operand has none (weights, states).
    }], "std::optional<int64_t>", "getOperandTimeDim", (ins "::mlir::OpOperand &":$operand)>,
    InterfaceMethod<[{
      The dimension of result `index` that is time, or nothing for a final state.
    }], "std::optional<int64_t>", "getResultTimeDim", (ins "unsigned":$index)>,
    InterfaceMethod<[{
      Whether results at time t depend on inputs up to t only, and running a first block and then a second one from the
      state of the first equals one run. The init of a state result is then the state that is carried.
    }], "bool", "isCausal">
  ];
}

def Linnet_CostOpInterface : OpInterface<"CostOpInterface"> {
  let cppNamespace = "::linnet";
  let description = [{
    The work of an op, for statistics and cost models. A dynamic dimension
    counts as `dynamicSize`. An elementary function counts as one operation.
  }];
  let methods = [
    InterfaceMethod<"Floating-point operations.", "int64_t", "getFlops", (ins "int64_t":$dynamicSize)>,
    InterfaceMethod<"Bytes of all operands and results, each counted once.", "int64_t", "getBytes",
      (ins "int64_t":$dynamicSize), "", [{
        return ::linnet::countBytes($_op.getOperation(), dynamicSize);
      }]>
  ];
}

#endif // LINNET_INTERFACES_TD
