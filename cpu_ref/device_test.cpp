// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/device.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "cpu_ref/cpu.h"
#include "harness/fake_root.h"

namespace breakeven::cpu {
namespace {

Machine small_machine() {
  Machine machine;
  machine.cpu_model = "Test CPU";
  machine.caches.last_level_bytes = 1 << 20;
  machine.memory_bytes = 1 << 30;
  return machine;
}

TEST(Device, SaysWhatItIs) {
  const DeviceInfo info = make_device(small_machine(), 3)->info();
  EXPECT_EQ(info.id, "cpu");
  EXPECT_EQ(info.name, "Test CPU");
  EXPECT_EQ(info.threads, 3);
  EXPECT_GE(info.last_level_cache_bytes, 1 << 20);
  EXPECT_GT(info.available_bytes, 0);
}

TEST(Device, TimesTheWork) {
  const double seconds = make_device(small_machine(), 1)->time([] {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  });
  EXPECT_GE(seconds, 0.005);
}

TEST(Device, EvictsWithAnyNumberOfThreads) {
  const auto device = make_device(small_machine(), 4);
  device->evict_caches();
  device->evict_caches();
}

TEST(Device, CountsEachSharedCacheOnce) {
  FakeRoot root;
  for (const auto& [cpu, sharers] : {std::pair{"0", "0-1"}, {"1", "0-1"}, {"2", "2-3"}, {"3", "2-3"}}) {
    root.put(std::string("/sys/devices/system/cpu/cpu") + cpu + "/cache/index3/shared_cpu_list",
             std::string(sharers) + "\n");
  }
  EXPECT_EQ(all_last_level_caches(100, root.path()), 200);
  const FakeRoot silent;
  EXPECT_EQ(all_last_level_caches(100, silent.path()), 100);
}

TEST(Backend, ListsEveryContenderOnce) {
  const Backend cpu = backend(small_machine(), 2);
  EXPECT_EQ(cpu.name, "cpu");
  EXPECT_EQ(cpu.device_id, "cpu");
  std::vector<std::string> names;
  for (const Kernel& kernel : cpu.kernels) {
    EXPECT_EQ(std::ranges::count(names, kernel.name), 0) << kernel.name;
    EXPECT_FALSE(kernel.summary.empty()) << kernel.name;
    names.push_back(kernel.name);
  }
  EXPECT_EQ(names.front(), "judge");
  EXPECT_GE(names.size(), 4u);
}

}  // namespace
}  // namespace breakeven::cpu
