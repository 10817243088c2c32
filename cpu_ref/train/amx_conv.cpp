// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/amx_conv.h"

#include <immintrin.h>
#include <omp.h>

#include <algorithm>

#include "cpu_ref/amx_tiles.h"

// y[16 images of one pixel, 32 filters] = sum over taps and channels of x[16 images of the tap's pixel,
// channels] times filters: a row of A is an image, so that small pictures fill tiles as well as large ones,
// and taps outside the picture are left out instead of multiplied by zeros. Images of one pixel lie far apart
// in NHWC; a strip of 16 images is therefore gathered into tiles first, which its filters then read over and
// over.

namespace breakeven::cpu {
namespace {

constexpr int64_t kImages = 16, kSums = kImages * 16;
constexpr int64_t kStripBytes = 512 << 10;  // of gathered x, in L2 beside the filters

/// Channels of one A tile.
int64_t depth(const AmxConv& c) { return c.in % 32 == 0 ? 32 : 16; }

/// Rows of the picture that are worked on together.
int64_t strip_rows(const AmxConv& c) {
  const int64_t row_bytes = c.width * kImages * c.in * 2;
  return std::clamp<int64_t>(kStripBytes / row_bytes - 2 * c.padding(), 1, c.height);
}
int64_t strip_elements(const AmxConv& c) {
  return std::min(strip_rows(c) + 2 * c.padding(), c.height) * c.width * kImages * c.in;
}

/// Rows [first, last) of 16 images -> [rows][width][in / depth][16 images][depth].
void gather(const AmxConv& c, const uint16_t* x, int64_t first, int64_t last, uint16_t* to) {
  const int64_t image = c.height * c.width * c.in, deep = depth(c);
  for (int64_t pixel = first * c.width; pixel < last * c.width; ++pixel, to += kImages * c.in) {
    const uint16_t* from = x + pixel * c.in;
    for (int64_t n = 0; n < kImages; ++n, from += image) {
      for (int64_t at = 0; at < c.in; at += deep) {
        uint16_t* tile = to + at * kImages + n * deep;
        if (deep == 32) {
          _mm512_store_si512(tile, _mm512_loadu_si512(from + at));
        } else {
          _mm256_store_si256(reinterpret_cast<__m256i*>(tile),
                             _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + at)));
        }
      }
    }
  }
}

/// Sums of the block before, on their way to y while the tiles of the next are multiplied.
struct Leaving {
  const float* sums = nullptr;  // [pixels][1 or 2 halves of the filters][16 images][16]
  uint16_t* y = nullptr;
  int64_t pixel_stride = 0, image_stride = 0;
  int rows = 0, row = 0;
  bool two = false;

  void some(int count) {
    for (; count > 0 && row < rows; --count, ++row) {
      const float* from = sums + (row >> 4) * 2 * kSums + (row & 15) * 16;
      uint16_t* to = y + (row >> 4) * pixel_stride + (row & 15) * image_stride;
      const __m512 low = _mm512_load_ps(from);
      if (two) {
        const __m512bh both = _mm512_cvtne2ps_pbh(_mm512_load_ps(from + kSums), low);
        _mm512_storeu_si512(to, reinterpret_cast<const __m512i&>(both));
      } else {
        const __m256bh half = _mm512_cvtneps_pbh(low);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), reinterpret_cast<const __m256i&>(half));
      }
    }
  }
};
constexpr int kLeavingRows = 8;  // each time; 9 taps take all 64 along

/// Multiplies over the channels of one tap: pixel 0 with tiles 0 and 1 of the sums, pixel 1 with 2 and 3.
template <bool first, bool second, bool two>
void multiply(const uint16_t* x, const uint16_t* filters, int64_t channels, int64_t deep, Leaving& leaving) {
  const int64_t tile = 16 * deep, pixel = 16 * channels;
  for (int64_t at = 0; at < channels; at += deep, x += tile, filters += two ? 2 * tile : tile) {
    if constexpr (first) _tile_loadd(4, x, deep * 2);
    _tile_loadd(6, filters, 64);
    if constexpr (first) _tile_dpbf16ps(0, 4, 6);
    if constexpr (second) _tile_loadd(5, x + pixel, deep * 2);
    if constexpr (two) _tile_loadd(7, filters + tile, 64);
    if constexpr (second) _tile_dpbf16ps(2, 5, 6);
    if constexpr (first && two) _tile_dpbf16ps(1, 4, 7);
    if constexpr (second && two) _tile_dpbf16ps(3, 5, 7);
    leaving.some(kLeavingRows);
  }
}

/// Where a thread is: its strip of x, the filters and sums of one group of 32 (or the last 16).
struct Place {
  const AmxConv& c;
  const uint16_t* strip;
  int64_t top;  // row of the picture that the strip begins with
  const uint16_t* filters;
  uint16_t* y;  // first image, first filter of the group
};

