// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/backend.h"
#include "harness/doctor.h"

namespace breakeven::cli {

/// Whether a GPU has verified the code of an own GPU kernel, for every architecture of this build: "verified
/// on NVIDIA H200, 2026-11-20", "sm_80 unverified; sm_90a verified on ...". Empty for all other kernels.
std::string standing_of(const Kernel&);

/// How many own GPU kernels of this build are verified; nothing when it has none.
std::optional<Finding> own_gpu_kernels(const std::vector<Backend>&);

}  // namespace breakeven::cli
