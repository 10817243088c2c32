// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/process.h"
#include "harness/result.h"

namespace breakeven {

/// How to start a worker for the cases from `first` on.
struct WorkerCommand {
  std::vector<std::string> argv;
  Environment environment;
  std::function<std::string(size_t first)> plan;  // its standard input
};

/// What the supervisor tells, by index of case.
struct RunEvents {
  std::function<void(size_t index)> started;
  std::function<void(size_t index, std::string_view phase, double median_seconds)> progress;
  std::function<void(size_t index, const std::string& record)> finished;  // the worker's JSON, as sent
  std::function<void(size_t index, Status status, const std::string& reason)> lost;  // it never came
};

enum class RunEnd { complete, interrupted };

/// Runs `count` cases in worker processes, one after another. A case whose worker crashes, hangs beyond
/// `timeout(index)` seconds or loses its device is told as `lost`, and a new worker goes on with the next
/// case.
using Timeouts = std::function<double(size_t index)>;
RunEnd supervise(const WorkerCommand&, size_t count, const Timeouts& timeout, const RunEvents&);

// The other side: what a worker writes, one line each, on descriptor 3.
void tell(const std::string& line);  // any line, newline included
void tell_started(size_t index);
void tell_progress(size_t index, std::string_view phase, double median_seconds);
void tell_result(size_t index, const std::string& record);
void tell_device_lost(size_t index, const std::string& reason);

}  // namespace breakeven
