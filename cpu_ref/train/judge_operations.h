// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/train/operation_judge.h"

namespace breakeven::cpu {

/// One operation of a program by plain loops in double, exactly as program.h defines it: what every backend's
/// operations are checked against. Results get the size they must have, whatever they were, and are written
/// in full; so are arenas of gradients and states that are not there yet. The same bits for any number of
/// threads. Throws std::logic_error naming a value that is read and unknown.
void judge_operation(const train::Program&, const train::Op&, train::Arrays&, train::Mode);

}  // namespace breakeven::cpu
