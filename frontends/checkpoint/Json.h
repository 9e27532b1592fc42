//===- Json.h - JSON from outside -----------------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_CHECKPOINT_JSON_H
#define LINNET_FRONTENDS_CHECKPOINT_JSON_H

#include "mlir/IR/Location.h"
#include "mlir/Support/LLVM.h"

#include "llvm/Support/JSON.h"

namespace linnet::checkpoint {

/// Reads a regular file of at most `mostBytes`.
mlir::FailureOr<std::string> readTextFile(mlir::MLIRContext &context, llvm::StringRef path, uint64_t mostBytes);

/// The object that `text` is. Problems are reported at their place in it, which is in `path` unless `isWholeFile` is
/// false: then only the file is named.
mlir::FailureOr<llvm::json::Object> parseJsonObject(mlir::MLIRContext &context, llvm::StringRef text,
                                                    llvm::StringRef path, bool isWholeFile = true);

/// A value as a message quotes it: short, on one line.
std::string printJson(const llvm::json::Value &value);

/// The file as a whole.
mlir::Location fileLocation(mlir::MLIRContext &context, llvm::StringRef path);

} // namespace linnet::checkpoint

#endif // LINNET_FRONTENDS_CHECKPOINT_JSON_H
