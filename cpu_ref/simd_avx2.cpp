// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

constexpr int kVectorBytes = 32;

#include "cpu_ref/simd_tile.h"

namespace breakeven::cpu {
namespace {

constexpr SimdUnit kFp64 = unit<MultiplyAdd<AsGiven<double>, 6, 2>>("AVX2 FMA");
constexpr SimdUnit kFp32 = unit<MultiplyAdd<AsGiven<float>, 6, 2>>("AVX2 FMA");
constexpr SimdUnit kBf16 = unit<MultiplyAdd<FromBf16, 6, 2>>("AVX2 FMA, widened to fp32");
constexpr SimdUnit kInt8 = unit<MultiplyAdd<FromInt8, 6, 2>>("AVX2, widened to int32");

}  // namespace

SimdUnits avx2_units() { return {&kFp64, &kFp32, &kBf16, &kInt8}; }

}  // namespace breakeven::cpu
