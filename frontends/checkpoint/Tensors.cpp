//===- Tensors.cpp - the tensors of a checkpoint, as a model asks for them ------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/checkpoint/Tensors.h"

#include "frontends/checkpoint/Json.h"

#include "mlir/IR/Builders.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace linnet::checkpoint;

/// "[a, b] = [1, 2]", or only the sizes where no name says more.
static std::string printShape(ArrayRef<NamedSize> shape) {
  std::string text;
  llvm::raw_string_ostream os(text);
  auto isNumber = [](const NamedSize &size) { return size.name.empty(); };
  if (!llvm::all_of(shape, isNumber)) {
    os << '[';
    llvm::interleaveComma(shape, os, [&](const NamedSize &size) {
      if (isNumber(size))
        os << size.size;
      else
        os << size.name;
    });
    os << "] = ";
  }
  os << '[';
  llvm::interleaveComma(shape, os, [&](const NamedSize &size) { os << size.size; });
  os << ']';
  return text;
}

static std::string printShape(ArrayRef<int64_t> shape) {
  return "[" + llvm::join(llvm::map_range(shape, [](int64_t size) { return std::to_string(size); }), ", ") + "]";
}

const StoredTensor *Tensors::find(StringRef name) const {
  auto entry = table.find(name.str());
  return entry == table.end() ? nullptr : &entry->second;
}

std::string Tensors::findName(ArrayRef<std::string> names) const {
  for (const std::string &name : names)
    if (has(name))
      return name;
  return {};
}

void Tensors::report(llvm::function_ref<void(InFlightDiagnostic &)> emit, const StoredTensor *tensor) {
  if (++problems > mostReported)
    return;
  InFlightDiagnostic diagnostic = emitError(fileLocation(context, tensor ? tensor->file : path));
  emit(diagnostic);
}

Weight Tensors::require(ArrayRef<std::string> names, ArrayRef<NamedSize> shape) {
  std::string name = findName(names);
  const StoredTensor *tensor = find(name);
  if (!tensor) {
    report([&](InFlightDiagnostic &diagnostic) {
      diagnostic << "expected tensor " << llvm::join(names, " or ") << " of shape " << printShape(shape)
                 << ", got none";
    });
    return {};
  }
  used.insert(name);

  auto sizes = llvm::map_range(shape, [](const NamedSize &size) { return size.size; });
  if (!llvm::equal(sizes, tensor->shape)) {
    report(
        [&](InFlightDiagnostic &diagnostic) {
          diagnostic << "expected tensor " << name << " to have shape " << printShape(shape) << ", got "
                     << printShape(tensor->shape);
        },
        tensor);
    return {};
  }
  Builder builder(&context);
  Type elementType = llvm::StringSwitch<Type>(tensor->dtype)
                         .Case("F32", builder.getF32Type())
                         .Case("F16", builder.getF16Type())
                         .Case("BF16", builder.getBF16Type())
                         .Default(Type());
  if (!elementType) {
    report(
        [&](InFlightDiagnostic &diagnostic) {
          diagnostic << "expected tensor " << name << " to have dtype F32, F16 or BF16, got " << tensor->dtype;
        },
        tensor);
    return {};
  }
  return {name, tensor->shape, elementType};
}

Weight Tensors::optional(const std::string &name, ArrayRef<NamedSize> shape, StringRef flagName,
                         std::optional<bool> flag) {
  const StoredTensor *tensor = find(name);
  if (!tensor && !flag.value_or(false))
    return {};
  if (tensor && flag && !*flag) {
    used.insert(name);
    report(
        [&](InFlightDiagnostic &diagnostic) {
          diagnostic << "expected no tensor " << name << " as " << flagName << " is false, got one of shape "
                     << printShape(tensor->shape);
        },
        tensor);
    return {};
  }
  return require(name, shape);
}

int64_t Tensors::countLayers(StringRef prefix) const {
  int64_t count = 0;
  for (const auto &entry : table) {
    StringRef name = entry.first;
    int64_t layer;
    if (name.consume_front(prefix) && !name.consumeInteger(10, layer) && layer >= 0 && layer < INT32_MAX &&
        name.starts_with("."))
      count = std::max(count, layer + 1);
  }
  return count;
}

LogicalResult Tensors::finish() {
  for (const auto &[name, tensor] : table)
    if (!used.count(name))
      report(
          [&, &name = name, &tensor = tensor](InFlightDiagnostic &diagnostic) {
            diagnostic << "expected only tensors of this architecture, got " << printJson(name) << " of shape "
                       << printShape(tensor.shape);
          },
          &tensor);
  if (problems > mostReported)
    emitError(fileLocation(context, path)) << "and " << problems - mostReported << " more problems with tensors";
  return success(problems == 0);
}
