//===- GraphBuilder.h - builds models as IR of the stage `input` ----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What every frontend builds with, so that one model looks the same wherever it
// comes from: linnet, linalg, tensor, arith and math on tensors.
//
// A builder makes one model: beginModel, then for each function beginFunction,
// arguments and operations in any order, finishFunction; at last finishModel.
// Activations and states are f32, but for counts of tokens; time is dimension 1.
//
// The interface of a function stands on its arguments and results:
//   linnet.role     "input", "weight" or "state"; results: "output" or "state"
//   linnet.name     the name in the compiled model; of a weight, in the checkpoint
//   linnet.symbols  one name per dynamic dimension, in order, e.g. ["B", "T"]
//   linnet.unsigned that its integers have no sign
// and on the module: linnet.metadata (JSON) and linnet.symbols (all of them).
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_GRAPH_GRAPHBUILDER_H
#define LINNET_FRONTENDS_GRAPH_GRAPHBUILDER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/OwningOpRef.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"

#include <string>

namespace linnet {

class GraphBuilder {
public:
  /// Loads the dialects it builds with into `context`.
  explicit GraphBuilder(mlir::MLIRContext &context);
  GraphBuilder(const GraphBuilder &) = delete;

  //===--- the model and its functions --------------------------------------===//

  /// `metadata` is a JSON object; `symbols` names the dynamic sizes of the model.
  void beginModel(llvm::StringRef name, llvm::StringRef metadata, llvm::ArrayRef<llvm::StringRef> symbols);
  mlir::OwningOpRef<mlir::ModuleOp> finishModel();

  void beginFunction(llvm::StringRef name);

  struct Output {
    mlir::Value value;
    std::string name;
    llvm::SmallVector<llvm::StringRef> symbols;
    bool isState = false;
    bool isUnsigned = false; // of integers, whose type in IR does not say it
  };
  void finishFunction(llvm::ArrayRef<Output> outputs);

  /// Names what is built from here on: the location of operations and arguments, which profiles show.
  void at(const llvm::Twine &name);

  //===--- arguments --------------------------------------------------------===//

  /// `symbols` has one name per dynamic dimension of `type`. Equal names are one size: it is read from the first
  /// argument that has it.
  mlir::Value addInput(llvm::StringRef name, mlir::RankedTensorType type, llvm::ArrayRef<llvm::StringRef> symbols,
                       bool isUnsigned = false);
  mlir::Value addState(llvm::StringRef name, mlir::RankedTensorType type, llvm::ArrayRef<llvm::StringRef> symbols);
  /// The weight as it is stored; one argument for all uses in the function.
  mlir::Value addWeight(llvm::StringRef name, llvm::ArrayRef<int64_t> shape, mlir::Type elementType);
  /// The tensor with elements of f32: itself, or extended once for all uses.
  mlir::Value toF32(mlir::Value tensor);
  /// A weight for arithmetic: addWeight, then toF32.
  mlir::Value weight(llvm::StringRef name, llvm::ArrayRef<int64_t> shape, mlir::Type elementType) {
    return toF32(addWeight(name, shape, elementType));
  }

  //===--- operations -------------------------------------------------------===//

  /// table[tokens], f32. A table of 16-bit floats is extended row by row.
  mlir::Value embedding(mlir::Value tokens, mlir::Value table);
  /// x * rsqrt(mean(x^2) + epsilon) * weight, the mean over the last dimension. The weight may lack leading dimensions.
  mlir::Value rmsNorm(mlir::Value x, mlir::Value weight, double epsilon);
  /// x[..., k] times weight[n, k], plus bias[n] and addTo[..., n] where they are given.
  mlir::Value linear(mlir::Value x, mlir::Value weight, mlir::Value bias = {}, mlir::Value addTo = {});
  /// x and y, of the same type, one after the other in the last dimension.
  mlir::Value concatenateLast(mlir::Value x, mlir::Value y);
  /// x[..., offset : offset + size]
  mlir::Value sliceLast(mlir::Value x, int64_t offset, int64_t size);
  /// x[b, t, d] at the last t, as [b, d]. A caller sees to it that there is one.
  mlir::Value lastToken(mlir::Value x);
  /// x[b, ...] as [b, 1, ...]
  mlir::Value addTime(mlir::Value x);
  /// weight[d, w]; bias may be null. Returns the result and the final state.
  std::pair<mlir::Value, mlir::Value> causalConv1d(mlir::Value x, mlir::Value weight, mlir::Value bias,
                                                   mlir::Value state, bool silu);

