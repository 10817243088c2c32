// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace breakeven::cpu {

/// A loop that does nothing but multiply and add in registers; returns the flops (or integer operations) it
/// did.
using PeakLoop = double (*)(int64_t rounds);

PeakLoop portable_fp64_loop();
PeakLoop portable_fp32_loop();
#if defined(__x86_64__)
PeakLoop avx2_fp64_loop();
PeakLoop avx2_fp32_loop();
PeakLoop avx512_fp64_loop();
PeakLoop avx512_fp32_loop();
PeakLoop avx512_bf16_loop();
PeakLoop avx512_int8_loop();
PeakLoop avx512_fp16_loop();
PeakLoop avx_vnni_int8_loop();
PeakLoop amx_bf16_loop();
PeakLoop amx_int8_loop();
#endif

}  // namespace breakeven::cpu
