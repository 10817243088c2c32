// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/simd_gemm.h"

#include <algorithm>
#include <cstring>

namespace breakeven::cpu {
namespace {

// A block of A (rows x block_depth) takes at most 384 KiB, so that it stays in L2 while the strips of B pass
// by; the block of B at most 6 MiB of the last level.
constexpr int64_t kBlockABytes = 384 << 10;
constexpr int64_t kBlockBBytes = 6 << 20;
constexpr int64_t kThinColumns = 1024,
                  kThinGrain = 64;  // of a thin product: columns at a time, and shared out by
constexpr int64_t kMostTileBytes = 4096;

int64_t divided_up(int64_t x, int64_t by) { return (x + by - 1) / by; }
int64_t rounded_up(int64_t x, int64_t to) { return divided_up(x, to) * to; }

int64_t strip_a_bytes(const SimdUnit& u, int64_t depth) {
  return u.rows * rounded_up(depth, u.group) * u.packed_bytes;
}
int64_t strip_b_bytes(const SimdUnit& u, int64_t depth) {
  return u.columns * rounded_up(depth, u.group) * u.packed_bytes + u.b_trailer_bytes;
}

/// Part `index` of `count` nearly equal parts of 0..total.
struct Part {
  int64_t begin, end;
};
Part part(int64_t total, int64_t index, int64_t count) {
  return {total * index / count, total * (index + 1) / count};
}

/// The team that runs the enclosing parallel region is exactly the workers.
void wait_for_all(const Worker& w) {
  if (w.count > 1) {
#pragma omp barrier
  }
}

/// What stays the same throughout one product.
struct Product {
  const SimdUnit& u;
  const Extents& e;
  const Blocking& blocking;
  const Worker& worker;
  const std::byte* a;
  const std::byte* b;
  std::byte* sums;
  int64_t element;  // bytes of an unpacked input

