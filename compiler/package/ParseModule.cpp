//===- ParseModule.cpp - modules from text or bytecode --------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/package/ParseModule.h"

#include "mlir/Bytecode/BytecodeReader.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace linnet;

/// Parser, verifier and passes call themselves for each level. This is far below what the stack has room for, and far
/// above what anyone writes.
static constexpr int64_t mostLevels = 1000;

/// The place where brackets of any kind are nested too deep, or null.
static const char *findExcess(StringRef text) {
  int64_t level = 0;
  for (const char *at = text.begin(); at != text.end(); ++at) {
    char next = at + 1 == text.end() ? '\0' : at[1];
    switch (*at) {
    case '"':
      for (++at; at != text.end() && *at != '"' && *at != '\n'; ++at)
        if (*at == '\\' && at + 1 != text.end())
          ++at;
      if (at == text.end())
        return nullptr;
      break;
    case '/':
      if (next == '/')
        at = std::find(at, text.end(), '\n') - 1;
      break;
    case '-': // an arrow
      at += next == '>';
      break;
    case '(':
    case '[':
    case '{':
    case '<':
      level += next != '=';
      break;
    case ')':
    case ']':
    case '}':
    case '>':
      level -= next != '=' && level > 0;
      break;
    }
    if (level > mostLevels)
      return at;
  }
  return nullptr;
}

ParsedModule linnet::parseModule(const llvm::SourceMgr &sources, MLIRContext &context) {
  const llvm::MemoryBuffer &buffer = *sources.getMemoryBuffer(sources.getMainFileID());
  if (const char *excess = isBytecode(buffer) ? nullptr : findExcess(buffer.getBuffer())) {
    auto [line, column] = sources.getLineAndColumn(llvm::SMLoc::getFromPointer(excess));
    emitError(FileLineColLoc::get(&context, buffer.getBufferIdentifier(), line, column))
        << "expected brackets of at most " << mostLevels << " levels, got more";
    return {};
  }
  bool anyError = false;
  ScopedDiagnosticHandler watch(&context, [&](Diagnostic &diagnostic) {
    anyError |= diagnostic.getSeverity() == DiagnosticSeverity::Error;
    return failure(); // for the next handler
  });
  ParsedModule parsed;
  llvm::CrashRecoveryContext recovery;
  llvm::CrashRecoveryContext::Enable();
  parsed.crashed = !recovery.RunSafely([&] { parsed.module = parseSourceFile<ModuleOp>(sources, &context); });
  llvm::CrashRecoveryContext::Disable();
  if (parsed.crashed && !anyError)
    emitError(UnknownLoc::get(&context)) << "expected a module, got one that the parser of MLIR crashes on";
  return parsed;
}
