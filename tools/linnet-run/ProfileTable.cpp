//===- ProfileTable.cpp - prints the time of each op ----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Run.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <vector>

using namespace linnet;

llvm::Error linnet::printProfile(const linnet_model *model) {
  size_t count;
  if (llvm::Error error = checkStatus(linnet_profile_report(model, nullptr, 0, &count, nullptr)))
    return error;
  std::vector<linnet_profile_row> rows(count);
  linnet_profile_row total;
  if (llvm::Error error = checkStatus(linnet_profile_report(model, rows.data(), count, &count, &total)))
    return error;
  int64_t rest = total.nanoseconds;
  size_t width = 5; // of "other"
  for (linnet_profile_row &row : rows) {
    rest -= row.nanoseconds;
    if (!*row.name)
      row.name = row.kind = "unnamed";
    width = std::max(width, std::string_view(row.name).size());
  }
  rows.push_back({"other", "", total.calls, std::max<int64_t>(rest, 0)});
  std::sort(rows.begin(), rows.end(), [](const auto &a, const auto &b) {
    if (a.nanoseconds != b.nanoseconds)
      return a.nanoseconds > b.nanoseconds;
    return std::string_view(a.name) < std::string_view(b.name);
  });
  total.name = "total";
  rows.push_back(total);

  auto padded = [](const char *text, size_t columns) {
    return llvm::left_justify(text, static_cast<unsigned>(columns));
  };
  size_t kindWidth = 4; // of "kind"
  for (const linnet_profile_row &row : rows)
    kindWidth = std::max(kindWidth, std::string_view(row.kind).size());
  llvm::raw_ostream &os = llvm::errs();
  os << padded("name", width) << "  " << padded("kind", kindWidth) << llvm::right_justify("calls", 10)
     << llvm::right_justify("time ms", 13) << llvm::right_justify("share", 9) << "\n";
  for (const linnet_profile_row &row : rows) {
    double share =
        total.nanoseconds ? 100.0 * static_cast<double>(row.nanoseconds) / static_cast<double>(total.nanoseconds) : 0.0;
    os << padded(row.name, width) << "  " << padded(row.kind, kindWidth) << llvm::format_decimal(row.calls, 10)
       << llvm::format("%13.3f", static_cast<double>(row.nanoseconds) / 1e6) << llvm::format("%8.1f%%", share) << "\n";
  }
  return llvm::Error::success();
}
