// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/initial.h"

#include <algorithm>
#include <span>

#include "harness/philox.h"

namespace breakeven::train {
namespace {

constexpr int32_t kHalf = 1 << 23;

void draw(std::span<float> out, uint64_t seed, uint64_t number, float bound) {
#pragma omp parallel for schedule(static)
  for (size_t first = 0; first < out.size(); first += 4) {
    const PhiloxBlock block = philox(seed, first / 4, number);
    for (size_t i = first; i < std::min(first + 4, out.size()); ++i) {
      const auto whole = static_cast<int32_t>(block.word[i - first] >> 8) - kHalf;
      out[i] = static_cast<float>(whole) / static_cast<float>(kHalf) * bound;  // rounded once
    }
  }
}

}  // namespace

std::vector<float> initial_parameters(const Program& program, uint64_t seed) {
  std::vector<float> arena(static_cast<size_t>(program.arena_size()), 0.0f);
  for (size_t j = 0; j < program.parameters.size(); ++j) {
    const Parameter& p = program.parameters[j];
    const std::span<float> part(arena.data() + p.offset, static_cast<size_t>(p.size));
    if (p.bound > 0) {
      draw(part, seed, j, p.bound);
    } else {
      std::ranges::fill(part, p.constant);
    }
  }
  return arena;
}

std::vector<float> initial_states(const Program& program) {
  std::vector<float> arena(static_cast<size_t>(program.state_size()));
  for (const State& s : program.states) std::fill_n(arena.begin() + s.offset, s.size, s.initial);
  return arena;
}

}  // namespace breakeven::train
