// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <map>

#include "harness/cli/backends.h"
#include "harness/cli/selection.h"
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

/// Rows of words under a head; as JSON an array of objects with the head as keys.
void print(const Grid& grid, Output output) {
  if (output == Output::people) return fmt::print("{}", render(grid, Style::text));
  ordered_json rows = ordered_json::array();
  for (const auto& row : grid.rows) {
    ordered_json object;
    for (size_t i = 0; i < row.size(); ++i) object[grid.head[i]] = row[i];
    rows.push_back(std::move(object));
  }
  fmt::print("{}\n", rows.dump(2));
}

Lineup lineup_here() {
  const Machine machine = describe_machine();
  return line_up(machine, machine.cores.usable);
}

void list_suites(const ListOptions& o) {
  Grid grid{{"suite", "problems", "question"}, {}, Columns::words};
  for (const Suite& suite : suites_of(o.selection)) {
    const size_t count = questions({suite}, "").size();
    grid.rows.push_back({suite.name, std::to_string(count), suite.question});
  }
  print(grid, o.output);
}

void list_presets(const ListOptions& o) {
  const std::vector<Suite> known = suites_of(o.selection);
  Grid grid{{"preset", "problems", "what for"}, {}, Columns::words};
  for (const Preset& preset : presets()) {
    grid.rows.push_back({preset.name, std::to_string(questions(known, preset.name).size()), preset.summary});
  }
  print(grid, o.output);
}

void list_cases(const ListOptions& o) {
  const Lineup lineup = lineup_here();
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

void list_kernels(const ListOptions& o) {
  Grid grid{{"kernel", "what it is"}, {}, Columns::words};
  std::map<std::string, bool> seen;
  for (const Backend& backend : lineup_here().backends) {
    for (const Kernel& kernel : backend.kernels) {
      const std::string id = backend.name + "." + kernel.name;
      if (!std::exchange(seen[id], true)) grid.rows.push_back({id, kernel.summary});
    }
  }
  print(grid, o.output);
}

void list_devices(const ListOptions& o) {
  const Lineup lineup = lineup_here();
  Grid grid{{"device", "name", "memory"}, {}, Columns::words};
  const auto add = [&](const DeviceInfo& info) {
    grid.rows.push_back({info.id, info.name, format_bytes(static_cast<double>(info.memory_bytes))});
  };
  for (const Backend& backend : lineup.backends) {
    if (backend.device)
      add(backend.device->info());
    else if (backend.device_id == backend.name)
      grid.rows.push_back({backend.name, "none: " + backend.absence, "-"});
  }
  for (const DeviceInfo& gpu : lineup.gpus) add(gpu);
  print(grid, o.output);
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
