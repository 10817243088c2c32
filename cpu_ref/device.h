// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "harness/backend.h"
#include "harness/machine.h"

namespace breakeven::cpu {

/// The host's processor with `threads` workers.
std::unique_ptr<Device> make_device(const Machine&, int threads);

/// All last-level caches of the machine together: a processor of several dies has several, and `Machine`
/// knows only the one that a core sees. `root` stands for `/`.
int64_t all_last_level_caches(int64_t bytes_of_one, const std::filesystem::path& root = "/");

}  // namespace breakeven::cpu
