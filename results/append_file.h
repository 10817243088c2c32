// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace breakeven {

/// A file that only grows, by whole pieces that are on disk when `append` returns. Held under an advisory
/// lock, so that two runs never write into one file. Every failure is a UsageError that names the file.
class AppendFile {
 public:
  /// Makes the folders on the way and the file. An empty file may stand there already.
  static AppendFile create(const std::filesystem::path&);
  static AppendFile reopen(const std::filesystem::path&);

  /// All of `bytes`, or an exception and the file as it was.
  void append(std::string_view bytes);
  /// Keeps the first `size` bytes.
  void truncate(int64_t size);
  /// Takes back what `create` did: the file is removed, or empty again when it stood there before.
  void discard();

  int64_t size() const { return size_; }
  const std::filesystem::path& path() const { return path_; }

  AppendFile(AppendFile&&) noexcept;
  AppendFile& operator=(AppendFile&&) = delete;
  ~AppendFile();

 private:
  AppendFile(const std::filesystem::path&, int open_flags);

  std::filesystem::path path_;
  int fd_ = -1;
  int64_t size_ = 0;
  bool created_ = false;
};

}  // namespace breakeven
