//===- Scan.cpp - scan and recurrence: verifiers, shapes, interfaces ------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/linnet/Linnet.h"
#include "dialects/linnet/Shapes.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace linnet;

//===----------------------------------------------------------------------===//
// What both ops share
//===----------------------------------------------------------------------===//

static ArrayRef<int64_t> shapeOf(Value value) { return shapedType(value).getShape(); }

/// The type of one element in a region: a scalar, or a static tensor of the last `rank` dimensions.
static Type elementOf(Value tensor, int64_t rank) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (rank == 0)
    return type.getElementType();
  return RankedTensorType::get(type.getShape().take_back(rank), type.getElementType());
}

static std::string printTypes(TypeRange types) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << '(';
  llvm::interleaveComma(types, os);
  os << ')';
  return text;
}

/// `shape` without the scanned dimension.
template <typename Size> static SmallVector<Size> dropDim(ArrayRef<Size> shape, int64_t dim) {
  SmallVector<Size> state(shape);
  state.erase(state.begin() + dim);
  return state;
}

/// The elements of `value` have static sizes, and there are enough dimensions for them.
static LogicalResult verifyElement(Operation *op, StringRef name, Value value, int64_t rank, int64_t scanRank,
                                   StringRef constraint) {
  ArrayRef<int64_t> shape = shapeOf(value);
  if (rank < 0 || static_cast<int64_t>(shape.size()) != scanRank + rank)
    return op->emitOpError() << "expected " << name << " to have " << scanRank << " dimensions and " << rank
                             << " of an element, got " << value.getType() << " [" << constraint << "]";
  if (llvm::any_of(shape.take_back(rank), ShapedType::isDynamic))
    return op->emitOpError() << "expected the element dimensions of " << name << " to be static, got "
                             << value.getType() << " [" << constraint << "]";
  return success();
}

static LogicalResult verifyRegionTypes(Operation *op, Region &region, TypeRange arguments, TypeRange yielded,
                                       StringRef constraint) {
  Block &block = region.front();
  if (TypeRange(block.getArgumentTypes()) != arguments)
    return op->emitOpError() << "expected a region with arguments of types " << printTypes(arguments) << ", got "
                             << printTypes(block.getArgumentTypes()) << " [" << constraint << "]";
  // The verifier of blocks runs after this one: there may be no operation at all.
  auto yield = block.empty() ? YieldOp() : dyn_cast<YieldOp>(block.back());
  if (!yield)
    return op->emitOpError() << "expected the region to end with linnet.yield, got "
                             << (block.empty() ? "nothing" : block.back().getName().getStringRef()) << " ["
                             << constraint << "]";
  if (TypeRange(yield->getOperandTypes()) != yielded)
    return op->emitOpError() << "expected the region to yield values of types " << printTypes(yielded) << ", got "
                             << printTypes(yield->getOperandTypes()) << " [" << constraint << "]";
  return success();
}

/// Each number of element dimensions is at least 0.
static LogicalResult verifyRanks(Operation *op, StringRef name, ArrayRef<int64_t> ranks, StringRef constraint) {
  for (int64_t rank : ranks)
    if (rank < 0)
      return op->emitOpError() << "expected " << name << " of at least 0, got " << rank << " [" << constraint << "]";
  return success();
}

/// The scan dimensions as far as all of `values` together tell them; their other dimensions are those of elements.
static SmallVector<int64_t> joinScanShapes(ValueRange values, int64_t scanRank) {
  SmallVector<int64_t> joined(scanRank, ShapedType::kDynamic);
  for (Value value : values)
    joined = joinShapes(joined, shapeOf(value).take_front(scanRank));
  return joined;
}

/// What shape inference knows of an output or a state: the scan dimensions, and its own element dimensions.
static SmallVector<int64_t> withElement(ArrayRef<int64_t> scanShape, Value init, int64_t rank) {
  SmallVector<int64_t> shape(scanShape);
  llvm::append_range(shape, shapeOf(init).take_back(rank));
  return shape;
}

