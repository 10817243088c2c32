// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/cuda/train/conv_vendor.h"
#include "kernels/cuda/train/elementwise.h"
#include "kernels/cuda/train/lt_product.h"

namespace breakeven::cuda {
namespace {

/// Linear layers by cuBLASLt, bias and activation by a kernel of ours behind it; convolutions by cuDNN, which
/// is not opened where there are none.
class VendorProducts : public Products {
 public:
  explicit VendorProducts(const Context& context)
      : context_(context), lt_(cublaslt()), handle_(lt_handle(lt_)) {}

  std::function<void()> prepare(const PlacedProduct& placed) override {
    const Conv2d& c = placed.conv;
    if (c.h == 1 && c.w == 1 && c.r == 1 && c.s == 1) return linear(placed);
    if (!convolutions_) convolutions_ = vendor_convolutions(context_);
    return convolutions_->prepare(c, placed.arguments);
  }
  void allocate() override {
    if (workspace_bytes_ > 0) workspace_ = DeviceBuffer(workspace_bytes_, 1, context_.stream());
  }
  int64_t bytes() const override { return workspace_.bytes() + (convolutions_ ? convolutions_->bytes() : 0); }
  std::string words() const override {
    const std::string lt = "cuBLASLt " + lt_.version;
    return (convolutions_ ? lt + ", " + convolutions_->words() : lt) + ", own kernels for the rest";
  }

 private:
  std::function<void()> linear(const PlacedProduct& placed) {
    const auto product = std::make_shared<LtProduct>(lt_, handle_.get(), placed);
    workspace_bytes_ = std::max(workspace_bytes_, product->workspace_bytes());
    const ProductEnd end = placed.end;
    const bool ends = end.bias || end.activation != train::Activation::none;
    return [this, product, end, ends, conv = placed.conv, result = placed.arguments.result] {
      product->launch(workspace_, context_.stream());
      if (!ends) return;
      launch_bias_activation(conv.precision, end.activation, end.bias, result, end.before, conv.n * conv.k,
                             conv.k, context_.stream());
    };
  }

  const Context& context_;
  const CublasLt& lt_;
  LtOwned<cublasLtHandle_t> handle_;
  std::unique_ptr<VendorConvolutions> convolutions_;
  int64_t workspace_bytes_ = 0;
  DeviceBuffer workspace_;
};

}  // namespace

std::unique_ptr<Products> vendor_products(const Context& context) {
  return std::make_unique<VendorProducts>(context);
}

}  // namespace breakeven::cuda
