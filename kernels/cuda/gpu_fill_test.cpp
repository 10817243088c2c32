// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <cstring>

#include "harness/tensor.h"
#include "kernels/cuda/device_buffer.h"
#include "kernels/cuda/fill.h"
#include "kernels/cuda/gpu_fixture.h"
#include "kernels/cuda/transpose.h"

namespace breakeven::cuda {
namespace {

constexpr uint64_t kSeed = 20260131;

TEST_F(Gpu, FillsTheSameBytesAsTheHost) {
  for (const Precision precision : all_precisions()) {
    // Odd, so that the last Philox block is used in part; more than one pass of the largest grid is not
    // needed.
    Tensor host(facts(precision).input, {100003});
    fill_uniform(host, precision, kSeed, 1);
    const DeviceBuffer device(host.bytes(), 1, context->stream());
    fill_uniform_on_device(device.at(0), precision, host.size(), kSeed, 1, context->stream());
    Tensor back(facts(precision).input, {100003});
    device.download(0, back.data(), context->stream());
    device.check_guards(0, "the fill", context->stream());
    EXPECT_EQ(std::memcmp(host.data(), back.data(), static_cast<size_t>(host.bytes())), 0) << name(precision);
  }
}

/// Elements of the size of `element`, filled with bytes of any value.
void expect_transposes(Element element, const Context& context) {
  constexpr int64_t kBatch = 3, kRows = 70, kColumns = 131;
  const int64_t size = breakeven::bytes(element);
  Tensor host(Element::u8, {kBatch, kRows, kColumns * size}),
      back(Element::u8, {kBatch, kColumns, kRows * size});
  fill_uniform(host, Precision::u8, kSeed, 2);
  DeviceBuffer from(host.bytes(), 1, context.stream()), to(host.bytes(), 1, context.stream());
  from.upload(host.data(), context.stream());
  transpose(to.at(0), from.at(0), size, kBatch, kRows, kColumns, context.stream());
  to.download(0, back.data(), context.stream());
  to.check_guards(0, "the transposed", context.stream());
  for (int64_t b = 0; b < kBatch; ++b) {
    for (int64_t r = 0; r < kRows; ++r) {
      for (int64_t c = 0; c < kColumns; ++c) {
        ASSERT_EQ(
            std::memcmp(back.data() + ((b * kColumns + c) * kRows + r) * size,
                        host.data() + ((b * kRows + r) * kColumns + c) * size, static_cast<size_t>(size)),
            0);
      }
    }
  }
}

TEST_F(Gpu, Transposes) {
  expect_transposes(Element::int8, *context);
  expect_transposes(Element::fp32, *context);
}

TEST_F(Gpu, GuardsNoticeAWriteOutside) {
  const DeviceBuffer buffer(100, 2, context->stream());
  buffer.fill(0, context->stream());
  buffer.check_guards(0, "block", context->stream());
  check_cuda(cudaMemsetAsync(buffer.at(0) + 100, 0, 1, context->stream()), "writing outside");
  EXPECT_THROW(buffer.check_guards(0, "block", context->stream()), std::runtime_error);
  buffer.check_guards(1, "block", context->stream());
  check_cuda(cudaMemsetAsync(buffer.at(1) - 1, 0, 1, context->stream()), "writing outside");
  EXPECT_THROW(buffer.check_guards(1, "block", context->stream()), std::runtime_error);
}

}  // namespace
}  // namespace breakeven::cuda
