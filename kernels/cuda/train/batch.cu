// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Batches: gathered, normalised and augmented on the way, so that a step's data never pass through the host.

#include "harness/philox.h"
#include "kernels/cuda/memory_job.h"
#include "kernels/cuda/train/batch.h"
#include "kernels/cuda/train/storage.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kThreads = 256;

__device__ inline int64_t sample_of(const Chosen& chosen, int64_t i) {
  if (chosen.order) return chosen.order[i];
  return min(chosen.first + i, chosen.samples - 1);
}

/// Mirrored at the edges, the edge itself not repeated.
__device__ inline int mirrored(int at, int extent) {
  if (at < 0) at = -at;
  if (at >= extent) at = 2 * extent - 2 - at;
  return max(0, min(at, extent - 1));
}

/// A thread takes a pixel, all its channels: planes become the last extent.
template <class T>
__global__ void __launch_bounds__(kThreads)
    images(ImageBatch data, Chosen chosen, T* __restrict__ pixels, int* __restrict__ labels) {
  const int64_t at = int64_t{blockIdx.x} * kThreads + threadIdx.x, area = data.height * data.width;
  if (at >= chosen.batch * area) return;
  const auto [i, place] = divide(at, area);
  const int64_t sample = sample_of(chosen, i);
  const int height = static_cast<int>(data.height), width = static_cast<int>(data.width);
  int y = static_cast<int>(place) / width, x = static_cast<int>(place) % width;
  if (x == 0 && y == 0) labels[i] = data.labels[sample];
  if (data.augmentation.shift > 0 || data.augmentation.flip) {
    const PhiloxBlock random = philox(data.seed, static_cast<uint64_t>(sample), data.epoch);
    const int shift = data.augmentation.shift;
    const auto reach = static_cast<uint32_t>(2 * shift + 1);
    if (data.augmentation.flip && (random.word[2] & 1u)) x = width - 1 - x;
    x = mirrored(x + static_cast<int>(random.word[0] % reach) - shift, width);
    y = mirrored(y + static_cast<int>(random.word[1] % reach) - shift, height);
  }
  const uint8_t* from = data.pixels + sample * data.channels * area + int64_t{y} * width + x;
  for (int64_t c = 0; c < data.channels; ++c) {
    const float value = (static_cast<float>(from[c * area]) - train::kPixelMean) * train::kDataScale;
    pixels[at * data.channels + c] = narrow<T>(value);
  }
}

__global__ void __launch_bounds__(kThreads)
    text(TextBatch data, Chosen chosen, int* __restrict__ tokens, int* __restrict__ labels) {
  const int64_t at = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  if (at >= chosen.batch * data.window) return;
  const auto [i, place] = divide(at, data.window);
  const int64_t sample = sample_of(chosen, i);
  const uint16_t* from = data.tokens + (chosen.order ? sample : sample * data.window) + place;
  tokens[at] = from[0];
  labels[at] = from[1];
}

/// A thread takes a dense feature, a row or a label.
template <class T>
__global__ void __launch_bounds__(kThreads) clicks(ClickBatch data, Chosen chosen, T* __restrict__ dense,
                                                   int* __restrict__ rows, int* __restrict__ labels) {
  const int64_t at = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  const int64_t width = data.dense_features + data.fields + 1;
  if (at >= chosen.batch * width) return;
  const auto [i, j] = divide(at, width);
  const int64_t sample = sample_of(chosen, i);
  if (j < data.dense_features) {
    const float value = static_cast<float>(data.dense[sample * data.dense_features + j]);
    dense[i * data.dense_features + j] = narrow<T>((value - train::kDenseMean) * train::kDataScale);
  } else if (j < data.dense_features + data.fields) {
    const int64_t field = j - data.dense_features;
    rows[i * data.fields + field] = static_cast<int>(data.rows[sample * data.fields + field]);
  } else {
    labels[i] = data.labels[sample];
  }
}

device::Shape shape_of(int64_t threads) {
  return {.grid = block_count((threads + kThreads - 1) / kThreads), .block = kThreads};
}

}  // namespace

void launch_images(Precision precision, const ImageBatch& data, const Chosen& chosen, void* pixels,
                   int* labels, cudaStream_t stream) {
  with_storage(precision, [&]<class T>() {
    device::launch("train images", images<T>, shape_of(chosen.batch * data.height * data.width), stream, data,
                   chosen, static_cast<T*>(pixels), labels);
  });
}

void launch_text(const TextBatch& data, const Chosen& chosen, int* tokens, int* labels, cudaStream_t stream) {
  device::launch("train text", text, shape_of(chosen.batch * data.window), stream, data, chosen, tokens,
                 labels);
}

void launch_clicks(Precision precision, const ClickBatch& data, const Chosen& chosen, void* dense, int* rows,
                   int* labels, cudaStream_t stream) {
  with_storage(precision, [&]<class T>() {
    device::launch("train clicks", clicks<T>,
                   shape_of(chosen.batch * (data.dense_features + data.fields + 1)), stream, data, chosen,
                   static_cast<T*>(dense), rows, labels);
  });
}

}  // namespace breakeven::cuda
