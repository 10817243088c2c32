// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Losses and their gradients, in one pass behind the logits: a warp takes a row. What rows leave is added up
// by one block, in fp64, in an order that the number of rows decides.

#include <cmath>

#include "kernels/cuda/memory/row.h"
#include "kernels/cuda/memory_job.h"
#include "kernels/cuda/train/loss.h"
#include "kernels/cuda/train/storage.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kThreads = 32 * kRowWarps, kSumThreads = 512;

/// The largest of a row, and where it stands first.
struct First {
  float value = -INFINITY;
  int at = 0x7FFFFFFF;
};
__device__ inline First first_of(First a, First b) {
  return b.value > a.value || (b.value == a.value && b.at < a.at) ? b : a;
}
__device__ inline First first_over_warp(First first) {
#pragma unroll
  for (int apart = 16; apart > 0; apart /= 2) {
    const First other{__shfl_xor_sync(0xFFFFFFFFu, first.value, apart),
                      __shfl_xor_sync(0xFFFFFFFFu, first.at, apart)};
    first = first_of(first, other);
  }
  return first;
}

template <class T>
__global__ void __launch_bounds__(kThreads)
    cross_entropy(LossRows r, const T* __restrict__ logits, T* __restrict__ gradient,
                  const TrainControl* __restrict__ control) {
  const int64_t row = team_row<Team::warp>();
  if (row >= r.rows) return;
  const int lane = threadIdx.x % 32, columns = static_cast<int>(r.columns), label = r.labels[row];
  const T* from = logits + row * columns;
  First first;
  for (int c = lane; c < columns; c += 32) first = first_of(first, {widen(from[c]), c});
  first = first_over_warp(first);
  float sum = 0;
  for (int c = lane; c < columns; c += 32) sum += expf(widen(from[c]) - first.value);
  sum = over_warp<Sum>(sum);
  if (lane == 0) {
    r.row_loss[row] = logf(sum) + (first.value - widen(from[label]));
    r.row_correct[row] = first.at == label;
  }
  if (!gradient) return;
  const float share = control->scale / static_cast<float>(r.rows);
  for (int c = lane; c < columns; c += 32) {
    const float p = expf(widen(from[c]) - first.value) / sum;
    gradient[row * columns + c] = narrow<T>(share * (c == label ? p - 1 : p));
  }
}

template <class T>
__global__ void __launch_bounds__(kThreads)
    binary_cross_entropy(LossRows r, const T* __restrict__ logits, T* __restrict__ gradient,
                         const TrainControl* __restrict__ control) {
  const int64_t row = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  if (row >= r.rows) return;
  const float x = widen(logits[row]), label = static_cast<float>(r.labels[row]);
  const float e = expf(-fabsf(x));
  r.row_loss[row] = (x > 0 ? x : 0) - x * label + log1pf(e);
  r.row_correct[row] = (x > 0) == (label > 0.5f);
  if (!gradient) return;
  const float p = x >= 0 ? 1 / (1 + e) : e / (1 + e);
  gradient[row] = narrow<T>(control->scale / static_cast<float>(r.rows) * (p - label));
}

/// Of all threads of the block, in thread 0, halves onto halves.
template <class V>
__device__ inline V over_block(V value) {
  auto& shared = device::static_shared<V[kSumThreads]>();
  shared[threadIdx.x] = value;
  for (unsigned half = kSumThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) shared[threadIdx.x] += shared[threadIdx.x + half];
  }
  return shared[threadIdx.x];
}

__device__ inline double sum_losses(const LossRows& r, int64_t rows) {
  double sum = 0;
  for (int64_t row = threadIdx.x; row < rows; row += kSumThreads) sum += static_cast<double>(r.row_loss[row]);
  return over_block(sum);
}

__global__ void __launch_bounds__(kSumThreads) mean_loss(LossRows r, float* loss, float* kept) {
  const double sum = sum_losses(r, r.rows);
  if (threadIdx.x == 0) *loss = *kept = static_cast<float>(sum / static_cast<double>(r.rows));
}

__global__ void __launch_bounds__(kSumThreads) count_rows(LossRows r, int64_t counted, EvaluationSums* sums) {
  const double loss = sum_losses(r, counted);
  int correct = 0;
  for (int64_t row = threadIdx.x; row < counted; row += kSumThreads) correct += r.row_correct[row];
  correct = over_block(correct);
  if (threadIdx.x == 0) sums->loss += loss, sums->correct += correct;
}

device::Shape rows_shape(int64_t rows, int64_t per_block) {
  return {.grid = block_count((rows + per_block - 1) / per_block), .block = kThreads};
}

}  // namespace

void launch_cross_entropy(Precision precision, const LossRows& rows, const void* logits, void* gradient,
                          const TrainControl* control, cudaStream_t stream) {
  with_storage(precision, [&]<class T>() {
    device::launch("train cross_entropy", cross_entropy<T>, rows_shape(rows.rows, kRowWarps), stream, rows,
                   static_cast<const T*>(logits), static_cast<T*>(gradient), control);
  });
}

void launch_binary_cross_entropy(Precision precision, const LossRows& rows, const void* logits,
                                 void* gradient, const TrainControl* control, cudaStream_t stream) {
  with_storage(precision, [&]<class T>() {
    device::launch("train binary_cross_entropy", binary_cross_entropy<T>, rows_shape(rows.rows, kThreads),
                   stream, rows, static_cast<const T*>(logits), static_cast<T*>(gradient), control);
  });
}

void launch_mean_loss(const LossRows& rows, float* loss, float* kept, cudaStream_t stream) {
  device::launch("train mean_loss", mean_loss, {.grid = 1, .block = kSumThreads}, stream, rows, loss, kept);
}

void launch_count_rows(const LossRows& rows, int64_t counted, EvaluationSums* sums, cudaStream_t stream) {
  device::launch("train count_rows", count_rows, {.grid = 1, .block = kSumThreads}, stream, rows, counted,
                 sums);
}

}  // namespace breakeven::cuda
