// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>

#include "results/result_file.h"

namespace breakeven {

/// The JSON of Google Benchmark (json_schema_version 1), read by its tools/compare.py. One entry per sample,
/// launches of a case being repetitions of one benchmark, then their mean, median and stddev. Times in
/// nanoseconds; `cpu_time` repeats `real_time`, because compare.py wants both and only elapsed time was
/// measured. A case without times has `error_occurred`.
void export_gbench(const ResultFile&, std::ostream&);

}  // namespace breakeven
