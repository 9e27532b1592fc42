//===- Check.h - numeric asserts for tests --------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_DIALECTS_CHECK_CHECK_H
#define LINNET_DIALECTS_CHECK_CHECK_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Pass/Pass.h"

#include "dialects/check/CheckDialect.h.inc"
#define GET_OP_CLASSES
#include "dialects/check/CheckOps.h.inc"

namespace linnet::check {
#define GEN_PASS_DECL
#include "dialects/check/CheckPasses.h.inc"
#define GEN_PASS_REGISTRATION
#include "dialects/check/CheckPasses.h.inc"
} // namespace linnet::check

#endif // LINNET_DIALECTS_CHECK_CHECK_H
