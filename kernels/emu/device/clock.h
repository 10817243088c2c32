// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>

// Twin of kernels/device/clock.h.

namespace breakeven::device {

/// A clock that goes on because it is read, and lets others run: loops that wait for a time end.
uint64_t nanoseconds();

}  // namespace breakeven::device
