// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/conformance/module.h"
#include "kernels/device/launch.h"
#include "kernels/device/mma.h"

// One warp, one instruction: D[m][n] = A[m][k] B[n][k], operands row by row in the input, A first. Registers
// are loaded by the PTX ISA's layouts: groups of 4 lanes hold a row, neighbours in k share a register.

namespace breakeven::conformance {
namespace {

constexpr int kM = 16, kN = 8;

/// An instruction: Element as it is packed into Registers, of which a lane has `a` and `b`.
template <class ElementType, class RegisterType, class SumType, int depth>
struct Instruction {
  using Element = ElementType;
  using Register = RegisterType;
  using Sum = SumType;
  static constexpr int k = depth, packed = sizeof(Register) / sizeof(Element);
  static constexpr int a = kM * k / packed / 32, b = kN * k / packed / 32;
};
struct Bf16 : Instruction<uint16_t, uint32_t, float, 16> {
  static __device__ void run(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
    device::mma_m16n8k16_bf16(d, a, b);
  }
};
struct Fp16 : Instruction<uint16_t, uint32_t, float, 16> {
  static __device__ void run(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
    device::mma_m16n8k16_fp16(d, a, b);
  }
};
struct Fp16OfTuring : Instruction<uint16_t, uint32_t, float, 8> {
  static __device__ void run(float (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[1]) {
    device::mma_m16n8k8_fp16(d, a, b);
  }
};
struct Tf32 : Instruction<uint32_t, uint32_t, float, 8> {
  static __device__ void run(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
    device::mma_m16n8k8_tf32(d, a, b);
  }
};
struct Int8 : Instruction<uint8_t, uint32_t, int32_t, 32> {
  static __device__ void run(int32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
    device::mma_m16n8k32_int8(d, a, b);
  }
};
struct Fp8 : Instruction<uint8_t, uint32_t, float, 32> {
  static __device__ void run(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
    device::mma_m16n8k32_e4m3(d, a, b);
  }
};
struct Fp64 : Instruction<uint64_t, double, double, 16> {
  static __device__ void run(double (&d)[4], const double (&a)[8], const double (&b)[4]) {
    device::mma_m16n8k16_fp64(d, a, b);
  }
};

template <class I>
__global__ void mma_kernel(const std::byte* input, std::byte* output) {
  using Register = typename I::Register;
  constexpr int row_registers = I::k / I::packed;
  const auto* a_rows = reinterpret_cast<const Register*>(input);
  const Register* b_rows = a_rows + kM * row_registers;
  const int group = static_cast<int>(threadIdx.x) / 4, lane = static_cast<int>(threadIdx.x) % 4;
  Register a[I::a], b[I::b];
  for (int i = 0; i < I::a; ++i) a[i] = a_rows[(group + 8 * (i % 2)) * row_registers + lane + 4 * (i / 2)];
  for (int i = 0; i < I::b; ++i) b[i] = b_rows[group * row_registers + lane + 4 * i];
  typename I::Sum d[4] = {};
  I::run(d, a, b);
  auto* sums = reinterpret_cast<typename I::Sum*>(output);
  for (int i = 0; i < 4; ++i) sums[(group + 8 * (i / 2)) * kN + 2 * lane + i % 2] = d[i];
}

template <class I>
void launch(const std::byte* input, std::byte* output, cudaStream_t stream) {
  device::launch("mma probe", mma_kernel<I>, {.grid = dim3(1), .block = dim3(32)}, stream, input, output);
}

constexpr Launcher kProbes[] = {
    {"mma/bf16", Needs::ampere, launch<Bf16>},
    {"mma/fp16", Needs::ampere, launch<Fp16>},
    {"mma/fp16_k8", Needs::turing, launch<Fp16OfTuring>},
    {"mma/tf32", Needs::ampere, launch<Tf32>},
    {"mma/int8", Needs::ampere, launch<Int8>},
    {"mma/fp8e4m3", Needs::ada, launch<Fp8>},
    {"mma/fp64", Needs::hopper, launch<Fp64>},
};

}  // namespace

std::span<const Launcher> mma_probes() { return kProbes; }

}  // namespace breakeven::conformance
