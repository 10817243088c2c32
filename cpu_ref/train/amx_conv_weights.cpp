// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include <algorithm>
#include <cstring>

#include "cpu_ref/amx_tiles.h"
#include "cpu_ref/train/amx_conv.h"

// dW[k, tap, c] = sum over pixels and images of dy[pixel, k] x[pixel + tap, c]. What is summed over must lie
// side by side in both operands, and in NHWC it is what lies furthest apart. Groups of images are therefore
// brought into tiles first, dy transposed and x in pairs of images, and every tap reads the same tiles of x,
// shifted by whole pixels.

namespace breakeven::cpu {
namespace {

constexpr int64_t kTile = 512;               // bf16 in a tile
constexpr int64_t kGroupBytes = 2048 << 10;  // of both operands' tiles, shared by all threads
constexpr int64_t kStepsBetweenSums = 16;  // multiplications of one tap before the next reads the same tiles

int64_t x_elements(const AmxConv& c) { return c.height * (c.width + 2 * c.padding()) * 16 * c.in; }
int64_t dy_elements(const AmxConv& c) { return c.height * c.width * 16 * c.out; }
/// Blocks of 16 images that are worked on together.
int64_t group_blocks(const AmxConv& c) {
  return std::clamp<int64_t>(kGroupBytes / (2 * (x_elements(c) + dy_elements(c))), 1, c.blocks());
}

/// 16 values of an image and of the next -> (image, next) of value 0, 1, ... 15.
__m512i pairs(const uint16_t* image, const uint16_t* next) {
  alignas(64) static const uint16_t kBoth[32] = {0,  32, 1,  33, 2,  34, 3,  35, 4,  36, 5,
                                                 37, 6,  38, 7,  39, 8,  40, 9,  41, 10, 42,
                                                 11, 43, 12, 44, 13, 45, 14, 46, 15, 47};
  const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(image));
  const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(next));
  return _mm512_permutex2var_epi16(_mm512_castsi256_si512(a), _mm512_load_si512(kBoth),
                                   _mm512_castsi256_si512(b));
}

/// Row `h` of 16 images -> [in / 16][padding + width + padding][8 pairs of images][16 channels][2].
void pair_x(const AmxConv& c, const uint16_t* x, int64_t h, uint16_t* to) {
  const int64_t image = c.height * c.width * c.in, pad = c.padding() * kTile / 2;
  for (int64_t first = 0; first < c.in; first += 16) {
    std::memset(to, 0, static_cast<size_t>(2 * pad));
    to += pad;
    for (int64_t w = 0; w < c.width; ++w) {
      const uint16_t* from = x + (h * c.width + w) * c.in + first;
      for (int64_t j = 0; j < 8; ++j, to += 32, from += 2 * image) {
        _mm512_store_si512(to, pairs(from, from + image));
      }
    }
    std::memset(to, 0, static_cast<size_t>(2 * pad));
    to += pad;
  }
}

