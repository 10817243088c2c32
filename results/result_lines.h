// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "harness/usage_error.h"
#include "results/bounded_json.h"
#include "results/line_reader.h"

namespace breakeven {

/// A line that is not as any writer left it. What stands around it may be good.
struct DamagedLine : UsageError {
  using UsageError::UsageError;
};

struct ResultLine {
  std::string_view text;  // as in the file, without its newline; valid until the next call
  nlohmann::json json;    // an object
  std::string kind;
};

/// The whole lines of a result file as JSON objects; the first is a run line of this schema. A torn last
/// line, left by a run that was killed while writing, is passed over.
class ResultLines {
 public:
  /// Throws UsageError when there is no whole valid run line.
  explicit ResultLines(const std::filesystem::path&);

  /// The next line, the run line first. Throws DamagedLine.
  std::optional<ResultLine> next();
  bool torn() const { return torn_; }
  int64_t number() const { return number_; }  // of the line given last, from 1
  /// "<file>, line <n>: <what>"
  std::string located(std::string_view what) const;

 private:
  std::optional<ResultLine> take();

  std::filesystem::path path_;
  LineReader lines_;
  BoundedJson json_;
  std::optional<ResultLine> first_;
  int64_t number_ = 0;
  bool torn_ = false;
};

}  // namespace breakeven
