//===- Pipelines.cpp - the stages of the compiler -------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Pipelines.h"

#include "compiler/Passes.h"
#include "compiler/tiling/Tiling.h"
#include "dialects/check/Check.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Conversion/VectorToSCF/VectorToSCF.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/Transforms/Passes.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace linnet;

static void cleanUp(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  // Sizes of results become sizes of inputs, which is what the plan of the workspace needs to know.
  pm.addPass(memref::createResolveRankedShapeTypeResultDimsPass());
  pm.addPass(createCSEPass());
}

void linnet::buildStageInput(OpPassManager &pm, const StageOptions &) {
  pm.addPass(createLinnetCheckInput());
  cleanUp(pm);
  pm.addPass(createLinnetPropagateAccuracy());
}

void linnet::buildStageGraph(OpPassManager &pm, const StageOptions &options) {
  pm.addPass(createLinnetExpandSsd());
  pm.addNestedPass<func::FuncOp>(createLinnetSelectPath({options.path}));
  pm.addNestedPass<func::FuncOp>(createLinnetCheckOffsets());
  // The reference path shows each op as it was written.
  if (options.path != "reference") {
    pm.addPass(createLinnetNormalizeLayout());
    pm.addPass(createLinnetArrangeScans());
    pm.addNestedPass<func::FuncOp>(createLinnetPackWeights());
  }
  cleanUp(pm);
  pm.addPass(createLinnetHoistWeights());
  pm.addNestedPass<func::FuncOp>(createLinnetBlockTime({options.timeBlock}));
  cleanUp(pm);
}

void linnet::buildStageTiled(OpPassManager &pm, const StageOptions &options) {
  pm.addPass(createLinnetReference({/*markedOnly=*/true}));
  if (options.path != "reference") {
    LinnetSplitAttentionOptions split;
    split.tiles = options.parallelTiles;
    pm.addNestedPass<func::FuncOp>(createLinnetSplitScans());
    pm.addNestedPass<func::FuncOp>(createLinnetSplitAttention(split));
    pm.addNestedPass<func::FuncOp>(createLinnetTileOps());
  }
  cleanUp(pm);
}

void linnet::buildStageVector(OpPassManager &pm, const StageOptions &options) {
  pm.addPass(check::createConvertCheckToCalls());
  LinnetVectorizeTilesOptions vectorize;
  vectorize.avx512Bf16 = options.avx512Bf16;
  pm.addNestedPass<func::FuncOp>(createLinnetVectorizeTiles(vectorize));
  cleanUp(pm);
  // Before bufferization, so that no buffer of a state is touched inside a loop over time.
  pm.addPass(createLoopInvariantCodeMotionPass());
  pm.addPass(createLoopInvariantSubsetHoistingPass());
  pm.addNestedPass<func::FuncOp>(createLinnetBufferizeBoundary());
  cleanUp(pm);
  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  bufferization::OneShotBufferizePassOptions bufferize;
  bufferize.bufferizeFunctionBoundaries = true;
  bufferize.functionBoundaryTypeConversion = bufferization::LayoutMapOption::IdentityLayoutMap;
  pm.addPass(bufferization::createOneShotBufferizePass(bufferize));
  cleanUp(pm);
  // Equal subviews are one value only now: copies of a buffer onto itself fold.
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createLinnetLowerCopies());
  pm.addPass(createConvertLinalgToLoopsPass());
  pm.addPass(memref::createFoldMemRefAliasOpsPass());
  cleanUp(pm);
  pm.addPass(createLinnetPlanWorkspace());
  cleanUp(pm);
}

void linnet::buildStageLLVM(OpPassManager &pm, const StageOptions &options) {
  pm.addPass(createLinnetApproximateMath({options.avx512, options.fma}));
  pm.addNestedPass<func::FuncOp>(createLinnetStreamStores());
  pm.addPass(createLinnetOutlineParallel());
  // Functions of no model have no runtime to call.
  pm.addNestedPass<func::FuncOp>(createForallToForLoopPass());
  pm.addPass(createLinnetEmitEntryPoints());
  VectorTransferToSCFOptions vectorToSCF;
  vectorToSCF.enableFullUnroll();
  pm.addPass(createConvertVectorToSCFPass(vectorToSCF));
  pm.addPass(createLowerAffinePass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  cleanUp(pm);
  pm.addPass(createSCFToControlFlowPass());
  pm.addNestedPass<func::FuncOp>(createLinnetLowerRequirements());
  // Without an instruction, LLVM would call a function of its runtime library to round to bf16.
  if (!options.avx512Bf16) {
    arith::ArithExpandOpsPassOptions expand;
    expand.includeBf16 = true;
    pm.addPass(arith::createArithExpandOpsPass(expand));
  }
  ConvertVectorToLLVMPassOptions vectorToLLVM;
  vectorToLLVM.x86Vector = options.avx512Bf16;
  pm.addPass(createConvertVectorToLLVMPass(vectorToLLVM));
  pm.addPass(createConvertComplexToLLVMPass());
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertMathToLibmPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertIndexToLLVMPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  pm.addPass(createUBToLLVMConversionPass());
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  cleanUp(pm);
}

ArrayRef<Stage> linnet::getStages() {
  static const Stage stages[] = {
      {"input", "Check what a frontend built: linnet, linalg, tensor, arith and math on tensors", buildStageInput},
      {"graph", "Lay out, pack and hoist weights, block time", buildStageGraph},
      {"tiled", "Parallel tiles around linnet and linalg ops", buildStageTiled},
      {"vector", "Vector code on buffers, without allocations", buildStageVector},
      {"llvm", "LLVM dialect with the runtime's calling convention", buildStageLLVM},
  };
  return stages;
}

void linnet::registerStages() {
  for (const Stage &stage : getStages())
    PassPipelineRegistration<StageOptions>(("linnet-stage-" + stage.name).str(), stage.description, stage.build);
}

void linnet::registerCompilerDialects(DialectRegistry &registry) {
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registry.insert<LinnetDialect, check::CheckDialect>();
  registerAttentionTilingModels(registry);
  registerBlockLocalAttentionTilingModels(registry);
  registerLinearAttentionTilingModels(registry);
  registerLMulTilingModels(registry);
  registerLowPrecisionTilingModels(registry);
  registerScanTilingModels(registry);
}
