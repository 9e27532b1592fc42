//===- Require.td - what a function asks of its arguments -----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_REQUIRE_TD
#define LINNET_REQUIRE_TD

include "dialects/linnet/Linnet.td"

def Linnet_RequireOp : Op<Linnet_Dialect, "require"> {
  let summary = "ends a model function with an error unless a condition holds";
  let description = [{
    Made by the compiler, before an operation that trusts the values of an
    argument: where `condition` is false, the compiled function returns at once
    with the place of `argument` among its arguments, counted from 1, and the
    runtime reports `LINNET_RUN_FAILED` with its name.
  }];
  let arguments = (ins I1:$condition, StrAttr:$argument, OptionalAttr<I32Attr>:$code);
  let assemblyFormat = "$condition `of` $argument attr-dict";
}

#endif // LINNET_REQUIRE_TD
