//===- manifest.cpp - the check of what a library says of itself ----------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pointers of a description are trusted, as the code of its library is; all that they lead to is not. The input is a
// description in a form without pointers.
//
//===----------------------------------------------------------------------===//

#include "Require.h"

#include "linnet/linnet.h"

#include <fuzzer/FuzzedDataProvider.h>

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

using namespace linnet::fuzz;

namespace {

/// What the function `workspace_bytes` of every model here returns.
int64_t workspaceBytes;
int64_t getWorkspaceBytes(const int64_t *) { return workspaceBytes; }
int32_t doNothing(const linnet_host *, void *const *, const int64_t *, void *) { return 0; }

class Description {
public:
  explicit Description(FuzzedDataProvider &input) : input(input) {
    info.abi_version =
        pick<uint32_t>({LINNET_ABI_VERSION, LINNET_ABI_VERSION, LINNET_ABI_VERSION, LINNET_ABI_VERSION + 1, 0});
    info.struct_bytes = pick<uint32_t>({sizeof(info), sizeof(info), sizeof(info), 8});
    info.name = text();
    info.producer = text();
    info.target = text();
    info.metadata = text();
    for (int64_t i = 0, count = input.ConsumeIntegralInRange(0, 3); i < count; ++i)
      symbols.push_back(text());
    for (int64_t i = 0, count = input.ConsumeIntegralInRange(0, 2); i < count; ++i)
      ops.push_back({text(), text()});
    for (int64_t i = 0, count = input.ConsumeIntegralInRange(0, 4); i < count; ++i)
      addFunction();
    info.symbol_count = countOf(symbols.size());
    info.symbols = symbols.data();
    info.function_count = countOf(functions.size());
    info.functions = functions.data();
    info.op_count = countOf(ops.size());
    info.ops = ops.data();
  }
  Description(const Description &) = delete;
  Description &operator=(const Description &) = delete;

  linnet_model_info info = {};

private:
  template <typename T> T pick(std::initializer_list<T> values) {
    return values.begin()[input.ConsumeIntegralInRange<size_t>(0, values.size() - 1)];
  }
  /// A name that means something, or any.
  const char *text() {
    constexpr const char *known[] = {"forward", "forward_last", "step",   "prepare", "tokens", "logits", "state",
                                     "w",       "w|v",          "packed", "{}",      "",       "B",      "T"};
    size_t choice = input.ConsumeIntegralInRange<size_t>(0, std::size(known) + 3);
    if (choice < std::size(known))
      return known[choice];
    if (choice == std::size(known))
      return nullptr;
    return strings.emplace_back(input.ConsumeRandomLengthString(200)).c_str();
  }
  /// As large as the list is: more than that would be a pointer that lies.
  int32_t countOf(size_t size) {
    return input.ConsumeBool() ? static_cast<int32_t>(size) : input.ConsumeIntegral<int8_t>() < 0 ? -1 : 0;
  }
  int64_t size() {
    if (input.ConsumeIntegralInRange(0, 9))
      return input.ConsumeIntegralInRange<int64_t>(-4, 8);
    return pick<int64_t>({int64_t(1) << 20, int64_t(1) << 40, int64_t(1) << 62, INT64_MAX, INT64_MIN, -1000});
  }
  void addFunction() {
    std::vector<linnet_argument> &list = arguments.emplace_back();
    for (int64_t i = 0, count = input.ConsumeIntegralInRange(0, 6); i < count; ++i) {
      std::vector<int64_t> &shape = shapes.emplace_back();
      for (int64_t d = 0, rank = input.ConsumeIntegralInRange(0, 4); d < rank; ++d)
        shape.push_back(size());
      int32_t rank = static_cast<int32_t>(shape.size());
      if (!input.ConsumeIntegralInRange(0, 15))
        rank = pick({-1, 0, INT32_MAX, INT32_MIN});
      // A rank that the list does not have is read nowhere only if it is refused: no shape then.
      bool trusted = rank <= static_cast<int32_t>(shape.size());
      list.push_back({text(), input.ConsumeIntegralInRange(-1, 6), input.ConsumeIntegralInRange(-1, 9), rank, 0,
                      trusted ? shape.data() : nullptr});
    }
    functions.push_back({text(), countOf(list.size()), 0, list.data(),
                         input.ConsumeIntegralInRange(0, 20) ? getWorkspaceBytes : nullptr,
                         input.ConsumeIntegralInRange(0, 20) ? doNothing : nullptr});
  }

