// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// In place of conv_vendor.cpp where the toolkit came without cuDNN's headers.

#include "kernels/cuda/train/conv_vendor.h"

namespace breakeven::cuda {

std::unique_ptr<VendorConvolutions> vendor_convolutions(const Context&) {
  throw Unsupported("this build has no cuDNN: its headers were not found");
}

}  // namespace breakeven::cuda
