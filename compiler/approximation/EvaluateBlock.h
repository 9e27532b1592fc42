//===- EvaluateBlock.h - the instructions of a program on a block of lanes ------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_APPROXIMATION_EVALUATEBLOCK_H
#define LINNET_COMPILER_APPROXIMATION_EVALUATEBLOCK_H

#include "compiler/approximation/Evaluate.h"

namespace linnet::approximation {

using EvaluateBlock = void(llvm::ArrayRef<Evaluator::Step> steps, const Freedom &freedom);

/// For any machine, and for those of x86-64-v3 and x86-64-v4; the latter two exist on x86 only.
EvaluateBlock evaluateBlock, evaluateBlockV3, evaluateBlockV4;

} // namespace linnet::approximation

#endif // LINNET_COMPILER_APPROXIMATION_EVALUATEBLOCK_H
