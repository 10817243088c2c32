// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/device/mma.h"

#include <cmath>
#include <cstring>

#include "harness/rounding.h"
#include "kernels/emu/device/kernel_test.h"

// Against plain products of matrices that are laid into registers here by the PTX ISA's own formulas, written
// anew: groupID = lane / 4, threadID_in_group = lane % 4.

namespace breakeven::emu {
namespace {

const GridShape kWarp = {dim3(1), dim3(32), dim3(1), 4096};

float bf16(uint16_t bits) { return std::bit_cast<float>(from_bf16(bits)); }
uint16_t small_bf16(uint32_t random) {
  return to_bf16(std::bit_cast<uint32_t>(static_cast<float>(random % 64) - 32.0f));
}

TEST(Mma, Bf16IsTheProductOfTheIsasFragments) {
  std::vector<uint16_t> a(16 * 16), b(16 * 8);
  for (size_t i = 0; i < a.size(); ++i) a[i] = small_bf16(static_cast<uint32_t>(i * 2654435761u >> 7));
  for (size_t i = 0; i < b.size(); ++i) b[i] = small_bf16(static_cast<uint32_t>(i * 40503u >> 3));
  const DeviceArray<uint16_t> da(a), db(b);
  const DeviceArray<float> dd(16 * 8);
  const auto kernel = [a = da.get(), b = db.get(), d = dd.get()] {
    const int group = static_cast<int>(threadIdx.x) / 4, thread = static_cast<int>(threadIdx.x) % 4;
    uint32_t fa[4], fb[2];
    for (int i = 0; i < 8; ++i) {  // a_i, two to a register
      const int row = i < 2 || (i >= 4 && i < 6) ? group : group + 8,
                k = thread * 2 + (i & 1) + (i < 4 ? 0 : 8);
      const uint32_t bits = a[row * 16 + k];
      fa[i / 2] = i % 2 == 0 ? bits : fa[i / 2] | bits << 16;
    }
    for (int i = 0; i < 4; ++i) {
      const int k = thread * 2 + (i & 1) + (i < 2 ? 0 : 8);
      const uint32_t bits = b[k * 8 + group];
      fb[i / 2] = i % 2 == 0 ? bits : fb[i / 2] | bits << 16;
    }
    float sums[4] = {1, 2, 3, 4};
    device::mma_m16n8k16_bf16(sums, fa, fb);
    for (int i = 0; i < 4; ++i) d[(group + i / 2 * 8) * 8 + thread * 2 + i % 2] = sums[i];
  };
  expect_right(kWarp, kernel, [&] {
    const std::vector<float> d = dd.host();
    for (int row = 0; row < 16; ++row) {
      for (int column = 0; column < 8; ++column) {
        float sum = static_cast<float>(1 + row / 8 * 2 + column % 2);
        for (int k = 0; k < 16; ++k)
          sum += bf16(a[static_cast<size_t>(row * 16 + k)]) * bf16(b[static_cast<size_t>(k * 8 + column)]);
        EXPECT_EQ(d[static_cast<size_t>(row * 8 + column)], sum) << row << ", " << column;
      }
    }
  });
}

TEST(Mma, Int8AndFp64AgreeWithPlainProducts) {
  const auto a = random_bits<uint8_t>(16 * 32, 1), b = random_bits<uint8_t>(32 * 8, 2);
  const DeviceArray<uint8_t> da(a), db(b);
  const DeviceArray<int32_t> dd(16 * 8);
  const DeviceArray<double> de(16 * 8);
  const auto kernel = [a = da.get(), b = db.get(), d = dd.get(), e = de.get()] {
    const int group = static_cast<int>(threadIdx.x) / 4, thread = static_cast<int>(threadIdx.x) % 4;
    uint32_t fa[4] = {}, fb[2] = {};
    for (int i = 0; i < 16; ++i) {
      const int row = i < 4 || (i >= 8 && i < 12) ? group : group + 8,
                k = thread * 4 + (i & 3) + (i < 8 ? 0 : 16);
      fa[i / 4] |= static_cast<uint32_t>(a[row * 32 + k]) << 8 * (i % 4);
    }
    for (int i = 0; i < 8; ++i) {
      const int k = thread * 4 + (i & 3) + (i < 4 ? 0 : 16);
      fb[i / 4] |= static_cast<uint32_t>(b[k * 8 + group]) << 8 * (i % 4);
    }
    int32_t sums[4] = {};
    device::mma_m16n8k32_int8(sums, fa, fb);
    double ga[8], gb[4], doubles[4] = {};
    for (int i = 0; i < 8; ++i) {
      const int row = i % 2 == 0 ? group : group + 8, k = i % 2 == 0 ? i * 2 + thread : i * 2 - 2 + thread;
      ga[i] = static_cast<int8_t>(a[row * 32 + k]);
    }
    for (int i = 0; i < 4; ++i) gb[i] = static_cast<int8_t>(b[(i * 4 + thread) * 8 + group]);
    device::mma_m16n8k16_fp64(doubles, ga, gb);
    for (int i = 0; i < 4; ++i) {
      const int at = (group + i / 2 * 8) * 8 + thread * 2 + i % 2;
      d[at] = sums[i];
      e[at] = doubles[i];
    }
  };
  expect_right(kWarp, kernel, [&] {
    for (size_t i = 0; i < 16 * 8; ++i) {
      int32_t sum = 0, half = 0;
      for (size_t k = 0; k < 32; ++k) {
        sum += static_cast<int8_t>(a[i / 8 * 32 + k]) * static_cast<int8_t>(b[k * 8 + i % 8]);
        if (k == 15) half = sum;
      }
      EXPECT_EQ(dd.host()[i], sum) << i;
      EXPECT_EQ(de.host()[i], half) << i;
    }
  });
}

TEST(Mma, Tf32IgnoresTheLowBitsAndRoundingGoesAwayFromZero) {
  EXPECT_EQ(round_to_tf32(std::bit_cast<float>(0x3F801000u)), 0x3F802000u);  // a tie
  EXPECT_EQ(round_to_tf32(std::bit_cast<float>(0xBF800FFFu)), 0xBF800000u);
  EXPECT_EQ(round_to_tf32(std::bit_cast<float>(0x7F800000u)), 0x7F800000u);
  const DeviceArray<float> dd(32);
  const auto kernel = [d = dd.get()] {
    const uint32_t just_above_one = 0x3F801FFF;  // 13 ones below what tf32 keeps
    const uint32_t a[4] = {just_above_one, just_above_one, just_above_one, just_above_one},
                   b[2] = {0x3F800000, 0x3F800000};
    float sums[4] = {};
    device::mma_m16n8k8_tf32(sums, a, b);
    d[threadIdx.x] = sums[0];
  };
  expect_right(kWarp, kernel, [&] {
    for (const float d : dd.host()) EXPECT_EQ(d, 8.0f);
  });
}

TEST(Matrices, LoadedAndStoredRowsAndColumnsAreTheIsas) {
  const auto bits = random_bits<uint16_t>(4 * 64, 3);
  const DeviceArray<uint16_t> source(bits), stored(4 * 64), back(4 * 64);
  const DeviceArray<uint32_t> loaded(32 * 8);
  const auto kernel = [=, from = source.get(), to = stored.get(), round = back.get(), r = loaded.get()] {
    auto* rows = reinterpret_cast<uint16_t*>(device::dynamic_shared());
    const int lane = static_cast<int>(threadIdx.x);
    for (int i = 0; i < 8; ++i) rows[lane * 8 + i] = from[lane * 8 + i];
    __syncwarp();
    uint32_t plain[4], turned[4];
    device::ldmatrix_x4(plain, rows + lane * 8);
    device::ldmatrix_x4_trans(turned, rows + lane * 8);
    for (int i = 0; i < 4; ++i) {
      r[lane * 8 + i] = plain[i];
      r[lane * 8 + 4 + i] = turned[i];
    }
    device::stmatrix_x4(rows + 256 + lane * 8, plain);
    device::stmatrix_x4_trans(rows + 512 + lane * 8, turned);
    __syncwarp();
    for (int i = 0; i < 8; ++i) {
      to[lane * 8 + i] = rows[256 + lane * 8 + i];
      round[lane * 8 + i] = rows[512 + lane * 8 + i];
    }
  };
  expect_right(kWarp, kernel, [&] {
    const std::vector<uint32_t> r = loaded.host();
    for (size_t lane = 0; lane < 32; ++lane) {
      for (size_t i = 0; i < 4; ++i) {
        const size_t row = lane / 4, column = lane % 4 * 2;
        const uint16_t* matrix = bits.data() + i * 64;
        EXPECT_EQ(r[lane * 8 + i], matrix[row * 8 + column] | uint32_t{matrix[row * 8 + column + 1]} << 16);
        EXPECT_EQ(r[lane * 8 + 4 + i],
                  matrix[column * 8 + row] | uint32_t{matrix[(column + 1) * 8 + row]} << 16);
      }
    }
    EXPECT_EQ(stored.host(), bits);
    EXPECT_EQ(back.host(), bits);
  });
}

TEST(Matrices, MisuseIsNamed) {
  expect_fault(FaultKind::misaligned, kWarp, [] {
    uint32_t r[2];
    device::ldmatrix_x2(r, device::dynamic_shared() + 8);
  });
  expect_fault(FaultKind::uninitialised, kWarp, [] {
    uint32_t r[2];
    device::ldmatrix_x2(r, device::dynamic_shared() + 16 * threadIdx.x);
  });
  expect_fault(FaultKind::race, kWarp, [] {  // each lane wrote a row that another lane names
    auto* rows = reinterpret_cast<uint4*>(device::dynamic_shared());
    rows[threadIdx.x] = uint4{1, 2, 3, 4};
    __syncwarp();
    rows[threadIdx.x] = uint4{5, 6, 7, 8};
    uint32_t r[4];
    device::ldmatrix_x4(r, rows + (threadIdx.x + 1) % 32);
  });
}

TEST(Mma, LanesThatDoNotComeAreMissed) {
  expect_fault(FaultKind::deadlock, kWarp, [] {
    const uint32_t a[4] = {}, b[2] = {};
    float d[4] = {};
    if (threadIdx.x != 7) device::mma_m16n8k16_bf16(d, a, b);
  });
}

}  // namespace
}  // namespace breakeven::emu
