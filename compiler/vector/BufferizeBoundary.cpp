//===- BufferizeBoundary.cpp - dense buffers for arguments and results ----------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Model.h"
#include "compiler/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETBUFFERIZEBOUNDARY
#include "compiler/Passes.h.inc"

namespace {
struct LinnetBufferizeBoundary : impl::LinnetBufferizeBoundaryBase<LinnetBufferizeBoundary> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (!isModelFunction(function))
      return;
    Block &body = function.getBody().front();
    OpBuilder builder(&getContext());
    builder.setInsertionPointToStart(&body);
    for (BlockArgument argument : body.getArguments()) {
      auto type = dyn_cast<RankedTensorType>(argument.getType());
      if (!type)
        continue;
      argument.setType(MemRefType::get(type.getShape(), type.getElementType()));
      // restrict: the caller's buffers do not overlap. Not writable: an initial state is never overwritten.
      auto tensor = bufferization::ToTensorOp::create(builder, argument.getLoc(), type, argument, /*restrict=*/true,
                                                      /*writable=*/false);
      argument.replaceAllUsesExcept(tensor, tensor);
      if (getArgRole(function, argument.getArgNumber()) == kRoleState)
        function.setArgAttr(argument.getArgNumber(), kRoleAttrName, builder.getStringAttr(kRoleStateIn));
    }
    auto returnOp = cast<func::ReturnOp>(body.getTerminator());
    builder.setInsertionPoint(returnOp);
    SmallVector<DictionaryAttr> attributes;
    for (auto [index, operand] : llvm::enumerate(returnOp.getOperands())) {
      auto type = cast<RankedTensorType>(operand.getType());
      Value buffer = body.addArgument(MemRefType::get(type.getShape(), type.getElementType()), returnOp.getLoc());
      auto copy = bufferization::MaterializeInDestinationOp::create(builder, returnOp.getLoc(), operand, buffer);
      copy.setRestrict(true);
      copy.setWritable(true);
      NamedAttrList named(function.getResultAttrDict(index));
      if (getResultRole(function, index) == kRoleState)
        named.set(kRoleAttrName, builder.getStringAttr(kRoleStateOut));
      attributes.push_back(named.getDictionary(&getContext()));
    }
    SmallVector<DictionaryAttr> argumentAttributes;
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      argumentAttributes.push_back(function.getArgAttrDict(i));
    argumentAttributes.append(attributes);
    for (DictionaryAttr &dictionary : argumentAttributes)
      if (!dictionary)
        dictionary = builder.getDictionaryAttr({});
    returnOp.getOperandsMutable().clear();
    function.removeResAttrsAttr();
    function.setFunctionType(builder.getFunctionType(body.getArgumentTypes(), {}));
    function.setAllArgAttrs(argumentAttributes);
  }
};
} // namespace
} // namespace linnet
