//===- RecognizeFunctions.h - elementary functions in arithmetic ----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_APPROXIMATION_RECOGNIZEFUNCTIONS_H
#define LINNET_COMPILER_APPROXIMATION_RECOGNIZEFUNCTIONS_H

#include "compiler/approximation/Library.h"

#include "mlir/IR/Operation.h"

namespace linnet::approximation {

/// An elementary function of `argument`, times `factor` where that is set.
struct Application {
  Function function;
  mlir::Value argument, factor;
  /// The op that stands for the function, whose accuracy counts: `op` itself, or what a fused form is made of.
  mlir::Operation *source;
};

/// What `op` computes, if that is an elementary function of f32: an op of the math dialect, or the last op of a form
/// that is written out, as x / (1 + exp(-x)).
std::optional<Application> recognizeFunction(mlir::Operation *op);

} // namespace linnet::approximation

#endif // LINNET_COMPILER_APPROXIMATION_RECOGNIZEFUNCTIONS_H
