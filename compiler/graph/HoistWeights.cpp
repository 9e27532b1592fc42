//===- HoistWeights.cpp - work on weights done once -----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Model.h"
#include "compiler/Passes.h"
#include "compiler/graph/WeightAnalysis.h"

#include "mlir/IR/Dominance.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETHOISTWEIGHTS
#include "compiler/Passes.h.inc"

namespace {

/// A value of a function that `prepare` makes.
struct Frontier {
  func::FuncOp function;
  Value value;
};

struct LinnetHoistWeights : impl::LinnetHoistWeightsBase<LinnetHoistWeights> {
  void runOnOperation() override {
    SmallVector<Frontier> frontiers;
    SmallVector<func::FuncOp> functions;
    getOperation().walk([&](func::FuncOp function) {
      if (isModelFunction(function) && function.getName() != kPrepareName)
        functions.push_back(function);
    });
    OpBuilder builder(&getContext());
    builder.setInsertionPointToStart(getOperation().getBody());
    prepare = func::FuncOp::create(builder, getOperation().getLoc(), kPrepareName, builder.getFunctionType({}, {}));
    prepare.addEntryBlock();
    for (func::FuncOp function : functions)
      cloneWeightOps(function, frontiers);
    if (frontiers.empty()) {
      prepare.erase();
      return;
    }
    // Equal computations of several functions fold into one; a frontier value is then one operand of the return.
    builder.setInsertionPointToEnd(&prepare.getBody().front());
    Operation *returnOp = func::ReturnOp::create(builder, prepare.getLoc(), clones);
    IRRewriter rewriter(&getContext());
    DominanceInfo dominance(prepare);
    eliminateCommonSubExpressions(rewriter, dominance, prepare);
    llvm::MapVector<Value, unsigned> results;
    SmallVector<unsigned> indices;
    for (Value value : returnOp->getOperands())
      indices.push_back(results.try_emplace(value, results.size()).first->second);
    SmallVector<Value> unique;
    SmallVector<Type> types;
    for (auto &[value, index] : results) {
      unique.push_back(value);
      types.push_back(value.getType());
    }
    returnOp->setOperands(unique);
    prepare.setFunctionType(builder.getFunctionType(prepare.getBody().front().getArgumentTypes(), types));
    SmallVector<std::string> names = nameResults(unique);
    for (auto [i, name] : llvm::enumerate(names)) {
      prepare.setResultAttr(i, kRoleAttrName, builder.getStringAttr(kRolePrepared));
      prepare.setResultAttr(i, kNameAttrName, builder.getStringAttr(name));
    }
    for (auto [frontier, index] : llvm::zip_equal(frontiers, indices))
      usePrepared(frontier, names[index]);
    for (func::FuncOp function : functions)
      eraseUnusedWeights(function);
  }

  /// Clones the ops of `function` that depend on weights into `prepare`, and notes their results that others use.
  void cloneWeightOps(func::FuncOp function, SmallVectorImpl<Frontier> &frontiers) {
    WeightAnalysis weights(function);
    OpBuilder builder = OpBuilder::atBlockEnd(&prepare.getBody().front());
    IRMapping mapping;
    for (Operation &op : function.getBody().front()) {
      if (weights.classify(&op) != WeightAnalysis::Kind::Weight)
        continue;
      SetVector<Value> needed(op.operand_begin(), op.operand_end());
      for (Region &region : op.getRegions())
        getUsedValuesDefinedAbove(region, region, needed);
      for (Value value : needed)
        provide(value, function, builder, mapping);
      builder.clone(op, mapping);
      for (Value result : op.getResults()) {
        bool isFrontier =
            isa<RankedTensorType>(result.getType()) && llvm::any_of(result.getUsers(), [&](Operation *user) {
              Operation *outer = function.getBody().front().findAncestorOpInBlock(*user);
              return weights.classify(outer) != WeightAnalysis::Kind::Weight;
            });
        if (!isFrontier)
          continue;
        frontiers.push_back({function, result});
        clones.push_back(mapping.lookup(result));
      }
    }
  }

  /// Makes `value` available in `prepare`: as an argument, or by cloning the constant op that makes it.
  void provide(Value value, func::FuncOp function, OpBuilder &builder, IRMapping &mapping) {
    if (mapping.contains(value))
      return;
    if (Operation *op = value.getDefiningOp()) {
      SetVector<Value> needed(op->operand_begin(), op->operand_end());
      for (Region &region : op->getRegions())
        getUsedValuesDefinedAbove(region, region, needed);
      for (Value own : needed)
        provide(own, function, builder, mapping);
      builder.clone(*op, mapping);
      return;
    }
    unsigned index = cast<BlockArgument>(value).getArgNumber();
    auto [it, inserted] = weightArguments.try_emplace(getArgName(function, index), Value());
    if (inserted) {
      unsigned position = prepare.getNumArguments();
      (void)prepare.insertArgument(position, value.getType(), function.getArgAttrDict(index), value.getLoc());
      it->second = prepare.getArgument(position);
    }
    mapping.map(value, it->second);
  }

  /// "prepared.N.WEIGHT": the first weight that a result depends on helps people who look at a profile or a sidecar.
  SmallVector<std::string> nameResults(ArrayRef<Value> results) {
    SmallVector<std::string> names;
    for (Value result : results) {
      Value source = result;
      while (Operation *op = source.getDefiningOp()) {
        auto tensorOperand = llvm::find_if(op->getOperands(), [&](Value operand) {
          return isa<RankedTensorType>(operand.getType()) && dependsOnArgument(operand);
        });
        if (tensorOperand == op->getOperands().end())
          break;
        source = *tensorOperand;
      }
      std::string name = "prepared." + std::to_string(names.size());
      if (auto argument = dyn_cast<BlockArgument>(source))
        name += ("." + getArgName(prepare, argument.getArgNumber())).str();
      names.push_back(name);
    }
    return names;
  }

  bool dependsOnArgument(Value value) {
    if (isa<BlockArgument>(value))
      return true;
    return llvm::any_of(value.getDefiningOp()->getOperands(),
                        [&](Value operand) { return dependsOnArgument(operand); });
  }

  void usePrepared(const Frontier &frontier, StringRef name) {
    func::FuncOp function = frontier.function;
    Builder builder(&getContext());
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      if (getArgRole(function, i) == kRolePrepared && getArgName(function, i) == name) {
        Value value = frontier.value;
        value.replaceAllUsesWith(function.getArgument(i));
        return;
      }
    unsigned position = function.getNumArguments();
    auto attributes =
        builder.getDictionaryAttr({builder.getNamedAttr(kRoleAttrName, builder.getStringAttr(kRolePrepared)),
                                   builder.getNamedAttr(kNameAttrName, builder.getStringAttr(name))});
    (void)function.insertArgument(position, frontier.value.getType(), attributes, frontier.value.getLoc());
    Value value = frontier.value;
    value.replaceAllUsesWith(function.getArgument(position));
  }

  void eraseUnusedWeights(func::FuncOp function) {
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(function.getBody().front())))
      if (isOpTriviallyDead(&op))
        op.erase();
    llvm::BitVector unused(function.getNumArguments());
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      if (getArgRole(function, i) == kRoleWeight && function.getArgument(i).use_empty())
        unused.set(i);
    (void)function.eraseArguments(unused);
  }

  func::FuncOp prepare;
  llvm::StringMap<Value> weightArguments;
  SmallVector<Value> clones;
};
} // namespace
} // namespace linnet
