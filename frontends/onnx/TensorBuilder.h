//===- TensorBuilder.h - operations on ONNX tensors -----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the lowerings of operators are written with. Every function accepts any operands: where they do not fit, the
// first problem is reported at the current location, `failed` is set, and a tensor without values is returned, so that
// a lowering may go on and the importer drops what it made.
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_ONNX_TENSORBUILDER_H
#define LINNET_FRONTENDS_ONNX_TENSORBUILDER_H

#include "frontends/onnx/Scalars.h"

#include "mlir/IR/BuiltinAttributes.h"

#include <optional>
#include <string>

namespace linnet::onnx_frontend {

using Sizes = llvm::SmallVector<mlir::OpFoldResult>;

/// A value of a graph. Either `value` is there, or the elements are known, or both.
struct Tensor {
  int32_t type = kUndefined;
  Sizes sizes;
  mlir::Value value;
  /// Elements of an integer or bool tensor, in row-major order, as indices: what computes shapes is not worth a tensor.
  std::optional<Sizes> known;
  /// The argument of the function that this is, for messages of the running model.
  std::string argument;

  explicit operator bool() const { return type != kUndefined; }
  int64_t rank() const { return static_cast<int64_t>(sizes.size()); }
};

/// "[2, T, 8]"-like text for messages, with ? for sizes that are known only when the model runs.
std::string showSizes(llvm::ArrayRef<mlir::OpFoldResult> sizes);
std::string showTensor(const Tensor &tensor);

class TensorBuilder {
public:
  TensorBuilder(mlir::ImplicitLocOpBuilder &ops, std::string where) : ops(ops), where(std::move(where)) {}
  virtual ~TensorBuilder() = default;

  mlir::ImplicitLocOpBuilder &ops;
  bool failed = false;

  /// Reports a problem, once per builder.
  mlir::LogicalResult error(const llvm::Twine &message);
  /// Reports `message` unless `condition`, which it returns.
  bool expect(bool condition, const llvm::Twine &message) {
    if (!condition)
      (void)error(message);
    return condition;
  }
  /// A tensor without values, for what cannot be built.
  Tensor broken(int32_t type, Sizes sizes);

  //===--- sizes ------------------------------------------------------------===//

  mlir::OpFoldResult size(int64_t value) { return ops.getIndexAttr(value); }
  Sizes staticSizes(llvm::ArrayRef<int64_t> values);
  mlir::Value asValue(mlir::OpFoldResult size);
  mlir::OpFoldResult addSizes(mlir::OpFoldResult x, mlir::OpFoldResult y);
  mlir::OpFoldResult subSizes(mlir::OpFoldResult x, mlir::OpFoldResult y);
  mlir::OpFoldResult mulSizes(mlir::OpFoldResult x, mlir::OpFoldResult y);
  mlir::OpFoldResult divSizes(mlir::OpFoldResult x, mlir::OpFoldResult y); // rounding down, of what is not negative
  mlir::OpFoldResult product(llvm::ArrayRef<mlir::OpFoldResult> sizes);
  /// Whether both are the same number or the same value.
  static bool same(mlir::OpFoldResult x, mlir::OpFoldResult y);
  static bool same(llvm::ArrayRef<mlir::OpFoldResult> x, llvm::ArrayRef<mlir::OpFoldResult> y);
  /// An axis counted from either end, or nothing after an error.
  std::optional<int64_t> axis(int64_t axis, int64_t rank);
  std::optional<Sizes> broadcast(llvm::ArrayRef<mlir::OpFoldResult> x, llvm::ArrayRef<mlir::OpFoldResult> y);

  //===--- tensors ----------------------------------------------------------===//

  mlir::RankedTensorType irType(int32_t type, llvm::ArrayRef<mlir::OpFoldResult> sizes);
  /// Of the sizes that the value's type has; dynamic ones are asked for.
  Tensor wrap(mlir::Value value, int32_t type);
  Tensor wrap(mlir::Value value, int32_t type, Sizes sizes);
  mlir::Value value(const Tensor &tensor);
  Tensor empty(int32_t type, Sizes sizes);
  Tensor full(int32_t type, Sizes sizes, double number);
  Tensor constant(int32_t type, mlir::DenseElementsAttr elements);
  /// An int64 tensor of known elements.
  Tensor known(Sizes elements, llvm::ArrayRef<int64_t> shape, int32_t type = kInt64);
  /// The element of a constant whose elements are all equal.
  std::optional<double> splat(const Tensor &tensor);
  /// All elements of a tensor of integers known at compile time.
  std::optional<llvm::SmallVector<int64_t>> numbers(const Tensor &tensor);
  /// One element by its place in row-major order, as an index at this point of the function: for integers.
  mlir::OpFoldResult element(const Tensor &tensor, int64_t place);
  /// One element as a scalar of the tensor's type.
  mlir::Value scalar(const Tensor &tensor, int64_t place = 0);
  /// Lets the running model refuse `argument` unless the condition holds.
  void require(mlir::Value condition, llvm::StringRef argument);

