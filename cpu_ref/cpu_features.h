// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace breakeven::cpu {

/// Instruction sets for which this folder has code of its own. `has` says whether this CPU *and* its
/// operating system offer them; always false off x86-64.
enum class Feature : uint8_t {
  avx2_fma,
  avx512,
  avx512_bf16,
  avx512_vnni,
  avx512_fp16,
  avx_vnni,
  amx_bf16,
  amx_int8,
  amx_fp16
};

bool has(Feature);

}  // namespace breakeven::cpu
