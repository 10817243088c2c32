// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "harness/cli/backends.h"
#include "harness/cli/selection.h"
#include "harness/cli/standing.h"
#include "harness/cli/verbs.h"
#include "harness/usage_error.h"
#include "reports/grid.h"
#include "reports/units.h"

namespace breakeven::cli {
namespace {

using nlohmann::ordered_json;

struct ListOptions {
  std::string what;
  Selection selection;
  Output output = Output::people;
};

/// The same rows for people, as words under a head, and for programs, as objects of plain values.
struct Listing {
  Grid grid;
  ordered_json rows = ordered_json::array();
  void print(Output output) const {
    output == Output::json ? fmt::print("{}\n", rows.dump(2)) : fmt::print("{}", render(grid, Style::text));
  }
};

Lineup lineup_here(const ListOptions& o) {
  const Machine machine = describe_machine();
  return line_up(machine, machine.cores.usable, emulator_among(o.selection.devices));
}

void list_suites(const ListOptions& o) {
  Listing listing{{{"suite", "problems", "question"}, {}, Columns::words}};
  for (const Suite& suite : suites_of(o.selection)) {
    const size_t count = questions({suite}, "").size();
    listing.grid.rows.push_back({suite.name, std::to_string(count), suite.question});
    listing.rows.push_back({{"suite", suite.name}, {"problems", count}, {"question", suite.question}});
  }
  listing.print(o.output);
}

void list_presets(const ListOptions& o) {
  const std::vector<Suite> known = suites_of(o.selection);
  Listing listing{{{"preset", "problems", "what for"}, {}, Columns::words}};
  for (const Preset& preset : presets()) {
    const size_t count = questions(known, preset.name).size();
    listing.grid.rows.push_back({preset.name, std::to_string(count), preset.summary});
    listing.rows.push_back({{"preset", preset.name}, {"problems", count}, {"summary", preset.summary}});
  }
  listing.print(o.output);
}

void list_cases(const ListOptions& o) {
  const Lineup lineup = lineup_here(o);
  const std::vector<Case> cases = select(o.selection, lineup.backends);
  if (o.output == Output::people) {
    std::string out;
    for (const Case& c : cases) out += c.id() + "\n";
    fmt::print("{}", out);
    return;
  }
  ordered_json rows = ordered_json::array();
  for (const Case& c : cases) rows.push_back({{"case", c.id()}, {"device", c.device()}});
  fmt::print("{}\n", rows.dump(2));
}

void add_code(ordered_json& row, const Kernel& kernel, const Backend& backend) {
  row["source"] = kernel.source;
  for (const auto& [name, version] : backend.libraries) {
    if (name == "nvcc") row["nvcc"] = version;
  }
  row["standing"] = standing_of(kernel);
  row["code"] = ordered_json::object();
  for (const MachineCode& code : kernel.code) row["code"][code.arch] = code.sha256;
}

void list_kernels(const ListOptions& o) {
  Listing listing{{{"kernel", "what it is", "own GPU code"}, {}, Columns::words}};
  std::map<std::string, bool> seen;
  for (const Backend& backend : lineup_here(o).backends) {
    for (const Kernel& kernel : backend.kernels) {
      const std::string id = backend.name + "." + kernel.name;
      if (std::exchange(seen[id], true)) continue;
      const std::string words = standing_of(kernel);
      listing.grid.rows.push_back({id, kernel.summary, words});
      ordered_json row{{"kernel", id}, {"summary", kernel.summary}};
      if (!kernel.source.empty()) add_code(row, kernel, backend);
      listing.rows.push_back(std::move(row));
    }
  }
  listing.print(o.output);
}

void list_devices(const ListOptions& o) {
  const Lineup lineup = lineup_here(o);
  Listing listing{{{"device", "name", "memory"}, {}, Columns::words}};
  const auto add = [&](const DeviceInfo& info) {
    listing.grid.rows.push_back({info.id, info.name, format_bytes(static_cast<double>(info.memory_bytes))});
    listing.rows.push_back({{"device", info.id},
                            {"name", info.name},
                            {"memory_bytes", info.memory_bytes},
                            {"absence", nullptr}});
  };
  for (const Backend& backend : lineup.backends) {
    if (backend.device) {
      add(backend.device->info());
    } else if (backend.device_id == backend.name) {
      listing.grid.rows.push_back({backend.name, "none: " + backend.absence, "-"});
      listing.rows.push_back({{"device", backend.name},
                              {"name", nullptr},
                              {"memory_bytes", nullptr},
                              {"absence", backend.absence}});
    }
  }
  for (const DeviceInfo& gpu : lineup.gpus) add(gpu);
  listing.print(o.output);
}

ExitCode list(const ListOptions& options) {
  static const std::map<std::string, void (*)(const ListOptions&)> kLists{{"suites", list_suites},
                                                                          {"cases", list_cases},
                                                                          {"kernels", list_kernels},
                                                                          {"devices", list_devices},
                                                                          {"presets", list_presets}};
  const auto chosen = kLists.find(options.what);
  if (chosen == kLists.end()) {
    std::vector<std::string> known;
    for (const auto& [name, list] : kLists) known.push_back(name);
    const auto close = nearest(options.what, known);
    throw UsageError(fmt::format(
        "cannot list '{}', {}", options.what,
        close ? fmt::format("did you mean '{}'?", *close) : fmt::format("only {}", fmt::join(known, ", "))));
  }
  if (options.what != "cases" && !options.selection.selectors.empty()) {
    throw UsageError(fmt::format("`list {}` takes no selector ('{}'): only `list cases` does", options.what,
                                 shown(options.selection.selectors.front())));
  }
  chosen->second(options);
  return ExitCode::done;
}

}  // namespace

void add_list(CLI::App& app, Action& action) {
  const auto options = std::make_shared<ListOptions>();
  CLI::App* verb = app.add_subcommand("list", "suites, cases, kernels, devices or presets");
  verb->add_option("what", options->what, "suites, cases, kernels, devices or presets")->required();
  add_selection(*verb, options->selection);
  verb->add_flag_callback(
      "--json", [options] { options->output = Output::json; }, "as JSON");
  verb->callback([&action, options] { action = [options](const auto&) { return list(*options); }; });
}

}  // namespace breakeven::cli
