// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/conv_job.h"
#include "kernels/device/language.h"

// Which row of what is gathered meets which output, for one of the two dimensions. In the direction of the
// data a stride leaves gaps: input row h meets output (h + pad - i d) / u only where that is whole. So the
// rows of dx fall into u phases, h = phase, phase + u, ..., and each phase is a convolution without a stride,
// with every tap_step-th tap of the filter alone: nothing is multiplied by the gaps.

namespace breakeven::cuda {

/// Output `v` and tap `t` meet row v * scale + first + t * step of `extent`, or nothing where that is
/// outside. Output v stands in row start + v * spacing of the result, tap t is first_tap + t * tap_step of
/// the filter.
struct Axis {
  int count, scale, first, step, extent;
  int taps, first_tap, tap_step;
  int start, spacing;
};

/// The two strides of backward data, without their common divisor.
struct Phases {
  int y, x;           // phases that there are in the two dimensions
  int tap_step;       // u / gcd(u, d)
  int dilation_step;  // d / gcd(u, d)
};

/// `outputs` rows of y from `extent` rows of x.
__device__ inline Axis forward_axis(const ConvArguments& a, int outputs, int taps, int extent) {
  return {outputs, a.stride, -a.padding, a.dilation, extent, taps, 0, 1, 0, 1};
}

/// `inputs` rows of dx, those of `phase`, from `extent` rows of dy. No taps where none of the filter's meets
/// this phase: then dx is zero.
__device__ inline Axis backward_axis(const ConvArguments& a, const Phases& phases, int phase, int inputs,
                                     int taps, int extent) {
  int tap = 0;
  while (tap < taps && tap < phases.tap_step && (phase + a.padding - tap * a.dilation) % a.stride != 0) ++tap;
  const bool met = tap < taps && tap < phases.tap_step;
  return {(inputs - phase + a.stride - 1) / a.stride,
          1,
          met ? (phase + a.padding - tap * a.dilation) / a.stride : 0,
          -phases.dilation_step,
          extent,
          met ? (taps - tap + phases.tap_step - 1) / phases.tap_step : 0,
          tap,
          phases.tap_step,
          phase,
          a.stride};
}

}  // namespace breakeven::cuda
