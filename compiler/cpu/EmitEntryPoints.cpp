//===- EmitEntryPoints.cpp - the calling convention of the runtime --------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Model.h"
#include "compiler/Passes.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETEMITENTRYPOINTS
#include "compiler/Passes.h.inc"

namespace {
struct LinnetEmitEntryPoints : impl::LinnetEmitEntryPointsBase<LinnetEmitEntryPoints> {
  void runOnOperation() override {
    SmallVector<func::FuncOp> functions;
    getOperation().walk([&](func::FuncOp function) {
      if (isModelFunction(function))
        functions.push_back(function);
    });
    SmallVector<Attribute> descriptions;
    for (func::FuncOp function : functions) {
      FailureOr<DictionaryAttr> description = describe(function);
      if (failed(description))
        return signalPassFailure();
      descriptions.push_back(*description);
      returnCodes(function);
      emitRun(function);
      emitWorkspace(function);
      function.setPrivate();
    }
    getOperation()->setAttr(kFunctionsAttrName, ArrayAttr::get(&getContext(), descriptions));
  }

  ArrayRef<Attribute> getModuleSymbols() {
    auto symbols = getOperation()->getAttrOfType<ArrayAttr>(kSymbolsAttrName);
    return symbols ? symbols.getValue() : ArrayRef<Attribute>();
  }

  int64_t getSymbolIndex(StringRef symbol) {
    for (auto [i, attribute] : llvm::enumerate(getModuleSymbols()))
      if (cast<StringAttr>(attribute).getValue() == symbol)
        return i;
    return -1;
  }

  /// {name, arguments = [{name, role, type, shape}]}; a size d < 0 in shape is symbol -1 - d.
  FailureOr<DictionaryAttr> describe(func::FuncOp function) {
    Builder builder(&getContext());
    SmallVector<Attribute> arguments;
    for (BlockArgument argument : function.getArguments()) {
      unsigned index = argument.getArgNumber();
      StringRef role = getArgRole(function, index);
      auto type = dyn_cast<MemRefType>(argument.getType());
      if (role == kRoleWorkspace || !type)
        continue;
      auto symbols = function.getArgAttrOfType<ArrayAttr>(index, kSymbolsAttrName);
      SmallVector<int64_t> shape;
      for (int64_t dim = 0; dim < type.getRank(); ++dim) {
        if (!type.isDynamicDim(dim)) {
          shape.push_back(type.getDimSize(dim));
          continue;
        }
        StringRef symbol = getSymbol(type, symbols, dim);
        int64_t symbolIndex = getSymbolIndex(symbol);
        if (symbolIndex < 0)
          return function.emitError() << "expected dimension " << dim << " of argument " << index
                                      << " to be named by linnet.symbols after a symbol of the module, got '" << symbol
                                      << "'";
        shape.push_back(-1 - symbolIndex);
      }
      Type element = type.getElementType();
      if (function.getArgAttr(index, kUnsignedAttrName) && element.isSignlessInteger())
        element = builder.getIntegerType(element.getIntOrFloatBitWidth(), /*isSigned=*/false);
      arguments.push_back(
          builder.getDictionaryAttr({builder.getNamedAttr("name", builder.getStringAttr(getArgName(function, index))),
                                     builder.getNamedAttr("role", builder.getStringAttr(role)),
                                     builder.getNamedAttr("type", TypeAttr::get(element)),
                                     builder.getNamedAttr("shape", builder.getDenseI64ArrayAttr(shape))}));
    }
    return builder.getDictionaryAttr({builder.getNamedAttr("name", builder.getStringAttr(function.getName())),
                                      builder.getNamedAttr("arguments", builder.getArrayAttr(arguments))});
  }

  func::FuncOp createFunction(const Twine &name, TypeRange inputs, Type result) {
    OpBuilder builder = OpBuilder::atBlockEnd(getOperation().getBody());
    auto function =
        func::FuncOp::create(builder, getOperation().getLoc(), name.str(), builder.getFunctionType(inputs, result));
    function.addEntryBlock();
    return function;
  }

  static Value loadElement(ImplicitLocOpBuilder &b, Type type, Value base, int64_t index) {
    auto pointer = LLVM::LLVMPointerType::get(b.getContext());
    Value address = LLVM::GEPOp::create(b, pointer, type, base, ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(index)});
    return LLVM::LoadOp::create(b, type, address);
  }

