// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "harness/train/training.h"
#include "results/fields.h"

namespace breakeven {

/// The field `train` of a result line (schema.json): what a training found out.
nlohmann::ordered_json train_json(const train::Training&, const std::string& definition);

/// The same, read. Throws InvalidField.
train::Training read_training(const Fields&);

}  // namespace breakeven
