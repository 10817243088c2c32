// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/conv2d.h"

namespace breakeven::cpu {

/// A run of rows of y, over all images: line = image * p() + row. One group of channels. The convolution is
/// then a product over patches, [lines * q(), r s c/g], in the order of a filter's elements.
struct PatchRange {
  int64_t begin = 0, end = 0;  // lines
  int64_t group = 0;
};

inline int64_t patch_size(const Conv2d& v) { return v.r * v.s * v.group_channels(); }

/// Whether x itself holds the patches (rows of c() elements): 1 x 1 filters at every place.
inline bool is_product(const Conv2d& v) { return v.r == 1 && v.s == 1 && v.stride == 1 && v.padding == 0; }

/// Lines whose patches take about `bytes`, at least one.
int64_t lines_in(const Conv2d&, int64_t bytes, int64_t element);

/// patches = what the range's places see of x, zeros where that is padding. By all threads, unless called in
/// a parallel region.
template <class T>
void gather_patches(const Conv2d&, const PatchRange&, const T* x, T* patches);

/// dx += the range's patches, each element at the place it would be gathered from; each by one thread, in a
/// fixed order.
template <class T>
void scatter_patches(const Conv2d&, const PatchRange&, const T* patches, T* dx);

}  // namespace breakeven::cpu
