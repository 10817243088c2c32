// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/bounded_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "results/limits.h"

namespace breakeven {

std::string excerpt(std::string_view text, size_t most) {
  return fmt::format("{:?}{}", text.substr(0, most), text.size() > most ? "..." : "");
}

void BoundedJson::count(size_t& line_values) {
  if (++line_values > kMaxLineValues || ++file_values_ > kMaxFileValues) {
    throw BeyondLimits("more values than any result holds");
  }
}

nlohmann::json BoundedJson::parse(std::string_view line) {
  using Event = nlohmann::json::parse_event_t;
  size_t values = 0;
  const auto watch = [&](int depth, Event event, nlohmann::json&) {
    if (event == Event::array_end || event == Event::object_end) return true;
    const bool opens = event == Event::array_start || event == Event::object_start;
    if (opens && depth >= kMaxDepth) throw BeyondLimits(fmt::format("nested deeper than {} levels", kMaxDepth));
    count(values);
    return true;
  };
  try {
    return nlohmann::json::parse(line.begin(), line.end(), watch);
  } catch (const nlohmann::json::parse_error& error) {
    // The library's own message repeats the whole token, which may be megabytes of anything.
    const size_t at = std::min(error.byte > 0 ? error.byte - 1 : 0, line.size());
    if (at == line.size()) throw NotJson("it ends in the middle");
    throw NotJson(fmt::format("it is not JSON at byte {}, {}", at + 1, excerpt(line.substr(at - std::min<size_t>(at, 15), 30))));
  } catch (const nlohmann::json::out_of_range&) {
    throw BeyondLimits("a number too large to be finite");
  }
}

}  // namespace breakeven
