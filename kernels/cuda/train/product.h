// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "harness/train/program.h"
#include "kernels/cuda/context.h"
#include "kernels/cuda/conv_job.h"

namespace breakeven::cuda {

/// What becomes of a sum on its way to the result: y = act(scale sum + bias), or added to what is there.
/// Gradients of weights are fp32, all else is stored as the operands are.
struct ProductEnd {
  float scale = 1;
  const float* bias = nullptr;  // of each column; null: none
  train::Activation activation = train::Activation::none;
  void* before = nullptr;  // gelu: scale sum + bias is kept here
  bool accumulate = false;
};

/// The scratch memory of products, shared by all of them: they run one after another.
struct ProductScratch {
  int64_t sum_bytes = 0, tiles = 0;
};
struct ProductPartials {
  float* sums = nullptr;
  unsigned* arrived = nullptr;  // one for every tile; zero between launches
};

/// The tile of the result that a block computes; `best`: by the sizes.
enum class ProductTile : uint8_t { best, large, small };

/// Our own product of matrices in one direction of one convolution, chosen once. A linear layer is the
/// convolution of images of one pixel: y = x W^T, dx = dy W and dW = dy^T x are its three directions.
class TrainProduct {
 public:
  /// Throws Unsupported where this device or this build cannot.
  TrainProduct(const Context&, const Conv2d&, ProductTile = ProductTile::best);
  ProductScratch scratch() const { return scratch_; }
  void launch(const ConvArguments& arguments, const ProductEnd& end, const ProductPartials& partials) const {
    launch_(arguments, end, partials);
  }

 private:
  ProductScratch scratch_;
  std::function<void(const ConvArguments&, const ProductEnd&, const ProductPartials&)> launch_;
};

}  // namespace breakeven::cuda
