// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/accuracy.h"
#include "harness/backend.h"
#include "harness/check.h"
#include "harness/plan.h"
#include "harness/telemetry.h"
#include "harness/train/training.h"

namespace breakeven {

enum class Status : uint8_t { ok, skipped, wrong, failed, timeout, oom, device_lost };
std::string_view name(Status);
std::optional<Status> parse_status(std::string_view);

/// Why sampling ended.
enum class Stop : uint8_t { none, interval, time, samples };
std::string_view name(Stop);

/// Everything one measurement of one case in one launch found out. Seconds, bytes, joules.
struct Result {
  Status status = Status::failed;
  std::string reason;           // empty when ok
  std::vector<double> seconds;  // per execution, one entry a sample; empty unless ok
  int64_t batch = 1;            // executions behind one sample
  int64_t rotation_bytes = 0;   // operands and results rotated through; 0 when isolated
  std::string rotation_clamp;   // why fewer bytes than intended were rotated; empty: not clamped
  double first_call_seconds = 0, setup_seconds = 0, reorder_seconds = 0, warmup_seconds = 0,
         check_seconds = 0;
  Stop stop = Stop::none;
  double interval = 0;  // half width of the 95 % interval of the median, relative
  Check check;
  std::optional<Accuracy> accuracy;  // where the suite asks for it
  Telemetry telemetry;
  std::optional<train::Training> training;  // of a training that was started
  std::string implementation;       // what was dispatched
  Peak arithmetic_peak, copy_rate;  // of this device, measured in this launch
  std::vector<std::string> notes;   // "beyond the copy rate: served from caches"
  std::string started;              // ISO 8601, UTC
};

/// A result that never got to measuring.
Result not_measured(Status status, std::string reason);

}  // namespace breakeven
