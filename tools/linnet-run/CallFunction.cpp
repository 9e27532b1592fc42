//===- CallFunction.cpp - one call of a function on files -----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Npy.h"
#include "Run.h"

#include "compiler/package/WriteFile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cstdlib>

using namespace linnet;
using namespace llvm;

/// As numpy names element types; bfloat16, which it has none for, is kept as its bits.
static StringRef getDescr(int32_t dtype) {
  switch (dtype) {
  case LINNET_F32:
    return "<f4";
  case LINNET_F16:
    return "<f2";
  case LINNET_F64:
    return "<f8";
  case LINNET_I8:
    return "|i1";
  case LINNET_U8:
    return "|u1";
  case LINNET_I16:
    return "<i2";
  case LINNET_U16:
  case LINNET_BF16:
    return "<u2";
  case LINNET_I32:
    return "<i4";
  case LINNET_U32:
    return "<u4";
  case LINNET_I64:
    return "<i8";
  case LINNET_U64:
    return "<u8";
  default:
    return "|b1";
  }
}

namespace {
struct Free {
  void operator()(void *memory) const { std::free(memory); }
};

class FunctionCall {
public:
  FunctionCall(const LoadedModel &loaded, int32_t index)
      : loaded(loaded), index(index), function(loaded.info().functions[index]),
        buffers(function.argument_count, nullptr), symbols(loaded.info().symbol_count, -1) {}

  Error bind(const CallOptions &options);
  Error run();
  Error write(const CallOptions &options);

private:
  Error bindInput(int32_t i, StringRef path);
  Error bindStored(int32_t i);
  /// Zeros of the size that the symbols give.
  Error allocate(int32_t i);
  std::vector<int64_t> shapeOf(const linnet_argument &argument) const {
    std::vector<int64_t> shape;
    for (int32_t d = 0; d < argument.rank; ++d)
      shape.push_back(argument.shape[d] >= 0 ? argument.shape[d] : symbols[-1 - argument.shape[d]]);
    return shape;
  }
  Expected<size_t> bytesOf(const linnet_argument &argument) const {
    size_t bytes = linnet_dtype_bytes(argument.dtype);
    for (int64_t size : shapeOf(argument))
      if (size < 0)
        return makeError(Twine("argument '") + argument.name + "': one of its sizes is the size of no input");
      else if (__builtin_mul_overflow(bytes, static_cast<size_t>(size), &bytes))
        return makeError(Twine("argument '") + argument.name + "' is too large");
    return bytes;
  }

  const LoadedModel &loaded;
  int32_t index;
  const linnet_function &function;
  std::vector<void *> buffers;
  std::vector<int64_t> symbols; // -1: not known yet
  std::vector<std::unique_ptr<void, Free>> owned;
};
} // namespace

/// NAME=FILE of one option into a table.
static Error readPairs(ArrayRef<std::string> pairs, StringRef option, StringMap<std::string> &table) {
  for (StringRef pair : pairs) {
    auto [name, file] = pair.split('=');
    if (name.empty() || file.empty())
      return makeError("--" + option + ": expected NAME=FILE.npy, got '" + pair + "'");
    if (!table.try_emplace(name, file.str()).second)
      return makeError("--" + option + ": expected each name once, got '" + name + "' twice");
  }
  return Error::success();
}

Error FunctionCall::bindInput(int32_t i, StringRef path) {
  const linnet_argument &argument = function.arguments[i];
  ErrorOr<std::unique_ptr<MemoryBuffer>> file =
      MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!file)
    return makeError("--input: " + path + ": " + file.getError().message());
  NpyArray array;
  std::string problem;
  if (!parseNpyArray({(*file)->getBufferStart(), (*file)->getBufferSize()}, array, problem))
    return makeError("--input: " + path + ": " + problem);
  auto wrong = [&](const Twine &expected, const Twine &got) {
    return makeError("--input: " + path + ": expected " + expected + " for input '" + argument.name + "', got " + got);
  };
  if (array.descr != getDescr(argument.dtype))
    return wrong("elements of type '" + getDescr(argument.dtype) + "'", "'" + array.descr + "'");
  if (static_cast<int32_t>(array.shape.size()) != argument.rank)
    return wrong(Twine(argument.rank) + " dimensions", Twine(array.shape.size()));
  for (int32_t d = 0; d < argument.rank; ++d) {
    int64_t size = argument.shape[d];
    if (size < 0) {
      int64_t &symbol = symbols[-1 - size];
      if (symbol < 0)
        symbol = array.shape[d];
      size = symbol;
    }
    if (array.shape[d] != size)
      return wrong("a size of " + Twine(size) + " along axis " + Twine(d), Twine(array.shape[d]));
  }
  if (Error error = allocate(i))
    return error;
  std::memcpy(buffers[i], array.data.data(), array.data.size());
  return Error::success();
}

