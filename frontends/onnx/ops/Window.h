//===- Window.h - windows that slide over space ---------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_ONNX_OPS_WINDOW_H
#define LINNET_FRONTENDS_ONNX_OPS_WINDOW_H

#include "frontends/onnx/Node.h"

namespace linnet::onnx_frontend {

/// What convolutions and poolings say of each dimension of space.
struct Window {
  llvm::SmallVector<int64_t> kernel, strides, dilations, before, behind;
  /// Sizes of the output in space.
  Sizes output;

  int64_t dims() const { return static_cast<int64_t>(kernel.size()); }
};

/// Reads strides, dilations, pads, auto_pad and ceil_mode for an input [N, C, space...]; nothing after an error.
std::optional<Window> readWindow(Node &node, const Tensor &x, llvm::ArrayRef<int64_t> kernel);

} // namespace linnet::onnx_frontend

#endif // LINNET_FRONTENDS_ONNX_OPS_WINDOW_H
