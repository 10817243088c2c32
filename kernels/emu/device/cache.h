// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vector_types.h>

// Twin of kernels/device/cache.h: there are no caches here.

namespace breakeven::device {

inline uint4 load_streaming(const uint4* from) { return *from; }
inline void store_streaming(uint4* to, uint4 value) { *to = value; }

}  // namespace breakeven::device
