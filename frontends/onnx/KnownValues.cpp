//===- KnownValues.cpp - shapes computed by graphs ------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exported graphs compute shapes with operators: Shape, Gather, Mul, Concat, then Reshape. Such tensors are kept as
// their elements, numbers or sizes known when the model runs, and never become tensors of IR.
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Importer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace linnet::onnx_frontend;

namespace {

constexpr int64_t kMostElements = 1024;

using Binary = std::optional<OpFoldResult> (*)(TensorBuilder &, OpFoldResult, OpFoldResult);

template <typename Fold>
std::optional<OpFoldResult> onNumbers(TensorBuilder &b, OpFoldResult x, OpFoldResult y, Fold fold) {
  std::optional<int64_t> left = getConstantIntValue(x), right = getConstantIntValue(y);
  if (!left || !right)
    return std::nullopt;
  return b.size(fold(*left, *right));
}

/// The function of two elements that an operator computes, or null.
Binary findBinary(StringRef op) {
  using B = TensorBuilder;
  using F = OpFoldResult;
  return llvm::StringSwitch<Binary>(op)
      .Case("Add", [](B &b, F x, F y) -> std::optional<F> { return b.addSizes(x, y); })
      .Case("Sub", [](B &b, F x, F y) -> std::optional<F> { return b.subSizes(x, y); })
      .Case("Mul", [](B &b, F x, F y) -> std::optional<F> { return b.mulSizes(x, y); })
      .Case("Div",
            [](B &b, F x, F y) -> std::optional<F> {
              // Of what is known to be positive only: sizes, by a number.
              std::optional<int64_t> divisor = getConstantIntValue(y);
              if (!divisor || *divisor <= 0)
                return std::nullopt;
              return b.divSizes(x, y);
            })
      .Case("Mod",
            [](B &b, F x, F y) {
              std::optional<int64_t> divisor = getConstantIntValue(y);
              if (!divisor || *divisor <= 0)
                return std::optional<F>();
              return onNumbers(b, x, y, [](int64_t p, int64_t q) { return ((p % q) + q) % q; });
            })
      .Case("Min",
            [](B &b, F x, F y) { return onNumbers(b, x, y, [](int64_t p, int64_t q) { return std::min(p, q); }); })
      .Case("Max",
            [](B &b, F x, F y) { return onNumbers(b, x, y, [](int64_t p, int64_t q) { return std::max(p, q); }); })
      .Case("Equal",
            [](B &b, F x, F y) -> std::optional<F> {
              if (x == y)
                return b.size(1);
              return onNumbers(b, x, y, [](int64_t p, int64_t q) { return p == q; });
            })
      .Case("Less", [](B &b, F x, F y) { return onNumbers(b, x, y, [](int64_t p, int64_t q) { return p < q; }); })
      .Case("LessOrEqual",
            [](B &b, F x, F y) { return onNumbers(b, x, y, [](int64_t p, int64_t q) { return p <= q; }); })
      .Case("Greater", [](B &b, F x, F y) { return onNumbers(b, x, y, [](int64_t p, int64_t q) { return p > q; }); })
      .Case("GreaterOrEqual",
            [](B &b, F x, F y) { return onNumbers(b, x, y, [](int64_t p, int64_t q) { return p >= q; }); })
      .Case("And", [](B &b, F x, F y) { return onNumbers(b, x, y, [](int64_t p, int64_t q) { return p && q; }); })
      .Case("Or", [](B &b, F x, F y) { return onNumbers(b, x, y, [](int64_t p, int64_t q) { return p || q; }); })
      .Default(nullptr);
}

bool isComparison(StringRef op) {
  return llvm::is_contained<StringRef>({"Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"}, op);
}

/// One tensor of known elements for a node, whose inputs are known too.
class Folder {
public:
  explicit Folder(Node &node) : node(node) {}

  std::optional<Tensor> fold();

private:
  const Sizes &elements(int64_t i) { return *node.in(i).known; }
  std::optional<SmallVector<int64_t>> shapeOf(const Tensor &tensor) { return getConstantIntValues(tensor.sizes); }
  /// The element of `tensor` that broadcasts to `place` in `shape`.
  OpFoldResult at(const Tensor &tensor, ArrayRef<int64_t> shape, int64_t place);
  std::optional<Tensor> elementwise(ArrayRef<Tensor> inputs, int32_t type,
                                    llvm::function_ref<std::optional<OpFoldResult>(ArrayRef<OpFoldResult>)> body);
  std::optional<Tensor> foldShape();
  std::optional<Tensor> foldGather();
  std::optional<Tensor> foldConcat();
  std::optional<Tensor> foldSlice();
  std::optional<Tensor> foldReduce();
  std::optional<Tensor> foldRange();
  std::optional<Tensor> foldCast();

