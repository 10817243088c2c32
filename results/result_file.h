// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/check.h"
#include "harness/plan.h"
#include "harness/result.h"

namespace breakeven {

/// One result line, typed, as readers need it. `raw` keeps the whole line.
struct Record {
  std::string id, suite, device, kernel;    // id: the case; kernel: "onednn"
  std::string backend, problem, precision;  // the other parts of the id
  Regime regime = Regime::sustained;
  int threads = 0, launch = 0;
  Status status = Status::failed;
  std::string reason;
  double flops = 0, bytes = 0;  // per execution
  std::vector<double> seconds;  // per execution; empty unless ok
  Check check;
  std::optional<Accuracy> accuracy;  // NaN errors: no result was finite
  double peak_flops = 0, copy_rate = 0;  // measured in that launch; 0 when unknown
  bool peak_attainable = false;
  std::optional<train::Training> training;  // of a training that was started
  double interval = 0;  // half width of the 95 % interval of the median, relative
  std::vector<std::string> notes;
  /// MachineCode::sha256 of an own GPU kernel, empty where the driver compiled it; nothing for other rows.
  std::optional<std::string> code;
  nlohmann::json raw;
};

/// A result file as far as it is valid.
struct ResultFile {
  std::filesystem::path path;
  nlohmann::json run;
  std::vector<Record> records;
  bool ended = false;  // has its end line
  bool torn = false;   // a last line without newline or not JSON was dropped
};

/// Reads and validates. Bounded: file size, line length, nesting depth, number of samples. Throws UsageError
/// (one sentence: file, line, what) when there is not one whole valid run line, or any line before the last
/// is not valid.
ResultFile read_result_file(const std::filesystem::path&);

enum class Integrity : uint8_t { whole, altered, cut_short };
/// Whether the file is as it was written: end line present, hash over all lines before it, count of results.
/// `*why` says in one sentence. Throws UsageError when it is no result file at all.
Integrity verify(const std::filesystem::path&, std::string* why);

}  // namespace breakeven
