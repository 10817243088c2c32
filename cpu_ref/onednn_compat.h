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

}  // namespace breakeven::cpu
