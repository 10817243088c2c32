// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "results/digest.h"
#include "results/fields.h"
#include "results/result_file.h"
#include "results/result_lines.h"

namespace breakeven {
namespace {

/// What the end line says, and what stands before it.
struct Seal {
  int64_t results = 0;
  std::string sha256;
};

Seal read_seal(const nlohmann::json& line) {
  const Fields end(line);
  return {end.whole("results", 0), end.text("sha256")};
}

Integrity compare(const Seal& said, const Seal& found, std::string* why) {
  if (said.results != found.results) {
    *why = fmt::format("it holds {} results, and its end line says {}", found.results, said.results);
  } else if (said.sha256 != found.sha256) {
    *why = fmt::format("SHA-256 over its lines is {}, and its end line says {}", found.sha256,
                       excerpt(said.sha256, 64));
  } else {
    *why = fmt::format("{} results as they were written, SHA-256 {}", found.results, found.sha256);
    return Integrity::whole;
  }
  return Integrity::altered;
}

Integrity judge(ResultLines& lines, std::string* why) {
  Seal found;
  Sha256 hash;
  while (const std::optional<ResultLine> line = lines.next()) {
    if (line->kind == "end") {
      const Seal said = read_seal(line->json);
      if (!lines.next() && !lines.torn()) {
        found.sha256 = hash.hex();
        return compare(said, found, why);
      }
      *why = "it goes on after its end line";
      return Integrity::altered;
    }
    hash.update(line->text);
    hash.update("\n");
    if (line->kind == "result") ++found.results;
  }
  *why = fmt::format("{} results{} and no end line; go on with --resume", found.results,
                     lines.torn() ? ", a torn last line" : "");
  return Integrity::cut_short;
}

}  // namespace

Integrity verify(const std::filesystem::path& path, std::string* why) {
  ResultLines lines(path);
  try {
    return judge(lines, why);
  } catch (const DamagedLine& error) {
    *why = error.what();
  } catch (const InvalidField& error) {
    *why = fmt::format("in the end line, {}", error.what());
  }
  return Integrity::altered;
}

}  // namespace breakeven
