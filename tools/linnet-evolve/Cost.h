//===- Cost.h - the cycles of a program by llvm-mca -----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETEVOLVE_COST_H
#define LINNET_TOOLS_LINNETEVOLVE_COST_H

#include "compiler/approximation/Library.h"

namespace linnet::approximation {

/// The CPU that costs are counted for: every program runs there, so that all costs compare.
inline constexpr llvm::StringLiteral kCostCpu = "znver4";

/// Cycles for 16 lanes in a loop over arrays, load and store included: what llvm-mca says of the compiled code.
llvm::Expected<double> countCycles(const Program &program);

/// Gives an entry its cost.
llvm::Error setCost(Entry &entry);

/// A sum over instructions of what countCycles says of each alone, without the loop: quick, and what a search goes by.
class QuickCost {
public:
  /// Asks llvm-mca for every opcode; takes some seconds.
  static llvm::Expected<QuickCost> create();
  double operator()(const Program &program) const;

private:
  std::vector<double> cycles; // per opcode
};

} // namespace linnet::approximation

#endif // LINNET_TOOLS_LINNETEVOLVE_COST_H
