// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace breakeven {

/// Seconds of a call that only a fresh process can time: its first one into a library or a driver. Starts
/// `breakeven first-call <what>`, in which `what` ("cpu.onednn", "cuda.library 0") is done once and timed by
/// itself, so that starting the process does not count. The program is $BREAKEVEN_PROGRAM, or the one that is
/// running. Throws std::runtime_error, in words, when there is no answer within a minute.
double first_call_seconds(const std::string& what);

}  // namespace breakeven
