//===- Describe.cpp - prints what is in a model ---------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Run.h"

#include "llvm/Support/raw_ostream.h"

using namespace linnet;

static const char *roleName(int32_t role) {
  constexpr const char *names[] = {"input", "weight", "state in", "prepared", "output", "state out"};
  return names[role]; // the runtime has checked it
}

static void printArgument(llvm::raw_ostream &os, const linnet_argument &argument, const linnet_model_info &info) {
  os << argument.name << ": " << linnet_dtype_name(argument.dtype) << " [";
  for (int32_t i = 0; i < argument.rank; ++i) {
    int64_t size = argument.shape[i];
    os << (i ? ", " : "");
    if (size >= 0)
      os << size;
    else
      os << info.symbols[-1 - size];
  }
  os << "]\n";
}

static void printList(llvm::raw_ostream &os, const char *title, const linnet_model *model,
                      int32_t (*count)(const linnet_model *),
                      const linnet_argument *(*get)(const linnet_model *, int32_t)) {
  os << title << ": " << count(model) << "\n";
  for (int32_t i = 0; i < count(model); ++i) {
    os << "  ";
    printArgument(os, *get(model, i), *linnet_model_get_info(model));
  }
}

void linnet::describe(const linnet_model *model) {
  const linnet_model_info &info = *linnet_model_get_info(model);
  llvm::raw_ostream &os = llvm::outs();
  os << "model: " << info.name << "\nproducer: " << info.producer << "\ntarget: " << info.target << "\nsymbols:";
  for (int32_t i = 0; i < info.symbol_count; ++i)
    os << " " << info.symbols[i];
  os << "\nops: " << info.op_count << "\nmetadata: " << info.metadata << "\n";
  if (info.gpu) {
    os << "gpu: " << info.gpu->chip << ", LLVM module " << info.gpu->hash << "\n";
    for (int32_t i = 0; i < info.gpu->kernel_count; ++i)
      os << "kernel " << info.gpu->kernels[i].name << ": " << info.gpu->kernels[i].threads << " threads\n";
  }
  for (int32_t i = 0; i < info.function_count; ++i) {
    const linnet_function &function = info.functions[i];
    os << "function " << function.name << "\n";
    for (int32_t k = 0; k < function.argument_count; ++k) {
      os << "  " << roleName(function.arguments[k].role) << " ";
      printArgument(os, function.arguments[k], info);
    }
  }
  printList(os, "states", model, linnet_model_state_count, linnet_model_state);
  printList(os, "weights", model, linnet_model_weight_count, linnet_model_weight);
  printList(os, "prepared", model, linnet_model_prepared_count, linnet_model_prepared);
}
