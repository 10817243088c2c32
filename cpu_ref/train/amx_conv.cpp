// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/amx_conv.h"

#include <immintrin.h>

#include "cpu_ref/amx_tiles.h"
#include "cpu_ref/train/amx_transpose.h"

namespace breakeven::cpu {
namespace {

constexpr int64_t kImages = 32;
constexpr int64_t kTile = 512, kPair = 2 * kTile;  // bf16 numbers
constexpr int64_t kSums = 1024;                    // floats of 32 images x 32 filters, four tiles
constexpr int64_t kTileRow = 64;                   // bytes
constexpr int64_t kTogether = kConvSums / kSums;   // places whose sums are worked on at a time
// Tiles of weights, in pairs, that one pass over these places reads: 18 KiB, which stay in L1 beside as much
// input, most of which the place before has read.
constexpr int64_t kDepth = 9;

int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

/// The input row (or column) that tap `t` of output row `o` reads, or -1.
int64_t input_of(const AmxConv& v, int64_t o, int64_t t, int64_t extent) {
  int64_t i = o * v.stride - v.padding + t;
  if (v.backward) {
    i = o + v.padding - t;
    if (i % v.stride != 0) return -1;
    i /= v.stride;
  }
  return i < extent ? i : -1;
}

__m512i bf16_of(__m512 low, __m512 high) { return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(high, low)); }

/// Packed input: [block][row][column][channel group][32 images][32 channels].
void pack_input(const AmxConv& v, const AmxConvTask& task, const uint16_t* in, uint16_t* packed) {
  const InputRows rows(v, task);
  const int64_t image = v.in_height * v.in_width * v.channels, groups = v.channel_groups();
  const int64_t left = v.channels - 32 * (groups - 1);
  const __mmask32 tail = left >= 32 ? ~__mmask32{0} : (__mmask32{1} << left) - 1;
  for (int64_t block = task.first_block; block < task.last_block; ++block) {
    for (int64_t h = rows.first; h < rows.last; ++h, packed += v.in_width * groups * kPair) {
      for (int64_t i = 0; i < kImages; ++i) {
        const int64_t n = block * kImages + i;
        const bool there = n < v.batch;
        const uint16_t* from = in + (there ? n * image + h * v.in_width * v.channels : 0);
        uint16_t* to = packed + i * 32;
        for (int64_t w = 0; w < v.in_width; ++w, from += v.channels) {
          for (int64_t g = 0; g < groups; ++g, to += kPair) {
            const __mmask32 used = !there ? 0 : g + 1 < groups ? ~__mmask32{0} : tail;
            _mm512_store_si512(to, _mm512_maskz_loadu_epi16(used, from + 32 * g));
          }
        }
      }
    }
  }
}

/// One output place of one block of images.
struct Place {
  int64_t block, p, q;
};

/// What does not change between the places of a task.
struct Pass {
  const AmxConv& v;
  const AmxConvTask& task;
  InputRows rows;
  const uint16_t* in;  // packed
  uint16_t* out;

