//===- Model.cpp - attributes of a model's functions ----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Model.h"

using namespace mlir;

static StringRef stringOf(Attribute attribute) {
  auto string = dyn_cast_or_null<StringAttr>(attribute);
  return string ? string.getValue() : StringRef();
}

StringRef linnet::getArgRole(func::FuncOp function, unsigned index) {
  return stringOf(function.getArgAttr(index, kRoleAttrName));
}

StringRef linnet::getArgName(func::FuncOp function, unsigned index) {
  return stringOf(function.getArgAttr(index, kNameAttrName));
}

StringRef linnet::getResultRole(func::FuncOp function, unsigned index) {
  return stringOf(function.getResultAttr(index, kRoleAttrName));
}

StringRef linnet::getResultName(func::FuncOp function, unsigned index) {
  return stringOf(function.getResultAttr(index, kNameAttrName));
}

bool linnet::isModelFunction(func::FuncOp function) {
  if (function.isExternal())
    return false;
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    if (!getArgRole(function, i).empty())
      return true;
  for (unsigned i = 0; i < function.getNumResults(); ++i)
    if (!getResultRole(function, i).empty())
      return true;
  return false;
}

StringRef linnet::getSymbol(ShapedType type, ArrayAttr symbols, int64_t dim) {
  if (!symbols || !type.isDynamicDim(dim))
    return "";
  unsigned position = 0;
  for (int64_t i = 0; i < dim; ++i)
    position += type.isDynamicDim(i);
  return position < symbols.size() ? stringOf(symbols[position]) : StringRef();
}
