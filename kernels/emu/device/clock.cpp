// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/emu/device/clock.h"

#include <atomic>

#include "kernels/emu/block.h"

namespace breakeven::device {

uint64_t nanoseconds() {
  static std::atomic<uint64_t> now{1'000'000'000};
  constexpr uint64_t kStep = 50'000;  // coarse: whoever waits 20 ms by it looks 400 times, not 20000
  emu::RuntimeScope scope;
  emu::sleep_a_little("the clock");
  return now += kStep;
}

}  // namespace breakeven::device
