//===- OutlineParallel.cpp - parallel loops as calls of the runtime -------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Model.h"
#include "compiler/Passes.h"

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETOUTLINEPARALLEL
#include "compiler/Passes.h.inc"

namespace {

/// The field of linnet_host (runtime/include/linnet/model.h) that holds parallel_for.
constexpr int32_t kParallelForField = 2;

/// Assumed trips of a loop whose bounds are not known where the parallel loop starts.
constexpr int64_t kAssumedTrips = 16;

/// What an op costs in quarter nanoseconds, roughly: the cost model only decides whether threads are worth waking.
int64_t getOpCost(Operation &op) {
  if (isa<arith::ConstantOp, memref::SubViewOp, scf::YieldOp>(op))
    return 0;
  return 1;
}

struct LinnetOutlineParallel : impl::LinnetOutlineParallelBase<LinnetOutlineParallel> {
  void runOnOperation() override {
    SmallVector<func::FuncOp> functions;
    getOperation().walk([&](func::FuncOp function) {
      if (isModelFunction(function))
        functions.push_back(function);
    });
    LLVMTypeConverter converter(&getContext());
    for (func::FuncOp function : functions) {
      auto pointer = LLVM::LLVMPointerType::get(&getContext());
      (void)function.insertArgument(0, pointer, DictionaryAttr::get(&getContext()), function.getLoc());
      SmallVector<scf::ForallOp> loops;
      function.walk<WalkOrder::PreOrder>([&](scf::ForallOp loop) {
        loops.push_back(loop);
        return WalkResult::skip();
      });
      for (scf::ForallOp loop : loops)
        outline(function, loop, converter);
    }
    Builder builder(&getContext());
    getOperation()->setAttr(kOpsAttrName, builder.getArrayAttr(ops));
  }

  void outline(func::FuncOp function, scf::ForallOp loop, const LLVMTypeConverter &converter) {
    ImplicitLocOpBuilder b(loop.getLoc(), loop);
    auto pointer = LLVM::LLVMPointerType::get(&getContext());

    // What the body needs from outside: constants are made anew, the rest travels in a struct.
    llvm::SetVector<Value> captured, values;
    getUsedValuesDefinedAbove(loop.getRegion(), loop.getRegion(), captured);
    SmallVector<Value> lowers = loop.getLowerBound(b), uppers = loop.getUpperBound(b), steps = loop.getStep(b);
    captured.insert(lowers.begin(), lowers.end());
    captured.insert(steps.begin(), steps.end());
    SmallVector<Value> trips;
    Value count = arith::ConstantIndexOp::create(b, 1);
    for (auto [lower, upper, step] : llvm::zip_equal(lowers, uppers, steps)) {
      Value extent = b.createOrFold<arith::SubIOp>(upper, lower);
      trips.push_back(b.createOrFold<arith::CeilDivSIOp>(extent, step));
      count = b.createOrFold<arith::MulIOp>(count, trips.back());
    }
    captured.insert(trips.begin(), trips.end());
    SmallVector<Type> fields;
    for (Value value : captured) {
      if (Operation *op = value.getDefiningOp(); op && op->hasTrait<OpTrait::ConstantLike>())
        continue;
      values.insert(value);
      fields.push_back(converter.convertType(value.getType()));
    }
    auto environmentType = LLVM::LLVMStructType::getLiteral(&getContext(), fields);

    func::FuncOp body = shareBody(buildBody(function, loop, captured, values, environmentType, lowers, steps, trips));

    // One environment per loop in the frame of the function: it lives as long as the call.
    Value environment;
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(&function.getBody().front());
      Value one = LLVM::ConstantOp::create(b, b.getI64Type(), b.getI64IntegerAttr(1));
      // As aligned as its type asks for: a loop may capture vectors.
      environment = LLVM::AllocaOp::create(b, pointer, environmentType, one, /*alignment=*/0);
    }
    Value filled = LLVM::PoisonOp::create(b, environmentType);
    for (auto [i, value] : llvm::enumerate(values)) {
      Value field = UnrealizedConversionCastOp::create(b, fields[i], value).getResult(0);
      filled = LLVM::InsertValueOp::create(b, filled, field, i);
    }
    LLVM::StoreOp::create(b, filled, environment);

