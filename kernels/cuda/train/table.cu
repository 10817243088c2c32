// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Embeddings, and the interaction of a sample's vectors: a block takes a sample, whose vectors it keeps in
// shared memory (one vector of 64 and 26 of them: 7 KB), so that each is read from memory once.

#include "kernels/cuda/memory_job.h"
#include "kernels/cuda/train/storage.h"
#include "kernels/cuda/train/table.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kThreads = 256, kSampleThreads = 64;

template <class T>
__global__ void __launch_bounds__(kThreads)
    embed(Embedding e, const int* __restrict__ tokens, T* __restrict__ x) {
  const int64_t at = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  if (at >= e.batch * e.tokens * e.width) return;
  const auto [place, column] = divide(at, e.width);
  float value = e.table[int64_t{tokens[place]} * e.width + column];
  if (e.positions) value += e.positions[divide(place, e.tokens).remainder * e.width + column];
  x[at] = narrow<T>(value);
}

/// The vectors x, e_0, ..., rows of `width` + 1.
template <class T>
__device__ inline void load_vectors(float* to, const Interaction& shape, const T* x, const T* e) {
  const int width = static_cast<int>(shape.width), count = static_cast<int>(shape.fields + 1) * width;
  const int64_t sample = blockIdx.x;
  for (int i = threadIdx.x; i < count; i += kSampleThreads) {
    const int vector = i / width, column = i % width;
    to[vector * (width + 1) + column] =
        widen(vector == 0 ? x[sample * width + column] : e[sample * shape.fields * width + i - width]);
  }
  __syncthreads();
}

/// Where the product of vectors i < j stands among the `vectors` (vectors - 1) / 2.
__device__ inline int pair_at(int i, int j, int vectors) { return i * vectors - i * (i + 1) / 2 + j - i - 1; }

template <class T>
__global__ void __launch_bounds__(kSampleThreads)
    interaction(Interaction shape, const T* __restrict__ x, const T* __restrict__ e, T* __restrict__ z) {
  float* const v = reinterpret_cast<float*>(device::dynamic_shared());
  const int width = static_cast<int>(shape.width), vectors = static_cast<int>(shape.fields) + 1;
  load_vectors(v, shape, x, e);
  T* const to = z + int64_t{blockIdx.x} * (width + vectors * (vectors - 1) / 2);
  for (int c = threadIdx.x; c < width; c += kSampleThreads) to[c] = narrow<T>(v[c]);
  for (int ij = threadIdx.x; ij < vectors * vectors; ij += kSampleThreads) {
    const int i = ij / vectors, j = ij % vectors;
    if (i >= j) continue;
    float sum = 0;
    for (int c = 0; c < width; ++c) sum += v[i * (width + 1) + c] * v[j * (width + 1) + c];
    to[width + pair_at(i, j, vectors)] = narrow<T>(sum);
  }
}

template <class T>
__global__ void __launch_bounds__(kSampleThreads)
    interaction_bwd(Interaction shape, const T* __restrict__ x, const T* __restrict__ e,
                    const T* __restrict__ dz, T* __restrict__ dx, T* __restrict__ de) {
  float* const v = reinterpret_cast<float*>(device::dynamic_shared());
  const int width = static_cast<int>(shape.width), vectors = static_cast<int>(shape.fields) + 1;
  load_vectors(v, shape, x, e);
  const int64_t sample = blockIdx.x;
  const T* const from = dz + sample * (width + vectors * (vectors - 1) / 2);
  for (int at = threadIdx.x; at < vectors * width; at += kSampleThreads) {
    const int i = at / width, c = at % width;
    float sum = i == 0 ? widen(from[c]) : 0;
    for (int j = 0; j < vectors; ++j) {
      if (j == i) continue;
      sum += widen(from[width + pair_at(min(i, j), max(i, j), vectors)]) * v[j * (width + 1) + c];
    }
    if (i == 0) {
      dx[sample * width + c] = narrow<T>(sum);
    } else {
      de[(sample * shape.fields + i - 1) * width + c] = narrow<T>(sum);
    }
  }
}

device::Shape shape_of(const Interaction& i) {
  return {.grid = block_count(i.batch),
          .block = kSampleThreads,
          .shared_bytes = (i.fields + 1) * (i.width + 1) * 4};
}

}  // namespace

void launch_embed(Precision precision, const Embedding& e, const int* tokens, void* x, cudaStream_t stream) {
  const int64_t count = e.batch * e.tokens * e.width;
  with_storage(precision, [&]<class T>() {
    device::launch("train embed", embed<T>,
                   {.grid = block_count((count + kThreads - 1) / kThreads), .block = kThreads}, stream, e,
                   tokens, static_cast<T*>(x));
  });
}

void launch_interaction(Precision precision, const Interaction& shape, const void* x, const void* e, void* z,
                        cudaStream_t stream) {
  with_storage(precision, [&]<class T>() {
    device::launch("train interaction", interaction<T>, shape_of(shape), stream, shape,
                   static_cast<const T*>(x), static_cast<const T*>(e), static_cast<T*>(z));
  });
}

void launch_interaction_bwd(Precision precision, const Interaction& shape, const void* x, const void* e,
                            const void* dz, void* dx, void* de, cudaStream_t stream) {
  with_storage(precision, [&]<class T>() {
    device::launch("train interaction_bwd", interaction_bwd<T>, shape_of(shape), stream, shape,
                   static_cast<const T*>(x), static_cast<const T*>(e), static_cast<const T*>(dz),
                   static_cast<T*>(dx), static_cast<T*>(de));
  });
}

}  // namespace breakeven::cuda
