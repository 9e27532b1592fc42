//===- Tensors.h - the tensors of a checkpoint, as a model asks for them --------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_CHECKPOINT_TENSORS_H
#define LINNET_FRONTENDS_CHECKPOINT_TENSORS_H

#include "frontends/checkpoint/SafetensorsHeader.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"

#include <set>

namespace linnet::checkpoint {

/// A size and what it is called in messages.
struct NamedSize {
  llvm::StringRef name;
  int64_t size;
};

/// A tensor that was found and is as expected. Empty where it was not.
struct Weight {
  std::string name; // in the file
  llvm::SmallVector<int64_t> shape;
  mlir::Type elementType; // f32, f16 or bf16

  explicit operator bool() const { return !name.empty(); }
};

/// Answers requests of a model for its tensors. Problems are reported, the first ones in full and the others counted
/// at the end: ask for everything, then call finish.
class Tensors {
public:
  Tensors(mlir::MLIRContext &context, std::string path, TensorTable table)
      : context(context), path(std::move(path)), table(std::move(table)) {}

  /// The first of the names that is there.
  std::string findName(llvm::ArrayRef<std::string> names) const;
  bool has(llvm::StringRef name) const { return table.count(name.str()); }
  const StoredTensor *find(llvm::StringRef name) const;

  /// A tensor of this shape, under the first of the names that is there.
  Weight require(llvm::ArrayRef<std::string> names, llvm::ArrayRef<NamedSize> shape);
  Weight require(const std::string &name, llvm::ArrayRef<NamedSize> shape) {
    return require(llvm::ArrayRef<std::string>(name), shape);
  }
  /// A tensor that may be missing. An option `flagName`, where it has a value, must agree with what is there.
  Weight optional(const std::string &name, llvm::ArrayRef<NamedSize> shape, llvm::StringRef flagName,
                  std::optional<bool> flag);
  /// No request, no complaint.
  void ignore(llvm::StringRef name) { used.insert(name.str()); }

  /// One more than the largest i of a name "<prefix>i.<anything>".
  int64_t countLayers(llvm::StringRef prefix) const;

  /// Complains about tensors that no one asked for, which would be left out in silence, and says whether all was well.
  mlir::LogicalResult finish();

  /// Whether the next problem would be reported: a file with far too many needs not be looked through.
  bool isReporting() const { return problems < mostReported; }

  /// Reports a problem, or only counts it. `emit` gets an error at the file of the tensors, or at the one of `tensor`.
  void report(llvm::function_ref<void(mlir::InFlightDiagnostic &)> emit, const StoredTensor *tensor = nullptr);

private:
  static constexpr int64_t mostReported = 20;

  mlir::MLIRContext &context;
  std::string path;
  TensorTable table;
  std::set<std::string> used;
  int64_t problems = 0;
};

} // namespace linnet::checkpoint

#endif // LINNET_FRONTENDS_CHECKPOINT_TENSORS_H
