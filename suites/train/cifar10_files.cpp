// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "harness/usage_error.h"
#include "suites/train/data_files.h"

namespace breakeven::train {
namespace {

constexpr size_t kPixels = 3 * 32 * 32, kRecord = 1 + kPixels;  // a label, then planes of red, green and blue

void add_file(Dataset& data, const std::filesystem::path& file) {
  const std::vector<uint8_t> bytes = read_data_file(file);
  if (bytes.size() % kRecord != 0) {
    throw UsageError(
        fmt::format("{}: has {} bytes; expected a multiple of {}, a label and 32 x 32 pixels in 3 colours",
                    file.string(), bytes.size(), kRecord));
  }
  for (size_t at = 0; at < bytes.size(); at += kRecord) {
    add_label(data, bytes[at], file, static_cast<int64_t>(at / kRecord));
    const auto pixels = bytes.begin() + static_cast<std::ptrdiff_t>(at) + 1;
    data.pixels.insert(data.pixels.end(), pixels, pixels + kPixels);
  }
  data.samples = static_cast<int64_t>(data.labels.size());
}

void cut(Dataset& data, int64_t asked, const std::string& which, const std::filesystem::path& folder) {
  data.samples = samples_to_take(asked, data.samples, which, folder);
  data.labels.resize(static_cast<size_t>(data.samples));
  data.pixels.resize(static_cast<size_t>(data.samples) * kPixels);
}

}  // namespace

Datasets read_cifar10(const DataSpec& spec, const std::filesystem::path& folder) {
  Dataset empty;
  empty.channels = 3;
  empty.height = empty.width = 32;
  empty.classes = 10;
  Datasets data;
  data.train = data.test = empty;
  for (int i = 1; i <= 5; ++i) add_file(data.train, folder / fmt::format("data_batch_{}.bin", i));
  add_file(data.test, folder / "test_batch.bin");
  cut(data.train, spec.train, "training", folder);
  cut(data.test, spec.test, "test", folder);
  return data;
}

}  // namespace breakeven::train
