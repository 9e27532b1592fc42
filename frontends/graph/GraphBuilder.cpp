//===- GraphBuilder.cpp - builds models as IR of the stage `input` --------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/graph/GraphBuilder.h"

#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace linnet;

static RankedTensorType tensorType(Value value) { return cast<RankedTensorType>(value.getType()); }

GraphBuilder::GraphBuilder(MLIRContext &context) : builder(UnknownLoc::get(&context), &context) {
  context.loadDialect<LinnetDialect, arith::ArithDialect, func::FuncDialect, linalg::LinalgDialect, math::MathDialect,
                      tensor::TensorDialect>();
}

//===----------------------------------------------------------------------===//
// The model and its functions
//===----------------------------------------------------------------------===//

void GraphBuilder::beginModel(StringRef name, StringRef metadata, ArrayRef<StringRef> symbols) {
  at(name);
  module = ModuleOp::create(builder.getLoc(), name);
  (*module)->setAttr("linnet.metadata", builder.getStringAttr(metadata));
  (*module)->setAttr("linnet.symbols", builder.getStrArrayAttr(symbols));
}

OwningOpRef<ModuleOp> GraphBuilder::finishModel() { return std::move(module); }

void GraphBuilder::beginFunction(StringRef name) {
  argumentAttributes.clear();
  symbolSizes.clear();
  weights.clear();
  extended.clear();
  sizes.clear();
  at(name);
  builder.setInsertionPointToEnd(module->getBody());
  function = func::FuncOp::create(builder, name, builder.getFunctionType({}, {}));
  builder.setInsertionPointToStart(function.addEntryBlock());
}

void GraphBuilder::finishFunction(ArrayRef<Output> outputs) {
  SmallVector<Value> values;
  SmallVector<DictionaryAttr> resultAttributes;
  for (const Output &output : outputs) {
    values.push_back(output.value);
    resultAttributes.push_back(
        interfaceAttributes(output.isState ? "state" : "output", output.name, output.symbols, output.isUnsigned));
  }
  builder.setLoc(function.getLoc());
  func::ReturnOp::create(builder, values);
  function.setFunctionType(
      builder.getFunctionType(function.front().getArgumentTypes(), llvm::to_vector(ValueRange(values).getTypes())));
  function.setAllArgAttrs(argumentAttributes);
  function.setAllResultAttrs(resultAttributes);
}

void GraphBuilder::at(const Twine &name) { builder.setLoc(NameLoc::get(builder.getStringAttr(name))); }

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

DictionaryAttr GraphBuilder::interfaceAttributes(StringRef role, StringRef name, ArrayRef<StringRef> symbols,
                                                 bool isUnsigned) {
  SmallVector<NamedAttribute> attributes = {builder.getNamedAttr("linnet.role", builder.getStringAttr(role)),
                                            builder.getNamedAttr("linnet.name", builder.getStringAttr(name))};
  if (!symbols.empty())
    attributes.push_back(builder.getNamedAttr("linnet.symbols", builder.getStrArrayAttr(symbols)));
  if (isUnsigned)
    attributes.push_back(builder.getNamedAttr("linnet.unsigned", builder.getUnitAttr()));
  return builder.getDictionaryAttr(attributes);
}

Value GraphBuilder::addArgument(StringRef role, StringRef name, RankedTensorType type, ArrayRef<StringRef> symbols,
                                bool isUnsigned) {
  assert(type.getNumDynamicDims() == static_cast<int64_t>(symbols.size()) &&
         "expected one symbol per dynamic dimension");
  Location loc = NameLoc::get(builder.getStringAttr(name));
  Value argument = function.front().addArgument(type, loc);
  argumentAttributes.push_back(interfaceAttributes(role, name, symbols, isUnsigned));

  Sizes argumentSizes;
  for (auto [dim, size] : llvm::enumerate(type.getShape())) {
    if (!ShapedType::isDynamic(size)) {
      argumentSizes.push_back(builder.getIndexAttr(size));
      continue;
    }
    Value &value = symbolSizes[symbols.front()];
    if (!value)
      value = builder.createOrFold<tensor::DimOp>(argument, static_cast<int64_t>(dim));
    argumentSizes.push_back(value);
    symbols = symbols.drop_front();
  }
  return withSizes(argument, argumentSizes);
}

Value GraphBuilder::addInput(StringRef name, RankedTensorType type, ArrayRef<StringRef> symbols, bool isUnsigned) {
  return addArgument("input", name, type, symbols, isUnsigned);
}

Value GraphBuilder::addState(StringRef name, RankedTensorType type, ArrayRef<StringRef> symbols) {
  return addArgument("state", name, type, symbols);
}

