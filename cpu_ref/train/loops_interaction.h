// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/train/loops_transpose.h"

// Products of all pairs of a sample's vectors v = x, e_0, e_1, ... A lane is a sample: of kLanes samples
// every vector is turned, so that a product adds whole vectors, and the results are turned back.

namespace breakeven::cpu {
namespace {

/// A thread's samples, turned: rows of kLanes floats.
struct Turned {
  int64_t vectors, width, padded_width, pairs;
  float *v, *products, *gradients;
  Turned(const auto& n, float* room)
      : vectors(n.fields + 1), width(n.width), padded_width(padded(n.width)), pairs(pairs_of(n)) {
    v = room;
    products = v + vectors * padded_width * kLanes;
    gradients = products + padded(pairs) * kLanes;
  }
  static int64_t pairs_of(const auto& n) { return (n.fields + 1) * n.fields / 2; }
  static int64_t floats(const auto& n) {
    return (2 * (n.fields + 1) * padded(n.width) + padded(pairs_of(n))) * kLanes;
  }
  float* row(float* of, int64_t vector, int64_t column) const {
    return of + (vector * padded_width + column) * kLanes;
  }
};

template <class F>
void turn_vectors(const Turned& t, const typename F::Element* x, const typename F::Element* e,
                  int64_t samples) {
  for (int64_t k = 0; k < t.vectors; ++k) {
    const auto* from = k == 0 ? x : e + (k - 1) * t.width;
    const int64_t pitch = k == 0 ? t.width : (t.vectors - 1) * t.width;
    transposed(samples, t.width, t.row(t.v, k, 0), kLanes, [=](int64_t sample, int64_t c, auto lanes) {
      return get<F>(from + sample * pitch + c, lanes);
    });
  }
}

inline Floats pair_product(const Turned& t, int64_t i, int64_t j) {
  Floats sums[2] = {};
  const float *a = t.row(t.v, i, 0), *b = t.row(t.v, j, 0);
  for (int64_t d = 0; d < t.width; ++d) sums[d % 2] += floats_at(a + d * kLanes) * floats_at(b + d * kLanes);
  return sums[0] + sums[1];
}

/// each(samples, first sample, turned) for groups of kLanes samples.
template <class F, class Each>
void over_groups(const auto& n, Each each) {
  const int64_t room = Turned::floats(n);
  float* rooms = n.room->floats(room * omp_get_max_threads());
  in_pieces(n.batch, kLanes, n.batch * n.width * (n.fields + 1), [&](int64_t first, int64_t last) {
    const Turned turned(n, rooms + room * omp_get_thread_num());
    turn_vectors<F>(turned, elements<F>(n.x) + first * n.width, elements<F>(n.e) + first * n.fields * n.width,
                    last - first);
    each(turned, first, last - first);
  });
}

template <class F>
void interaction(const Interaction& n) {
  over_groups<F>(n, [&](const Turned& t, int64_t first, int64_t samples) {
    const int64_t pitch = t.width + t.pairs;
    auto* z = elements<F>(n.z) + first * pitch;
    const auto* x = elements<F>(n.x) + first * t.width;
    for (int64_t s = 0; s < samples; ++s) {
      __builtin_memcpy(z + s * pitch, x + s * t.width, static_cast<uint64_t>(t.width) * sizeof(*z));
    }
    int64_t pair = 0;
    for (int64_t i = 0; i < t.vectors; ++i) {
      for (int64_t j = i + 1; j < t.vectors; ++j) store(pair_product(t, i, j), t.products + pair++ * kLanes);
    }
    transposed_back(t.products, kLanes, samples, t.pairs, [=](Floats v, int64_t s, int64_t p, auto lanes) {
      put<F>(v, z + s * pitch + t.width + p, lanes);
    });
  });
}

/// The number of pair (i, j), i < j.
inline int64_t pair_of(const Turned& t, int64_t i, int64_t j) {
  return i * t.vectors - i * (i + 1) / 2 + j - i - 1;
}

/// dv_i = sum over j of dz(i, j) v_j, kColumns of them from d on.
template <int kColumns>
void gradient_columns(const Turned& t, int64_t i, int64_t d) {
  Floats sums[kColumns] = {};
  for (int64_t j = 0; j < t.vectors; ++j) {
    if (j == i) continue;
    const Floats dz = floats_at(t.products + (i < j ? pair_of(t, i, j) : pair_of(t, j, i)) * kLanes);
    const float* v = t.row(t.v, j, d);
    for (int k = 0; k < kColumns; ++k) sums[k] += dz * floats_at(v + k * kLanes);
  }
  for (int k = 0; k < kColumns; ++k) store(sums[k], t.row(t.gradients, i, d + k));
}
inline void vector_gradient(const Turned& t, int64_t i) {
  constexpr int kSide = 8;
  int64_t d = 0;
  for (; d + kSide <= t.width; d += kSide) gradient_columns<kSide>(t, i, d);
  for (; d < t.width; ++d) gradient_columns<1>(t, i, d);
}

template <class F>
void interaction_bwd(const InteractionBackward& n) {
  over_groups<F>(n, [&](const Turned& t, int64_t first, int64_t samples) {
    const int64_t pitch = t.width + t.pairs, e_pitch = n.fields * t.width;
    const auto* dz = elements<F>(n.dz) + first * pitch;
    transposed(samples, t.pairs, t.products, kLanes,
               [=](int64_t s, int64_t p, auto lanes) { return get<F>(dz + s * pitch + t.width + p, lanes); });
    for (int64_t i = 0; i < t.vectors; ++i) vector_gradient(t, i);
    auto *dx = elements<F>(n.dx) + first * t.width, *de = elements<F>(n.de) + first * e_pitch;
    transposed_back(t.row(t.gradients, 0, 0), kLanes, samples, t.width,
                    [=](Floats v, int64_t s, int64_t d, auto lanes) {
                      put<F>(v + get<F>(dz + s * pitch + d, lanes), dx + s * t.width + d, lanes);
                    });
    for (int64_t f = 0; f < n.fields; ++f) {
      transposed_back(t.row(t.gradients, f + 1, 0), kLanes, samples, t.width,
                      [=](Floats v, int64_t s, int64_t d, auto lanes) {
                        put<F>(v, de + s * e_pitch + f * t.width + d, lanes);
                      });
    }
  });
}

}  // namespace
}  // namespace breakeven::cpu
