// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Operands made on the device. One thread per element, each computing its own Philox block: three quarters of
// the work is thrown away, and it is still bound by writing.

#include <algorithm>
#include <stdexcept>

#include "harness/operand.h"
#include "kernels/cuda/fill.h"
#include "kernels/device/language.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kThreads = 256;

__device__ uint32_t fp32_bits(uint32_t word) { return __float_as_uint(uniform_fp32(word)); }

/// uniform_word by selection: an array indexed when running would live in local memory.
__device__ uint32_t word_at(uint64_t seed, uint64_t stream_id, uint64_t index) {
  const PhiloxBlock draws = philox(seed, index / 4, stream_id);
  const uint32_t low = index % 2 ? draws.word[1] : draws.word[0];
  const uint32_t high = index % 2 ? draws.word[3] : draws.word[2];
  return index / 2 % 2 ? high : low;
}

/// Element `index` of the stream in precision P.
template <Precision P>
__device__ auto uniform(uint64_t seed, uint64_t stream_id, uint64_t index) {
  if constexpr (P == Precision::fp64) {
    const PhiloxBlock draws = philox(seed, index / 2, stream_id);  // two words make one double
    return uniform_fp64(draws.word[index % 2 * 2], draws.word[index % 2 * 2 + 1]);
  } else {
    const uint32_t word = word_at(seed, stream_id, index);
    if constexpr (P == Precision::fp32) return uniform_fp32(word);
    if constexpr (P == Precision::tf32) return to_tf32(fp32_bits(word));
    if constexpr (P == Precision::bf16) return to_bf16(fp32_bits(word));
    if constexpr (P == Precision::fp16) return to_fp16(fp32_bits(word));
    if constexpr (P == Precision::fp8e4m3) return to_fp8e4m3(fp32_bits(word));
    if constexpr (P == Precision::int8) return uniform_int8(word);
    if constexpr (P == Precision::u8) return static_cast<uint8_t>(word >> 24);
  }
}

template <Precision P, class T>
__global__ void fill(T* out, int64_t count, uint64_t seed, uint64_t stream_id) {
  const int64_t step = int64_t{gridDim.x} * kThreads;
  for (int64_t i = int64_t{blockIdx.x} * kThreads + threadIdx.x; i < count; i += step) {
    out[i] = uniform<P>(seed, stream_id, static_cast<uint64_t>(i));
  }
}

template <Precision P, class T>
void launch(void* out, int64_t count, uint64_t seed, uint64_t stream_id, cudaStream_t stream) {
  const int64_t blocks = std::min<int64_t>((count + kThreads - 1) / kThreads, 1 << 20);
  const device::Shape shape = {.grid = dim3(static_cast<unsigned>(blocks)), .block = dim3(kThreads)};
  device::launch("fill", fill<P, T>, shape, stream, static_cast<T*>(out), count, seed, stream_id);
}

}  // namespace

void fill_uniform_on_device(void* out, Precision precision, int64_t count, uint64_t seed, uint64_t stream_id,
                            cudaStream_t stream) {
  if (count == 0) return;
  switch (precision) {
    case Precision::fp64:
      return launch<Precision::fp64, double>(out, count, seed, stream_id, stream);
    case Precision::fp32:
      return launch<Precision::fp32, float>(out, count, seed, stream_id, stream);
    case Precision::tf32:
      return launch<Precision::tf32, uint32_t>(out, count, seed, stream_id, stream);
    case Precision::bf16:
      return launch<Precision::bf16, uint16_t>(out, count, seed, stream_id, stream);
    case Precision::fp16:
      return launch<Precision::fp16, uint16_t>(out, count, seed, stream_id, stream);
    case Precision::fp8e4m3:
      return launch<Precision::fp8e4m3, uint8_t>(out, count, seed, stream_id, stream);
    case Precision::int8:
      return launch<Precision::int8, int8_t>(out, count, seed, stream_id, stream);
    case Precision::u8:
      return launch<Precision::u8, uint8_t>(out, count, seed, stream_id, stream);
  }
  throw std::invalid_argument("no such precision");
}

}  // namespace breakeven::cuda
