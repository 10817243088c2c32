// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/workloads.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <mutex>

#include "harness/case.h"
#include "harness/usage_error.h"
#include "suites/builtin.h"
#include "suites/suite_file.h"

namespace breakeven {
namespace train {
namespace {

using Known = std::vector<std::shared_ptr<const Workload>>;

/// Read once, when first asked for.
const Known& builtin_workloads() {
  static const Known kBuiltin = [] {
    Known all;
    for (const BuiltinFile& file : builtin_files()) {
      if (!file.path.starts_with("suites/train/")) continue;
      for (PlacedWorkload& placed : read_workloads(parse_toml(std::string(file.path), file.text)))
        all.push_back(std::make_shared<const Workload>(std::move(placed.workload)));
    }
    return all;
  }();
  return kBuiltin;
}

struct Users {
  std::mutex mutex;
  Known workloads;
};
Users& users() {
  static Users all;
  return all;
}

std::shared_ptr<const Workload> named(const Known& known, std::string_view name) {
  const auto found =
      std::ranges::find(known, name, [](const auto& w) -> std::string_view { return w->name; });
  return found == known.end() ? nullptr : *found;
}

/// What follows `+batch`: nothing when it is no number.
std::optional<int64_t> number(std::string_view digits) {
  int64_t n = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return n;
}

/// Why the workload does not go with this batch; nothing when it does.
std::optional<std::string> refusal_of_problem(const Workload& w, int64_t batch) {
  if (const auto why = refusal_of_batch(w, batch)) return "batch " + *why;
  try {
    w.build(batch);
  } catch (const ShapeError& e) {
    return e.what();
  }
  return std::nullopt;
}

}  // namespace

std::shared_ptr<const Workload> find_workload(std::string_view name, std::string* why) {
  if (auto found = named(builtin_workloads(), name)) return found;
  const std::scoped_lock lock(users().mutex);
  if (auto found = named(users().workloads, name)) return found;
  std::vector<std::string> names;
  for (const auto& w : builtin_workloads()) names.push_back(w->name);
  for (const auto& w : users().workloads) names.push_back(w->name);
  const auto near = nearest(name, names);
  *why = near ? fmt::format("there is no workload '{}' (did you mean '{}'?)", shown(name), *near)
              : fmt::format("there is no workload '{}' (there is: {})", shown(name), fmt::join(names, ", "));
  return nullptr;
}

std::shared_ptr<const Workload> enrol(const TomlDocument& document, const PlacedWorkload& placed) {
  const Workload& w = placed.workload;
  const auto same_or_refuse = [&](std::shared_ptr<const Workload> known, const char* whose) {
    if (known->definition != w.definition) {
      document.refuse(placed.line, "name", fmt::format("has '{}', which {}", w.name, whose),
                      "choose another");
    }
    return known;
  };
  if (auto known = named(builtin_workloads(), w.name)) return same_or_refuse(known, "is a built-in workload");
  const std::scoped_lock lock(users().mutex);
  if (auto known = named(users().workloads, w.name))
    return same_or_refuse(known, "another file defines otherwise");
  return users().workloads.emplace_back(std::make_shared<const Workload>(w));
}

std::optional<TrainTask> parse_train(std::string_view problem, Precision precision, std::string* why) {
  constexpr std::string_view kBatch = "+batch";
  if (const auto refusal = refusal_of(precision)) {
    *why = precision == Precision::u8 ? *refusal
                                      : fmt::format("nobody trains in {}: {}", name(precision), *refusal);
    return std::nullopt;
  }
  const size_t plus = std::min(problem.find('+'), problem.size());
  auto workload = find_workload(problem.substr(0, plus), why);
  if (!workload) return std::nullopt;
  TrainTask task{.workload = workload, .batch = 0, .precision = precision};
  if (plus == problem.size()) return task;
  const std::string_view rest = problem.substr(plus);
  const auto batch = rest.starts_with(kBatch) ? number(rest.substr(kBatch.size())) : std::nullopt;
  if (!batch) {
    *why = fmt::format("after a workload stands +batch<number> or nothing, not '{}'", shown(rest));
    return std::nullopt;
  }
  if (const auto refusal = refusal_of_problem(*workload, *batch)) {
    *why = *refusal;
    return std::nullopt;
  }
  if (*batch != workload->schedule.batch) task.batch = *batch;
  return task;
}

}  // namespace train

void define_workloads(const std::string& toml_text) {
  read_suite(parse_toml("a user's workload", toml_text));
}

std::vector<std::string> user_definitions() {
  const std::scoped_lock lock(train::users().mutex);
  std::vector<std::string> texts;
  for (const auto& w : train::users().workloads) texts.push_back(w->definition);
  return texts;
}

}  // namespace breakeven
