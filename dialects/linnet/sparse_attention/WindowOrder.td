//===- WindowOrder.td - cells of a grid in the order of windows -------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_SPARSE_ATTENTION_WINDOWORDER_TD
#define LINNET_SPARSE_ATTENTION_WINDOWORDER_TD

include "dialects/linnet/Linnet.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Linnet_WindowOrderOp : Op<Linnet_Dialect, "window_order", [Pure]> {
  let summary = "the cells of a grid, window after window";
  let description = [{
    A constant: the numbers `row * width + column` of the cells of a grid. Windows
    of `window` rows and columns follow one another row by row, the last ones may
    be smaller; the cells of each stand row by row, or with `hilbert` along the
    Hilbert curve of the least square of a power of two around the window. A window
    as great as the grid makes it the Hilbert order of all. Folds to a constant.
    See docs/spec/sparse-attention.md.
  }];
  let arguments = (ins DenseI64ArrayAttr:$grid, DenseI64ArrayAttr:$window, UnitAttr:$hilbert);
  let results = (outs AnyRankedTensor:$order);
  let assemblyFormat = "$grid $window attr-dict `:` type($order)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

#endif // LINNET_SPARSE_ATTENTION_WINDOWORDER_TD
