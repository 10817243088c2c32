// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/backend.h"

// What a kernel needs of a device, in words for people who have another.

namespace breakeven::cuda {

/// For OwnGemm::needs and OwnConv::needs: bf16, tf32 and cp.async came with 8.0, Tensor Cores for fp16 with
/// 7.5; wgmma is 9.0's alone.
Reason needs_ampere(Precision, int capability);
Reason needs_ampere_but_for_fp16(Precision, int capability);
Reason needs_hopper(Precision, int capability);

/// Throws Unsupported when the code of `kernel` that this device runs was compiled for less than `oldest`
/// (80). Trap: the device's own capability says nothing: PTX for 7.5 runs on every later device, and the
/// parts of a kernel that ask for more are not in it.
void require_code(const void* kernel, int oldest);

}  // namespace breakeven::cuda
