//===- Fiber.cpp - threads that are switched by hand ----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fiber.h"

#include <cstdlib>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LINNET_ASAN 1
#include <sanitizer/common_interface_defs.h>
#endif
#if __has_feature(thread_sanitizer)
#define LINNET_TSAN 1
#include <sanitizer/tsan_interface.h>
#endif
#endif

using namespace linnet::runtime::simt;
using namespace boost::context::detail;

Fiber::Fiber() : stack(new char[kStackBytes]) {
#ifdef LINNET_TSAN
  ownThread = __tsan_create_fiber(0);
#endif
}

Fiber::~Fiber() {
#ifdef LINNET_TSAN
  __tsan_destroy_fiber(ownThread);
#endif
}

void Fiber::start(Body next, void *given) {
  body = next;
  argument = given;
  ended = false;
  ownFake = nullptr;
  own = make_fcontext(stack.get() + kStackBytes, kStackBytes, entry);
}

void Fiber::enter() {
#ifdef LINNET_ASAN
  __sanitizer_finish_switch_fiber(ownFake, &outsideStack, &outsideBytes);
#endif
}

void Fiber::leave([[maybe_unused]] bool forGood) {
#ifdef LINNET_ASAN
  __sanitizer_start_switch_fiber(forGood ? nullptr : &ownFake, outsideStack, outsideBytes);
#endif
#ifdef LINNET_TSAN
  __tsan_switch_to_fiber(outsideThread, 0);
#endif
}

void Fiber::entry(transfer_t transfer) {
  auto *self = static_cast<Fiber *>(transfer.data);
  self->outside = transfer.fctx;
  self->enter();
  self->body(self->argument);
  self->ended = true;
  self->leave(/*forGood=*/true);
  jump_fcontext(self->outside, nullptr);
  std::abort(); // an ended fiber is not resumed
}

bool Fiber::resume() {
#ifdef LINNET_ASAN
  __sanitizer_start_switch_fiber(&outsideFake, stack.get(), kStackBytes);
#endif
#ifdef LINNET_TSAN
  outsideThread = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(ownThread, 0);
#endif
  own = jump_fcontext(own, this).fctx;
#ifdef LINNET_ASAN
  __sanitizer_finish_switch_fiber(outsideFake, nullptr, nullptr);
#endif
  return ended;
}

void Fiber::suspend() {
  leave(/*forGood=*/false);
  outside = jump_fcontext(outside, nullptr).fctx;
  enter();
}
