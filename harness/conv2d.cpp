// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/conv2d.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/problem_name.h"
#include "harness/usage_error.h"

namespace breakeven {
namespace {

constexpr std::array kDirections{Direction::forward, Direction::backward_data, Direction::backward_weights};

/// Pairs (output position, filter position) along one dimension that meet the input rather than its padding.
double meetings(int64_t outputs, int64_t taps, int64_t extent, const Conv2d& conv) {
  double count = 0;
  for (int64_t tap = 0; tap < taps; ++tap) {
    // 0 <= o * stride + offset < extent
    const int64_t offset = tap * conv.dilation - conv.padding;
    const int64_t first = offset >= 0 ? 0 : (-offset + conv.stride - 1) / conv.stride;
    const int64_t last = offset >= extent ? -1 : (extent - 1 - offset) / conv.stride;
    count += static_cast<double>(std::max<int64_t>(0, std::min(last, outputs - 1) - first + 1));
  }
  return count;
}

double elements(const std::vector<int64_t>& extents) {
  double product = 1;
  for (const int64_t extent : extents) product *= static_cast<double>(extent);
  return product;
}

std::string unusable(const Conv2d& conv) {
  if (conv.dilation * (conv.r - 1) + 1 > conv.h + 2 * conv.padding ||
      conv.dilation * (conv.s - 1) + 1 > conv.w + 2 * conv.padding) {
    return fmt::format("a filter of {} x {}, spread by d={}, is larger than the padded input of {} x {}",
                       conv.r, conv.s, conv.dilation, conv.h + 2 * conv.padding, conv.w + 2 * conv.padding);
  }
  if (conv.c % conv.groups != 0) return fmt::format("c={} is not divisible by g={}", conv.c, conv.groups);
  if (conv.k % conv.groups != 0) return fmt::format("k={} is not divisible by g={}", conv.k, conv.groups);
  for (const auto& extents : {conv.x_extents(), conv.w_extents(), conv.y_extents()}) {
    if (elements(extents) > kMostElements) return "an operand of more than 2^40 elements";
  }
  if (conv.epilogue == Epilogue::bias_relu && conv.direction != Direction::forward) {
    return "'+bias_relu' goes with fwd alone";
  }
  return "";
}

}  // namespace

std::string_view name(Direction direction) {
  constexpr std::array<std::string_view, 3> kNames{"fwd", "bwdd", "bwdw"};
  return kNames[static_cast<size_t>(direction)];
}

std::string Conv2d::name() const {
  const auto unless_one = [](char letter, int64_t value) {
    return value == 1 ? "" : fmt::format("{}{}", letter, value);
  };
  return fmt::format("{}-n{}c{}h{}w{}k{}r{}s{}u{}p{}{}{}{}", breakeven::name(direction), n, c, h, w, k, r, s,
                     stride, padding, unless_one('d', dilation), unless_one('g', groups),
                     epilogue == Epilogue::bias_relu ? "+bias_relu" : "");
}

Work Conv2d::work() const {
  const double positions = meetings(p(), r, h, *this) * meetings(q(), s, w, *this);
  return {2.0 * static_cast<double>(n) * static_cast<double>(k) * static_cast<double>(group_channels()) *
              positions,
          static_cast<double>(bytes(operands())) + static_cast<double>(bytes(results()))};
}

std::vector<ArrayShape> Conv2d::operands() const {
  const Element input = facts(precision).input;
  switch (direction) {
    case Direction::backward_data:
      return {{input, y_extents()}, {input, w_extents()}};
    case Direction::backward_weights:
      return {{input, x_extents()}, {input, y_extents()}};
    case Direction::forward:
      break;
  }
  std::vector<ArrayShape> shapes{{input, x_extents()}, {input, w_extents()}};
  if (epilogue == Epilogue::bias_relu) shapes.push_back({bias_element(), {k}});
  return shapes;
}

std::vector<ArrayShape> Conv2d::results() const {
  return {{facts(precision).output, direction == Direction::forward         ? y_extents()
                                    : direction == Direction::backward_data ? x_extents()
                                                                            : w_extents()}};
}

Inputs Conv2d::inputs(uint64_t seed) const {
  Inputs made;
  for (const ArrayShape& shape : operands()) {
    const bool bias = made.operands.size() == 2;
    const Precision values = !bias || precision == Precision::fp64 ? precision : Precision::fp32;
    made.operands.push_back(shape.make());
    fill_uniform(made.operands.back(), values, seed, made.operands.size() - 1);
  }
  return made;
}

int64_t Conv2d::longest_sum() const {
  switch (direction) {
    case Direction::forward:
      return group_channels() * r * s;
    case Direction::backward_data:  // of the taps, every stride-th meets a given element
      return group_filters() * ((r + stride - 1) / stride) * ((s + stride - 1) / stride);
    case Direction::backward_weights:
      break;
  }
  return n * p() * q();
}

std::optional<Conv2d> parse_conv2d(std::string_view text, Precision precision, std::string* why) {
  Conv2d conv{.precision = precision};
  const auto* direction = std::ranges::find_if(kDirections, [&](Direction d) {
    return text.starts_with(name(d)) && text.substr(name(d).size()).starts_with("-");
  });
  if (direction == kDirections.end()) {
    *why = fmt::format("'fwd-', 'bwdd-' or 'bwdw-' expected at '{}'", shown(text));
    return std::nullopt;
  }
  conv.direction = *direction;
  text.remove_prefix(name(*direction).size() + 1);
  if (!take_number(text, 'n', conv.n, why) || !take_number(text, 'c', conv.c, why) ||
      !take_number(text, 'h', conv.h, why) || !take_number(text, 'w', conv.w, why) ||
      !take_number(text, 'k', conv.k, why) || !take_number(text, 'r', conv.r, why) ||
      !take_number(text, 's', conv.s, why) || !take_optional(text, 'u', conv.stride, why) ||
      !take_optional(text, 'p', conv.padding, why, kLargestExtent, 0) ||
      !take_optional(text, 'd', conv.dilation, why) || !take_optional(text, 'g', conv.groups, why)) {
    return std::nullopt;
  }
  if (take_word(text, "+bias_relu")) conv.epilogue = Epilogue::bias_relu;
  if (!text.empty()) {
    *why = fmt::format("'{}' left over (n..c..h..w..k..r..s..u..p..[d..][g..][+bias_relu], in this order)",
                       shown(text));
    return std::nullopt;
  }
  if (*why = unusable(conv); !why->empty()) return std::nullopt;
  return conv;
}

}  // namespace breakeven
