// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/backend.h"
#include "kernels/cuda/context.h"
#include "kernels/cuda/device_buffer.h"

// What all jobs share whose operands and results lie in device memory, whatever the problem.

namespace breakeven::cuda {

/// Operand `index` of the problem, `slots` times; an empty buffer where it has none of that index (no bias).
DeviceBuffer placed_operand(const Inputs&, size_t index, int64_t slots, const Context&);

/// A job with its operands in some buffers and its results in others. Whoever derives from it names them.
class PlacedJob : public Job {
 public:
  using Buffers = std::vector<const DeviceBuffer*>;

  explicit PlacedJob(ContextPtr context) : context_(std::move(context)) {}
  void poison() override;
  /// Throws when the contender wrote outside a result.
  std::vector<Tensor> outputs(int64_t slot) override;
  /// In the order of the problem's operands, without those that it does not have; all slots hold the same.
  virtual Buffers operand_buffers() const = 0;
  /// In the order of the problem's results.
  virtual Buffers result_buffers() const = 0;
  virtual std::vector<ArrayShape> result_shapes() const = 0;

 protected:
  ContextPtr context_;  // declared first: the memory of those who derive goes before the device does
};

/// What a contender says to a problem that is not of its kind (as for_problem in backend.h).
inline constexpr std::string_view kAnotherKind = "answers another kind of problem";

/// Binds a contender's functions for one kind of problem to the variant type that the harness speaks.
template <class P>
std::function<Reason(const Problem&)> for_kind(std::function<Reason(const P&)> why_not) {
  return [why_not = std::move(why_not)](const Problem& problem) -> Reason {
    const P* kind = std::get_if<P>(&problem);
    return kind ? why_not(*kind) : Reason(kAnotherKind);
  };
}
template <class P>
using PrepareKind = std::function<std::unique_ptr<Job>(const P&, const Inputs&, const Placement&)>;
/// `context` null: the kernel is only listed, and preparing it throws.
template <class P>
PrepareKind<Problem> for_kind(ContextPtr context, PrepareKind<P> prepare) {
  return
      [context = std::move(context), prepare = std::move(prepare)](
          const Problem& problem, const Inputs& inputs, const Placement& placement) -> std::unique_ptr<Job> {
        if (!context) throw Unsupported("no CUDA device is open: this kernel is only listed");
        return prepare(std::get<P>(problem), inputs, placement);
      };
}

}  // namespace breakeven::cuda
