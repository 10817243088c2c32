// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/bare_loop.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace breakeven::cpu {

BareLoop::BareLoop(const Gemm& gemm, const Inputs& inputs, int64_t slots)
    : gemm_(gemm),
      a_(slots, inputs.operands[0].bytes()),
      c_(slots, gemm.outputs() * bytes(facts(gemm.precision).output)),
      slots_(slots) {
  a_.copy_in(inputs.operands[0].data());
  poison();
}

bool BareLoop::equals(int64_t slot, const Tensor& expected) const {
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
