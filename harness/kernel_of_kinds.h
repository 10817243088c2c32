// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "harness/backend.h"

namespace breakeven {

/// One kernel from contenders that share a name and answer different kinds of problem: "judge" is one row of
/// a backend's list, whether a product is asked for or a convolution. Each question goes to the first of
/// `kinds` that answers its kind. What the list says of the whole (timed, rank, clock, accumulate_roundoff)
/// must agree, and none may be an own GPU kernel, which is one source file; else std::logic_error.
Kernel one_of(std::vector<Kernel> kinds);

/// Whether the kernel answers problems of this kind at all (perhaps not this very one).
bool answers_kind(const Kernel&, const Problem&);

/// Kernel::typical_rate, of the contender that answers this kind.
double typical_rate(const Kernel&, const Problem&);

}  // namespace breakeven
