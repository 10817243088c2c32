// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/conv/axis.h"

namespace breakeven::cuda {

/// The sides of the products: m of one phase, the largest; n; k, the longest.
struct ProductSize {
  int64_t products, m, n, k;
};
ProductSize product_size(const Conv2d&, const Phases&);
/// One phase but for backward data.
Phases phases_of(const Conv2d&);

Reason why_not_implicit_gemm(const Conv2d&);

}  // namespace breakeven::cuda
