// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/standings.h"

#include <gtest/gtest.h>

#include "reports/page.h"

namespace breakeven {
namespace {

const std::string kOld(64, 'a'), kNew(64, 'b');

Record row(const std::string& kernel, std::optional<std::string> code) {
  Record r;
  r.suite = "gemm", r.problem = "m64n64k64", r.precision = "fp32";
  r.device = "cuda:0", r.backend = "cuda", r.kernel = kernel;
  r.id = "gemm/m64n64k64/fp32/cuda." + kernel;
  r.flops = 1e9, r.status = Status::ok, r.seconds.assign(5, 1e-3);
  r.code = std::move(code);
  return r;
}

std::string page_of(std::vector<Record> records) {
  const Attestation h200{"NVIDIA H200",
                         "580.82",
                         "13.0.88",
                         "2026-11-20",
                         {{"tiled", "tiled.cu", "sm_90a", kOld, 9, 0.5, 300, 1}}};
  ResultFile file;
  file.run = {{"kind", "run"}};
  file.records = std::move(records);
  return page(file, Style::text, std::span(&h200, 1));
}

TEST(Standings, VerifiedWhileTheCodeStandsAndNoLonger) {
  EXPECT_NE(page_of({row("tiled", kOld)}).find("  verified on NVIDIA H200, 2026-11-20: cuda:0.tiled\n"),
            std::string::npos);
  const std::string changed = page_of({row("tiled", kNew)});
  EXPECT_EQ(changed.find("  verified"), std::string::npos) << changed;
  EXPECT_NE(
      changed.find("unverified (its code is not what NVIDIA H200 verified on 2026-11-20): cuda:0.tiled\n"),
      std::string::npos)
      << changed;
}

TEST(Standings, GoByKernelAndCode) {
  const std::string text = page_of(
      {row("naive", kOld), row("tiled+transfer", kOld), row("wmma", ""), row("cublaslt", std::nullopt)});
  EXPECT_NE(text.find("  unverified: cuda:0.naive\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  verified on NVIDIA H200, 2026-11-20: cuda:0.tiled+transfer\n"), std::string::npos);
  EXPECT_NE(text.find("  unverified (compiled from PTX by the driver): cuda:0.wmma\n"), std::string::npos);
  EXPECT_EQ(text.find("verified: cuda:0.cublaslt"), std::string::npos) << text;
}

TEST(Standings, SayNothingOfRowsThatAreNotOwnGpuKernels) {
  const std::string text = page_of({row("cublaslt", std::nullopt)});
  EXPECT_EQ(text.find("verified"), std::string::npos) << text;
}

}  // namespace
}  // namespace breakeven
