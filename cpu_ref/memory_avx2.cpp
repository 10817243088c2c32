// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

constexpr int kVectorBytes = 32;

#include "cpu_ref/memory_row_loops.h"

namespace breakeven::cpu {
namespace {

constexpr MemoryUnit kUnit = memory_unit("AVX2");

}  // namespace

const MemoryUnit& avx2_memory_unit() { return kUnit; }

}  // namespace breakeven::cpu
