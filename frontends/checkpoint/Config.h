//===- Config.h - config.json ---------------------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_CHECKPOINT_CONFIG_H
#define LINNET_FRONTENDS_CHECKPOINT_CONFIG_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Location.h"
#include "mlir/Support/LLVM.h"

#include "llvm/Support/JSON.h"

#include <optional>
#include <string>

namespace linnet::checkpoint {

/// Reads options. One option may have several names, of several makers of checkpoints; where more than one is there
/// they must agree. A name may be a path, as in "ssm_cfg.d_state"; a null counts as absent. Problems are reported at
/// the line of the option and remembered: read all that is wanted, then ask hasErrors.
class Config {
public:
  using Names = llvm::ArrayRef<llvm::StringRef>;

  static mlir::FailureOr<Config> read(mlir::MLIRContext &context, llvm::StringRef path);
  /// The same of a file that was read already.
  static mlir::FailureOr<Config> parse(mlir::MLIRContext &context, llvm::StringRef path, std::string text);

  /// From 1 to 2^31 - 1.
  std::optional<int64_t> size(Names names);
  /// Reports it where it is missing; 1 then.
  int64_t requiredSize(Names names);
  /// The size `name` that `a` and `b` make. Reports it where it is above 2^31 - 1; 1 then.
  int64_t product(llvm::StringRef name, int64_t a, int64_t b);
  std::optional<bool> flag(Names names);
  std::optional<double> number(Names names);
  /// The least and the most that something may be, either of which may be infinite.
  std::optional<std::pair<double, double>> range(Names names);
  std::optional<std::string> string(Names names);

  /// Reports the option, where it is there, if it has another value: what is not built. `why` ends the message.
  void expect(llvm::StringRef name, llvm::ArrayRef<llvm::StringRef> oneOf, llvm::StringRef why = "");
  void expect(llvm::StringRef name, bool value, llvm::StringRef why = "");
  /// The same where it is neither empty nor 0.
  void expectUnused(llvm::StringRef name, llvm::StringRef why = "");

  const llvm::json::Value *find(llvm::StringRef name) const;
  /// The first of the names that is there, or null.
  const llvm::json::Value *findAny(Names names) const;

  /// Reports a problem with the first of the names that is there, or with the file.
  mlir::InFlightDiagnostic error(Names names);
  bool hasErrors() const { return errors; }
  llvm::StringRef getPath() const { return path; }

private:
  Config(mlir::MLIRContext &context, llvm::StringRef path, std::string text, llvm::json::Object object)
      : context(&context), path(path), text(std::move(text)), object(std::move(object)) {}

  mlir::Location locate(llvm::StringRef name) const;
  template <typename T, typename Convert> std::optional<T> get(Names names, llvm::StringRef kind, Convert convert);

  mlir::MLIRContext *context;
  std::string path, text;
  llvm::json::Object object;
  bool errors = false;
};

} // namespace linnet::checkpoint

#endif // LINNET_FRONTENDS_CHECKPOINT_CONFIG_H
