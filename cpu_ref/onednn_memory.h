// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dnnl.hpp>

// As onednn_compat.h, for primitives without products: oneDNN 2.x (2.6 and newer) describes an operation
// first, 3.x creates a primitive's description at once. Each throws dnnl::error (status unimplemented) where
// there is no such primitive. For inference: nothing is kept for a backward pass but what layer normalization
// is asked for.

namespace breakeven::cpu {

inline dnnl::softmax_forward::primitive_desc softmax_description(const dnnl::engine& engine,
                                                                 const dnnl::memory::desc& x, int axis) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl::softmax_forward::primitive_desc(engine, dnnl::prop_kind::forward_inference,
                                               dnnl::algorithm::softmax_accurate, x, x, axis);
#else
  return dnnl::softmax_forward::primitive_desc({dnnl::prop_kind::forward_inference, x, axis}, engine);
#endif
}

inline dnnl::eltwise_forward::primitive_desc gelu_description(const dnnl::engine& engine,
                                                              const dnnl::memory::desc& x) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl::eltwise_forward::primitive_desc(engine, dnnl::prop_kind::forward_inference,
                                               dnnl::algorithm::eltwise_gelu_tanh, x, x);
#else
  return dnnl::eltwise_forward::primitive_desc(
      {dnnl::prop_kind::forward_inference, dnnl::algorithm::eltwise_gelu_tanh, x, 0.f, 0.f}, engine);
#endif
}

/// Training, because that writes mean and variance; scale and shift are arguments of their own.
inline dnnl::layer_normalization_forward::primitive_desc layernorm_description(
    const dnnl::engine& engine, const dnnl::memory::desc& x, const dnnl::memory::desc& statistics,
    float epsilon) {
  const auto flags = dnnl::normalization_flags::use_scale | dnnl::normalization_flags::use_shift;
#if DNNL_VERSION_MAJOR >= 3
  return dnnl::layer_normalization_forward::primitive_desc(engine, dnnl::prop_kind::forward_training, x, x,
                                                           statistics, epsilon, flags);
#else
  return dnnl::layer_normalization_forward::primitive_desc(
      {dnnl::prop_kind::forward_training, x, statistics, epsilon, flags}, engine);
#endif
}

}  // namespace breakeven::cpu
