// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/attest.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/usage_error.h"
#include "results/record.h"
#include "results/result_file.h"
#include "results/sample_run.h"

namespace breakeven {
namespace {

using nlohmann::json;

json good() {
  return {{"schema", 1},
          {"gpu", "NVIDIA H200"},
          {"driver", "580.82"},
          {"nvcc", "13.0.88"},
          {"date", "2026-11-20"},
          {"kernels", json::array({{{"kernel", "tiled"},
                                    {"source", "kernels/cuda/gemm/tiled.cu"},
                                    {"arch", "sm_90a"},
                                    {"code", std::string(64, 'a')},
                                    {"problems", 33},
                                    {"worst", 0.25},
                                    {"repeats", 300},
                                    {"seconds", 1.5}}})}};
}

std::string refusal(const std::string& text) {
  try {
    read_attestation(text, "h200.json");
    return "";
  } catch (const UsageError& error) {
    return error.what();
  }
}

std::string refusal(const std::function<void(json&)>& damage) {
  json file = good();
  damage(file);
  return refusal(file.dump());
}

TEST(Attest, IsRead) {
  const Attestation a = read_attestation(good().dump(), "h200.json");
  EXPECT_EQ(a.gpu, "NVIDIA H200");
  EXPECT_EQ(a.date, "2026-11-20");
  ASSERT_EQ(a.kernels.size(), 1u);
  EXPECT_EQ(a.kernels[0].kernel, "tiled");
  EXPECT_EQ(a.kernels[0].problems, 33);
  EXPECT_EQ(a.kernels[0].worst, 0.25);
  EXPECT_EQ(a.kernels[0].repeats, 300);
}

TEST(Attest, WhatIsDamagedIsNamedInOneSentence) {
  const auto says = [](const std::string& words, const std::function<void(json&)>& damage) {
    EXPECT_NE(refusal(damage).find(words), std::string::npos) << refusal(damage);
    EXPECT_NE(refusal(damage).find("h200.json"), std::string::npos);
  };
  says("'schema' is 2, not 1", [](json& f) { f["schema"] = 2; });
  says("'date' is \"yesterday\"", [](json& f) { f["date"] = "yesterday"; });
  says("'gpu' is \"\"", [](json& f) { f["gpu"] = ""; });
  says("the field 'driver' is missing", [](json& f) { f.erase("driver"); });
  says("'kernels' is 7, not an array", [](json& f) { f["kernels"] = 7; });
  says("'kernels[0]' is not an object", [](json& f) { f["kernels"][0] = 7; });
  says("'kernels[0].code' is \"abc\"", [](json& f) { f["kernels"][0]["code"] = "abc"; });
  says("'kernels[0].worst' is 1.5, not at most 1.01", [](json& f) { f["kernels"][0]["worst"] = 1.5; });
  says("'kernels[0].problems' is 0", [](json& f) { f["kernels"][0]["problems"] = 0; });
  says("'kernels[0].repeats' is -3", [](json& f) { f["kernels"][0]["repeats"] = -3; });
}

TEST(Attest, WhatIsNoJsonIsRefused) {
  EXPECT_NE(refusal(std::string("{")).find("ends in the middle"), std::string::npos);
  EXPECT_NE(refusal(std::string("[]")).find("not a JSON object"), std::string::npos);
  EXPECT_NE(refusal(std::string(100'000, '[')).find("nested deeper"), std::string::npos);
  EXPECT_NE(refusal(std::string(20u << 20, ' ')).find("longer than any"), std::string::npos);
}

TEST(Attest, HoldsForThatCodeOfThatKernel) {
  const std::vector<Attestation> all{read_attestation(good().dump(), "h200.json")};
  EXPECT_EQ(standing(all, "tiled", std::string(64, 'a')), "verified on NVIDIA H200, 2026-11-20");
  EXPECT_EQ(standing(all, "tiled+transfer", std::string(64, 'a')), "verified on NVIDIA H200, 2026-11-20");
  EXPECT_EQ(standing(all, "tiled", std::string(64, 'b')),
            "unverified (its code is not what NVIDIA H200 verified on 2026-11-20)");
  EXPECT_EQ(standing(all, "naive", std::string(64, 'a')), "unverified");
  EXPECT_EQ(standing(all, "tiled", ""), "unverified (compiled from PTX by the driver)");
  EXPECT_TRUE(is_verified(all, "tiled", std::string(64, 'a')));
  EXPECT_FALSE(is_verified(all, "tiled", ""));
}

TEST(Attest, EveryFileOfTheFolderIsBuiltInAndValid) {
  std::set<std::string> there, built_in;
  for (const auto& entry : std::filesystem::directory_iterator(BREAKEVEN_ATTEST_FOLDER)) {
    if (entry.path().extension() == ".json") there.insert(entry.path().filename());
  }
  for (const BuiltinFile& file : attestation_files()) {
    built_in.insert(std::filesystem::path(file.path).filename());
    EXPECT_NO_THROW(read_attestation(file.text, file.path));
  }
  EXPECT_EQ(built_in, there) << "the list in results/meson.build";
}

/// The result line of a kernel with this code, read back from a file.
Record measured(const std::string& source, std::vector<MachineCode> code) {
  Case spec = sample::a_case();
  Kernel kernel;
  kernel.name = spec.kernel->name, kernel.source = source, kernel.code = std::move(code);
  spec.kernel = &kernel;
  const sample::Folder folder;
  Journal journal = Journal::create(folder / "a.jsonl", run_line(sample::a_run()));
  journal.append(to_record(spec, {}, {}, sample::a_result(), ""));
  return read_result_file(folder / "a.jsonl").records.at(0);
}

TEST(Attest, ResultsCarryTheCodeThatRan) {
  const std::string hash(64, 'c');
  EXPECT_EQ(measured("tiled.cu", {{"sm_90a", hash}}).code, hash);
  EXPECT_EQ(measured("tiled.cu", {}).code, "");
  EXPECT_EQ(measured("", {}).code, std::nullopt);
}

}  // namespace
}  // namespace breakeven
