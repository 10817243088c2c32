// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "kernels/cuda/conv/conv_product.h"
#include "kernels/cuda/conv/fma_tile.h"

// From the ring of stages to the sums of a tile, by tensor cores or by CUDA cores.

namespace breakeven::cuda {

template <class T>
concept ByFma = requires {
  T::kRowsOf;
};

template <class T>
constexpr int kSharedBytes = T::kStages* T::kStageBytes + RowTable<T>::kBytes;

/// A tile may say that what it multiplies has not been rounded to tf32 yet (kRoundsOperands).
template <class T>
__device__ inline void load_rounded(Fragments<T>& to, const std::byte* stage, int step) {
  load_operands<T>(to, stage, step);
  if constexpr (requires { T::kRoundsOperands; }) {
#pragma unroll
    for (auto& a : to.a) {
#pragma unroll
      for (uint32_t& word : a) word = device::round_to_tf32(__uint_as_float(word));
    }
#pragma unroll
    for (auto& b : to.b) {
#pragma unroll
      for (uint32_t& word : b) word = device::round_to_tf32(__uint_as_float(word));
    }
  }
}

template <class T>
__device__ inline void multiply_step(typename T::Sum (&sum)[T::kSums], const Fragments<T>& fragments) {
#pragma unroll
  for (int i = 0; i < T::kRowBlocks; ++i) {
#pragma unroll
    for (int j = 0; j < T::kColumnBlocks; ++j) {
      auto& four = reinterpret_cast<typename T::Sum(&)[4]>(sum[(i * T::kColumnBlocks + j) * 4]);
      multiply<T>(four, fragments.a[i], fragments.b[j]);
    }
  }
}

/// As mma_swizzled.cu does it.
template <class T, Alignment alignment>
__device__ inline void multiply_all(typename T::Sum (&sum)[T::kSums], const ConvRing<T, alignment>& ring,
                                    int last_step) {
  Fragments<T> fragments[2];  // one is multiplied while the other is fetched
  load_rounded<T>(fragments[0], ring.stage(0), 0);
  for (int step = 0; step <= last_step; ++step) {
#pragma unroll
    for (int i = 0; i < T::kSteps; ++i) {
      const bool last = i == T::kSteps - 1;
      if (last) ring.pass_on();
      // After the last step there is none: then this one's first fragments again, which nobody multiplies.
      const int next = last ? min(step + 1, last_step) : step;
      load_rounded<T>(fragments[(i + 1) % 2], ring.stage(next), (i + 1) % T::kSteps);
      if (i == 0) {
        ring.copy(step + T::kStages - 1);
        ring.describe(step + T::kStages);
      }
      multiply_step<T>(sum, fragments[i % 2]);
    }
  }
}

template <ByFma T, Alignment alignment>
__device__ inline void multiply_all(float (&sum)[T::kSums], const ConvRing<T, alignment>& ring,
                                    int last_step) {
  for (int step = 0; step <= last_step; ++step) {
    ring.copy(step + T::kStages - 1);
    ring.describe(step + T::kStages);
    multiply_stage<T>(sum, ring.stage(step));
    ring.pass_on();
  }
}

/// The block's sums of its part of k, through dynamic shared memory.
template <class T, Alignment alignment>
__device__ inline void sum_tile(typename T::Sum (&sum)[T::kSums], const ConvArguments& a, const ConvPlace& at,
                                const ConvProduct<typename T::Types::In>& product) {
  std::byte* const shared = device::dynamic_shared();
  auto* const table = reinterpret_cast<GatheredRow*>(shared + T::kStages * T::kStageBytes);
  const int pitch = T::Operands::kDirection == Direction::forward ? product.depth : a.k;
  const ConvRing<T, alignment> ring{
      shared, table, product, at.row, at.column, at.first_k, min(at.end, product.depth), pitch};
  if (ring.first_k >= ring.end) return;
  ring.describe_all();
  __syncthreads();  // the table is whole
  for (int step = 0; step < T::kStages - 1; ++step) ring.copy(step);
  ring.pass_on();
  multiply_all<T>(sum, ring, (ring.end - 1 - ring.first_k) / T::kK);
}

}  // namespace breakeven::cuda
