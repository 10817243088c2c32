// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/record.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "results/result_file.h"
#include "results/sample_run.h"

namespace breakeven {
namespace {

Record written_and_read(const Result& result) {
  const sample::Folder folder;
  Journal journal = Journal::create(folder / "a.jsonl", run_line(sample::a_run()));
  journal.append(sample::a_record(result));
  return read_result_file(folder / "a.jsonl").records.at(0);
}

TEST(Record, ComesBackAsItWasWritten) {
  const Result result = sample::a_result();
  const Record record = written_and_read(result);
  EXPECT_EQ(record.id, "gemm/m64n32k16+bias_relu/bf16/cpu.plain");
  EXPECT_EQ(record.suite, "gemm");
  EXPECT_EQ(record.problem, "m64n32k16+bias_relu");
  EXPECT_EQ(record.precision, "bf16");
  EXPECT_EQ(record.backend, "cpu");
  EXPECT_EQ(record.kernel, "plain");
  EXPECT_EQ(record.device, "cpu");
  EXPECT_EQ(record.threads, 1);
  EXPECT_EQ(record.status, Status::ok);
  EXPECT_EQ(record.seconds, result.seconds);  // bit for bit
  EXPECT_EQ(record.flops, 2.0 * 64 * 32 * 16);
  EXPECT_EQ(record.bytes, 2.0 * (64 * 16 + 16 * 32 + 64 * 32) + 4 * 32);
  EXPECT_EQ(record.check.verdict, Verdict::ok);
  EXPECT_EQ(record.check.error, 0.001);
  EXPECT_EQ(record.check.bound, 0.004);
  ASSERT_TRUE(record.accuracy);
  EXPECT_EQ(record.accuracy->normwise, 0.0025);
  EXPECT_EQ(record.accuracy->worst, 0.0125);
  EXPECT_EQ(record.accuracy->elements, 2048);
  EXPECT_EQ(record.accuracy->nonfinite, 0.25);
  EXPECT_EQ(record.accuracy->underflowed, 0.125);
  EXPECT_EQ(record.accuracy->overflowed, 0);
  EXPECT_EQ(record.peak_flops, 5e10);
  EXPECT_TRUE(record.peak_attainable);
  EXPECT_EQ(record.copy_rate, 2e10);
  EXPECT_EQ(record.interval, 0.008);
  EXPECT_EQ(record.notes, result.notes);
}

TEST(Record, HasEveryFieldOfTheContract) {
  const auto line = sample::a_record(sample::a_result());
  EXPECT_EQ(line["problem"].dump(),
            R"({"op":"gemm","b":1,"m":64,"n":32,"k":16,"epilogue":"bias_relu","precision":"bf16"})");
  EXPECT_EQ(
      line["telemetry"].dump(),
      R"({"energy_joules":12.5,"power_watts":null,"clock_hz":null,"temperature_c":null,"utilisation":null,)"
      R"("memory_bytes":null,"throttled":false})");
  EXPECT_EQ(line["check"].dump(), R"({"metric":"elements","error":0.001,"bound":0.004,"verdict":"ok"})");
  EXPECT_EQ(line["accuracy"].dump(),
            R"({"reference":"fp64 answer of the operands before rounding","normwise":0.0025,"worst":0.0125,)"
            R"("elements":2048,"nonfinite":0.25,"underflowed":0.125,"overflowed":0.0})");
  EXPECT_EQ(line["peak"].dump(),
            R"({"flops_per_second":50000000000.0,"kind":"attainable","method":"FMA loop"})");
  EXPECT_EQ(line["copy_rate"]["kind"], "lower_bound");
  EXPECT_EQ(line["stop"], "interval");
  EXPECT_EQ(line["batch"], 4);
  EXPECT_EQ(line["rotation_clamp"], "memory is short");
  EXPECT_EQ(line["check_seconds"], 0.25);
  EXPECT_EQ(line["reorder_seconds"], 0.003);
  EXPECT_TRUE(line["round"].is_null() && line["slot"].is_null());
}

TEST(Record, OfAnUnmeasuredCaseHasNoTimeNoCheckNoPeak) {
  Result result = not_measured(Status::oom, "64 GiB of 8");
  result.seconds = {1, 1, 1, 1, 1};  // a result that is not ok has no time, whatever its maker left there
  const auto line = sample::a_record(result);
  EXPECT_EQ(line["seconds"], nlohmann::ordered_json::array());
  EXPECT_TRUE(line["check"].is_null() && line["peak"].is_null() && line["copy_rate"].is_null());
  EXPECT_EQ(line["status"], "oom");
  EXPECT_EQ(line["reason"], "64 GiB of 8");
}

TEST(Record, OfAnswersWithoutOneFiniteElementHasNoError) {
  Result result = sample::a_result();
  result.accuracy->normwise = result.accuracy->worst = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(sample::a_record(result)["accuracy"]["normwise"].is_null());
  EXPECT_TRUE(std::isnan(written_and_read(result).accuracy->normwise));
  result.accuracy.reset();
  EXPECT_TRUE(sample::a_record(result)["accuracy"].is_null());
  EXPECT_FALSE(written_and_read(result).accuracy);
}

TEST(Record, NeverCarriesWhatWouldMakeTheFileInvalid) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN(),
                   kInfinity = std::numeric_limits<double>::infinity();
  for (const double bad : {0.0, -1e-9, kNan, kInfinity}) {
    Result result = sample::a_result();
    result.seconds[2] = bad;
    const Record record = written_and_read(result);
    EXPECT_EQ(record.status, Status::failed);
    EXPECT_NE(record.reason.find("the clock gave a sample of"), std::string::npos) << record.reason;
    EXPECT_TRUE(record.seconds.empty());
  }
  Result result = sample::a_result();
  result.seconds.resize(4);
  EXPECT_EQ(written_and_read(result).reason, "4 samples, of at least 5");

  result = sample::a_result();
  result.first_call_seconds = result.interval = kNan;
  result.telemetry.power_watts = kInfinity;
  result.arithmetic_peak.rate = kInfinity;
  EXPECT_EQ(written_and_read(result).status, Status::ok);
}

TEST(Record, OfAnAnswerOfNanIsWrongWithAnInfiniteError) {
  Result result = not_measured(Status::wrong, "wrong");
  result.check = {"elements", std::numeric_limits<double>::quiet_NaN(), 0.5, Verdict::wrong,
                  "element 0 is nan"};
  const Record record = written_and_read(result);
  EXPECT_EQ(record.check.verdict, Verdict::wrong);
  EXPECT_EQ(record.check.error, std::numeric_limits<double>::infinity());
  EXPECT_EQ(record.check.where, "element 0 is nan");
}

}  // namespace
}  // namespace breakeven
