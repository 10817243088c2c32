// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/bare_loop.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace breakeven::cpu {

void BareLoop::place(int64_t a_bytes, int64_t b_bytes, int64_t c_bytes) {
  a_ = SlottedPages(slots_, a_bytes);
  b_ = SlottedPages(slots_, b_bytes);
  c_ = SlottedPages(slots_, c_bytes);
  a_.fill(0);
  b_.fill(0);
  poison();
}

bool BareLoop::equals(int64_t slot, const Tensor& expected) {
  return expected.bytes() == c_.bytes() &&
         std::memcmp(c_.at(slot), expected.data(), static_cast<size_t>(c_.bytes())) == 0;
}

bool BareLoop::untouched(int64_t slot) const {
  return std::all_of(c_.at(slot), c_.at(slot) + c_.bytes(),
                     [](std::byte b) { return b == std::byte{kPoisonByte}; });
}

bool BareLoop::distinct() const {
  std::vector<std::pair<const std::byte*, const std::byte*>> ranges;  // [begin, end)
  for (const SlottedPages* pages : {&a_, &b_, &c_}) {
    for (int64_t slot = 0; slot < slots_; ++slot)
      ranges.emplace_back(pages->at(slot), pages->at(slot) + pages->bytes());
  }
  std::ranges::sort(ranges);
  return std::ranges::adjacent_find(ranges, [](const auto& one, const auto& next) {
           return one.second > next.first;
         }) == ranges.end();
}

}  // namespace breakeven::cpu
