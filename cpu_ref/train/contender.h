// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>

#include "cpu_ref/train/executable.h"
#include "harness/backend.h"

namespace breakeven::cpu {

/// A contender that trains by a library's products.
Kernel training_contender(const std::string& name, const std::string& summary, Reason (*why_not)(const TrainTask&),
                          std::unique_ptr<Products> (*make_products)(const ProgramMemory&));

/// Why the task's precision is none of `these`.
Reason unless_trained_by_cpu(const TrainTask&, std::initializer_list<Precision> these);

}  // namespace breakeven::cpu
