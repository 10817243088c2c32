// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <functional>
#include <memory>
#include <string>

#include "kernels/cuda/capability.h"
#include "kernels/cuda/placed_job.h"

namespace breakeven::cuda {

/// One execution of a convolution as a kernel sees it: device pointers and extents, as in Conv2d. x is
/// [n, h, w, c], the filter [k, r, s, c / groups], y [n, p, q, k], all dense.
struct ConvArguments {
  const void* first;   // forward x, backward_data dy, backward_weights x
  const void* second;  // forward the filter, backward_data the filter, backward_weights dy
  const void* bias;    // [k] in fp32 (fp64 for fp64); null when there is no epilogue
  void* result;        // forward y, backward_data dx, backward_weights dw
  int n, c, h, w;      // each at most 2^24 (conv2d.cpp), their products need 64 bits
  int k, r, s;
  int p, q;
  int stride, padding, dilation, groups;
};

/// Operands and result of a convolution in device memory, `slots` times.
struct PlacedConv {
  PlacedConv(const Conv2d&, const Inputs&, int64_t slots, const Context&);
  ConvArguments arguments(int64_t slot) const;

  Conv2d conv;
  DeviceBuffer first, second, bias, result;
};

/// What all jobs of convolution share; they differ in `run` and in their words.
class ConvJob : public PlacedJob {
 public:
  ConvJob(ContextPtr, const Conv2d&, const Inputs&, const Placement&);
  Buffers operand_buffers() const override;
  Buffers result_buffers() const override { return {&placed_.result}; }
  std::vector<ArrayShape> result_shapes() const override { return placed_.conv.results(); }
  const PlacedConv& placed() const { return placed_; }

 protected:
  PlacedConv placed_;
};

/// Starts one execution on `stream`; direction and precision are the problem's.
using ConvLaunch = void (*)(const Conv2d&, const ConvArguments&, cudaStream_t);

/// What a kernel keeps between executions: scratch memory, a filter that it has turned, a tensor map per
/// slot.
class ConvPlan {
 public:
  virtual ~ConvPlan() = default;
  /// Starts one execution on the context's stream.
  virtual void launch(int64_t slot) = 0;
  virtual double reorder_seconds() const { return 0; }  // see Job
};
/// Made once, after the operands are placed; may change how a filter lies. `PlacedConv` outlives the plan.
using ConvPrepare = std::unique_ptr<ConvPlan> (*)(const ContextPtr&, PlacedConv&);

/// A contender made of our own code, and the facts the list needs about it. Either `launch` or `prepare`.
struct OwnConv {
  std::string name, summary;
  Reason (*why_not)(const Conv2d&);
  ConvLaunch launch = nullptr;
  ConvPrepare prepare = nullptr;
  Reason (*needs)(Precision, int capability) = nullptr;  // what the device lacks; asked once one is open
  double typical_rate = 0;                               // flop/s, see Kernel
  int64_t (*scratch_bytes)(const Conv2d&) = nullptr;     // see Kernel
  std::string file = {};                                 // conv/<file>.cu holds it
};
Kernel own_conv(const ContextPtr&, const OwnConv&);

/// Reasons shared by our own kernels: fp8 and u8 are no precisions of convolution; int8 has no bias_relu and
/// no gradients.
Reason why_not_any_conv(const Conv2d&);
/// The same, and tf32 needs tensor cores.
Reason why_not_conv_on_cuda_cores(const Conv2d&);

/// Binds a contender's functions to the variant type the harness speaks, see for_kind.
std::function<Reason(const Problem&)> for_conv(std::function<Reason(const Conv2d&)> why_not);
PrepareKind<Problem> for_conv(ContextPtr context, PrepareKind<Conv2d> prepare);

}  // namespace breakeven::cuda