/// Two pixels (width is even) from column `w` of row `h`.
template <bool two>
void block(const Place& p, int64_t h, int64_t w, Leaving& leaving, float* sums) {
  _tile_zero(0);
  _tile_zero(2);
  if constexpr (two) {
    _tile_zero(1);
    _tile_zero(3);
  }
  const AmxConv& c = p.c;
  const int64_t deep = depth(c), pad = c.padding(), tap_filters = c.in * (two ? 32 : 16);
  for (int64_t r = 0; r < c.kernel; ++r) {
    const int64_t row = h + r - pad;
    if (row < 0 || row >= c.height) continue;
    for (int64_t s = 0; s < c.kernel; ++s) {
      const int64_t column = w + s - pad;
      const uint16_t* x = p.strip + ((row - p.top) * c.width + column) * kImages * c.in;
      const uint16_t* filters = p.filters + (r * c.kernel + s) * tap_filters;
      const bool first = column >= 0 && column < c.width, second = column + 1 >= 0 && column + 1 < c.width;
      if (first && second) {
        multiply<true, true, two>(x, filters, c.in, deep, leaving);
      } else if (first) {
        multiply<true, false, two>(x, filters, c.in, deep, leaving);
      } else if (second) {
        multiply<false, true, two>(x, filters, c.in, deep, leaving);
      }
    }
  }
  leaving.some(64);
  _tile_stored(0, sums, 64);
  _tile_stored(2, sums + 2 * kSums, 64);
  if constexpr (two) {
    _tile_stored(1, sums + kSums, 64);
    _tile_stored(3, sums + 3 * kSums, 64);
  }
  publish(sums);
  leaving = {sums, p.y + (h * c.width + w) * c.out, c.out, c.height * c.width * c.out, 32, 0, two};
}

/// Filters in groups of 32, the last perhaps of 16; each [kernel][kernel][in / depth][1 or 2][depth /
/// 2][16][2]. `at(k, r, s, ch)` is the filter's element.
template <class At>
void pack(const AmxConv& c, uint16_t* to, At at) {
  const int64_t deep = depth(c), groups = (c.out + 31) / 32;
#pragma omp parallel for schedule(static)
  for (int64_t g = 0; g < groups; ++g) {
    uint16_t* out = to + g * 32 * c.kernel * c.kernel * c.in;
    const int64_t halves = std::min<int64_t>(2, (c.out - g * 32) / 16);
    for (int64_t tap = 0; tap < c.kernel * c.kernel; ++tap) {
      for (int64_t first = 0; first < c.in; first += deep) {
        for (int64_t i = 0; i < halves * deep / 2; ++i) {
          const int64_t k = g * 32 + i / (deep / 2) * 16, ch = first + i % (deep / 2) * 2;
          for (int64_t j = 0; j < 32; ++j) {
            const __m128bh one = _mm_cvtneps_pbh(_mm_set_ss(at(k + j / 2, tap, ch + j % 2)));
            *out++ = static_cast<uint16_t>(_mm_extract_epi16(reinterpret_cast<const __m128i&>(one), 0));
          }
        }
      }
    }
  }
}

}  // namespace

void amx_pack(const AmxConv& c, const float* filters, uint16_t* tiles) {
  const int64_t taps = c.kernel * c.kernel;
  pack(c, tiles, [&](int64_t k, int64_t tap, int64_t ch) { return filters[(k * taps + tap) * c.in + ch]; });
}

void amx_pack_transposed(const AmxConv& c, const float* filters, uint16_t* tiles) {
  const int64_t taps = c.kernel * c.kernel;
  pack(c.transposed(), tiles,
       [&](int64_t k, int64_t tap, int64_t ch) { return filters[(ch * taps + taps - 1 - tap) * c.in + k]; });
}

int64_t amx_convolve_scratch(const AmxConv& c, int threads) { return threads * strip_elements(c) * 2; }

void amx_convolve(const AmxConv& c, const uint16_t* x, const uint16_t* tiles, uint16_t* y, void* scratch) {
  const int64_t rows = strip_rows(c), strips = (c.height + rows - 1) / rows, groups = (c.out + 31) / 32;
  const int64_t image = c.height * c.width;
#pragma omp parallel
  {
    configure_tiles(static_cast<int>(2 * depth(c)));
    auto* const strip = static_cast<uint16_t*>(scratch) + omp_get_thread_num() * strip_elements(c);
    alignas(64) float sums[2][4 * kSums];
    int turn = 0;
    Leaving leaving;
    // Few images on many threads: each takes a part of the filters, and gathers its strip for itself.
    const int64_t shares = std::clamp<int64_t>(omp_get_num_threads() / (c.blocks() * strips), 1, groups);
#pragma omp for schedule(static) collapse(3)
    for (int64_t n = 0; n < c.blocks(); ++n) {
      for (int64_t s = 0; s < strips; ++s) {
        for (int64_t share = 0; share < shares; ++share) {
          const int64_t first = s * rows, last = std::min(first + rows, c.height);
          const int64_t top = std::max<int64_t>(0, first - c.padding());
          gather(c, x + n * kImages * image * c.in, top, std::min(c.height, last + c.padding()), strip);
          for (int64_t g = groups * share / shares; g < groups * (share + 1) / shares; ++g) {
            const Place p{c, strip, top, tiles + g * 32 * c.kernel * c.kernel * c.in,
                          y + n * kImages * image * c.out + g * 32};
            const bool two = c.out - g * 32 >= 32;
            for (int64_t at = first * c.width; at < last * c.width; at += 2, turn ^= 1) {
              two ? block<true>(p, at / c.width, at % c.width, leaving, sums[turn])
                  : block<false>(p, at / c.width, at % c.width, leaving, sums[turn]);
            }
          }
        }
      }
    }
    leaving.some(64);
    _tile_release();
  }
}

}  // namespace breakeven::cpu
