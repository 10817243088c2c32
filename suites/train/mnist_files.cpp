// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "harness/usage_error.h"
#include "suites/train/data_files.h"

namespace breakeven::train {
namespace {

constexpr int64_t kSize = 28, kPixels = kSize * kSize;
constexpr uint32_t kImages = 0x0803, kLabels = 0x0801;  // unsigned bytes in three dimensions, in one

struct Idx {
  std::filesystem::path file;
  std::vector<uint8_t> bytes;
  int64_t header = 0, count = 0;

  /// A number of the header, highest byte first.
  int64_t number(size_t place) const {
    const uint8_t* b = &bytes[4 * place];
    return int64_t{b[0]} << 24 | b[1] << 16 | b[2] << 8 | b[3];
  }
};

/// Reads `<stem>-<kind>` or, where that is what there is, `<stem>.<kind>`.
Idx read_idx(const std::filesystem::path& folder, const std::string& stem, const std::string& kind,
             uint32_t magic) {
  Idx idx;
  idx.file = folder / (stem + "-" + kind);
  std::error_code ignored;
  if (const auto dotted = folder / (stem + "." + kind); std::filesystem::exists(dotted, ignored))
    idx.file = dotted;
  idx.bytes = read_data_file(idx.file);
  const std::string file = idx.file.string();
  idx.header = magic == kImages ? 16 : 8;
  const auto size = static_cast<int64_t>(idx.bytes.size());
  if (size < idx.header) {
    throw UsageError(
        fmt::format("{}: ends within the header, after {} bytes; expected {}", file, size, idx.header));
  }
  if (idx.number(0) != magic) {
    throw UsageError(fmt::format("{}: begins with {:#010x}; expected {:#010x}, an IDX file of {}", file,
                                 idx.number(0), magic, magic == kImages ? "images" : "labels"));
  }
  if (magic == kImages && (idx.number(2) != kSize || idx.number(3) != kSize)) {
    throw UsageError(fmt::format("{}: has images of {} x {}; expected {} x {}", file, idx.number(2),
                                 idx.number(3), kSize, kSize));
  }
  idx.count = idx.number(1);
  const int64_t expected = idx.header + idx.count * (magic == kImages ? kPixels : 1);
  if (size != expected) {
    throw UsageError(fmt::format("{}: has {} bytes; expected {} for the {} samples of its header", file, size,
                                 expected, idx.count));
  }
  if (idx.count == 0) throw UsageError(fmt::format("{}: holds no samples; get the file anew", file));
  return idx;
}

Dataset read_half(const std::filesystem::path& folder, const std::string& name, int64_t asked) {
  const Idx images = read_idx(folder, name + "-images", "idx3-ubyte", kImages);
  const Idx labels = read_idx(folder, name + "-labels", "idx1-ubyte", kLabels);
  if (images.count != labels.count) {
    throw UsageError(fmt::format("{}: has {} labels; expected {}, one for each image of {}",
                                 labels.file.string(), labels.count, images.count,
                                 images.file.filename().string()));
  }
  Dataset data;
  data.channels = 1;
  data.height = data.width = kSize;
  data.classes = 10;
  data.samples = samples_to_take(asked, images.count, name, folder);
  const uint8_t* pixels = images.bytes.data() + images.header;
  data.pixels.assign(pixels, pixels + data.samples * kPixels);
  for (int64_t i = 0; i < data.samples; ++i) {
    add_label(data, labels.bytes[static_cast<size_t>(labels.header + i)], labels.file, i);
  }
  return data;
}

}  // namespace

Datasets read_mnist(const DataSpec& spec, const std::filesystem::path& folder) {
  Datasets data;
  data.train = read_half(folder, "train", spec.train);
  data.test = read_half(folder, "t10k", spec.test);
  return data;
}

}  // namespace breakeven::train
