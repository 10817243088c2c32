// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/record.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "results/bounds.h"
#include "results/problem_json.h"
#include "results/train_json.h"

namespace breakeven {
namespace {

using Json = nlohmann::ordered_json;

/// JSON knows no NaN and no infinity: null.
Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(); }

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}
Json or_null(const std::optional<double>& value) { return value ? finite(*value) : Json(); }

Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json to_json(const Check& check) {
  if (check.verdict == Verdict::none) return {};
  Json json{{"metric", check.metric},
            {"error", finite(check.error)},
            {"bound", finite(check.bound)},
            {"verdict", check.verdict == Verdict::ok ? "ok" : "wrong"}};
  if (!check.where.empty()) json["where"] = check.where;
  return json;
}

Json to_json(const Accuracy& a) {
  return {{"reference", "fp64 answer of the operands before rounding"},
          {"normwise", finite(a.normwise)},
          {"worst", finite(a.worst)},
          {"elements", a.elements},
          {"nonfinite", a.nonfinite},
          {"underflowed", a.underflowed},
          {"overflowed", a.overflowed}};
}

Json to_json(const Telemetry& t) {
  return {{"energy_joules", or_null(t.energy_joules)}, {"power_watts", or_null(t.power_watts)},
          {"clock_hz", or_null(t.clock_hz)},           {"temperature_c", or_null(t.temperature_c)},
          {"utilisation", or_null(t.utilisation)},     {"memory_bytes", or_null(t.memory_bytes)},
          {"throttled", or_null(t.throttled)}};
}

Json to_json(const Peak& peak, const char* rate_name) {
  if (!(peak.rate > 0) || !std::isfinite(peak.rate)) return {};
  return {{rate_name, peak.rate},
          {"kind", peak.kind == PeakKind::attainable ? "attainable" : "lower_bound"},
          {"method", peak.method}};
}

/// Why samples that claim to be ok cannot be believed; empty when they can. Written out they would make the
/// whole file invalid.
std::string defect(const std::vector<double>& seconds, bool short_allowed) {
  for (const double s : seconds) {
    if (!std::isfinite(s) || s <= 0) return fmt::format("the clock gave a sample of {} seconds", s);
  }
  if (seconds.size() < kMinSamples && !short_allowed) {
    return fmt::format("{} samples, of at least {}", seconds.size(), kMinSamples);
  }
  return "";
}

void add_key(Json& line, const Case& spec, const Plan& plan, const Slot& slot, const Result& result) {
  const Work w = work(spec.problem);
  line.update({{"case", spec.id()},
               {"suite", spec.suite},
               {"problem", problem_json(spec.problem)},
               {"device", spec.device()},
               {"kernel", spec.kernel->name},
               {"regime", name(plan.regime)},
               {"threads", plan.threads},
               {"launch", slot.launch},
               {"round", or_null(slot.round)},
               {"slot", or_null(slot.slot)},
               {"started", result.started},
               {"flops", w.flops},
               {"bytes", w.bytes}});
}

void add_measurement(Json& line, const Result& result) {
  line.update({{"batch", result.batch},
               {"rotation_bytes", result.rotation_bytes},
               {"rotation_clamp", or_null(result.rotation_clamp)},
               {"first_call_seconds", finite(result.first_call_seconds)},
               {"setup_seconds", finite(result.setup_seconds)},
               {"reorder_seconds", finite(result.reorder_seconds)},
               {"warmup_seconds", finite(result.warmup_seconds)},
               {"check_seconds", finite(result.check_seconds)},
               {"stop", name(result.stop)},
               {"interval", finite(result.interval)},
               {"check", to_json(result.check)},
               {"accuracy", result.accuracy ? to_json(*result.accuracy) : Json()},
               {"telemetry", to_json(result.telemetry)},
               {"implementation", or_null(result.implementation)},
               {"peak", to_json(result.arithmetic_peak, "flops_per_second")},
               {"copy_rate", to_json(result.copy_rate, "bytes_per_second")},
               {"notes", result.notes}});
}

/// Of own GPU kernels alone: the machine code that ran; null where the driver compiled it from PTX.
void add_code(Json& line, const Kernel& kernel) {
  if (kernel.source.empty()) return;
  line["code"] = kernel.code.size() == 1 ? Json(kernel.code.front().sha256) : Json();
}

/// Of trainings that were started alone.
void add_training(Json& line, const Case& spec, const Result& result) {
  const auto* task = std::get_if<TrainTask>(&spec.problem);
  if (task && result.training) line["train"] = train_json(*result.training, task->workload->definition);
}

}  // namespace

nlohmann::ordered_json to_record(const Case& spec, const Plan& plan, const Slot& slot, const Result& result,
                                 const std::string& repro) {
  Json line = Json::object();
  line["kind"] = "result";
  add_key(line, spec, plan, slot, result);
  const std::string broken =
      result.status == Status::ok ? defect(result.seconds, may_be_short(spec.suite, spec.device())) : "";
  const Status status = broken.empty() ? result.status : Status::failed;
  line["seconds"] = status == Status::ok ? Json(result.seconds) : Json::array();
  add_measurement(line, result);
  add_training(line, spec, result);
  add_code(line, *spec.kernel);
  line["status"] = name(status);
  line["reason"] = broken.empty() ? result.reason : broken;
  line["repro"] = repro;
  return line;
}

}  // namespace breakeven
