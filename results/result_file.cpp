// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/result_file.h"

#include <fmt/format.h>

#include "harness/usage_error.h"
#include "results/fields.h"
#include "results/read_record.h"
#include "results/result_lines.h"

namespace breakeven {

ResultFile read_result_file(const std::filesystem::path& path) {
  ResultLines lines(path);
  ResultFile file{.path = path, .run = lines.next()->json, .records = {}};
  while (std::optional<ResultLine> line = lines.next()) {
    if (file.ended)
      throw DamagedLine(lines.located("stands after the end line; the file was added to, verify it"));
    if (line->kind == "run") {
      throw DamagedLine(
          lines.located("a second run line; a result file holds one run, so split the file before it"));
    }
    if (line->kind == "end") file.ended = true;
    if (line->kind != "result") continue;  // kinds of later versions
    try {
      file.records.push_back(read_record(std::move(line->json)));
    } catch (const InvalidField& error) {
      throw DamagedLine(lines.located(fmt::format("{}; measure again, or remove the line", error.what())));
    }
  }
  file.torn = lines.torn();
  return file;
}

}  // namespace breakeven