  std::byte* sum_at(int64_t i, int64_t j) const { return sums + (i * e.n + j) * u.sum_bytes; }
};

/// A tile that sticks out of C is computed beside it.
void edge_tile(const Product& p, int64_t depth, const std::byte* a, const std::byte* b, int64_t i, int64_t j,
               Sum sum) {
  alignas(64) std::byte beside[kMostTileBytes];
  const int64_t rows = std::min(p.u.rows, p.e.m - i), line = p.u.columns * p.u.sum_bytes;
  const size_t used = static_cast<size_t>(std::min(p.u.columns, p.e.n - j) * p.u.sum_bytes);
  if (sum == Sum::go_on) {
    for (int64_t r = 0; r < rows; ++r) std::memcpy(beside + r * line, p.sum_at(i + r, j), used);
  }
  p.u.tile(depth, a, b, beside, p.u.columns, sum);
  for (int64_t r = 0; r < rows; ++r) std::memcpy(p.sum_at(i + r, j), beside + r * line, used);
}

/// All tiles of a block of packed A (rows from `row`) with the strips of B from `strip` to `strip_end`.
void multiply_block(const Product& p, int64_t depth, Part rows, Part strips, int64_t first_column, Sum sum) {
  const int64_t a_bytes = strip_a_bytes(p.u, depth), b_bytes = strip_b_bytes(p.u, depth);
  for (int64_t s = strips.begin; s < strips.end; ++s) {
    const std::byte* b = p.worker.packed_b + s * b_bytes;
    const int64_t j = first_column + s * p.u.columns;
    const std::byte* a = p.worker.packed_a;
    for (int64_t i = rows.begin; i < rows.end; i += p.u.rows, a += a_bytes) {
      if (i + p.u.rows <= p.e.m && j + p.u.columns <= p.e.n) {
        p.u.tile(depth, a, b, p.sum_at(i, j), p.e.n, sum);
      } else {
        edge_tile(p, depth, a, b, i, j, sum);
      }
    }
  }
}

void pack_b_strips(const Product& p, int64_t k, int64_t depth, int64_t column, int64_t columns) {
  const int64_t strips = divided_up(columns, p.u.columns), b_bytes = strip_b_bytes(p.u, depth);
  const Part mine = part(strips, p.worker.index, p.worker.count);
  for (int64_t s = mine.begin; s < mine.end; ++s) {
    const int64_t j = s * p.u.columns;
    p.u.pack_b(p.b + (k * p.e.n + column + j) * p.element, p.e.n, depth, std::min(p.u.columns, columns - j),
               p.worker.packed_b + s * b_bytes);
  }
}

void pack_a_strips(const Product& p, int64_t k, int64_t depth, Part rows) {
  std::byte* out = p.worker.packed_a;
  for (int64_t i = rows.begin; i < rows.end; i += p.u.rows, out += strip_a_bytes(p.u, depth)) {
    p.u.pack_a(p.a + (i * p.e.k + k) * p.element, p.e.k, std::min(p.u.rows, p.e.m - i), depth, out);
  }
}

/// This worker's tasks of one packed block of B: blocks of rows, times parts of the columns.
void multiply_tasks(const Product& p, int64_t k, int64_t depth, int64_t column, int64_t columns,
                    const Finish& finish) {
  const int64_t strips_m = divided_up(p.e.m, p.u.rows), strips_n = divided_up(columns, p.u.columns);
  const int64_t parts = p.blocking.column_parts;
  const Part tasks = part(p.blocking.row_blocks * parts, p.worker.index, p.worker.count);
  for (int64_t t = tasks.begin; t < tasks.end; ++t) {
    const Part block = part(strips_m, t / parts, p.blocking.row_blocks),
               strips = part(strips_n, t % parts, parts);
    const Part rows{block.begin * p.u.rows, std::min(p.e.m, block.end * p.u.rows)};
    if (rows.begin >= rows.end || strips.begin >= strips.end) continue;
    pack_a_strips(p, k, depth, rows);
    multiply_block(p, depth, rows, strips, column, k == 0 ? Sum::begin : Sum::go_on);
    if (k + depth < p.e.k) continue;
    const int64_t from = column + strips.begin * p.u.columns;
    const int64_t to = std::min(column + columns, column + strips.end * p.u.columns);
    finish(rows.begin, rows.end - rows.begin, from, to - from);
  }
}

/// Few rows: every element of B is used so few times that it is read where it lies, along its rows.
void multiply_thin(const Product& p, const Finish& finish) {
  const Part mine = part(divided_up(p.e.n, kThinGrain), p.worker.index, p.worker.count);
  const int64_t end = std::min(p.e.n, mine.end * (kThinGrain));
  for (int64_t j = mine.begin * (kThinGrain); j < end; j += kThinColumns) {
    const int64_t columns = std::min(kThinColumns, end - j);
    p.u.thin(p.a, p.e.k, p.b + j * p.element, p.e.n, p.sum_at(0, j), p.e.n, p.e.m, p.e.k, columns);
    finish(0, p.e.m, j, columns);
  }
}

/// One column: an inner product for every row of A.
void multiply_column(const Product& p, const Finish& finish) {
  const Part mine = part(p.e.m, p.worker.index, p.worker.count);
  const int64_t rows = mine.end - mine.begin;
  if (rows == 0) return;
  p.u.column(p.a + mine.begin * p.e.k * p.element, p.b, p.sum_at(mine.begin, 0), rows, p.e.k);
  finish(mine.begin, rows, 0, 1);
}

}  // namespace

Blocking choose_blocking(const SimdUnit& u, const Extents& e, int workers) {
  const int64_t depth = std::min(u.block_depth, e.k);
  const int64_t most_strips = std::max<int64_t>(1, kBlockABytes / strip_a_bytes(u, u.block_depth));
  const int64_t strips = divided_up(e.m, u.rows), row_parts = std::min<int64_t>(workers, strips);
  const int64_t columns = std::max<int64_t>(1, kBlockBBytes / strip_b_bytes(u, u.block_depth)) * u.columns;
  return {.depth = depth,
          .columns = std::min(columns, rounded_up(e.n, u.columns)),
          .row_blocks = row_parts * divided_up(strips, row_parts * most_strips),
          .column_parts = workers / row_parts};
}

int64_t packed_a_bytes(const SimdUnit& u, const Extents& e, const Blocking& blocking) {
  const int64_t strips = divided_up(divided_up(e.m, u.rows), blocking.row_blocks);
  return rounded_up(strips * strip_a_bytes(u, blocking.depth), 64);
}

int64_t packed_b_bytes(const SimdUnit& u, const Extents&, const Blocking& blocking) {
  return rounded_up(divided_up(blocking.columns, u.columns) * strip_b_bytes(u, blocking.depth), 64);
}

void multiply(const SimdUnit& u, const Extents& e, const Blocking& blocking, const Worker& worker,
              int64_t element, const void* a, const void* b, void* sums, const Finish& finish) {
  const Product p{u,
                  e,
                  blocking,
                  worker,
                  static_cast<const std::byte*>(a),
                  static_cast<const std::byte*>(b),
                  static_cast<std::byte*>(sums),
                  element};
  if (e.n == 1) return multiply_column(p, finish);
  if (e.m <= kThinRows) return multiply_thin(p, finish);
  if (u.enter) u.enter();
  for (int64_t column = 0; column < e.n; column += blocking.columns) {
    const int64_t columns = std::min(blocking.columns, e.n - column);
    for (int64_t k = 0; k < e.k; k += blocking.depth) {
      const int64_t depth = std::min(blocking.depth, e.k - k);
      pack_b_strips(p, k, depth, column, columns);
      wait_for_all(worker);
      multiply_tasks(p, k, depth, column, columns, finish);
      wait_for_all(worker);  // before anyone packs over the block of B
    }
  }
  if (u.leave) u.leave();
}

}  // namespace breakeven::cpu
