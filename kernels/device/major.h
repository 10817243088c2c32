// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace breakeven::device {

/// The direction in which an operand is contiguous: k (A[m,k], B[n,k]) or mn (A[k,m], B[k,n], B as given).
enum class Major : uint8_t { k, mn };

}  // namespace breakeven::device
