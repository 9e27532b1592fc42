//===- Code.h - machine code of a function on arrays ----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETEVOLVE_CODE_H
#define LINNET_TOOLS_LINNETEVOLVE_CODE_H

#include "compiler/package/Target.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"

#include <memory>

namespace llvm::orc {
class LLJIT;
}

namespace linnet::approximation {

/// Builds the body of the loop: y from x, a vector of f32.
using EmitBody = llvm::function_ref<mlir::Value(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x)>;

/// The assembly of a loop over vectors of `lanes` floats, its body between the marks of llvm-mca. Elementary functions
/// of the math dialect become what MLIR has for them.
llvm::Expected<std::string> compileToAssembly(EmitBody emit, int64_t lanes, const TargetOptions &target);

/// The same loop, ready to run on this machine, which has all that the target has: y[i] = f(x[i]) for `count` floats, a
/// multiple of the lanes.
class CompiledLoop {
public:
  static llvm::Expected<CompiledLoop> compile(EmitBody emit, int64_t lanes,
                                              const TargetOptions &target = TargetOptions());
  CompiledLoop(CompiledLoop &&);
  ~CompiledLoop();
  void operator()(const float *x, float *y, int64_t count) const { loop(x, y, count); }

private:
  using Loop = void(const float *, float *, int64_t);
  CompiledLoop(std::unique_ptr<llvm::orc::LLJIT> jit, Loop *loop);
  std::unique_ptr<llvm::orc::LLJIT> jit;
  Loop *loop;
};

} // namespace linnet::approximation

#endif // LINNET_TOOLS_LINNETEVOLVE_CODE_H
