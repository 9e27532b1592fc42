//===- PlanWorkspace.cpp - allocations into one workspace -----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Model.h"
#include "compiler/Passes.h"
#include "compiler/vector/SizeBounds.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETPLANWORKSPACE
#include "compiler/Passes.h.inc"

namespace {

/// Every buffer starts on a cache line.
constexpr int64_t kAlignment = 64;
/// What an iteration of a parallel loop may keep on the stack of its thread.
constexpr int64_t kMaxStackBytes = 64 * 1024;

/// A place in the workspace that allocations of one size share when their lives do not overlap.
struct Slot {
  SizeBound size;
  SmallVector<memref::AllocOp> allocations;
  SmallVector<std::pair<int64_t, int64_t>> lives;
};

struct LinnetPlanWorkspace : impl::LinnetPlanWorkspaceBase<LinnetPlanWorkspace> {
  void runOnOperation() override {
    SmallVector<func::FuncOp> functions;
    getOperation().walk([&](func::FuncOp function) {
      if (isModelFunction(function))
        functions.push_back(function);
    });
    for (func::FuncOp function : functions)
      if (failed(plan(function)))
        return signalPassFailure();
  }

  LogicalResult plan(func::FuncOp function) {
    // Positions in the order of the text; an op with regions ends after its regions.
    llvm::DenseMap<Operation *, int64_t> begin, end;
    int64_t counter = 0;
    std::function<void(Operation *)> number = [&](Operation *op) {
      begin[op] = counter++;
      for (Region &region : op->getRegions())
        for (Block &block : region)
          for (Operation &inner : block)
            number(&inner);
      end[op] = counter++;
    };
    number(function);

    SmallVector<memref::AllocOp> allocations;
    function.walk([&](memref::AllocOp op) {
      if (!op.getType().getMemorySpace()) // what the blocks of a kernel share is no part of it
        allocations.push_back(op);
    });
    BufferViewFlowAnalysis flow(function);
    std::map<SizeBound, SmallVector<Slot>> slots;
    for (memref::AllocOp op : allocations) {
      FailureOr<SizeBound> size = computeSize(function, op);
      if (failed(size))
        return failure();
      if (op->getParentOfType<scf::ForallOp>()) {
        if (failed(moveToStack(op, *size)))
          return failure();
        continue;
      }
      int64_t first = begin[op], last = first;
      for (Value alias : flow.resolve(op.getResult()))
        for (Operation *user : alias.getUsers()) {
          // A use inside a loop lasts until the loop ends.
          Operation *outer = op->getBlock()->findAncestorOpInBlock(*user);
          last = std::max(last, end[outer ? outer : user]);
        }
      SmallVector<Slot> &candidates = slots[*size];
      auto isFree = [&](Slot &slot) {
        return llvm::none_of(slot.lives, [&](auto life) { return first <= life.second && life.first <= last; });
      };
      auto slot = llvm::find_if(candidates, isFree);
      if (slot == candidates.end()) {
        candidates.push_back({*size, {}, {}});
        slot = std::prev(candidates.end());
      }
      slot->allocations.push_back(op);
      slot->lives.emplace_back(first, last);
    }
    place(function, slots);
    return success();
  }

  /// The product of the upper bounds of all sizes.
  FailureOr<SizeBound> computeSize(func::FuncOp function, memref::AllocOp op) {
    SizeBound size;
    MemRefType type = op.getType();
    size.bytes = llvm::divideCeil(getElementBits(type.getElementType()), 8);
    for (int64_t extent : type.getShape())
      if (!ShapedType::isDynamic(extent))
        size.bytes *= extent;
    SizeBounds bounds(function);
    for (Value extent : op.getDynamicSizes())
      if (!bounds.multiply(size, extent))
        return op.emitError("the size of this buffer is bounded neither by a constant nor by a symbol of the model");
    llvm::sort(size.factors);
    return size;
  }

  static int64_t getElementBits(Type element) {
    if (auto complex = dyn_cast<ComplexType>(element))
      return 2 * getElementBits(complex.getElementType());
    return element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
  }

  LogicalResult moveToStack(memref::AllocOp op, const SizeBound &size) {
    if (!size.factors.empty() || size.bytes > kMaxStackBytes)
      return op.emitError() << "a parallel iteration would need a buffer of "
                            << (size.factors.empty() ? std::to_string(size.bytes) + " bytes" : "dynamic size")
                            << ", at most " << kMaxStackBytes << " bytes are possible";
    OpBuilder builder(op);
    // The bound, not the dynamic size: a stack slot of constant size can be placed once, in the entry block.
    auto bytes = MemRefType::get({static_cast<int64_t>(llvm::alignTo(size.bytes, kAlignment))}, builder.getI8Type());
    Value buffer = memref::AllocaOp::create(builder, op.getLoc(), bytes, builder.getI64IntegerAttr(kAlignment));
    Value zero = arith::ConstantIndexOp::create(builder, op.getLoc(), 0);
    op.replaceAllUsesWith(
        memref::ViewOp::create(builder, op.getLoc(), op.getType(), buffer, zero, op.getDynamicSizes()).getResult());
    op.erase();
    return success();
  }

