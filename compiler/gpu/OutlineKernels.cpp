//===- OutlineKernels.cpp - launches as functions of a GPU module ---------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/gpu/BlockBuilder.h"
#include "compiler/gpu/Kernels.h"
#include "compiler/gpu/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETOUTLINEKERNELS
#include "compiler/gpu/Passes.h.inc"

namespace {

/// A buffer as a kernel gets it: where it begins, and the sizes, strides and offset that its type leaves open.
struct Parameters {
  SmallVector<Value> values;
  llvm::DenseMap<Value, unsigned> places;

  unsigned add(Value value) {
    auto [place, isNew] = places.try_emplace(value, values.size());
    if (isNew)
      values.push_back(value);
    return place->second;
  }
};

struct LinnetOutlineKernels : impl::LinnetOutlineKernelsBase<LinnetOutlineKernels> {
  void runOnOperation() override {
    SmallVector<gpu::LaunchOp> launches;
    getOperation().walk([&](gpu::LaunchOp op) { launches.push_back(op); });
    if (launches.empty())
      return;
    OpBuilder builder = OpBuilder::atBlockEnd(getOperation().getBody());
    auto kernels = gpu::GPUModuleOp::create(builder, getOperation().getLoc(), kKernelModuleName);
    getOperation()->setAttr(gpu::GPUDialect::getContainerModuleAttrName(), builder.getUnitAttr());
    for (gpu::LaunchOp launch : launches)
      outline(launch, kernels);
  }

  void outline(gpu::LaunchOp launch, gpu::GPUModuleOp kernels) {
    Location loc = launch.getLoc();
    llvm::SetVector<Value> captured;
    getUsedValuesDefinedAbove(launch.getBody(), captured);
    BlockBuilder host(loc, OpBuilder(launch));
    Parameters parameters;
    // How the kernel gets a captured value back from its parameters.
    SmallVector<std::function<Value(BlockBuilder &, gpu::GPUFuncOp)>> rebuild;
    for (Value value : captured)
      rebuild.push_back(describe(host, value, parameters));

    SmallVector<Type> types, shared;
    for (Value value : parameters.values)
      types.push_back(value.getType());
    SmallVector<memref::AllocOp> allocations;
    launch.walk([&](memref::AllocOp op) { allocations.push_back(op); });
    for (memref::AllocOp op : allocations)
      shared.push_back(op.getType());

    OpBuilder builder = OpBuilder::atBlockEnd(kernels.getBody());
    auto name = launch->getAttrOfType<StringAttr>(kKernelNameAttrName);
    auto kernel = gpu::GPUFuncOp::create(builder, loc, name.getValue(), builder.getFunctionType(types, {}), shared);
    kernel->setAttr(gpu::GPUDialect::getKernelFuncAttrName(), builder.getUnitAttr());
    int64_t threads = *getConstantIntValue(launch.getBlockSizeX());
    kernel->setAttr(NVVM::NVVMDialect::getMaxntidAttrName(),
                    builder.getDenseI32ArrayAttr({static_cast<int32_t>(threads)}));
    // Copies of 16 bytes and matrix loads need it, and the type of the element promises less.
    for (auto [i, op] : llvm::enumerate(allocations))
      kernel.setWorkgroupAttributionAttr(i, "llvm.align", builder.getI64IntegerAttr(16));

    BlockBuilder b(loc, OpBuilder::atBlockBegin(&kernel.getBody().front()));
    IRMapping mapping;
    for (auto [value, make] : llvm::zip_equal(captured, rebuild))
      mapping.map(value, make(b, kernel));
    // Shared buffers anywhere in the kernel are its attributions.
    for (auto [op, buffer] : llvm::zip_equal(allocations, kernel.getWorkgroupAttributions())) {
      op.replaceAllUsesWith(buffer);
      op.erase();
    }
    for (Operation &op : launch.getBody().front().without_terminator())
      b.clone(op, mapping);
    gpu::ReturnOp::create(b);

    Value one = host.index(1);
    gpu::LaunchFuncOp::create(host, kernel, gpu::KernelDim3{launch.getGridSizeX(), one, one},
                              gpu::KernelDim3{launch.getBlockSizeX(), one, one}, /*dynamicSharedMemorySize=*/Value(),
                              parameters.values);
    launch.erase();
  }

