//===- ConvertCheckToCalls.cpp - numeric asserts to runtime calls ---------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/check/Check.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace linnet::check {
#define GEN_PASS_DEF_CONVERTCHECKTOCALLS
#include "dialects/check/CheckPasses.h.inc"

namespace {
struct ConvertCheckToCalls : impl::ConvertCheckToCallsBase<ConvertCheckToCalls> {
  void runOnOperation() override {
    SmallVector<ExpectCloseOp> ops;
    getOperation().walk([&](ExpectCloseOp op) { ops.push_back(op); });
    for (ExpectCloseOp op : ops)
      convert(op);
  }

  void convert(ExpectCloseOp op) {
    OpBuilder builder(op);
    Location loc = op.getLoc();
    Type element = cast<RankedTensorType>(op.getActual().getType()).getElementType();
    auto unranked = UnrankedMemRefType::get(element, Attribute());
    auto toUnranked = [&](Value tensor) -> Value {
      auto type = cast<RankedTensorType>(tensor.getType());
      Value buffer = bufferization::ToBufferOp::create(builder, loc, MemRefType::get(type.getShape(), element), tensor,
                                                       /*read_only=*/builder.getUnitAttr());
      return memref::CastOp::create(builder, loc, unranked, buffer);
    };
    auto real = [&](std::optional<APFloat> value) -> Value {
      double number = value ? value->convertToDouble() : 0.0;
      return arith::ConstantOp::create(builder, loc, builder.getF64FloatAttr(number));
    };
    auto integer = [&](int64_t value) -> Value {
      return arith::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(value));
    };
    int64_t line = 0;
    if (auto fileLoc = loc->findInstanceOf<FileLineColLoc>()) // of an inlined assert: where it was written
      line = fileLoc.getLine();
    SmallVector<Value> operands = {toUnranked(op.getActual()),
                                   toUnranked(op.getExpected()),
                                   integer(static_cast<int64_t>(op.getMaxUlp().value_or(0))),
                                   real(op.getRtol()),
                                   real(op.getAtol()),
                                   integer(line)};
    StringRef name = element.isF32() ? "linnet_check_expect_close_f32" : "linnet_check_expect_close_f64";
    func::FuncOp callee = declare(name, ValueRange(operands).getTypes());
    func::CallOp::create(builder, loc, callee, operands);
    op.erase();
  }

  func::FuncOp declare(StringRef name, TypeRange types) {
    ModuleOp module = getOperation();
    if (auto existing = module.lookupSymbol<func::FuncOp>(name))
      return existing;
    OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
    auto function = func::FuncOp::create(builder, module.getLoc(), name, builder.getFunctionType(types, TypeRange()));
    function.setPrivate();
    // The runtime takes descriptors by pointer, as the C interface of MLIR passes them.
    function->setAttr("llvm.emit_c_interface", builder.getUnitAttr());
    return function;
  }
};
} // namespace
} // namespace linnet::check
