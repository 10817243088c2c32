// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/result_lines.h"

#include <fmt/format.h>

#include "results/fields.h"
#include "results/read_record.h"

namespace breakeven {
namespace {

constexpr std::string_view kDamaged =
    "the file was damaged or edited, take an unharmed copy or measure again";

/// A writer killed in the middle leaves a line without its newline; a machine that lost power may leave
/// blocks of zeros before it. A line that begins and ends as an object was written, and is wrong.
bool looks_torn(const TextLine& line) {
  const std::string_view text = line.text;
  return !line.whole || text.empty() || text.front() != '{' || text.find('\0') != std::string_view::npos;
}

}  // namespace

ResultLines::ResultLines(const std::filesystem::path& path) : path_(path), lines_(path) {
  const std::string name = path.string();
  const std::string_view start = lines_.peek();
  if (start.empty())
    throw UsageError(fmt::format("{:?} is empty; name the file that a run has written", name));
  if (start.front() != '{') {
    throw UsageError(fmt::format("{:?} is no result file: it begins with {}", name, excerpt(start, 16)));
  }
  first_ = take();
  if (!first_)
    throw UsageError(fmt::format("{:?} has no whole run line, so it says nothing; measure again", name));
  try {
    require_run(first_->json);
  } catch (const InvalidField& error) {
    throw UsageError(
        fmt::format("{:?} is no result file that can be read: in line 1, {}", name, error.what()));
  }
}

std::string ResultLines::located(std::string_view what) const {
  return fmt::format("{:?}, line {}: {}", path_.string(), number_, what);
}

std::optional<ResultLine> ResultLines::next() {
  if (!first_) return take();
  std::optional<ResultLine> first;
  first.swap(first_);
  return first;
}

std::optional<ResultLine> ResultLines::take() {
  const std::optional<TextLine> line = lines_.next();
  if (!line) return std::nullopt;
  ++number_;
  const auto drop = [&] { return torn_ = true, std::nullopt; };
  try {
    nlohmann::json json = json_.parse(line->text);
    if (!line->whole) return drop();
    if (!json.is_object()) throw DamagedLine(located(fmt::format("not a JSON object; {}", kDamaged)));
    std::string kind = text_at(json, "/kind");
    if (kind.empty()) throw DamagedLine(located(fmt::format("without a 'kind'; {}", kDamaged)));
    return ResultLine{line->text, std::move(json), std::move(kind)};
  } catch (const NotJson& error) {
    if (looks_torn(*line) && lines_.peek().empty()) return drop();
    throw DamagedLine(located(fmt::format("{}; {}", error.what(), kDamaged)));
  } catch (const BeyondLimits& error) {
    throw DamagedLine(located(fmt::format("{}; {}", error.what(), kDamaged)));
  }
}

}  // namespace breakeven
