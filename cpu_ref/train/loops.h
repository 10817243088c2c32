// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cpu_ref/train/train_unit.h"
#include "harness/precision.h"

namespace breakeven::cpu {

/// Those that this CPU can run, the best first.
std::vector<const TrainUnit*> train_units();
/// `element`: fp32, bf16 or fp16.
const TrainLoops& loops_of(const TrainUnit&, Element element);

}  // namespace breakeven::cpu
