// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/train/workload.h"
#include "suites/toml_document.h"
#include "suites/train/sample_shape.h"

namespace breakeven::train {

// The keys of a workload but for its model (suites/README.md). All throw UsageError.

DataSpec data_of(const TomlDocument&, const toml::table& workload);
Schedule schedule_of(const TomlDocument&, const toml::table& workload, DataKind);
Optimizer optimizer_of(const TomlDocument&, const toml::table& workload);
Target target_of(const TomlDocument&, const toml::table& workload, DataKind);
Augmentation augmentation_of(const TomlDocument&, const toml::table& workload, const SampleShape&);

}  // namespace breakeven::train
