// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace breakeven::emu {

/// What a page-locked destination holds until the stream has written it.
inline constexpr unsigned char kUnwritten = 0xFB;

/// While one exists, a copy that has not run yet will read these bytes of page-locked memory.
class PinnedRead {
 public:
  PinnedRead(const std::byte* from, size_t bytes);
  ~PinnedRead();
  PinnedRead(const PinnedRead&) = delete;
  PinnedRead& operator=(const PinnedRead&) = delete;

 private:
  const std::byte* from_;
};
bool pinned_is_read(const std::byte* at, size_t bytes);

/// What the copy engines do, at the moment when the stream gets there.
void copy_bytes(std::byte* to, const std::byte* from, size_t bytes);

}  // namespace breakeven::emu
