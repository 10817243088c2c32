// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "harness/builtin_file.h"

namespace breakeven {

/// Reference points by workload, suites/train/rcp/<workload>.json; read by results/reference_points_file.h.
std::span<const BuiltinFile> reference_point_files();

}  // namespace breakeven
