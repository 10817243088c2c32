// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "reports/fill_tables.h"
#include "reports/frontier.h"
#include "reports/headline.h"
#include "reports/rate_table.h"
#include "reports/standings.h"
#include "reports/train_table.h"
#include "reports/units.h"

namespace breakeven {
namespace {

using nlohmann::json;

/// A string at a JSON pointer, or "" where the file has none: a reader relies on nothing.
std::string text_at(const json& document, const char* pointer) {
  const json::json_pointer at(pointer);
  return document.contains(at) && document.at(at).is_string() ? document.at(at).get<std::string>() : "";
}
double number_at(const json& document, const char* pointer) {
  const json::json_pointer at(pointer);
  return document.contains(at) && document.at(at).is_number() ? document.at(at).get<double>() : 0;
}

std::string devices(const json& run, Style style) {
  std::string out;
  const json::json_pointer at("/machine/devices");
  if (!run.contains(at) || !run.at(at).is_array()) return out;
  for (const json& device : run.at(at)) {
    const std::string id = text_at(device, "/id");
    if (id != "cpu" && !id.empty())
      out += fmt::format(", {} {}", shown(id, style), shown(text_at(device, "/name"), style));
  }
  return out;
}

std::string libraries(const json& run, Style style) {
  std::vector<std::string> out;
  if (run.contains("libraries") && run["libraries"].is_object()) {
    for (const auto& [name, version] : run["libraries"].items()) {
      if (version.is_string()) out.push_back(shown(name + " " + version.get<std::string>(), style));
    }
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

std::string preamble(const ResultFile& file, Style style) {
  const json& run = file.run;
  const std::string end = style == Style::markdown ? "  \n" : "\n";
  std::string out =
      fmt::format("{}, {:.0f} cores usable, {}{}; {}{}", shown(text_at(run, "/machine/cpu/model"), style),
                  number_at(run, "/machine/cpu/cores"), format_bytes(number_at(run, "/machine/memory_bytes")),
                  devices(run, style), shown(text_at(run, "/machine/os"), style), end);
  if (const std::string used = libraries(run, style); !used.empty()) out += used + end;
  out += fmt::format("{}; breakeven {} ({}), method {:.0f}{}\n", shown(text_at(run, "/started"), style),
                     shown(text_at(run, "/tool/version"), style), shown(text_at(run, "/tool/git"), style),
                     number_at(run, "/method"), end);
  return out;
}

/// The tables of the suite `mixed`: precisions beside each other, with what each costs.
std::string mixed(const std::vector<RateTable>& tables, Style style) {
  std::string out;
  for (const Frontier& frontier : frontiers(tables)) out += render(frontier, style) + "\n";
  return out + wide_tables(tables, style) + fill_tables(tables, style);
}

/// What is left to say of a table whose answers stand in those of `mixed`.
std::string not_answered(const RateTable& table, std::span<const Attestation> attested, Style style) {
  const std::string words = skipped(table, style) + standings(table, attested, style);
  if (words.empty()) return "";
  return shown(table.title, style) + (style == Style::markdown ? "\n\n" : "\n") + words + "\n";
}

bool bad(Status status) { return status != Status::ok && status != Status::skipped; }

std::string troubles(const ResultFile& file, Style style) {
  std::string out;
  for (const Record& r : file.records) {
    if (!bad(r.status)) continue;
    out += fmt::format("{}{} {} on {}: {}\n", style == Style::markdown ? "- " : "  ", name(r.status),
                       shown(r.id, style), shown(r.device, style), shown(r.reason, style));
  }
  return out.empty() ? out : (style == Style::markdown ? "### Not right\n\n" : "not right\n") + out + "\n";
}

/// What is counted where it is not as plain as in a product.
std::string legends_of_suites(const ResultFile& file) {
  const auto has = [&](const char* suite) {
    return std::ranges::any_of(file.records, [&](const Record& r) { return r.suite == suite; });
  };
  std::string out;
  if (has("conv")) {
    out +=
        "Convolutions count the operations of the direct algorithm, those with padding apart, whatever was "
        "used.\n";
  }
  if (has("memory")) {
    out += "Memory-bound operations count the bytes they must read and write, each once.\n";
  }
  if (has("train")) {
    out +=
        "Trainings: medians over seeds. time: to solution, of upload, steps and evaluations; missed where "
        "more\n"
        "than one seed, or the mean, ends short of the target. crossed: the first evaluation at it. GFLOP/s: "
        "the\n"
        "model's products over the steps.\n";
  }
  if (has("transfer")) {
    out +=
        "Transfers count the bytes that arrive (memcpy: and those it reads); without bytes, a time alone.\n";
  }
  return out;
}

std::string closing(const ResultFile& file, Style style) {
  std::string out = fmt::format("{}.", tally(file.records));
  if (!file.ended) out += " The run was cut short; what it finished stands.";
  if (std::ranges::none_of(file.records, [](const Record& r) { return !r.seconds.empty(); }))
    return out + "\n";
  const char* legend =
      "Rates are medians; * the fastest of its row; ~ a 95 % interval of the median wider than 3 %; - "
      "skipped.\n"
      "\"of peak\" and \"of copy\" hold the fastest against this device's arithmetic and copy rates, "
      "measured in the\n"
      "same run; over 100 % of copy, caches served part of it.\n";
  return out + (style == Style::markdown ? "\n\n" : "\n") + legend + legends_of_suites(file);
}

}  // namespace

std::string tally(const std::vector<Record>& records) {
  std::map<Status, int> counts;
  for (const Record& r : records) ++counts[r.status];
  std::vector<std::string> out;
  for (const auto& [status, count] : counts) out.push_back(fmt::format("{} {}", count, name(status)));
  return out.empty() ? "nothing measured" : fmt::format("{}", fmt::join(out, ", "));
}

std::string page(const ResultFile& file, Style style, std::span<const Attestation> attested) {
  std::string out = preamble(file, style);
  const std::vector<RateTable> tables = rate_tables(file.records);
  const bool contest = std::ranges::any_of(tables, has_contest);
  std::string uncontested;
  out += mixed(tables, style);
  for (const RateTable& table : tables) {
    if (has_contest(table) && is_mixed(table)) {
      out += not_answered(table, attested, style);
    } else if (has_contest(table)) {
      out += render(table, style) + standings(table, attested, style) + "\n";
    } else {
      uncontested += fmt::format("{}: no contender on these devices{}\n", shown(table.title, style),
                                 style == Style::markdown ? "  " : "");
      if (!contest) uncontested += skipped(table, style);
    }
  }
  if (!uncontested.empty()) out += uncontested + "\n";
  out += train_tables(file.records, style);
  std::vector<std::string> sentences = headlines(tables);
  for (std::string& sentence : train_headlines(file.records)) sentences.push_back(std::move(sentence));
  for (const std::string& sentence : sentences) {
    out += (style == Style::markdown ? "- **" : "") + shown(sentence, style) +
           (style == Style::markdown ? "**\n" : "\n");
  }
  if (!sentences.empty()) out += "\n";
  return out + troubles(file, style) + closing(file, style);
}

}  // namespace breakeven
