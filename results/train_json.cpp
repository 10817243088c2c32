// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/train_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "results/digest.h"

namespace breakeven {
namespace {

using Json = nlohmann::ordered_json;
using train::Training;

Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json to_json(const train::Phases& p) {
  return {{"generate", finite(p.generate)}, {"compile", finite(p.compile)}, {"warmup", finite(p.warmup)},
          {"upload", finite(p.upload)},     {"train", finite(p.train)},     {"evaluate", finite(p.evaluate)}};
}

Json to_json(const train::DataPipeline& d) {
  return {{"generated_samples_per_second", finite(d.generated_per_second)},
          {"upload_bytes_per_second", finite(d.upload_bytes_per_second)},
          {"assembled_samples_per_second", finite(d.assembled_per_second)},
          {"share_of_step", finite(d.share_of_step)},
          {"headroom", finite(d.headroom)}};
}

Json to_json(const std::optional<train::Crossing>& c) {
  return c ? Json{{"step", c->step}, {"seconds", finite(c->seconds)}} : Json();
}

Json operations_json(const Training& t) {
  Json seconds = Json::object();
  for (const train::OperationTime& o : t.operations) seconds[o.name] = finite(o.seconds);
  return seconds;
}

Json curve_json(const Training& t) {
  Json curve = Json::array();
  for (const train::LossPoint& p : t.loss_curve) curve.push_back({p.step, finite(p.loss)});
  return curve;
}

Json evaluations_json(const Training& t) {
  Json all = Json::array();
  for (const train::EvaluationPoint& e : t.evaluations)
    all.push_back({{"step", e.step},
                   {"seconds", finite(e.seconds)},
                   {"quality", finite(e.quality)},
                   {"loss", finite(e.loss)}});
  return all;
}

std::string sha256(const std::string& text) {
  Sha256 digest;
  digest.update(text);
  return digest.hex();
}

}  // namespace

nlohmann::ordered_json train_json(const Training& t, const std::string& definition) {
  return {{"workload", t.workload},
          {"definition_sha256", sha256(definition)},
          {"batch", t.batch},
          {"steps", t.steps},
          {"epochs", finite(t.epochs)},
          {"seed", t.seed},
          {"target", {{"metric", name(t.target.metric)}, {"value", finite(t.target.value)}}},
          {"quality", finite(t.quality)},
          {"quality_loss", finite(t.quality_loss)},
          {"reached", t.reached},
          {"first_crossing", to_json(t.first_crossing)},
          {"tts_train_seconds", finite(t.phases.train)},
          {"upload_seconds", finite(t.phases.upload)},
          {"evaluation_seconds", finite(t.phases.evaluate)},
          {"samples_per_second", finite(t.samples_per_second)},
          {"model_flops", finite(t.model_flops)},
          {"flops_per_second", finite(t.flops_per_second)},
          {"skipped_steps", t.skipped_steps},
          {"memory_bytes", t.memory_bytes},
          {"phases", to_json(t.phases)},
          {"operation_seconds", operations_json(t)},
          {"data_pipeline", to_json(t.data)},
          {"loss_curve", curve_json(t)},
          {"evaluations", evaluations_json(t)},
          {"data_hash", {{"train", t.train_hash}, {"test", t.test_hash}}}};
}

}  // namespace breakeven
