// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "kernels/cuda/context.h"
#include "kernels/cuda/train/product.h"

namespace breakeven::cuda {

/// A linear layer or a convolution in one direction, in the memory where it will run again and again. Linear
/// layers are convolutions of images of one pixel.
struct PlacedProduct {
  Conv2d conv;
  ConvArguments arguments;  // its own bias is not used
  ProductEnd end;
};

/// Who multiplies: our own kernels, or NVIDIA's libraries.
class Products {
 public:
  virtual ~Products() = default;
  /// What starts it on the context's stream, to be called after `allocate`. Throws Unsupported.
  virtual std::function<void()> prepare(const PlacedProduct&) = 0;
  /// Scratch memory for all that has been prepared.
  virtual void allocate() = 0;
  virtual int64_t bytes() const = 0;
  virtual std::string words() const = 0;  // for the record
};
using MakeProducts = std::unique_ptr<Products> (*)(const Context&);
std::unique_ptr<Products> own_products(const Context&);
std::unique_ptr<Products> vendor_products(const Context&);

}  // namespace breakeven::cuda
