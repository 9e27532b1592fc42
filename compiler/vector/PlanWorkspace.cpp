//===- PlanWorkspace.cpp - allocations into one workspace -----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Model.h"
#include "compiler/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"
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

/// The upper bound of an extent: symbol floordiv divisor + addend.
struct Factor {
  std::string symbol;
  int64_t divisor = 1, addend = 0;

  bool operator<(const Factor &other) const {
    return std::tie(symbol, divisor, addend) < std::tie(other.symbol, other.divisor, other.addend);
  }
};

/// An upper bound of a size in bytes: a constant times extents that depend on symbols of the model.
struct Size {
  int64_t bytes = 1;
  std::vector<Factor> factors; // sorted

  bool operator<(const Size &other) const { return std::tie(factors, bytes) < std::tie(other.factors, other.bytes); }
};

/// A place in the workspace that allocations of one size share when their lives do not overlap.
struct Slot {
  Size size;
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
    function.walk([&](memref::AllocOp op) { allocations.push_back(op); });
    BufferViewFlowAnalysis flow(function);
    std::map<Size, SmallVector<Slot>> slots;
    for (memref::AllocOp op : allocations) {
      FailureOr<Size> size = computeSize(function, op);
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
  FailureOr<Size> computeSize(func::FuncOp function, memref::AllocOp op) {
    Size size;
    MemRefType type = op.getType();
    size.bytes = llvm::divideCeil(getElementBits(type.getElementType()), 8);
    for (int64_t extent : type.getShape())
      if (!ShapedType::isDynamic(extent))
        size.bytes *= extent;
    SmallVector<Value> extents(op.getDynamicSizes());
    while (!extents.empty()) {
      Value extent = extents.pop_back_val();
      if (auto product = extent.getDefiningOp<arith::MulIOp>()) {
        extents.append({product.getLhs(), product.getRhs()});
        continue;
      }
      FailureOr<int64_t> bound = ValueBoundsConstraintSet::computeConstantBound(
          presburger::BoundType::UB, {extent, std::nullopt}, /*stopCondition=*/nullptr, /*closedUB=*/true);
      if (succeeded(bound)) {
        size.bytes *= std::max<int64_t>(*bound, 0);
        continue;
      }
      std::optional<Factor> factor = findFactor(function, extent);
      if (!factor)
        return op.emitError("the size of this buffer is bounded neither by a constant nor by a symbol of the model");
      size.factors.push_back(*factor);
    }
    llvm::sort(size.factors);
    return size;
  }

  static int64_t getElementBits(Type element) {
    if (auto complex = dyn_cast<ComplexType>(element))
      return 2 * getElementBits(complex.getElementType());
    return element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
  }

  /// What bounds `extent`: the dimension of an argument, a quotient of it, or a minimum with one of these.
  std::optional<Factor> findFactor(func::FuncOp function, Value extent) {
    if (auto dim = extent.getDefiningOp<memref::DimOp>()) {
      auto argument = dyn_cast<BlockArgument>(dim.getSource());
      std::optional<int64_t> index = dim.getConstantIndex();
      if (!argument || argument.getOwner() != &function.getBody().front() || !index)
        return std::nullopt;
      auto symbols = function.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(), kSymbolsAttrName);
      StringRef symbol = getSymbol(cast<MemRefType>(argument.getType()), symbols, *index);
      return symbol.empty() ? std::nullopt : std::optional(Factor{symbol.str()});
    }
    AffineMap map;
    if (auto min = extent.getDefiningOp<affine::AffineMinOp>())
      map = min.getMap(); // min(..., x, ...) is at most x
    else if (auto apply = extent.getDefiningOp<affine::AffineApplyOp>())
      map = apply.getAffineMap();
    else
      return std::nullopt;
    for (AffineExpr result : map.getResults())
      if (std::optional<Factor> factor = findFactor(function, result, map, extent.getDefiningOp()->getOperands()))
        return factor;
    return std::nullopt;
  }

