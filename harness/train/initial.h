// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "harness/train/program.h"

namespace breakeven::train {

/// The arena that a run with this seed starts from; the same bits on every machine and device, from any
/// compiler: element i of parameter j is ((word >> 8) - 2^23) / 2^23 x bound, with word number i % 4 of
/// philox(key = seed, low = i / 4, high = j).
std::vector<float> initial_parameters(const Program&, uint64_t seed);

/// The arena of running statistics at the start.
std::vector<float> initial_states(const Program&);

}  // namespace breakeven::train
