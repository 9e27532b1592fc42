//===- Statistics.cpp - work and memory of a model ------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/package/Statistics.h"

#include "compiler/Model.h"
#include "compiler/approximation/Accuracy.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace linnet;

static int64_t countFlops(linalg::LinalgOp op, int64_t dynamicSize) {
  int64_t iterations = 1;
  for (int64_t range : op.getStaticLoopRanges())
    iterations *= ShapedType::isDynamic(range) ? dynamicSize : range;
  int64_t perIteration = 0;
  for (Operation &inner : *op.getBlock())
    if (isa<math::MathDialect>(inner.getDialect()) ||
        (isa<arith::ArithDialect>(inner.getDialect()) && !isa<arith::ConstantOp>(inner) && inner.getNumResults() == 1 &&
         isa<FloatType>(inner.getResult(0).getType())))
      ++perIteration;
  return iterations * perIteration;
}

static int64_t countFlops(Operation *op, int64_t dynamicSize) {
  if (auto cost = dyn_cast<CostOpInterface>(op))
    return cost.getFlops(dynamicSize);
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return countFlops(linalgOp, dynamicSize);
  return 0;
}

std::vector<FunctionStatistics> linnet::countStatistics(ModuleOp module, int64_t dynamicSize) {
  std::vector<FunctionStatistics> functions;
  module.walk([&](func::FuncOp function) {
    if (!isModelFunction(function))
      return;
    FunctionStatistics counts{function.getName().str()};
    function.walk([&](Operation *op) {
      if (!isa<linalg::LinalgOp, CostOpInterface>(op))
        return;
      auto name = op->getLoc()->findInstanceOf<NameLoc>();
      counts.opCounts.push_back({name ? name.getName().str() : "", op->getName().getStringRef().str(),
                                 countFlops(op, dynamicSize), countBytes(op, dynamicSize)});
      ++counts.ops;
      counts.flops += counts.opCounts.back().flops;
      counts.trafficBytes += counts.opCounts.back().bytes;
    });
    for (BlockArgument argument : function.getArguments()) {
      StringRef role = getArgRole(function, argument.getArgNumber());
      if (role == kRoleState || role == kRoleWeight)
        (role == kRoleState ? counts.stateBytes : counts.weightBytes) += countBytes(argument.getType(), dynamicSize);
    }
    functions.push_back(counts);
  });
  return functions;
}

LogicalResult linnet::setSymbols(ModuleOp module, const llvm::StringMap<int64_t> &values) {
  module.walk([&](func::FuncOp function) {
    if (!isModelFunction(function))
      return;
    OpBuilder builder = OpBuilder::atBlockBegin(&function.getBody().front());
    for (BlockArgument argument : function.getArguments()) {
      auto type = dyn_cast<RankedTensorType>(argument.getType());
      auto symbols = function.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(), kSymbolsAttrName);
      if (!type || !symbols)
        continue;
      SmallVector<int64_t> shape(type.getShape());
      for (auto [dim, size] : llvm::enumerate(shape))
        if (auto known = values.find(getSymbol(type, symbols, dim)); known != values.end())
          size = known->second;
      argument.setType(type.clone(shape));
      // Users see the type that they were built for; canonicalization brings them the sizes.
      auto cast = tensor::CastOp::create(builder, argument.getLoc(), type, argument);
      argument.replaceAllUsesExcept(cast, cast);
    }
    function.setFunctionType(
        builder.getFunctionType(function.getBody().front().getArgumentTypes(), function.getResultTypes()));
  });
  PassManager passes(module.getContext());
  passes.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  return passes.run(module);
}

void linnet::printStatistics(ModuleOp module, llvm::raw_ostream &os) {
  os << "one sequence, one token:\n";
  os << llvm::format("  %-14s %6s %12s %14s %12s %14s\n", "function", "ops", "Mflop", "weights KiB", "state KiB",
                     "traffic KiB");
  for (const FunctionStatistics &f : countStatistics(module))
    os << llvm::format("  %-14s %6lld %12.3f %14.1f %12.1f %14.1f\n", f.name.c_str(), static_cast<long long>(f.ops),
                       f.flops * 1e-6, f.weightBytes / 1024.0, f.stateBytes / 1024.0, f.trafficBytes / 1024.0);
}

void linnet::printApproximations(ModuleOp module, llvm::raw_ostream &os) {
  auto uses = module->getAttrOfType<DictionaryAttr>(kApproximationsAttrName);
  if (!uses)
    return;
  os << "elementary functions:\n";
  os << llvm::format("  %-28s %6s %10s %10s %10s %8s\n", "program", "uses", "ulps", "relative", "absolute", "cycles");
  for (const approximation::Entry &entry : approximation::getLibrary())
    if (auto count = uses.getAs<IntegerAttr>(entry.name))
      os << llvm::format("  %-28s %6lld %10.4g %10.2g %10.2g %8.1f\n", entry.name.c_str(),
                         static_cast<long long>(count.getInt()), entry.bound->ulps, entry.bound->relative,
                         entry.bound->absolute, entry.cost);
}
