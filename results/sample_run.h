// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "harness/case.h"
#include "results/journal.h"
#include "results/record.h"
#include "results/run_line.h"

// A small invented run, for the tests of this folder.

namespace breakeven::sample {

/// A folder of its own for one test, gone with it.
class Folder {
 public:
  Folder();
  ~Folder();
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

std::string slurp(const std::filesystem::path&);
void spill(const std::filesystem::path&, std::string_view bytes);

/// gemm/m64n32k16+bias_relu/bf16/cpu.plain on the CPU; every field of the result filled in.
Case a_case();
Result a_result();
RunFacts a_run();

nlohmann::ordered_json a_record(const Result&);

/// train/tiny-quick/bf16/cpu.plain, reached; every field of the training filled in.
Result a_training();
nlohmann::ordered_json a_training_record(const Result&);
/// A whole file: run line, an ok, a skipped and a wrong result, end line.
void write_file(const std::filesystem::path&);
/// Its text.
const std::string& file_text();
/// Its result line that is ok, without the newline.
std::string result_text();

/// The message with which reading `text` as a result file is refused; "" when it is read.
std::string refusal(std::string_view text);

}  // namespace breakeven::sample
