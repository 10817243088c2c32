// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <memory>

#include "kernels/cuda/stream.h"

namespace breakeven::cuda {

/// A device in use: what it is, and the one stream that all its work goes through, so that an event before
/// and one after a piece of work see all of it. Shared by the device and every job placed on it.
class Context {
 public:
  explicit Context(int ordinal);
  /// Makes it the calling thread's current device; whoever may be called first on a thread calls this.
  void use() const { check_cuda(cudaSetDevice(ordinal_), "cudaSetDevice"); }
  int ordinal() const { return ordinal_; }
  const cudaDeviceProp& properties() const { return properties_; }
  /// Compute capability as one number: 75, 90, 120.
  int capability() const { return properties_.major * 10 + properties_.minor; }
  cudaStream_t stream() const { return stream_->get(); }
  void synchronize() const { stream_->synchronize(); }

 private:
  int ordinal_;
  cudaDeviceProp properties_{};
  std::unique_ptr<Stream> stream_;
};
using ContextPtr = std::shared_ptr<const Context>;  // null where kernels are only listed

}  // namespace breakeven::cuda