  struct SelectiveScanOperands {
    mlir::Value u, delta, A, B, C;
    mlir::Value D, z, deltaBias; // may be null
    mlir::Value state;
    bool deltaSoftplus = false;
  };
  /// Returns the result and the final state.
  std::pair<mlir::Value, mlir::Value> selectiveScan(const SelectiveScanOperands &operands);

  struct LinearAttentionOperands {
    mlir::Value q, k, v;  // [b, t, heads, size]
    mlir::Value logDecay; // may be null
    mlir::Value state;    // [b, heads, keys, values]
    double scale = 1;
  };
  /// Returns the result and the final state.
  std::pair<mlir::Value, mlir::Value> linearAttention(const LinearAttentionOperands &operands);

  enum class Gate { Plain, Sigmoid, Silu };
  /// x * f(gate), where f is the identity, 1 / (1 + exp(-gate)) or gate / (1 + exp(-gate)). The gate may lack leading
  /// dimensions.
  mlir::Value gated(mlir::Value x, mlir::Value gate, Gate function);
  /// x / (1 + exp(-x))
  mlir::Value silu(mlir::Value x) { return gated(x, x, Gate::Sigmoid); }

  /// -exp(x)
  mlir::Value negExp(mlir::Value x);
  /// x[..., h, n] times factors[..., h], which may lack leading dimensions, plus addTo where it is given.
  mlir::Value scaleHeads(mlir::Value x, mlir::Value factors, mlir::Value addTo = {});

  /// For every token of x [b, t, ...] `steps` [n] is added to the state, which is i32 and wraps around. Returns the
  /// sums [b, t, n] after each token, and the final state.
  std::pair<mlir::Value, mlir::Value> countTokens(mlir::Value x, llvm::ArrayRef<int32_t> steps, mlir::Value state);
  /// Turns the pairs (x[b, t, h, i], x[b, t, h, n + i]) by the angles whose cosines and sines are [b, t, n].
  mlir::Value rotate(mlir::Value x, mlir::Value cosines, mlir::Value sines);
  mlir::Value constant(llvm::ArrayRef<float> values);

  using ElementBody = llvm::function_ref<mlir::Value(mlir::ImplicitLocOpBuilder &builder, mlir::ValueRange elements)>;
  /// Of the shape of the first input; the others may lack leading dimensions.
  mlir::Value elementwise(mlir::ValueRange inputs, mlir::Type elementType, ElementBody body);
  /// Merges dimension `dim` with the one behind it.
  mlir::Value collapse(mlir::Value x, int64_t dim);
  /// x[..., count * n] as [..., count, n]
  mlir::Value splitLast(mlir::Value x, int64_t count);

  using Sizes = llvm::SmallVector<mlir::OpFoldResult>;
  /// The sizes of a value made by this builder, without new operations where they are known.
  Sizes sizesOf(mlir::Value value);

  /// For what is not here. Keep to the dialects of the stage.
  mlir::ImplicitLocOpBuilder &ops() { return builder; }

private:
  mlir::Value addArgument(llvm::StringRef role, llvm::StringRef name, mlir::RankedTensorType type,
                          llvm::ArrayRef<llvm::StringRef> symbols, bool isUnsigned = false);
  mlir::DictionaryAttr interfaceAttributes(llvm::StringRef role, llvm::StringRef name,
                                           llvm::ArrayRef<llvm::StringRef> symbols, bool isUnsigned);
  mlir::Value withSizes(mlir::Value value, llvm::ArrayRef<mlir::OpFoldResult> sizes);
  mlir::Value empty(llvm::ArrayRef<mlir::OpFoldResult> sizes, mlir::Type elementType);
  mlir::Value zeros(llvm::ArrayRef<mlir::OpFoldResult> sizes);
  /// A parallel linalg.generic of the given sizes.
  mlir::Value parallel(llvm::ArrayRef<mlir::OpFoldResult> sizes, mlir::ValueRange inputs,
                       llvm::ArrayRef<mlir::AffineMap> inputMaps, mlir::Type elementType, ElementBody body);
  /// (d0, ..) -> the last `count` of `rank` dimensions.
  mlir::AffineMap lastDims(int64_t rank, int64_t count);

  mlir::ImplicitLocOpBuilder builder;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp function;
  // Of the current function:
  llvm::SmallVector<mlir::DictionaryAttr> argumentAttributes;
  llvm::StringMap<mlir::Value> symbolSizes;
  llvm::StringMap<mlir::Value> weights;
  llvm::DenseMap<mlir::Value, mlir::Value> extended;
  llvm::DenseMap<mlir::Value, Sizes> sizes;
};

} // namespace linnet

#endif // LINNET_FRONTENDS_GRAPH_GRAPHBUILDER_H