  const uint16_t* input_at(int64_t block, int64_t h, int64_t w) const {
    const int64_t row = (block - task.first_block) * (rows.last - rows.first) + h - rows.first;
    return in + (row * v.in_width + w) * v.channel_groups() * kPair;
  }
  Place place(int64_t i) const {
    const int64_t q = i % v.out_width, line = i / v.out_width, count = task.last_row - task.first_row;
    return {task.first_block + line / count, task.first_row + line % count, q};
  }
};

/// A run of taps and of channel groups that one pass sums over; and whether it is the first, the last.
struct Chunk {
  int64_t first_tap, last_tap, first_group, last_group;
  bool begins, ends;
  const uint16_t* weights;  // of the block of filters
  int64_t filters;          // of the block: at most 16, or more
};

void load_sums(float* sums, bool begins) {
  publish(sums);
  if (begins) {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  } else {
    _tile_loadd(0, sums, kTileRow);
    _tile_loadd(1, sums + 256, kTileRow);
    _tile_loadd(2, sums + 512, kTileRow);
    _tile_loadd(3, sums + 768, kTileRow);
  }
}
void store_sums(float* sums) {
  _tile_stored(0, sums, kTileRow);
  _tile_stored(1, sums + 256, kTileRow);
  _tile_stored(2, sums + 512, kTileRow);
  _tile_stored(3, sums + 768, kTileRow);
  publish(sums);
}

/// Tiles 0 and 1: 16 images by 32 filters; 2 and 3: the next 16 images.
template <bool kWide>  // more than 16 filters
void multiply(const Pass& pass, const Chunk& c, const Place& at) {
  const AmxConv& v = pass.v;
  const int64_t groups = v.channel_groups();
  for (int64_t tap = c.first_tap; tap < c.last_tap; ++tap) {
    const int64_t h = input_of(v, at.p, tap / v.kernel, v.in_height);
    const int64_t w = input_of(v, at.q, tap % v.kernel, v.in_width);
    if (h < 0 || w < 0) continue;
    const uint16_t* a = pass.input_at(at.block, h, w) + c.first_group * kPair;
    const uint16_t* b = c.weights + (tap * groups + c.first_group) * kPair;
    for (int64_t g = c.first_group; g < c.last_group; ++g, a += kPair, b += kPair) {
      _tile_loadd(4, a, kTileRow);
      _tile_loadd(6, b, kTileRow);
      _tile_dpbf16ps(0, 4, 6);
      _tile_loadd(5, a + kTile, kTileRow);
      _tile_dpbf16ps(2, 5, 6);
      if constexpr (kWide) {
        _tile_loadd(7, b + kTile, kTileRow);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(3, 5, 7);
      }
    }
  }
}

/// Sums of a place to where its filters stand in the output, 32 numbers an image.
void write_out(const Pass& pass, const float* sums, const Place& at, int64_t block, int64_t filters) {
  const AmxConv& v = pass.v;
  const __mmask32 used = filters >= 32 ? ~__mmask32{0} : (__mmask32{1} << filters) - 1;
  const int64_t image = v.out_height * v.out_width * v.filters;
  const int64_t first = at.block * kImages, last = least(v.batch, first + kImages);
  uint16_t* to = pass.out + first * image + (at.p * v.out_width + at.q) * v.filters + 32 * block;
  for (int64_t n = 0; n < last - first; ++n, to += image) {
    const float* row = sums + n / 16 * 512 + n % 16 * 16;
    _mm512_mask_storeu_epi16(to, used, bf16_of(_mm512_load_ps(row), _mm512_load_ps(row + 256)));
  }
}

void run_chunk(const Pass& pass, const Chunk& c, int64_t first, int64_t last, int64_t block, float* sums) {
  for (int64_t i = first; i < last; ++i) {
    const Place at = pass.place(i);
    float* const mine = sums + (i - first) * kSums;
    load_sums(mine, c.begins);
    if (c.filters > 16) {
      multiply<true>(pass, c, at);
    } else {
      multiply<false>(pass, c, at);
    }
    store_sums(mine);
    if (c.ends) write_out(pass, mine, at, block, c.filters);
  }
}

/// All taps and channels of some places, in passes over rows of taps and as many channel groups as stay in
/// L1.
void run_places(const Pass& pass, int64_t first, int64_t last, int64_t block, const uint16_t* weights,
                float* sums) {
  const AmxConv& v = pass.v;
  const int64_t groups = v.channel_groups(), filters = v.filters - 32 * block;
  const int64_t each = least(groups, most(1, kDepth / v.kernel)), parts = (groups + each - 1) / each;
  const int64_t rows = most(1, kDepth / (v.kernel * each)), runs = (v.kernel + rows - 1) / rows;
  for (int64_t run = 0; run < runs; ++run) {
    for (int64_t part = 0; part < parts; ++part) {
      const Chunk chunk{v.kernel * run / runs * v.kernel,
                        v.kernel * (run + 1) / runs * v.kernel,
                        groups * part / parts,
                        groups * (part + 1) / parts,
                        run == 0 && part == 0,
                        run + 1 == runs && part + 1 == parts,
                        weights,
                        filters};
      run_chunk(pass, chunk, first, last, block, sums);
    }
  }
}

/// Forward: 16 filters by 32 channels that lie side by side.
void weights_forward(const AmxConv& v, const float* w, int64_t filter, int64_t tap, int64_t channel,
                     uint16_t* to) {
  const __mmask16 low = first_of(v.channels - channel), high = first_of(v.channels - channel - 16);
  __m512i rows[16];
  for (int64_t j = 0; j < 16; ++j) {
    const bool there = filter + j < v.filters;
    const float* from = w + (there ? ((filter + j) * v.taps() + tap) * v.channels + channel : 0);
    rows[j] = bf16_of(_mm512_maskz_loadu_ps(there ? low : 0, from),
                      _mm512_maskz_loadu_ps(there ? high : 0, from + 16));
  }
  transpose(rows);
  for (int64_t i = 0; i < 16; ++i) _mm512_store_si512(to + 32 * i, rows[i]);
}

/// Backward: two channels (filters of the forward pass) by 16 filters that lie side by side.
void weights_backward(const AmxConv& v, const float* w, int64_t filter, int64_t tap, int64_t channel,
                      uint16_t* to) {
  const __mmask16 used = first_of(v.filters - filter);
  for (int64_t i = 0; i < 16; ++i, to += 32) {
    const int64_t k = channel + 2 * i;
    const float* from = w + (k * v.taps() + tap) * v.filters + filter;
    const __m512 even = _mm512_maskz_loadu_ps(k < v.channels ? used : 0, from);
    const __m512 odd = _mm512_maskz_loadu_ps(k + 1 < v.channels ? used : 0, from + v.taps() * v.filters);
    alignas(64) static constexpr uint16_t kTurns[32] = {0,  16, 1,  17, 2,  18, 3,  19, 4,  20, 5,
                                                        21, 6,  22, 7,  23, 8,  24, 9,  25, 10, 26,
                                                        11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
    _mm512_store_si512(to, _mm512_permutexvar_epi16(_mm512_load_si512(kTurns), bf16_of(even, odd)));
  }
}

}  // namespace

InputRows::InputRows(const AmxConv& v, const AmxConvTask& task)
    : first(task.first_row * v.stride - v.padding),
      last((task.last_row - 1) * v.stride - v.padding + v.kernel) {
  if (v.backward) {
    first = (task.first_row + v.padding - v.kernel + 1) / v.stride;
    last = (task.last_row - 1 + v.padding) / v.stride + 1;
  }
  first = most(0, first);
  last = most(first, least(v.in_height, last));
}

int64_t packed_input_size(const AmxConv& v, const AmxConvTask& task) {
  const InputRows rows(v, task);
  return (task.last_block - task.first_block) * (rows.last - rows.first) * v.in_width * v.channel_groups() *
         kPair;
}

void amx_pack_weights(const AmxConv& v, const float* w, uint16_t* packed, int64_t first, int64_t last) {
  const int64_t groups = v.channel_groups();
  for (int64_t block = first; block < last; ++block) {
    for (int64_t tap = 0; tap < v.taps(); ++tap) {
      for (int64_t g = 0; g < groups; ++g) {
        uint16_t* to = packed + ((block * v.taps() + tap) * groups + g) * kPair;
        for (int64_t half = 0; half < 2; ++half, to += kTile)
          (v.backward ? weights_backward : weights_forward)(v, w, 32 * block + 16 * half, tap, 32 * g, to);
      }
    }
  }
}

void amx_convolve(const AmxConv& v, const AmxConvTask& task, const uint16_t* in,
                  const uint16_t* packed_weights, uint16_t* packed_in, float* sums, uint16_t* out) {
  pack_input(v, task, in, packed_in);
  const Pass pass{v, task, InputRows(v, task), packed_in, out};
  const int64_t places =
      (task.last_block - task.first_block) * (task.last_row - task.first_row) * v.out_width;
  configure_tiles();
  for (int64_t block = task.first_filters; block < task.last_filters; ++block) {
    const uint16_t* weights = packed_weights + block * v.taps() * v.channel_groups() * kPair;
    for (int64_t first = 0; first < places; first += kTogether)
      run_places(pass, first, least(places, first + kTogether), block, weights, sums);
  }
  _tile_release();
}

}  // namespace breakeven::cpu
