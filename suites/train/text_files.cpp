// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <span>

#include "harness/usage_error.h"
#include "suites/train/data_files.h"
#include "suites/train/generate.h"

namespace breakeven::train {
namespace {

Dataset tokens_of(std::span<const uint8_t> bytes, int64_t asked, int64_t window, bool test,
                  const std::filesystem::path& file) {
  const int64_t count =
      samples_to_take(asked, static_cast<int64_t>(bytes.size()), test ? "test" : "training", file);
  Dataset data;
  data.kind = DataKind::text;
  data.vocabulary = 256;
  data.tokens.assign(bytes.begin(), bytes.begin() + count);
  set_windows(data, window, test, file.string());
  return data;
}

}  // namespace

Datasets read_text(const DataSpec& spec, const std::filesystem::path& folder) {
  Datasets data;
  const auto train = folder / "train.txt", test = folder / "test.txt", whole = folder / "input.txt";
  std::error_code ignored;
  if (std::filesystem::exists(train, ignored)) {
    data.train = tokens_of(read_data_file(train), spec.train, spec.window, false, train);
    data.test = tokens_of(read_data_file(test), spec.test, spec.window, true, test);
    return data;
  }
  if (!std::filesystem::exists(whole, ignored)) {
    throw UsageError(
        fmt::format("{}: holds no text; expected train.txt and test.txt, or input.txt", folder.string()));
  }
  const std::vector<uint8_t> bytes = read_data_file(whole);
  const std::span<const uint8_t> all(bytes);
  const size_t split = bytes.size() - bytes.size() / 10;
  data.train = tokens_of(all.first(split), spec.train, spec.window, false, whole);
  data.test = tokens_of(all.subspan(split), spec.test, spec.window, true, whole);
  return data;
}

}  // namespace breakeven::train
