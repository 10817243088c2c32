// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace breakeven::emu {

/// `call(state)` as a function that run_grid can run: made here and not by the caller, whose code may be a
/// kernel's and instrumented.
std::function<void()> body_of(std::shared_ptr<const void> state, void (*call)(const void*));

/// A kernel with its arguments, as every thread of a grid calls it. The copies into the threads' stacks are
/// the launch's work and not the kernel's: not instrumented.
template <class... Parameters, class... Arguments>
std::function<void()> bind_kernel(void (*kernel)(Parameters...), Arguments&&... arguments) {
  static_assert((std::is_trivially_copyable_v<Parameters> && ...), "what a kernel takes is copied as bytes");
  const auto call = [ kernel, ... kept = Parameters(std::forward<Arguments>(arguments)) ]()
      __attribute__((no_sanitize("thread"))) {
    kernel(kept...);
  };
  using Call = std::remove_const_t<decltype(call)>;
  struct Caller {
    __attribute__((no_sanitize("thread"))) static void run(const void* state) {
      (*static_cast<const Call*>(state))();
    }
  };
  return body_of(std::make_shared<const Call>(call), &Caller::run);
}

}  // namespace breakeven::emu
