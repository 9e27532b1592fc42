//===- Accuracy.td - how exact an elementary function must be --------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_ACCURACY_TD
#define LINNET_ACCURACY_TD

include "dialects/linnet/Linnet.td"
include "mlir/IR/AttrTypeBase.td"

def Linnet_Accuracy : AttrDef<Linnet_Dialect, "Accuracy"> {
  let mnemonic = "accuracy";
  let summary = "how exact each elementary function must be";
  let description = [{
    As attribute `linnet.accuracy` of an op, a function or a module: the licence
    and the limit of every approximation of an elementary function in it, and of
    each such function inside a linnet op. The innermost attribute counts
    (docs/spec/math.md).

    All bounds that are given must hold, for every input of the range (default:
    all), and at least one is given [accuracy C1]. They are positive [accuracy
    C2]. `ulps` counts the distance of neighbouring floats at the exact value,
    `rel` and `abs` are the relative and the absolute error; `rel` says nothing
    where the exact value is subnormal. `low` is not above `high` [accuracy C3].
    With `flush_subnormals` a result below the normal numbers may be 0.

    ```mlir
    #linnet.accuracy<ulps = 4.0>
    #linnet.accuracy<rel = 1.0e-3, low = -100.0, high = 100.0, flush_subnormals>
    ```
  }];
  let parameters = (ins OptionalParameter<"::mlir::FloatAttr">:$ulps, OptionalParameter<"::mlir::FloatAttr">:$rel,
                        OptionalParameter<"::mlir::FloatAttr">:$abs, OptionalParameter<"::mlir::FloatAttr">:$low,
                        OptionalParameter<"::mlir::FloatAttr">:$high, "bool":$flushSubnormals);
  let hasCustomAssemblyFormat = 1; // numbers without a point are numbers too
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// From what people write on a command line: ulps=4 or rel=1e-3,low=-10,high=10,flush_subnormals.
    static ::llvm::Expected<AccuracyAttr> parseText(::mlir::MLIRContext *context, ::llvm::StringRef text);
  }];
}

#endif // LINNET_ACCURACY_TD
