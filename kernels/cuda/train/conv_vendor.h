// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "kernels/cuda/context.h"
#include "kernels/cuda/conv_job.h"

namespace breakeven::cuda {

/// Convolutions by cuDNN.
class VendorConvolutions {
 public:
  virtual ~VendorConvolutions() = default;
  /// What starts it. Gradients of filters arrive in fp32, whatever the precision. Throws Unsupported where no
  /// engine takes it.
  virtual std::function<void()> prepare(const Conv2d&, const ConvArguments&) = 0;
  virtual int64_t bytes() const = 0;
  virtual std::string words() const = 0;
};
/// Throws Unsupported where there is no cuDNN.
std::unique_ptr<VendorConvolutions> vendor_convolutions(const Context&);

}  // namespace breakeven::cuda
