//===- Json.cpp - JSON from outside ---------------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/checkpoint/Json.h"

#include "mlir/IR/Diagnostics.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace linnet::checkpoint;

Location linnet::checkpoint::fileLocation(MLIRContext &context, StringRef path) {
  return FileLineColLoc::get(&context, path, 0, 0);
}

FailureOr<std::string> linnet::checkpoint::readTextFile(MLIRContext &context, StringRef path, uint64_t mostBytes) {
  llvm::sys::fs::file_status status;
  if (std::error_code error = llvm::sys::fs::status(path, status))
    return emitError(fileLocation(context, path)) << "expected a file, got an error: " << error.message();
  if (!llvm::sys::fs::is_regular_file(status))
    return emitError(fileLocation(context, path)) << "expected a regular file, got something else";
  if (status.getSize() > mostBytes)
    return emitError(fileLocation(context, path))
           << "expected at most " << mostBytes << " bytes, got " << status.getSize();
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return emitError(fileLocation(context, path))
           << "expected a readable file, got an error: " << buffer.getError().message();
  return (*buffer)->getBuffer().str();
}

/// What llvm::json could not take: it calls itself for each level, and an object of one entry takes 4 KiB.
static constexpr int64_t mostLevels = 64, mostObjects = 1 << 16, mostValues = 1 << 23;

namespace {
struct Excess {
  size_t offset;
  std::string message;
};
} // namespace

/// The first place where `text` goes beyond the limits.
static std::optional<Excess> findExcess(StringRef text) {
  int64_t level = 0, objects = 0, values = 0;
  bool inString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (inString) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        inString = false;
      continue;
    }
    if (c == '"')
      inString = true;
    else if (c == ',' || c == ':')
      ++values;
    else if (c == ']' || c == '}')
      --level;
    else if (c == '[' || c == '{') {
      ++level;
      objects += c == '{';
    }
    if (level > mostLevels)
      return Excess{i, "expected JSON of at most " + std::to_string(mostLevels) + " levels, got more"};
    if (objects > mostObjects)
      return Excess{i, "expected JSON of at most " + std::to_string(mostObjects) + " objects, got more"};
    if (values > mostValues)
      return Excess{i, "expected JSON of at most " + std::to_string(mostValues) + " values, got more"};
  }
  return std::nullopt;
}

/// Python writes Infinity, which is no JSON, for a number beyond all others. A number of the same length that is too
/// large for a double means the same, and leaves every other place where it was.
static std::string spellOutInfinity(StringRef text) {
  constexpr StringLiteral name = "Infinity", number = "1e999   ";
  std::string result = text.str();
  bool inString = false;
  for (size_t i = 0; i < result.size(); ++i) {
    if (result[i] == '\\' && inString)
      ++i;
    else if (result[i] == '"')
      inString = !inString;
    else if (!inString && text.substr(i).starts_with(name))
      llvm::copy(number, result.begin() + i);
  }
  return result;
}

FailureOr<llvm::json::Object> linnet::checkpoint::parseJsonObject(MLIRContext &context, StringRef text, StringRef path,
                                                                  bool isWholeFile) {
  auto locate = [&](size_t offset) -> Location {
    if (!isWholeFile)
      return fileLocation(context, path);
    StringRef before = text.take_front(offset);
    size_t lineStart = before.rfind('\n');
    size_t column = lineStart == StringRef::npos ? before.size() + 1 : before.size() - lineStart;
    return FileLineColLoc::get(&context, path, before.count('\n') + 1, column);
  };

  if (std::optional<Excess> excess = findExcess(text))
    return emitError(locate(excess->offset)) << excess->message;

  llvm::Expected<llvm::json::Value> value = llvm::json::parse(spellOutInfinity(text));
  if (!value) {
    // "[line:column, byte=offset]: message"
    std::string message = llvm::toString(value.takeError());
    StringRef rest = message;
    size_t offset = 0;
    size_t mark = rest.find("byte=");
    if (mark != StringRef::npos) {
      rest = rest.drop_front(mark + 5);
      rest.consumeInteger(10, offset);
      rest.consume_front("]: ");
    }
    return emitError(locate(offset)) << "expected valid JSON, got: " << rest;
  }
  if (!value->getAsObject())
    return emitError(locate(0)) << "expected a JSON object, got " << printJson(*value);
  return std::move(*value->getAsObject());
}

std::string linnet::checkpoint::printJson(const llvm::json::Value &value) {
  std::string text;
  llvm::raw_string_ostream(text) << value;
  // The one control character that JSON may hold as it is.
  for (size_t at = 0; (at = text.find('\x7f', at)) != std::string::npos;)
    text.replace(at, 1, "\\u007f");
  constexpr size_t mostBytes = 60;
  if (text.size() <= mostBytes)
    return text;
  size_t end = mostBytes;
  // Not in the middle of a UTF-8 sequence.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;
  return text.substr(0, end) + "...";
}