/// Result types are those of the inits; the operand groups are inputs, y_inits, state_inits and, of a scan, segments.
template <typename OpTy>
static LogicalResult inferInitTypes(ValueRange operands, DictionaryAttr attributes, OpaqueProperties properties,
                                    RegionRange regions, SmallVectorImpl<Type> &types) {
  typename OpTy::Adaptor adaptor(operands, attributes, properties, regions);
  llvm::append_range(types, adaptor.getYInits().getTypes());
  llvm::append_range(types, adaptor.getStateInits().getTypes());
  return success();
}

//===----------------------------------------------------------------------===//
// scan
//===----------------------------------------------------------------------===//

LogicalResult ScanOp::inferReturnTypes(MLIRContext *, std::optional<Location>, ValueRange operands,
                                       DictionaryAttr attributes, OpaqueProperties properties, RegionRange regions,
                                       SmallVectorImpl<Type> &types) {
  return inferInitTypes<ScanOp>(operands, attributes, properties, regions, types);
}

int64_t ScanOp::getScanRank() { return shapedType(getInputs()[0]).getRank() - getElementRank(0); }

LogicalResult ScanOp::verify() {
  size_t count = getInputs().size();
  if (count == 0)
    return emitOpError("expected at least one input, got 0 [scan C1]");
  if (getYInits().size() != count || getStateInits().size() != count)
    return emitOpError() << "expected one y and one state for each of the " << count << " inputs, got "
                         << getYInits().size() << " and " << getStateInits().size() << " [scan C1]";
  if (!getElementRanks().empty() && getElementRanks().size() != count)
    return emitOpError() << "expected one element rank for each of the " << count << " inputs, got "
                         << getElementRanks().size() << " [scan C2]";
  if (failed(verifyRanks(*this, "element ranks", getElementRanks(), "scan C2")))
    return failure();
  int64_t scanRank = getScanRank(), dimension = getDimension();
  if (dimension < 0 || dimension >= scanRank)
    return emitOpError() << "expected dimension to be in [0, " << scanRank << "), got " << dimension << " [scan C3]";
  SmallVector<CommonSize> sizes = getSizes(getInputs()[0]);
  sizes.truncate(scanRank);
  SmallVector<CommonSize *> scanShape = refer(sizes);
  SmallVector<Type> elements;
  for (auto [i, input] : llvm::enumerate(getInputs())) {
    std::string name = "input " + std::to_string(i);
    int64_t rank = getElementRank(i);
    if (failed(verifyElement(*this, name, input, rank, scanRank, "scan C4")))
      return failure();
    SmallVector<CommonSize> inputSizes = getSizes(input);
    SmallVector<CommonSize *> shape(scanShape);
    llvm::append_range(shape, refer(MutableArrayRef(inputSizes).take_back(rank)));
    if (failed(verifyShape(*this, name, input, shape, "scan C5")) ||
        failed(verifyShape(*this, "y " + std::to_string(i), getYInits()[i], shape, "scan C5")) ||
        failed(verifyShape(*this, "state " + std::to_string(i), getStateInits()[i],
                           dropDim<CommonSize *>(shape, dimension), "scan C5")))
      return failure();
    Type element = shapedType(input).getElementType();
    for (auto [what, value] : {std::pair("y ", getYInits()[i]), std::pair("state ", getStateInits()[i])})
      if (failed(verifyElementType(*this, what + std::to_string(i), value, element, "scan C6")))
        return failure();
    elements.push_back(elementOf(input, rank));
  }
  if (Value segments = getSegmentStart()) {
    if (failed(verifyShape(*this, "segments", segments, scanShape, "scan C7")))
      return failure();
    // A vector of i1 is packed in memory, a buffer of i1 is not.
    Type flag = shapedType(segments).getElementType();
    if (!flag.isInteger() || flag.getIntOrFloatBitWidth() < 8)
      return emitOpError() << "expected segments to have integer elements of 8 bits or more, got "
                           << shapedType(segments).getElementType() << " [scan C7]";
  }
  if (getExclusive() && getUnseeded())
    return emitOpError("expected an exclusive scan to have an initial value, got unseeded [scan C8]");
  if (getKind() == ScanKind::Custom) {
    if (getCombiners().size() != 1)
      return emitOpError("expected one region for kind custom, got none [scan C9]");
    SmallVector<Type> arguments(elements);
    arguments.append(elements);
    if (failed(verifyRegionTypes(*this, getCombiner(), arguments, elements, "scan C10")))
      return failure();
    if (getExclusive() && getSegmentStart())
      return emitOpError("expected no segments where a custom scan is exclusive, as it has no identity [scan C12]");
    return success();
  }
  if (!getCombiners().empty())
    return emitOpError() << "expected no region for kind " << stringifyScanKind(getKind()) << ", got one [scan C9]";
  Type element = elements[0];
  bool isFloat = element.isF32() || element.isF64();
  if (count != 1 || !(isFloat || (element.isInteger() && getKind() != ScanKind::LogAddExp)))
    return emitOpError() << "expected one input with scalar elements of type f32, f64"
                         << (getKind() == ScanKind::LogAddExp ? "" : " or integer") << " for kind "
                         << stringifyScanKind(getKind()) << ", got " << printTypes(elements) << " [scan C11]";
  return success();
}