Value GraphBuilder::addWeight(StringRef name, ArrayRef<int64_t> shape, Type elementType) {
  auto type = RankedTensorType::get(shape, elementType);
  Value &weight = weights[name];
  if (!weight)
    weight = addArgument("weight", name, type, {});
  assert(weight.getType() == type && "expected every use of a weight to name one type");
  return weight;
}

Value GraphBuilder::toF32(Value tensor) {
  if (tensorType(tensor).getElementType().isF32())
    return tensor;
  if (Value known = extended.lookup(tensor))
    return known;
  Type f32 = builder.getF32Type();
  Value result = elementwise(
      tensor, f32, [&](ImplicitLocOpBuilder &b, ValueRange x) -> Value { return arith::ExtFOp::create(b, f32, x[0]); });
  return extended[tensor] = result;
}

//===----------------------------------------------------------------------===//
// Sizes and generic operations
//===----------------------------------------------------------------------===//

GraphBuilder::Sizes GraphBuilder::sizesOf(Value value) {
  auto known = sizes.find(value);
  if (known != sizes.end())
    return known->second;
  return sizes[value] = tensor::getMixedSizes(builder, builder.getLoc(), value);
}

Value GraphBuilder::withSizes(Value value, ArrayRef<OpFoldResult> valueSizes) {
  sizes[value] = Sizes(valueSizes);
  return value;
}

Value GraphBuilder::empty(ArrayRef<OpFoldResult> emptySizes, Type elementType) {
  return withSizes(tensor::EmptyOp::create(builder, emptySizes, elementType), emptySizes);
}

Value GraphBuilder::zeros(ArrayRef<OpFoldResult> zeroSizes) {
  Value zero = arith::ConstantOp::create(builder, builder.getF32FloatAttr(0));
  Value init = empty(zeroSizes, builder.getF32Type());
  return withSizes(linalg::FillOp::create(builder, zero, init).getResult(0), zeroSizes);
}

AffineMap GraphBuilder::lastDims(int64_t rank, int64_t count) {
  return AffineMap::getMultiDimIdentityMap(rank, builder.getContext()).getMinorSubMap(count);
}

Value GraphBuilder::parallel(ArrayRef<OpFoldResult> resultSizes, ValueRange inputs, ArrayRef<AffineMap> inputMaps,
                             Type elementType, ElementBody body) {
  int64_t rank = resultSizes.size();
  Value init = empty(resultSizes, elementType);
  SmallVector<AffineMap> maps(inputMaps);
  maps.push_back(builder.getMultiDimIdentityMap(rank));
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  auto op = linalg::GenericOp::create(builder, init.getType(), inputs, init, maps, iterators,
                                      [&](OpBuilder &nested, Location loc, ValueRange arguments) {
                                        ImplicitLocOpBuilder b(loc, nested);
                                        linalg::YieldOp::create(b, body(b, arguments.drop_back()));
                                      });
  return withSizes(op.getResult(0), resultSizes);
}

