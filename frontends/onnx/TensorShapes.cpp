//===- TensorShapes.cpp - shapes of ONNX tensors --------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/TensorBuilder.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace linnet::onnx_frontend;

/// Groups of dimensions of `fine` that are one dimension of `coarse` each, or nothing.
static std::optional<SmallVector<ReassociationIndices>> group(TensorBuilder &b, ArrayRef<OpFoldResult> fine,
                                                              ArrayRef<OpFoldResult> coarse) {
  SmallVector<ReassociationIndices> groups;
  int64_t next = 0, rank = fine.size();
  for (OpFoldResult size : coarse) {
    ReassociationIndices members;
    std::optional<int64_t> wanted = getConstantIntValue(size);
    if (!wanted) { // the very same dynamic size
      if (next == rank || !b.same(fine[next], size))
        return std::nullopt;
      members.push_back(next++);
    } else {
      int64_t product = 1;
      while (next < rank && (members.empty() || product != *wanted)) {
        std::optional<int64_t> factor = getConstantIntValue(fine[next]);
        if (!factor)
          return std::nullopt;
        product *= *factor;
        members.push_back(next++);
        if (product > *wanted)
          return std::nullopt;
      }
      if (members.empty() || product != *wanted)
        return std::nullopt;
    }
    groups.push_back(members);
  }
  // Ones at the end belong to the last group.
  for (; next < rank; ++next) {
    if (groups.empty() || getConstantIntValue(fine[next]) != 1)
      return std::nullopt;
    groups.back().push_back(next);
  }
  return groups;
}

Tensor TensorBuilder::reshape(const Tensor &x, Sizes sizes) {
  if (same(x.sizes, sizes))
    return x;
  Tensor result = x;
  if (x.known) {
    result.sizes = sizes;
    result.value = Value();
    return result;
  }
  std::optional<int64_t> have = getConstantIntValue(product(x.sizes)), want = getConstantIntValue(product(sizes));
  if (have && want && *have != *want)
    return (void)error("expected a shape of " + Twine(*have) + " elements, got " + showSizes(sizes)),
           broken(x.type, sizes);
  Value source = value(x);
  auto expand = [&](Value from, ArrayRef<ReassociationIndices> groups) {
    return wrap(tensor::ExpandShapeOp::create(ops, irType(x.type, sizes), from, groups, sizes), x.type, sizes);
  };
  auto collapse = [&](ArrayRef<OpFoldResult> to, ArrayRef<ReassociationIndices> groups) -> Value {
    return tensor::CollapseShapeOp::create(ops, irType(x.type, to), source, groups);
  };
  if (x.rank() < static_cast<int64_t>(sizes.size())) {
    if (auto groups = group(*this, sizes, x.sizes); groups && (x.rank() || sizes.empty()))
      return expand(source, *groups);
  } else if (auto groups = group(*this, x.sizes, sizes); groups && !sizes.empty()) {
    return wrap(collapse(sizes, *groups), x.type, sizes);
  }
  // By way of one dimension, or of none.
  Sizes flat = {product(x.sizes)};
  SmallVector<ReassociationIndices> all(1);
  if (x.rank() == 0 || sizes.empty())
    all.clear(), flat.clear();
  Value middle = source;
  if (x.rank() > 1 || (x.rank() == 1 && sizes.empty())) {
    if (!all.empty())
      all[0].append(llvm::to_vector(llvm::seq<int64_t>(x.rank())));
    middle = collapse(flat, all);
  }
  if (sizes.size() == flat.size())
    return wrap(middle, x.type, sizes);
  SmallVector<ReassociationIndices> back(flat.size());
  if (!back.empty())
    back[0].append(llvm::to_vector(llvm::seq<int64_t>(sizes.size())));
  return expand(middle, back);
}

Tensor TensorBuilder::unsqueeze(const Tensor &x, ArrayRef<int64_t> axes) {
  Sizes sizes;
  size_t rank = x.sizes.size() + axes.size(), next = 0;
  for (size_t dim = 0; dim < rank; ++dim)
    sizes.push_back(llvm::is_contained(axes, static_cast<int64_t>(dim)) || next == x.sizes.size() ? size(1)
                                                                                                  : x.sizes[next++]);
  return reshape(x, sizes);
}

Tensor TensorBuilder::squeeze(const Tensor &x, ArrayRef<int64_t> axes) {
  Sizes sizes;
  for (auto [dim, size] : llvm::enumerate(x.sizes))
    if (!llvm::is_contained(axes, static_cast<int64_t>(dim)))
      sizes.push_back(size);
    else if (std::optional<int64_t> number = getConstantIntValue(size); number && *number != 1)
      return (void)error("expected a size of 1 along axis " + Twine(dim) + ", got " + showTensor(x)), x;
  return reshape(x, sizes);
}

