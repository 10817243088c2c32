// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "cpu_ref/train/program_memory.h"

namespace breakeven::cpu {

/// One linear or convolution operation, in either direction, made for its shapes and for where its arrays lie.
class Product {
 public:
  virtual ~Product() = default;
  /// The parameters have changed: brings the weights into the layout and precision that `run` reads.
  virtual void refresh() {}
  /// linear: with bias, scale and ReLU; of GELU the value before it alone (out[1]). linear_weights: dW alone,
  /// without the bias's gradient.
  virtual void run() = 0;
  /// What was dispatched: "brgconv:avx512_core_amx_bf16".
  virtual std::string implementation() const = 0;
};

/// A library that multiplies.
class Products {
 public:
  virtual ~Products() = default;
  /// Of the kinds linear, conv and their gradients. Throws Unsupported. `op` must outlive the product.
  virtual std::unique_ptr<Product> make(const train::Op& op) = 0;
  /// After the last `make`, before the first `run`: memory that all products share.
  virtual void finish() {}
  /// Bytes of weights in own layouts, and of scratch.
  virtual int64_t bytes() const = 0;
  virtual std::string name() const = 0;  // "oneDNN 2.6.3"
};

/// `memory` must outlive them.
std::unique_ptr<Products> onednn_products(const ProgramMemory& memory);
std::unique_ptr<Products> openblas_products(const ProgramMemory& memory);
/// bf16 alone. Convolutions by own AMX tiles where they are faster than oneDNN's, which does the rest.
std::unique_ptr<Products> amx_products(const ProgramMemory& memory);

/// The extents of a linear operation: x [rows, in], W [out, in].
struct LinearExtents {
  LinearExtents(const train::Program&, const train::Op&);
  int64_t rows, in, out;
};

/// Those of a convolution: x [batch, height, width, channels], y [batch, p, q, filters].
struct ConvExtents {
  ConvExtents(const train::Program&, const train::Op&);
  int64_t batch, height, width, channels, p, q, filters, kernel, stride, padding;
};

}  // namespace breakeven::cpu