  FuzzedDataProvider &input;
  std::deque<std::string> strings;
  std::deque<std::vector<int64_t>> shapes;
  std::deque<std::vector<linnet_argument>> arguments;
  std::vector<const char *> symbols;
  std::vector<linnet_op> ops;
  std::vector<linnet_function> functions;
};

/// The bytes of a tensor with 8 for each symbol, or a large number.
int64_t approximateBytes(const linnet_argument &argument) {
  int64_t bytes = 8;
  for (int32_t i = 0; i < argument.rank; ++i)
    if (__builtin_mul_overflow(bytes, argument.shape[i] < 0 ? 8 : argument.shape[i], &bytes))
      return INT64_MAX;
  return bytes;
}

/// Makes weights and a session of a description that was accepted, where that needs little memory.
void use(linnet_model *model, FuzzedDataProvider &input) {
  constexpr int64_t mostBytes = 1 << 16;
  for (auto [count, get] : {std::pair(&linnet_model_weight_count, &linnet_model_weight),
                            std::pair(&linnet_model_prepared_count, &linnet_model_prepared),
                            std::pair(&linnet_model_state_count, &linnet_model_state)})
    for (int32_t i = 0; i < count(model); ++i)
      if (approximateBytes(*get(model, i)) > mostBytes)
        return;
  const linnet_model_info &info = *linnet_model_get_info(model);
  for (int32_t f = 0; f < info.function_count; ++f)
    for (int32_t i = 0; i < info.functions[f].argument_count; ++i)
      if (approximateBytes(info.functions[f].arguments[i]) > mostBytes)
        return;
  std::vector<std::string> names;
  for (int32_t i = 0; i < linnet_model_weight_count(model); ++i) {
    std::string name = linnet_model_weight(model, i)->name;
    names.push_back(name.substr(0, name.find('|')));
  }
  const std::vector<char> zeros(mostBytes);
  std::vector<linnet_tensor> tensors;
  for (int32_t i = 0; i < linnet_model_weight_count(model); ++i) {
    const linnet_argument &weight = *linnet_model_weight(model, i);
    tensors.push_back({names[static_cast<size_t>(i)].c_str(), weight.dtype, weight.rank, weight.shape, zeros.data()});
  }
  linnet_weights *weights = nullptr;
  if (linnet_weights_from_tensors(model, tensors.data(), static_cast<int32_t>(tensors.size()), &weights))
    requireMessage(linnet_last_error());
  int64_t batch = input.ConsumeIntegralInRange(-1, 4);
  linnet_session *session = nullptr;
  if (linnet_session_create(model, weights, batch, &session)) {
    requireMessage(linnet_last_error());
  } else {
    const int32_t tokens[16] = {};
    for (int32_t mode : {LINNET_LOGITS_ALL, LINNET_LOGITS_LAST})
      if (linnet_session_forward(session, tokens, batch, input.ConsumeIntegralInRange(1, 4), mode, nullptr, nullptr))
        requireMessage(linnet_last_error());
    if (linnet_session_step(session, tokens, nullptr, nullptr))
      requireMessage(linnet_last_error());
  }
  linnet_session_free(session);
  linnet_weights_free(weights);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  FuzzedDataProvider input(data, size);
  workspaceBytes =
      input.ConsumeIntegralInRange(0, 7) ? input.ConsumeIntegral<uint8_t>() : input.ConsumeIntegral<int64_t>();
  if (workspaceBytes > 1 << 16 && workspaceBytes < int64_t(1) << 50)
    workspaceBytes = 1 << 16; // no more than the machine has
  Description description(input);
  linnet_model *model = nullptr;
  if (linnet_model_from_info(&description.info, &model)) {
    requireMessage(linnet_last_error());
    return 0;
  }
  use(model, input);
  linnet_model_close(model);
  return 0;
}
