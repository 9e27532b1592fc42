//===- Registry.h - which operators have a lowering -----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_ONNX_REGISTRY_H
#define LINNET_FRONTENDS_ONNX_REGISTRY_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace linnet::onnx_frontend {

class Node;

/// One operator: how many inputs must be there, how many there may be, and what it becomes. Problems are reported on
/// the node.
struct Operator {
  llvm::StringLiteral name;
  int32_t leastInputs, mostInputs; // kAnyNumber: as many as there are
  void (*lower)(Node &node);
  /// The first version of the domain that means what the lowering does.
  int64_t since = 1;
  llvm::StringLiteral domain = "";
};

inline constexpr int32_t kAnyNumber = 1 << 20;

/// The lowering of an operator, or null.
const Operator *findOperator(llvm::StringRef domain, llvm::StringRef name);
/// Calls `visit` with every operator.
void forEachOperator(llvm::function_ref<void(const Operator &)> visit);

// One function per file of ops/.
llvm::ArrayRef<Operator> getActivationOperators();
llvm::ArrayRef<Operator> getAttentionOperators();
llvm::ArrayRef<Operator> getControlFlowOperators();
llvm::ArrayRef<Operator> getConvolutionOperators();
llvm::ArrayRef<Operator> getCreationOperators();
llvm::ArrayRef<Operator> getElementwiseOperators();
llvm::ArrayRef<Operator> getIndexingOperators();
llvm::ArrayRef<Operator> getLinnetOperators();
llvm::ArrayRef<Operator> getLossOperators();
llvm::ArrayRef<Operator> getMatrixOperators();
llvm::ArrayRef<Operator> getNormalizationOperators();
llvm::ArrayRef<Operator> getPoolingOperators();
llvm::ArrayRef<Operator> getQuantizationOperators();
llvm::ArrayRef<Operator> getRecurrentOperators();
llvm::ArrayRef<Operator> getRecurrentLayerOperators();
llvm::ArrayRef<Operator> getReductionOperators();
llvm::ArrayRef<Operator> getResizeOperators();
llvm::ArrayRef<Operator> getShapeOperators();

} // namespace linnet::onnx_frontend

#endif // LINNET_FRONTENDS_ONNX_REGISTRY_H
