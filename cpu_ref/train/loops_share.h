// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <omp.h>

#include "cpu_ref/memory_exp.h"
#include "cpu_ref/train/train_unit.h"

// How the loops of a training step share their work. Pieces are the same for any number of threads.

namespace breakeven::cpu {
namespace {

/// Elements from which on a second thread is worth its start.
constexpr int64_t kWorthTeam = 1 << 14;

/// Which pieces of n are this thread's.
struct Mine {
  int64_t first, last;
  explicit Mine(int64_t n)
      : first(n * omp_get_thread_num() / omp_get_num_threads()),
        last(n * (omp_get_thread_num() + 1) / omp_get_num_threads()) {}
};

/// each(i) for this thread's pieces; backwards, so that what a pass before it left in the caches is met
/// first.
template <class Each>
void forwards(int64_t pieces, Each each) {
  const Mine mine(pieces);
  for (int64_t i = mine.first; i < mine.last; ++i) each(i);
}
template <class Each>
void backwards(int64_t pieces, Each each) {
  const Mine mine(pieces);
  for (int64_t i = mine.last; i-- > mine.first;) each(i);
}

/// each(i) for 0 <= i < pieces, of `elements` in all.
template <class Each>
void in_parallel(int64_t pieces, int64_t elements, Each each) {
#pragma omp parallel if (elements >= kWorthTeam)
  forwards(pieces, each);
}

/// each(first, last) over 0 .. n - 1 in pieces of `length`.
template <class Each>
void in_pieces(int64_t n, int64_t length, int64_t elements, Each each) {
  in_parallel((n + length - 1) / length, elements, [=](int64_t i) {
    const int64_t first = i * length, last = first + length;
    each(first, last < n ? last : n);
  });
}
constexpr int64_t kPiece = 2048;  // elements of a flat array

template <class F>
const typename F::Element* elements(const void* x) {
  return static_cast<const typename F::Element*>(x);
}
template <class F>
typename F::Element* elements(void* x) {
  return static_cast<typename F::Element*>(x);
}

/// A float at a time, for tails and single values.
template <class F>
float one(const typename F::Element* from) {
  return get<F>(from, Part{1})[0];
}
template <class F>
void put_one(float v, typename F::Element* to) {
  put<F>(all(v), to, Part{1});
}
/// As it comes back from memory.
template <class F>
Floats rounded(Floats v) {
  return F::widen(F::narrow(v));
}

inline Floats floats_at(const float* from) { return load<Floats>(from); }

/// Blocks of rows whose sums are taken apart: enough for many threads, few enough that adding them up is
/// little.
struct Blocks {
  int64_t rows, length, count;
  Blocks(int64_t rows_in_all, int64_t columns, int64_t unit = 1) : rows(rows_in_all) {
    constexpr int64_t kElements = 1 << 14, kMost = 128;
    const int64_t wanted = rows * columns / kElements + 1;
    const int64_t some = wanted < kMost ? wanted : kMost;
    length = ((rows + some - 1) / some + unit - 1) / unit * unit;
    count = (rows + length - 1) / length;
  }
  int64_t first(int64_t block) const { return block * length; }
  int64_t last(int64_t block) const { return (block + 1) * length < rows ? (block + 1) * length : rows; }
};

/// out[i] = sum over blocks of parts[block][i], n wide: in the order of blocks, by all threads.
inline void add_blocks(const float* parts, int64_t count, int64_t n, float factor, bool accumulate,
                       float* out) {
  for_vectors(n, [=](int64_t i, auto lanes) {
    Floats sum{};
    for (int64_t b = 0; b < count; ++b) sum += get<Fp32Format>(parts + b * n + i, lanes);
    sum *= factor;
    if (accumulate) sum += get<Fp32Format>(out + i, lanes);
    put<Fp32Format>(sum, out + i, lanes);
  });
}

}  // namespace
}  // namespace breakeven::cpu
