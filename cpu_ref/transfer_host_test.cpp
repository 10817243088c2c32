// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <omp.h>

#include "cpu_ref/cpu.h"
#include "harness/check.h"
#include "harness/kernel_of_kinds.h"

namespace breakeven::cpu {
namespace {

void expect_arrival(const char* text) {
  std::string why;
  const Transfer transfer = parse_transfer(text, Precision::u8, &why).value();
  const Inputs inputs = transfer.inputs(2);
  const Kernel host = transfer_host();
  ASSERT_FALSE(host.why_not(transfer)) << text;
  const std::unique_ptr<Job> job = host.prepare(transfer, inputs, {.slots = 2});
  for (int again = 0; again < 2; ++again) {
    job->poison();
    job->run(1);
    job->run(1);
    const Check found = check(transfer, inputs, job->outputs(1), judge, Depth::whole, 1, 0);
    EXPECT_EQ(found.verdict, Verdict::ok) << text << ": " << found.where;
    EXPECT_GT(job->own_seconds(), 0) << text;
    EXPECT_EQ(static_cast<unsigned char>(job->outputs(0)[0].data()[0]), kPoisonByte)
        << text << " wrote another slot";
  }
}

TEST(TransferHost, EveryByteArrives) {
  const int before = omp_get_max_threads();
  for (const int threads : {1, 2, 7}) {
    omp_set_num_threads(threads);
    for (const char* text :
         {"memcpy-b1", "memcpy-b63", "memcpy-b65", "memcpy-b100003", "memcpy-b3000001", "first_touch-b1",
          "first_touch-b4096", "first_touch-b4097", "first_touch-b1000000", "fork_join"}) {
      expect_arrival(text);
    }
  }
  omp_set_num_threads(before);
}

Transfer transfer_of(const char* text) {
  std::string why;
  return parse_transfer(text, Precision::u8, &why).value();
}

TEST(TransferHost, HasNoRowForWhatOnlyAGpuHas) {
  for (const char* text : {"h2d_pinned-b5", "h2d_pageable-b5", "d2h_pinned-b5", "d2h_pageable-b5", "p2p-b5",
                           "launch", "launch_queued", "first_context", "first_autotune"}) {
    EXPECT_FALSE(answers_kind(transfer_host(), transfer_of(text))) << text;
  }
  for (const char* text : {"memcpy-b5", "first_touch-b5", "fork_join", "first_library"}) {
    EXPECT_TRUE(answers_kind(transfer_host(), transfer_of(text))) << text;
  }
}

#if BREAKEVEN_ONEDNN
TEST(TransferHost, OneDnnHasARowForTheFirstProductOnly) {
  const Kernel onednn = transfer_first_onednn();
  EXPECT_TRUE(answers_kind(onednn, transfer_of("first_library")));
  for (const char* text : {"memcpy-b5", "first_touch-b5", "fork_join", "launch", "h2d_pinned-b5"}) {
    EXPECT_FALSE(answers_kind(onednn, transfer_of(text))) << text;
  }
}
#endif

}  // namespace
}  // namespace breakeven::cpu
