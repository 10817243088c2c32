// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>

#include "kernels/emu/context_switch.h"

// Stacks that take turns on one operating system thread.

namespace breakeven::emu {

/// A stack with an unmapped page below it, taken from a pool and given back.
class FiberStack {
 public:
  FiberStack() = default;
  FiberStack(FiberStack&& other) noexcept : bottom_(std::exchange(other.bottom_, nullptr)) {}
  FiberStack& operator=(FiberStack&& other) noexcept {
    std::swap(bottom_, other.bottom_);
    return *this;
  }
  ~FiberStack();

  void take();
  std::byte* bottom() const { return bottom_; }
  static constexpr size_t kBytes = 256 << 10;

 private:
  std::byte* bottom_ = nullptr;
};

/// One computation on a stack of its own. `resume` runs it until it suspends or ends; always on one operating
/// system thread.
class Fiber {
 public:
  /// `entry(argument)` will run at the first resume, and this object stays where it is from now on. `entry`
  /// must not throw.
  void start(void (*entry)(void*), void* argument);
  void resume();
  /// From inside: back to whoever resumed.
  void suspend();
  /// From inside: back for good; what stands on the stack is forgotten, not destroyed.
  [[noreturn]] void abandon();

  const std::byte* stack_bottom() const { return stack_.bottom(); }

 private:
  static void enter(void* self);

  FiberStack stack_;
  void (*entry_)(void*) = nullptr;
  void* argument_ = nullptr;
  Context inside_, outside_;
  void* fake_inside_ = nullptr;  // the address sanitizer's stack of this fiber, while it is suspended
  const void* outer_bottom_ = nullptr;
  size_t outer_bytes_ = 0;
};

}  // namespace breakeven::emu