/// A 16 x 16 matrix of 32-bit values, rows to columns. (By masked intrinsics: g++ 12 warns about the others.)
void transpose(__m512i* m) {
  __m512i t[16], u[16];
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_maskz_unpacklo_epi32(0xFFFF, m[i], m[i + 1]);
    t[i + 1] = _mm512_maskz_unpackhi_epi32(0xFFFF, m[i], m[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    u[i] = _mm512_maskz_unpacklo_epi64(0xFF, t[i], t[i + 2]);
    u[i + 1] = _mm512_maskz_unpackhi_epi64(0xFF, t[i], t[i + 2]);
    u[i + 2] = _mm512_maskz_unpacklo_epi64(0xFF, t[i + 1], t[i + 3]);
    u[i + 3] = _mm512_maskz_unpackhi_epi64(0xFF, t[i + 1], t[i + 3]);
  }
  for (int i = 0; i < 4; ++i) {
    const __m512i even = _mm512_maskz_shuffle_i32x4(0xFFFF, u[i], u[4 + i], 0x88);
    const __m512i odd = _mm512_maskz_shuffle_i32x4(0xFFFF, u[i], u[4 + i], 0xDD);
    const __m512i even_below = _mm512_maskz_shuffle_i32x4(0xFFFF, u[8 + i], u[12 + i], 0x88);
    const __m512i odd_below = _mm512_maskz_shuffle_i32x4(0xFFFF, u[8 + i], u[12 + i], 0xDD);
    m[i] = _mm512_maskz_shuffle_i32x4(0xFFFF, even, even_below, 0x88);
    m[8 + i] = _mm512_maskz_shuffle_i32x4(0xFFFF, even, even_below, 0xDD);
    m[4 + i] = _mm512_maskz_shuffle_i32x4(0xFFFF, odd, odd_below, 0x88);
    m[12 + i] = _mm512_maskz_shuffle_i32x4(0xFFFF, odd, odd_below, 0xDD);
  }
}

/// Row `h` of 16 images -> [out / 16][width / 2][16 filters][2 pixels][8 pairs of images][2].
void transpose_dy(const AmxConv& c, const uint16_t* dy, int64_t h, uint16_t* to) {
  const int64_t image = c.height * c.width * c.out;
  for (int64_t first = 0; first < c.out; first += 16) {
    for (int64_t w = 0; w < c.width; w += 2) {
      __m512i m[16];
      for (int64_t i = 0; i < 16; ++i) {
        const uint16_t* from = dy + (h * c.width + w + i / 8) * c.out + first + i % 8 * 2 * image;
        m[i] = pairs(from, from + image);
      }
      transpose(m);
      for (int64_t i = 0; i < 16; ++i, to += 32) _mm512_store_si512(to, m[i]);
    }
  }
}

/// A group's tiles, and the part of them that one tap sums over without a pause.
struct Stretch {
  const AmxConv& c;
  const uint16_t *x, *dy;
  int64_t first_block, last_block, first_row, last_row;
};

/// gradient[16 or 32 filters from k][tap][16 or 32 channels from ch] += the stretch; or = it, the first time.
template <bool filters32, bool channels32>
void add_tap(const Stretch& z, int64_t k, int64_t ch, int64_t r, int64_t s, float* gradient, bool set) {
  const AmxConv& c = z.c;
  const int64_t row_floats = c.kernel * c.kernel * c.in, stride = row_floats * 4;
  float* const sums = gradient + k * row_floats + (r * c.kernel + s) * c.in + ch;
  float* const below = sums + 16 * row_floats;
  if (set) {
    _tile_zero(0);
    if constexpr (channels32) _tile_zero(1);
    if constexpr (filters32) _tile_zero(2);
    if constexpr (filters32 && channels32) _tile_zero(3);
  } else {
    _tile_loadd(0, sums, stride);
    if constexpr (channels32) _tile_loadd(1, sums + 16, stride);
    if constexpr (filters32) _tile_loadd(2, below, stride);
    if constexpr (filters32 && channels32) _tile_loadd(3, below + 16, stride);
  }
  const int64_t wide = c.width + 2 * c.padding(), next_k = c.width / 2 * kTile, next_ch = wide * kTile / 2;
  for (int64_t b = z.first_block; b < z.last_block; ++b) {
    for (int64_t h = z.first_row; h < z.last_row; ++h) {
      const int64_t row = h + r - c.padding();
      if (row < 0 || row >= c.height) continue;
      const uint16_t* dy = z.dy + b * dy_elements(c) + h * c.width * 16 * c.out + k / 16 * next_k;
      const uint16_t* x =
          z.x + b * x_elements(c) + row * wide * 16 * c.in + ch / 16 * next_ch + s * kTile / 2;
      for (int64_t w = 0; w < c.width; w += 2, dy += kTile, x += kTile) {
        _tile_loadd(4, dy, 64);
        _tile_loadd(6, x, 64);
        _tile_dpbf16ps(0, 4, 6);
        if constexpr (filters32) _tile_loadd(5, dy + next_k, 64);
        if constexpr (channels32) _tile_loadd(7, x + next_ch, 64);
        if constexpr (filters32) _tile_dpbf16ps(2, 5, 6);
        if constexpr (channels32) _tile_dpbf16ps(1, 4, 7);
        if constexpr (filters32 && channels32) _tile_dpbf16ps(3, 5, 7);
      }
    }
  }
  _tile_stored(0, sums, stride);
  if constexpr (channels32) _tile_stored(1, sums + 16, stride);
  if constexpr (filters32) _tile_stored(2, below, stride);
  if constexpr (filters32 && channels32) _tile_stored(3, below + 16, stride);
  publish(gradient);
}

void add_tap(const Stretch& z, int64_t k, int64_t ch, int64_t tap, float* gradient, bool set) {
  const int64_t r = tap / z.c.kernel, s = tap % z.c.kernel;
  const bool filters32 = z.c.out - k >= 32, channels32 = z.c.in - ch >= 32;
  if (filters32 && channels32) return add_tap<true, true>(z, k, ch, r, s, gradient, set);
  if (filters32) return add_tap<true, false>(z, k, ch, r, s, gradient, set);
  if (channels32) return add_tap<false, true>(z, k, ch, r, s, gradient, set);
  add_tap<false, false>(z, k, ch, r, s, gradient, set);
}

/// The tiles of a group, summed up for filters from `k`, channels from `ch` and taps [first, last): stretch
/// by stretch, all taps of each, while its tiles are in L1.
void add_group(const AmxConv& c, const uint16_t* x, const uint16_t* dy, int64_t blocks, int64_t k, int64_t ch,
               int64_t first_tap, int64_t last_tap, float* gradient, bool set) {
  const int64_t rows = std::clamp<int64_t>(kStepsBetweenSums / (c.width / 2), 1, c.height);
  const int64_t together = std::max<int64_t>(1, kStepsBetweenSums / (rows * c.width / 2));
  for (int64_t b = 0; b < blocks; b += together) {
    for (int64_t h = 0; h < c.height; h += rows, set = false) {
      const Stretch z{c, x, dy, b, std::min(b + together, blocks), h, std::min(h + rows, c.height)};
      for (int64_t tap = first_tap; tap < last_tap; ++tap) add_tap(z, k, ch, tap, gradient, set);
    }
  }
}

}  // namespace