    Value host = function.getArgument(0);
    Value address = UnrealizedConversionCastOp::create(
                        b, pointer, func::ConstantOp::create(b, body.getFunctionType(), body.getName()).getResult())
                        .getResult(0);
    auto hostType = LLVM::LLVMStructType::getLiteral(&getContext(), {b.getI32Type(), b.getI32Type(), pointer, pointer});
    Value entry = LLVM::GEPOp::create(b, pointer, hostType, host, ArrayRef<LLVM::GEPArg>{0, kParallelForField});
    Value parallelFor = LLVM::LoadOp::create(b, pointer, entry);
    auto toI64 = [&](Value index) -> Value { return arith::IndexCastOp::create(b, b.getI64Type(), index); };
    Value op = arith::ConstantOp::create(b, b.getI32IntegerAttr(getOpIndex(loop)));
    Value cost = emitCost(b, loop);
    auto callType =
        LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(&getContext()),
                                    {pointer, b.getI32Type(), b.getI64Type(), b.getI64Type(), pointer, pointer});
    LLVM::CallOp::create(b, callType,
                         ValueRange{parallelFor, host, op, toI64(count), toI64(cost), address, environment});
    loop.erase();
  }

  /// NAME_body_N(environment, begin, end): a loop over the linear index, outermost dimension slowest.
  func::FuncOp buildBody(func::FuncOp function, scf::ForallOp loop, const llvm::SetVector<Value> &captured,
                         const llvm::SetVector<Value> &values, Type environmentType, ArrayRef<Value> lowers,
                         ArrayRef<Value> steps, ArrayRef<Value> trips) {
    auto pointer = LLVM::LLVMPointerType::get(&getContext());
    OpBuilder atModule(function);
    Type i64 = atModule.getI64Type();
    std::string name = (function.getName() + "_body_" + std::to_string(bodies++)).str();
    auto body = func::FuncOp::create(atModule, loop.getLoc(), name, atModule.getFunctionType({pointer, i64, i64}, {}));
    body.setPrivate();
    ImplicitLocOpBuilder b(loop.getLoc(), atModule);
    b.setInsertionPointToStart(body.addEntryBlock());
    Value environment = LLVM::LoadOp::create(b, environmentType, body.getArgument(0));
    IRMapping mapping;
    for (Value value : captured) {
      if (!values.contains(value)) {
        b.clone(*value.getDefiningOp(), mapping);
        continue;
      }
      int64_t position = std::distance(values.begin(), llvm::find(values, value));
      Value field = LLVM::ExtractValueOp::create(b, environment, position);
      mapping.map(value, UnrealizedConversionCastOp::create(b, value.getType(), field).getResult(0));
    }
    auto toIndex = [&](Value integer) -> Value { return arith::IndexCastOp::create(b, b.getIndexType(), integer); };
    Value begin = toIndex(body.getArgument(1)), end = toIndex(body.getArgument(2));
    Value one = arith::ConstantIndexOp::create(b, 1);
    auto range = scf::ForOp::create(b, begin, end, one);
    func::ReturnOp last = func::ReturnOp::create(b);
    b.setInsertionPointToStart(range.getBody());
    Value rest = range.getInductionVar();
    SmallVector<Value> inductions = loop.getInductionVars();
    for (int64_t i = inductions.size() - 1; i >= 0; --i) {
      Value position = rest;
      if (i > 0) {
        Value trip = mapping.lookup(trips[i]);
        position = arith::RemUIOp::create(b, rest, trip);
        rest = arith::DivUIOp::create(b, rest, trip);
      }
      Value scaled = arith::MulIOp::create(b, position, mapping.lookup(steps[i]));
      mapping.map(inductions[i], arith::AddIOp::create(b, mapping.lookup(lowers[i]), scaled).getResult());
    }
    for (Operation &op : loop.getBody()->without_terminator())
      b.clone(op, mapping);
    // Stack buffers of an iteration are reused by the next one.
    range.walk([&](memref::AllocaOp alloca) { alloca->moveBefore(&body.getBody().front().front()); });
    // Their fences wait for stores past the caches: once for the whole range.
    SmallVector<LLVM::FenceOp> fences;
    range.walk([&](LLVM::FenceOp fence) { fences.push_back(fence); });
    for (LLVM::FenceOp fence : fences)
      fence == fences.front() ? fence->moveBefore(last) : fence->erase();
    return body;
  }

  /// The layers of a model, and the functions that run them, have equal loops: one body serves them all.
  func::FuncOp shareBody(func::FuncOp body) {
    int64_t size = 0;
    body.walk([&](Operation *op) { ++size; });
    SmallVector<func::FuncOp> &known = bodiesBySize[size];
    for (func::FuncOp other : known)
      if (OperationEquivalence::isRegionEquivalentTo(&other.getBody(), &body.getBody(),
                                                     OperationEquivalence::IgnoreLocations)) {
        body.erase();
        return other;
      }
    known.push_back(body);
    return body;
  }

  /// Nanoseconds of one iteration, from the trips of its loops as far as they are known before it runs.
  Value emitCost(ImplicitLocOpBuilder &b, scf::ForallOp loop) {
    Value quarters = emitBlockCost(b, *loop.getBody(), loop);
    return b.createOrFold<arith::DivUIOp>(quarters, arith::ConstantIndexOp::create(b, 4));
  }

  Value emitBlockCost(ImplicitLocOpBuilder &b, Block &block, scf::ForallOp loop) {
    int64_t constant = 0;
    Value sum = arith::ConstantIndexOp::create(b, 0);
    for (Operation &op : block) {
      if (auto inner = dyn_cast<scf::ForOp>(op)) {
        Value trips = arith::ConstantIndexOp::create(b, kAssumedTrips);
        SmallVector<Value> bounds = {inner.getLowerBound(), inner.getUpperBound(), inner.getStep()};
        bool known = llvm::all_of(bounds, [&](Value bound) {
          return getConstantIntValue(bound) || !loop.getRegion().isAncestor(bound.getParentRegion());
        });
        if (known) {
          for (Value &bound : bounds)
            if (auto value = getConstantIntValue(bound))
              bound = arith::ConstantIndexOp::create(b, *value);
          Value extent = b.createOrFold<arith::SubIOp>(bounds[1], bounds[0]);
          trips = b.createOrFold<arith::CeilDivSIOp>(extent, bounds[2]);
        }
        Value cost = b.createOrFold<arith::MulIOp>(emitBlockCost(b, *inner.getBody(), loop), trips);
        sum = b.createOrFold<arith::AddIOp>(sum, cost);
      } else if (auto branch = dyn_cast<scf::IfOp>(op)) {
        // Versions of one loop, or what is seldom done.
        Block *likely = branch.elseBlock() ? branch.elseBlock() : branch.thenBlock();
        sum = b.createOrFold<arith::AddIOp>(sum, emitBlockCost(b, *likely, loop));
      } else {
        constant += getOpCost(op);
      }
    }
    return b.createOrFold<arith::AddIOp>(sum, arith::ConstantIndexOp::create(b, constant));
  }

  /// The place of [name, kind] among the ops of the module.
  int32_t getOpIndex(scf::ForallOp loop) {
    Builder builder(&getContext());
    StringRef name = "unnamed";
    if (auto nameLoc = loop.getLoc()->findInstanceOf<NameLoc>())
      name = nameLoc.getName().getValue();
    auto kind = loop->getAttrOfType<StringAttr>(kKindAttrName);
    Attribute entry = builder.getStrArrayAttr({name, kind ? kind.getValue() : "scf.forall"});
    auto found = llvm::find(ops, entry);
    if (found != ops.end())
      return std::distance(ops.begin(), found);
    ops.push_back(entry);
    return ops.size() - 1;
  }

  SmallVector<Attribute> ops;
  int64_t bodies = 0;
  DenseMap<int64_t, SmallVector<func::FuncOp>> bodiesBySize;
};
} // namespace
} // namespace linnet
