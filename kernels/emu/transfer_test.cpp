// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/cuda/context.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/device.h"
#include "kernels/cuda/first_call.h"
#include "kernels/cuda/gemm_cases.h"
#include "kernels/emu/runtime/seed.h"

// Bytes on their way over the emulated runtime, whose streams are lazy and whose page-locked memory holds
// other bytes until a copy has really run.

namespace breakeven::cuda {
namespace {

constexpr uint64_t kSeed = 42;

ContextPtr context() {
  static const auto opened = std::make_shared<const Context>(0);
  opened->use();
  return opened;
}

Kernel kernel_of(const std::string& name, const ContextPtr& on) {
  for (const Kernel& kernel : kernels(on)) {
    if (kernel.name == name) return kernel;
  }
  throw std::logic_error("no kernel " + name);
}

class Transfers : public testing::TestWithParam<Route> {
 protected:
  void TearDown() override { emu::set_seed(0); }
};

TEST_P(Transfers, BytesArriveInTheirSlotAlone) {
  const Kernel kernel = kernel_of("runtime", context());
  EXPECT_EQ(kernel.clock, Clock::host);
  GpuDevice device(context());
  for (const int64_t bytes : {1, 1000, 65'537}) {
    for (const uint64_t seed : {0, 3, 4}) {
      emu::set_seed(seed);
      const Transfer transfer{.route = GetParam(), .bytes = has_bytes(GetParam()) ? bytes : 0};
      ASSERT_EQ(kernel.why_not(transfer), std::nullopt);
      const Inputs inputs = transfer.inputs(kSeed);
      const auto job = kernel.prepare(transfer, inputs, {.slots = 2});
      job->poison();
      EXPECT_GT(device.time_on_host([&] { job->run(1); }), 0);
      const Tensor got = job->output(1), other = job->output(0);
      if (has_bytes(transfer.route)) {
        EXPECT_TRUE(same_bits(got, inputs.operands[0])) << bytes << " bytes, seed " << seed;
      } else {
        EXPECT_EQ(got.as<unsigned char>()[0], kArrived);
      }
      EXPECT_TRUE(std::all_of(other.data(), other.data() + other.bytes(), [](std::byte byte) {
        return static_cast<unsigned char>(byte) == kPoisonByte;
      }));
      EXPECT_FALSE(job->implementation().empty());
    }
  }
}

// What was there before must not pass for what was to come.
TEST_P(Transfers, PoisonTakesTheBytesAway) {
  const Transfer transfer{.route = GetParam(), .bytes = has_bytes(GetParam()) ? 300 : 0};
  const auto job = kernel_of("runtime", context()).prepare(transfer, transfer.inputs(kSeed), {.slots = 1});
  job->run(0);
  job->poison();
  EXPECT_EQ(job->output(0).as<unsigned char>()[0], kPoisonByte);
}

INSTANTIATE_TEST_SUITE_P(Runtime, Transfers,
                         testing::Values(Route::h2d_pageable, Route::h2d_pinned, Route::d2h_pageable,
                                         Route::d2h_pinned, Route::p2p, Route::launch, Route::launch_queued),
                         [](const auto& info) { return std::string(name(info.param)); });

TEST(TransferContenders, EveryRouteOfAGpuHasOne) {
  for (const Route route : all_routes()) {
    const bool host_alone =
        route == Route::memcpy || route == Route::first_touch || route == Route::fork_join;
    const Transfer transfer{.route = route, .bytes = has_bytes(route) ? 8 : 0};
    const std::vector<Kernel> all = kernels(nullptr);
    EXPECT_EQ(std::ranges::count_if(all, [&](const Kernel& k) { return !k.why_not(transfer); }), !host_alone)
        << name(route);
  }
}

TEST(TransferContenders, FirstCallsHaveAClockOfTheirOwn) {
  EXPECT_EQ(kernel_of("first_call", nullptr).clock, Clock::own);
}

TEST(FirstCall, EachIsTimedAndItsProductChecked) {
  for (const char* what : {"context", "library", "autotune"}) EXPECT_GT(first_call(what, 0), 0) << what;
  EXPECT_THROW(first_call("nothing", 0), std::runtime_error);
}

// The wait must be inside: a launch alone returns before anything has run.
TEST(TimeOnHost, IsFromIdleToIdle) {
  GpuDevice device(context());
  DeviceBuffer to(64, 1, context()->stream());
  void* raw = nullptr;
  ASSERT_EQ(cudaHostAlloc(&raw, 64, cudaHostAllocDefault), cudaSuccess);
  auto* host = static_cast<unsigned char*>(raw);
  to.fill(9, context()->stream());
  device.time_on_host(
      [&] { cudaMemcpyAsync(raw, to.at(0), 64, cudaMemcpyDeviceToHost, context()->stream()); });
  EXPECT_EQ(host[63], 9);
  cudaFreeHost(raw);
}

TEST(PeerAccess, IsEnabledOnce) {
  int can = 0;
  ASSERT_EQ(cudaDeviceCanAccessPeer(&can, 0, 1), cudaSuccess);
  EXPECT_EQ(can, 1);
  context()->use();
  cudaDeviceEnablePeerAccess(1, 0);  // perhaps a test before has
  EXPECT_EQ(cudaDeviceEnablePeerAccess(1, 0), cudaErrorPeerAccessAlreadyEnabled);
  EXPECT_EQ(cudaDeviceEnablePeerAccess(0, 0), cudaErrorInvalidDevice);
  cudaGetLastError();
}

TEST(PeerAccess, ACopyNamesTheDevicesThatHoldItsEnds) {
  const Context here(0), there(1);
  there.use();
  const DeviceBuffer to(16, 1, there.stream());
  here.use();
  const DeviceBuffer from(16, 1, here.stream());
  EXPECT_EQ(cudaMemcpyPeerAsync(to.at(0), 0, from.at(0), 0, 16, here.stream()), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemcpyPeerAsync(to.at(0), 1, from.at(0), 0, 16, here.stream()), cudaSuccess);
  here.synchronize();
  cudaGetLastError();
}

}  // namespace
}  // namespace breakeven::cuda
