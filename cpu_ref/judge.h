// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>

#include "harness/gemm.h"

namespace breakeven::cpu {

/// Every row of the product in turn, epilogue included, before any rounding to the output's type: calls
/// `row(b * m + i, values[n])`, from several threads at once. Sums run over ascending k in double, in long
/// double for fp64 inputs. Products of inputs up to 26 significant bits are exact in a double, and so are the
/// sums of int8 products, so that only the sums of floats round, 2^-53 each.
using RowSink = std::function<void(int64_t row, std::span<const double> values)>;
void multiply_rows(const Gemm&, const Tensor& a, const Tensor& b, const Tensor* bias, const RowSink& row);

/// The same values at row-major positions `probes` alone.
std::vector<double> multiply_at(const Gemm&, const Inputs&, std::span<const int64_t> probes);

}  // namespace breakeven::cpu
