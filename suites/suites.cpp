// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/suites.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/usage_error.h"
#include "suites/builtin.h"
#include "suites/grammar.h"
#include "suites/overlay.h"
#include "suites/suite_file.h"

namespace breakeven {
namespace {

std::vector<Suite> empty_suites() {
  std::vector<Suite> all;
  for (const Grammar& g : grammars()) all.push_back({std::string(g.suite), std::string(g.question), {}});
  return all;
}

/// Adds a file's sets to their suite. A set never replaces one of the same name from another file: that would
/// change what a preset measures without a word. (Within a file, read_suite has seen to it.)
void add(std::vector<Suite>& all, const TomlDocument& document) {
  SuiteFile file = read_suite(document);
  Suite& suite = *std::ranges::find(all, file.suite, &Suite::name);
  const auto from_other_files = static_cast<int64_t>(suite.sets.size());
  for (PlacedSet& placed : file.sets) {
    const auto end = suite.sets.begin() + from_other_files;
    if (std::ranges::find(suite.sets.begin(), end, placed.set.name, &ProblemSet::name) != end) {
      document.refuse(placed.line, "name",
                      fmt::format("has '{}', which another file of suite {} has already",
                                  shown(placed.set.name), suite.name),
                      "choose another");
    }
    suite.sets.push_back(std::move(placed.set));
  }
}

}  // namespace

std::vector<Suite> suites(const std::optional<std::filesystem::path>& catalog) {
  std::vector<Suite> all = empty_suites();
  for (const BuiltinFile& file : builtin_files()) add(all, parse_toml(std::string(file.path), file.text));
  if (const auto folder = overlay_folder(catalog)) {
    for (const std::filesystem::path& file : overlay_suite_files(*folder)) add(all, read_toml(file));
  }
  return all;
}

std::vector<Suite> load_suite_file(const std::filesystem::path& file) {
  std::vector<Suite> all = empty_suites();
  add(all, read_toml(file));
  std::erase_if(all, [](const Suite& suite) { return suite.sets.empty(); });
  return all;
}

std::vector<Question> questions(const std::vector<Suite>& all, std::string_view preset) {
  std::vector<Question> asked;
  std::set<std::string> seen;
  for (const Suite& suite : all) {
    for (const ProblemSet& set : suite.sets) {
      if (!preset.empty() && std::ranges::find(set.presets, preset) == set.presets.end()) continue;
      for (const Problem& problem : set.problems) {
        const std::string id = fmt::format("{}/{}/{}", suite.name, name(problem), name(precision(problem)));
        if (seen.insert(id).second) asked.push_back({suite.name, problem});
      }
    }
  }
  return asked;
}

}  // namespace breakeven
