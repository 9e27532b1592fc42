//===- ExpandSsd.h - ssd as linear attention ------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_GRAPH_EXPANDSSD_H
#define LINNET_COMPILER_GRAPH_EXPANDSSD_H

#include "dialects/linnet/Linnet.h"

namespace linnet {

/// Replaces the op by linear attention between elementwise operations.
void expandSsd(mlir::RewriterBase &rewriter, SsdOp op);

} // namespace linnet

#endif // LINNET_COMPILER_GRAPH_EXPANDSSD_H
