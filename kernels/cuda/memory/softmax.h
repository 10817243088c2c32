// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/memory/kept_row.h"

// exp(x - max) of a row and its sum, for softmax and cross entropy.

namespace breakeven::cuda {

/// What lies outside a row: it is never the largest and adds nothing.
template <class T>
__device__ inline T nothing() {
  return narrow<T>(-INFINITY);
}

/// The largest of a row and the sum of exp(x - largest).
struct Exponentials {
  float largest, sum;
};

/// The kept row becomes exp(x - largest).
template <class T, Team team, int kept>
__device__ inline Exponentials exponentiate(KeptRow<T, team, kept>& row, const Row<const T>& x) {
  float largest = -INFINITY, sum = 0;
  row.each(x, [&](float value, int) {
    largest = fmaxf(largest, value);
    return value;
  });
  largest = over_team<Largest, team>(largest);
  row.each(x, [&](float value, int) {
    const float e = expf(value - largest);
    sum += e;
    return e;
  });
  return {largest, over_team<Sum, team>(sum)};
}

/// Of a row that registers do not hold, in one pass: whenever a thread meets a larger element, what it has
/// summed so far is scaled down.
template <class T>
__device__ inline Exponentials sum_exponentials(const Row<const T>& x) {
  float largest = -INFINITY, sum = 0;
  each_part(x, nothing<T>(), [&](int, const Part<T>& part) {
    float here = largest;
#pragma unroll
    for (int j = 0; j < kEach<T>; ++j) here = fmaxf(here, widen(part.value[j]));
    if (here == -INFINITY) return;  // nothing of the row yet
    sum *= expf(largest - here);
    largest = here;
#pragma unroll
    for (int j = 0; j < kEach<T>; ++j) sum += expf(widen(part.value[j]) - here);
  });
  const float most = over_team<Largest, Team::block>(largest);
  return {most, over_team<Sum, Team::block>(sum * expf(largest - most))};
}

}  // namespace breakeven::cuda
