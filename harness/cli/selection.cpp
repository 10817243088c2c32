// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/selection.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <set>

#include "harness/cli/exit_code.h"
#include "harness/usage_error.h"

namespace breakeven::cli {
namespace {

std::string did_you_mean(const std::string& text, const std::vector<std::string>& known) {
  const auto close = nearest(text, known);
  return close ? fmt::format("did you mean '{}'?", *close)
               : fmt::format("known are {}", fmt::join(known, ", "));
}

bool is_pattern(const std::string& text) { return text.find_first_of("*?") != std::string::npos; }
bool is_file(const std::string& text) { return text.ends_with(".toml"); }

std::vector<std::string> names_of(const std::vector<Suite>& suites) {
  std::vector<std::string> names;
  for (const Suite& suite : suites) names.push_back(suite.name);
  return names;
}

/// Which precisions were asked for; empty: whatever the problems come with.
std::vector<Precision> precisions_of(const Selection& selection) {
  std::vector<Precision> out;
  std::vector<std::string> known;
  for (Precision p : all_precisions()) known.emplace_back(name(p));
  for (const std::string& text : selection.precisions) {
    const auto precision = parse_precision(text);
    if (!precision)
      throw UsageError(fmt::format("unknown precision '{}', {}", text, did_you_mean(text, known)));
    out.push_back(*precision);
  }
  return out;
}

const Suite& suite_for_shapes(const Selection& selection, const std::vector<Suite>& suites) {
  if (selection.selectors.size() != 1 || is_pattern(selection.selectors[0]) ||
      is_file(selection.selectors[0])) {
    throw UsageError("--shape needs exactly one suite before it, as in `run gemm --shape m512n512k512`");
  }
  const std::string& suite = selection.selectors[0];
  const auto found = std::ranges::find(suites, suite, &Suite::name);
  if (found == suites.end()) {
    throw UsageError(fmt::format("unknown suite '{}', {}", suite, did_you_mean(suite, names_of(suites))));
  }
  return *found;
}

/// `--shape`: these problems of the one suite named, at the precisions asked for, which must all fit, or else
/// at those of the preset that fit (gradients have no int8).
std::vector<Question> shaped(const Selection& selection, const std::vector<Suite>& suites) {
  const Suite& suite = suite_for_shapes(selection, suites);
  std::vector<Precision> precisions = precisions_of(selection);
  const bool chosen = !precisions.empty();
  if (!chosen) {
    std::set<Precision> used;
    for (const Question& q : questions({suite}, selection.preset)) used.insert(precision(q.problem));
    precisions.assign(used.begin(), used.end());
  }
  std::vector<Question> out;
  for (const std::string& shape : selection.shapes) {
    std::string why, first_why;
    const size_t before = out.size();
    for (Precision precision : precisions) {
      const auto problem = parse_problem(suite.name, shape, precision, &why);
      if (problem) out.push_back({suite.name, *problem});
      if (!problem && first_why.empty()) first_why = why;
    }
    if (!first_why.empty() && (chosen || out.size() == before)) {
      throw UsageError(fmt::format("--shape '{}': {}", shape, first_why));
    }
  }
  std::ranges::stable_sort(out, {}, [](const Question& q) { return precision(q.problem); });
  return out;
}

/// The one case that an id without wildcards names, in a preset or not.
std::vector<Question> exact(const std::string& selector) {
  const auto id = split_id(selector);
  const auto precision = id ? parse_precision(id->precision) : std::nullopt;
  std::string why;
  const auto problem = precision ? parse_problem(id->suite, id->problem, *precision, &why) : std::nullopt;
  return problem ? std::vector<Question>{{id->suite, *problem}} : std::vector<Question>{};
}

std::vector<Case> matching(const std::string& pattern, const std::vector<Question>& questions,
                           const std::vector<Backend>& backends) {
  std::vector<Case> cases = expand(questions, backends);
  std::erase_if(cases, [&](const Case& c) { return !glob_match(pattern, c.id()); });
  return cases;
}

std::vector<Case> selected_by(const std::string& selector, const Selection& selection,
                              const std::vector<Suite>& suites, const std::vector<Backend>& backends) {
  if (is_file(selector)) return expand(questions(load_suite_file(selector), ""), backends);
  if (const auto suite = std::ranges::find(suites, selector, &Suite::name); suite != suites.end()) {
    return expand(questions({*suite}, selection.preset), backends);
  }
  if (selector.find('/') == std::string::npos && !is_pattern(selector)) {
    throw UsageError(
        fmt::format("unknown suite '{}', {} (a file of problems ends in .toml, a case has slashes)", selector,
                    did_you_mean(selector, names_of(suites))));
  }
  std::vector<Case> cases = matching(selector, questions(suites, selection.preset), backends);
  if (cases.empty()) cases = matching(selector, exact(selector), backends);
  if (cases.empty()) cases = matching(selector, questions(suites, ""), backends);  // in another preset
  if (cases.empty()) {
    throw UsageError(
        fmt::format("no case matches '{}'; `breakeven list cases --preset full` prints all", selector));
  }
  return cases;
}

/// By the name after the dot, or by the whole name that `list kernels` prints.
bool named(const std::string& pattern, const Backend& backend, const Kernel& kernel) {
  return glob_match(pattern, kernel.name) || glob_match(pattern, backend.name + "." + kernel.name);
}

void check_kernel_names(const Selection& selection, const std::vector<Backend>& backends) {
  std::vector<std::string> known;
  const auto names = [&](const std::string& pattern) {
    return std::ranges::any_of(backends, [&](const Backend& backend) {
      return std::ranges::any_of(backend.kernels,
                                 [&](const Kernel& kernel) { return named(pattern, backend, kernel); });
    });
  };
  for (const Backend& backend : backends) {
    for (const Kernel& kernel : backend.kernels) known.push_back(kernel.name);
  }
  for (const std::string& pattern : selection.kernels) {
    const bool matched = names(pattern);
    if (!matched)
      throw UsageError(fmt::format("unknown kernel '{}', {}", pattern, did_you_mean(pattern, known)));
  }
}

bool device_known(const std::string& text) {
  if (text == "all" || text == "cpu" || text == "cuda" || text == "emu") return true;
  const std::string number = text.starts_with("cuda:") ? text.substr(5) : "";
  return !number.empty() && number.size() < 4 &&
         std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
}

bool wanted_device(const Selection& selection, const Case& c) {
  return std::ranges::any_of(selection.devices, [&](const std::string& d) {
    const bool there = c.backend->device || c.device() != c.backend->name;
    return d == "all" ? there && c.device() != "emu" : d == c.device() || d == c.backend->name;
  });
}

bool wanted_kernel(const Selection& selection, const Case& c) {
  return selection.kernels.empty() || std::ranges::any_of(selection.kernels, [&](const auto& k) {
           return named(k, *c.backend, *c.kernel);
         });
}

/// Whether --kernel or a selector names the contender.
bool names_kernel(const Selection& selection, const Kernel& kernel) {
  const std::string name = "." + kernel.name;
  return !selection.kernels.empty() ||
         std::ranges::any_of(selection.selectors,
                             [&](const std::string& selector) { return selector.ends_with(name); });
}

/// What a contender keeps for those who name it or a precision counts when the preset takes all.
bool wanted_reserve(const Selection& selection, const Case& c) {
  if (!c.kernel->reserved || !c.kernel->reserved(c.problem)) return true;
  return preset_of(selection).steps == Steps::all || !selection.precisions.empty() ||
         names_kernel(selection, *c.kernel);
}

/// A lower rung of a ladder counts when the preset takes all, or when --kernel or a selector names it.
bool wanted_rank(const Selection& selection, const Case& c) {
  return c.kernel->rank == Rank::contender || preset_of(selection).steps == Steps::all ||
         names_kernel(selection, *c.kernel);
}

}  // namespace

void add_selection(CLI::App& verb, Selection& s) {
  verb.add_option("selector", s.selectors,
                  "suite, glob (* and ?) over case ids, or a .toml file of problems (default: every suite)");
  const CLI::Option* preset =
      verb.add_option("--preset", s.preset,
                      "which problems and how long to look: quick, standard, full, fills")
          ->capture_default_str();
  // An emulated GPU alone has problems of its own size.
  verb.parse_complete_callback([&s, preset] {
    if (preset->count() == 0 && s.devices == std::vector<std::string>{"emu"}) s.preset = kEmulatedPreset;
  });
  verb.add_option("--device", s.devices, "cpu, cuda, cuda:N, all")->delimiter(',')->capture_default_str();
  verb.add_option("--kernel", s.kernels, "contenders by name or glob, the part after the dot")
      ->delimiter(',');
  verb.add_option("--precision", s.precisions, "fp64, fp32, tf32, bf16, fp16, fp8e4m3, int8, u8")
      ->delimiter(',');
  verb.add_option("--shape", s.shapes, "problems in place of the preset's, such as m512n512k512")
      ->delimiter(',');
  verb.add_option("--catalog", s.catalog,
                  "folder with suites/*.toml of your own (default: $XDG_CONFIG_HOME/breakeven)");
}

const Preset& preset_of(const Selection& selection) {
  if (const Preset* preset = find_preset(selection.preset)) return *preset;
  std::vector<std::string> known;
  for (const Preset& preset : presets()) known.push_back(preset.name);
  throw UsageError(
      fmt::format("unknown preset '{}', {}", selection.preset, did_you_mean(selection.preset, known)));
}

std::vector<Suite> suites_of(const Selection& selection) {
  return suites(selection.catalog.empty() ? std::nullopt
                                          : std::optional<std::filesystem::path>(selection.catalog));
}

std::vector<Case> select(const Selection& selection, const std::vector<Backend>& backends) {
  preset_of(selection);
  const std::vector<Precision> precisions = precisions_of(selection);
  check_kernel_names(selection, backends);
  for (const std::string& device : selection.devices) {
    if (!device_known(device))
      throw UsageError(fmt::format("unknown device '{}': cpu, cuda, cuda:N or all", device));
  }
  const std::vector<Suite> known = suites_of(selection);
  std::vector<Case> cases;
  if (!selection.shapes.empty()) {
    cases = expand(shaped(selection, known), backends);
  } else {
    const std::vector<std::string> all = names_of(known);
    for (const std::string& selector : selection.selectors.empty() ? all : selection.selectors) {
      for (Case& c : selected_by(selector, selection, known, backends)) cases.push_back(std::move(c));
    }
  }
  std::set<std::pair<std::string, std::string>> seen;
  std::erase_if(cases, [&](const Case& c) {
    if (!wanted_device(selection, c) || !wanted_kernel(selection, c) || !wanted_rank(selection, c) ||
        !wanted_reserve(selection, c))
      return true;
    if (!precisions.empty() && std::ranges::find(precisions, precision(c.problem)) == precisions.end())
      return true;
    return !seen.emplace(c.id(), c.device()).second;
  });
  return cases;
}

}  // namespace breakeven::cli
