// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/cuda/device_buffer.h"
#include "kernels/cuda/train/products.h"

namespace breakeven::cuda {
namespace {

class OwnProducts : public Products {
 public:
  explicit OwnProducts(const Context& context) : context_(context) {}

  std::function<void()> prepare(const PlacedProduct& placed) override {
    const TrainProduct product(context_, placed.conv);
    need_.sum_bytes = std::max(need_.sum_bytes, product.scratch().sum_bytes);
    need_.tiles = std::max(need_.tiles, product.scratch().tiles);
    return [this, product, placed] {
      product.launch(placed.arguments, placed.end, {sums_.as<float>(), arrived_.as<unsigned>()});
    };
  }
  void allocate() override {
    if (need_.tiles == 0) return;
    sums_ = DeviceBuffer(need_.sum_bytes, 1, context_.stream());
    arrived_ = DeviceBuffer(need_.tiles * 4, 1, context_.stream());
    arrived_.fill(0, context_.stream());
  }
  int64_t bytes() const override { return sums_.bytes() + arrived_.bytes(); }
  std::string words() const override { return "own kernels"; }

 private:
  const Context& context_;
  ProductScratch need_;
  DeviceBuffer sums_, arrived_;
};

}  // namespace

std::unique_ptr<Products> own_products(const Context& context) {
  return std::make_unique<OwnProducts>(context);
}

}  // namespace breakeven::cuda
