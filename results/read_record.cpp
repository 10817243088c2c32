// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/read_record.h"

#include <fmt/format.h>

#include <limits>

#include "harness/case.h"
#include "results/bounds.h"
#include "results/fields.h"
#include "results/train_json.h"

namespace breakeven {
namespace {

void read_key(const Fields& line, Record& record) {
  record.id = line.text("case");
  const std::optional<CaseId> id = split_id(record.id);
  if (!id) line.refuse("case", "of the form suite/problem/precision/backend.kernel");
  record.suite = line.text("suite");
  record.kernel = line.text("kernel");
  if (record.suite != id->suite) line.refuse("suite", fmt::format("'{}' as in 'case'", id->suite));
  if (record.kernel != id->kernel) line.refuse("kernel", fmt::format("'{}' as in 'case'", id->kernel));
  record.backend = id->backend;
  record.problem = id->problem;
  record.precision = id->precision;
  record.device = line.text("device");
  const std::optional<Regime> regime = parse_regime(line.text("regime"));
  if (!regime) line.refuse("regime", "sustained or isolated");
  record.regime = *regime;
  record.threads = static_cast<int>(line.whole("threads", 0, INT32_MAX));
  record.launch = static_cast<int>(line.whole("launch", 0, INT32_MAX));
  for (const char* name : {"round", "slot"}) {
    if (!line.at(name).is_null()) line.whole(name, 0, INT32_MAX);
  }
}

void read_seconds(const Fields& line, Record& record) {
  const nlohmann::json& seconds = line.array("seconds");
  if (seconds.size() > kMaxSamples) line.refuse("seconds", fmt::format("at most {} samples", kMaxSamples));
  record.seconds.reserve(seconds.size());
  for (const nlohmann::json& sample : seconds) {
    if (!sample.is_number() || !(sample.get<double>() > 0)) {
      throw InvalidField(
          fmt::format("'seconds[{}]' is {}, not a number above 0", record.seconds.size(),
                      sample.is_primitive() && !sample.is_string() ? sample.dump() : sample.type_name()));
    }
    record.seconds.push_back(sample.get<double>());
  }
  if (record.status != Status::ok && !seconds.empty()) {
    line.refuse("seconds", fmt::format("empty, as status {} demands", name(record.status)));
  }
  if (record.status == Status::ok && seconds.size() < kMinSamples &&
      !may_be_short(record.suite, record.device)) {
    line.refuse("seconds", fmt::format("at least {} samples, as status ok demands", kMinSamples));
  }
}

Check read_check(const Fields& line) {
  if (line.at("check").is_null()) return {};
  const Fields check = line.object("check");
  // Not finite (an answer of NaN) is written as null.
  const double infinity = std::numeric_limits<double>::infinity();
  Check read{check.text("metric"), check.not_negative_or("error", infinity),
             check.not_negative_or("bound", infinity), Verdict::ok,
             check.has("where") ? check.text("where") : ""};
  const std::string verdict = check.text("verdict");
  if (verdict != "ok" && verdict != "wrong") check.refuse("verdict", "ok or wrong");
  if (verdict == "wrong") read.verdict = Verdict::wrong;
  return read;
}

void read_outcome(const Fields& line, Record& record) {
  const std::optional<Status> status = parse_status(line.text("status"));
  if (!status) line.refuse("status", "one of ok, skipped, wrong, failed, timeout, oom, device_lost");
  record.status = *status;
  record.reason = line.text("reason");
  record.check = read_check(line);
  if (record.status == Status::ok && record.check.verdict == Verdict::wrong) {
    line.refuse("status", "possible with a check that says wrong");
  }
  read_seconds(line, record);
}

/// Fields that only exports and pages show: their types alone.
void require_rest(const Fields& line) {
  line.text("started");
  line.text("stop");
  line.text("repro");
  line.whole("batch", 1);
  line.whole("rotation_bytes", 0);
  for (const char* name : {"first_call_seconds", "setup_seconds", "warmup_seconds"})
    line.not_negative_or(name, 0);
  const Fields problem = line.object("problem");
  problem.text("op");
  problem.text("precision");
  const Fields telemetry = line.object("telemetry");
  for (const char* name :
       {"energy_joules", "power_watts", "clock_hz", "temperature_c", "utilisation", "memory_bytes"}) {
    telemetry.number_or_null(name);
  }
  if (telemetry.has("throttled") && !telemetry.at("throttled").is_boolean()) {
    telemetry.refuse("throttled", "true, false or null");
  }
}

Accuracy read_accuracy(const Fields& accuracy) {
  const double nothing_finite = std::numeric_limits<double>::quiet_NaN();
  return {.normwise = accuracy.not_negative_or("normwise", nothing_finite),
          .worst = accuracy.not_negative_or("worst", nothing_finite),
          .elements = accuracy.whole("elements", 0),
          .nonfinite = accuracy.not_negative("nonfinite"),
          .underflowed = accuracy.not_negative("underflowed"),
          .overflowed = accuracy.not_negative("overflowed")};
}

/// What this program writes beyond the contract, and other writers may leave out.
void read_additions(const Fields& line, Record& record) {
  if (line.has("peak")) {
    const Fields peak = line.object("peak");
    record.peak_flops = peak.not_negative("flops_per_second");
    record.peak_attainable = peak.text("kind") == "attainable";
  }
  if (line.has("copy_rate")) record.copy_rate = line.object("copy_rate").not_negative("bytes_per_second");
  if (line.has("accuracy")) record.accuracy = read_accuracy(line.object("accuracy"));
  if (line.has("train")) record.training = read_training(line.object("train"));
  if (line.has("interval")) record.interval = line.not_negative("interval");
  if (line.has("notes")) record.notes = line.texts("notes");
  if (line.contains("code")) record.code = line.text_or_null("code");
}

}  // namespace

Record read_record(nlohmann::json json) {
  Record record;
  const Fields line(json);
  read_key(line, record);
  record.flops = line.not_negative("flops");
  record.bytes = line.not_negative("bytes");
  read_outcome(line, record);
  require_rest(line);
  read_additions(line, record);
  record.raw = std::move(json);
  return record;
}

}  // namespace breakeven
