//===- Front.h - the outcome of a search as a table and a picture ---------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETEVOLVE_FRONT_H
#define LINNET_TOOLS_LINNETEVOLVE_FRONT_H

#include "compiler/approximation/Library.h"

namespace linnet::approximation {

/// A program that no other of the search beats in both error and cost.
struct FrontPoint {
  std::string name;
  ErrorBound bound;
  double cycles = 0, quickCost = 0;
  size_t instructions = 0;
};

/// Writes the table, and the plot of error against cycles.
llvm::Error writeFront(llvm::StringRef csv, llvm::StringRef svg, llvm::StringRef title,
                       llvm::ArrayRef<FrontPoint> points);

} // namespace linnet::approximation

#endif // LINNET_TOOLS_LINNETEVOLVE_FRONT_H
