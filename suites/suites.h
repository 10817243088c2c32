// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "harness/case.h"
#include "harness/plan.h"

namespace breakeven {

/// A named choice of problems and of how long to look at each.
/// Whether a preset takes the lower rungs of a backend's ladder (Rank::step) or leaves them to those who name
/// them.
enum class Steps : uint8_t { all, on_request };
struct Preset {
  std::string name;  // quick, standard, full
  std::string summary;
  Budget budget;
  Steps steps = Steps::all;
  int seeds = 3;  // trainings of each case
};
const std::vector<Preset>& presets();  // for people
/// Small ragged problems for an emulated GPU, which is some thousand times slower than a real one.
inline constexpr const char* kEmulatedPreset = "emulated";
/// Any of them, the emulator's too.
const Preset* find_preset(std::string_view name);

/// One entry of a suite's data files: a named set of problems.
struct ProblemSet {
  std::string name, source;  // source: where shapes come from, for people
  std::vector<std::string> presets;
  std::vector<Problem> problems;
};

/// A question with its problems. The data stand in `suites/<suite>/*.toml` and are built into the binary;
/// files of the same form in `<overlay>/suites/` add to them.
struct Suite {
  std::string name, question;
  std::vector<ProblemSet> sets;
};

/// Every suite, in report order: built-in data, then `$XDG_CONFIG_HOME/breakeven/suites/*.toml` (or
/// `<catalog>/suites`). Throws UsageError naming file, line and key when an overlay file is bad.
std::vector<Suite> suites(const std::optional<std::filesystem::path>& catalog);

/// A user's own file of problems, in the same form. Throws UsageError likewise.
std::vector<Suite> load_suite_file(const std::filesystem::path& file);

/// The one parser of problem names: `problem` in `suite`'s grammar at a precision; on failure the reason.
std::optional<Problem> parse_problem(std::string_view suite, std::string_view problem, Precision precision,
                                     std::string* why);

/// What a suite asks of every answer besides its time.
Asks asks_of(std::string_view suite);

/// Questions of a preset, in file order, without duplicates. `preset` "" takes every set.
std::vector<Question> questions(const std::vector<Suite>&, std::string_view preset);

}  // namespace breakeven
