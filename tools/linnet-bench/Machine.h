//===- Machine.h - protects timings and says what disturbed them -------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETBENCH_MACHINE_H
#define LINNET_TOOLS_LINNETBENCH_MACHINE_H

#include "llvm/ADT/StringRef.h"

#include <chrono>
#include <string>

namespace linnet {

/// Moves the program into a session of its own, the unit in which Linux shares a CPU out (autogroup), and raises that
/// over the others: `nice` only ranks processes within one session. Returns what was done, in words. Call it before the
/// first thread is made: it may go on in a child process while the parent waits, and then does not return there.
std::string raisePriority();

/// Waits until no other bench holds the file, and holds it until the program ends. Returns what is wrong with the file,
/// or nothing.
std::string takeLock(llvm::StringRef path);

/// How many cores were busy since it was made: with this process, and with all the others.
class BusyMeter {
public:
  BusyMeter();
  struct Cores {
    double own = 0, others = 0;
  };
  Cores read() const;

private:
  double ownSeconds, allSeconds;
  std::chrono::steady_clock::time_point begin;
};

/// The model name of the CPU, "unknown" where the system does not tell.
std::string cpuName();

class Stopwatch {
public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); }

private:
  std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
};

} // namespace linnet

#endif // LINNET_TOOLS_LINNETBENCH_MACHINE_H
