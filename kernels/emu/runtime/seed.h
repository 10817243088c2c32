// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace breakeven::emu {

/// What the emulator's freedom is taken by: 0 is plain (in turns, and everything as late as it may be),
/// others make it take any order that is allowed. $BREAKEVEN_EMU_SEED at first; set_seed is for tests.
uint64_t seed();
void set_seed(uint64_t);

}  // namespace breakeven::emu
