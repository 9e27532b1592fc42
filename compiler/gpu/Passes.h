//===- Passes.h - the passes that make kernels ----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_GPU_PASSES_H
#define LINNET_COMPILER_GPU_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace linnet {
#define GEN_PASS_DECL
#include "compiler/gpu/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "compiler/gpu/Passes.h.inc"
} // namespace linnet

#endif // LINNET_COMPILER_GPU_PASSES_H
