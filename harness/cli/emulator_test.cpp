// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// The whole GPU path, from the command line to the record, on the emulated GPU; and what becomes of a run
// when something on that path goes wrong.

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>

#include "harness/cli/program.h"

namespace breakeven::cli {
namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

struct Emulator : testing::Test {
  void SetUp() override {
    if (!std::getenv("BREAKEVEN_EMU_PLUGIN")) GTEST_SKIP() << "this build has no emulated GPU";
  }
  void TearDown() override { unsetenv("BREAKEVEN_EMU_FAIL"); }

  /// One small problem in fp32, with --json; what every case came to, by contender.
  std::map<std::string, json> run(const std::string& failure, const Words& more, int exit_code) {
    if (!failure.empty()) setenv("BREAKEVEN_EMU_FAIL", failure.c_str(), 1);
    Words words{"run", "gemm", "--shape", "m33n17k20", "--precision", "fp32", "--samples", "5", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome o = start(words, folder.path());
    EXPECT_EQ(o.exit_code, exit_code) << o.err << o.out;
    std::map<std::string, json> results;
    if (o.out.empty()) return results;
    const json document = json::parse(o.out);
    file = document["file"];
    for (const json& r : document["results"]) {
      const std::string id = r["case"];
      results[id.substr(id.rfind('/') + 1)] = r;
    }
    return results;
  }
  TemporaryFolder folder;
  std::string file;
};

std::string reason(const json& result) { return result["reason"]; }
bool says(const json& result, const std::string& words) {
  return reason(result).find(words) != std::string::npos;
}

TEST_F(Emulator, ChecksAndNeverTimes) {
  const auto results =
      run("", {"--device", "emu", "--kernel", "naive,tiled,cublaslt,cublaslt_best,cublaslt+transfer"}, 0);
  ASSERT_EQ(results.size(), 5u);
  for (const auto& [name, r] : results) {
    EXPECT_EQ(r["status"], "ok") << name << ": " << reason(r);
    EXPECT_EQ(r["check"]["verdict"], "ok") << name;
    EXPECT_TRUE(r["seconds"].empty()) << name;
    EXPECT_EQ(r["device"], "emu");
    for (const char* absent : {"peak", "copy_rate"})
      EXPECT_TRUE(r[absent].is_null()) << name << " " << absent;
    for (const auto& [sensor, value] : r["telemetry"].items()) EXPECT_TRUE(value.is_null()) << sensor;
    for (const char* time : {"first_call_seconds", "setup_seconds", "reorder_seconds", "warmup_seconds"})
      EXPECT_EQ(r[time], 0) << name << " " << time;
  }
  EXPECT_NE(results.at("emu.naive")["implementation"].get<std::string>().find("emulated GPU"),
            std::string::npos);
  EXPECT_EQ(start({"verify", file}, folder.path()).exit_code, 0);
  const Outcome shown = start({"show", file}, folder.path());
  EXPECT_NE(shown.out.find("checked, not timed"), std::string::npos) << shown.out;
  EXPECT_EQ(shown.out.find("nan"), std::string::npos) << shown.out;
  for (const char* format : {"csv", "gbench"}) {
    const Outcome exported = start({"export", file, "--format", format}, folder.path());
    EXPECT_EQ(exported.exit_code, 0) << exported.err;
    EXPECT_EQ(exported.out.find("nan"), std::string::npos) << exported.out;
  }
}

TEST_F(Emulator, IsThereForThoseWhoNameItOnly) {
  for (const Words& words :
       {Words{"run", "--help"}, Words{"list", "--help"}, Words{"list", "devices"}, Words{"list", "presets"},
        Words{"list", "kernels"}, Words{"list", "cases", "gemm", "--device", "all"}}) {
    const Outcome o = start(words);
    EXPECT_EQ(o.exit_code, 0) << o.err;
    EXPECT_EQ(o.out.find("emu"), std::string::npos) << o.out;
  }
  const Outcome devices = start({"list", "devices", "--device", "emu"});
  EXPECT_NE(devices.out.find("emulated GPU (sm_90)"), std::string::npos) << devices.out;
  const Outcome cases = start({"list", "cases", "gemm", "--device", "emu"});
  EXPECT_NE(cases.out.find("gemm/m33n17k65/bf16/emu.naive"), std::string::npos) << cases.out;
  EXPECT_EQ(cases.out.find("cpu."), std::string::npos);
  EXPECT_EQ(cases.out.find("m4096"), std::string::npos);
}

TEST_F(Emulator, TooMuchWorkIsSkippedWithTheReason) {
  const Outcome o = start({"run", "gemm", "--shape", "m4096n4096k4096", "--precision", "fp32", "--kernel",
                           "naive", "--device", "emu", "--json"},
                          folder.path());
  EXPECT_EQ(o.exit_code, 4) << o.err;  // nothing was measured
  const json result = json::parse(o.out)["results"][0];
  EXPECT_EQ(result["status"], "skipped");
  EXPECT_TRUE(says(result, "1.4e+11 flops")) << reason(result);
}

const Words kTwoOnBoth{"--device", "cpu,emu", "--kernel", "scalar,naive,tiled"};

TEST_F(Emulator, AFaultIsItsCasesFailureAndTheRunGoesOn) {
  const auto results = run("fault:tiled", kTwoOnBoth, 1);
  EXPECT_EQ(results.at("emu.tiled")["status"], "device_lost");
  EXPECT_TRUE(says(results.at("emu.tiled"), "gemm tiled: block (0,0,0)")) << reason(results.at("emu.tiled"));
  EXPECT_EQ(results.at("emu.naive")["status"], "ok");
  EXPECT_EQ(results.at("cpu.scalar")["status"], "ok");
  EXPECT_EQ(start({"verify", file}, folder.path()).exit_code, 0);
}

TEST_F(Emulator, AHangIsItsCasesTimeout) {
  const auto results = run("hang:naive", {"--device", "emu", "--kernel", "naive,tiled", "--timeout", "3"}, 1);
  EXPECT_EQ(results.at("emu.naive")["status"], "timeout");
  EXPECT_TRUE(says(results.at("emu.naive"), "3 s (--timeout)"));
  EXPECT_EQ(results.at("emu.tiled")["status"], "ok");
}

TEST_F(Emulator, NoMemoryLeftIsTheCasesReason) {
  const auto results = run("no_memory", kTwoOnBoth, 1);
  for (const char* name : {"emu.naive", "emu.tiled"}) {
    EXPECT_EQ(results.at(name)["status"], "oom");
    EXPECT_TRUE(says(results.at(name), "bytes of device memory")) << reason(results.at(name));
  }
  EXPECT_EQ(results.at("cpu.scalar")["status"], "ok");
}

TEST_F(Emulator, WithoutCublasLtTheOwnKernelsGoOn) {
  const auto results = run("no_cublaslt", {"--device", "emu", "--kernel", "naive,cublaslt"}, 0);
  EXPECT_EQ(results.at("emu.cublaslt")["status"], "skipped");
  EXPECT_TRUE(says(results.at("emu.cublaslt"), "libcublasLt.so.13 not found"));
  EXPECT_EQ(results.at("emu.naive")["status"], "ok");
}

TEST_F(Emulator, WithoutCudnnTheOwnConvolutionsGoOn) {
  setenv("BREAKEVEN_EMU_FAIL", "no_cudnn", 1);
  const Outcome o = start({"run", "conv", "--shape", "fwd-n1c3h5w4k2r3s3u1p1", "--precision", "fp32",
                           "--samples", "5", "--json", "--device", "emu", "--kernel", "conv_direct,cudnn"},
                          folder.path());
  EXPECT_EQ(o.exit_code, 0) << o.err << o.out;
  int cases = 0;
  const json document = json::parse(o.out);
  for (const json& r : document["results"]) {
    const bool vendor = r["case"].get<std::string>().ends_with(".cudnn");
    EXPECT_EQ(r["status"], vendor ? "skipped" : "ok") << reason(r);
    if (vendor) EXPECT_TRUE(says(r, "libcudnn.so.9 not found")) << reason(r);
    ++cases;
  }
  EXPECT_EQ(cases, 2);
}

struct NoDevice : Emulator, testing::WithParamInterface<std::pair<const char*, const char*>> {};

TEST_P(NoDevice, IsEveryCasesReasonWhileTheCpuGoesOn) {
  const auto [failure, words] = GetParam();
  const auto results = run(failure, kTwoOnBoth, 0);
  for (const char* name : {"emu.naive", "emu.tiled"}) {
    EXPECT_EQ(results.at(name)["status"], "skipped");
    EXPECT_TRUE(says(results.at(name), words)) << reason(results.at(name));
    EXPECT_EQ(reason(results.at(name)).find('\n'), std::string::npos);
  }
  EXPECT_EQ(results.at("cpu.scalar")["status"], "ok");
  const Outcome alone = start({"run", "gemm", "--shape", "m8n8k8", "--device", "emu"}, folder.path());
  EXPECT_EQ(alone.exit_code, 4);
  EXPECT_NE(alone.err.find(words), std::string::npos) << alone.err;
}

INSTANTIATE_TEST_SUITE_P(
    Because, NoDevice,
    testing::Values(std::pair("no_driver", "libcuda.so.1 not found"), std::pair("stub", "the toolkit's stub"),
                    std::pair("driver_too_old", "supports CUDA 11.8 and this build needs"),
                    std::pair("no_device", "no NVIDIA GPU"),
                    std::pair("capability_50", "this build has no code for this GPU")),
    [](const auto& info) { return std::string(info.param.first); });

}  // namespace
}  // namespace breakeven::cli