Tensor TensorBuilder::transpose(const Tensor &x, ArrayRef<int64_t> permutation) {
  SmallVector<int64_t> sorted(permutation);
  llvm::sort(sorted);
  if (!llvm::equal(sorted, llvm::seq<int64_t>(x.rank())))
    return (void)error("expected a permutation of " + Twine(x.rank()) + " axes"), x;
  if (llvm::equal(permutation, llvm::seq<int64_t>(x.rank())))
    return x;
  Sizes sizes;
  for (int64_t dim : permutation)
    sizes.push_back(x.sizes[dim]);
  Tensor init = empty(x.type, sizes);
  auto op = linalg::TransposeOp::create(ops, value(x), init.value, permutation);
  return wrap(op->getResult(0), x.type, sizes);
}

Tensor TensorBuilder::broadcastTo(const Tensor &x, Sizes sizes) {
  if (same(x.sizes, sizes))
    return x;
  return mapTo(sizes, x, x.type, [](Scalars &, ValueRange v) { return v[0]; });
}

Tensor TensorBuilder::slice(const Tensor &x, int64_t axis, OpFoldResult offset, OpFoldResult length) {
  if (same(x.sizes[axis], length))
    return x;
  std::optional<int64_t> from = getConstantIntValue(offset), count = getConstantIntValue(length),
                         whole = getConstantIntValue(x.sizes[axis]);
  if (from && count && whole && (*from < 0 || *count < 0 || *from > *whole - *count))
    return (void)error("expected a slice inside of " + showTensor(x) + ", got " + Twine(*count) + " elements from " +
                       Twine(*from) + " along axis " + Twine(axis)),
           x;
  Sizes sizes(x.sizes), offsets(x.rank(), size(0)), strides(x.rank(), size(1));
  sizes[axis] = length;
  offsets[axis] = count == 0 ? size(0) : offset; // an empty slice may not begin behind the end
  Value result = tensor::ExtractSliceOp::create(ops, irType(x.type, sizes), value(x), offsets, sizes, strides);
  return wrap(result, x.type, sizes);
}

Tensor TensorBuilder::concat(ArrayRef<Tensor> parts, int64_t axis) {
  // What is empty adds nothing, and may not be put behind the end.
  SmallVector<Tensor> filled;
  for (const Tensor &part : parts)
    if (axis >= part.rank() || getConstantIntValue(part.sizes[axis]) != 0)
      filled.push_back(part);
  if (filled.size() != parts.size() && !filled.empty())
    return concat(filled, axis);
  if (parts.size() == 1)
    return parts.front();
  Sizes sizes(parts.front().sizes);
  OpFoldResult total = size(0);
  for (const Tensor &part : parts) {
    bool fits = part.type == parts.front().type && part.rank() == parts.front().rank();
    for (int64_t dim = 0; fits && dim < part.rank(); ++dim) {
      std::optional<int64_t> x = getConstantIntValue(part.sizes[dim]), y = getConstantIntValue(sizes[dim]);
      fits = dim == axis || !x || !y || *x == *y;
    }
    if (!fits)
      return (void)error("expected tensors that differ along axis " + Twine(axis) + " only, got " +
                         showTensor(parts.front()) + " and " + showTensor(part)),
             parts.front();
    total = addSizes(total, part.sizes[axis]);
  }
  sizes[axis] = total;
  Value result = empty(parts.front().type, sizes).value;
  Sizes offsets(sizes.size(), size(0)), strides(sizes.size(), size(1));
  for (const Tensor &part : parts) {
    result = tensor::InsertSliceOp::create(ops, value(part), result, offsets, part.sizes, strides);
    offsets[axis] = addSizes(offsets[axis], part.sizes[axis]);
  }
  return wrap(result, parts.front().type, sizes);
}

Tensor TensorBuilder::pad(const Tensor &x, ArrayRef<OpFoldResult> before, ArrayRef<OpFoldResult> behind, Value filler) {
  Sizes sizes;
  for (int64_t dim = 0; dim < x.rank(); ++dim)
    sizes.push_back(addSizes(addSizes(x.sizes[dim], before[dim]), behind[dim]));
  Value source = value(x);
  SmallVector<Value> starts, lengths;
  for (int64_t dim = 0; dim < x.rank(); ++dim) {
    starts.push_back(asValue(before[dim]));
    lengths.push_back(asValue(x.sizes[dim]));
  }
  return generate(x.type, sizes, [&](Scalars &s, ValueRange indices) {
    Value inside = s.boolean(true);
    SmallVector<Value> places;
    for (auto [index, start, length] : llvm::zip(indices, starts, lengths)) {
      Value place = s.subIndex(index, start);
      inside = s.logicalAnd(inside, s.compareIndex(Scalars::Order::LessEqual, s.index(0), place));
      inside = s.logicalAnd(inside, s.compareIndex(Scalars::Order::Less, place, length));
      places.push_back(place);
    }
    return s.branch(
        inside, filler.getType(), [&](Scalars &in) { return SmallVector<Value>{in.load(source, places)}; },
        [&](Scalars &) { return SmallVector<Value>{filler}; })[0];
  });
}
