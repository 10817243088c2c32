// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/problem_json.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>

#include "results/result_file.h"
#include "results/sample_run.h"

namespace breakeven {
namespace {

using Json = nlohmann::ordered_json;

/// One problem of every kind, operation and route.
std::vector<Problem> problems() {
  std::vector<Problem> all{
      Gemm{.batch = 2, .m = 3, .n = 4, .k = 5, .epilogue = Epilogue::bias_relu, .precision = Precision::bf16},
      Gemm{.m = 3, .n = 4, .k = 5, .precision = Precision::fp16, .fill = Fill::wide, .scale_log2 = 12}};
  for (const Direction d : {Direction::forward, Direction::backward_data, Direction::backward_weights}) {
    all.push_back(
        Conv2d{.direction = d, .n = 2, .c = 6, .h = 7, .w = 8, .k = 4, .r = 3, .s = 2, .groups = 2});
  }
  for (const MemoryKind kind : all_memory_kinds()) {
    MemoryOp op{.kind = kind};
    switch (kind) {
      case MemoryKind::copy:
      case MemoryKind::triad:
      case MemoryKind::gelu:
      case MemoryKind::adamw:
        op.n = 9;
        break;
      case MemoryKind::gather:
      case MemoryKind::scatter_add:
        op.table = 7, op.depth = 3, op.indices = 5;
        break;
      default:
        op.rows = 4, op.columns = 6;
    }
    all.push_back(op);
  }
  for (const Route route : all_routes()) all.push_back(Transfer{.route = route, .bytes = has_bytes(route)});
  return all;
}

/// A whole result file with one result of each problem.
std::string file_of(const std::vector<Problem>& all) {
  const sample::Folder folder;
  Journal journal = Journal::create(folder / "a.jsonl", run_line(sample::a_run()));
  for (const Problem& problem : all) {
    Case spec = sample::a_case();
    spec.suite = "any";
    spec.problem = problem;
    Plan plan;
    plan.threads = 1;
    journal.append(to_record(spec, plan, {}, sample::a_result(), "breakeven run " + spec.id()));
  }
  journal.finish();
  return sample::slurp(folder / "a.jsonl");
}

/// What validate.py says: its exit code, and its complaints.
std::pair<int, std::string> validated(const std::string& text) {
  const sample::Folder folder;
  const std::filesystem::path file = folder / "a.jsonl", complaints = folder / "complaints";
  sample::spill(file, text);
  const std::string command = std::string(BREAKEVEN_PYTHON) + " " + BREAKEVEN_VALIDATE + " " + file.string() +
                              " > " + complaints.string();
  const int status = std::system(command.c_str());
  return {WEXITSTATUS(status), sample::slurp(complaints)};
}

constexpr int kMissing = 77;  // python3-jsonschema is

TEST(ProblemJson, NamesKindSizesAndPrecision) {
  const std::vector<Problem> all = problems();
  EXPECT_EQ(problem_json(all[0]).dump(),
            R"({"op":"gemm","b":2,"m":3,"n":4,"k":5,"epilogue":"bias_relu","precision":"bf16"})");
  EXPECT_EQ(problem_json(all[1]).dump(),
            R"({"op":"gemm","b":1,"m":3,"n":4,"k":5,"epilogue":"none","fill":"wide","scale":12,)"
            R"("precision":"fp16"})");
  EXPECT_EQ(problem_json(all[3]).dump(),
            R"({"op":"conv2d","direction":"bwdd","n":2,"c":6,"h":7,"w":8,"k":4,"r":3,"s":2,"u":1,"p":0,)"
            R"("d":1,"g":2,"epilogue":"none","precision":"fp32"})");
  EXPECT_EQ(problem_json(MemoryOp{.kind = MemoryKind::softmax, .rows = 4, .columns = 6}).dump(),
            R"({"op":"softmax","r":4,"c":6,"precision":"fp32"})");
  EXPECT_EQ(problem_json(Transfer{.route = Route::memcpy, .bytes = 1024}).dump(),
            R"({"op":"memcpy","b":1024,"precision":"u8"})");
  EXPECT_EQ(problem_json(Transfer{.route = Route::launch}).dump(), R"({"op":"launch","precision":"u8"})");
}

TEST(ProblemJson, EveryKindFitsTheSchemaAndIsReadBack) {
  const std::vector<Problem> all = problems();
  const std::string text = file_of(all);
  const sample::Folder folder;
  sample::spill(folder / "a.jsonl", text);
  const ResultFile read = read_result_file(folder / "a.jsonl");
  ASSERT_EQ(read.records.size(), all.size());
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(read.records[i].problem, name(all[i]));
    EXPECT_EQ(read.records[i].flops, work(all[i]).flops);
    EXPECT_EQ(read.records[i].bytes, work(all[i]).bytes);
  }
  const auto [exit_code, complaints] = validated(text);
  if (exit_code == kMissing) GTEST_SKIP() << "python3-jsonschema is not installed";
  EXPECT_EQ(exit_code, 0) << complaints;
}

// Each size in turn missing, then zero or of another type.
TEST(ProblemJson, SchemaRefusesEverySizeMissingOrMistyped) {
  std::string bad;
  for (const Problem& problem : problems()) {
    const Json whole = problem_json(problem);
    for (const auto& item : whole.items()) {
      if (item.key() == "op") continue;
      Json line = Json::parse(sample::result_text());
      line["problem"] = whole;
      line["problem"][item.key()] = true;
      bad += line.dump() + "\n";
      if (item.key() == "fill" || item.key() == "scale") continue;
      line["problem"].erase(item.key());
      bad += line.dump() + "\n";
    }
  }
  const auto [exit_code, complaints] = validated(bad);
  if (exit_code == kMissing) GTEST_SKIP() << "python3-jsonschema is not installed";
  EXPECT_EQ(exit_code, 1);
  EXPECT_EQ(std::ranges::count(complaints, '\n'), std::ranges::count(bad, '\n')) << complaints;
}

}  // namespace
}  // namespace breakeven
