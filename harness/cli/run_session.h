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
#include "harness/supervisor.h"
#include "results/journal.h"
#include "results/result_file.h"
#include "results/run_line.h"

namespace breakeven::cli {

inline constexpr int kMostLaunches = 1000;
/// In place of selectors in the plan of a search (`tune`), whose cases are what may be tried.
inline constexpr const char* kTuneSelector = "tune";

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

/// The run that the options describe: machine, cases, settings. Throws UsageError and NothingToDo.
Session plan_session(const RunOptions&);

/// results/<host>-<time>.jsonl, which does not exist yet.
std::filesystem::path default_file(const Machine&);

class ProgressLine;

/// Measures one case of the plan in one launch, in a worker of its own.
RunEnd run_case(const Session&, const PlannedCase&, int launch, Journal&, ProgressLine&);

/// The session that the plan in a file's run line describes, on this machine; what has been measured is done.
/// Throws UsageError or NothingToDo where that plan is none; `*difference` says what this machine or build
/// has otherwise than the file's.
Session session_of(const ResultFile&, std::string* difference);

/// Says on stderr that a file cannot be gone on with here.
ExitCode refuse_to_go_on(const ResultFile&, const std::string& difference);

/// What would distort numbers here, in a sentence; empty when nothing would.
std::string warning(const Session&);

/// Measures everything planned into `out` and prints the page.
ExitCode run_session(Session&, const std::filesystem::path& out, Output);

/// Measures what the plan in `file` still lacks, into the same file.
ExitCode resume_session(const std::filesystem::path& file, Output);

}  // namespace breakeven::cli
