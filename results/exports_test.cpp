// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/exports.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "results/sample_run.h"

namespace breakeven {
namespace {

std::string exported(std::string_view format, const ResultFile& file) {
  std::ostringstream out;
  find_export(format)->write(file, out);
  return out.str();
}

ResultFile sample_file() {
  const sample::Folder folder;
  sample::write_file(folder / "a.jsonl");
  return read_result_file(folder / "a.jsonl");
}

/// RFC 4180, read back.
std::vector<std::vector<std::string>> rows_of(const std::string& csv) {
  std::vector<std::vector<std::string>> rows(1, {""});
  bool quoted = false;
  for (size_t i = 0; i < csv.size(); ++i) {
    const char c = csv[i];
    if (c == '"' && quoted && i + 1 < csv.size() && csv[i + 1] == '"') {
      rows.back().back() += csv[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      rows.back().emplace_back();
    } else if (c == '\r' && !quoted) {
      rows.push_back({""});
      ++i;  // the line feed
    } else {
      rows.back().back() += c;
    }
  }
  rows.pop_back();  // nothing stands after the last line end
  return rows;
}

std::string cell(const std::vector<std::vector<std::string>>& rows, size_t row, const std::string& column) {
  const auto found = std::ranges::find(rows[0], column);
  return rows.at(row).at(static_cast<size_t>(found - rows[0].begin()));
}

// A copy has no flops, and a latency no bytes either: no rate, rather than one of zero.
TEST(Exports, RatesAreOfWhatAProblemHas) {
  ResultFile file = sample_file();
  file.records.resize(2, file.records[0]);
  file.records[1] = file.records[0];
  file.records[0].flops = 0;
  file.records[1].flops = file.records[1].bytes = 0;
  const auto rows = rows_of(exported("csv", file));
  EXPECT_EQ(cell(rows, 1, "flops_per_second"), "");
  EXPECT_GT(std::stod(cell(rows, 1, "bytes_per_second")), 0);
  EXPECT_EQ(cell(rows, 2, "bytes_per_second"), "");
  const nlohmann::json first = nlohmann::json::parse(exported("gbench", file))["benchmarks"][0];
  EXPECT_FALSE(first.contains("flops_per_second"));
  EXPECT_GT(first["bytes_per_second"].get<double>(), 0);
}

TEST(Exports, AreFoundByName) {
  EXPECT_NE(find_export("gbench"), nullptr);
  EXPECT_NE(find_export("csv"), nullptr);
  EXPECT_EQ(find_export("xml"), nullptr);
  EXPECT_EQ(exports().size(), 2u);
}

TEST(Exports, CsvHasOneRowAResult) {
  const auto rows = rows_of(exported("csv", sample_file()));
  ASSERT_EQ(rows.size(), 4u);
  for (const auto& row : rows) EXPECT_EQ(row.size(), rows[0].size());
  EXPECT_EQ(cell(rows, 1, "case"), "gemm/m64n32k16+bias_relu/bf16/cpu.plain");
  EXPECT_EQ(cell(rows, 1, "samples"), "6");
  EXPECT_EQ(std::stod(cell(rows, 1, "median_seconds")), (1.25e-5 + 1.3e-5) / 2);
  EXPECT_EQ(std::stod(cell(rows, 1, "min_seconds")), 1.0 / 3e5);
  EXPECT_EQ(std::stod(cell(rows, 1, "interval_low_seconds")), 1.0 / 3e5);  // the extremes of six samples
  EXPECT_EQ(std::stod(cell(rows, 1, "interval_high_seconds")), 1.75e-5);
  EXPECT_EQ(std::stod(cell(rows, 1, "flops_per_second")), 65536 / ((1.25e-5 + 1.3e-5) / 2));
  EXPECT_EQ(cell(rows, 1, "error_normwise"), "0.0025");
  EXPECT_EQ(cell(rows, 1, "nonfinite_share"), "0.25");
  EXPECT_EQ(cell(rows, 2, "error_normwise"), "");
  EXPECT_EQ(cell(rows, 1, "energy_joules"), "12.5");
  EXPECT_EQ(cell(rows, 1, "power_watts"), "");
  EXPECT_EQ(cell(rows, 1, "throttled"), "false");
  EXPECT_EQ(cell(rows, 1, "cpu_model"), "Sample CPU");
  EXPECT_EQ(cell(rows, 2, "status"), "skipped");
  EXPECT_EQ(cell(rows, 2, "median_seconds"), "");
  EXPECT_EQ(cell(rows, 3, "reason"), "off by \"?[31m\uFFFD\n");  // quotes and line ends survive, ESC does not
  EXPECT_EQ(cell(rows, 3, "check_verdict"), "wrong");
}

TEST(Exports, CsvDisarmsFormulas) {
  ResultFile file = sample_file();
  file.records.resize(1);
  for (const char* text : {"=1+1", "+1", "-1", "@A1", "\tx", "\rx"}) {
    file.records[0].raw["reason"] = text;
    EXPECT_EQ(cell(rows_of(exported("csv", file)), 1, "reason"), std::string("'") + text);
  }
  file.records[0].raw["telemetry"]["temperature_c"] = -5;  // a number is no formula
  EXPECT_EQ(cell(rows_of(exported("csv", file)), 1, "temperature_c"), "-5");
}

TEST(Exports, GbenchHasRepetitionsAggregatesAndErrors) {
  const auto json = nlohmann::json::parse(exported("gbench", sample_file()));
  EXPECT_EQ(json["context"]["host_name"], "sample");
  EXPECT_EQ(json["context"]["num_cpus"], 4);
  EXPECT_EQ(json["context"]["caches"].size(), 3u);
  EXPECT_EQ(json["context"]["json_schema_version"], 1);
  const auto& list = json["benchmarks"];
  ASSERT_EQ(list.size(), 6u + 2 + 3);  // samples, two without times, aggregates
  const std::string id = "gemm/m64n32k16+bias_relu/bf16/cpu.plain";
  for (size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(list[i]["name"], id);
    EXPECT_EQ(list[i]["run_type"], "iteration");
    EXPECT_EQ(list[i]["repetition_index"], i);
    EXPECT_EQ(list[i]["repetitions"], 8);
    EXPECT_EQ(list[i]["time_unit"], "ns");
    EXPECT_EQ(list[i].contains("error_occurred"), i >= 6);
  }
  EXPECT_DOUBLE_EQ(list[0]["real_time"].get<double>(), 15000);
  EXPECT_EQ(list[0]["iterations"], 4);
  EXPECT_EQ(list[6]["error_message"], "skipped: no such unit");
  EXPECT_EQ(list[8]["aggregate_name"], "mean");
  EXPECT_EQ(list[9]["name"], id + "_median");
  EXPECT_DOUBLE_EQ(list[9]["real_time"].get<double>(), 12750);
  EXPECT_EQ(list[10]["aggregate_name"], "stddev");
}

TEST(Exports, GbenchTellsDevicesApart) {
  ResultFile file = sample_file();
  file.records = {file.records[0], file.records[0]};
  file.records[1].device = "cpu:1";
  const auto list = nlohmann::json::parse(exported("gbench", file))["benchmarks"];
  EXPECT_EQ(list.size(), 2u * 9);
  EXPECT_EQ(list[9]["name"], file.records[0].id + "/device:cpu:1");
  EXPECT_EQ(list[9]["family_index"], 1);
}

TEST(Exports, OfARunWithoutResultsAreEmptyTables) {
  ResultFile file = sample_file();
  file.records.clear();
  EXPECT_EQ(rows_of(exported("csv", file)).size(), 1u);
  EXPECT_TRUE(nlohmann::json::parse(exported("gbench", file))["benchmarks"].empty());
}

TEST(Exports, DoNotTrustTheRestOfTheRunLine) {
  ResultFile file = sample_file();
  file.run["machine"]["host"] = {1, 2};
  file.run["machine"]["cpu"]["logical"] = "many";
  file.run["machine"]["cpu"]["caches"] = nullptr;
  file.run["argv"] = nlohmann::json::array();
  file.records[0].raw["peak"] = "high";
  for (const Export& format : exports()) EXPECT_FALSE(exported(format.name, file).empty());
}

TEST(Exports, TrainingsHaveTheirCountersAndCurves) {
  const sample::Folder folder;
  Result missed = sample::a_training();
  missed.status = Status::failed, missed.reason = "target_missed: auc 0.7000, target 0.8";
  missed.training->first_crossing.reset();
  Journal journal = Journal::create(folder / "a.jsonl", run_line(sample::a_run()));
  journal.append(sample::a_training_record(sample::a_training()));
  journal.append(sample::a_training_record(missed));
  const ResultFile file = read_result_file(folder / "a.jsonl");
  const auto rows = rows_of(exported("csv", file));
  EXPECT_EQ(cell(rows, 1, "median_seconds"), "3.25");
  EXPECT_EQ(cell(rows, 1, "reached"), "true");
  EXPECT_EQ(cell(rows, 1, "steps_seconds"), "2.0");
  EXPECT_EQ(cell(rows, 1, "first_crossing_seconds"), "1.5");
  EXPECT_EQ(cell(rows, 1, "loss_curve"), "10:0.75 20:0.5");
  EXPECT_TRUE(cell(rows, 1, "quality_curve").starts_with("1.5:0.81 3.25:0.83"))
      << cell(rows, 1, "quality_curve");
  EXPECT_EQ(cell(rows, 2, "median_seconds"), "");
  EXPECT_EQ(cell(rows, 2, "first_crossing_seconds"), "");
  const auto list = nlohmann::json::parse(exported("gbench", file))["benchmarks"];
  EXPECT_EQ(list[0]["steps"], 20);
  EXPECT_EQ(list[0]["steps_seconds"], 2.0);
  EXPECT_EQ(list[1]["error_message"], "failed: target_missed: auc 0.7000, target 0.8");
}

}  // namespace
}  // namespace breakeven
