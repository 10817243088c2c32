// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/backend.h"
#include "harness/machine.h"

namespace breakeven {

/// `distorts`: numbers would be off; `missing`: a contender or a reading is not available; `good`: looked at
/// and fine.
enum class Severity : uint8_t { good, missing, distorts };
std::string_view name(Severity);

/// One thing looked at, in words, with what to do about it (empty when nothing needs doing).
struct Finding {
  Severity severity;
  std::string subject, state,
      remedy;  // "CPU governor", "powersave on 2 of 2 cores", "cpupower frequency-set -g performance"
};

/// Everything that is missing or would distort numbers on this machine, with remedies.
std::vector<Finding> examine(const Machine&, const std::vector<Backend>&,
                             const std::filesystem::path& root = {});

}  // namespace breakeven
