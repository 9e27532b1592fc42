//===- Plot.cpp - errors against costs as a picture -----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Plot.h"

#include "compiler/package/WriteFile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"

#include <algorithm>
#include <cmath>

using namespace llvm;
using namespace linnet::approximation;

namespace {

/// A square of the plot: costs from `first` to `last`, logarithms of errors from `low` to `high`.
struct Axes {
  double first, last, low, high;
  int base;
  static constexpr double left = 70, right = 620, top = 40, bottom = 380;

  double logarithm(double error) const { return std::log(error) / std::log(base); }
  double x(double cost) const { return left + (right - left) * (cost - first) / (last - first); }
  double y(double logarithm) const { return bottom - (bottom - top) * (logarithm - low) / (high - low); }
};

void drawText(raw_ostream &os, double x, double y, const char *anchor, StringRef label) {
  os << format("<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"%s\">", x, y, anchor) << label << "</text>\n";
}

void drawGrid(raw_ostream &os, const Axes &axes, const PlotLabels &labels) {
  auto line = [&](double x1, double y1, double x2, double y2) {
    os << format("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#ccc\"/>\n", x1, y1, x2, y2);
  };
  double width = axes.last - axes.first;
  for (double tick = axes.first; tick <= axes.last; tick += width > 40 ? 10 : width > 20 ? 5 : width > 10 ? 2 : 1) {
    line(axes.x(tick), Axes::top, axes.x(tick), Axes::bottom);
    drawText(os, axes.x(tick), Axes::bottom + 18, "middle", std::to_string(static_cast<int>(tick)));
  }
  for (double tick = axes.low; tick <= axes.high; tick += axes.high - axes.low > 12 ? 4 : 2) {
    line(Axes::left, axes.y(tick), Axes::right, axes.y(tick));
    drawText(os, Axes::left - 6, axes.y(tick) + 4, "end",
             std::to_string(labels.base) + "^" + std::to_string(static_cast<int>(tick)));
  }
  drawText(os, (Axes::left + Axes::right) / 2, Axes::bottom + 40, "middle", labels.cost);
  os << "<text transform=\"translate(16 210) rotate(-90)\" text-anchor=\"middle\">" << labels.error << "</text>\n";
}

} // namespace

Error linnet::approximation::writePlot(StringRef path, const PlotLabels &labels, ArrayRef<Series> series) {
  Axes axes{HUGE_VAL, -HUGE_VAL, HUGE_VAL, -HUGE_VAL, labels.base};
  for (const Series &one : series)
    for (const PlotPoint &point : one.points) {
      axes.first = std::min(axes.first, std::floor(point.cost));
      axes.last = std::max(axes.last, std::ceil(point.cost));
      axes.low = std::min(axes.low, std::floor(axes.logarithm(point.error)));
      axes.high = std::max(axes.high, std::ceil(axes.logarithm(point.error)));
    }
  if (!(axes.first <= axes.last))
    return createStringError("expected points to draw in " + path + ", got none");
  axes.last += axes.last == axes.first;
  axes.high += axes.high == axes.low;
  static constexpr StringLiteral colours[] = {"#1f77b4", "#d62728", "#2ca02c", "#9467bd"};
  return linnet::writeFile(path, [&](raw_ostream &os) {
    os << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"640\" height=\"430\" font-family=\"sans-serif\" "
          "font-size=\"12\">\n<rect width=\"640\" height=\"430\" fill=\"white\"/>\n<text x=\"340\" y=\"22\" "
          "text-anchor=\"middle\" font-size=\"15\">"
       << labels.title << "</text>\n";
    drawGrid(os, axes, labels);
    for (auto [i, one] : enumerate(series)) {
      StringRef colour = colours[i % std::size(colours)];
      for (const PlotPoint &point : one.points)
        os << format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"", axes.x(point.cost),
                     axes.y(axes.logarithm(point.error)))
           << colour << "\"><title>" << point.name << "</title></circle>\n";
      if (series.size() == 1)
        continue;
      double y = Axes::top + 16 + 16 * static_cast<double>(i);
      os << format("<circle cx=\"%.0f\" cy=\"%.0f\" r=\"4\" fill=\"", Axes::right - 130, y - 4) << colour << "\"/>\n";
      drawText(os, Axes::right - 120, y, "start", one.name);
    }
    os << "</svg>\n";
  });
}
