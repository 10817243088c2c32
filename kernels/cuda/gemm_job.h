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
  std::vector<Tensor> outputs(int64_t slot) override;
  const PlacedGemm& placed() const { return placed_; }

 protected:
  ContextPtr context_;  // declared first: the memory below goes before the device does
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

/// For OwnGemm::needs: bf16, tf32 and cp.async came with 8.0, Tensor Cores for fp16 with 7.5; wgmma is 9.0's
/// alone.
Reason needs_ampere(Precision, int capability);
Reason needs_ampere_but_for_fp16(Precision, int capability);
Reason needs_hopper(Precision, int capability);

/// Throws Unsupported when the code of `kernel` that this device runs was compiled for less than `oldest`
/// (80). Trap: the device's own capability says nothing: PTX for 7.5 runs on every later device, and the
/// parts of a kernel that ask for more are not in it.
void require_code(const void* kernel, int oldest);

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