Error FunctionCall::bindStored(int32_t i) {
  linnet_tensor tensor;
  if (Error error = checkStatus(linnet_weights_get(loaded.weights, function.arguments[i].name, &tensor)))
    return error;
  buffers[i] = const_cast<void *>(tensor.data);
  return Error::success();
}

Error FunctionCall::allocate(int32_t i) {
  Expected<size_t> bytes = bytesOf(function.arguments[i]);
  if (!bytes)
    return bytes.takeError();
  // As memory of a GPU is aligned: the counters of device simt are then those of a GPU.
  constexpr size_t alignment = 256;
  size_t padded;
  if (__builtin_add_overflow(*bytes, alignment, &padded))
    return makeError("out of memory");
  owned.emplace_back(std::aligned_alloc(alignment, padded / alignment * alignment));
  buffers[i] = owned.back().get();
  if (!buffers[i])
    return makeError("out of memory");
  std::memset(buffers[i], 0, *bytes);
  return Error::success();
}

Error FunctionCall::bind(const CallOptions &options) {
  StringMap<std::string> inputs;
  if (Error error = readPairs(options.inputs, "input", inputs))
    return error;
  for (int32_t i = 0; i < function.argument_count; ++i) {
    const linnet_argument &argument = function.arguments[i];
    if (argument.role == LINNET_WEIGHT || argument.role == LINNET_PREPARED) {
      if (Error error = bindStored(i))
        return error;
    } else if (argument.role == LINNET_INPUT) {
      auto file = inputs.find(argument.name);
      if (file == inputs.end())
        return makeError(Twine("expected --input ") + argument.name + "=FILE.npy, got none");
      if (Error error = bindInput(i, file->second))
        return error;
      inputs.erase(file);
    }
  }
  if (!inputs.empty())
    return makeError("--input: function " + options.function + " has no input '" + inputs.begin()->first() + "'");
  // What follows from the inputs; states begin with zeros.
  for (int32_t i = 0; i < function.argument_count; ++i)
    if (!buffers[i])
      if (Error error = allocate(i))
        return error;
  return Error::success();
}

Error FunctionCall::run() {
  for (int64_t &symbol : symbols)
    symbol = std::max<int64_t>(symbol, 0); // the size of nothing in this function
  return checkStatus(linnet_call(loaded.model, index, 0, buffers.data(), symbols.data()));
}

Error FunctionCall::write(const CallOptions &options) {
  StringMap<std::string> files;
  if (Error error = readPairs(options.outputs, "output", files))
    return error;
  std::vector<int32_t> outputs;
  for (int32_t i = 0; i < function.argument_count; ++i)
    if (function.arguments[i].role == LINNET_OUTPUT)
      outputs.push_back(i);
  if (!options.outFile.empty()) {
    if (outputs.size() != 1)
      return makeError("--out: expected a function of one output, got " + Twine(outputs.size()) +
                       "; name them with --output");
    files[function.arguments[outputs[0]].name] = options.outFile;
  }
  for (int32_t i : outputs) {
    const linnet_argument &argument = function.arguments[i];
    auto file = files.find(argument.name);
    if (file == files.end())
      continue;
    Expected<size_t> bytes = bytesOf(argument);
    if (!bytes)
      return bytes.takeError();
    std::string header = makeNpyHeader(shapeOf(argument), getDescr(argument.dtype).str());
    if (Error error = writeFile(file->second, [&](raw_ostream &os) {
          os << header;
          os.write(static_cast<const char *>(buffers[i]), *bytes);
        }))
      return error;
    files.erase(file);
  }
  if (!files.empty())
    return makeError("--output: function " + options.function + " has no output '" + files.begin()->first() + "'");
  return Error::success();
}

Error linnet::callFunction(const LoadedModel &loaded, const CallOptions &options) {
  int32_t index;
  if (Error error = checkStatus(linnet_model_find_function(loaded.model, options.function.c_str(), &index)))
    return error;
  FunctionCall call(loaded, index);
  if (Error error = call.bind(options))
    return error;
  if (Error error = call.run())
    return error;
  return call.write(options);
}