  Node &node;
};

OpFoldResult Folder::at(const Tensor &tensor, ArrayRef<int64_t> shape, int64_t place) {
  SmallVector<int64_t> own = *shapeOf(tensor);
  int64_t index = 0, stride = 1;
  for (int64_t dim = shape.size() - 1, d = static_cast<int64_t>(own.size()) - 1; d >= 0; --dim, --d) {
    int64_t coordinate = place % shape[dim];
    place /= shape[dim];
    index += (own[d] == 1 ? 0 : coordinate) * stride;
    stride *= own[d];
  }
  return (*tensor.known)[index];
}

std::optional<Tensor>
Folder::elementwise(ArrayRef<Tensor> inputs, int32_t type,
                    llvm::function_ref<std::optional<OpFoldResult>(ArrayRef<OpFoldResult>)> body) {
  Sizes sizes;
  for (const Tensor &input : inputs) {
    std::optional<Sizes> both = node.broadcast(sizes, input.sizes);
    if (!both)
      return std::nullopt;
    sizes = *both;
  }
  SmallVector<int64_t> shape = *getConstantIntValues(sizes);
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  if (count > kMostElements)
    return std::nullopt;
  Sizes results;
  for (int64_t place = 0; place < count; ++place) {
    SmallVector<OpFoldResult> operands;
    for (const Tensor &input : inputs)
      operands.push_back(at(input, shape, place));
    std::optional<OpFoldResult> result = body(operands);
    if (!result)
      return std::nullopt;
    results.push_back(*result);
  }
  return node.known(results, shape, type);
}

std::optional<Tensor> Folder::foldShape() {
  const Sizes &sizes = node.in(0).sizes;
  int64_t rank = sizes.size();
  auto clamp = [&](int64_t place) { return std::min(std::max<int64_t>(place < 0 ? place + rank : place, 0), rank); };
  int64_t start = clamp(node.integer("start", 0)), end = std::max(start, clamp(node.integer("end", rank)));
  return node.known(Sizes(ArrayRef(sizes).slice(start, end - start)), {end - start});
}

std::optional<Tensor> Folder::foldGather() {
  std::optional<SmallVector<int64_t>> indices = node.numbers(node.in(1)), shape = shapeOf(node.in(1));
  if (!indices || node.in(0).rank() != 1 || node.integer("axis", 0) > 0)
    return std::nullopt;
  int64_t size = elements(0).size();
  Sizes results;
  for (int64_t index : *indices) {
    if (index < -size || index >= size)
      return std::nullopt;
    results.push_back(elements(0)[index < 0 ? index + size : index]);
  }
  return node.known(results, *shape, node.in(0).type);
}

std::optional<Tensor> Folder::foldConcat() {
  Sizes results;
  for (int64_t i = 0; i < node.inputs(); ++i) {
    if (node.in(i).rank() != 1 || node.in(i).type != node.in(0).type)
      return std::nullopt;
    results.append(elements(i));
  }
  return node.known(results, static_cast<int64_t>(results.size()), node.in(0).type);
}

std::optional<Tensor> Folder::foldSlice() {
  if (node.in(0).rank() != 1 || node.inputs() < 3)
    return std::nullopt;
  std::optional<SmallVector<int64_t>> start = node.numbers(node.in(1)), end = node.numbers(node.in(2)), step;
  step = node.has(4) ? node.numbers(node.in(4)) : SmallVector<int64_t>{1};
  if (!start || !end || !step || start->size() != 1 || end->size() != 1 || step->size() != 1 || step->front() == 0)
    return std::nullopt;
  int64_t size = elements(0).size(), by = step->front();
  auto clamp = [&](int64_t place, int64_t least, int64_t most) {
    return std::min(std::max(place < 0 ? place + size : place, least), most);
  };
  int64_t first = by > 0 ? clamp(start->front(), 0, size) : clamp(start->front(), -1, size - 1);
  int64_t last =
      by > 0 ? clamp(end->front(), 0, size) : (end->front() < -size ? -1 : clamp(end->front(), -1, size - 1));
  Sizes results;
  for (int64_t i = first; by > 0 ? i < last : i > last; i += by)
    results.push_back(elements(0)[i]);
  return node.known(results, static_cast<int64_t>(results.size()), node.in(0).type);
}

std::optional<Tensor> Folder::foldReduce() {
  bool multiplies = node.op() == "ReduceProd";
  if (node.in(0).rank() != 1)
    return std::nullopt;
  OpFoldResult result = node.size(multiplies ? 1 : 0);
  for (OpFoldResult element : elements(0))
    result = multiplies ? node.mulSizes(result, element) : node.addSizes(result, element);
  SmallVector<int64_t> shape(node.integer("keepdims", 1) ? 1 : 0, 1);
  return node.known({result}, shape, node.in(0).type);
}

std::optional<Tensor> Folder::foldRange() {
  std::optional<SmallVector<int64_t>> start = node.numbers(node.in(0)), limit = node.numbers(node.in(1)),
                                      step = node.numbers(node.in(2));
  if (!start || !limit || !step || start->size() != 1 || limit->size() != 1 || step->size() != 1 || !step->front())
    return std::nullopt;
  Sizes results;
  int64_t by = step->front();
  for (int64_t i = start->front(); by > 0 ? i < limit->front() : i > limit->front();) {
    results.push_back(node.size(i));
    if (results.size() > kMostElements || llvm::AddOverflow(i, by, i))
      return std::nullopt;
  }
  return node.known(results, static_cast<int64_t>(results.size()), node.in(0).type);
}

std::optional<Tensor> Folder::foldCast() {
  int64_t to = node.op() == "Cast" ? node.integer("to", 0) : node.in(1).type;
  // Between types that hold every size.
  if (to != kInt64 && !(to == kInt32 && node.numbers(node.in(0))))
    return std::nullopt;
  if (to == kInt32)
    for (int64_t number : *node.numbers(node.in(0)))
      if (number != static_cast<int32_t>(number))
        return std::nullopt;
  Tensor result = node.in(0);
  result.type = static_cast<int32_t>(to);
  result.value = Value();
  return result;
}

std::optional<Tensor> Folder::fold() {
  StringRef op = node.op();
  if (op == "Shape")
    return foldShape();
  if (op == "Size")
    return node.known({node.product(node.in(0).sizes)}, {});
  bool firstOnly = op == "CastLike";
  for (auto [i, input] : llvm::enumerate(node.all()))
    if (input && !input.known && !(firstOnly && i > 0))
      return std::nullopt;
  if (node.inputs() == 0)
    return std::nullopt;
  for (int64_t i = 0; i < node.inputs(); ++i)
    if (!node.has(i) && op != "Slice")
      return std::nullopt;
  if (op == "Gather")
    return foldGather();
  if (op == "Concat")
    return foldConcat();
  if (op == "Slice")
    return foldSlice();
  if ((op == "ReduceProd" || op == "ReduceSum") && node.inputs() <= 2)
    return foldReduce();
  if (op == "Range")
    return foldRange();
  if (op == "Cast" || op == "CastLike")
    return foldCast();
  if (op == "Neg" && isInteger(node.in(0).type))
    return elementwise(node.in(0), node.in(0).type,
                       [&](ArrayRef<OpFoldResult> x) { return node.subSizes(node.size(0), x[0]); });
  if (op == "Not")
    return elementwise(node.in(0), kBool, [&](ArrayRef<OpFoldResult> x) -> std::optional<OpFoldResult> {
      std::optional<int64_t> number = getConstantIntValue(x[0]);
      return number ? std::optional<OpFoldResult>(node.size(!*number)) : std::nullopt;
    });
  if (op == "Where" && node.inputs() == 3 && node.in(1).type == node.in(2).type)
    return elementwise(node.all(), node.in(1).type, [&](ArrayRef<OpFoldResult> x) -> std::optional<OpFoldResult> {
      std::optional<int64_t> chosen = getConstantIntValue(x[0]);
      return chosen ? std::optional<OpFoldResult>(*chosen ? x[1] : x[2]) : std::nullopt;
    });
  // Narrow types wrap around, which indices do not.
  Binary binary = findBinary(op);
  int32_t type = node.in(0).type;
  bool isWide = type == kInt64 || type == kInt32 || type == kBool;
  if (binary && node.inputs() == 2 && isWide && node.in(1).type == type)
    return elementwise(node.all(), isComparison(op) ? static_cast<int32_t>(kBool) : type,
                       [&](ArrayRef<OpFoldResult> x) { return binary(node, x[0], x[1]); });
  return std::nullopt;
}

} // namespace

bool linnet::onnx_frontend::foldKnownValues(Node &node) {
  StringRef domain = node.proto.domain();
  if (!domain.empty() && domain != "ai.onnx")
    return false;
  std::optional<Tensor> folded = Folder(node).fold();
  if (folded)
    node.out(0, *folded);
  return folded.has_value() && !node.failed;
}
