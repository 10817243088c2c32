// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/onednn_convolution.h"

#include <fmt/format.h>

#include "cpu_ref/onednn_type.h"
#include "harness/backend.h"

namespace breakeven::cpu {
namespace {

using dnnl::memory;

/// Logical [n, c, h, w], in memory n h w c.
memory::desc activation(const std::vector<int64_t>& nhwc, Element element) {
  const int64_t n = nhwc[0], h = nhwc[1], w = nhwc[2], c = nhwc[3];
  return {memory::dims{n, c, h, w}, onednn_type(element), memory::dims{h * w * c, 1, w * c, c}};
}

/// Logical [k, c, r, s], with groups [g, k/g, c/g, r, s]; in memory k r s c.
memory::desc filter(const Conv2d& v, Element element) {
  const int64_t depth = v.group_channels(), each = v.r * v.s * depth;
  if (v.groups == 1)
    return {memory::dims{v.k, depth, v.r, v.s}, onednn_type(element), {each, 1, v.s * depth, depth}};
  return {memory::dims{v.groups, v.group_filters(), depth, v.r, v.s}, onednn_type(element),
          memory::dims{v.group_filters() * each, each, 1, v.s * depth, depth}};
}

memory::desc any_layout(const memory::desc& given) {
#if DNNL_VERSION_MAJOR >= 3
  return {given.get_dims(), given.get_data_type(), memory::format_tag::any};
#else
  return {given.dims(), given.data_type(), memory::format_tag::any};
#endif
}

dnnl::primitive_attr attributes_of(const Conv2d& conv) {
  dnnl::primitive_attr attributes;
  attributes.set_fpmath_mode(dnnl::fpmath_mode::strict);  // fp32 stays fp32, whatever the environment says
  if (conv.epilogue == Epilogue::bias_relu) {
    dnnl::post_ops operations;
    append_relu(operations);
    attributes.set_post_ops(operations);
  }
  return attributes;
}

}  // namespace

ConvolutionDescriptors given_arrays(const Conv2d& v) {
  const Element input = facts(v.precision).input, output = facts(v.precision).output;
  const auto unless_result = [&](bool result) { return result ? output : input; };
  ConvolutionDescriptors made{
      .x = activation(v.x_extents(), unless_result(v.direction == Direction::backward_data)),
      .w = filter(v, unless_result(v.direction == Direction::backward_weights)),
      .bias = {},
      .y = activation(v.y_extents(), unless_result(v.direction == Direction::forward)),
      .strides = {v.stride, v.stride},
      .dilation = {v.dilation - 1, v.dilation - 1},
      .padding = {v.padding, v.padding}};
  if (v.epilogue == Epilogue::bias_relu) made.bias = {{v.k}, memory::data_type::f32, memory::format_tag::a};
  return made;
}

dnnl::primitive_desc describe_convolution(const Conv2d& conv, Activations activations,
                                          const dnnl::engine& engine) {
  ConvolutionDescriptors d = given_arrays(conv);
  d.w = any_layout(d.w);
  if (activations == Activations::own_layout) {
    d.x = any_layout(d.x);
    d.y = any_layout(d.y);
  }
  const dnnl::primitive_attr attributes = attributes_of(conv);
  const auto forward = [&](dnnl::prop_kind kind) { return forward_description(engine, kind, d, attributes); };
  try {
    switch (conv.direction) {
      case Direction::backward_data:
        return backward_data_description(engine, d, forward(dnnl::prop_kind::forward_training), attributes);
      case Direction::backward_weights:
        return backward_weights_description(engine, d, forward(dnnl::prop_kind::forward_training), attributes);
      default:
        return forward(dnnl::prop_kind::forward_inference);
    }
  } catch (const dnnl::error& e) {
    if (e.status != dnnl_unimplemented) throw;
    throw Unsupported(fmt::format("oneDNN {}.{} has no {} {} convolution for this shape on this CPU",
                                  dnnl::version()->major, dnnl::version()->minor, name(conv.precision),
                                  name(conv.direction)));
  }
}

}  // namespace breakeven::cpu