  std::optional<Factor> findFactor(func::FuncOp function, AffineExpr expression, AffineMap map, ValueRange operands) {
    if (auto dim = dyn_cast<AffineDimExpr>(expression))
      return findFactor(function, operands[dim.getPosition()]);
    if (auto symbol = dyn_cast<AffineSymbolExpr>(expression))
      return findFactor(function, operands[map.getNumDims() + symbol.getPosition()]);
    auto binary = dyn_cast<AffineBinaryOpExpr>(expression);
    auto constant = binary ? dyn_cast<AffineConstantExpr>(binary.getRHS()) : AffineConstantExpr();
    if (!constant)
      return std::nullopt;
    std::optional<Factor> factor = findFactor(function, binary.getLHS(), map, operands);
    if (factor && binary.getKind() == AffineExprKind::Add && constant.getValue() >= 0) {
      factor->addend += constant.getValue();
      return factor;
    }
    if (factor && binary.getKind() == AffineExprKind::FloorDiv && factor->addend == 0 && constant.getValue() > 0) {
      factor->divisor *= constant.getValue();
      return factor;
    }
    return std::nullopt;
  }

  LogicalResult moveToStack(memref::AllocOp op, const Size &size) {
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
  void place(func::FuncOp function, std::map<Size, SmallVector<Slot>> &slots) {
    OpBuilder builder(&getContext());
    Location loc = function.getLoc();
    unsigned position = function.getNumArguments();
    auto attributes = builder.getDictionaryAttr(
        {builder.getNamedAttr(kRoleAttrName, builder.getStringAttr(kRoleWorkspace))});
    (void)function.insertArgument(position, MemRefType::get({ShapedType::kDynamic}, builder.getI8Type()), attributes,
                                  loc);
    Value workspace = function.getArgument(position);
    builder.setInsertionPointToStart(&function.getBody().front());
    llvm::StringMap<Value> sizes = readSymbols(builder, function);
    Value offset = arith::ConstantIndexOp::create(builder, loc, 0);
    for (auto &[size, places] : slots)
      for (Slot &slot : places) {
        for (memref::AllocOp op : slot.allocations) {
          OpBuilder at(op);
          op.replaceAllUsesWith(
              memref::ViewOp::create(at, op.getLoc(), op.getType(), workspace, offset, op.getDynamicSizes())
                  .getResult());
          op.erase();
        }
        offset = arith::AddIOp::create(builder, loc, offset, emitBytes(builder, loc, size, sizes));
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

  Value emitBytes(OpBuilder &builder, Location loc, const Size &size, llvm::StringMap<Value> &symbols) {
    if (size.factors.empty())
      return arith::ConstantIndexOp::create(builder, loc, llvm::alignTo(size.bytes, kAlignment));
    Value bytes = arith::ConstantIndexOp::create(builder, loc, size.bytes);
    for (const Factor &factor : size.factors) {
      Value extent = symbols.lookup(factor.symbol);
      if (factor.divisor != 1)
        extent = arith::DivUIOp::create(builder, loc, extent,
                                        arith::ConstantIndexOp::create(builder, loc, factor.divisor));
      if (factor.addend != 0)
        extent = arith::AddIOp::create(builder, loc, extent,
                                       arith::ConstantIndexOp::create(builder, loc, factor.addend));
      bytes = arith::MulIOp::create(builder, loc, bytes, extent);
    }
    Value padded = arith::AddIOp::create(builder, loc, bytes, arith::ConstantIndexOp::create(builder, loc, kAlignment - 1));
    Value mask = arith::ConstantIndexOp::create(builder, loc, -kAlignment);
    return arith::AndIOp::create(builder, loc, padded, mask);
  }

  /// The arguments are the symbols of the module, in its order.
  void buildSizeFunction(func::FuncOp function, std::map<Size, SmallVector<Slot>> &slots) {
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