  //===--- elementwise ------------------------------------------------------===//

  using ElementBody = llvm::function_ref<mlir::Value(Scalars &, mlir::ValueRange)>;
  /// Element by element, with broadcasting as numpy has it. 16-bit floats come and go as f32. `scalars` computes with
  /// the type of the first input.
  Tensor map(llvm::ArrayRef<Tensor> inputs, int32_t type, ElementBody body);
  /// The same for an output of given sizes, to which the inputs broadcast.
  Tensor mapTo(llvm::ArrayRef<mlir::OpFoldResult> sizes, llvm::ArrayRef<Tensor> inputs, int32_t type, ElementBody body);
  /// Every element from its indices. Elements are of `type` itself. `scalars` computes with it.
  Tensor generate(int32_t type, llvm::ArrayRef<mlir::OpFoldResult> sizes, ElementBody body);
  Tensor cast(const Tensor &x, int32_t type);
  Tensor add(const Tensor &x, const Tensor &y);
  Tensor sub(const Tensor &x, const Tensor &y);
  Tensor mul(const Tensor &x, const Tensor &y);
  Tensor div(const Tensor &x, const Tensor &y);
  /// A tensor without dimensions.
  Tensor number(int32_t type, double value) { return full(type, {}, value); }

  //===--- reductions -------------------------------------------------------===//

  /// Folds the elements along `axes` into one, in f32 for 16-bit floats.
  Tensor reduce(const Tensor &x, llvm::ArrayRef<int64_t> axes, bool keepDims,
                llvm::function_ref<mlir::Value(Scalars &)> init,
                llvm::function_ref<mlir::Value(Scalars &, mlir::Value accumulator, mlir::Value element)> body);
  Tensor sum(const Tensor &x, llvm::ArrayRef<int64_t> axes, bool keepDims);
  Tensor mean(const Tensor &x, llvm::ArrayRef<int64_t> axes, bool keepDims);
  Tensor maximum(const Tensor &x, llvm::ArrayRef<int64_t> axes, bool keepDims);
  Tensor softmax(const Tensor &x, int64_t axis);

  /// The sum of products over the dimensions of `loops` that the result does not have. Each of the maps says for an
  /// operand, and at last for the result, which loops index it.
  Tensor contract(llvm::ArrayRef<Tensor> inputs, llvm::ArrayRef<llvm::SmallVector<int64_t>> maps,
                  llvm::ArrayRef<mlir::OpFoldResult> loops);
  /// As numpy.matmul.
  Tensor matmul(const Tensor &x, const Tensor &y);

  //===--- shape ------------------------------------------------------------===//

  Tensor reshape(const Tensor &x, Sizes sizes);
  Tensor flatten(const Tensor &x) { return reshape(x, {product(x.sizes)}); }
  Tensor unsqueeze(const Tensor &x, llvm::ArrayRef<int64_t> axes);
  Tensor squeeze(const Tensor &x, llvm::ArrayRef<int64_t> axes);
  Tensor transpose(const Tensor &x, llvm::ArrayRef<int64_t> permutation);
  Tensor broadcastTo(const Tensor &x, Sizes sizes);
  /// x[offset : offset + size] along one axis, which is trusted to lie inside.
  Tensor slice(const Tensor &x, int64_t axis, mlir::OpFoldResult offset, mlir::OpFoldResult size);
  Tensor concat(llvm::ArrayRef<Tensor> parts, int64_t axis);
  /// As many elements of `value` before and behind each dimension.
  Tensor pad(const Tensor &x, llvm::ArrayRef<mlir::OpFoldResult> before, llvm::ArrayRef<mlir::OpFoldResult> behind,
             mlir::Value value);

private:
  mlir::Value generic(llvm::ArrayRef<mlir::OpFoldResult> sizes, mlir::ValueRange inputs,
                      llvm::ArrayRef<mlir::AffineMap> inputMaps, int32_t type, int32_t scalarType, ElementBody body);

  std::string where;
};

} // namespace linnet::onnx_frontend

#endif // LINNET_FRONTENDS_ONNX_TENSORBUILDER_H
