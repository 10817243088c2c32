// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/conformance/module.h"
#include "kernels/device/launch.h"
#include "kernels/device/wmma.h"

// One warp, one product: D[m][n] = A[m][k] B[n][k], operands row by row in the input, A first. For B as
// [k][n] it is turned in shared memory.

namespace breakeven::conformance {
namespace {

using device::Major;

template <Precision P, Major major>
__global__ void wmma_kernel([[maybe_unused]] const std::byte* input, [[maybe_unused]] std::byte* output) {
  if constexpr (BREAKEVEN_ARCH >= device::wmma_oldest_arch<P>) {
    using Shape = device::WmmaShape<P>;
    using In = typename device::WmmaTypes<P>::In;
    struct alignas(32) Turned {
      In b[Shape::k * Shape::n];
    };
    const auto* a = reinterpret_cast<const In*>(input);
    const In* b = a + Shape::m * Shape::k;
    device::WmmaA<P> left;
    device::WmmaB<P, major> right;
    device::WmmaSum<P> sum;
    device::wmma_fill(sum, 0);
    device::wmma_load(left, a, Shape::k);
    if constexpr (major == Major::k) {
      device::wmma_load(right, b, Shape::k);
    } else {
      auto& turned = device::static_shared<Turned>();
      for (int i = static_cast<int>(threadIdx.x); i < Shape::k * Shape::n; i += 32) {
        turned.b[i] = b[i % Shape::n * Shape::k + i / Shape::n];
      }
      __syncwarp();
      device::wmma_load(right, turned.b, Shape::n);
    }
    if constexpr (P == Precision::tf32) {
      device::wmma_round(left);
      device::wmma_round(right);
    }
    device::wmma_multiply(sum, left, right);
    device::wmma_store(reinterpret_cast<typename device::WmmaTypes<P>::Sum*>(output), sum, Shape::n);
  }
}

template <Precision P, Major major>
void launch(const std::byte* input, std::byte* output, cudaStream_t stream) {
  device::launch("wmma probe", wmma_kernel<P, major>, {.grid = dim3(1), .block = dim3(32)}, stream, input,
                 output);
}

constexpr Launcher kProbes[] = {
    {"wmma/fp16/k", Needs::turing, launch<Precision::fp16, Major::k>},
    {"wmma/fp16/mn", Needs::turing, launch<Precision::fp16, Major::mn>},
    {"wmma/bf16/k", Needs::ampere, launch<Precision::bf16, Major::k>},
    {"wmma/bf16/mn", Needs::ampere, launch<Precision::bf16, Major::mn>},
    {"wmma/tf32/k", Needs::ampere, launch<Precision::tf32, Major::k>},
    {"wmma/tf32/mn", Needs::ampere, launch<Precision::tf32, Major::mn>},
    {"wmma/int8/k", Needs::turing, launch<Precision::int8, Major::k>},
    {"wmma/int8/mn", Needs::turing, launch<Precision::int8, Major::mn>},
    {"wmma/fp64/k", Needs::ampere, launch<Precision::fp64, Major::k>},
    {"wmma/fp64/mn", Needs::ampere, launch<Precision::fp64, Major::mn>},
};

}  // namespace

std::span<const Launcher> wmma_probes() { return kProbes; }

}  // namespace breakeven::conformance
