// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

namespace breakeven {

/// What is happening inside a case, for a live line: a phase ("sampling"; of a training "step 120/2340, loss
/// 0.31, accuracy 0.9312, about 20 s left") and, where executions are sampled, their current median in
/// seconds.
using Progress = std::function<void(std::string_view phase, double median_seconds)>;

}  // namespace breakeven
