// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/tune_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace breakeven::cli {
namespace {

using nlohmann::json;

std::string words(const train::Setting& s) {
  return fmt::format("batch {} in {}", s.batch, name(s.precision));
}

/// What a change brought, against the setting it was held against.
std::string gain(const char* what, const std::optional<double>& seconds, const std::optional<double>& base) {
  if (!seconds || !base) return fmt::format("  {}: not known\n", what);
  return fmt::format("  {}: {:.2f}x ({:.3g} s)\n", what, *base / *seconds, *seconds);
}

json or_null(const std::optional<double>& value) { return value ? json(*value) : json(); }

json to_json(const train::Setting& s) { return {{"batch", s.batch}, {"precision", name(s.precision)}}; }

}  // namespace

std::string tune_text(const TuneSubject& subject, const train::SearchSpace& space,
                      const train::TuneAnswer& a) {
  std::string out = fmt::format("{} by {}, {} trainings{}: ", subject.workload, subject.contender,
                                subject.trials, subject.complete ? "" : ", search not finished");
  if (!a.best) return out + "no setting reached the target\n";
  out += fmt::format("least time-to-solution {:.3g} s, {}\n", a.best_seconds, words(*a.best));
  out += a.base_seconds ? fmt::format("held against its own {}, {:.3g} s:\n", words(a.base), *a.base_seconds)
                        : fmt::format("its own {} has not reached the target\n", words(a.base));
  out += gain("batch size alone", a.batch_alone_seconds, a.base_seconds);
  out += gain("precision alone", a.precision_alone_seconds, a.base_seconds);
  out += gain("both", a.best_seconds, a.base_seconds);
  return out + fmt::format(
                   "(median over seeds, {} of the last two settings; learning rate scaled with the batch)\n",
                   space.seeds);
}

json tune_json(const TuneSubject& subject, const train::SearchSpace& space, const train::TuneAnswer& a) {
  return {{"workload", subject.workload},
          {"contender", subject.contender},
          {"trials", subject.trials},
          {"complete", subject.complete},
          {"seeds", space.seeds},
          {"best", a.best ? to_json(*a.best) : json()},
          {"best_seconds", a.best ? json(a.best_seconds) : json()},
          {"base", to_json(a.base)},
          {"base_seconds", or_null(a.base_seconds)},
          {"batch_alone_seconds", or_null(a.batch_alone_seconds)},
          {"precision_alone_seconds", or_null(a.precision_alone_seconds)}};
}

}  // namespace breakeven::cli
