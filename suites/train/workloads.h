// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/train_task.h"
#include "suites/toml_document.h"
#include "suites/train/workload_file.h"

namespace breakeven::train {

/// The one object of each workload that this process knows: the built-in ones and those that a user's files
/// have defined so far. Thread-safe.

/// Null when there is none; then `*why` says so and names the nearest.
std::shared_ptr<const Workload> find_workload(std::string_view name, std::string* why);

/// Makes a file's workload known, or finds the one that is defined alike already. Throws UsageError when its
/// name is taken by another.
std::shared_ptr<const Workload> enrol(const TomlDocument&, const PlacedWorkload&);

/// `<workload>[+batch<n>]`; on failure the reason. A batch that is the workload's own is not spelt.
std::optional<TrainTask> parse_train(std::string_view problem, Precision, std::string* why);

}  // namespace breakeven::train

namespace breakeven {

/// Makes known the workloads of a text in the form of a suite file, so that parse_problem finds them: what a
/// worker or a record is told of a user's models. Throws UsageError.
void define_workloads(const std::string& toml_text);
/// Texts for define_workloads: one for each workload that is known and not built in.
std::vector<std::string> user_definitions();

}  // namespace breakeven
