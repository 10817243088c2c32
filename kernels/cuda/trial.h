// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "kernels/cuda/gated_clock.h"

namespace breakeven::cuda {

/// Seconds per execution of one candidate out of several, `run(slot)` starting it: the median of a few rounds
/// over rotating slots; infinite when the first look shows that it cannot beat `best`.
double trial_seconds(const std::function<void(int64_t)>& run, int64_t slots, GatedClock& clock, double best);

}  // namespace breakeven::cuda
