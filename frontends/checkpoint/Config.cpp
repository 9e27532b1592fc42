//===- Config.cpp - config.json -------------------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/checkpoint/Config.h"

#include "frontends/checkpoint/Json.h"

#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace mlir;
using namespace linnet::checkpoint;

FailureOr<Config> Config::read(MLIRContext &context, StringRef path) {
  constexpr uint64_t mostBytes = 16 << 20;
  FailureOr<std::string> text = readTextFile(context, path, mostBytes);
  if (failed(text))
    return failure();
  return parse(context, path, std::move(*text));
}

FailureOr<Config> Config::parse(MLIRContext &context, StringRef path, std::string text) {
  FailureOr<llvm::json::Object> object = parseJsonObject(context, text, path);
  if (failed(object))
    return failure();
  return Config(context, path, std::move(text), std::move(*object));
}

const llvm::json::Value *Config::find(StringRef name) const {
  const llvm::json::Object *in = &object;
  while (true) {
    auto [head, tail] = name.split('.');
    const llvm::json::Value *value = in->get(head);
    if (!value || value->kind() == llvm::json::Value::Null)
      return nullptr;
    if (tail.empty())
      return value;
    in = value->getAsObject();
    if (!in)
      return nullptr;
    name = tail;
  }
}

const llvm::json::Value *Config::findAny(Names names) const {
  for (StringRef name : names)
    if (const llvm::json::Value *value = find(name))
      return value;
  return nullptr;
}

Location Config::locate(StringRef name) const {
  // The parsed values know no place; a key in quotes finds it but for odd files, and a wrong line only misleads the
  // eye.
  size_t offset = 0;
  while (!name.empty()) {
    auto [head, tail] = name.split('.');
    offset = text.find("\"" + head.str() + "\"", offset);
    if (offset == std::string::npos)
      return fileLocation(*context, path);
    name = tail;
  }
  StringRef before = StringRef(text).take_front(offset);
  size_t lineStart = before.rfind('\n');
  size_t column = lineStart == StringRef::npos ? before.size() + 1 : before.size() - lineStart;
  return FileLineColLoc::get(context, path, before.count('\n') + 1, column);
}

InFlightDiagnostic Config::error(Names names) {
  errors = true;
  for (StringRef name : names)
    if (find(name))
      return emitError(locate(name));
  return emitError(fileLocation(*context, path));
}

template <typename T, typename Convert> std::optional<T> Config::get(Names names, StringRef kind, Convert convert) {
  std::optional<T> result;
  StringRef first;
  for (StringRef name : names) {
    const llvm::json::Value *value = find(name);
    if (!value)
      continue;
    std::optional<T> converted = convert(*value);
    if (!converted) {
      error(name) << "expected " << name << " to be " << kind << ", got " << printJson(*value);
      continue;
    }
    if (result && *result != *converted) {
      error(name) << "expected " << first << " and " << name << " to agree, got " << printJson(*find(first)) << " and "
                  << printJson(*value);
      continue;
    }
    if (!result) {
      result = converted;
      first = name;
    }
  }
  return result;
}

std::optional<int64_t> Config::size(Names names) {
  return get<int64_t>(names, "an integer from 1 to 2147483647", [](const llvm::json::Value &value) {
    std::optional<int64_t> size = value.getAsInteger();
    return size && *size >= 1 && *size <= INT32_MAX ? size : std::nullopt;
  });
}

int64_t Config::requiredSize(Names names) {
  if (!findAny(names)) {
    error(names) << "expected " << llvm::join(names, " or ") << ", got none";
    return 1;
  }
  return size(names).value_or(1);
}

int64_t Config::product(StringRef name, int64_t a, int64_t b) {
  if (a <= INT32_MAX / b)
    return a * b;
  error({}) << "expected " << name << " to be at most 2147483647, got " << a << " * " << b;
  return 1;
}

std::optional<bool> Config::flag(Names names) {
  return get<bool>(names, "true or false", [](const llvm::json::Value &value) { return value.getAsBoolean(); });
}

std::optional<double> Config::number(Names names) {
  return get<double>(names, "a finite number", [](const llvm::json::Value &value) {
    std::optional<double> number = value.getAsNumber();
    return number && std::isfinite(*number) ? number : std::nullopt;
  });
}

/// transformers writes what is not finite as {"__float__": "Infinity"}.
static std::optional<double> taggedNumber(const llvm::json::Value &value) {
  const llvm::json::Object *object = value.getAsObject();
  std::optional<StringRef> tag = object ? object->getString("__float__") : std::nullopt;
  if (tag == StringRef("Infinity"))
    return HUGE_VAL;
  if (tag == StringRef("-Infinity"))
    return -HUGE_VAL;
  return value.getAsNumber();
}

std::optional<std::pair<double, double>> Config::range(Names names) {
  using Range = std::pair<double, double>;
  return get<Range>(names, "a list of two numbers in order",
                    [](const llvm::json::Value &value) -> std::optional<Range> {
                      const llvm::json::Array *array = value.getAsArray();
                      if (!array || array->size() != 2)
                        return std::nullopt;
                      std::optional<double> least = taggedNumber((*array)[0]), most = taggedNumber((*array)[1]);
                      return least && most && *least <= *most ? std::optional(Range(*least, *most)) : std::nullopt;
                    });
}

std::optional<std::string> Config::string(Names names) {
  return get<std::string>(names, "a string", [](const llvm::json::Value &value) -> std::optional<std::string> {
    if (std::optional<StringRef> string = value.getAsString())
      return string->str();
    return std::nullopt;
  });
}

void Config::expect(StringRef name, ArrayRef<StringRef> oneOf, StringRef why) {
  std::optional<std::string> value = string(name);
  if (value && !llvm::is_contained(oneOf, *value))
    error(name) << "expected " << name << " to be " << llvm::join(oneOf, " or ") << ", got " << printJson(*value)
                << why;
}

void Config::expect(StringRef name, bool value, StringRef why) {
  std::optional<bool> found = flag(name);
  if (found && *found != value)
    error(name) << "expected " << name << " to be " << (value ? "true" : "false") << ", got "
                << (*found ? "true" : "false") << why;
}

void Config::expectUnused(StringRef name, StringRef why) {
  const llvm::json::Value *value = find(name);
  if (!value)
    return;
  const llvm::json::Array *array = value->getAsArray();
  if (array ? !array->empty() : value->getAsInteger() != 0)
    error(name) << "expected " << name << " to be " << (array ? "empty" : "0") << ", got " << printJson(*value) << why;
}
