//===- ModelCheck.cpp - is a model's description sound --------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Error.h"
#include "Model.h"
#include "Shape.h"

#include <limits>
#include <map>
#include <string>
#include <unordered_set>

using namespace linnet::runtime;

namespace {

constexpr int32_t mostDimensions = 64;
constexpr int32_t mostThreads = 1024; // of a block

/// Walks a description; `where` grows and shrinks with the place.
class Checker {
public:
  Checker(const linnet_model_info &info, const std::string &origin) : info(info), where(origin + "model") {}

  linnet_status check();

private:
  template <typename... Parts> linnet_status wrong(const Parts &...parts) {
    return fail(LINNET_UNSUPPORTED, where, ": ", parts...);
  }
  /// A list of the description: not negative, and there if not empty.
  linnet_status checkList(const char *name, int32_t count, const void *list);
  linnet_status checkName(const char *what, const char *name);
  linnet_status checkFunction(const linnet_function &function);
  linnet_status checkGpu(const linnet_gpu &gpu);
  linnet_status checkKernel(const linnet_kernel &kernel);
  linnet_status checkArgument(const linnet_argument &argument, bool prepares);
  linnet_status checkShape(const linnet_argument &argument);
  linnet_status checkStates(const linnet_function &function);
  linnet_status checkShared(const linnet_argument &argument);

