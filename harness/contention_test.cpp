// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/contention.h"

#include <gtest/gtest.h>

#include "harness/fake_root.h"

namespace breakeven {
namespace {

FakeRoot& put(FakeRoot& root, int stalled_us, int steal, int64_t delay_ns, int switches) {
  root.put("/proc/pressure/cpu",
           "some avg10=1.00 avg60=0.50 avg300=0.10 total=" + std::to_string(stalled_us) +
               "\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=77\n");
  root.put("/proc/stat", "cpu  100 0 50 800 0 0 0 " + std::to_string(steal) + " 0 0\ncpu0 1 2 3\n");
  root.put("/proc/self/task/11/schedstat", "5000 " + std::to_string(delay_ns) + " 3\n");
  root.put("/proc/self/task/12/schedstat", "5000 1000000000 3\n");
  root.put("/proc/self/task/11/status",
           "voluntary_ctxt_switches:\t9\nnonvoluntary_ctxt_switches:\t" + std::to_string(switches) + "\n");
  return root;
}

TEST(Contention, ReadsWhatTheSystemCounts) {
  FakeRoot root;
  const CpuWaiting w = cpu_waiting(SystemFiles(put(root, 2'500'000, 30, 500'000'000, 4).path()));
  EXPECT_DOUBLE_EQ(w.stalled_seconds.value(), 2.5);
  EXPECT_EQ(w.stolen, 30);
  EXPECT_EQ(w.all_ticks, 980);
  EXPECT_DOUBLE_EQ(w.delay_seconds.value(), 1.5);  // of both threads
  EXPECT_EQ(w.involuntary, 4);
}

TEST(Contention, AQuietMachineIsLeftUnmentioned) {
  FakeRoot before, after;
  const CpuWaiting w0 = cpu_waiting(SystemFiles(put(before, 0, 0, 0, 0).path()));
  const CpuWaiting w1 = cpu_waiting(SystemFiles(put(after, 400'000, 0, 100'000'000, 2).path()));
  EXPECT_TRUE(contention(w0, w1, 10, 2).empty());
}

TEST(Contention, IsFlaggedWithItsShare) {
  FakeRoot before, after;
  const CpuWaiting w0 = cpu_waiting(SystemFiles(put(before, 0, 0, 0, 1).path()));
  const CpuWaiting w1 = cpu_waiting(SystemFiles(put(after, 6'000'000, 50, 2'000'000'000, 21).path()));
  const std::vector<std::string> found = contention(w0, w1, 10, 2);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_NE(found[0].find("60 %"), std::string::npos) << found[0];
  EXPECT_NE(found[1].find("100 %"), std::string::npos) << found[1];  // nothing else was counted between
  EXPECT_NE(found[2].find("10 % of their time, put aside 20 times"), std::string::npos) << found[2];
}

TEST(Contention, WhatIsMissingOrMakesNoSenseIsNotFlagged) {
  FakeRoot none, odd, whole;
  odd.put("/proc/pressure/cpu", "some total=much").put("/proc/stat", "cpu  1 2 x");
  const CpuWaiting nothing = cpu_waiting(SystemFiles(none.path())), w = cpu_waiting(SystemFiles(odd.path()));
  EXPECT_FALSE(nothing.stalled_seconds || nothing.stolen || nothing.delay_seconds || nothing.involuntary);
  EXPECT_FALSE(w.stalled_seconds || w.stolen);
  const CpuWaiting all = cpu_waiting(SystemFiles(put(whole, 9'000'000, 90, 9'000'000'000, 9).path()));
  EXPECT_TRUE(contention(nothing, all, 1, 1).empty());
  EXPECT_TRUE(contention(all, nothing, 1, 1).empty());
}

}  // namespace
}  // namespace breakeven
