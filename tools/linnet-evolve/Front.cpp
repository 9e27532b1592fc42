//===- Front.cpp - the outcome of a search as a table and a picture -------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Front.h"
#include "Plot.h"

#include "compiler/package/WriteFile.h"

#include "llvm/Support/Format.h"

#include <algorithm>

using namespace llvm;
using namespace linnet::approximation;

Error linnet::approximation::writeFront(StringRef csv, StringRef svg, StringRef title, ArrayRef<FrontPoint> points) {
  Error error = linnet::writeFile(csv, [&](raw_ostream &os) {
    os << "name,cycles,sum of instructions,instructions,ulps,relative,absolute\n";
    for (const FrontPoint &point : points)
      os << point.name
         << format(",%.2f,%.2f,%zu,%.6g,%.4g,%.4g\n", point.cycles, point.quickCost, point.instructions,
                   point.bound.ulps, point.bound.relative, point.bound.absolute);
  });
  if (error)
    return error;
  Series series;
  for (const FrontPoint &point : points)
    series.points.push_back({point.name, point.cycles, std::max(point.bound.ulps, 0.25)});
  return writePlot(
      svg, {(title + ": error against cost").str(), "cycles for 16 lanes (llvm-mca)", "largest error in ULP", 2},
      series);
}
