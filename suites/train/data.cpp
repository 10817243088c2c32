// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/data.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "harness/usage_error.h"
#include "suites/train/data_files.h"
#include "suites/train/data_hash.h"
#include "suites/train/draws.h"
#include "suites/train/generate.h"

namespace breakeven::train {
namespace {

constexpr std::array<std::string_view, 4> kGenerated{"glyph", "shapes", "sentences", "clicks"};

struct FileSource {
  std::string_view name;
  Datasets (*read)(const DataSpec&, const std::filesystem::path& folder);
};
constexpr FileSource kFileSources[] = {{"mnist", read_mnist}, {"cifar10", read_cifar10}, {"text", read_text}};

Datasets read_from(const DataSpec& spec, const std::optional<std::filesystem::path>& folder) {
  const auto* source = std::ranges::find(kFileSources, spec.source, &FileSource::name);
  if (source == std::end(kFileSources)) {
    throw UsageError(fmt::format("'{}' is no source of data; choose from {}, mnist, cifar10, text",
                                 shown(spec.source), fmt::join(kGenerated, ", ")));
  }
  if (!folder) {
    throw UsageError(fmt::format("{}: no folder to read the files from; give one with --data", spec.source));
  }
  std::error_code ignored;
  if (!std::filesystem::is_directory(*folder, ignored)) {
    throw UsageError(fmt::format("{}: is not a folder; give the one that holds the files of {}",
                                 folder->string(), spec.source));
  }
  return source->read(spec, *folder);
}

void check_hash(const DataSpec& spec, const std::string& expected, const std::string& found,
                std::string_view which) {
  if (expected.empty() || expected == found) return;
  throw std::runtime_error(
      fmt::format("the {} {} data differ from what they should be: their hash is {}, expected {}",
                  is_generated(spec.source) ? "generated" : "read", which, found, expected));
}

}  // namespace

bool is_generated(const std::string& source) {
  return std::ranges::find(kGenerated, source) != kGenerated.end();
}

Datasets make_data(const DataSpec& spec, const std::optional<std::filesystem::path>& folder) {
  const auto begin = std::chrono::steady_clock::now();
  Datasets data;
  if (is_generated(spec.source)) {
    data.train = generate(spec, kTrainStream, spec.train);
    data.test = generate(spec, kTestStream, spec.test);
  } else {
    data = read_from(spec, folder);
  }
#pragma omp parallel sections
  {
#pragma omp section
    data.train_hash = hash_of(data.train);
#pragma omp section
    data.test_hash = hash_of(data.test);
  }
  check_hash(spec, spec.train_hash, data.train_hash, "training");
  check_hash(spec, spec.test_hash, data.test_hash, "test");
  data.generate_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return data;
}

}  // namespace breakeven::train
