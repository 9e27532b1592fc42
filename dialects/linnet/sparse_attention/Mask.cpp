//===- Mask.cpp - verifiers of masks, and the keys that they allow --------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/linnet/sparse_attention/Mask.h"

#include "dialects/linnet/Linnet.h"

#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

#include <limits>

using namespace mlir;
using namespace linnet;

using EmitError = llvm::function_ref<InFlightDiagnostic()>;

bool linnet::isMask(Attribute attribute) {
  return isa<CausalMaskAttr, WindowMaskAttr, BlockDiagonalMaskAttr, PrefixMaskAttr, QueryPrefixMaskAttr,
             DilatedMaskAttr, StridedMaskAttr, AllOfMaskAttr, AnyOfMaskAttr>(attribute);
}

/// Positions are 32-bit numbers in vector code, so no size may be greater.
static LogicalResult verifySize(EmitError emitError, StringRef name, int64_t value, int64_t least,
                                StringRef constraint) {
  if (value >= least && value <= std::numeric_limits<int32_t>::max() / 2)
    return success();
  return emitError() << "expected " << name << " to be a number from " << least << " to "
                     << std::numeric_limits<int32_t>::max() / 2 << ", got " << value << " [" << constraint << "]";
}

static LogicalResult verifyParts(EmitError emitError, ArrayRef<Attribute> parts) {
  if (parts.empty())
    return emitError() << "expected at least one mask [mask C4]";
  for (Attribute part : parts)
    if (!isMask(part))
      return emitError() << "expected parts that are masks, got " << part << " [mask C4]";
  return success();
}

LogicalResult WindowMaskAttr::verify(EmitError emitError, int64_t left, int64_t right) {
  return success(succeeded(verifySize(emitError, "left", left, -1, "mask C1")) &&
                 succeeded(verifySize(emitError, "right", right, -1, "mask C1")));
}

LogicalResult BlockDiagonalMaskAttr::verify(EmitError emitError, int64_t queries, int64_t keys) {
  return success(succeeded(verifySize(emitError, "queries", queries, 1, "mask C2")) &&
                 succeeded(verifySize(emitError, "keys", keys, 1, "mask C2")));
}

LogicalResult PrefixMaskAttr::verify(EmitError emitError, int64_t size) {
  return verifySize(emitError, "size", size, 0, "mask C3");
}

LogicalResult QueryPrefixMaskAttr::verify(EmitError emitError, int64_t size) {
  return verifySize(emitError, "size", size, 0, "mask C3");
}

LogicalResult DilatedMaskAttr::verify(EmitError emitError, int64_t window, int64_t step) {
  if (failed(verifySize(emitError, "window", window, 0, "mask C1")) ||
      failed(verifySize(emitError, "step", step, 1, "mask C2")))
    return failure();
  if (window > std::numeric_limits<int32_t>::max() / 2 / step)
    return emitError() << "expected a window of 32-bit size, got " << window << " steps of " << step << " [mask C1]";
  return success();
}

LogicalResult StridedMaskAttr::verify(EmitError emitError, int64_t step) {
  return verifySize(emitError, "step", step, 1, "mask C2");
}

LogicalResult AllOfMaskAttr::verify(EmitError emitError, ArrayRef<Attribute> parts) {
  return verifyParts(emitError, parts);
}

LogicalResult AnyOfMaskAttr::verify(EmitError emitError, ArrayRef<Attribute> parts) {
  return verifyParts(emitError, parts);
}

std::pair<int64_t, int64_t> linnet::boundKeys(Attribute mask, int64_t query, int64_t keys) {
  auto clamp = [&](int64_t first, int64_t end) {
    return std::pair(std::clamp<int64_t>(first, 0, keys), std::clamp<int64_t>(end, 0, keys));
  };
  std::pair<int64_t, int64_t> all(0, keys);
  if (!mask)
    return all;
  return llvm::TypeSwitch<Attribute, std::pair<int64_t, int64_t>>(mask)
      .Case([&](CausalMaskAttr) { return clamp(0, query + 1); })
      .Case([&](WindowMaskAttr window) {
        return clamp(window.getLeft() < 0 ? 0 : query - window.getLeft(),
                     window.getRight() < 0 ? keys : query + window.getRight() + 1);
      })
      .Case([&](BlockDiagonalMaskAttr blocks) {
        int64_t block = llvm::divideFloorSigned(query, blocks.getQueries());
        return clamp(block * blocks.getKeys(), (block + 1) * blocks.getKeys());
      })
      .Case([&](PrefixMaskAttr prefix) { return clamp(0, prefix.getSize()); })
      .Case([&](QueryPrefixMaskAttr prefix) { return clamp(0, query < prefix.getSize() ? keys : 0); })
      .Case([&](DilatedMaskAttr dilated) {
        int64_t reach = dilated.getWindow() * dilated.getStep();
        return clamp(query - reach, query + reach + 1);
      })
      .Case([&](AllOfMaskAttr list) {
        auto result = all;
        for (Attribute part : list.getParts()) {
          auto [first, end] = boundKeys(part, query, keys);
          result = {std::max(result.first, first), std::min(result.second, end)};
        }
        return std::pair(result.first, std::max(result.first, result.second));
      })
      .Case([&](AnyOfMaskAttr list) {
        std::pair<int64_t, int64_t> result(keys, 0);
        for (Attribute part : list.getParts())
          if (auto [first, end] = boundKeys(part, query, keys); first < end)
            result = {std::min(result.first, first), std::max(result.second, end)};
        return std::pair(std::min(result.first, result.second), result.second);
      })
      .Default(all);
}
