// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/runtime/seed.h"

#include <atomic>
#include <cstdlib>

namespace breakeven::emu {
namespace {

std::atomic<uint64_t>& current() {
  static std::atomic<uint64_t> seed = [] {
    const char* text = std::getenv("BREAKEVEN_EMU_SEED");
    return text ? std::strtoull(text, nullptr, 10) : 0;
  }();
  return seed;
}

}  // namespace

uint64_t seed() { return current(); }
void set_seed(uint64_t seed) { current() = seed; }

}  // namespace breakeven::emu