Value GraphBuilder::elementwise(ValueRange inputs, Type elementType, ElementBody body) {
  int64_t rank = tensorType(inputs[0]).getRank();
  SmallVector<AffineMap> maps;
  for (Value input : inputs)
    maps.push_back(lastDims(rank, tensorType(input).getRank()));
  return parallel(sizesOf(inputs[0]), inputs, maps, elementType, body);
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

Value GraphBuilder::embedding(Value tokens, Value table) {
  Sizes resultSizes = sizesOf(tokens);
  resultSizes.push_back(sizesOf(table)[1]);
  int64_t rank = resultSizes.size();
  AffineMap tokenMap = AffineMap::getMultiDimIdentityMap(rank, builder.getContext()).getMajorSubMap(rank - 1);
  Type f32 = builder.getF32Type();
  return parallel(resultSizes, tokens, tokenMap, f32, [&](ImplicitLocOpBuilder &b, ValueRange x) -> Value {
    Value row = arith::IndexCastOp::create(b, b.getIndexType(), x[0]);
    Value column = linalg::IndexOp::create(b, rank - 1);
    Value element = tensor::ExtractOp::create(b, table, ValueRange{row, column});
    return element.getType().isF32() ? element : arith::ExtFOp::create(b, f32, element).getResult();
  });
}

Value GraphBuilder::rmsNorm(Value x, Value weight, double epsilon) {
  Sizes xSizes = sizesOf(x);
  int64_t rank = xSizes.size();
  Sizes rowSizes(xSizes);
  rowSizes.pop_back();
  AffineMap identity = builder.getMultiDimIdentityMap(rank);
  AffineMap rows = identity.getMajorSubMap(rank - 1);

  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  iterators.back() = utils::IteratorType::reduction;
  Value init = zeros(rowSizes);
  // `reassoc` lets the sum be cut into vector lanes. The result still is the same bits in every run and for any number
  // of threads: the compiler chooses one order, and a row is never divided between threads.
  auto sum = linalg::GenericOp::create(
      builder, init.getType(), x, init, {identity, rows}, iterators,
      [&](OpBuilder &nested, Location loc, ValueRange arguments) {
        ImplicitLocOpBuilder b(loc, nested);
        Value square = arith::MulFOp::create(b, arguments[0], arguments[0]);
        linalg::YieldOp::create(
            b, arith::AddFOp::create(b, arguments[1], square, arith::FastMathFlags::reassoc).getResult());
      });

  auto count = static_cast<double>(tensorType(x).getShape().back());
  return parallel(xSizes, {x, sum.getResult(0), weight}, {identity, rows, lastDims(rank, tensorType(weight).getRank())},
                  builder.getF32Type(), [&](ImplicitLocOpBuilder &b, ValueRange v) -> Value {
                    Value size = arith::ConstantOp::create(b, b.getF32FloatAttr(count));
                    Value eps = arith::ConstantOp::create(b, b.getF32FloatAttr(epsilon));
                    Value mean = arith::DivFOp::create(b, v[1], size);
                    Value scale = math::RsqrtOp::create(b, arith::AddFOp::create(b, mean, eps).getResult());
                    Value normal = arith::MulFOp::create(b, v[0], scale);
                    return arith::MulFOp::create(b, normal, v[2]);
                  });
}

Value GraphBuilder::linear(Value x, Value weight, Value bias, Value addTo) {
  Sizes resultSizes = sizesOf(x);
  resultSizes.back() = sizesOf(weight)[0];
  int64_t rank = resultSizes.size();
  Type f32 = builder.getF32Type();
  auto add = [](ImplicitLocOpBuilder &b, ValueRange v) -> Value { return arith::AddFOp::create(b, v[0], v[1]); };

  // What is added is what the products are accumulated on: no pass over memory of its own.
  Value init;
  if (addTo && bias)
    init = elementwise({addTo, bias}, f32, add);
  else if (addTo)
    init = addTo;
  else if (bias)
    init = parallel(resultSizes, bias, lastDims(rank, 1), f32,
                    [](ImplicitLocOpBuilder &, ValueRange v) -> Value { return v[0]; });
  else
    init = zeros(resultSizes);

  // (batch..., n, k)
  MLIRContext *context = builder.getContext();
  SmallVector<AffineExpr> dims;
  for (int64_t dim = 0; dim <= rank; ++dim)
    dims.push_back(getAffineDimExpr(dim, context));
  AffineExpr n = dims[rank - 1], k = dims[rank];
  SmallVector<AffineExpr> xDims(ArrayRef(dims).take_front(rank - 1));
  xDims.push_back(k);
  Attribute maps[] = {AffineMapAttr::get(AffineMap::get(rank + 1, 0, xDims, context)),
                      AffineMapAttr::get(AffineMap::get(rank + 1, 0, {n, k}, context)),
                      AffineMapAttr::get(AffineMap::get(rank + 1, 0, ArrayRef(dims).take_front(rank), context))};
  auto op = linalg::ContractOp::create(builder, TypeRange(init.getType()), ValueRange{x, weight}, ValueRange(init),
                                       builder.getArrayAttr(maps));
  return withSizes(op->getResult(0), resultSizes);
}

Value GraphBuilder::sliceLast(Value x, int64_t offset, int64_t size) {
  Sizes resultSizes = sizesOf(x);
  resultSizes.back() = builder.getIndexAttr(size);
  Sizes offsets(resultSizes.size(), builder.getIndexAttr(0));
  offsets.back() = builder.getIndexAttr(offset);
  Sizes strides(resultSizes.size(), builder.getIndexAttr(1));
  return withSizes(tensor::ExtractSliceOp::create(builder, x, offsets, resultSizes, strides), resultSizes);
}

Value GraphBuilder::concatenateLast(Value x, Value y) {
  Sizes part = sizesOf(x), whole = part;
  int64_t size = tensorType(x).getShape().back();
  whole.back() = builder.getIndexAttr(2 * size);
  Sizes offsets(part.size(), builder.getIndexAttr(0)), strides(part.size(), builder.getIndexAttr(1));
  Value result = empty(whole, tensorType(x).getElementType());
  result = tensor::InsertSliceOp::create(builder, x, result, offsets, part, strides);
  offsets.back() = builder.getIndexAttr(size);
  return withSizes(tensor::InsertSliceOp::create(builder, y, result, offsets, part, strides), whole);
}

Value GraphBuilder::lastToken(Value x) {
  RankedTensorType type = tensorType(x);
  if (type.getDimSize(1) == 1)
    return collapse(x, 0);
  Sizes sliceSizes = sizesOf(x);
  Value one = arith::ConstantIndexOp::create(builder, 1);
  Value time = getValueOrCreateConstantIndexOp(builder, builder.getLoc(), sliceSizes[1]);
  Value last = arith::SubIOp::create(builder, time, one);
  OpFoldResult zero = builder.getIndexAttr(0), unit = builder.getIndexAttr(1);
  sliceSizes[1] = unit;
  auto resultType = RankedTensorType::get({type.getDimSize(0), type.getDimSize(2)}, type.getElementType());
  Value slice =
      tensor::ExtractSliceOp::create(builder, resultType, x, {zero, last, zero}, sliceSizes, {unit, unit, unit});
  return withSizes(slice, {sliceSizes[0], sliceSizes[2]});
}

Value GraphBuilder::addTime(Value x) {
  RankedTensorType type = tensorType(x);
  Sizes resultSizes = sizesOf(x);
  resultSizes.insert(resultSizes.begin() + 1, builder.getIndexAttr(1));
  SmallVector<int64_t> shape(type.getShape());
  shape.insert(shape.begin() + 1, 1);
  SmallVector<ReassociationIndices> groups = {{0, 1}};
  for (int64_t dim = 1; dim < type.getRank(); ++dim)
    groups.push_back({dim + 1});
  return withSizes(tensor::ExpandShapeOp::create(builder, type.clone(shape), x, groups, resultSizes), resultSizes);
}

Value GraphBuilder::collapse(Value x, int64_t dim) {
  Sizes xSizes = sizesOf(x), resultSizes;
  SmallVector<ReassociationIndices> groups;
  for (int64_t i = 0, rank = xSizes.size(); i < rank; ++i) {
    if (i == dim + 1) {
      groups.back().push_back(i);
      continue;
    }
    groups.push_back({i});
    resultSizes.push_back(xSizes[i]);
  }
  Value result = tensor::CollapseShapeOp::create(builder, x, groups);
  int64_t merged = tensorType(result).getDimSize(dim);
  if (!ShapedType::isDynamic(merged))
    resultSizes[dim] = builder.getIndexAttr(merged);
  else if (tensorType(x).getDimSize(dim + 1) != 1)
    return result; // the size is a product: left to be asked for
  return withSizes(result, resultSizes);
}

Value GraphBuilder::splitLast(Value x, int64_t count) {
  RankedTensorType type = tensorType(x);
  int64_t rank = type.getRank(), size = type.getShape().back() / count;
  SmallVector<int64_t> shape(type.getShape().drop_back());
  shape.append({count, size});
  Sizes resultSizes = sizesOf(x);
  resultSizes.back() = builder.getIndexAttr(count);
  resultSizes.push_back(builder.getIndexAttr(size));
  SmallVector<ReassociationIndices> groups;
  for (int64_t dim = 0; dim < rank; ++dim)
    groups.push_back({dim});
  groups.back().push_back(rank);
  return withSizes(tensor::ExpandShapeOp::create(builder, type.clone(shape), x, groups, resultSizes), resultSizes);
}

Value GraphBuilder::gated(Value x, Value gate, Gate function) {
  SmallVector<Value> inputs = {x};
  if (gate != x)
    inputs.push_back(gate);
  return elementwise(inputs, builder.getF32Type(), [&](ImplicitLocOpBuilder &b, ValueRange v) -> Value {
    Value x = v.front(), gate = v.back();
    if (function != Gate::Sigmoid)
      x = arith::MulFOp::create(b, x, gate);
    if (function == Gate::Plain)
      return x;
    Value one = arith::ConstantOp::create(b, b.getF32FloatAttr(1));
    Value exp = math::ExpOp::create(b, arith::NegFOp::create(b, gate).getResult());
    return arith::DivFOp::create(b, x, arith::AddFOp::create(b, one, exp).getResult());
  });
}

Value GraphBuilder::negExp(Value x) {
  return elementwise(x, builder.getF32Type(), [](ImplicitLocOpBuilder &b, ValueRange v) -> Value {
    return arith::NegFOp::create(b, math::ExpOp::create(b, v[0]).getResult());
  });
}

Value GraphBuilder::scaleHeads(Value x, Value factors, Value addTo) {
  int64_t rank = tensorType(x).getRank();
  AffineMap heads = lastDims(rank, tensorType(factors).getRank() + 1).dropResult(tensorType(factors).getRank());
  SmallVector<Value> inputs = {x, factors};
  SmallVector<AffineMap> maps = {lastDims(rank, rank), heads};
  if (addTo) {
    inputs.push_back(addTo);
    maps.push_back(lastDims(rank, rank));
  }
  return parallel(sizesOf(x), inputs, maps, builder.getF32Type(), [&](ImplicitLocOpBuilder &b, ValueRange v) -> Value {
    Value product = arith::MulFOp::create(b, v[0], v[1]);
    return addTo ? arith::AddFOp::create(b, product, v[2]).getResult() : product;
  });
}

Value GraphBuilder::constant(ArrayRef<float> values) {
  auto type = RankedTensorType::get(values.size(), builder.getF32Type());
  return arith::ConstantOp::create(builder, DenseElementsAttr::get(type, values));
}

std::pair<Value, Value> GraphBuilder::countTokens(Value x, ArrayRef<int32_t> steps, Value state) {
  auto type = RankedTensorType::get(steps.size(), builder.getI32Type());
  Value constant = arith::ConstantOp::create(builder, DenseElementsAttr::get(type, steps));
  Sizes sums(sizesOf(x));
  sums.resize(2);
  sums.push_back(builder.getIndexAttr(steps.size()));
  Value everyToken = parallel(sums, constant, lastDims(3, 1), builder.getI32Type(),
                              [](ImplicitLocOpBuilder &, ValueRange v) -> Value { return v[0]; });
  Value init = empty(sums, builder.getI32Type());
  auto op = ScanOp::create(builder, everyToken, init, state, /*segment_start=*/{}, ScanKind::Add, /*dimension=*/1,
                           /*exclusive=*/false, /*reverse=*/false, /*unseeded=*/false, /*element_ranks=*/{},
                           /*combinersCount=*/0);
  return {withSizes(op.getYs()[0], sums), withSizes(op.getStates()[0], sizesOf(state))};
}

Value GraphBuilder::rotate(Value x, Value cosines, Value sines) {
  int64_t half = tensorType(x).getShape().back() / 2;
  Value first = sliceLast(x, 0, half), second = sliceLast(x, half, half);
  AffineMap identity = builder.getMultiDimIdentityMap(4), noHeads = identity.dropResult(2);
  auto turn = [&](Value x, Value other, bool isFirst) {
    return parallel(sizesOf(x), {x, other, cosines, sines}, {identity, identity, noHeads, noHeads},
                    builder.getF32Type(), [&](ImplicitLocOpBuilder &b, ValueRange v) -> Value {
                      Value own = arith::MulFOp::create(b, v[0], v[2]);
                      Value crossed = arith::MulFOp::create(b, v[1], v[3]);
                      if (isFirst)
                        return arith::SubFOp::create(b, own, crossed);
                      return arith::AddFOp::create(b, own, crossed);
                    });
  };
  return concatenateLast(turn(first, second, true), turn(second, first, false));
}

std::pair<Value, Value> GraphBuilder::causalConv1d(Value x, Value weight, Value bias, Value state, bool silu) {
  Sizes xSizes = sizesOf(x);
  Value init = empty(xSizes, tensorType(x).getElementType());
  auto op = CausalConv1dOp::create(builder, init.getType(), state.getType(), x, weight, init, state, bias, Layout::BTD,
                                   silu ? Activation::Silu : Activation::None);
  return {withSizes(op.getY(), xSizes), withSizes(op.getState(), sizesOf(state))};
}

std::pair<Value, Value> GraphBuilder::selectiveScan(const SelectiveScanOperands &in) {
  Sizes uSizes = sizesOf(in.u);
  Value init = empty(uSizes, tensorType(in.u).getElementType());
  auto op = SelectiveScanOp::create(builder, init.getType(), in.state.getType(), in.u, in.delta, in.A, in.B, in.C, init,
                                    in.state, in.D, in.z, in.deltaBias, Layout::BTD, in.deltaSoftplus);
  return {withSizes(op.getY(), uSizes), withSizes(op.getState(), sizesOf(in.state))};
}

std::pair<Value, Value> GraphBuilder::linearAttention(const LinearAttentionOperands &in) {
  Sizes vSizes = sizesOf(in.v);
  Value init = empty(vSizes, tensorType(in.v).getElementType());
  auto op = LinearAttentionOp::create(builder, in.q, in.k, in.v, in.logDecay, init, in.state, in.scale);
  return {withSizes(op.getO(), vSizes), withSizes(op.getState(), sizesOf(in.state))};
}