  /// A function that may refuse its arguments returns a code: 0, or the place of what it refused, counted from 1.
  void returnCodes(func::FuncOp function) {
    SmallVector<RequireOp> requirements;
    function.walk([&](RequireOp op) { requirements.push_back(op); });
    if (requirements.empty())
      return;
    Builder builder(&getContext());
    for (RequireOp op : requirements) {
      int32_t place = 0, code = 0;
      for (BlockArgument argument : function.getArguments()) {
        if (!isa<MemRefType>(argument.getType()))
          continue; // the host
        ++place;
        if (code == 0 && getArgName(function, argument.getArgNumber()) == op.getArgument())
          code = place;
      }
      op.setCode(code);
    }
    function.setType(builder.getFunctionType(function.getArgumentTypes(), builder.getI32Type()));
    function.walk([&](func::ReturnOp op) {
      OpBuilder b(op);
      op.getOperandsMutable().assign(arith::ConstantIntOp::create(b, op.getLoc(), builder.getI32Type(), 0).getResult());
    });
  }

  void emitRun(func::FuncOp function) {
    auto pointer = LLVM::LLVMPointerType::get(&getContext());
    Builder types(&getContext());
    func::FuncOp run =
        createFunction("linnet_run_" + function.getName(), {pointer, pointer, pointer, pointer}, types.getI32Type());
    ImplicitLocOpBuilder b(function.getLoc(), OpBuilder::atBlockEnd(&run.getBody().front()));
    LLVMTypeConverter converter(&getContext());
    Value buffers = run.getArgument(1), symbolValues = run.getArgument(2), workspace = run.getArgument(3);
    auto constant = [&](int64_t value) -> Value {
      return LLVM::ConstantOp::create(b, b.getI64Type(), b.getI64IntegerAttr(value));
    };
    SmallVector<Value> operands;
    int64_t next = 0;
    for (BlockArgument argument : function.getArguments()) {
      auto type = dyn_cast<MemRefType>(argument.getType());
      if (!type) { // the host
        operands.push_back(run.getArgument(0));
        continue;
      }
      bool isWorkspace = getArgRole(function, argument.getArgNumber()) == kRoleWorkspace;
      auto symbols = function.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(), kSymbolsAttrName);
      Value data = isWorkspace ? workspace : loadElement(b, pointer, buffers, next++);
      MemRefDescriptor descriptor = MemRefDescriptor::poison(b, b.getLoc(), converter.convertType(type));
      descriptor.setAllocatedPtr(b, b.getLoc(), data);
      descriptor.setAlignedPtr(b, b.getLoc(), data);
      descriptor.setConstantOffset(b, b.getLoc(), 0);
      Value stride = constant(1);
      for (int64_t dim = type.getRank() - 1; dim >= 0; --dim) {
        Value size;
        if (!type.isDynamicDim(dim))
          size = constant(type.getDimSize(dim));
        else if (isWorkspace) // its size is not asked for
          size = constant(0);
        else
          size = loadElement(b, b.getI64Type(), symbolValues, getSymbolIndex(getSymbol(type, symbols, dim)));
        descriptor.setSize(b, b.getLoc(), dim, size);
        descriptor.setStride(b, b.getLoc(), dim, stride);
        if (dim > 0)
          stride = LLVM::MulOp::create(b, stride, size);
      }
      operands.push_back(UnrealizedConversionCastOp::create(b, type, Value(descriptor)).getResult(0));
    }
    auto call = func::CallOp::create(b, function, operands);
    Value none = LLVM::ConstantOp::create(b, b.getI32Type(), b.getI32IntegerAttr(0));
    func::ReturnOp::create(b, call.getNumResults() ? call.getResult(0) : none);
  }

  void emitWorkspace(func::FuncOp function) {
    auto pointer = LLVM::LLVMPointerType::get(&getContext());
    func::FuncOp outer =
        createFunction("linnet_workspace_" + function.getName(), {pointer}, IntegerType::get(&getContext(), 64));
    ImplicitLocOpBuilder b(function.getLoc(), OpBuilder::atBlockEnd(&outer.getBody().front()));
    auto sizeFunction = getOperation().lookupSymbol<func::FuncOp>((function.getName() + "_workspace_bytes").str());
    if (!sizeFunction) {
      func::ReturnOp::create(b, LLVM::ConstantOp::create(b, b.getI64Type(), b.getI64IntegerAttr(0)).getResult());
      return;
    }
    sizeFunction.setPrivate();
    SmallVector<Value> values;
    for (size_t i = 0; i < getModuleSymbols().size(); ++i)
      values.push_back(
          arith::IndexCastOp::create(b, b.getIndexType(), loadElement(b, b.getI64Type(), outer.getArgument(0), i)));
    Value bytes = func::CallOp::create(b, sizeFunction, values).getResult(0);
    func::ReturnOp::create(b, arith::IndexCastOp::create(b, b.getI64Type(), bytes).getResult());
  }
};
} // namespace
} // namespace linnet
