// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dnnl.hpp>

// What differs between oneDNN 2.x (2.6 and newer) and 3.x: operation descriptors went away, and
// post-operations lost their scale.

namespace breakeven::cpu {

inline void append_relu(dnnl::post_ops& operations) {
#if DNNL_VERSION_MAJOR >= 3
  operations.append_eltwise(dnnl::algorithm::eltwise_relu, 0.f, 0.f);
#else
  operations.append_eltwise(1.f, dnnl::algorithm::eltwise_relu, 0.f, 0.f);
#endif
}

/// Times `scale`.
inline void append_linear(dnnl::post_ops& operations, float scale) {
#if DNNL_VERSION_MAJOR >= 3
  operations.append_eltwise(dnnl::algorithm::eltwise_linear, scale, 0.f);
#else
  operations.append_eltwise(1.f, dnnl::algorithm::eltwise_linear, scale, 0.f);
#endif
}

/// An empty `bias` descriptor means none. Throws dnnl::error (status unimplemented) where there is no such
/// matmul.
inline dnnl::matmul::primitive_desc matmul_description(
    const dnnl::engine& engine, const dnnl::memory::desc& a, const dnnl::memory::desc& b,
    const dnnl::memory::desc& bias, const dnnl::memory::desc& c, const dnnl::primitive_attr& attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl::matmul::primitive_desc(engine, a, b, bias, c, attributes);
#else
  return dnnl::matmul::primitive_desc(dnnl::matmul::desc(a, b, bias, c), attributes, engine);
#endif
}

/// A convolution's arrays (an empty `bias` means none) and its geometry; oneDNN counts dilation from 0.
struct ConvolutionDescriptors {
  dnnl::memory::desc x, w, bias, y;
  dnnl::memory::dims strides, dilation, padding;
};

inline dnnl::convolution_forward::primitive_desc forward_description(const dnnl::engine& engine,
                                                                     dnnl::prop_kind kind,
                                                                     const ConvolutionDescriptors& d,
                                                                     const dnnl::primitive_attr& attributes) {
  constexpr auto kAlgorithm = dnnl::algorithm::convolution_direct;
#if DNNL_VERSION_MAJOR >= 3
  return dnnl::convolution_forward::primitive_desc(engine, kind, kAlgorithm, d.x, d.w, d.bias, d.y, d.strides,
                                                   d.dilation, d.padding, d.padding, attributes);
#else
  const dnnl::convolution_forward::desc operation(kind, kAlgorithm, d.x, d.w, d.bias, d.y, d.strides,
                                                  d.dilation, d.padding, d.padding);
  return dnnl::convolution_forward::primitive_desc(operation, attributes, engine);
#endif
}

/// A backward pass is asked for with the forward pass it belongs to as a hint.
inline dnnl::primitive_desc backward_data_description(const dnnl::engine& engine,
                                                      const ConvolutionDescriptors& d,
                                                      const dnnl::convolution_forward::primitive_desc& hint,
                                                      const dnnl::primitive_attr& attributes) {
  constexpr auto kAlgorithm = dnnl::algorithm::convolution_direct;
#if DNNL_VERSION_MAJOR >= 3
  return dnnl::convolution_backward_data::primitive_desc(engine, kAlgorithm, d.x, d.w, d.y, d.strides,
                                                         d.dilation, d.padding, d.padding, hint, attributes);
#else
  const dnnl::convolution_backward_data::desc operation(kAlgorithm, d.x, d.w, d.y, d.strides, d.dilation,
                                                        d.padding, d.padding);
  return dnnl::convolution_backward_data::primitive_desc(operation, attributes, engine, hint);
#endif
}

inline dnnl::primitive_desc backward_weights_description(const dnnl::engine& engine,
                                                         const ConvolutionDescriptors& d,
                                                         const dnnl::convolution_forward::primitive_desc& hint,
                                                         const dnnl::primitive_attr& attributes) {
  constexpr auto kAlgorithm = dnnl::algorithm::convolution_direct;
#if DNNL_VERSION_MAJOR >= 3
  return dnnl::convolution_backward_weights::primitive_desc(
      engine, kAlgorithm, d.x, d.w, d.y, d.strides, d.dilation, d.padding, d.padding, hint, attributes);
#else
  const dnnl::convolution_backward_weights::desc operation(kAlgorithm, d.x, d.w, d.y, d.strides, d.dilation,
                                                           d.padding, d.padding);
  return dnnl::convolution_backward_weights::primitive_desc(operation, attributes, engine, hint);
#endif
}

}  // namespace breakeven::cpu
