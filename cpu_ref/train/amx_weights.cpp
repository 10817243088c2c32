// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/amx_weights.h"

#include <immintrin.h>

#include "cpu_ref/amx_tiles.h"
#include "cpu_ref/train/amx_transpose.h"

namespace breakeven::cpu {
namespace {

constexpr int64_t kImages = 32;                // of one instruction
constexpr int64_t kTile = 512;                 // bf16 numbers in a tile
constexpr int64_t kSums = 256, kTileRow = 64;  // floats of a tile of sums; bytes of any tile's row

int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

/// 16 channels of two images, side by side: low halves the first's.
__m512i pair_of(const uint16_t* a, const uint16_t* b, __mmask16 in_a, __mmask16 in_b) {
  const __m512i low = _mm512_maskz_cvtepu16_epi32(0xFFFF, _mm256_maskz_loadu_epi16(in_a, a));
  const __m512i high = _mm512_maskz_cvtepu16_epi32(0xFFFF, _mm256_maskz_loadu_epi16(in_b, b));
  return _mm512_or_si512(low, _mm512_maskz_slli_epi32(0xFFFF, high, 16));
}

/// Where tiles of packed x and dy stand.
struct Packed {
  Packed(const WeightsShape& v, const WeightsStrip& s) : shape(v), strip(s), seen(v, s) {}
  int64_t x(int64_t group, int64_t block, int64_t h) const {
    return ((group * strip.blocks() + block) * (seen.last - seen.first) + h - seen.first) * shape.width *
           kTile;
  }
  int64_t dy(int64_t group, int64_t block, int64_t p) const {
    return (((group - 2 * strip.first_pair) * strip.blocks() + block) * strip.rows() + p - strip.first_row) *
           shape.q * kTile;
  }
  const WeightsShape& shape;
  const WeightsStrip& strip;
  SeenRows seen;
};

/// What a pass over a strip's places needs to know of one row of filters.
struct Taps {
  const Packed& at;
  int64_t r;
  int64_t pair, groups;  // of filter groups; how many of the pair there are
};

/// Calls work(dy tile of the first group, of the second, x's row, w under the first filter column) at each
/// place.
template <class Work>
[[gnu::always_inline]] inline void each_place(const Taps& t, const uint16_t* x, const uint16_t* dy,
                                              int64_t channel, const Work& work) {
  const WeightsShape& v = t.at.shape;
  for (int64_t block = 0; block < t.at.strip.blocks(); ++block) {
    for (int64_t p = t.at.strip.first_row; p < t.at.strip.last_row; ++p) {
      const int64_t h = p * v.stride - v.padding + t.r;
      if (h < 0 || h >= v.height) continue;
      const uint16_t* upper = dy + t.at.dy(2 * t.pair, block, p);
      const uint16_t* lower = t.groups > 1 ? dy + t.at.dy(2 * t.pair + 1, block, p) : upper;
      const uint16_t* row = x + t.at.x(channel, block, h);
      for (int64_t q = 0; q < v.q; ++q)
        work(upper + q * kTile, lower + q * kTile, row, q * v.stride - v.padding);
    }
  }
}

/// Rows of three filters: tiles 0 to 2 are the sums of the first filter group at s = 0, 1, 2, tiles 3 to 5
/// the second's. A tile of x is read by three neighbouring places, twice each: from L1 but once.
void sum_three(const Taps& t, const uint16_t* x, const uint16_t* dy, int64_t channel, float* sums, bool add) {
  const int64_t width = t.at.shape.width;
  publish(sums);
  if (add) {
    _tile_loadd(0, sums, kTileRow);
    _tile_loadd(1, sums + 2 * kSums, kTileRow);
    _tile_loadd(2, sums + 4 * kSums, kTileRow);
    _tile_loadd(3, sums + kSums, kTileRow);
    _tile_loadd(4, sums + 3 * kSums, kTileRow);
    _tile_loadd(5, sums + 5 * kSums, kTileRow);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    _tile_zero(4);
    _tile_zero(5);
  }
  const bool both = t.groups > 1;
  each_place(t, x, dy, channel,
             [&](const uint16_t* upper, const uint16_t* lower, const uint16_t* row, int64_t w) {
               const bool first = w >= 0, middle = w + 1 < width,
                          last = w + 2 < width;  // middle: padding is at most 1
               const uint16_t* at = row + w * kTile;
               _tile_loadd(6, upper, kTileRow);
               if (first) {
                 _tile_loadd(7, at, kTileRow);
                 _tile_dpbf16ps(0, 6, 7);
               }
               if (middle) {
                 _tile_loadd(7, at + kTile, kTileRow);
                 _tile_dpbf16ps(1, 6, 7);
               }
               if (last) {
                 _tile_loadd(7, at + 2 * kTile, kTileRow);
                 _tile_dpbf16ps(2, 6, 7);
               }
               if (!both) return;
               _tile_loadd(6, lower, kTileRow);
               if (first) {
                 _tile_loadd(7, at, kTileRow);
                 _tile_dpbf16ps(3, 6, 7);
               }
               if (middle) {
                 _tile_loadd(7, at + kTile, kTileRow);
                 _tile_dpbf16ps(4, 6, 7);
               }
               if (last) {
                 _tile_loadd(7, at + 2 * kTile, kTileRow);
                 _tile_dpbf16ps(5, 6, 7);
               }
             });
  _tile_stored(0, sums, kTileRow);
  _tile_stored(1, sums + 2 * kSums, kTileRow);
  _tile_stored(2, sums + 4 * kSums, kTileRow);
  _tile_stored(3, sums + kSums, kTileRow);
  _tile_stored(4, sums + 3 * kSums, kTileRow);
  _tile_stored(5, sums + 5 * kSums, kTileRow);
  publish(sums);
}

/// Any other filter, column by column: tiles 0 and 1 are the sums of one channel group for both filter
/// groups, 2 and 3 those of the next group, where there is one.
struct Square {
  int64_t s;
  int64_t next_x, next_sums;  // how far the next channel group's tiles are; next_x 0: there is none
};
void sum_square(const Taps& t, const Square& square, const uint16_t* x, const uint16_t* dy, int64_t channel,
                float* sums, bool add) {
  const int64_t width = t.at.shape.width;
  float* const next = sums + square.next_sums;
  const bool two = square.next_x != 0, both = t.groups > 1;
  publish(sums);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  if (add) {
    _tile_loadd(0, sums, kTileRow);
    _tile_loadd(1, sums + kSums, kTileRow);
    if (two) {
      _tile_loadd(2, next, kTileRow);
      _tile_loadd(3, next + kSums, kTileRow);
    }
  }
  each_place(t, x, dy, channel,
             [&](const uint16_t* upper, const uint16_t* lower, const uint16_t* row, int64_t first) {
               const int64_t w = first + square.s;
               if (w < 0 || w >= width) return;
               const uint16_t* at = row + w * kTile;
               _tile_loadd(4, upper, kTileRow);
               _tile_loadd(6, at, kTileRow);
               _tile_dpbf16ps(0, 4, 6);
               if (both) {
                 _tile_loadd(5, lower, kTileRow);
                 _tile_dpbf16ps(1, 5, 6);
               }
               if (two) {
                 _tile_loadd(7, at + square.next_x, kTileRow);
                 _tile_dpbf16ps(2, 4, 7);
                 if (both) _tile_dpbf16ps(3, 5, 7);
               }
             });
  _tile_stored(0, sums, kTileRow);
  _tile_stored(1, sums + kSums, kTileRow);
  if (two) {
    _tile_stored(2, next, kTileRow);
    _tile_stored(3, next + kSums, kTileRow);
  }
  publish(sums);
}

}  // namespace

SeenRows::SeenRows(const WeightsShape& v, const WeightsStrip& s)
    : first(least(v.height, most(0, s.first_row * v.stride - v.padding))),
      last(most(first, least(v.height, (s.last_row - 1) * v.stride - v.padding + v.kernel))) {}

int64_t packed_x_size(const WeightsShape& v, const WeightsStrip& s) {
  const SeenRows seen(v, s);
  return v.channel_groups() * s.blocks() * (seen.last - seen.first) * v.width * kTile;
}
int64_t packed_dy_size(const WeightsShape& v, const WeightsStrip& s) {
  return (s.last_pair - s.first_pair) * 2 * s.blocks() * s.rows() * v.q * kTile;
}

void amx_pack_x(const WeightsShape& v, const WeightsStrip& s, const uint16_t* x, uint16_t* packed) {
  const Packed at(v, s);
  const int64_t image = v.height * v.width * v.channels;
  for (int64_t block = 0; block < s.blocks(); ++block) {
    for (int64_t h = at.seen.first; h < at.seen.last; ++h) {
      for (int64_t i = 0; i < kImages; i += 2) {
        const int64_t n = (s.first_block + block) * kImages + i;
        const uint16_t* from = x + n * image + h * v.width * v.channels;
        for (int64_t group = 0; group < v.channel_groups(); ++group) {
          const __mmask16 channels = first_of(v.channels - 16 * group);
          const __mmask16 a = n < v.batch ? channels : 0, b = n + 1 < v.batch ? channels : 0;
          uint16_t* to = packed + at.x(group, block, h) + i * 16;
          const uint16_t* pixel = from + 16 * group;
          for (int64_t w = 0; w < v.width; ++w, pixel += v.channels, to += kTile)
            _mm512_store_si512(to, pair_of(pixel, pixel + image, a, b));
        }
      }
    }
  }
}

void amx_pack_dy(const WeightsShape& v, const WeightsStrip& s, const uint16_t* dy, uint16_t* packed) {
  const Packed at(v, s);
  const int64_t image = v.p * v.q * v.filters;
  const int64_t last_group = least(2 * s.last_pair, v.filter_groups());
  for (int64_t block = 0; block < s.blocks(); ++block) {
    const int64_t n = (s.first_block + block) * kImages;
    for (int64_t p = s.first_row; p < s.last_row; ++p) {
      for (int64_t q = 0; q < v.q; ++q) {
        for (int64_t group = 2 * s.first_pair; group < last_group; ++group) {
          const uint16_t* from = dy + n * image + (p * v.q + q) * v.filters + 16 * group;
          const __mmask16 filters = first_of(v.filters - 16 * group);
          __m512i rows[16];
          for (int64_t i = 0; i < 16; ++i, from += 2 * image)
            rows[i] = pair_of(from, from + image, n + 2 * i < v.batch ? filters : 0,
                              n + 2 * i + 1 < v.batch ? filters : 0);
          transpose(rows);
          uint16_t* to = packed + at.dy(group, block, p) + q * kTile;
          for (int64_t i = 0; i < 16; ++i) _mm512_store_si512(to + i * 32, rows[i]);
        }
      }
    }
  }
}

void amx_sum(const WeightsShape& v, const WeightsStrip& s, const uint16_t* packed_x,
             const uint16_t* packed_dy, float* sums, bool add) {
  const Packed at(v, s);
  const int64_t groups = v.channel_groups(), taps = v.kernel * v.kernel, each = taps * 2 * kSums;
  const bool three = v.kernel == 3 && v.padding <= 1;
  configure_tiles();
  for (int64_t pair = s.first_pair; pair < s.last_pair; ++pair) {
    for (int64_t group = 0; group < groups; group += three ? 1 : 2) {
      float* const to = sums + (pair * groups + group) * each;
      for (int64_t r = 0; r < v.kernel; ++r) {
        const Taps t{at, r, pair, least(2, v.filter_groups() - 2 * pair)};
        if (three) {
          sum_three(t, packed_x, packed_dy, group, to + r * 6 * kSums, add);
          continue;
        }
        const int64_t next = group + 1 < groups ? at.x(group + 1, 0, 0) - at.x(group, 0, 0) : 0;
        for (int64_t c = 0; c < v.kernel; ++c)
          sum_square(t, {c, next, each}, packed_x, packed_dy, group, to + (r * v.kernel + c) * 2 * kSums,
                     add);
      }
    }
  }
  _tile_release();
}

void amx_store_weights(const WeightsShape& v, const WeightsResult& result, int64_t first, int64_t last) {
  const int64_t taps = v.kernel * v.kernel, groups = v.channel_groups();
  const __m512 scale = _mm512_set1_ps(result.scale);
  for (int64_t k = first; k < last; ++k) {
    for (int64_t group = 0; group < groups; ++group) {
      const __mmask16 channels = first_of(v.channels - 16 * group);
      for (int64_t tap = 0; tap < taps; ++tap) {
        const float* from =
            result.sums + (((k / 32 * groups + group) * taps + tap) * 2 + k / 16 % 2) * kSums + k % 16 * 16;
        float* to = result.dw + (k * taps + tap) * v.channels + 16 * group;
        __m512 sum = _mm512_load_ps(from);
        for (int64_t part = 1; part < result.parts; ++part)
          sum = _mm512_add_ps(sum, _mm512_load_ps(from + part * result.distance));
        sum = _mm512_mul_ps(sum, scale);
        if (result.add) sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(channels, to));
        _mm512_mask_storeu_ps(to, channels, sum);
      }
    }
  }
}

}  // namespace breakeven::cpu
