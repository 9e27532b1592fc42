//===- WeightAnalysis.cpp - which values depend on weights only -----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/graph/WeightAnalysis.h"

#include "compiler/Model.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace linnet;

WeightAnalysis::Kind WeightAnalysis::classify(Value value) {
  if (Operation *op = value.getDefiningOp())
    return classify(op);
  auto argument = cast<BlockArgument>(value);
  if (argument.getOwner() != &function.getBody().front())
    return Kind::Variable;
  StringRef role = getArgRole(function, argument.getArgNumber());
  return role == kRoleWeight || role == kRolePrepared ? Kind::Weight : Kind::Variable;
}

WeightAnalysis::Kind WeightAnalysis::classify(Operation *op) {
  auto [it, inserted] = known.try_emplace(op, Kind::Variable);
  if (!inserted)
    return it->second;
  Kind kind = Kind::Constant;
  auto join = [&](Value value) {
    Kind other = classify(value);
    kind = std::max(kind, other);
  };
  for (Value operand : op->getOperands())
    join(operand);
  llvm::SetVector<Value> captured;
  for (Region &region : op->getRegions())
    getUsedValuesDefinedAbove(region, region, captured);
  for (Value value : captured)
    join(value);
  if (!isMemoryEffectFree(op) || op->hasTrait<OpTrait::IsTerminator>())
    kind = Kind::Variable;
  known[op] = kind;
  return kind;
}