  std::function<Value(BlockBuilder &, gpu::GPUFuncOp)> describe(BlockBuilder &host, Value value,
                                                                Parameters &parameters) {
    if (Operation *op = value.getDefiningOp(); op && op->hasTrait<OpTrait::ConstantLike>())
      return [op](BlockBuilder &b, gpu::GPUFuncOp) { return b.clone(*op)->getResult(0); };
    auto type = dyn_cast<MemRefType>(value.getType());
    if (!type) {
      unsigned place = parameters.add(value);
      return [place](BlockBuilder &, gpu::GPUFuncOp kernel) { return Value(kernel.getArgument(place)); };
    }
    // A descriptor does not fit a kernel: a plain pointer, and what the type does not say of sizes and strides.
    auto parts = memref::ExtractStridedMetadataOp::create(host, value);
    unsigned base = parameters.add(parts.getBaseBuffer());
    auto [strides, offset] = type.getStridesAndOffset();
    bool isDense = type.getLayout().isIdentity();
    auto addIf = [&](bool isOpen, Value part) -> int64_t {
      return isOpen ? static_cast<int64_t>(parameters.add(part)) : -1;
    };
    SmallVector<int64_t> sizePlaces, stridePlaces;
    int64_t offsetPlace = addIf(ShapedType::isDynamic(offset), parts.getOffset());
    for (int64_t dim = 0; dim < type.getRank(); ++dim) {
      sizePlaces.push_back(addIf(type.isDynamicDim(dim), parts.getSizes()[dim]));
      stridePlaces.push_back(addIf(!isDense && ShapedType::isDynamic(strides[dim]), parts.getStrides()[dim]));
    }
    return
        [=, strides = SmallVector<int64_t>(strides), offset = offset](BlockBuilder &b, gpu::GPUFuncOp kernel) -> Value {
          auto part = [&](int64_t place, int64_t fixed) -> OpFoldResult {
            return place < 0 ? OpFoldResult(b.getIndexAttr(fixed)) : OpFoldResult(kernel.getArgument(place));
          };
          int64_t rank = type.getRank();
          SmallVector<OpFoldResult> sizes(rank), steps(rank);
          SmallVector<int64_t> staticSteps(rank);
          OpFoldResult dense = b.getIndexAttr(1);
          for (int64_t dim = rank - 1; dim >= 0; --dim) {
            sizes[dim] = part(sizePlaces[dim], type.getDimSize(dim));
            steps[dim] = isDense ? dense : part(stridePlaces[dim], strides[dim]);
            if (isDense && dim > 0) {
              std::optional<int64_t> step = getConstantIntValue(dense), size = getConstantIntValue(sizes[dim]);
              auto valueOf = [&](OpFoldResult x) { return getValueOrCreateConstantIndexOp(b, b.getLoc(), x); };
              dense = step && size ? OpFoldResult(b.getIndexAttr(*step * *size))
                                   : OpFoldResult(b.mul(valueOf(dense), valueOf(sizes[dim])));
            }
            staticSteps[dim] = getConstantIntValue(steps[dim]).value_or(ShapedType::kDynamic);
          }
          auto layout = StridedLayoutAttr::get(b.getContext(), offset, staticSteps);
          auto strided = MemRefType::get(type.getShape(), type.getElementType(), layout, type.getMemorySpace());
          Value buffer = memref::ReinterpretCastOp::create(b, strided, kernel.getArgument(base),
                                                           part(offsetPlace, offset), sizes, steps);
          return strided == type ? buffer : memref::CastOp::create(b, type, buffer).getResult();
        };
  }
};
} // namespace
} // namespace linnet
