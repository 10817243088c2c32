// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/backend.h"
#include "kernels/cuda/context.h"
#include "kernels/cuda/device_buffer.h"

namespace breakeven::cuda {

/// One execution of a memory-bound operation as a kernel sees it: device pointers in the order of
/// MemoryOp::operands() and results(), null beyond them. In place, operand and result are the same pointer.
struct MemoryArguments {
  std::array<const void*, 5> operands;
  std::array<void*, 3> results;

  template <class T>
  const T* operand(size_t i) const {
    return static_cast<const T*>(operands[i]);
  }
  template <class T>
  T* result(size_t i) const {
    return static_cast<T*>(results[i]);
  }
};

/// Operands and results in device memory, `slots` times. Of operands that are updated in place there is one
/// more copy, as given.
class PlacedMemory {
 public:
  PlacedMemory(const MemoryOp&, const Inputs&, int64_t slots, const Context&);
  MemoryArguments arguments(int64_t slot) const;
  /// See Job::poison; does not wait.
  void poison(cudaStream_t) const;
  /// Throws when something was written outside a result.
  std::vector<Tensor> outputs(int64_t slot, cudaStream_t) const;
  const MemoryOp& op() const { return op_; }
  const DeviceBuffer& operand(size_t i) const { return operands_[i]; }

 private:
  void restore(size_t operand, cudaStream_t) const;

  MemoryOp op_;
  std::vector<DeviceBuffer> operands_;  // those updated in place: once, as given
  std::vector<DeviceBuffer> results_;
};

/// What a kernel keeps between executions: a workspace.
class MemoryPlan {
 public:
  virtual ~MemoryPlan() = default;
  /// Starts one execution on the context's stream.
  virtual void launch(int64_t slot) = 0;
};

class MemoryJob : public Job {
 public:
  MemoryJob(ContextPtr, const MemoryOp&, const Inputs&, const Placement&);
  void poison() override;
  std::vector<Tensor> outputs(int64_t slot) override;
  const PlacedMemory& placed() const { return placed_; }

 protected:
  ContextPtr context_;  // declared first: the memory below goes before the device does
  PlacedMemory placed_;
};

using MemoryLaunch = void (*)(const MemoryOp&, const MemoryArguments&, const Context&);
/// Made once, after the operands are placed. `PlacedMemory` outlives the plan.
using MemoryPrepare = std::unique_ptr<MemoryPlan> (*)(const ContextPtr&, const PlacedMemory&);

/// A contender made of our own code. Either `launch` or `prepare`.
struct OwnMemory {
  std::string name, summary;
  std::vector<MemoryKind> kinds;
  std::string file;  // memory/<file>.cu holds it
  MemoryLaunch launch = nullptr;
  MemoryPrepare prepare = nullptr;
  int64_t (*scratch_bytes)(const MemoryOp&) = nullptr;  // see Kernel
};
Kernel own_memory(const ContextPtr&, const OwnMemory&);

/// As many blocks of a launch; throws Unsupported when a launch cannot have so many.
unsigned block_count(int64_t);

}  // namespace breakeven::cuda
