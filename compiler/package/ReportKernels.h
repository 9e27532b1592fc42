//===- ReportKernels.h - what ptxas makes of kernels ----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_PACKAGE_REPORTKERNELS_H
#define LINNET_COMPILER_PACKAGE_REPORTKERNELS_H

namespace linnet {

/// Registers --linnet-gpu-report: a table of the kernels of a module of stage gpu, for every chip.
void registerGpuReport();

} // namespace linnet

#endif // LINNET_COMPILER_PACKAGE_REPORTKERNELS_H
