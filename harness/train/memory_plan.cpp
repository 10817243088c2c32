// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "harness/train/graph.h"

namespace breakeven::train {
namespace {

constexpr int64_t kLine = 64;

/// From the operation that writes a value to the last that reads it, counted over forward and backward.
struct Life {
  int64_t first = -1, last = -1;
  bool used() const { return last >= 0; }
  bool meets(const Life& other) const { return first <= other.last && other.first <= last; }
};

std::vector<Life> lives(const Program& p) {
  std::vector<Life> life(p.values.size());
  const auto at = [&](ValueId id) -> Life& { return life[static_cast<size_t>(id)]; };
  const BatchValues& in = p.inputs;
  for (const ValueId id : {in.pixels, in.tokens, in.dense, in.rows, in.labels}) {
    if (id != kNoValue) at(id) = {0, 0};
  }
  int64_t now = 0;
  for (const std::vector<Op>* ops : {&p.forward, &p.backward}) {
    for (const Op& op : *ops) {
      ++now;
      for (const ValueId id : op.in) at(id).last = now;
      for (const ValueId id : op.out) at(id) = {now, now};
    }
  }
  for (const ValueId id : {p.loss, p.logits}) at(id).last = now;  // read by whoever ran the step
  return life;
}

int64_t rounded(int64_t bytes) { return (bytes + kLine - 1) / kLine * kLine; }

}  // namespace

MemoryPlan plan_memory(const Program& program, const std::vector<int64_t>& bytes_of) {
  const std::vector<Life> life = lives(program);
  MemoryPlan plan{std::vector<int64_t>(program.values.size(), -1), 0};
  std::vector<size_t> order(program.values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, std::greater<>{}, [&](size_t i) { return bytes_of[i]; });
  std::vector<size_t> placed;  // by offset
  for (const size_t i : order) {
    if (!life[i].used()) continue;
    int64_t offset = 0;
    for (const size_t j : placed) {
      if (!life[i].meets(life[j])) continue;
      if (plan.offset[j] - offset >= rounded(bytes_of[i])) break;  // fits before it
      offset = std::max(offset, plan.offset[j] + rounded(bytes_of[j]));
    }
    plan.offset[i] = offset;
    plan.bytes = std::max(plan.bytes, offset + rounded(bytes_of[i]));
    placed.insert(std::ranges::upper_bound(placed, offset, {}, [&](size_t j) { return plan.offset[j]; }), i);
  }
  return plan;
}

}  // namespace breakeven::train
