// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

constexpr int kVectorBytes = 64;

#include "cpu_ref/simd_tile.h"

namespace breakeven::cpu {
namespace {

// 28 accumulators, two vectors of B and a broadcast fill the 32 registers.
constexpr SimdUnit kFp64 = unit<MultiplyAdd<AsGiven<double>, 14, 2>>("AVX-512 FMA");
constexpr SimdUnit kFp32 = unit<MultiplyAdd<AsGiven<float>, 14, 2>>("AVX-512 FMA");
constexpr SimdUnit kBf16 = unit<MultiplyAdd<FromBf16, 14, 2>>("AVX-512 FMA, widened to fp32");
constexpr SimdUnit kInt8 = unit<MultiplyAdd<FromInt8, 14, 2>>("AVX-512, widened to int32");

}  // namespace

SimdUnits avx512_units() { return {&kFp64, &kFp32, &kBf16, &kInt8}; }

}  // namespace breakeven::cpu
