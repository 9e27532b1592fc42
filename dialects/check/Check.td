//===- Check.td - numeric asserts for tests -------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CHECK_DIALECT_TD
#define CHECK_DIALECT_TD

include "mlir/IR/OpBase.td"

def Check_Dialect : Dialect {
  let name = "check";
  let cppNamespace = "::linnet::check";
  let summary = "Numeric asserts for tests";
  let description = [{
    Lets a numeric test be one `.mlir` file: `convert-check-to-calls` turns the
    ops into calls of the small runtime beside this dialect, which prints what
    differs and makes the program exit with status 1.
  }];
}

def Check_ExpectCloseOp : Op<Check_Dialect, "expect_close", [SameTypeOperands]> {
  let summary = "fails unless two tensors agree";
  let description = [{
    Element by element: equal, both NaN, at most `max_ulp` representable values
    apart, or `|actual - expected| <= atol + rtol * |expected|`. What is not
    given counts as 0. An infinity agrees only with itself.

    ```mlir
    check.expect_close %actual, %expected {max_ulp = 4 : i64} : tensor<4xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$actual, AnyRankedTensor:$expected, OptionalAttr<I64Attr>:$max_ulp,
                       OptionalAttr<F64Attr>:$rtol, OptionalAttr<F64Attr>:$atol);
  let assemblyFormat = "$actual `,` $expected attr-dict `:` type($actual)";
  let hasVerifier = 1;
}

#endif // CHECK_DIALECT_TD
