//===- AffineScan.td - first-order recurrence -----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_SCAN_AFFINESCAN_TD
#define LINNET_SCAN_AFFINESCAN_TD

include "dialects/linnet/TimeOp.td"

def Linnet_AffineScanOp : Linnet_TimeOp<"affine_scan", [
    AllTypesMatch<["h_init", "h"]>, AllTypesMatch<["state_init", "state"]>]> {
  let summary = "first-order recurrence h_t = a_t h_{t-1} + b_t";
  let description = [{
    Along dimension `dimension` of `a` and `b`, elementwise in all others:

    ```
    h[-1] = state_init
    h[t]  = a[t] * h[t-1] + b[t]        t = 0 .. T-1
    state = h[T-1]
    ```

    With `reverse` time runs from T-1 to 0. `state` has the shape of `a` without
    the scanned dimension. `h_init` is not read. With `complex` a last dimension
    of 2 holds the real and the imaginary part of every number, and is none of
    the dimensions of the scan. See docs/spec/scan.md.

    ```mlir
    %h, %last = linnet.affine_scan ins(%a, %b : tensor<2x?x8xf32>, tensor<2x?x8xf32>)
                                   outs(%h0, %s0 : tensor<2x?x8xf32>, tensor<2x8xf32>) {dimension = 1 : i64}
    ```
  }];
  let arguments = (ins AnyRankedTensor:$a, AnyRankedTensor:$b, AnyRankedTensor:$h_init, AnyRankedTensor:$state_init,
                       I64Attr:$dimension, UnitAttr:$reverse, UnitAttr:$complex);
  let results = (outs AnyRankedTensor:$h, AnyRankedTensor:$state);
  let assemblyFormat = [{
    `ins` `(` $a `,` $b `:` type($a) `,` type($b) `)`
    `outs` `(` $h_init `,` $state_init `:` type($h_init) `,` type($state_init) `)` attr-dict
  }];
}

#endif // LINNET_SCAN_AFFINESCAN_TD