  /// Gives every slot its offset, replaces the allocations, and builds NAME_workspace_bytes(symbols...).
  void place(func::FuncOp function, std::map<SizeBound, SmallVector<Slot>> &slots) {
    OpBuilder builder(&getContext());
    Location loc = function.getLoc();
    unsigned position = function.getNumArguments();
    auto attributes =
        builder.getDictionaryAttr({builder.getNamedAttr(kRoleAttrName, builder.getStringAttr(kRoleWorkspace))});
    (void)function.insertArgument(position, MemRefType::get({ShapedType::kDynamic}, builder.getI8Type()), attributes,
                                  loc);
    Value workspace = function.getArgument(position);
    builder.setInsertionPointToStart(&function.getBody().front());
    llvm::StringMap<Value> sizes = readSymbols(builder, function);
    Value offset = arith::ConstantIndexOp::create(builder, loc, 0);
    SmallVector<std::pair<memref::AllocOp, Value>> placed;
    for (auto &[size, places] : slots)
      for (Slot &slot : places) {
        for (memref::AllocOp op : slot.allocations)
          placed.emplace_back(op, offset);
        offset = arith::AddIOp::create(builder, loc, offset, emitBytes(builder, loc, size, sizes));
      }
    for (auto [op, offset] : placed) {
      builder.setInsertionPoint(op);
      op.replaceAllUsesWith(
          memref::ViewOp::create(builder, op.getLoc(), op.getType(), workspace, offset, op.getDynamicSizes())
              .getResult());
      op.erase();
    }
    buildSizeFunction(function, slots);
  }

  /// The value of every symbol of the arguments.
  llvm::StringMap<Value> readSymbols(OpBuilder &builder, func::FuncOp function) {
    llvm::StringMap<Value> sizes;
    for (BlockArgument argument : function.getArguments()) {
      auto symbols = function.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(), kSymbolsAttrName);
      auto type = dyn_cast<MemRefType>(argument.getType());
      for (int64_t dim = 0; type && symbols && dim < type.getRank(); ++dim) {
        StringRef symbol = getSymbol(type, symbols, dim);
        if (!symbol.empty() && !sizes.contains(symbol))
          sizes[symbol] = memref::DimOp::create(builder, argument.getLoc(), argument, dim);
      }
    }
    return sizes;
  }

  Value emitBytes(OpBuilder &builder, Location loc, const SizeBound &size, llvm::StringMap<Value> &symbols) {
    if (size.factors.empty())
      return arith::ConstantIndexOp::create(builder, loc, llvm::alignTo(size.bytes, kAlignment));
    Value bytes = arith::ConstantIndexOp::create(builder, loc, size.bytes);
    for (const Factor &factor : size.factors) {
      Value extent = symbols.lookup(factor.symbols.front());
      for (const std::string &symbol : llvm::drop_begin(factor.symbols))
        extent = arith::AddIOp::create(builder, loc, extent, symbols.lookup(symbol));
      if (factor.divisor != 1)
        extent =
            arith::DivUIOp::create(builder, loc, extent, arith::ConstantIndexOp::create(builder, loc, factor.divisor));
      if (factor.addend != 0)
        extent =
            arith::AddIOp::create(builder, loc, extent, arith::ConstantIndexOp::create(builder, loc, factor.addend));
      bytes = arith::MulIOp::create(builder, loc, bytes, extent);
    }
    Value padded =
        arith::AddIOp::create(builder, loc, bytes, arith::ConstantIndexOp::create(builder, loc, kAlignment - 1));
    Value mask = arith::ConstantIndexOp::create(builder, loc, -kAlignment);
    return arith::AndIOp::create(builder, loc, padded, mask);
  }

  /// The arguments are the symbols of the module, in its order.
  void buildSizeFunction(func::FuncOp function, std::map<SizeBound, SmallVector<Slot>> &slots) {
    auto names = getOperation()->getAttrOfType<ArrayAttr>(kSymbolsAttrName);
    OpBuilder builder = OpBuilder::atBlockEnd(getOperation().getBody());
    SmallVector<Type> types(names ? names.size() : 0, builder.getIndexType());
    auto sizeFunction =
        func::FuncOp::create(builder, function.getLoc(), (function.getName() + "_workspace_bytes").str(),
                             builder.getFunctionType(types, builder.getIndexType()));
    builder.setInsertionPointToStart(sizeFunction.addEntryBlock());
    llvm::StringMap<Value> symbols;
    for (auto [i, argument] : llvm::enumerate(sizeFunction.getArguments()))
      symbols[cast<StringAttr>(names[i]).getValue()] = argument;
    Value total = arith::ConstantIndexOp::create(builder, function.getLoc(), 0);
    for (auto &[size, places] : slots)
      for (size_t i = 0; i < places.size(); ++i)
        total = arith::AddIOp::create(builder, function.getLoc(), total,
                                      emitBytes(builder, function.getLoc(), size, symbols));
    func::ReturnOp::create(builder, function.getLoc(), total);
  }
};
} // namespace
} // namespace linnet
