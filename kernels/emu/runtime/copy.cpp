// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/runtime/copy.h"

#include <cstring>
#include <map>

namespace breakeven::emu {
namespace {

/// Start of a range that will be read -> its size. Two copies may read from one start.
std::multimap<const std::byte*, size_t>& reads() {
  static std::multimap<const std::byte*, size_t> ranges;
  return ranges;
}

}  // namespace

PinnedRead::PinnedRead(const std::byte* from, size_t bytes) : from_(from) { reads().emplace(from, bytes); }
PinnedRead::~PinnedRead() { reads().erase(reads().find(from_)); }

bool pinned_is_read(const std::byte* at, size_t bytes) {
  for (const auto& [from, size] : reads()) {
    if (from < at + bytes && at < from + size) return true;
  }
  return false;
}

void copy_bytes(std::byte* to, const std::byte* from, size_t bytes) { std::memcpy(to, from, bytes); }

}  // namespace breakeven::emu
