//===- CountScans.h - example-count-scans ---------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef EXAMPLE_COUNTSCANS_H
#define EXAMPLE_COUNTSCANS_H

namespace example {

/// Registers --example-count-scans.
void registerCountScans();

} // namespace example

#endif // EXAMPLE_COUNTSCANS_H
