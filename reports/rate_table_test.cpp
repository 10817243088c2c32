// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/rate_table.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>

#include "reports/headline.h"

namespace breakeven {
namespace {

struct Did {
  double flops, bytes, seconds;
};

Record record(const std::string& suite, const std::string& problem, const std::string& kernel, Did did) {
  Record r;
  r.suite = suite;
  r.problem = problem;
  r.precision = suite == "transfer" ? "u8" : "fp32";
  r.device = r.backend = "cpu";
  r.kernel = kernel;
  r.threads = 2;
  r.flops = did.flops, r.bytes = did.bytes;
  r.status = Status::ok;
  r.seconds.assign(5, did.seconds);
  r.peak_flops = 2e9, r.copy_rate = 10e9;
  return r;
}

/// Tables point into the records they were made of.
const std::vector<Record>& kept(std::vector<Record> records) {
  static std::deque<std::vector<Record>> all;
  return all.emplace_back(std::move(records));
}

TEST(RateTable, MemoryCountsBytesByOperationAndThenBySize) {
  const auto tables = rate_tables(kept({record("memory", "softmax-r8c8", "simd", {5, 4e9, 1}),
                                        record("memory", "copy-n9", "simd", {0, 9e9, 1}),
                                        record("memory", "copy-n4", "simd", {0, 4e9, 1}),
                                        record("memory", "copy-n4", "plain", {0, 4e9, 2})}));
  ASSERT_EQ(tables.size(), 1u);
  EXPECT_EQ(tables[0].problems, (std::vector<std::string>{"softmax-r8c8", "copy-n4", "copy-n9"}));
  const std::string text = render(tables[0], Style::text);
  EXPECT_NE(text.find("GB/s          cpu.simd   cpu.plain   fastest  of copy"), std::string::npos) << text;
  EXPECT_NE(text.find("copy-n4           4.00*       2.00    1.00 s     40 %"), std::string::npos) << text;
  EXPECT_EQ(text.find("of peak"), std::string::npos) << text;
}

TEST(RateTable, TransfersAreAListWithTimesWhereThereAreNoBytes) {
  const auto tables = rate_tables(kept({record("transfer", "memcpy-b1024", "host", {0, 2e9, 1}),
                                        record("transfer", "fork_join", "host", {0, 0, 5e-6})}));
  const std::string text = render(tables.at(0), Style::text);
  EXPECT_NE(text.find("transfer            by   GB/s     time"), std::string::npos) << text;
  EXPECT_NE(text.find("memcpy-b1024  cpu.host"), std::string::npos) << text;
  EXPECT_NE(text.find("5.00 µs"), std::string::npos) << text;
  EXPECT_EQ(text.find("of copy"), std::string::npos) << text;
}

TEST(RateTable, ManyConvolutionsMakeATableADirection) {
  const auto tables_of = [](int problems) {
    std::vector<Record> records;
    for (int i = 0; i < problems; ++i) {
      const char* direction = i % 2 ? "bwdw" : "fwd";
      records.push_back(record("conv", fmt::format("{}-n{}", direction, i), "onednn", {1e9, 1e6, 1}));
    }
    return rate_tables(kept(std::move(records)));
  };
  ASSERT_EQ(tables_of(29).size(), 1u);
  EXPECT_EQ(tables_of(29)[0].title, "conv fp32, sustained, 2 CPU threads");
  ASSERT_EQ(tables_of(30).size(), 2u);
  EXPECT_EQ(tables_of(30)[0].title, "conv fwd fp32, sustained, 2 CPU threads");
  EXPECT_EQ(tables_of(30)[1].title, "conv bwdw fp32, sustained, 2 CPU threads");
}

TEST(RateTable, SuitesHaveSentencesOfTheirOwn) {
  const auto said = headlines(rate_tables(kept(
      {record("gemm", "m8n8k8", "onednn", {1e9, 1e6, 1}), record("gemm", "m8n8k8", "scalar", {1e9, 1e6, 2}),
       record("conv", "fwd-n8", "onednn", {9e9, 1e6, 3}), record("conv", "fwd-n8", "direct", {9e9, 1e6, 9}),
       record("memory", "copy-n4", "simd", {0, 9e9, 1}), record("memory", "gather-v9", "simd", {0, 4e9, 1}),
       record("transfer", "memcpy-b4", "host", {0, 5e9, 1}),
       record("transfer", "fork_join", "host", {0, 0, 5e-6})})));
  ASSERT_EQ(said.size(), 4u);
  EXPECT_EQ(said[0], "m8n8k8: fp32 cpu.onednn is 2.00x fp32 cpu.scalar (1.00 s against 2.00 s)");
  EXPECT_EQ(said[1], "fwd-n8: fp32 cpu.onednn is 3.00x fp32 cpu.direct (3.00 s against 9.00 s)");
  EXPECT_EQ(said[2],
            "cpu: 1 of 2 memory-bound problems at 85 % of the copy rate or more; furthest below is gather-v9 "
            "fp32 at 40 %");
  EXPECT_EQ(said[3], "cpu: memcpy-b4 at 5.00 GB/s, fork_join in 5.00 µs");
}

}  // namespace
}  // namespace breakeven
