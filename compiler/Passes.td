//===- Passes.td - all passes of the compiler -----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_PASSES_TD
#define LINNET_COMPILER_PASSES_TD

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// Reference path
//===----------------------------------------------------------------------===//

def LinnetReference : Pass<"linnet-reference"> {
  let summary = "Lower linnet ops to plain sequential loops";
  let description = [{
    The executable specification: every op becomes loops over single elements,
    in the order in which docs/spec defines it. With `marked-only` just the ops
    that `linnet-select-path` marked with `linnet.path = "reference"`, and those
    of the Routing family, which have no other lowering.
  }];
  let options = [Option<"markedOnly", "marked-only", "bool", "false", "Lower only ops marked by linnet-select-path">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect", "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
}

//===----------------------------------------------------------------------===//
// Stage input and stage graph
//===----------------------------------------------------------------------===//

def LinnetCheckInput : Pass<"linnet-check-input", "::mlir::ModuleOp"> {
  let summary = "Report every op that the compiler does not support";
  let description = [{
    Walks the whole module before anything is lowered and reports each op that
    no later stage lowers, once per kind: the first place, how often it occurs,
    and what to do instead. Checks too that model functions are described
    completely (docs/spec/model-functions.md).
  }];
}

def LinnetExpandSsd : Pass<"linnet-expand-ssd"> {
  let summary = "Rewrite linnet.ssd as linnet.linear_attention between elementwise operations";
  let description = [{
    The step sizes, their products with A and x, the skip and the gate become
    `linalg.generic`; the recurrence becomes `linnet.linear_attention` with
    q = C, k = B. It has no other lowering, on either path.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect"];
}

def LinnetSelectMultiply : Pass<"linnet-select-multiply", "::mlir::ModuleOp"> {
  let summary = "Make products of matrices with L-Mul where the module asks for it";
  let description = [{
    With `linnet.multiply = #linnet.lmul<...>` on the module every product
    out[..,n] += x[..,k] W[n,k] of linalg becomes `linnet.lmul_contract`. A
    module without such a product is an error.
  }];
  let dependentDialects = ["::linnet::LinnetDialect"];
}

def LinnetSelectPath : Pass<"linnet-select-path", "::mlir::func::FuncOp"> {
  let summary = "Choose the fast or the reference path for every linnet op";
  let description = [{
    Ops that the fast path does not cover are marked `linnet.path = "reference"`
    and a remark gives the reason. `path=fast` makes that an error,
    `path=reference` marks every op.
  }];
  let options = [Option<"path", "path", "std::string", "\"auto\"", "auto, fast or reference">];
}

def LinnetCheckOffsets : Pass<"linnet-check-offsets", "::mlir::func::FuncOp"> {
  let summary = "Make model functions refuse offsets of packed sequences that are none";
  let description = [{
    Before an op with `cu_seqlens`: they begin at 0, never fall, and end at the
    length of time, or the function returns with an error (`linnet.require`).
    Those that `linnet.token_permute` gives are left alone: they are offsets
    whatever its indices are.
    Of `linnet.attention` in the same way its offsets, rows, lists of blocks and
    numbers of `partial`, where they are arguments: none is beyond what it names.
    An argument is checked once for all ops that have the same limits.
    Functions of no model, which have no caller to tell, are left alone.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
}

def LinnetNormalizeLayout : Pass<"linnet-normalize-layout"> {
  let summary = "Bring scans to the layout that the fast path takes";
  let description = [{
    Rewrites ops of layout `bdt` to layout `btd` between transposes, so that
    vector lanes are neighbouring channels. A selective_scan of real numbers
    whose channels are whole vectors stays: its vector code turns blocks of both.
    An attention of 16-bit elements becomes one of f32 between conversions.
  }];
  let options = [Option<"lanes", "lanes", "int64_t", "16", "Elements of a vector">];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

def LinnetArrangeScans : Pass<"linnet-arrange-scans"> {
  let summary = "Give elementwise scans one of the two shapes that have vector code";
  let description = [{
    A scan of scalars over many lanes runs across lanes, its last dimension not
    time: [T, lanes], or as it is where the last dimension fills a vector. Where
    time is last it stays there: [.., lanes, T]. A scan of fewer than 8 lanes
    runs along time inside a vector: [lanes, T]. A remark (category `linnet`)
    says which form was taken and why.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def LinnetSplitScans : Pass<"linnet-split-scans", "::mlir::func::FuncOp"> {
  let summary = "Cut scans of few lanes along time: reduce, then scan";
  let description = [{
    A scan along time inside a vector has not enough parallel work beside time.
    Time is cut into chunks, and the chunks of a group are lanes: they are
    reduced in parallel, the totals of all chunks are scanned from the initial
    state, and every chunk is scanned from its prefix. What is left behind the
    last whole group is scanned along time. The chunks depend on T alone, so
    results are the same bits for any number of threads. A remark (category
    `linnet`) says so.
  }];
  let options = [Option<"chunk", "chunk", "int64_t", "1040", "Elements of a chunk along time">,
                 Option<"lanes", "lanes", "int64_t", "16", "Chunks of a group: the elements of a vector">];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect", "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
}

def LinnetSplitAttention : Pass<"linnet-split-attention", "::mlir::func::FuncOp"> {
  let summary = "Cut linear attention of few heads along time: pass states from chunk to chunk";
  let description = [{
    Where sequences, heads and columns of values make few tiles, time is cut into
    chunks: what each adds to a state is computed in parallel, the states before
    all chunks by a scan of that, and every chunk in parallel from its state. The
    chunks depend on the tokens of a sequence alone, so results are the same bits
    for any number of threads. A remark (category `linnet`) says so. Reversed,
    bidirectional and packed attention, the delta rule and low-rank transitions
    stay whole.
  }];
  let options = [Option<"chunk", "chunk", "int64_t", "1024", "Tokens of a chunk">,
                 Option<"tiles", "tiles", "int64_t", "2", "Tiles from which on time stays whole">,
                 Option<"lanes", "lanes", "int64_t", "16", "Elements of a vector">];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
                           "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
}

def LinnetPackWeights : Pass<"linnet-pack-weights", "::mlir::func::FuncOp"> {
  let summary = "Pack the weights of matrix products into register panels";
  let description = [{
    A contraction with a weight W[N,K] computes with W[N/32,K,32] instead
    (linalg.pack of the weight; rows are padded with zeros). The result keeps
    its memory order, so no activation is packed.
  }];
  let options = [Option<"panel", "panel", "int64_t", "32", "Rows of the weight that stand side by side in a panel">];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect",
                           "::mlir::arith::ArithDialect"];
}

def LinnetHoistWeights : Pass<"linnet-hoist-weights", "::mlir::ModuleOp"> {
  let summary = "Move what depends on weights only into a function run once";
  let description = [{
    Ops whose operands are weights or constants move to the function `prepare`,
    whose results the runtime keeps: they become arguments of role `prepared`.
    Equal results of several functions are made once.
  }];
  let dependentDialects = ["::mlir::func::FuncDialect"];
}

def LinnetBlockTime : Pass<"linnet-block-time", "::mlir::func::FuncOp"> {
  let summary = "Run a causal function block by block along time";
  let description = [{
    Where every op of the function is causal with a carried state, its body runs
    in a loop over blocks of time, with the states carried from block to block:
    the memory for intermediate values no longer grows with the sequence. A
    remark says why a function was left alone.
  }];
  let options = [Option<"block", "block", "int64_t", "256", "Tokens of a block">];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::linalg::LinalgDialect", "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
}

//===----------------------------------------------------------------------===//
// Stage tiled
//===----------------------------------------------------------------------===//

def LinnetTileOps : Pass<"linnet-tile-ops", "::mlir::func::FuncOp"> {
  let summary = "Tile ops into scf.forall over parallel tiles";
  let description = [{
    Scans are tiled over batch and blocks of channels; contractions over batch,
    rows and panels; other linalg ops over their outer parallel dimensions,
    with their producers fused. Time stays whole inside a tile.
  }];
  let options = [Option<"lanes", "lanes", "int64_t", "16", "Channels of a scan tile: the lanes of one vector">,
                 Option<"rows", "rows", "int64_t", "8", "Rows of a contraction tile">];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::scf::SCFDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

//===----------------------------------------------------------------------===//
// Stage vector
//===----------------------------------------------------------------------===//

def LinnetVectorizeTiles : Pass<"linnet-vectorize-tiles", "::mlir::func::FuncOp"> {
  let summary = "Turn tiles of scans and contractions into vector code";
  let description = [{
    A scan tile becomes a loop over time that carries the state as one vector of
    channels per state index; a contraction tile a loop over k that carries one
    vector per accumulator register. No state is loaded or stored inside the
    loops. A transpose becomes loops over blocks that are turned in registers.
  }];
  let options = [Option<"lanes", "lanes", "int64_t", "16", "Elements of a vector">,
                 Option<"avx512Bf16", "avx512-bf16", "bool", "false", "The target has AVX512-BF16">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::bufferization::BufferizationDialect",
                           "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect", "::mlir::ub::UBDialect", "::mlir::vector::VectorDialect",
                           "::mlir::x86vector::X86VectorDialect"];
}

def LinnetBufferizeBoundary : Pass<"linnet-bufferize-boundary", "::mlir::func::FuncOp"> {
  let summary = "Give functions dense buffers for arguments and results";
  let description = [{
    Tensor arguments become read-only dense memrefs, tensor results become
    additional memref arguments that are written. The attributes
    `linnet.role`, `linnet.name` and `linnet.symbols` move along.
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect", "::mlir::memref::MemRefDialect"];
}

def LinnetLowerCopies : Pass<"linnet-lower-copies"> {
  let summary = "Turn copies between strided buffers into loops";
  let description = [{
    `memref.copy` of a strided buffer would become a call of MLIR's runner
    library, which a compiled model must not need. Copies of dense buffers stay:
    they become memcpy.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def LinnetPlanWorkspace : Pass<"linnet-plan-workspace", "::mlir::ModuleOp"> {
  let summary = "Replace allocations by offsets into one workspace";
  let description = [{
    Every allocation of a function becomes a view into a workspace argument that
    the caller provides. Allocations of equal size whose lives do not overlap
    share their place. A companion function `NAME_workspace_bytes` computes the
    size from the arguments' dynamic sizes.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect", "::mlir::memref::MemRefDialect"];
}

//===----------------------------------------------------------------------===//
// Approximation
//===----------------------------------------------------------------------===//

def LinnetPropagateAccuracy : Pass<"linnet-propagate-accuracy"> {
  let summary = "Copy the accuracy of a function or module onto every op in it";
  let description = [{
    An op of the math dialect, a division or a linnet op without
    `linnet.accuracy` gets that of the innermost op around it. Later stages look
    at the op only: the attributes of a function do not survive inlining.
  }];
}

def LinnetReportAccuracy : Pass<"linnet-report-accuracy"> {
  let summary = "Bound the error of each result of a function";
  let description = [{
    A remark for each result of each function: where its exact value lies, and
    how far at most the computed one is from it, absolutely and relatively,
    when every elementary function has the error that its accuracy allows; or a
    remark that there is no bound, with a note at the op that stands in the way.
    Arguments are exact and within `linnet.range = [low, high]`, without it any
    finite number. Knows arithmetic, elementary functions, linalg ops whose body
    is made of them, sums and contractions, and softmax (docs/spec/math.md).
    Changes nothing.
  }];
}

def LinnetApproximateMath : Pass<"linnet-approximate-math"> {
  let summary = "Expand elementary functions into arithmetic";
  let description = [{
    f32 scalars and vectors. Each function, and each sigmoid, silu, gelu and
    softplus that is written out, becomes the cheapest program of the library
    (compiler/approximation/library) that its accuracy allows on the target; a
    remark `approximation` names it. Without `linnet.accuracy` that is one
    within 1 ULP on all inputs, within 4 ULP under `fastmath<afn>`. Where the
    library has none, it is an error (docs/spec/math.md).
  }];
  let options = [Option<"avx512", "avx512", "bool", "false", "The target has AVX-512F and AVX-512DQ">,
                 Option<"avx2", "avx2", "bool", "false", "The target has AVX2">,
                 Option<"fma", "fma", "bool", "true", "The target has fused multiply-add">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect", "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect", "::mlir::LLVM::LLVMDialect"];
}

//===----------------------------------------------------------------------===//
// Stage llvm
//===----------------------------------------------------------------------===//

def LinnetStreamStores : Pass<"linnet-stream-stores", "::mlir::func::FuncOp"> {
  let summary = "Write large results past the caches";
  let description = [{
    A loop that writes whole cache lines of a result, which the function does
    not read, gets a second version with non-temporal stores and a fence behind
    it. It is taken where the result has at least `bytes` bytes and its rows
    begin on cache lines: the memory then need not be read before it is written,
    and what is in the caches stays there.
  }];
  let options = [Option<"bytes", "bytes", "int64_t", "16 * 1024 * 1024", "Size of a result from which it is streamed">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect", "::mlir::LLVM::LLVMDialect"];
}

def LinnetOutlineParallel : Pass<"linnet-outline-parallel", "::mlir::ModuleOp"> {
  let summary = "Turn parallel loops into calls of the runtime";
  let description = [{
    The body of every outermost `scf.forall` becomes a function over a range of
    iterations, called through `linnet_host.parallel_for`. Functions get the
    host as first argument. Nested ones run as loops. The names of the ops are
    collected in the module attribute `linnet.ops`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::func::FuncDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::scf::SCFDialect"];
}

def LinnetLowerRequirements : Pass<"linnet-lower-requirements", "::mlir::func::FuncOp"> {
  let summary = "Turn linnet.require into a branch to a return with its code";
  let description = [{
    Runs on control flow between blocks, behind `linnet-emit-entry-points`,
    which has given the function a code to return.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::cf::ControlFlowDialect"];
}

def LinnetEmitEntryPoints : Pass<"linnet-emit-entry-points", "::mlir::ModuleOp"> {
  let summary = "Wrap functions in the calling convention of the runtime";
  let description = [{
    For every model function NAME builds `linnet_run_NAME(host, buffers,
    symbols, workspace) -> i32`, which makes memref descriptors of the buffers
    and symbols, and `linnet_workspace_NAME(symbols) -> i64`. The module
    attribute `linnet.functions` keeps what the manifest of the library says of
    them (runtime/include/linnet/model.h).
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::func::FuncDialect", "::mlir::LLVM::LLVMDialect"];
}

#endif // LINNET_COMPILER_PASSES_TD
