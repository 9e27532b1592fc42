//===- Registry.cpp - which operators have a lowering ---------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Registry.h"

#include "llvm/ADT/StringMap.h"

using namespace llvm;
using namespace linnet::onnx_frontend;

void linnet::onnx_frontend::forEachOperator(function_ref<void(const Operator &)> visit) {
  for (ArrayRef<Operator> (*group)() :
       {getActivationOperators, getAttentionOperators, getControlFlowOperators, getConvolutionOperators,
        getCreationOperators, getElementwiseOperators, getIndexingOperators, getLinnetOperators, getLossOperators,
        getMatrixOperators, getNormalizationOperators, getPoolingOperators, getQuantizationOperators,
        getRecurrentOperators, getRecurrentLayerOperators, getReductionOperators, getResizeOperators,
        getShapeOperators})
    for (const Operator &op : group())
      visit(op);
}

/// The empty domain has another name.
static StringRef getDomainName(StringRef domain) { return domain == "ai.onnx" ? "" : domain; }

const Operator *linnet::onnx_frontend::findOperator(StringRef domain, StringRef name) {
  static const StringMap<const Operator *> table = [] {
    StringMap<const Operator *> table;
    forEachOperator([&](const Operator &op) { table[(op.domain + ":" + op.name).str()] = &op; });
    return table;
  }();
  return table.lookup((getDomainName(domain) + ":" + name).str());
}
