// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <limits>

#include "results/bounds.h"
#include "results/train_json.h"

namespace breakeven {
namespace {

using train::Metric;
using train::Training;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

Metric read_metric(const Fields& target) {
  const std::string text = target.text("metric");
  for (const Metric metric : {Metric::accuracy, Metric::loss, Metric::auc}) {
    if (name(metric) == text) return metric;
  }
  target.refuse("metric", "accuracy, loss or auc");
}

bool read_bool(const Fields& fields, const char* name) {
  if (!fields.at(name).is_boolean()) fields.refuse(name, "true or false");
  return fields.at(name).get<bool>();
}

/// Losses and logarithms may be below 0.
double number_or_unknown(const Fields& fields, const char* name) {
  fields.number_or_null(name);
  return fields.at(name).is_null() ? kUnknown : fields.at(name).get<double>();
}

train::Phases read_phases(const Fields& p) {
  return {.generate = p.not_negative_or("generate", 0),
          .compile = p.not_negative_or("compile", 0),
          .warmup = p.not_negative_or("warmup", 0),
          .upload = p.not_negative_or("upload", 0),
          .train = p.not_negative_or("train", 0),
          .evaluate = p.not_negative_or("evaluate", 0)};
}

train::DataPipeline read_pipeline(const Fields& d) {
  return {.generated_per_second = d.not_negative_or("generated_samples_per_second", kUnknown),
          .upload_bytes_per_second = d.not_negative_or("upload_bytes_per_second", kUnknown),
          .assembled_per_second = d.not_negative_or("assembled_samples_per_second", kUnknown),
          .share_of_step = d.not_negative_or("share_of_step", kUnknown),
          .headroom = d.not_negative_or("headroom", kUnknown)};
}

/// An array that is no longer than any writer makes it.
const nlohmann::json& bounded(const Fields& fields, const char* name) {
  const nlohmann::json& all = fields.array(name);
  if (all.size() > kMaxTrainPoints) fields.refuse(name, fmt::format("at most {} points", kMaxTrainPoints));
  return all;
}

void read_operations(const Fields& line, Training& t) {
  const Fields seconds = line.object("operation_seconds");
  const nlohmann::json& all = line.at("operation_seconds");
  if (all.size() > kMaxTrainPoints) line.refuse("operation_seconds", "a class of operation each");
  for (const auto& item : all.items())
    t.operations.push_back({item.key(), seconds.not_negative_or(item.key(), 0)});
}

void read_curve(const Fields& line, Training& t) {
  for (const nlohmann::json& point : bounded(line, "loss_curve")) {
    const bool pair = point.is_array() && point.size() == 2 && point[0].is_number_unsigned() &&
                      (point[1].is_number() || point[1].is_null());
    if (!pair) line.refuse("loss_curve", "of pairs [step, loss]");
    t.loss_curve.push_back({point[0].get<int64_t>(), point[1].is_null() ? kUnknown : point[1].get<double>()});
  }
}

void read_evaluations(const Fields& line, Training& t) {
  for (const nlohmann::json& one : bounded(line, "evaluations")) {
    if (!one.is_object()) line.refuse("evaluations", "an array of objects");
    const Fields e(one, "train.evaluations[].");
    t.evaluations.push_back({e.whole("step", 0), e.not_negative_or("seconds", kUnknown),
                             number_or_unknown(e, "quality"), number_or_unknown(e, "loss")});
  }
}

void read_outcome(const Fields& line, Training& t) {
  const Fields target = line.object("target");
  t.target = {read_metric(target), number_or_unknown(target, "value")};
  t.quality = number_or_unknown(line, "quality");
  t.quality_loss = number_or_unknown(line, "quality_loss");
  t.reached = read_bool(line, "reached");
  if (!line.at("first_crossing").is_null()) {
    const Fields crossing = line.object("first_crossing");
    t.first_crossing = {crossing.whole("step", 0), crossing.not_negative_or("seconds", kUnknown)};
  }
}

}  // namespace

Training read_training(const Fields& line) {
  Training t;
  t.workload = line.text("workload");
  t.definition_hash = line.text("definition_sha256");
  t.batch = line.whole("batch", 1);
  t.steps = line.whole("steps", 0);
  t.epochs = line.not_negative_or("epochs", kUnknown);
  if (!line.at("seed").is_number_unsigned()) line.refuse("seed", "a whole number of at least 0");
  t.seed = line.at("seed").get<uint64_t>();
  read_outcome(line, t);
  t.samples_per_second = line.not_negative_or("samples_per_second", 0);
  t.model_flops = line.not_negative_or("model_flops", 0);
  t.flops_per_second = line.not_negative_or("flops_per_second", 0);
  t.skipped_steps = line.whole("skipped_steps", 0);
  t.memory_bytes = line.whole("memory_bytes", 0);
  for (const char* name : {"tts_train_seconds", "upload_seconds", "evaluation_seconds"})
    line.not_negative_or(name, 0);  // as in the phases
  t.phases = read_phases(line.object("phases"));
  read_operations(line, t);
  t.data = read_pipeline(line.object("data_pipeline"));
  read_curve(line, t);
  read_evaluations(line, t);
  const Fields hashes = line.object("data_hash");
  t.train_hash = hashes.text("train"), t.test_hash = hashes.text("test");
  return t;
}

}  // namespace breakeven
