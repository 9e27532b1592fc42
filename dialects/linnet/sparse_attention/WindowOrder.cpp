//===- WindowOrder.cpp - verifier and folder ---------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/linnet/Linnet.h"
#include "dialects/linnet/Shapes.h"

#include "llvm/Support/MathExtras.h"

#include <limits>

using namespace mlir;
using namespace linnet;

LogicalResult WindowOrderOp::verify() {
  for (auto [name, sizes] : {std::pair("grid", getGrid()), std::pair("window", getWindow())})
    if (sizes.size() != 2 || sizes[0] < 1 || sizes[1] < 1)
      return emitOpError() << "expected a " << name << " of rows and columns, both at least 1 [window-order C1]";
  int64_t cells = 0;
  if (llvm::MulOverflow(getGrid()[0], getGrid()[1], cells) || cells > std::numeric_limits<int32_t>::max())
    return emitOpError() << "expected at most " << std::numeric_limits<int32_t>::max() << " cells [window-order C1]";
  if (getOrder().getType() != RankedTensorType::get(cells, IntegerType::get(getContext(), 32)))
    return emitOpError() << "expected a result of type "
                         << RankedTensorType::get(cells, IntegerType::get(getContext(), 32)) << ", got "
                         << getOrder().getType() << " [window-order C2]";
  return success();
}

/// The distance of cell (x, y) along the Hilbert curve of a square of `side` cells, a power of two (spec-sparse 4.1).
/// Rotations make coordinates negative; their low bits are what counts.
static int64_t hilbertDistance(int64_t side, int64_t x, int64_t y) {
  int64_t distance = 0;
  for (int64_t s = side / 2; s > 0; s /= 2) {
    int64_t right = (x & s) != 0, up = (y & s) != 0;
    distance += s * s * ((3 * right) ^ up);
    if (up)
      continue;
    if (right) {
      x = s - 1 - x;
      y = s - 1 - y;
    }
    std::swap(x, y);
  }
  return distance;
}

OpFoldResult WindowOrderOp::fold(FoldAdaptor) {
  int64_t rows = getGrid()[0], columns = getGrid()[1], height = getWindow()[0], width = getWindow()[1];
  int64_t side = llvm::PowerOf2Ceil(std::max(std::min(height, rows), std::min(width, columns)));
  SmallVector<int32_t> order;
  for (int64_t row = 0; row < rows; row += height)
    for (int64_t column = 0; column < columns; column += width) {
      SmallVector<std::pair<int64_t, int32_t>> cells; // with what they are ordered by
      for (int64_t y = row; y < std::min(row + height, rows); ++y)
        for (int64_t x = column; x < std::min(column + width, columns); ++x)
          cells.push_back({getHilbert() ? hilbertDistance(side, y - row, x - column) : 0, y * columns + x});
      llvm::stable_sort(cells, llvm::less_first());
      for (auto [distance, cell] : cells)
        order.push_back(cell);
    }
  return DenseElementsAttr::get(cast<RankedTensorType>(getOrder().getType()), ArrayRef<int32_t>(order));
}
