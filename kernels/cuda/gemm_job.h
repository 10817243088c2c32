// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "kernels/cuda/capability.h"
#include "kernels/cuda/placed_job.h"

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
class GemmJob : public PlacedJob {
 public:
  GemmJob(ContextPtr, const Gemm&, const Inputs&, const Placement&);
  Buffers operand_buffers() const override;
  Buffers result_buffers() const override { return {&placed_.c}; }
  std::vector<ArrayShape> result_shapes() const override { return placed_.gemm.results(); }
  const PlacedGemm& placed() const { return placed_; }

 protected:
  PlacedGemm placed_;
};

/// Starts one execution on `stream`.
using GemmLaunch = void (*)(Precision, const GemmArguments&, cudaStream_t);

/// What a kernel keeps between executions: scratch memory, a B that it has turned, a tensor map per slot.
class GemmPlan {
 public:
  virtual ~GemmPlan() = default;
  /// Starts one execution on the context's stream.
  virtual void launch(int64_t slot) = 0;
  virtual double reorder_seconds() const { return 0; }  // see Job
};
/// Made once, after the operands are placed; may change how B lies. `PlacedGemm` outlives the plan.
using GemmPrepare = std::unique_ptr<GemmPlan> (*)(const ContextPtr&, PlacedGemm&);

/// A contender made of our own code, and the facts the list needs about it. Either `launch` or `prepare`.
struct OwnGemm {
  std::string name, summary;
  Reason (*why_not)(const Gemm&);
  GemmLaunch launch = nullptr;
  GemmPrepare prepare = nullptr;
  Reason (*needs)(Precision, int capability) = nullptr;  // what the device lacks; asked once one is open
  double typical_rate = 0;                               // flop/s, see Kernel
  int64_t (*scratch_bytes)(const Gemm&) = nullptr;       // see Kernel
  std::string file = {};  // gemm/<file>.cu holds it; empty: the one of its name
};
Kernel own_gemm(const ContextPtr&, const OwnGemm&);

/// B of every slot becomes [batch, n, k] in place (elements of 1 or 4 bytes). Seconds that one of them took.
/// Needs scratch memory of the size of B meanwhile.
double turn_b(const ContextPtr&, PlacedGemm&);

/// Reasons shared by our own kernels: int8 has no bias_relu, tf32 and fp8 need tensor cores.
Reason why_not_on_cuda_cores(const Gemm&);
/// The same, and fp32, bf16, fp16 only.
Reason why_not_float_on_cuda_cores(const Gemm&);

/// Binds a GEMM contender's functions to the variant type the harness speaks, see for_kind.
std::function<Reason(const Problem&)> for_gemm(std::function<Reason(const Gemm&)> why_not);
PrepareKind<Problem> for_gemm(ContextPtr context, PrepareKind<Gemm> prepare);

}  // namespace breakeven::cuda
