// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

constexpr int kVectorBytes = 64;

#include "cpu_ref/memory_row_loops.h"

namespace breakeven::cpu {
namespace {

constexpr MemoryUnit kUnit = memory_unit("AVX-512 with bf16");

}  // namespace

const MemoryUnit& avx512_bf16_memory_unit() { return kUnit; }

}  // namespace breakeven::cpu
