// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/order.h"

#include <fmt/format.h>

#include <numeric>
#include <stdexcept>
#include <utility>

#include "harness/philox.h"

namespace breakeven::train {
namespace {

// Apart from the counters of initial parameters and of augmentation, whose high words are small.
constexpr uint64_t kOrderStream = uint64_t{1} << 32, kWindowStream = uint64_t{1} << 33;

/// Words of one stream by number; keeps the block of the last one.
class Words {
 public:
  Words(uint64_t seed, uint64_t high) : seed_(seed), high_(high) {}
  uint32_t operator()(uint64_t number) {
    if (number / 4 != at_) {
      at_ = number / 4;
      block_ = philox(seed_, at_, high_);
    }
    return block_.word[number % 4];
  }

 private:
  uint64_t seed_, high_, at_ = UINT64_MAX;
  PhiloxBlock block_{};
};

uint32_t below(uint32_t word, uint64_t limit) { return static_cast<uint32_t>((word * limit) >> 32); }

}  // namespace

std::vector<uint32_t> epoch_order(uint64_t seed, uint64_t epoch, int64_t samples) {
  std::vector<uint32_t> order(static_cast<size_t>(samples));
  std::iota(order.begin(), order.end(), 0u);
  Words words(seed, kOrderStream + epoch);
  for (size_t i = order.size(); i-- > 1;) std::swap(order[i], order[below(words(i), i + 1)]);
  return order;
}

std::vector<uint32_t> window_starts(uint64_t seed, int64_t first, int64_t count, int64_t tokens,
                                    int64_t window) {
  if (tokens <= window)
    throw std::runtime_error(
        fmt::format("a text of {} tokens has no window of {} and the token after it", tokens, window));
  std::vector<uint32_t> starts(static_cast<size_t>(count));
  Words words(seed, kWindowStream);
  for (size_t i = 0; i < starts.size(); ++i)
    starts[i] = below(words(static_cast<uint64_t>(first) + i), static_cast<uint64_t>(tokens - window));
  return starts;
}

}  // namespace breakeven::train
