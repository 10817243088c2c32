// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/workload_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "harness/usage_error.h"
#include "suites/fields.h"
#include "suites/train/layers_file.h"
#include "suites/train/training_keys.h"

namespace breakeven::train {
namespace {

constexpr std::array<std::string_view, 10> kWorkloadKeys{"name",    "summary",  "presets",   "precisions",
                                                         "data",    "schedule", "optimizer", "target",
                                                         "augment", "layers"};
constexpr size_t kLongestName = 60;

/// The name stands in case ids, between slashes and before `+batch`.
std::string name_of(const TomlDocument& document, const toml::table& table) {
  std::string found = text_at(document, table, "name");
  const bool plain = std::ranges::all_of(found, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
  if (!plain || found.size() > kLongestName || found.front() < 'a') {
    document.refuse(
        line_of(*table.get("name")), "name",
        fmt::format("is '{}', which no workload can be called", shown(found)),
        fmt::format("begin with a small letter and use small letters, digits, '-', '_' and '.', at most {}",
                    kLongestName));
  }
  return found;
}

std::vector<Precision> trainable_precisions(const TomlDocument& document, const toml::table& table) {
  std::vector<Precision> all = precisions_of(document, table);
  for (const Precision p : all) {
    if (const auto why = refusal_of(p))
      document.refuse(line_of(*table.get("precisions")), "precisions",
                      fmt::format("has {}: {}", name(p), *why), "choose from fp32, tf32, bf16, fp16");
  }
  return all;
}

/// The workload alone, as a file of its own: what a record carries. Comments and layout are not kept, so two
/// texts are equal when they say the same.
std::string definition_of(const toml::table& table) {
  std::ostringstream out;
  out << toml::table{{"suite", "train"}, {"workloads", toml::array{table}}} << "\n";
  return out.str();
}

/// A model that cannot be built, or a schedule that these data do not allow, is refused here and not by a
/// run.
void try_out(const TomlDocument& document, const toml::table& table, const Workload& workload) {
  const toml::table& schedule = *table.get("schedule")->as_table();
  if (const auto why = refusal_of_batch(workload, workload.schedule.batch))
    document.refuse(line_of(*schedule.get("batch")), "batch", *why, "give a smaller one");
  const int64_t steps = step_count(workload.schedule, workload.train_samples);
  if (workload.schedule.evaluations > steps) {
    document.refuse(line_of(*schedule.get("evaluations")), "evaluations",
                    fmt::format("is {}, but there are {} steps", workload.schedule.evaluations, steps),
                    "give no more");
  }
  const auto misfit = [&](uint32_t line, const char* what) {
    document.refuse(line, "layers", fmt::format("do not fit together ({})", what),
                    "change this layer or what comes before it");
  };
  try {
    differentiate(workload.build(workload.schedule.batch));
  } catch (const LayerError& e) {
    misfit(e.line, e.what());
  } catch (const ShapeError& e) {
    misfit(line_of(*table.get("layers")), e.what());
  }
}

PlacedWorkload read_workload(const TomlDocument& document, const toml::table& table) {
  document.allow_only(table, kWorkloadKeys);
  PlacedWorkload placed;
  Workload& w = placed.workload;
  w.name = name_of(document, table);
  w.summary = text_at(document, table, "summary");
  placed.line = line_of(*table.get("name"));
  placed.presets = presets_of(document, table);
  placed.precisions = trainable_precisions(document, table);
  const DataSpec data = data_of(document, table);
  const SampleShape shape = sample_shape(data);
  w.data_kind = shape.kind;
  w.train_samples = data.train;
  w.needs_folder = !is_generated(data.source);
  w.schedule = schedule_of(document, table, shape.kind);
  w.optimizer = optimizer_of(document, table);
  w.target = target_of(document, table, shape.kind);
  w.augmentation = augmentation_of(document, table, shape);
  w.build = [layers = layers_of(document, table, shape), shape](int64_t batch) {
    return build_model(layers, shape, batch);
  };
  w.load = [data](const std::optional<std::filesystem::path>& folder) { return make_data(data, folder); };
  w.definition = definition_of(table);
  try_out(document, table, w);
  return placed;
}

}  // namespace

std::optional<std::string> refusal_of(Precision precision) {
  switch (precision) {
    case Precision::fp64:  // by the judge
    case Precision::fp32:
    case Precision::tf32:
    case Precision::bf16:
    case Precision::fp16:
      return std::nullopt;
    case Precision::u8:
      return "u8 is for plain bytes, not for training";
    default:
      return "gradients need more range and digits";
  }
}

std::optional<std::string> refusal_of_batch(const Workload& w, int64_t batch) {
  if (batch < 1 || batch > kMostBatch) return fmt::format("is {}, not from 1 to {}", batch, kMostBatch);
  // How long a user's text is, its loader finds out.
  if (w.train_samples > 0 && batch > w.train_samples)
    return fmt::format("is {}, more than the {} training {}", batch, w.train_samples,
                       w.data_kind == DataKind::text ? "tokens" : "samples");
  return std::nullopt;
}

std::vector<PlacedWorkload> read_workloads(const TomlDocument& document) {
  const toml::node* workloads = document.root.get("workloads");
  if (!workloads) return {};
  if (!workloads->is_array_of_tables())
    document.refuse(line_of(*workloads), "workloads", "is not a list of tables", "write it as [[workloads]]");
  std::vector<PlacedWorkload> all;
  for (const toml::node& node : *workloads->as_array())
    all.push_back(read_workload(document, *node.as_table()));
  return all;
}

}  // namespace breakeven::train
