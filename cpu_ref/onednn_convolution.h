// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/onednn_compat.h"
#include "harness/conv2d.h"

namespace breakeven::cpu {

/// Whether activations are in the layout oneDNN likes best, or NHWC as given. The filter is always its
/// choice.
enum class Activations : uint8_t { own_layout, as_given };

/// x, w and y of a convolution as the problem has them: dense NHWC and KRSC; the bias empty without one.
ConvolutionDescriptors given_arrays(const Conv2d&);

/// The primitive for it. Throws Unsupported where this oneDNN has none on this CPU.
dnnl::primitive_desc describe_convolution(const Conv2d&, Activations, const dnnl::engine&);

}  // namespace breakeven::cpu
