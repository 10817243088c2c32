// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "harness/cli/backends.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/selection.h"
#include "harness/cli/verbs.h"
#include "harness/machine.h"
#include "results/run_line.h"

namespace breakeven::cli {

inline constexpr int kMostLaunches = 1000;

/// `run` as given on the command line.
struct RunOptions {
  Selection selection;
  std::string regime;  // one or both, comma between; empty: the preset's
  std::optional<int> threads, samples;
  std::optional<int> launches;  // nothing: one, and of trainings as many seeds as the preset says
  std::string seed = "1";
  std::string out, resume;
  std::optional<double> timeout;
  std::string data;  // empty: none
  std::string instance;
  Output output = Output::people;
};

/// A run about to start: the machine, what can be measured on it, and what is to be.
struct Session {
  Machine machine;
  Lineup lineup;
  RunFacts facts;
  /// Results there already, when a run is resumed: id, device, regime, launch.
  std::set<std::tuple<std::string, std::string, Regime, int>> done;

  /// Makes these the planned cases, each in every regime, one after the other. Throws NothingToDo when there
  /// are none, or none on a device that exists.
  void take(const std::vector<Case>&, const std::vector<Regime>&, const std::vector<std::string>& devices);
  /// Fills in what a run line says of program, machine, devices and libraries.
  void describe();
  int launches() const;  // of the case that has most
};

/// Measures everything planned into `out` and prints the page.
ExitCode run_session(Session&, const std::filesystem::path& out, Output);

/// Measures what the plan in `file` still lacks, into the same file.
ExitCode resume_session(const std::filesystem::path& file, Output);

}  // namespace breakeven::cli
