//===- Plot.h - errors against costs as a picture -------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETEVOLVE_PLOT_H
#define LINNET_TOOLS_LINNETEVOLVE_PLOT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace linnet::approximation {

struct PlotPoint {
  std::string name;
  double cost = 0, error = 0;
};

/// Points of one colour; the name stands in the legend where there are several series.
struct Series {
  std::string name;
  std::vector<PlotPoint> points;
};

struct PlotLabels {
  std::string title, cost, error;
  /// Of the logarithm that the error is drawn by: 2 or 10.
  int base = 2;
};

/// Writes an SVG: the cost to the right, the logarithm of the error upwards.
llvm::Error writePlot(llvm::StringRef path, const PlotLabels &labels, llvm::ArrayRef<Series> series);

} // namespace linnet::approximation

#endif // LINNET_TOOLS_LINNETEVOLVE_PLOT_H
