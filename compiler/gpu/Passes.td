//===- Passes.td - the passes that make kernels ---------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_GPU_PASSES_TD
#define LINNET_COMPILER_GPU_PASSES_TD

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// Stage tiled
//===----------------------------------------------------------------------===//

def LinnetNameChip : Pass<"linnet-name-chip", "::mlir::ModuleOp"> {
  let summary = "Say on the module which GPU it is for";
  let description = [{
    Sets `linnet.chip`. Passes that CPUs and GPUs share take their sizes by it.
  }];
  let options = [Option<"chip", "chip", "std::string", "\"sm_80\"", "The chip">];
}

//===----------------------------------------------------------------------===//
// Stage gpu
//===----------------------------------------------------------------------===//

def LinnetDistributeTiles : Pass<"linnet-distribute-tiles", "::mlir::func::FuncOp"> {
  let summary = "Turn tiles of scans into code of single threads";
  let description = [{
    A tile across channels becomes an `scf.forall` over channels that is mapped
    to threads; each runs along time with its state in registers. A tile along
    time, innermost in memory, stays: it becomes the code of a whole block when
    it gets buffers.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::bufferization::BufferizationDialect",
                           "::mlir::gpu::GPUDialect", "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect", "::mlir::ub::UBDialect",
                           "::mlir::vector::VectorDialect"];
}

def LinnetMapKernels : Pass<"linnet-map-kernels", "::mlir::func::FuncOp"> {
  let summary = "Turn everything that touches memory into kernels";
  let description = [{
    An `scf.forall` becomes a `gpu.launch` with a block for each iteration, a
    linalg op one with a thread for each output. What has no parallel form (the
    reference lowering, loads and stores) is gathered into kernels of one
    thread. Sizes, offsets and loops around kernels stay with the host. A value
    that the host would have to read from device memory is an error.
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
                           "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect"];
}

def LinnetDistributeBlocks : Pass<"linnet-distribute-blocks", "::mlir::func::FuncOp"> {
  let summary = "Share the work of a block among its threads";
  let description = [{
    Inside a `gpu.launch`: iterations of thread loops and outputs of linalg ops
    go to threads, sums along memory to warps. A barrier stands exactly where a
    thread may touch what another thread touched since the last one. Buffers of
    a block lie in shared memory.
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def LinnetOutlineKernels : Pass<"linnet-outline-kernels", "::mlir::ModuleOp"> {
  let summary = "Turn launches into functions of a GPU module";
  let description = [{
    Every `gpu.launch` becomes a `gpu.func` of the module `kernels` and a
    `gpu.launch_func`. A buffer is passed as a plain pointer with the sizes,
    strides and offset that its type leaves open.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::NVVM::NVVMDialect"];
}

//===----------------------------------------------------------------------===//
// Stage llvm
//===----------------------------------------------------------------------===//

def LinnetCheckKernels : Pass<"linnet-check-kernels", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Report what a chip cannot run";
  let description = [{
    Before LLVM sees the kernels: shared memory beyond what a block may have,
    and functions that would have to come from NVIDIA's math library, are errors
    at the op they are for.
  }];
  let options = [Option<"chip", "chip", "std::string", "\"sm_80\"", "The chip">];
}

def LinnetLowerKernels : Pass<"linnet-lower-kernels", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Convert kernels to the LLVM dialect and NVVM";
  let description = [{
    What `convert-gpu-to-nvvm` does, without its calls of NVIDIA's math library
    in the place of intrinsics that LLVM has instructions for. Buffers are plain
    pointers.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::NVVM::NVVMDialect"];
}

def LinnetLowerLaunches : Pass<"linnet-lower-launches", "::mlir::ModuleOp"> {
  let summary = "Turn launches of kernels into calls of the runtime";
  let description = [{
    A `gpu.launch_func` becomes a call of `linnet_host.launch` with the place of
    the kernel in its module and the addresses of its parameters
    (runtime/include/linnet/model.h).
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect"];
}

#endif // LINNET_COMPILER_GPU_PASSES_TD