LogicalResult ScanOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

LogicalResult ScanOp::canonicalize(ScanOp op, PatternRewriter &rewriter) {
  SmallVector<Value> sources(op.getInputs());
  if (Value segments = op.getSegmentStart())
    sources.push_back(segments);
  SmallVector<int64_t> scanShape = joinScanShapes(sources, op.getScanRank());
  SmallVector<SmallVector<int64_t>> inferred;
  for (auto [i, y] : llvm::enumerate(op.getYInits()))
    inferred.push_back(withElement(scanShape, y, op.getElementRank(i)));
  for (auto [i, state] : llvm::enumerate(op.getStateInits()))
    inferred.push_back(withElement(dropDim<int64_t>(scanShape, op.getDimension()), state, op.getElementRank(i)));
  return refineInits(op, inferred, rewriter);
}

std::optional<int64_t> ScanOp::getOperandTimeDim(OpOperand &operand) {
  unsigned firstState = getInputs().size() + getYInits().size();
  unsigned index = operand.getOperandNumber();
  bool isState = index >= firstState && index < firstState + getStateInits().size();
  return isState ? std::nullopt : std::optional<int64_t>(getDimension());
}

std::optional<int64_t> ScanOp::getResultTimeDim(unsigned index) {
  return index < getYInits().size() ? std::optional<int64_t>(getDimension()) : std::nullopt;
}

bool ScanOp::isCausal() { return !getReverse() && !getUnseeded(); }

int64_t ScanOp::getFlops(int64_t dynamicSize) {
  int64_t perElement = 1;
  if (getKind() == ScanKind::LogAddExp)
    perElement = 6;
  else if (getKind() == ScanKind::Custom)
    perElement = getCombiner().front().getOperations().size() - 1;
  return perElement * countElements(shapeOf(getInputs()[0]).take_front(getScanRank()), dynamicSize);
}

//===----------------------------------------------------------------------===//
// recurrence
//===----------------------------------------------------------------------===//

LogicalResult RecurrenceOp::inferReturnTypes(MLIRContext *, std::optional<Location>, ValueRange operands,
                                             DictionaryAttr attributes, OpaqueProperties properties,
                                             RegionRange regions, SmallVectorImpl<Type> &types) {
  return inferInitTypes<RecurrenceOp>(operands, attributes, properties, regions, types);
}

int64_t RecurrenceOp::getScanRank() { return shapedType(getInputs()[0]).getRank() - getInputRank(0); }

