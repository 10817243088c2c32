// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/data_files.h"

#include <fmt/format.h>

#include <fstream>

#include "harness/usage_error.h"

namespace breakeven::train {

std::vector<uint8_t> read_data_file(const std::filesystem::path& file) {
  constexpr uintmax_t kMostBytes = uintmax_t{2} << 30;
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status)) {
    throw UsageError(fmt::format("{}: there is no such file; give the folder that holds it", file.string()));
  }
  if (!std::filesystem::is_regular_file(status)) {
    throw UsageError(
        fmt::format("{}: is not a file; give a folder with the data files in it", file.string()));
  }
  const uintmax_t size = std::filesystem::file_size(file, error);
  if (error || size == 0) throw UsageError(fmt::format("{}: is empty; get the file anew", file.string()));
  if (size > kMostBytes) {
    throw UsageError(
        fmt::format("{}: has {} bytes; at most {} (2 GiB) are read", file.string(), size, kMostBytes));
  }
  std::vector<uint8_t> bytes(size);
  std::ifstream in(file, std::ios::binary);
  if (!in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size))) {
    throw UsageError(fmt::format("{}: cannot be read; check its permissions", file.string()));
  }
  if (size >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B) {
    throw UsageError(fmt::format("{}: is compressed; unpack it with gunzip", file.string()));
  }
  return bytes;
}

void add_label(Dataset& data, uint8_t label, const std::filesystem::path& file, int64_t sample) {
  if (label >= data.classes) {
    throw UsageError(fmt::format("{}: sample {} has the label {}; expected 0 to {}", file.string(), sample,
                                 label, data.classes - 1));
  }
  data.labels.push_back(label);
}

int64_t samples_to_take(int64_t asked, int64_t there, const std::string& which,
                        const std::filesystem::path& folder) {
  if (asked < 0 || asked > there) {
    throw UsageError(fmt::format("{}: {} {} samples are asked for; the files hold {}", folder.string(), asked,
                                 which, there));
  }
  return asked == 0 ? there : asked;
}

}  // namespace breakeven::train
