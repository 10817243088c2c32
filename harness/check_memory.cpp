// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/check_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <numeric>

#include "harness/memory_bound.h"
#include "harness/operand.h"
#include "harness/worst_element.h"

namespace breakeven {
namespace {

// Up to so many elements read every one is compared; above, the judge would cost more than the measurement.
constexpr int64_t kWholeElements = int64_t{1} << 20;
constexpr int64_t kEnd = 64;        // so many elements at both ends of every result are always compared
constexpr int64_t kSpread = 2048;   // probes of a flat result, in as many equal parts
constexpr int64_t kProbeRows = 48;  // rows of a matrix
constexpr int64_t kPerRow = 96;     // probes of each, at its ends and spread over the rest
constexpr int64_t kColumnSums = 96;

/// Elements of all operands and results; a sum over rows reads them for every column.
int64_t elements(const MemoryOp& op) {
  int64_t sum = 0;
  for (const auto& arrays : {op.operands(), op.results()}) {
    for (const ArrayShape& a : arrays) sum += a.size();
  }
  return sum;
}

/// One of each of `count` equal parts of 0 .. size - 1, drawn, and `ends` elements at both ends; sorted.
std::vector<int64_t> spread(int64_t size, int64_t count, int64_t ends, uint64_t seed, uint64_t stream) {
  std::vector<int64_t> chosen;
  for (int64_t i = 0; i < std::min(ends, size); ++i) chosen.insert(chosen.end(), {i, size - 1 - i});
  const int64_t parts = std::min(count, size);
  for (int64_t i = 0; i < parts; ++i) {
    const int64_t first = size / parts * i, length = i == parts - 1 ? size - first : size / parts;
    chosen.push_back(first + static_cast<int64_t>(uniform_word(seed, stream, static_cast<uint64_t>(i)) %
                                                  static_cast<uint64_t>(length)));
  }
  std::ranges::sort(chosen);
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  return chosen;
}

/// Of one result. Rows and columns are drawn apart, so that the judge works out few rows.
std::vector<int64_t> probes_of(const MemoryOp& op, const ArrayShape& result, Depth depth, uint64_t seed) {
  const int64_t fewer = depth == Depth::whole ? 1 : 8;
  const bool rows_matter = op.columns > 0;
  if (result.extents.size() == 2) {
    const int64_t rows = result.extents[0], columns = result.extents[1];
    std::vector<int64_t> made;
    for (const int64_t row : spread(rows, kProbeRows / fewer, 1, seed, 0x80)) {
      for (const int64_t column : spread(columns, kPerRow / fewer, kEnd / fewer, seed, 0x81))
        made.push_back(row * columns + column);
    }
    return made;
  }
  const bool sums = op.kind == MemoryKind::layernorm_bwd;
  const int64_t count = sums ? kColumnSums : rows_matter ? kProbeRows : kSpread;
  // A row's own numbers (mean, loss) at the rows that are probed anyway; the other sequences everywhere.
  return spread(result.size(), count / fewer, rows_matter && !sums ? 1 : kEnd / fewer, seed,
                rows_matter && !sums ? 0x80 : 0x82);
}

/// Whether every element is a number: whatever was not written is none (kPoisonByte).
void scan(const Tensor& t, size_t result, Worst& worst) {
  constexpr int64_t kPiece = 1 << 12;
  std::atomic<int64_t> found = t.size();
#pragma omp parallel for schedule(static) if (t.size() > 1 << 16)
  for (int64_t first = 0; first < t.size(); first += kPiece) {
    double values[kPiece];
    const int64_t count = std::min(kPiece, t.size() - first);
    t.decode(first, 1, {values, static_cast<size_t>(count)});
    for (int64_t i = 0; i < count; ++i) {
      if (std::isfinite(values[i])) continue;
      int64_t before = found;
      while (first + i < before && !found.compare_exchange_weak(before, first + i)) {
      }
      break;
    }
  }
  if (found == t.size()) return;
  worst.look(std::abs(t.at(found)), 0, [&] {
    return fmt::format("element {} of result {} is {}: not written, or not a number", found.load(), result,
                       t.at(found));
  });
}

/// A copy has the bytes of its operand, the first that differ are told.
void compare_copy(const Tensor& x, const Tensor& y, Worst& worst) {
  if (std::memcmp(x.data(), y.data(), static_cast<size_t>(x.bytes())) == 0) return;
  const int64_t each = bytes(x.element());
  int64_t at = 0;
  while (std::memcmp(x.data() + at * each, y.data() + at * each, static_cast<size_t>(each)) == 0) ++at;
  worst.look(std::abs(y.at(at) - x.at(at)), 0,
             [&] { return fmt::format("element {} is {:.9g}, expected {:.9g}", at, y.at(at), x.at(at)); });
}

/// Every row of a softmax adds up to 1, within what its elements' roundings and the sum's can amount to.
void compare_row_sums(const MemoryOp& op, const Tensor& y, Worst& worst) {
  std::vector<double> sums(static_cast<size_t>(op.rows));
#pragma omp parallel
  {
    std::vector<double> row(static_cast<size_t>(op.columns));
#pragma omp for schedule(static)
    for (int64_t i = 0; i < op.rows; ++i) {
      y.decode(i * op.columns, 1, row);
      sums[static_cast<size_t>(i)] = std::accumulate(row.begin(), row.end(), 0.0);
    }
  }
  const double columns = static_cast<double>(op.columns);
  const double subnormal = op.precision == Precision::fp16 ? 0x1p-25 : 0x1p-126;
  const double bound =
      facts(op.precision).output_roundoff + 0x1p-24 * (32 + 2 * std::sqrt(columns)) + columns * subnormal;
  for (size_t i = 0; i < sums.size(); ++i) {
    worst.look(std::abs(sums[i] - 1), bound,
               [&] { return fmt::format("row {} adds up to {:.9g}, expected 1", i, sums[i]); });
  }
}

struct Compared {
  std::vector<double> expected;
  Worst worst;
};

/// Probes of every result, in the sequence of all results.
Compared compare_probes(const MemoryOp& op, const Inputs& inputs, const std::vector<Tensor>& outputs,
                        const Judge& judge, const std::vector<std::vector<int64_t>>& probes) {
  std::vector<int64_t> positions;
  int64_t start = 0;
  for (size_t r = 0; r < probes.size(); ++r) {
    for (const int64_t i : probes[r]) positions.push_back(start + i);
    start += outputs[r].size();
  }
  Compared made{judge(op, inputs, positions), {}};
  MemoryBound bound(op, inputs);
  size_t p = 0;
  for (size_t r = 0; r < probes.size(); ++r) {
    for (const int64_t i : probes[r]) {
      const double expected = made.expected[p++], got = outputs[r].at(i);
      made.worst.look(std::abs(got - expected), bound.of(r, i, expected), [&] {
        return fmt::format("element {} of result {} is {:.9g}, expected {:.9g}", i, r, got, expected);
      });
    }
  }
  return made;
}

bool fits(const MemoryOp& op, const std::vector<Tensor>& outputs) {
  const std::vector<ArrayShape> shapes = op.results();
  return std::ranges::equal(shapes, outputs, [](const ArrayShape& a, const Tensor& t) {
    return a.element == t.element() && a.size() == t.size();
  });
}

}  // namespace

Check check_memory(const MemoryOp& op, const Inputs& inputs, const std::vector<Tensor>& outputs,
                   const Judge& judge, Depth depth, uint64_t seed) {
  if (!fits(op, outputs))
    return {"elements", 1, 0, Verdict::wrong, "results of another shape than asked for"};
  const bool whole = depth == Depth::whole && elements(op) <= kWholeElements;
  std::vector<std::vector<int64_t>> probes;
  for (const ArrayShape& result : op.results()) {
    if (whole) {
      std::vector<int64_t>& every = probes.emplace_back(static_cast<size_t>(result.size()));
      std::iota(every.begin(), every.end(), 0);
    } else {
      probes.push_back(probes_of(op, result, depth, seed));
    }
  }
  Compared made = compare_probes(op, inputs, outputs, judge, probes);
  for (size_t r = 0; r < outputs.size() && !whole; ++r) scan(outputs[r], r, made.worst);
  if (depth == Depth::whole && op.kind == MemoryKind::copy)
    compare_copy(inputs.operands[0], outputs[0], made.worst);
  if (depth == Depth::whole && op.kind == MemoryKind::softmax) compare_row_sums(op, outputs[0], made.worst);
  const bool all = whole || (depth == Depth::whole && op.kind == MemoryKind::copy);
  return made.worst.in_units_of(root_mean_square(made.expected), all ? "elements" : "probes");
}

}  // namespace breakeven
