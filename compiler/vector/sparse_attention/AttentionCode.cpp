//===- AttentionCode.cpp - what the two forms of attention share ------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/sparse_attention/AttentionCode.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace linnet;

Value AttentionCode::steps(VectorBuilder &b, int64_t first) {
  SmallVector<int32_t> places;
  for (int64_t lane = 0; lane < b.getLanes(); ++lane)
    places.push_back(first + lane);
  return arith::ConstantOp::create(b, DenseElementsAttr::get(b.vectorOf(b.getI32Type()), ArrayRef<int32_t>(places)));
}

Value AttentionCode::rowOf(VectorBuilder &b, Value rows, Value place) {
  if (!rows)
    return place;
  return toIndex(b, tensor::ExtractOp::create(b, rows, ValueRange{b.index(0), b.index(0), place}));
}

double AttentionCode::getFactor() {
  double factor = op.getScale().convertToDouble();
  std::optional<APFloat> cap = op.getSoftCap();
  return cap ? factor / cap->convertToDouble() : factor;
}

Value AttentionCode::finishScore(VectorBuilder &b, Value product, Value query, Value key) {
  Value score = product;
  if (std::optional<APFloat> cap = op.getSoftCap())
    score = b.mul(b.splat(cap->convertToDouble(), b.getF32Type()), math::TanhOp::create(b, score));
  if (op.getAlibi()) {
    Value slope = b.spread(tensor::ExtractOp::create(b, op.getAlibi(), ValueRange{b.index(0)}));
    Value distance = math::AbsFOp::create(
        b, arith::SIToFPOp::create(b, b.vectorOf(b.getF32Type()), arith::SubIOp::create(b, query, key)));
    score = arith::SubFOp::create(b, score, b.mul(slope, distance), arith::FastMathFlags::contract);
  }
  return score;
}
