// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/im2col.h"

#include <omp.h>

#include <algorithm>
#include <cstring>

#include "cpu_ref/round_to.h"

namespace breakeven::cpu {
namespace {

/// Filter columns [from, to) that meet the input where output column q stands, with dilation 1.
struct Meeting {
  Meeting(const Conv2d& v, int64_t q)
      : first(q * v.stride - v.padding),
        from(std::clamp<int64_t>(-first, 0, v.s)),
        to(std::clamp<int64_t>(v.w - first, from, v.s)) {}
  int64_t first;  // column of x under the filter's first
  int64_t from, to;
};

/// One row of a patch: [s, c/g] from row `x` of the input (null in the padding).
template <class T>
void gather_row(const Conv2d& v, const T* x, int64_t group, int64_t q, T* out) {
  const int64_t depth = v.group_channels();
  if (!x) {
    std::fill_n(out, v.s * depth, T{});
  } else if (v.groups == 1 && v.dilation == 1) {  // neighbours in x are neighbours in the patch
    const Meeting m(v, q);
    std::fill_n(out, m.from * depth, T{});
    if (m.to > m.from)
      std::memcpy(out + m.from * depth, x + (m.first + m.from) * depth,
                  static_cast<size_t>((m.to - m.from) * depth) * sizeof(T));
    std::fill_n(out + m.to * depth, (v.s - m.to) * depth, T{});
  } else {
    for (int64_t j = 0; j < v.s; ++j, out += depth) {
      const int64_t column = q * v.stride - v.padding + j * v.dilation;
      if (column < 0 || column >= v.w) {
        std::fill_n(out, depth, T{});
      } else {
        std::copy_n(x + column * v.c + group * depth, depth, out);
      }
    }
  }
}

template <class T>
void gather_line(const Conv2d& v, int64_t line, int64_t group, const T* x, T* patches) {
  const int64_t p = v.p(), q = v.q(), size = patch_size(v), row_size = v.s * v.group_channels();
  for (int64_t i = 0; i < v.r; ++i) {
    const int64_t row = line % p * v.stride - v.padding + i * v.dilation;
    const T* from = row >= 0 && row < v.h ? x + (line / p * v.h + row) * v.w * v.c : nullptr;
    for (int64_t column = 0; column < q; ++column)
      gather_row(v, from, group, column, patches + column * size + i * row_size);
  }
}

/// Row `row` of image `image` of dx collects from those lines of the range that saw it.
template <class T>
void scatter_row(const Conv2d& v, const PatchRange& range, int64_t image, int64_t row, const T* patches,
                 T* dx) {
  const int64_t p = v.p(), q = v.q(), depth = v.group_channels(), size = patch_size(v);
  dx += (image * v.h + row) * v.w * v.c + range.group * depth;
  for (int64_t i = 0; i < v.r; ++i) {
    const int64_t strides = row + v.padding - i * v.dilation, line = image * p + strides / v.stride;
    if (strides < 0 || strides % v.stride != 0 || strides / v.stride >= p) continue;
    if (line < range.begin || line >= range.end) continue;
    const T* from = patches + (line - range.begin) * q * size + i * v.s * depth;
    for (int64_t at = 0; at < q; ++at, from += size) {
      for (int64_t j = 0; j < v.s; ++j) {
        const int64_t column = at * v.stride - v.padding + j * v.dilation;
        if (column < 0 || column >= v.w) continue;
        T* into = dx + column * v.c;
        for (int64_t l = 0; l < depth; ++l) into[l] += from[j * depth + l];
      }
    }
  }
}

}  // namespace

int64_t lines_in(const Conv2d& v, int64_t bytes, int64_t element) {
  return std::clamp<int64_t>(bytes / (v.q() * patch_size(v) * element), 1, v.n * v.p());
}

template <class T>
void gather_patches(const Conv2d& v, const PatchRange& range, const T* x, T* patches) {
  const int64_t size = v.q() * patch_size(v);
#pragma omp parallel for schedule(static) if (!omp_in_parallel())
  for (int64_t line = range.begin; line < range.end; ++line)
    gather_line(v, line, range.group, x, patches + (line - range.begin) * size);
}

template <class T>
void scatter_patches(const Conv2d& v, const PatchRange& range, const T* patches, T* dx) {
  const int64_t first = range.begin / v.p() * v.h, last = ((range.end - 1) / v.p() + 1) * v.h;
#pragma omp parallel for schedule(static) if (!omp_in_parallel())
  for (int64_t row = first; row < last; ++row) scatter_row(v, range, row / v.h, row % v.h, patches, dx);
}

template void gather_patches(const Conv2d&, const PatchRange&, const float*, float*);
template void gather_patches(const Conv2d&, const PatchRange&, const double*, double*);
template void gather_patches(const Conv2d&, const PatchRange&, const Bf16*, Bf16*);
template void gather_patches(const Conv2d&, const PatchRange&, const int8_t*, int8_t*);
template void scatter_patches(const Conv2d&, const PatchRange&, const float*, float*);
template void scatter_patches(const Conv2d&, const PatchRange&, const double*, double*);

}  // namespace breakeven::cpu
