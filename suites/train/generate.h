// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "harness/train/dataset.h"
#include "suites/train/data.h"

namespace breakeven::train {

/// `count` samples (sentences: tokens) of a generated source, from the first of a stream on. All threads;
/// sample i is the same for any count. Throws UsageError for sizes and difficulties there are not.
Dataset generate(const DataSpec&, uint32_t stream, int64_t count);

/// Sets `samples` of a text: windows that end before the last token, at any place or (`apart`) one after
/// another. Throws UsageError, beginning with `what`, where there is none.
void set_windows(Dataset&, int64_t window, bool apart, const std::string& what);

}  // namespace breakeven::train