int64_t amx_weights_scratch(const AmxConv& c) {
  return group_blocks(c) * 2 * (x_elements(c) + dy_elements(c));
}

void amx_weights(const AmxConv& c, const uint16_t* x, const uint16_t* dy, float* gradient, void* scratch) {
  const int64_t group = group_blocks(c), image = 16 * c.height * c.width;
  auto* const x_tiles = static_cast<uint16_t*>(scratch);
  uint16_t* const dy_tiles = x_tiles + group * x_elements(c);
  const int64_t across = (c.in + 31) / 32, squares = (c.out + 31) / 32 * across, taps = c.kernel * c.kernel;
  const int64_t parts = squares < 8 ? taps : 1;  // enough of them for all threads
#pragma omp parallel
  {
    configure_tiles(64);
    for (int64_t from = 0; from < c.blocks(); from += group) {
      const int64_t blocks = std::min(group, c.blocks() - from);
#pragma omp for schedule(static) nowait
      for (int64_t i = 0; i < blocks * c.height; ++i) {
        const int64_t b = i / c.height, h = i % c.height;
        pair_x(c, x + (from + b) * image * c.in, h,
               x_tiles + b * x_elements(c) + h * x_elements(c) / c.height);
      }
#pragma omp for schedule(static)
      for (int64_t i = 0; i < blocks * c.height; ++i) {
        const int64_t b = i / c.height, h = i % c.height;
        transpose_dy(c, dy + (from + b) * image * c.out, h,
                     dy_tiles + b * dy_elements(c) + h * dy_elements(c) / c.height);
      }
#pragma omp for schedule(static)
      for (int64_t i = 0; i < squares * parts; ++i) {
        const int64_t k = i / parts / across * 32, ch = i / parts % across * 32, part = i % parts;
        add_group(c, x_tiles, dy_tiles, blocks, k, ch, taps * part / parts, taps * (part + 1) / parts,
                  gradient, from == 0);
      }
    }
    _tile_release();
  }
}

}  // namespace breakeven::cpu
