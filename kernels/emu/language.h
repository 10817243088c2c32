// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>
#include <vector_functions.h>

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/emu/block.h"
#include "kernels/emu/intrinsics.h"

// The CUDA language for a C++ compiler: the names that kernels use, each a call of the emulator. nvcc's half
// is kernels/device/language.h, which includes this one. A name that is missing is added here.

#define BREAKEVEN_ARCH 900
#define BREAKEVEN_HOPPER 1

#undef __global__
#undef __device__
#undef __host__
#undef __grid_constant__
#define __global__
#define __device__
#define __host__
#define __grid_constant__
#define __launch_bounds__(...)

#define threadIdx (::breakeven::emu::thread_index())
#define blockIdx (::breakeven::emu::block_index())
#define blockDim (::breakeven::emu::block_size())
#define gridDim (::breakeven::emu::grid_size())
inline constexpr int warpSize = 32;

// --- Threads that meet ------------------------------------------------------------------------------------

inline void __syncthreads() { breakeven::emu::syncthreads_count(0); }
inline int __syncthreads_count(int predicate) { return breakeven::emu::syncthreads_count(predicate); }
inline int __syncthreads_or(int predicate) { return __syncthreads_count(predicate) > 0; }
inline int __syncthreads_and(int predicate) {
  return __syncthreads_count(predicate) == breakeven::emu::block_threads();
}
inline void __syncwarp(unsigned mask = 0xFFFFFFFF) { breakeven::emu::syncwarp(mask); }

inline unsigned __ballot_sync(unsigned mask, int predicate) {
  return breakeven::emu::ballot(mask, predicate != 0, "__ballot_sync");
}
inline int __any_sync(unsigned mask, int predicate) {
  return breakeven::emu::ballot(mask, predicate != 0, "__any_sync") != 0;
}
inline int __all_sync(unsigned mask, int predicate) {
  return breakeven::emu::ballot(mask, predicate == 0, "__all_sync") == 0;
}

namespace breakeven::emu {

/// Any type of up to 8 bytes.
template <class T>
T shuffle_value(ShuffleKind kind, unsigned mask, T value, int argument, int width) {
  static_assert(sizeof(T) <= sizeof(uint64_t));
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  bits = shuffle(kind, mask, bits, argument, width);
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

}  // namespace breakeven::emu

template <class T>
T __shfl_sync(unsigned mask, T value, int lane, int width = 32) {
  return breakeven::emu::shuffle_value(breakeven::emu::ShuffleKind::index, mask, value, lane, width);
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32) {
  return breakeven::emu::shuffle_value(breakeven::emu::ShuffleKind::up, mask, value, static_cast<int>(delta),
                                       width);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32) {
  return breakeven::emu::shuffle_value(breakeven::emu::ShuffleKind::down, mask, value,
                                       static_cast<int>(delta), width);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32) {
  return breakeven::emu::shuffle_value(breakeven::emu::ShuffleKind::butterfly, mask, value, lanes, width);
}

// --- Memory -----------------------------------------------------------------------------------------------

template <class T>
T __ldg(const T* at) {
  return *at;
}
template <class T>
T __ldcs(const T* at) {
  return *at;
}
template <class T>
void __stcs(T* at, T value) {
  *at = value;
}
inline void __threadfence() { breakeven::emu::give_way(); }
inline void __threadfence_block() { breakeven::emu::give_way(); }
inline void __threadfence_system() { breakeven::emu::give_way(); }
inline void __nanosleep(unsigned) { breakeven::emu::nanosleep(); }

template <class T>
T atomicAdd(T* at, T value) {
  return breakeven::emu::atomic(breakeven::emu::AtomicKind::add, at, value);
}
template <class T>
T atomicMin(T* at, T value) {
  return breakeven::emu::atomic(breakeven::emu::AtomicKind::minimum, at, value);
}
template <class T>
T atomicMax(T* at, T value) {
  return breakeven::emu::atomic(breakeven::emu::AtomicKind::maximum, at, value);
}
template <class T>
T atomicExch(T* at, T value) {
  return breakeven::emu::atomic(breakeven::emu::AtomicKind::exchange, at, value);
}
template <class T>
T atomicAnd(T* at, T value) {
  return breakeven::emu::atomic(breakeven::emu::AtomicKind::bit_and, at, value);
}
template <class T>
T atomicOr(T* at, T value) {
  return breakeven::emu::atomic(breakeven::emu::AtomicKind::bit_or, at, value);
}
template <class T>
T atomicXor(T* at, T value) {
  return breakeven::emu::atomic(breakeven::emu::AtomicKind::bit_xor, at, value);
}
template <class T>
T atomicCAS(T* at, T expected, T value) {
  return breakeven::emu::atomic_compare_exchange(at, expected, value);
}

// --- Arithmetic -------------------------------------------------------------------------------------------

inline unsigned __float_as_uint(float x) { return std::bit_cast<unsigned>(x); }
inline int __float_as_int(float x) { return std::bit_cast<int>(x); }
inline float __uint_as_float(unsigned x) { return std::bit_cast<float>(x); }
inline float __int_as_float(int x) { return std::bit_cast<float>(x); }
inline int __popc(unsigned x) { return std::popcount(x); }
inline int __clz(int x) { return std::countl_zero(static_cast<unsigned>(x)); }
inline int __ffs(int x) { return x == 0 ? 0 : std::countr_zero(static_cast<unsigned>(x)) + 1; }
inline float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
// A GPU's are less exact.
inline float __expf(float x) { return std::exp(x); }
inline float __fdividef(float x, float y) { return x / y; }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fadd_rn(float a, float b) { return a + b; }
template <class T>
constexpr T min(T a, T b) {
  return b < a ? b : a;
}
template <class T>
constexpr T max(T a, T b) {
  return a < b ? b : a;
}

namespace breakeven::device {

template <class T, int tag = 0>
T& static_shared() {
  static char key;
  return *static_cast<T*>(emu::static_shared(&key, __PRETTY_FUNCTION__, sizeof(T), alignof(T)));
}
inline std::byte* dynamic_shared() { return emu::dynamic_shared(); }
inline uint32_t shared_address(const void* generic) { return emu::shared_offset(generic); }

}  // namespace breakeven::device
