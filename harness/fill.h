// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "harness/tensor.h"

namespace breakeven {

/// What operands hold. `uniform` is what every comparison uses; `zeros`, `constant` and `integers` are there
/// to show how much such data flatter (less switching, more power for the clock); `wide` has the dynamic
/// range of gradients.
enum class Fill : uint8_t { uniform, normal, integers, constant, zeros, wide };
std::string_view name(Fill);
std::optional<Fill> parse_fill(std::string_view);

/// The values, before the one rounding to `precision` (int8: times kInt8Scale, to the nearest):
///   uniform   on [-1, 1)
///   normal    bell-shaped on (-1, 1): the mean of eight uniform draws, standard deviation 0.204
///   integers  -2 .. 2 (int8 the same, unscaled)
///   constant  0.5
///   wide      +-2^e (1 + f), e uniform on -34 .. -5, f on [0, 1)
/// each times 2^`scale_log2`. The same bytes on every machine and for any number of threads; `stream` tells
/// the operands of one problem apart.
void fill(Tensor&, Precision, Fill, uint64_t seed, uint64_t stream, int scale_log2 = 0);

/// What int8 operands other than small integers were multiplied by (operand.h).
inline constexpr double kInt8Scale = 127.5;

}  // namespace breakeven
