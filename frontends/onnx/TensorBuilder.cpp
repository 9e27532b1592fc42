//===- TensorBuilder.cpp - operations on ONNX tensors ---------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/TensorBuilder.h"

#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace linnet;
using namespace linnet::onnx_frontend;

std::string linnet::onnx_frontend::showSizes(ArrayRef<OpFoldResult> sizes) {
  std::string text = "[";
  for (auto [i, size] : llvm::enumerate(sizes)) {
    std::optional<int64_t> number = getConstantIntValue(size);
    text += (i ? ", " : "") + (number ? std::to_string(*number) : std::string("?"));
  }
  return text + "]";
}

std::string linnet::onnx_frontend::showTensor(const Tensor &tensor) {
  return getTypeName(tensor.type) + " " + showSizes(tensor.sizes);
}

LogicalResult TensorBuilder::error(const Twine &message) {
  if (!failed)
    emitError(ops.getLoc()) << where << message.str();
  failed = true;
  return failure();
}

Tensor TensorBuilder::broken(int32_t type, Sizes sizes) {
  failed = true; // whoever calls this has reported why
  return empty(getIrType(ops.getContext(), type) ? type : kFloat, std::move(sizes));
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

Sizes TensorBuilder::staticSizes(ArrayRef<int64_t> values) {
  return llvm::map_to_vector<6>(values, [&](int64_t value) { return size(value); });
}

Value TensorBuilder::asValue(OpFoldResult size) { return getValueOrCreateConstantIndexOp(ops, ops.getLoc(), size); }

/// Folds numbers; everything else becomes an operation.
template <typename Op>
static OpFoldResult combine(TensorBuilder &b, OpFoldResult x, OpFoldResult y,
                            llvm::function_ref<int64_t(int64_t, int64_t)> fold) {
  std::optional<int64_t> left = getConstantIntValue(x), right = getConstantIntValue(y);
  if (left && right)
    return b.size(fold(*left, *right));
  return b.ops.createOrFold<Op>(b.asValue(x), b.asValue(y));
}

// Numbers of a model may be anything: they wrap around as those of the machine do.
static int64_t wrap(uint64_t value) { return static_cast<int64_t>(value); }

OpFoldResult TensorBuilder::addSizes(OpFoldResult x, OpFoldResult y) {
  if (getConstantIntValue(x) == 0)
    return y;
  if (getConstantIntValue(y) == 0)
    return x;
  return combine<arith::AddIOp>(*this, x, y, [](int64_t a, int64_t b) { return ::wrap(uint64_t(a) + uint64_t(b)); });
}
OpFoldResult TensorBuilder::subSizes(OpFoldResult x, OpFoldResult y) {
  if (getConstantIntValue(y) == 0)
    return x;
  return combine<arith::SubIOp>(*this, x, y, [](int64_t a, int64_t b) { return ::wrap(uint64_t(a) - uint64_t(b)); });
}
OpFoldResult TensorBuilder::mulSizes(OpFoldResult x, OpFoldResult y) {
  if (getConstantIntValue(x) == 1)
    return y;
  if (getConstantIntValue(y) == 1)
    return x;
  return combine<arith::MulIOp>(*this, x, y, [](int64_t a, int64_t b) { return ::wrap(uint64_t(a) * uint64_t(b)); });
}
OpFoldResult TensorBuilder::divSizes(OpFoldResult x, OpFoldResult y) {
  if (getConstantIntValue(y) == 1)
    return x;
  return combine<arith::DivSIOp>(*this, x, y, [](int64_t a, int64_t b) { return b == 0 || b == -1 ? 0 : a / b; });
}

OpFoldResult TensorBuilder::product(ArrayRef<OpFoldResult> sizes) {
  OpFoldResult result = size(1);
  for (OpFoldResult factor : sizes)
    result = mulSizes(result, factor);
  return result;
}

bool TensorBuilder::same(OpFoldResult x, OpFoldResult y) {
  std::optional<int64_t> left = getConstantIntValue(x), right = getConstantIntValue(y);
  return left || right ? left == right : x == y;
}

bool TensorBuilder::same(ArrayRef<OpFoldResult> x, ArrayRef<OpFoldResult> y) {
  return x.size() == y.size() &&
         llvm::all_of(llvm::zip(x, y), [](auto pair) { return same(std::get<0>(pair), std::get<1>(pair)); });
}

std::optional<int64_t> TensorBuilder::axis(int64_t axis, int64_t rank) {
  if (expect(-rank <= axis && axis < rank,
             "expected an axis between " + Twine(-rank) + " and " + Twine(rank - 1) + ", got " + Twine(axis)))
    return axis < 0 ? axis + rank : axis;
  return std::nullopt;
}

std::optional<Sizes> TensorBuilder::broadcast(ArrayRef<OpFoldResult> x, ArrayRef<OpFoldResult> y) {
  if (x.size() < y.size())
    std::swap(x, y);
  Sizes result(x);
  for (auto [i, size] : llvm::enumerate(y)) {
    OpFoldResult &other = result[x.size() - y.size() + i];
    std::optional<int64_t> left = getConstantIntValue(other), right = getConstantIntValue(size);
    if (right == 1 || same(other, size))
      continue;
    if (left == 1 || (right && !left)) {
      other = size;
      continue;
    }
    if (left && right) {
      (void)error("expected shapes that broadcast to one, got " + showSizes(x) + " and " + showSizes(y));
      return std::nullopt;
    }
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

RankedTensorType TensorBuilder::irType(int32_t type, ArrayRef<OpFoldResult> sizes) {
  SmallVector<int64_t> shape;
  for (OpFoldResult size : sizes)
    shape.push_back(std::max<int64_t>(getConstantIntValue(size).value_or(ShapedType::kDynamic), ShapedType::kDynamic));
  for (int64_t &size : shape)
    if (size < 0 && !ShapedType::isDynamic(size))
      size = 0;
  return RankedTensorType::get(shape, getIrType(ops.getContext(), type));
}

Tensor TensorBuilder::wrap(Value value, int32_t type) {
  return wrap(value, type, tensor::getMixedSizes(ops, ops.getLoc(), value));
}

Tensor TensorBuilder::wrap(Value value, int32_t type, Sizes sizes) {
  Tensor tensor;
  tensor.type = type;
  tensor.sizes = std::move(sizes);
  tensor.value = value;
  return tensor;
}

Value TensorBuilder::value(const Tensor &tensor) {
  if (tensor.value)
    return tensor.value;
  RankedTensorType type = irType(tensor.type, tensor.sizes);
  Type element = type.getElementType();
  SmallVector<Attribute> constants;
  for (OpFoldResult known : *tensor.known)
    if (std::optional<int64_t> number = getConstantIntValue(known))
      constants.push_back(IntegerAttr::get(
          element, APInt(64, static_cast<uint64_t>(*number)).zextOrTrunc(element.getIntOrFloatBitWidth())));
  if (constants.size() == tensor.known->size())
    return arith::ConstantOp::create(ops, DenseElementsAttr::get(type, constants));
  Scalars s(ops.getLoc(), ops, tensor.type);
  SmallVector<Value> elements;
  for (OpFoldResult known : *tensor.known)
    elements.push_back(s.fromIndex(asValue(known), tensor.type));
  return tensor::FromElementsOp::create(ops, type, elements);
}

Tensor TensorBuilder::empty(int32_t type, Sizes sizes) {
  for (OpFoldResult &size : sizes)
    if (std::optional<int64_t> number = getConstantIntValue(size); number && *number < 0)
      size = ops.getIndexAttr(0);
  Value value = tensor::EmptyOp::create(ops, sizes, getIrType(ops.getContext(), type));
  return wrap(value, type, std::move(sizes));
}

Tensor TensorBuilder::full(int32_t type, Sizes sizes, double number) {
  Scalars s(ops.getLoc(), ops, type);
  if (!irType(type, sizes).hasStaticShape()) {
    Tensor init = empty(type, sizes);
    return wrap(linalg::FillOp::create(ops, s.number(number), init.value).getResult(0), type, init.sizes);
  }
  Value element = s.number(number);
  Attribute attribute;
  matchPattern(element, m_Constant(&attribute));
  return constant(type, DenseElementsAttr::get(irType(type, sizes), attribute));
}

Tensor TensorBuilder::constant(int32_t type, DenseElementsAttr elements) {
  Value value = arith::ConstantOp::create(ops, elements);
  return wrap(value, type, staticSizes(elements.getType().getShape()));
}

Tensor TensorBuilder::known(Sizes elements, ArrayRef<int64_t> shape, int32_t type) {
  Tensor tensor;
  tensor.type = type;
  tensor.sizes = staticSizes(shape);
  tensor.known = std::move(elements);
  return tensor;
}

std::optional<double> TensorBuilder::splat(const Tensor &tensor) {
  if (tensor.known) {
    if (tensor.known->empty() || !llvm::all_equal(*tensor.known))
      return std::nullopt;
    std::optional<int64_t> number = getConstantIntValue(tensor.known->front());
    return number ? std::optional<double>(static_cast<double>(*number)) : std::nullopt;
  }
  DenseElementsAttr elements;
  if (!tensor.value || !matchPattern(tensor.value, m_Constant(&elements)) || !elements.isSplat() ||
      !isa<FloatType>(elements.getElementType()))
    return std::nullopt;
  APFloat value = elements.getSplatValue<APFloat>();
  bool losesInfo;
  value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &losesInfo);
  return value.convertToDouble();
}

std::optional<SmallVector<int64_t>> TensorBuilder::numbers(const Tensor &tensor) {
  if (getConstantIntValue(product(tensor.sizes)) == 0)
    return SmallVector<int64_t>();
  return tensor.known ? getConstantIntValues(*tensor.known) : std::nullopt;
}

Value TensorBuilder::scalar(const Tensor &tensor, int64_t place) {
  SmallVector<Value> indices(tensor.rank());
  for (int64_t dim = tensor.rank() - 1; dim >= 0; --dim) {
    int64_t size = std::max<int64_t>(getConstantIntValue(tensor.sizes[dim]).value_or(1), 1);
    indices[dim] = arith::ConstantIndexOp::create(ops, place % size);
    place /= size;
  }
  return tensor::ExtractOp::create(ops, value(tensor), indices);
}

OpFoldResult TensorBuilder::element(const Tensor &tensor, int64_t place) {
  if (tensor.known && place < static_cast<int64_t>(tensor.known->size()))
    return (*tensor.known)[place];
  Scalars s(ops.getLoc(), ops, tensor.type);
  return s.toIndex(scalar(tensor, place), tensor.type);
}

void TensorBuilder::require(Value condition, StringRef argument) {
  RequireOp::create(ops, condition, argument, IntegerAttr());
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

Value TensorBuilder::generic(ArrayRef<OpFoldResult> sizes, ValueRange inputs, ArrayRef<AffineMap> inputMaps,
                             int32_t type, int32_t scalarType, ElementBody body) {
  Tensor init = empty(type, Sizes(sizes));
  SmallVector<AffineMap> maps(inputMaps);
  maps.push_back(ops.getMultiDimIdentityMap(sizes.size()));
  SmallVector<utils::IteratorType> iterators(sizes.size(), utils::IteratorType::parallel);
  auto op = linalg::GenericOp::create(ops, init.value.getType(), inputs, init.value, maps, iterators,
                                      [&](OpBuilder &nested, Location loc, ValueRange arguments) {
                                        Scalars s(loc, nested, scalarType);
                                        linalg::YieldOp::create(s, body(s, arguments.drop_back()));
                                      });
  return op.getResult(0);
}

Tensor TensorBuilder::mapTo(ArrayRef<OpFoldResult> sizes, ArrayRef<Tensor> inputs, int32_t type, ElementBody body) {
  SmallVector<Value> values;
  SmallVector<AffineMap> maps;
  for (const Tensor &input : inputs) {
    values.push_back(value(input));
    SmallVector<AffineExpr> results;
    int64_t offset = static_cast<int64_t>(sizes.size()) - input.rank();
    if (offset < 0)
      return (void)error("expected shapes that broadcast to " + showSizes(sizes) + ", got " + showSizes(input.sizes)),
             broken(type, Sizes(sizes));
    for (auto [dim, size] : llvm::enumerate(input.sizes)) {
      bool spreads = getConstantIntValue(size) == 1 && getConstantIntValue(sizes[offset + dim]) != 1;
      results.push_back(spreads ? ops.getAffineConstantExpr(0) : ops.getAffineDimExpr(offset + dim));
      std::optional<int64_t> own = getConstantIntValue(size), wanted = getConstantIntValue(sizes[offset + dim]);
      if (!spreads && own && wanted && *own != *wanted)
        return (void)error("expected shapes that broadcast to " + showSizes(sizes) + ", got " + showSizes(input.sizes)),
               broken(type, Sizes(sizes));
    }
    maps.push_back(AffineMap::get(sizes.size(), 0, results, ops.getContext()));
  }
  int32_t first = inputs.empty() ? type : inputs.front().type;
  Value result = generic(sizes, values, maps, type, getComputeType(first), [&](Scalars &s, ValueRange elements) {
    SmallVector<Value> wide;
    for (auto [input, element] : llvm::zip(inputs, elements))
      wide.push_back(s.convert(element, input.type, getComputeType(input.type)));
    return s.convert(body(s, wide), getComputeType(type), type);
  });
  return wrap(result, type, Sizes(sizes));
}

Tensor TensorBuilder::map(ArrayRef<Tensor> inputs, int32_t type, ElementBody body) {
  Sizes sizes;
  for (const Tensor &input : inputs) {
    std::optional<Sizes> both = broadcast(sizes, input.sizes);
    if (!both)
      return broken(type, sizes);
    sizes = *both;
  }
  return mapTo(sizes, inputs, type, body);
}

Tensor TensorBuilder::generate(int32_t type, ArrayRef<OpFoldResult> sizes, ElementBody body) {
  Value result = generic(sizes, {}, {}, type, type, [&](Scalars &s, ValueRange) {
    SmallVector<Value> indices;
    for (size_t dim = 0; dim < sizes.size(); ++dim)
      indices.push_back(linalg::IndexOp::create(s, dim));
    return body(s, indices);
  });
  return wrap(result, type, Sizes(sizes));
}

Tensor TensorBuilder::cast(const Tensor &x, int32_t type) {
  if (x.type == type)
    return x;
  return map(x, type,
             [&](Scalars &s, ValueRange v) { return s.convert(v[0], getComputeType(x.type), getComputeType(type)); });
}

Tensor TensorBuilder::add(const Tensor &x, const Tensor &y) {
  return map({x, y}, x.type, [](Scalars &s, ValueRange v) { return s.add(v[0], v[1]); });
}
Tensor TensorBuilder::sub(const Tensor &x, const Tensor &y) {
  return map({x, y}, x.type, [](Scalars &s, ValueRange v) { return s.sub(v[0], v[1]); });
}
Tensor TensorBuilder::mul(const Tensor &x, const Tensor &y) {
  return map({x, y}, x.type, [](Scalars &s, ValueRange v) { return s.mul(v[0], v[1]); });
}
Tensor TensorBuilder::div(const Tensor &x, const Tensor &y) {
  return map({x, y}, x.type, [](Scalars &s, ValueRange v) { return s.div(v[0], v[1]); });
}

//===----------------------------------------------------------------------===//
// Reductions and products
//===----------------------------------------------------------------------===//

Tensor TensorBuilder::reduce(const Tensor &x, ArrayRef<int64_t> axes, bool keepDims,
                             llvm::function_ref<Value(Scalars &)> init,
                             llvm::function_ref<Value(Scalars &, Value, Value)> body) {
  int32_t computed = getComputeType(x.type);
  SmallVector<utils::IteratorType> iterators(x.rank(), utils::IteratorType::parallel);
  for (int64_t axis : axes)
    iterators[axis] = utils::IteratorType::reduction;
  Sizes sizes;
  SmallVector<AffineExpr> results;
  for (int64_t dim = 0; dim < x.rank(); ++dim)
    if (iterators[dim] == utils::IteratorType::parallel) {
      sizes.push_back(x.sizes[dim]);
      results.push_back(ops.getAffineDimExpr(dim));
    }
  Scalars outer(ops.getLoc(), ops, computed);
  Tensor target = empty(computed, sizes);
  Value filled = linalg::FillOp::create(ops, init(outer), target.value).getResult(0);
  AffineMap maps[] = {ops.getMultiDimIdentityMap(x.rank()), AffineMap::get(x.rank(), 0, results, ops.getContext())};
  auto op = linalg::GenericOp::create(ops, filled.getType(), value(x), filled, maps, iterators,
                                      [&](OpBuilder &nested, Location loc, ValueRange arguments) {
                                        Scalars s(loc, nested, computed);
                                        Value element = s.convert(arguments[0], x.type, computed);
                                        linalg::YieldOp::create(s, body(s, arguments[1], element));
                                      });
  Tensor result = cast(wrap(op.getResult(0), computed, sizes), x.type);
  if (!keepDims)
    return result;
  SmallVector<int64_t> kept(axes);
  llvm::sort(kept);
  return unsqueeze(result, kept);
}

Tensor TensorBuilder::sum(const Tensor &x, ArrayRef<int64_t> axes, bool keepDims) {
  return reduce(
      x, axes, keepDims, [](Scalars &s) { return s.number(0); },
      [](Scalars &s, Value sum, Value element) -> Value {
        // Lets the sum be cut into lanes, in one way that the compiler chooses.
        if (isFloat(s.type))
          return arith::AddFOp::create(s, sum, element, arith::FastMathFlags::reassoc);
        return s.add(sum, element);
      });
}

Tensor TensorBuilder::mean(const Tensor &x, ArrayRef<int64_t> axes, bool keepDims) {
  OpFoldResult count = size(1);
  for (int64_t axis : axes)
    count = mulSizes(count, x.sizes[axis]);
  int32_t computed = getComputeType(x.type);
  Tensor total = sum(cast(x, computed), axes, keepDims), number = known({count}, {}, kInt64);
  return cast(div(total, cast(number, computed)), x.type);
}

Tensor TensorBuilder::maximum(const Tensor &x, ArrayRef<int64_t> axes, bool keepDims) {
  return reduce(
      x, axes, keepDims, [](Scalars &s) { return s.lowest(); },
      [](Scalars &s, Value most, Value element) { return s.max(most, element); });
}

Tensor TensorBuilder::softmax(const Tensor &x, int64_t axis) {
  int32_t computed = getComputeType(x.type);
  Tensor wide = cast(x, computed), most = maximum(wide, axis, true);
  Tensor powers = map({wide, most}, computed, [](Scalars &s, ValueRange v) { return s.exp(s.sub(v[0], v[1])); });
  return cast(div(powers, sum(powers, axis, true)), x.type);
}

Tensor TensorBuilder::contract(ArrayRef<Tensor> inputs, ArrayRef<SmallVector<int64_t>> maps,
                               ArrayRef<OpFoldResult> loops) {
  int32_t type = inputs.front().type, computed = getComputeType(type);
  Sizes sizes;
  SmallVector<utils::IteratorType> iterators(loops.size(), utils::IteratorType::reduction);
  for (int64_t loop : maps.back()) {
    sizes.push_back(loops[loop]);
    iterators[loop] = utils::IteratorType::parallel;
  }
  SmallVector<Value> values;
  for (const Tensor &input : inputs)
    values.push_back(value(cast(input, computed)));
  SmallVector<AffineMap> affineMaps;
  for (const SmallVector<int64_t> &map : maps) {
    SmallVector<AffineExpr> results;
    for (int64_t loop : map)
      results.push_back(ops.getAffineDimExpr(loop));
    affineMaps.push_back(AffineMap::get(loops.size(), 0, results, ops.getContext()));
  }
  Tensor zero = empty(computed, sizes);
  Scalars outer(ops.getLoc(), ops, computed);
  Value init = linalg::FillOp::create(ops, outer.number(0), zero.value).getResult(0);
  Value result;
  if (inputs.size() == 2 && isFloat(computed)) {
    SmallVector<Attribute> attributes =
        llvm::map_to_vector(affineMaps, [](AffineMap map) -> Attribute { return AffineMapAttr::get(map); });
    auto op = linalg::ContractOp::create(ops, TypeRange(init.getType()), values, ValueRange(init),
                                         ops.getArrayAttr(attributes));
    result = op->getResult(0);
  } else {
    auto op = linalg::GenericOp::create(ops, init.getType(), values, init, affineMaps, iterators,
                                        [&](OpBuilder &nested, Location loc, ValueRange arguments) {
                                          Scalars s(loc, nested, computed);
                                          Value term = arguments[0];
                                          for (Value factor : arguments.drop_front().drop_back())
                                            term = s.mul(term, factor);
                                          linalg::YieldOp::create(s, s.add(arguments.back(), term));
                                        });
    result = op.getResult(0);
  }
  return cast(wrap(result, computed, sizes), type);
}

/// Whether a value is a weight of the model, or one turned round.
static bool isOfWeight(Value value) {
  while (value && value.getDefiningOp<linalg::TransposeOp>())
    value = value.getDefiningOp<linalg::TransposeOp>().getInput();
  auto argument = dyn_cast_or_null<BlockArgument>(value);
  return argument && isa<func::FuncOp>(argument.getOwner()->getParentOp()) &&
         cast<RankedTensorType>(value.getType()).hasStaticShape();
}

Tensor TensorBuilder::matmul(const Tensor &x, const Tensor &y) {
  if (!x.rank() || !y.rank())
    return (void)error("expected tensors of at least one dimension, got " + showTensor(x) + " and " + showTensor(y)),
           broken(x.type, {});
  if (x.rank() == 1)
    return squeeze(matmul(unsqueeze(x, 0), y), std::max<int64_t>(y.rank() - 2, 0));
  if (y.rank() == 1) {
    Tensor result = matmul(x, unsqueeze(y, 1));
    return squeeze(result, result.rank() - 1);
  }
  OpFoldResult depth = x.sizes.back(), other = y.sizes[y.rank() - 2];
  if (getConstantIntValue(depth) && getConstantIntValue(other) && !same(depth, other))
    return (void)error("expected matrices that can be multiplied, got " + showTensor(x) + " and " + showTensor(y)),
           broken(x.type, {});
  std::optional<Sizes> batch = broadcast(ArrayRef(x.sizes).drop_back(2), ArrayRef(y.sizes).drop_back(2));
  if (!batch)
    return broken(x.type, {});
  // Loops: the batch, rows, columns, depth. A batch of 1 that spreads is left out of the operand.
  int64_t count = batch->size();
  Sizes loops(*batch);
  loops.append({x.sizes[x.rank() - 2], y.sizes.back(), depth});
  SmallVector<int64_t> result = llvm::to_vector(llvm::seq<int64_t>(count + 2));
  auto place = [&](const Tensor &operand, SmallVector<int64_t> inner, SmallVector<int64_t> &map) {
    SmallVector<int64_t> spread;
    for (int64_t dim = 0; dim < operand.rank() - 2; ++dim) {
      int64_t loop = count - (operand.rank() - 2) + dim;
      if (getConstantIntValue(operand.sizes[dim]) == 1 && getConstantIntValue((*batch)[loop]) != 1)
        spread.push_back(dim);
      else
        map.push_back(loop);
    }
    map.append(inner);
    return spread.empty() ? operand : squeeze(operand, spread);
  };
  SmallVector<SmallVector<int64_t>> maps(2);
  Tensor left = place(x, {count, count + 2}, maps[0]), right;
  if (y.rank() == 2 && y.argument.empty() && isOfWeight(y.value)) {
    // Row by row of the result, as the compiler packs weights; it turns them once, in `prepare`.
    right = transpose(y, {1, 0});
    maps[1] = {count + 1, count + 2};
  } else {
    right = place(y, {count + 2, count + 1}, maps[1]);
  }
  maps.push_back(result);
  return contract({left, right}, maps, loops);
}
