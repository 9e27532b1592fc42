//===- Scan.cpp - vector code of the Scan family --------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/Vectorize.h"
#include "dialects/linnet/Linnet.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace linnet;

/// States per channel that a scan keeps in vectors. Beyond the registers they spill to the stack, which still beats the
/// reference path; the bound keeps the code size sane.
static constexpr int64_t kMaxStates = 256;

static RankedTensorType tensorType(Value value) { return cast<RankedTensorType>(value.getType()); }

//===----------------------------------------------------------------------===//
// What the fast path covers
//===----------------------------------------------------------------------===//

static std::string explain(AffineScanOp) { return ""; }

static std::string explain(CausalConv1dOp op) {
  auto weight = tensorType(op.getWeight());
  if (weight.isDynamicDim(1))
    return "the width is dynamic";
  if (weight.getDimSize(1) > 16)
    return "the width " + std::to_string(weight.getDimSize(1)) + " is above 16";
  return "";
}

static std::string explain(SelectiveScanOp op) {
  auto a = tensorType(op.getA());
  if (a.isDynamicDim(1))
    return "the number of states is dynamic";
  if (a.getDimSize(1) > kMaxStates)
    return std::to_string(a.getDimSize(1)) + " states are more than " + std::to_string(kMaxStates);
  for (Value coefficients : {op.getB(), op.getC()}) {
    std::optional<int64_t> groupDim = op.getGroupDim(coefficients);
    if (!groupDim)
      continue;
    int64_t groups = tensorType(coefficients).getDimSize(*groupDim);
    int64_t channels = tensorType(op.getU()).getDimSize(op.getChannelDim());
    if (groups != 1 && (ShapedType::isDynamic(groups) || ShapedType::isDynamic(channels)))
      return "groups or channels are dynamic";
  }
  return "";
}

std::string linnet::explainUncoveredScan(Operation *op) {
  if (auto attention = dyn_cast<AttentionOp>(op))
    return explainUncoveredAttention(attention);
  for (Value operand : op->getOperands())
    if (llvm::is_contained(tensorType(operand).getShape(), 0))
      return "a dimension has size 0";
  if (isa<ScanOp, RecurrenceOp>(op))
    return explainUncoveredElementScan(op);
  if (auto attention = dyn_cast<LinearAttentionOp>(op))
    return explainUncoveredLinearAttention(attention);
  if (auto attention = dyn_cast<BlockLocalAttentionOp>(op))
    return explainUncoveredBlockLocalAttention(attention);
  if (auto attention = dyn_cast<KroneckerAttentionOp>(op))
    return explainUncoveredKroneckerAttention(attention);
  if (auto product = dyn_cast<LMulOp>(op))
    return explainUncoveredLMul(product);
  if (isa<LMulContractOp>(op))
    return "";
  if (isa<MxQuantizeOp, MxDequantizeOp>(op))
    return explainUncoveredMx(op);
  if (auto transform = dyn_cast<HadamardOp>(op))
    return explainUncoveredHadamard(transform);
  if (!getElementTypeOrSelf(op->getOperand(0).getType()).isF32())
    return "the elements are not f32";
  return TypeSwitch<Operation *, std::string>(op)
      .Case<AffineScanOp, CausalConv1dOp, SelectiveScanOp>([&](auto scan) { return explain(scan); })
      .Default([](Operation *op) { return ("no vector code for " + op->getName().getStringRef()).str(); });
}

/// One of everything but time and the channels, which are a vector or, for some scans, several whole ones.
static bool isTile(Operation *op, int64_t timeDim, int64_t lanes) {
  ArrayRef<int64_t> shape = tensorType(op->getOperand(0)).getShape();
  if (auto affine = dyn_cast<AffineScanOp>(op); affine && affine.getComplex())
    shape = shape.drop_back(); // the parts of a number
  if (shape.empty())
    return false;
  auto selective = dyn_cast<SelectiveScanOp>(op);
  int64_t channelDim = selective ? selective.getChannelDim() : shape.size() - 1, channels = shape[channelDim];
  for (auto [dim, size] : llvm::enumerate(shape))
    if (static_cast<int64_t>(dim) != timeDim && static_cast<int64_t>(dim) != channelDim && size != 1)
      return false;
  // A dynamic size is that of a last, narrower tile; some scans take several whole vectors.
  return ShapedType::isDynamic(channels) || channels <= lanes ||
         (isa<AffineScanOp, SelectiveScanOp>(op) && channels % lanes == 0);
}

LogicalResult linnet::vectorizeScanTile(RewriterBase &rewriter, Operation *op, int64_t lanes) {
  if (isa<ScanOp, RecurrenceOp>(op))
    return vectorizeElementScanTile(rewriter, op, lanes);
  auto scan = cast<TimeOpInterface>(op);
  if (!explainUncoveredScan(op).empty() || !isTile(op, *scan.getResultTimeDim(0), lanes))
    return failure();
  rewriter.setInsertionPoint(op);
  VectorBuilder builder(op->getLoc(), rewriter, lanes);
  SmallVector<Value> results = TypeSwitch<Operation *, SmallVector<Value>>(op)
                                   .Case([&](AffineScanOp op) { return vectorizeAffineScan(builder, op); })
                                   .Case([&](CausalConv1dOp op) { return vectorizeCausalConv1d(builder, op); })
                                   .Case([&](SelectiveScanOp op) { return vectorizeSelectiveScan(builder, op); })
                                   .Default(SmallVector<Value>());
  if (results.empty())
    return failure();
  rewriter.replaceOp(op, results);
  return success();
}
