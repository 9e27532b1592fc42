//===- Measure.h - cycles of programs and of their peers ------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETEVOLVE_MEASURE_H
#define LINNET_TOOLS_LINNETEVOLVE_MEASURE_H

#include "compiler/approximation/Library.h"

#include "llvm/Support/raw_ostream.h"

namespace linnet::approximation {

/// Runs the entries, and what other libraries have for their functions, one after the other on one thread, over arrays
/// that lie in the first cache, with vectors of 8 lanes (AVX2) or 16 (AVX-512). Gives the entries their cycles for 16
/// elements, and writes two tables in Markdown: for each class of accuracy the entry that the compiler takes beside the
/// fastest peer of that class or a better one; and all peers with their errors on every `stride`-th input.
llvm::Error measureCycles(llvm::MutableArrayRef<Entry> entries, int64_t lanes, uint32_t stride, llvm::raw_ostream &os);

} // namespace linnet::approximation

#endif // LINNET_TOOLS_LINNETEVOLVE_MEASURE_H
