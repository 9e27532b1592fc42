//===- Pipelines.h - the stages of the compiler ---------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_PIPELINES_H
#define LINNET_COMPILER_PIPELINES_H

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace linnet {

/// What the stages may be told. Every stage takes all of it and reads what concerns it.
struct StageOptions : mlir::PassPipelineOptions<StageOptions> {
  Option<std::string> path{*this, "path",
                           llvm::cl::desc("Lowering of linnet ops: auto, fast (no falling back) or reference"),
                           llvm::cl::init("auto")};
  Option<int64_t> timeBlock{*this, "time-block", llvm::cl::desc("Tokens that a model computes at a time (default 256)"),
                            llvm::cl::init(256)};
  Option<bool> avx2{*this, "avx2", llvm::cl::desc("The target has AVX2"), llvm::cl::init(false)};
  Option<int64_t> parallelTiles{
      *this, "parallel-tiles",
      llvm::cl::desc("Tiles of linear attention below which time is cut into parallel chunks (default 2)"),
      llvm::cl::init(2)};
  Option<bool> avx512{*this, "avx512", llvm::cl::desc("The target has AVX-512F and AVX-512DQ"), llvm::cl::init(false)};
  Option<bool> avx512Bf16{*this, "avx512-bf16", llvm::cl::desc("The target has AVX512-BF16"), llvm::cl::init(false)};
  Option<bool> fma{*this, "fma", llvm::cl::desc("The target has fused multiply-add"), llvm::cl::init(true)};
  Option<std::string> chip{*this, "gpu-chip", llvm::cl::desc("Make kernels for this GPU, e.g. sm_80 (default: none)"),
                           llvm::cl::init("")};
};

/// The stages in the order in which data flows; the output of one is the input of the next.
void buildStageInput(mlir::OpPassManager &pm, const StageOptions &options);
void buildStageGraph(mlir::OpPassManager &pm, const StageOptions &options);
void buildStageTiled(mlir::OpPassManager &pm, const StageOptions &options);
void buildStageVector(mlir::OpPassManager &pm, const StageOptions &options);
/// In place of the stage vector where kernels are made.
void buildStageGpu(mlir::OpPassManager &pm, const StageOptions &options);
void buildStageLLVM(mlir::OpPassManager &pm, const StageOptions &options);

struct Stage {
  llvm::StringLiteral name;
  llvm::StringLiteral description;
  void (*build)(mlir::OpPassManager &, const StageOptions &);
};
/// The stages for a CPU, or for a GPU.
llvm::ArrayRef<Stage> getStages(bool gpu = false);

/// Registers --linnet-stage-NAME for every stage.
void registerStages();

/// Every dialect, interface and translation that the stages need.
void registerCompilerDialects(mlir::DialectRegistry &registry);

} // namespace linnet

#endif // LINNET_COMPILER_PIPELINES_H
