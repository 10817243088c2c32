// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

constexpr int kVectorBytes = 16;

#include "cpu_ref/memory_row_loops.h"

namespace breakeven::cpu {
namespace {

constexpr MemoryUnit kUnit = memory_unit("128-bit vectors");

}  // namespace

const MemoryUnit& portable_memory_unit() { return kUnit; }

}  // namespace breakeven::cpu