  const linnet_model_info &info;
  std::string where;
  /// First use of each weight, prepared tensor and state; all functions must
  /// agree on them.
  std::map<std::string, const linnet_argument *> weights, prepared, states;
};

linnet_status Checker::checkList(const char *name, int32_t count, const void *list) {
  if (count < 0)
    return wrong(name, ": expected a count >= 0, got ", count);
  if (count && !list)
    return wrong(name, ": expected ", count, " entries, got none");
  return LINNET_OK;
}

linnet_status Checker::checkName(const char *what, const char *name) {
  if (!name || !*name)
    return wrong(what, ": expected a name, got none");
  return LINNET_OK;
}

linnet_status Checker::check() {
  LINNET_TRY(checkName("name", info.name));
  where += " " + quote(info.name);
  for (auto [what, text] :
       {std::pair("producer", info.producer), std::pair("target", info.target), std::pair("metadata", info.metadata)})
    if (!text)
      return wrong(what, ": expected a text, got none");
  LINNET_TRY(checkList("symbols", info.symbol_count, info.symbols));
  LINNET_TRY(checkList("functions", info.function_count, info.functions));
  LINNET_TRY(checkList("ops", info.op_count, info.ops));
  for (int32_t i = 0; i < info.symbol_count; ++i)
    LINNET_TRY(checkName("symbols", info.symbols[i]));
  for (int32_t i = 0; i < info.op_count; ++i)
    if (!info.ops[i].name || !info.ops[i].kind)
      return wrong("op ", i, ": expected a name and a kind");

  std::unordered_set<std::string_view> names;
  for (int32_t i = 0; i < info.function_count; ++i) {
    const linnet_function &function = info.functions[i];
    LINNET_TRY(checkName("functions", function.name));
    if (!names.insert(function.name).second)
      return wrong("function ", quote(function.name), " occurs twice");
    std::string outer = where;
    where += ": function " + quote(function.name);
    LINNET_TRY(checkFunction(function));
    where = std::move(outer);
  }
  return info.gpu ? checkGpu(*info.gpu) : LINNET_OK;
}

linnet_status Checker::checkGpu(const linnet_gpu &gpu) {
  for (auto [what, text] : {std::pair("chip", gpu.chip), std::pair("hash", gpu.hash), std::pair("ptx", gpu.ptx)})
    if (!text)
      return wrong("gpu: ", what, ": expected a text, got none");
  if (!gpu.simt)
    return wrong("gpu: expected a place for the table of simt, got none");
  LINNET_TRY(checkList("kernels", gpu.kernel_count, gpu.kernels));
  LINNET_TRY(checkList("sites", gpu.site_count, gpu.sites));
  for (int32_t i = 0; i < gpu.site_count; ++i)
    if (!gpu.sites[i].what || !gpu.sites[i].where)
      return wrong("site ", i, ": expected what it is and where, got none");
  for (int32_t i = 0; i < gpu.kernel_count; ++i) {
    LINNET_TRY(checkName("kernels", gpu.kernels[i].name));
    std::string outer = where;
    where += ": kernel " + quote(gpu.kernels[i].name);
    LINNET_TRY(checkKernel(gpu.kernels[i]));
    where = std::move(outer);
  }
  return LINNET_OK;
}

linnet_status Checker::checkKernel(const linnet_kernel &kernel) {
  if (kernel.threads < 1 || kernel.threads > mostThreads)
    return wrong("threads: expected 1 to ", mostThreads, ", got ", kernel.threads);
  if (!kernel.simt)
    return wrong("expected code for simt, got none");
  LINNET_TRY(checkList("parameters", kernel.parameter_count, kernel.parameter_bytes));
  LINNET_TRY(checkList("shared buffers", kernel.shared_count, kernel.shared));
  for (int32_t i = 0; i < kernel.shared_count; ++i) {
    const linnet_shared &buffer = kernel.shared[i];
    if (buffer.offset < 0 || buffer.bytes < 0 || buffer.offset > kernel.shared_bytes ||
        buffer.bytes > kernel.shared_bytes - buffer.offset)
      return wrong("shared buffer ", i, ": expected it within ", kernel.shared_bytes, " bytes, got ", buffer.bytes,
                   " from ", buffer.offset);
  }
  return kernel.shared_bytes < 0 ? wrong("expected shared memory of 0 bytes or more, got ", kernel.shared_bytes)
                                 : LINNET_OK;
}

linnet_status Checker::checkFunction(const linnet_function &function) {
  LINNET_TRY(checkList("arguments", function.argument_count, function.arguments));
  if (!function.run || !function.workspace_bytes)
    return wrong("expected code for run and workspace_bytes, got none");
  bool prepares = std::string_view(function.name) == "prepare";
  for (int32_t i = 0; i < function.argument_count; ++i) {
    const linnet_argument &argument = function.arguments[i];
    LINNET_TRY(checkName("arguments", argument.name));
    std::string outer = where;
    where += ": argument " + quote(argument.name);
    LINNET_TRY(checkArgument(argument, prepares));
    where = std::move(outer);
  }
  return checkStates(function);
}

linnet_status Checker::checkArgument(const linnet_argument &argument, bool prepares) {
  if (argument.role < LINNET_INPUT || argument.role > LINNET_STATE_OUT)
    return wrong("unknown role ", argument.role);
  if (!linnet_dtype_name(argument.dtype))
    return wrong("unknown dtype ", argument.dtype);
  if (prepares && argument.role != LINNET_WEIGHT && argument.role != LINNET_PREPARED)
    return wrong("expected only weights and prepared tensors in 'prepare'");
  LINNET_TRY(checkShape(argument));
  return checkShared(argument);
}

linnet_status Checker::checkShape(const linnet_argument &argument) {
  if (argument.rank < 0 || argument.rank > mostDimensions)
    return wrong("rank: expected 0 to ", mostDimensions, ", got ", argument.rank);
  if (argument.rank && !argument.shape)
    return wrong("expected a shape, got none");
  bool isStatic = true;
  for (int32_t i = 0; i < argument.rank; ++i) {
    int64_t size = argument.shape[i];
    isStatic &= size >= 0;
    if (size < -int64_t(info.symbol_count))
      return wrong("size ", i, " is symbol ", -1 - size, ", expected below ", info.symbol_count);
  }
  bool fixed = argument.role == LINNET_WEIGHT || argument.role == LINNET_PREPARED;
  if (fixed && !isStatic)
    return wrong("expected fixed sizes, got ", showArgument(argument, info));
  int64_t bytes;
  if (isStatic && !tensorBytes(argument, nullptr, bytes))
    return wrong(showArgument(argument, info), " is too large");
  return LINNET_OK;
}

linnet_status Checker::checkShared(const linnet_argument &argument) {
  auto *known = argument.role == LINNET_WEIGHT                                          ? &weights
                : argument.role == LINNET_PREPARED                                      ? &prepared
                : argument.role == LINNET_STATE_IN || argument.role == LINNET_STATE_OUT ? &states
                                                                                        : nullptr;
  if (!known)
    return LINNET_OK;
  const linnet_argument &first = *known->emplace(argument.name, &argument).first->second;
  if (!sameTensor(first, argument))
    return wrong("expected ", showArgument(first, info), " as at its first use, got ", showArgument(argument, info));
  return LINNET_OK;
}

/// Within a function a state is read at most once, written at most once, and
/// not written without being read.
linnet_status Checker::checkStates(const linnet_function &function) {
  std::unordered_set<std::string_view> read, written;
  for (int32_t i = 0; i < function.argument_count; ++i) {
    const linnet_argument &argument = function.arguments[i];
    bool isNew = true;
    if (argument.role == LINNET_STATE_IN)
      isNew = read.insert(argument.name).second;
    else if (argument.role == LINNET_STATE_OUT)
      isNew = written.insert(argument.name).second;
    if (!isNew)
      return wrong("state ", quote(argument.name), " occurs twice");
  }
  for (std::string_view name : written)
    if (!read.count(name))
      return wrong("state ", quote(name), " is written but not read");
  return LINNET_OK;
}

} // namespace

linnet_status linnet::runtime::checkModelInfo(const linnet_model_info *info, const std::string &origin) {
  // Until the version is known to be ours, nothing else may be looked at.
  if (info->abi_version != LINNET_ABI_VERSION)
    return fail(LINNET_UNSUPPORTED, origin, "model: expected ABI version ", LINNET_ABI_VERSION, ", got ",
                info->abi_version);
  if (info->struct_bytes != sizeof(linnet_model_info))
    return fail(LINNET_UNSUPPORTED, origin, "model: expected a description of ", sizeof(linnet_model_info),
                " bytes, got ", info->struct_bytes);
  return Checker(*info, origin).check();
}
