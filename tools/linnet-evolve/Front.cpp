//===- Front.cpp - the outcome of a search as a table and a picture -------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Front.h"

#include "compiler/package/WriteFile.h"

#include "llvm/Support/Format.h"

#include <algorithm>
#include <cmath>

using namespace llvm;
using namespace linnet::approximation;

namespace {

/// A square of the plot: cycles to the right, log2 of the error upwards.
struct Axes {
  double cycles, low, high;
  static constexpr double left = 60, right = 620, top = 40, bottom = 380;

  double x(double value) const { return left + (right - left) * value / cycles; }
  double y(double ulps) const {
    return bottom - (bottom - top) * (std::log2(std::max(ulps, 0.25)) - low) / (high - low);
  }
};

void drawGrid(raw_ostream &os, const Axes &axes) {
  auto text = [&](double x, double y, const char *anchor, const std::string &label) {
    os << format("<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"%s\">", x, y, anchor) << label << "</text>\n";
  };
  auto line = [&](double x1, double y1, double x2, double y2) {
    os << format("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#ccc\"/>\n", x1, y1, x2, y2);
  };
  for (int tick = 0; tick <= axes.cycles; tick += axes.cycles > 20 ? 5 : 2) {
    line(axes.x(tick), Axes::top, axes.x(tick), Axes::bottom);
    text(axes.x(tick), Axes::bottom + 18, "middle", std::to_string(tick));
  }
  for (auto tick = static_cast<int>(axes.low); tick <= axes.high; tick += axes.high - axes.low > 12 ? 4 : 2) {
    double y = axes.y(std::ldexp(1.0, tick));
    line(Axes::left, y, Axes::right, y);
    text(Axes::left - 6, y + 4, "end", "2^" + std::to_string(tick));
  }
  text((Axes::left + Axes::right) / 2, Axes::bottom + 40, "middle", "cycles for 16 lanes (llvm-mca)");
  os << "<text transform=\"translate(16 210) rotate(-90)\" text-anchor=\"middle\">largest error in ULP</text>\n";
}

} // namespace

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
  Axes axes{4, -1, 1};
  for (const FrontPoint &point : points) {
    axes.cycles = std::max(axes.cycles, std::ceil(point.cycles + 1));
    axes.high = std::max(axes.high, std::ceil(std::log2(std::max(point.bound.ulps, 1.0))));
  }
  return linnet::writeFile(svg, [&](raw_ostream &os) {
    os << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"640\" height=\"430\" font-family=\"sans-serif\" "
          "font-size=\"12\">\n<rect width=\"640\" height=\"430\" fill=\"white\"/>\n";
    os << "<text x=\"340\" y=\"22\" text-anchor=\"middle\" font-size=\"15\">" << title
       << ": error against cost</text>\n";
    drawGrid(os, axes);
    for (const FrontPoint &point : points)
      os << format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"#1f77b4\"><title>", axes.x(point.cycles),
                   axes.y(point.bound.ulps))
         << point.name << "</title></circle>\n";
    os << "</svg>\n";
  });
}
