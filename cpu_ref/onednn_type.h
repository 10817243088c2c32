// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <dnnl.hpp>

#include "harness/backend.h"

namespace breakeven::cpu {

/// Throws Unsupported where oneDNN has no such type.
inline dnnl::memory::data_type onednn_type(Element element) {
  switch (element) {
    case Element::fp32:
      return dnnl::memory::data_type::f32;
    case Element::bf16:
      return dnnl::memory::data_type::bf16;
    case Element::fp16:
      return dnnl::memory::data_type::f16;
    case Element::int8:
      return dnnl::memory::data_type::s8;
    case Element::int32:
      return dnnl::memory::data_type::s32;
    default:
      throw Unsupported(fmt::format("oneDNN has no {}", name(element)));
  }
}

}  // namespace breakeven::cpu
