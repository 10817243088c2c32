// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/case.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "harness/kernel_of_kinds.h"

namespace breakeven {
namespace {

/// The least number of inserted, removed, replaced and swapped neighbouring characters (optimal string
/// alignment).
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before, above(b.size() + 1), row(b.size() + 1);
  std::iota(above.begin(), above.end(), size_t{0});  // from nothing to every beginning of b
  for (size_t i = 0; i < a.size(); ++i) {
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      row[j + 1] = std::min({row[j] + 1, above[j + 1] + 1, above[j] + (a[i] == b[j] ? 0 : 1)});
      if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j])
        row[j + 1] = std::min(row[j + 1], before[j - 1] + 1);
    }
    before = above;
    above = row;
  }
  return above.back();
}

}  // namespace

std::string Case::id() const {
  return fmt::format("{}/{}/{}/{}.{}", suite, name(problem), name(precision(problem)), backend->name,
                     kernel->name);
}

std::string Case::device() const { return backend->device_id; }

std::optional<CaseId> split_id(std::string_view id) {
  std::vector<std::string_view> parts;
  for (size_t slash; (slash = id.find('/')) != id.npos && parts.size() < 4; id.remove_prefix(slash + 1)) {
    parts.push_back(id.substr(0, slash));
  }
  const size_t dot = id.find('.');
  if (parts.size() != 3 || dot == id.npos) return std::nullopt;
  parts.push_back(id.substr(0, dot));
  parts.push_back(id.substr(dot + 1));
  if (std::ranges::any_of(parts, &std::string_view::empty)) return std::nullopt;
  return CaseId{std::string(parts[0]), std::string(parts[1]), std::string(parts[2]), std::string(parts[3]),
                std::string(parts[4])};
}

std::vector<Case> expand(const std::vector<Question>& questions, const std::vector<Backend>& backends) {
  std::vector<Case> cases;
  for (const Question& q : questions) {
    for (const Backend& backend : backends) {
      for (const Kernel& kernel : backend.kernels) {
        if (answers_kind(kernel, q.problem)) cases.push_back({q.suite, q.problem, &backend, &kernel});
      }
    }
  }
  return cases;
}

// Only the last star is ever reconsidered: whatever an earlier one took, the text between the two stars was
// found at its first place, and a later place could only leave less for the rest. So the time is at most
// |pattern| x |text|.
bool glob_match(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0, star = pattern.npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p, ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == pattern.npos;
}

std::optional<std::string> nearest(std::string_view text, const std::vector<std::string>& candidates) {
  const std::string* best = nullptr;
  size_t least = text.size() / 2 + 1;
  for (const std::string& candidate : candidates) {
    const size_t longer = std::max(text.size(), candidate.size()),
                 shorter = std::min(text.size(), candidate.size());
    if (longer - shorter >= least) continue;  // the distance is at least that; spares huge inputs the table
    if (const size_t distance = edit_distance(text, candidate); distance < least) {
      least = distance;
      best = &candidate;
    }
  }
  return best ? std::optional(*best) : std::nullopt;
}

}  // namespace breakeven
