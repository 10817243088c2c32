// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/precision.h"
#include "harness/train/workload.h"
#include "suites/toml_document.h"

namespace breakeven::train {

/// A workload of a file, with what else stands there.
struct PlacedWorkload {
  Workload workload;
  std::vector<std::string> presets;
  std::vector<Precision> precisions;
  uint32_t line = 0;  // of its name
};

/// The tables [[workloads]] of a file of suite train; none where there is no such key. Models are built and
/// differentiated once, to see that they can be. Throws UsageError with file and line.
std::vector<PlacedWorkload> read_workloads(const TomlDocument&);

/// Why nobody trains in this precision; nothing when somebody does.
std::optional<std::string> refusal_of(Precision);
/// Why this many samples at a time are not possible; nothing when they are.
std::optional<std::string> refusal_of_batch(const Workload&, int64_t batch);

inline constexpr int64_t kMostBatch = int64_t{1} << 20;

}  // namespace breakeven::train
