// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>

#include "harness/precision.h"
#include "kernels/device/major.h"

// Twin of kernels/device/wgmma.h.

namespace breakeven::emu {

struct WgmmaShape {
  Precision precision;
  int n;  // columns
  device::Major b_major;
  device::Major a_major = device::Major::k;
  friend bool operator==(const WgmmaShape&, const WgmmaShape&) = default;
};
enum class Accumulate : uint8_t { no, yes };

uint64_t wgmma_descriptor(const void* shared, int leading_bytes, int stride_bytes);
void wgmma_fence();
void wgmma(WgmmaShape, void* d, uint64_t a, uint64_t b, Accumulate);
void wgmma_commit();
void wgmma_wait(int pending);

}  // namespace breakeven::emu

namespace breakeven::device {

inline uint64_t wgmma_descriptor(const void* shared, int leading_bytes, int stride_bytes) {
  return emu::wgmma_descriptor(shared, leading_bytes, stride_bytes);
}
inline void wgmma_fence() { emu::wgmma_fence(); }
inline void wgmma_commit() { emu::wgmma_commit(); }
template <int pending>
inline void wgmma_wait() {
  static_assert(0 <= pending && pending <= 7);
  emu::wgmma_wait(pending);
}

template <int N, class Sum>
inline void wgmma_pin(Sum (&)[N / 2]) {}

template <Precision P, int N, Major b_major = Major::k, Major a_major = Major::k, class Sum>
inline void wgmma(Sum (&d)[N / 2], uint64_t a, uint64_t b, bool accumulate) {
  static_assert(N >= 8 && N <= 256 && (N % 16 == 0 || N == 8 || N == 24));
  static_assert((a_major == Major::k && b_major == Major::k) || P == Precision::bf16 || P == Precision::fp16,
                "only 16-bit types may be MN-major");
  static_assert(sizeof(Sum) == 4);
  emu::wgmma({P, N, b_major, a_major}, d, a, b, accumulate ? emu::Accumulate::yes : emu::Accumulate::no);
}

}  // namespace breakeven::device
