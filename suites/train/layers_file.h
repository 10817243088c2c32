// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "suites/toml_document.h"
#include "suites/train/model.h"

namespace breakeven::train {

/// No model may have more layers, those inside others and repetitions counted, nor layers inside each other
/// more deeply.
inline constexpr int64_t kMostLayers = 1000;
inline constexpr int kMostNesting = 8;

/// The key `layers` of a table. An embedding without a vocabulary takes that of the data. Throws UsageError.
std::vector<Layer> layers_of(const TomlDocument&, const toml::table&, const SampleShape&);

}  // namespace breakeven::train
