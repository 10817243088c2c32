// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace breakeven::cpu {

/// -log softmax(logits)[label], of one row of `classes` logits.
double cross_entropy_of(const double* logits, int64_t classes, int64_t label);

/// -log of what sigmoid(logit) gives the label, 0 or 1.
double binary_cross_entropy_of(double logit, double label);

}  // namespace breakeven::cpu
