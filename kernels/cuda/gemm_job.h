// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "harness/backend.h"
#include "kernels/cuda/context.h"
#include "kernels/cuda/device_buffer.h"

namespace breakeven::cuda {

/// One execution of a GEMM as a kernel sees it: device pointers and sizes; all matrices row-major and dense.
struct GemmArguments {
  const void* a;           // [batch, m, k]
  const void* b;           // [batch, k, n]
  const void* bias;        // [n] in fp32 (fp64 for fp64); null when there is no epilogue
  void* c;                 // [batch, m, n]
  int64_t batch, m, n, k;  // each at most 2^24 (gemm.cpp), their products need 64 bits
};

/// Operands and results of a GEMM in device memory, `slots` times.
struct PlacedGemm {
  PlacedGemm(const Gemm&, const Inputs&, int64_t slots, const Context&);
  GemmArguments arguments(int64_t slot) const;

  Gemm gemm;
  DeviceBuffer a, b, bias, c;
};

/// What all GEMM jobs share; they differ in `run` and in their words.
class GemmJob : public Job {
 public:
  GemmJob(ContextPtr, const Gemm&, const Inputs&, const Placement&);
  void poison() override;
  /// Throws when the contender wrote outside the result.
  Tensor output(int64_t slot) override;
  const PlacedGemm& placed() const { return placed_; }

 protected:
  ContextPtr context_;  // declared first: the memory below goes before the device does
  PlacedGemm placed_;
};

/// Starts one execution on `stream`.
using GemmLaunch = void (*)(Precision, const GemmArguments&, cudaStream_t);

/// A contender made of one of our own launches, and the facts the list needs about it.
struct OwnGemm {
  std::string name, summary;
  Reason (*why_not)(const Gemm&);
  GemmLaunch launch;
  double typical_rate;  // flop/s, see Kernel
};
Kernel own_gemm(const ContextPtr&, const OwnGemm&);

/// Reasons shared by our own kernels: int8 has no bias_relu, tf32 and fp8 need tensor cores.
Reason why_not_on_cuda_cores(const Gemm&);
/// The same, and fp32, bf16, fp16 only.
Reason why_not_float_on_cuda_cores(const Gemm&);

/// Binds a GEMM contender's functions to the variant type the harness speaks.
std::function<Reason(const Problem&)> for_gemm(std::function<Reason(const Gemm&)> why_not);
/// `context` null: the kernel is only listed, and preparing it throws.
std::function<std::unique_ptr<Job>(const Problem&, const Inputs&, const Placement&)> for_gemm(
    ContextPtr context,
    std::function<std::unique_ptr<Job>(const Gemm&, const Inputs&, const Placement&)> prepare);

}  // namespace breakeven::cuda
