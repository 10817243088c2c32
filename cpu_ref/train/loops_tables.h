// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/train/loops_share.h"

// Rows of tables, and their gradients: dense ones, each row the sum of what came for it in the order of the
// batch. A task takes some of the rows and some of the columns and walks through all that came; so no two
// threads add to one line, and sums do not depend on their number.

namespace breakeven::cpu {
namespace {

template <class F>
void embed(const Embed& e) {
  const int64_t n = e.width;
  in_parallel(e.batch * e.tokens, e.batch * e.tokens * n, [&](int64_t i) {
    const float *row = e.table + e.ids[i] * n, *position = e.positions + i % e.tokens * n;
    auto* x = elements<F>(e.x) + i * n;
    for_vectors(n, [=](int64_t c, auto lanes) {
      put<F>(get<Fp32Format>(row + c, lanes) + get<Fp32Format>(position + c, lanes), x + c, lanes);
    });
  });
}

template <class F>
void lookup(const Lookup& l) {
  const int64_t n = l.width;
  in_pieces(l.count, 64, l.count * n, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const float* row = l.table + l.rows[i] * n;
      auto* e = elements<F>(l.e) + i * n;
      for_vectors(n, [=](int64_t c, auto lanes) { put<F>(get<Fp32Format>(row + c, lanes), e + c, lanes); });
    }
  });
}

struct Scatter {
  const int32_t* rows;
  const void* from;  // [count, width]
  float* table;
  int64_t count, width, table_rows;
};

/// Columns first .. last - 1 of the rows that are `share` modulo `shares`.
template <class F>
void scatter_share(const Scatter& s, int64_t first, int64_t last, uint32_t share, uint32_t mask) {
  const auto* from = elements<F>(s.from);
  const int64_t width = s.width, columns = last - first;
  for (int64_t i = 0; i < s.count; ++i) {
    const int32_t row = s.rows[i];
    if ((static_cast<uint32_t>(row) & mask) != share) continue;
    float* to = s.table + row * width + first;
    const auto* add = from + i * width + first;
    for_vectors(columns, [=](int64_t c, auto lanes) {
      put<Fp32Format>(get<Fp32Format>(to + c, lanes) + get<F>(add + c, lanes), to + c, lanes);
    });
  }
}

inline void zero(float* x, int64_t n) {
  in_pieces(n, kPiece, n, [=](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) x[i] = 0;
  });
}

template <class F>
void scatter_add(const Scatter& s) {
  constexpr int64_t kColumns = 64;  // of a task
  const int64_t columns = (s.width + kColumns - 1) / kColumns;
  uint32_t shares = 1;
  while (shares * columns < omp_get_max_threads()) shares *= 2;
  in_parallel(columns * shares, s.count * s.width, [&](int64_t task) {
    const int64_t first = task / shares * kColumns, last = first + kColumns;
    scatter_share<F>(s, first, last < s.width ? last : s.width, static_cast<uint32_t>(task % shares),
                     shares - 1);
  });
}

template <class F>
void embed_bwd(const EmbedBackward& e) {
  const int64_t n = e.width;
  if (!e.accumulate) zero(e.dtable, e.vocabulary * n);
  scatter_add<F>({e.ids, e.dx, e.dtable, e.batch * e.tokens, n, e.vocabulary});
  in_parallel(e.tokens, e.batch * e.tokens * n, [&](int64_t t) {
    float* to = e.dpositions + t * n;
    const auto* from = elements<F>(e.dx) + t * n;
    for_vectors(n, [&](int64_t c, auto lanes) {
      Floats sum{};
      for (int64_t b = 0; b < e.batch; ++b) sum += get<F>(from + b * e.tokens * n + c, lanes);
      put<Fp32Format>(sum, to + c, lanes);
    });
  });
}

template <class F>
void lookup_bwd(const LookupBackward& l) {
  zero(l.dtable, l.table_rows * l.width);
  scatter_add<F>({l.rows, l.de, l.dtable, l.count, l.width, l.table_rows});
}

}  // namespace
}  // namespace breakeven::cpu
