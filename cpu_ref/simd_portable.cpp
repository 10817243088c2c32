// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

constexpr int kVectorBytes = 16;

#include "cpu_ref/simd_tile.h"

namespace breakeven::cpu {
namespace {

// 16 vector registers on x86-64, 32 on Arm: accumulators, one step of B and a broadcast must fit.
#if defined(__aarch64__)
constexpr int kRows = 8;
#else
constexpr int kRows = 6;
#endif

constexpr SimdUnit kFp64 = unit<MultiplyAdd<AsGiven<double>, kRows, 2>>("128-bit vectors");
constexpr SimdUnit kFp32 = unit<MultiplyAdd<AsGiven<float>, kRows, 2>>("128-bit vectors");
constexpr SimdUnit kBf16 = unit<MultiplyAdd<FromBf16, kRows, 2>>("128-bit vectors, widened to fp32");
constexpr SimdUnit kInt8 = unit<MultiplyAdd<FromInt8, kRows, 2>>("128-bit vectors, widened to int32");

}  // namespace

SimdUnits portable_units() { return {&kFp64, &kFp32, &kBf16, &kInt8}; }

}  // namespace breakeven::cpu