LogicalResult RecurrenceOp::verify() {
  size_t inputs = getInputs().size(), outputs = getYInits().size(), states = getStateInits().size();
  if (inputs == 0 || states == 0)
    return emitOpError() << "expected at least one input and one state, got " << inputs << " and " << states
                         << " [recurrence C1]";
  if (!getRanks().empty() && getRanks().size() != inputs + outputs + states)
    return emitOpError() << "expected one rank for each of the " << inputs + outputs + states
                         << " inputs, outputs and states, got " << getRanks().size() << " [recurrence C2]";
  if (failed(verifyRanks(*this, "ranks", getRanks(), "recurrence C2")))
    return failure();
  int64_t scanRank = getScanRank(), dimension = getDimension();
  if (dimension < 0 || dimension >= scanRank)
    return emitOpError() << "expected dimension to be in [0, " << scanRank << "), got " << dimension
                         << " [recurrence C3]";
  SmallVector<CommonSize> sizes = getSizes(getInputs()[0]);
  sizes.truncate(scanRank);
  SmallVector<CommonSize *> scanShape = refer(sizes);
  SmallVector<Type> arguments, yielded;
  // One value: its scan dimensions are those of input 0, without time for a state.
  auto verifyValue = [&](StringRef what, unsigned index, Value value, int64_t rank, bool isState) -> LogicalResult {
    std::string name = (what + " " + std::to_string(index)).str();
    if (failed(verifyElement(*this, name, value, rank, scanRank - isState, "recurrence C4")))
      return failure();
    SmallVector<CommonSize> own = getSizes(value);
    SmallVector<CommonSize *> shape = isState ? dropDim<CommonSize *>(scanShape, dimension) : scanShape;
    llvm::append_range(shape, refer(MutableArrayRef(own).take_back(rank)));
    return verifyShape(*this, name, value, shape, "recurrence C5");
  };
  for (auto [i, state] : llvm::enumerate(getStateInits())) {
    if (failed(verifyValue("state", i, state, getStateRank(i), true)))
      return failure();
    arguments.push_back(elementOf(state, getStateRank(i)));
    yielded.push_back(arguments.back());
  }
  for (auto [i, input] : llvm::enumerate(getInputs())) {
    if (failed(verifyValue("input", i, input, getInputRank(i), false)))
      return failure();
    arguments.push_back(elementOf(input, getInputRank(i)));
  }
  for (auto [i, y] : llvm::enumerate(getYInits())) {
    if (failed(verifyValue("y", i, y, getYRank(i), false)))
      return failure();
    yielded.push_back(elementOf(y, getYRank(i)));
  }
  return verifyRegionTypes(*this, getStep(), arguments, yielded, "recurrence C6");
}

LogicalResult RecurrenceOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

LogicalResult RecurrenceOp::canonicalize(RecurrenceOp op, PatternRewriter &rewriter) {
  SmallVector<int64_t> scanShape = joinScanShapes(op.getInputs(), op.getScanRank());
  SmallVector<SmallVector<int64_t>> inferred;
  for (auto [i, y] : llvm::enumerate(op.getYInits()))
    inferred.push_back(withElement(scanShape, y, op.getYRank(i)));
  for (auto [i, state] : llvm::enumerate(op.getStateInits()))
    inferred.push_back(withElement(dropDim<int64_t>(scanShape, op.getDimension()), state, op.getStateRank(i)));
  return refineInits(op, inferred, rewriter);
}

std::optional<int64_t> RecurrenceOp::getOperandTimeDim(OpOperand &operand) {
  bool isState = operand.getOperandNumber() >= getInputs().size() + getYInits().size();
  return isState ? std::nullopt : std::optional<int64_t>(getDimension());
}

std::optional<int64_t> RecurrenceOp::getResultTimeDim(unsigned index) {
  return index < getYInits().size() ? std::optional<int64_t>(getDimension()) : std::nullopt;
}

bool RecurrenceOp::isCausal() { return !getReverse(); }

int64_t RecurrenceOp::getFlops(int64_t dynamicSize) {
  int64_t perStep = 0;
  getStep().walk([&](Operation *op) { perStep += op->getNumResults() > 0; });
  return perStep * countElements(shapeOf(getInputs()[0]).take_front(getScanRank()), dynamicSize);
}
