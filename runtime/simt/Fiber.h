//===- Fiber.h - threads that are switched by hand ------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_RUNTIME_SIMT_FIBER_H
#define LINNET_RUNTIME_SIMT_FIBER_H

#include <boost/context/detail/fcontext.hpp>

#include <cstddef>
#include <memory>

namespace linnet::runtime::simt {

/// A call of a function on a stack of its own, which may stop and go on. All on one thread of the system.
class Fiber {
public:
  using Body = void (*)(void *);

  Fiber();
  Fiber(const Fiber &) = delete;
  Fiber &operator=(const Fiber &) = delete;
  ~Fiber();

  /// Makes the next resume start `body`. What ran before is forgotten, even where it has not ended.
  void start(Body body, void *argument);
  /// Runs until the body suspends or ends; true where it has ended.
  bool resume();
  /// From within the body: back to who resumed.
  void suspend();

private:
  static void entry(boost::context::detail::transfer_t transfer);
  void enter();
  void leave(bool forGood);

  static constexpr size_t kStackBytes = size_t(64) << 10;
  std::unique_ptr<char[]> stack;
  boost::context::detail::fcontext_t own = nullptr, outside = nullptr;
  Body body = nullptr;
  void *argument = nullptr;
  bool ended = true;
  // What the sanitizers, where there are any, want to know of a switch.
  [[maybe_unused]] void *ownFake = nullptr, *outsideFake = nullptr, *ownThread = nullptr, *outsideThread = nullptr;
  [[maybe_unused]] const void *outsideStack = nullptr;
  [[maybe_unused]] size_t outsideBytes = 0;
};

} // namespace linnet::runtime::simt

#endif // LINNET_RUNTIME_SIMT_FIBER_H
