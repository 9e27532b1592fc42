//===- LowerLaunches.cpp - launches as calls of the runtime ---------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Model.h"
#include "compiler/gpu/Kernels.h"
#include "compiler/gpu/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETLOWERLAUNCHES
#include "compiler/gpu/Passes.h.inc"

namespace {

/// The field of linnet_host (runtime/include/linnet/model.h) that holds launch.
constexpr int32_t kLaunchField = 4;

struct LinnetLowerLaunches : impl::LinnetLowerLaunchesBase<LinnetLowerLaunches> {
  void runOnOperation() override {
    auto kernels = getOperation().lookupSymbol<gpu::GPUModuleOp>(kKernelModuleName);
    if (!kernels)
      return;
    llvm::StringMap<int32_t> places;
    for (auto [i, op] : llvm::enumerate(kernels.getOps<FunctionOpInterface>()))
      places[op.getName()] = i;
    SmallVector<gpu::LaunchFuncOp> launches;
    getOperation().walk([&](gpu::LaunchFuncOp op) { launches.push_back(op); });
    for (gpu::LaunchFuncOp launch : launches)
      lower(launch, places.lookup(launch.getKernelName()));
  }

  void lower(gpu::LaunchFuncOp launch, int32_t kernel) {
    ImplicitLocOpBuilder b(launch.getLoc(), launch);
    auto function = launch->getParentOfType<func::FuncOp>();
    auto pointer = LLVM::LLVMPointerType::get(&getContext());
    Type i64 = b.getI64Type();
    SmallVector<Value> values;
    for (Value operand : launch.getKernelOperands()) {
      if (isa<MemRefType>(operand.getType()))
        operand = arith::IndexCastOp::create(b, i64, memref::ExtractAlignedPointerAsIndexOp::create(b, operand));
      else if (operand.getType().isIndex())
        operand = arith::IndexCastOp::create(b, i64, operand);
      values.push_back(operand);
    }
    // In the frame of the function: it lives as long as the call.
    auto allocate = [&](Type type, int64_t count) -> Value {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(&function.getBody().front());
      Value size = LLVM::ConstantOp::create(b, i64, b.getI64IntegerAttr(std::max<int64_t>(count, 1)));
      return LLVM::AllocaOp::create(b, pointer, type, size, /*alignment=*/8);
    };
    Value addresses = allocate(pointer, values.size());
    for (auto [i, value] : llvm::enumerate(values)) {
      Value slot = allocate(value.getType(), 1);
      LLVM::StoreOp::create(b, value, slot);
      Value place =
          LLVM::GEPOp::create(b, pointer, pointer, addresses, ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(i)});
      LLVM::StoreOp::create(b, slot, place);
    }
    Value host = function.getArgument(0);
    auto hostType =
        LLVM::LLVMStructType::getLiteral(&getContext(), {b.getI32Type(), b.getI32Type(), pointer, pointer, pointer});
    Value field = LLVM::GEPOp::create(b, pointer, hostType, host, ArrayRef<LLVM::GEPArg>{0, kLaunchField});
    Value callee = LLVM::LoadOp::create(b, pointer, field);
    auto type =
        LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(&getContext()), {pointer, b.getI32Type(), i64, pointer});
    Value place = LLVM::ConstantOp::create(b, b.getI32Type(), b.getI32IntegerAttr(kernel));
    Value blocks = arith::IndexCastOp::create(b, i64, launch.getGridSizeX());
    LLVM::CallOp::create(b, type, ValueRange{callee, host, place, blocks, addresses});
    launch.erase();
  }
};
} // namespace
} // namespace linnet
