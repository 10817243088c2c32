// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <bit>

#include "harness/rounding.h"
#include "kernels/conformance/probe.h"
#include "kernels/conformance/tensor.h"

// Boxes of a tensor, byte by byte.

namespace breakeven::conformance {
namespace {

/// Swizzled: 16-byte column c of line r is at column c ^ (r % 8) for lines of 128 bytes; with narrower spans
/// the lines are 128 bytes too, with several rows of the box in each.
struct Box {
  int element_bytes, row_bytes;
  int swizzle;  // bytes of its span; 0: none
};

constexpr int box_bytes(const Box& box) { return box.row_bytes * kBoxRows; }

/// Where byte `byte` of row `row` of the box lies in shared memory.
size_t place_in_box(const Box& box, int row, int byte) {
  const int at = row * box.row_bytes + byte;
  if (box.swizzle == 0) return static_cast<size_t>(at);
  const int line = at / 128, units = box.swizzle / 16;
  return static_cast<size_t>(at / 16 / units * units * 16 + (at / 16 % units ^ line % units) * 16 + at % 16);
}

/// Where in the tensor it belongs; -1 outside.
int64_t place_in_tensor(const Box& box, Place at, int row, int byte) {
  const int x = at.x * box.element_bytes + byte, y = at.y + row;
  const bool inside = x >= 0 && x < tensor_columns(box.element_bytes) * box.element_bytes && y >= 0 &&
                      y < kTensorRows && at.z >= 0 && at.z < kTensorBatches;
  return inside ? int64_t{at.z} * kTensorRows * kTensorPitch + int64_t{y} * kTensorPitch + x : -1;
}

template <class Visit>
void for_each_byte(const Box& box, Place at, Visit visit) {
  for (int row = 0; row < kBoxRows; ++row) {
    for (int byte = 0; byte < box.row_bytes; ++byte)
      visit(place_in_box(box, row, byte), place_in_tensor(box, at, row, byte));
  }
}

/// Every box `copies` times.
Bytes loaded(const Bytes& tensor, const Box& box, size_t copies) {
  Bytes out(static_cast<size_t>(kPlaceCount * box_bytes(box)) * copies);
  for (size_t i = 0; i < copies * kPlaceCount; ++i) {
    for_each_byte(box, kPlaces[i / copies], [&](size_t in_box, int64_t in_tensor) {
      out[i * static_cast<size_t>(box_bytes(box)) + in_box] =
          in_tensor < 0 ? std::byte{0} : tensor[static_cast<size_t>(in_tensor)];
    });
  }
  return out;
}

/// Where byte `byte` of the channels of corner number `corner` lies in the tensor; -1 outside.
int64_t place_in_images(const Box& box, const Walk& walk, int corner, const PixelLoad& load, int byte) {
  const int columns = (kImageColumns - 1 + walk.upper_w - walk.lower_w) / walk.step_w + 1;
  const int rows = (kImageRows - 1 + walk.upper_h - walk.lower_h) / walk.step_h + 1;
  const int w = walk.lower_w + corner % columns * walk.step_w + load.offset_w;
  const int h = walk.lower_h + corner / columns % rows * walk.step_h + load.offset_h;
  const int n = corner / columns / rows, x = load.c * box.element_bytes + byte;
  const bool inside = x >= 0 && x < pixel_channels(box.element_bytes) * box.element_bytes && w >= 0 &&
                      w < kImageColumns && h >= 0 && h < kImageRows && n < kImages;
  return inside ? ((int64_t{n} * kImageRows + h) * kImageColumns + w) * kPixelPitch + x : -1;
}

Bytes loaded_pixels(const Bytes& tensor, const Box& box, const Walk& walk) {
  Bytes out(static_cast<size_t>(kPixelLoadCount * box_bytes(box)));
  for (size_t i = 0; i < kPixelLoadCount; ++i) {
    for (int pixel = 0; pixel < kBoxRows; ++pixel) {
      for (int byte = 0; byte < box.row_bytes; ++byte) {
        const int64_t at = place_in_images(box, walk, kPixelLoads[i].corner + pixel, kPixelLoads[i], byte);
        out[i * static_cast<size_t>(box_bytes(box)) + place_in_box(box, pixel, byte)] =
            at < 0 ? std::byte{0} : tensor[static_cast<size_t>(at)];
      }
    }
  }
  return out;
}

Bytes stored(const Bytes& input, const Box& box) {
  Bytes out(input.begin(), input.begin() + kTensorBytes);
  for (const Place at : {kPlaces[1], kPlaces[3]}) {
    for_each_byte(box, at, [&](size_t in_box, int64_t in_tensor) {
      if (in_tensor >= 0) out[static_cast<size_t>(in_tensor)] = input[kTensorBytes + in_box];
    });
  }
  return out;
}

enum class Number : uint8_t { fp32, bf16, int32 };

void add_at(Bytes& out, size_t at, const Bytes& input, size_t from, Number number) {
  if (number == Number::bf16) {
    const auto value = [](const Bytes& b, size_t i) {
      return std::bit_cast<float>(from_bf16(get<uint16_t>(b, i / 2)));
    };
    return put(out, at / 2, to_bf16(std::bit_cast<uint32_t>(value(out, at) + value(input, from))));
  }
  if (number == Number::fp32) return put(out, at / 4, get<float>(out, at / 4) + get<float>(input, from / 4));
  put(out, at / 4, get<uint32_t>(out, at / 4) + get<uint32_t>(input, from / 4));
}

Bytes added(const Bytes& input, const Box& box, Number number) {
  Bytes out(input.begin(), input.begin() + kTensorBytes);
  for (const Place at : {kPlaces[1], kPlaces[3]}) {
    for_each_byte(box, at, [&](size_t in_box, int64_t in_tensor) {
      if (in_tensor >= 0 && in_tensor % box.element_bytes == 0)
        add_at(out, static_cast<size_t>(in_tensor), input, kTensorBytes + in_box, number);
    });
  }
  return out;
}

/// Small whole numbers, so that sums are exact.
Bytes whole_numbers(uint64_t seed, size_t count, Number number) {
  Bytes bytes = random_bytes(seed, count);
  const size_t size = number == Number::bf16 ? 2 : 4;
  for (size_t i = 0; i < count / size; ++i) {
    const auto value = static_cast<float>(static_cast<int>(bytes[i * size]) % 64 - 32);
    if (number == Number::bf16) put(bytes, i, to_bf16(std::bit_cast<uint32_t>(value)));
    if (number == Number::fp32) put(bytes, i, value);
  }
  return bytes;
}

Probe probe_of(const char* name, size_t input_bytes, std::function<Bytes(const Bytes&)> expected) {
  Probe probe;
  probe.name = probe.kernel = name;
  probe.input = [input_bytes](uint64_t seed) { return random_bytes(seed, input_bytes); };
  probe.expected = std::move(expected);
  return probe;
}

Probe load_probe(const char* name, Box box, size_t copies = 1) {
  return probe_of(name, kTensorBytes, [=](const Bytes& b) { return loaded(b, box, copies); });
}

Probe im2col_probe(const char* name, Box box, Walk walk) {
  return probe_of(name, kTensorBytes, [=](const Bytes& b) { return loaded_pixels(b, box, walk); });
}

Probe store_probe(const char* name, Box box) {
  return probe_of(name, static_cast<size_t>(kTensorBytes + box_bytes(box)),
                  [=](const Bytes& b) { return stored(b, box); });
}

Probe add_probe(const char* name, Box box, Number number) {
  const auto bytes = static_cast<size_t>(kTensorBytes + box_bytes(box));
  Probe probe = probe_of(name, bytes, [=](const Bytes& b) { return added(b, box, number); });
  probe.input = [=](uint64_t seed) { return whole_numbers(seed, bytes, number); };
  return probe;
}

}  // namespace

std::vector<Probe> tma_formulas() {
  return {
      load_probe("tma_load/uint8/unswizzled", {1, 48, 0}),
      load_probe("tma_load/bf16/swizzle32", {2, 32, 32}),
      load_probe("tma_load/fp32/swizzle64", {4, 64, 64}),
      load_probe("tma_load/bf16/swizzle128", {2, 128, 128}),
      load_probe("tma_load/uint8/swizzle128", {1, 128, 128}),
      load_probe("tma_load/fp32/swizzle128", {4, 128, 128}),
      im2col_probe("tma_load_im2col/bf16/swizzle128", {2, 128, 128}, kDense),
      im2col_probe("tma_load_im2col/uint8/unswizzled", {1, 48, 0}, kDense),
      im2col_probe("tma_load_im2col/bf16/strided", {2, 128, 128}, kStrided),
      load_probe("tma_load_multicast/bf16/swizzle128", {2, 128, 128}, 2),
      store_probe("tma_store/uint8/unswizzled", {1, 48, 0}),
      store_probe("tma_store/bf16/swizzle128", {2, 128, 128}),
      add_probe("tma_reduce_add/fp32/swizzle128", {4, 128, 128}, Number::fp32),
      add_probe("tma_reduce_add/bf16/swizzle128", {2, 128, 128}, Number::bf16),
      add_probe("tma_reduce_add/int32/swizzle128", {4, 128, 128}, Number::int32),
  };
}

}  // namespace breakeven::conformance
