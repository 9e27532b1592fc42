//===- Pipelines.cpp - the stages of the compiler -------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Pipelines.h"

#include "compiler/Passes.h"
#include "compiler/gpu/BlockCode.h"
#include "compiler/gpu/Chip.h"
#include "compiler/gpu/Passes.h"
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
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
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
  pm.addPass(createLinnetSelectMultiply());
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
    LinnetTileOpsOptions tile;
    if (options.chip.empty()) {
      LinnetSplitAttentionOptions split;
      split.tiles = options.parallelTiles;
      pm.addNestedPass<func::FuncOp>(createLinnetSplitScans());
      pm.addNestedPass<func::FuncOp>(createLinnetSplitAttention(split));
    } else {
      tile.lanes = kWarpSize;
      tile.rows = 32;
      pm.addPass(createLinnetNameChip({options.chip}));
    }
    pm.addNestedPass<func::FuncOp>(createLinnetTileOps(tile));
  }
  cleanUp(pm);
}

/// From tensors to buffers.
static void bufferize(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(createLinnetBufferizeBoundary());
  cleanUp(pm);
  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  bufferization::OneShotBufferizePassOptions options;
  options.bufferizeFunctionBoundaries = true;
  options.functionBoundaryTypeConversion = bufferization::LayoutMapOption::IdentityLayoutMap;
  pm.addPass(bufferization::createOneShotBufferizePass(options));
  cleanUp(pm);
  // Equal subviews are one value only now: copies of a buffer onto itself fold.
  pm.addPass(createCanonicalizerPass());
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
  bufferize(pm);
  pm.addPass(createLinnetLowerCopies());
  pm.addPass(createConvertLinalgToLoopsPass());
  pm.addPass(memref::createFoldMemRefAliasOpsPass());
  cleanUp(pm);
  pm.addPass(createLinnetPlanWorkspace());
  cleanUp(pm);
}

void linnet::buildStageGpu(OpPassManager &pm, const StageOptions &options) {
  pm.addNestedPass<func::FuncOp>(createLinnetDistributeTiles());
  cleanUp(pm);
  pm.addPass(createLoopInvariantCodeMotionPass());
  pm.addPass(createLoopInvariantSubsetHoistingPass());
  bufferize(pm);
  pm.addNestedPass<func::FuncOp>(createLinnetMapKernels());
  pm.addNestedPass<func::FuncOp>(createLinnetDistributeBlocks());
  pm.addPass(createConvertLinalgToLoopsPass());
  pm.addPass(memref::createFoldMemRefAliasOpsPass());
  cleanUp(pm);
  pm.addPass(createLinnetPlanWorkspace());
  cleanUp(pm);
  pm.addPass(createLinnetOutlineKernels());
  cleanUp(pm);
}

/// The kernels, to the LLVM dialect with NVVM's intrinsics.
static void lowerKernels(OpPassManager &pm, const StageOptions &options) {
  OpPassManager &kernels = pm.nest<gpu::GPUModuleOp>();
  kernels.addPass(createLinnetApproximateMath({/*avx512=*/false, /*avx2=*/false, /*fma=*/true}));
  VectorTransferToSCFOptions vectorToSCF;
  vectorToSCF.enableFullUnroll();
  kernels.addPass(createConvertVectorToSCFPass(vectorToSCF));
  kernels.addPass(createLowerAffinePass());
  kernels.addPass(memref::createExpandStridedMetadataPass());
  kernels.addPass(createLowerAffinePass());
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());
  kernels.addPass(createConvertNVGPUToNVVMPass());
  kernels.addPass(createSCFToControlFlowPass());
  kernels.addPass(createConvertVectorToLLVMPass());
  kernels.addPass(createConvertComplexToLLVMPass());
  // Before the conversion of the gpu dialect, which would call NVIDIA's library for what is left.
  kernels.addPass(createConvertMathToLLVMPass());
  kernels.addPass(createArithToLLVMConversionPass());
  kernels.addPass(createConvertIndexToLLVMPass());
  LinnetCheckKernelsOptions check;
  check.chip = options.chip;
  kernels.addPass(createLinnetCheckKernels(check));
  kernels.addPass(createLinnetLowerKernels());
  kernels.addPass(createUBToLLVMConversionPass());
  kernels.addPass(createConvertNVVMToLLVMPass());
  kernels.addPass(createReconcileUnrealizedCastsPass());
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());
}

void linnet::buildStageLLVM(OpPassManager &pm, const StageOptions &options) {
  if (!options.chip.empty())
    lowerKernels(pm, options);
  pm.addPass(createLinnetApproximateMath({options.avx512, options.avx2, options.fma}));
  pm.addNestedPass<func::FuncOp>(createLinnetStreamStores());
  pm.addPass(createLinnetOutlineParallel());
  pm.addPass(createLinnetLowerLaunches());
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

ArrayRef<Stage> linnet::getStages(bool gpu) {
  static const Stage input = {"input", "Check what a frontend built: linnet, linalg, tensor, arith and math on tensors",
                              buildStageInput},
                     graph = {"graph", "Lay out, pack and hoist weights, block time", buildStageGraph},
                     tiled = {"tiled", "Parallel tiles around linnet and linalg ops", buildStageTiled},
                     llvm = {"llvm", "LLVM dialect with the runtime's calling convention", buildStageLLVM};
  static const Stage forCpu[] = {
      input, graph, tiled, {"vector", "Vector code on buffers, without allocations", buildStageVector}, llvm};
  static const Stage forGpu[] = {input,
                                 graph,
                                 tiled,
                                 {"gpu", "Kernels of blocks and threads on buffers, and their launches", buildStageGpu},
                                 llvm};
  return gpu ? ArrayRef(forGpu) : ArrayRef(forCpu);
}

void linnet::registerStages() {
  for (bool gpu : {false, true})
    for (const Stage &stage : getStages(gpu))
      if (!gpu || stage.name == "gpu")
        PassPipelineRegistration<StageOptions>(("linnet-stage-" + stage.name).str(), stage.description, stage.build);
}

void linnet::registerCompilerDialects(DialectRegistry &registry) {
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerBuiltinDialectTranslation(registry);
  registerGPUDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerNVVMDialectTranslation(registry);
  registry.insert<LinnetDialect, check::CheckDialect>();
  registerAttentionTilingModels(registry);
  registerBlockLocalAttentionTilingModels(registry);
  registerKroneckerAttentionTilingModels(registry);
  registerLinearAttentionTilingModels(registry);
  registerLMulTilingModels(registry);
  registerLowPrecisionTilingModels(registry);
  registerScanTilingModels(registry);
  registerBlockScanModels(registry);
}
