// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/training_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "harness/usage_error.h"
#include "suites/fields.h"
#include "suites/train/clicks.h"
#include "suites/train/shapes.h"
#include "suites/train/workload_file.h"

namespace breakeven::train {
namespace {

constexpr int64_t kMostSamples = int64_t{1} << 30;
constexpr int64_t kMostDataBytes = int64_t{1} << 36;
constexpr int64_t kMostEpochs = 10'000, kMostSteps = 100'000'000, kMostEvaluations = 10'000;
constexpr int64_t kLongestWindow = int64_t{1} << 16;
constexpr int64_t kMostShift = 16;
constexpr double kLeastRate = 1e-9, kMostRate = 1000;
constexpr double kMostLoss = 1000;

/// What may stand in `data` besides `source`.
std::vector<std::string_view> keys_of(std::string_view source) {
  if (source == "mnist" || source == "cifar10") return {"source", "train", "test"};
  if (source == "text") return {"source", "window"};
  std::vector<std::string_view> keys{"source", "train", "test", "train_hash", "test_hash"};
  if (source == "shapes") keys.push_back("difficulty");
  if (source == "sentences") keys.insert(keys.end(), {"window", "large"});
  if (source == "clicks") keys.push_back("scale");
  return keys;
}

std::string hash_at(const TomlDocument& document, const toml::table& table, std::string_view key) {
  if (!table.contains(key)) return "";
  std::string hash = text_at(document, table, key);
  const bool hexadecimal =
      std::ranges::all_of(hash, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  if (!hexadecimal || hash.size() != 16)
    document.refuse(line_of(*table.get(key)), key, fmt::format("is '{}'", shown(hash)),
                    "give 16 digits, 0 to 9 and a to f");
  return hash;
}

/// How many samples there are where nothing is said: all of the published sets.
std::optional<int64_t> samples_in(std::string_view source, bool test) {
  if (source == "mnist") return test ? 10'000 : 60'000;
  if (source == "cifar10") return test ? 10'000 : 50'000;
  return std::nullopt;
}

void refuse_huge_data(const TomlDocument& document, const toml::table& table, const DataSpec& spec) {
  if ((spec.train + spec.test) * sample_shape(spec).bytes() <= kMostDataBytes) return;
  document.refuse(line_of(table), "data", fmt::format("would take more than {} GiB", kMostDataBytes >> 30),
                  "give fewer samples");
}

}  // namespace

DataSpec data_of(const TomlDocument& document, const toml::table& workload) {
  const toml::table& table = required_table_at(document, workload, "data");
  DataSpec spec;
  spec.source = data_sources()[choice_at(document, table, "source", data_sources())];
  document.allow_only(table, keys_of(spec.source));
  spec.difficulty = static_cast<int>(whole_at(document, table, "difficulty", 1, kShapeLevels, 1));
  spec.scale = whole_at(document, table, "scale", 1, kMostClickScale, 1);
  spec.large = flag_at(document, table, "large", false);
  if (spec.source == "sentences" || spec.source == "text")
    spec.window = whole_at(document, table, "window", 1, kLongestWindow);
  if (spec.source != "text") {
    // A text is given in tokens, and the last window has a token after it.
    const int64_t least = spec.window + 1;
    spec.train = whole_at(document, table, "train", least, kMostSamples, samples_in(spec.source, false));
    spec.test = whole_at(document, table, "test", least, kMostSamples, samples_in(spec.source, true));
  }
  spec.train_hash = hash_at(document, table, "train_hash");
  spec.test_hash = hash_at(document, table, "test_hash");
  refuse_huge_data(document, table, spec);
  return spec;
}

Schedule schedule_of(const TomlDocument& document, const toml::table& workload, DataKind kind) {
  const toml::table& table = required_table_at(document, workload, "schedule");
  // Passes over a text have no meaning where windows start anywhere.
  const std::string_view length = kind == DataKind::text ? "steps" : "epochs";
  const std::array<std::string_view, 7> keys{"batch", length, "rate",       "warmup",
                                             "hold",  "last", "evaluations"};
  document.allow_only(table, keys);
  Schedule s;
  s.batch = whole_at(document, table, "batch", 1, kMostBatch);
  if (kind == DataKind::text)
    s.steps = whole_at(document, table, "steps", 1, kMostSteps);
  else
    s.epochs = whole_at(document, table, "epochs", 1, kMostEpochs);
  s.rate = number_at(document, table, "rate", kLeastRate, kMostRate);
  s.warmup = number_at(document, table, "warmup", 0, 1, 0);
  s.hold = number_at(document, table, "hold", 0, 1, 0);
  s.last = number_at(document, table, "last", 0, 1, 0);
  s.evaluations = static_cast<int>(whole_at(document, table, "evaluations", 1, kMostEvaluations, 1));
  return s;
}

Optimizer optimizer_of(const TomlDocument& document, const toml::table& workload) {
  const toml::table& table = required_table_at(document, workload, "optimizer");
  constexpr std::array<std::string_view, 3> kKinds{"sgd", "adamw", "adagrad"};  // in the enum's order
  const auto real = [&](std::string_view key, double least, double most, double otherwise) {
    return static_cast<float>(number_at(document, table, key, least, most, otherwise));
  };
  Optimizer o;
  o.kind = static_cast<OptimizerKind>(choice_at(document, table, "kind", kKinds));
  std::vector<std::string_view> keys{"kind", "clip"};
  if (o.kind == OptimizerKind::sgd) keys.insert(keys.end(), {"momentum", "decay"});
  if (o.kind == OptimizerKind::adamw) keys.insert(keys.end(), {"beta1", "beta2", "epsilon", "decay"});
  if (o.kind == OptimizerKind::adagrad) keys.push_back("epsilon");
  document.allow_only(table, keys);
  constexpr double kBelowOne = 0.999999;
  o.momentum = real("momentum", 0, kBelowOne, 0.9);
  o.beta1 = real("beta1", 0, kBelowOne, 0.9);
  o.beta2 = real("beta2", 0, kBelowOne, 0.95);
  o.epsilon = real("epsilon", 1e-20, 1, o.kind == OptimizerKind::adagrad ? 1e-10 : 1e-8);
  o.decay = real("decay", 0, 10, 0);
  o.clip = real("clip", 0, 1e6, 0);
  return o;
}

Target target_of(const TomlDocument& document, const toml::table& workload, DataKind kind) {
  const toml::table& table = required_table_at(document, workload, "target");
  // Of clicks the order of the scores counts, not which side of a half they are on.
  const Metric metrics[] = {Metric::loss, kind == DataKind::clicks ? Metric::auc : Metric::accuracy};
  const std::array<std::string_view, 2> words{name(metrics[0]), name(metrics[1])};
  Target target{.metric = metrics[choice_at(document, table, "metric", words)]};
  const bool less = target.metric == Metric::loss;
  const std::string_view bound = less ? "at_most" : "at_least";
  const std::array<std::string_view, 2> keys{"metric", bound};
  document.allow_only(table, keys);
  target.value = number_at(document, table, bound, 0, less ? kMostLoss : 1);
  return target;
}

Augmentation augmentation_of(const TomlDocument& document, const toml::table& workload,
                             const SampleShape& shape) {
  const toml::table* table = table_at(document, workload, "augment");
  if (!table) return {};
  if (shape.kind != DataKind::images)
    document.refuse(line_of(*table), "augment", "is for images", "leave it out");
  constexpr std::array<std::string_view, 2> kKeys{"shift", "flip"};
  document.allow_only(*table, kKeys);
  return {.shift = static_cast<int>(whole_at(document, *table, "shift", 0, kMostShift, 0)),
          .flip = flag_at(document, *table, "flip", false)};
}

}  // namespace breakeven::train
