// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/train/program.h"

namespace breakeven::cpu {

/// The program as the loops here run it, with less to keep in memory:
/// - backward loops work out again what they need of y of a batch normalization or pooling: `in[1]` names x.
/// - a batch normalization whose result only a pooling by 2 reads does both, forward and backward; its `kernel`
///   is 2, its out[0] the pooled value, and in[4] of its gradient the pooled value's gradient.
train::Program lowered(const train::Program&);

}  // namespace breakeven::cpu
