// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/train/dataset.h"

namespace breakeven::train {

/// FNV-1a-64, as 16 hexadecimal digits, over the samples one after the other: images as a label byte and the
/// pixels, clicks as a label byte, the dense bytes and the rows, text as its tokens; rows (4 bytes) and
/// tokens (2 bytes) with the lowest byte first.
std::string hash_of(const Dataset&);

}  // namespace breakeven::train
