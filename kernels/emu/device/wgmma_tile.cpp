// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/emu/device/wgmma_tile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <type_traits>

#include "kernels/emu/device/narrow.h"
#include "kernels/emu/device/swizzle.h"

namespace breakeven::emu {
namespace {

using device::Major;

constexpr int kUnit = 16, kDepthBytes = 32, kLine = 128, kGroup = 8;  // a step of k is two units of each row

/// PTX ISA, "Matrix Descriptor Format": offsets in bytes here.
struct Descriptor {
  uint32_t start, leading, stride;
  Swizzle swizzle;
};

Descriptor decode(uint64_t bits, const char* operand) {
  constexpr Swizzle modes[] = {Swizzle::none, Swizzle::bytes_128, Swizzle::bytes_64, Swizzle::bytes_32};
  constexpr uint64_t unused = 0x3FF1C000C000C000;  // between the fields
  const auto field = [&](int shift) { return static_cast<uint32_t>(bits >> shift & 0x3FFF) << 4; };
  const Descriptor decoded = {field(0), field(16), field(32), modes[bits >> 62]};
  const uint32_t pattern = decoded.start % pattern_bytes(decoded.swizzle) / kLine;
  if ((bits & unused) != 0 || (bits >> 49 & 7) != 0) {
    raise_fault(
        FaultKind::invalid_use,
        fmt::format("wgmma: descriptor {:#018x} of {} has bits set that belong to no field, or a base offset "
                    "(which is not emulated)",
                    bits, operand));
  }
  if (decoded.swizzle != Swizzle::none && pattern != 0) {
    raise_fault(
        FaultKind::misaligned,
        fmt::format("wgmma: {} begins at {:#x}, {} bytes behind a multiple of {}: the swizzle's pattern "
                    "begins there",
                    operand, decoded.start, decoded.start % pattern_bytes(decoded.swizzle),
                    pattern_bytes(decoded.swizzle)));
  }
  return decoded;
}

void fetch_unit(AsyncOp& op, Block& block, const Descriptor& from, uint32_t offset, std::byte* to) {
  async_read(op, to, shared_pointer(block, swizzled(from.start + offset, from.swizzle)), kUnit);
}

/// Two units, `apart` bytes from each other before the swizzle. Neighbours stay neighbours, in either order:
/// one check for both.
void fetch_pair(AsyncOp& op, Block& block, const Descriptor& from, uint32_t offset, uint32_t apart,
                std::byte* to) {
  const uint32_t first = swizzled(from.start + offset, from.swizzle),
                 second = swizzled(from.start + offset + apart, from.swizzle);
  if ((first ^ second) != kUnit) {
    fetch_unit(op, block, from, offset, to);
    return fetch_unit(op, block, from, offset + apart, to + kUnit);
  }
  async_access(op, shared_pointer(block, std::min(first, second)), kDepthBytes, AccessKind::read);
  std::memcpy(to, shared_pointer(block, first), kUnit);
  std::memcpy(to + kUnit, shared_pointer(block, second), kUnit);
}

/// Operand bytes, rows of m or n: `to` gets 32 bytes of k for each.
void fetch_k_major(AsyncOp& op, Block& block, const Descriptor& from, int rows, std::byte* to) {
  const bool plain = from.swizzle == Swizzle::none;
  const uint32_t pitch = plain ? kUnit : static_cast<uint32_t>(from.swizzle);
  for (int row = 0; row < rows; ++row, to += kDepthBytes) {
    const uint32_t offset =
        static_cast<uint32_t>(row / kGroup) * from.stride + static_cast<uint32_t>(row % kGroup) * pitch;
    fetch_pair(op, block, from, offset, plain ? from.leading : kUnit, to);
  }
}

/// Operand bytes of 16-bit elements, rows of k: `to` gets n elements for each of the 16.
void fetch_mn_major(AsyncOp& op, Block& block, const Descriptor& from, int n, std::byte* to) {
  if (from.swizzle != Swizzle::bytes_128) {
    raise_fault(FaultKind::invalid_use,
                "wgmma: an MN-major operand without the 128-byte swizzle is not emulated");
  }
  const int row_bytes = n * 2;
  for (int k = 0; k < kDepthBytes / 2; ++k) {
    for (int at = 0; at < row_bytes; at += kUnit, to += kUnit) {
      const uint32_t offset = static_cast<uint32_t>(at / kLine) * from.leading +
                              static_cast<uint32_t>(k / kGroup) * from.stride +
                              static_cast<uint32_t>(k % kGroup * kLine + at % kLine);
      fetch_unit(op, block, from, offset, to);
    }
  }
}

/// Either way; `extent`: rows of m, or of n.
void fetch(AsyncOp& op, Block& block, const Descriptor& from, Major major, int extent, std::byte* to) {
  major == Major::k ? fetch_k_major(op, block, from, extent, to)
                    : fetch_mn_major(op, block, from, extent, to);
}

/// Four sums at a time, in any compiler's vector registers.
template <class T>
struct Lanes {
  typedef T Vector __attribute__((vector_size(16)));
};

/// Integers wrap around as on a GPU, which unsigned ones do by definition.
template <Precision P>
using Number = std::conditional_t<P == Precision::int8, uint32_t, float>;

template <Precision P>
struct Operands {
  static constexpr int depth = kDepthBytes / static_cast<int>(sizeof(typename Operand<P>::Bits));
  alignas(16) Number<P> a[kWgmmaRows][depth];
  alignas(16) Number<P> b[depth][kMostColumns];
};

template <Precision P>
void decode_operands(AsyncOp& op, Block& block, WgmmaShape shape, uint64_t a, uint64_t b, Operands<P>& into) {
  constexpr int depth = Operands<P>::depth;
  alignas(16) std::byte bytes[kMostColumns * kDepthBytes];
  const bool a_k_major = shape.a_major == Major::k;
  fetch(op, block, decode(a, "A"), shape.a_major, kWgmmaRows, bytes);
  for (int row = 0; row < kWgmmaRows; ++row) {
    for (int k = 0; k < depth; ++k) {
      into.a[row][k] =
          static_cast<Number<P>>(element<P>(bytes, a_k_major ? row * depth + k : k * kWgmmaRows + row));
    }
  }
  const bool k_major = shape.b_major == Major::k;
  fetch(op, block, decode(b, "B"), shape.b_major, shape.n, bytes);
  for (int column = 0; column < shape.n; ++column) {
    for (int k = 0; k < depth; ++k) {
      into.b[k][column] =
          static_cast<Number<P>>(element<P>(bytes, k_major ? column * depth + k : k * shape.n + column));
    }
  }
}

template <Precision P>
void add_products(const Operands<P>& operands, int n, uint32_t* sums) {
  using Vector = typename Lanes<Number<P>>::Vector;
  for (int row = 0; row < kWgmmaRows; ++row) {
    for (int column = 0; column < n; column += 8) {
      Vector sum[2];
      std::memcpy(sum, sums + row * n + column, sizeof sum);
      for (int k = 0; k < Operands<P>::depth; ++k) {
        const auto* b = reinterpret_cast<const Vector*>(&operands.b[k][column]);
        sum[0] += operands.a[row][k] * b[0];
        sum[1] += operands.a[row][k] * b[1];
      }
      std::memcpy(sums + row * n + column, sum, sizeof sum);
    }
  }
}

template <Precision P>
void multiply(AsyncOp& op, Block& block, WgmmaShape shape, uint64_t a, uint64_t b, Sums& sums) {
  // Too large for a fiber's stack, and for the thread-local storage of a module opened at run time.
  static thread_local const auto kept = std::make_unique<Operands<P>>();
  Operands<P>& operands = *kept;
  decode_operands<P>(op, block, shape, a, b, operands);
  add_products<P>(operands, shape.n, sums.data());
}

}  // namespace

void wgmma_multiply(AsyncOp& op, Block& block, WgmmaShape shape, uint64_t a, uint64_t b,
                    Accumulate accumulate, Sums& sums) {
  if (accumulate == Accumulate::no) std::fill(sums.begin(), sums.end(), 0);
  switch (shape.precision) {
    case Precision::bf16:
      return multiply<Precision::bf16>(op, block, shape, a, b, sums);
    case Precision::fp16:
      return multiply<Precision::fp16>(op, block, shape, a, b, sums);
    case Precision::tf32:
      return multiply<Precision::tf32>(op, block, shape, a, b, sums);
    case Precision::fp8e4m3:
      return multiply<Precision::fp8e4m3>(op, block, shape, a, b, sums);
    case Precision::int8:
      return multiply<Precision::int8>(op, block, shape, a, b, sums);
    default:
      raise_fault(FaultKind::invalid_use, "wgmma of a precision that it does not multiply");
  }
}

}  // namespace breakeven::emu
