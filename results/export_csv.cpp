// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/export_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "harness/median.h"

namespace breakeven {
namespace {

struct Row {
  const nlohmann::json& run;
  const Record& record;
  MedianInterval interval;  // of the samples; the extremes when there are fewer than six
  double least = 0;
};

/// An amount per second; not a number where there is none of it (a copy has no flops, a latency no bytes).
double rate(double amount, const Row& row) { return amount > 0 ? amount / row.interval.median : NAN; }

/// A column is either a value as it stands in the run line or in the record (a curve: its points), or
/// computed from the samples.
enum class From : uint8_t { run, record, curve, samples };
struct Column {
  std::string_view name;
  From from;
  const char* pointer;
  double (*value)(const Row&) = nullptr;
};

// The units are in the names: seconds, bytes, joules, watts, hertz, flops (operations of one execution).
constexpr Column kColumns[] = {
    {"run_id", From::run, "/id"},
    {"method", From::run, "/method"},
    {"tool_version", From::run, "/tool/version"},
    {"host", From::run, "/machine/host"},
    {"cpu_model", From::run, "/machine/cpu/model"},
    {"cpu_cores", From::run, "/machine/cpu/cores"},
    {"instance", From::run, "/instance"},
    {"case", From::record, "/case"},
    {"suite", From::record, "/suite"},
    {"precision", From::record, "/problem/precision"},
    {"device", From::record, "/device"},
    {"kernel", From::record, "/kernel"},
    {"implementation", From::record, "/implementation"},
    {"regime", From::record, "/regime"},
    {"threads", From::record, "/threads"},
    {"launch", From::record, "/launch"},
    {"round", From::record, "/round"},
    {"slot", From::record, "/slot"},
    {"started", From::record, "/started"},
    {"status", From::record, "/status"},
    {"reason", From::record, "/reason"},
    {"samples", From::samples, "", [](const Row& r) { return static_cast<double>(r.record.seconds.size()); }},
    {"batch", From::record, "/batch"},
    {"median_seconds", From::samples, "", [](const Row& r) { return r.interval.median; }},
    {"min_seconds", From::samples, "", [](const Row& r) { return r.least; }},
    {"interval_low_seconds", From::samples, "", [](const Row& r) { return r.interval.low; }},
    {"interval_high_seconds", From::samples, "", [](const Row& r) { return r.interval.high; }},
    {"flops", From::record, "/flops"},
    {"bytes", From::record, "/bytes"},
    {"flops_per_second", From::samples, "", [](const Row& r) { return rate(r.record.flops, r); }},
    {"bytes_per_second", From::samples, "", [](const Row& r) { return rate(r.record.bytes, r); }},
    {"peak_flops_per_second", From::record, "/peak/flops_per_second"},
    {"copy_bytes_per_second", From::record, "/copy_rate/bytes_per_second"},
    {"rotation_bytes", From::record, "/rotation_bytes"},
    {"first_call_seconds", From::record, "/first_call_seconds"},
    {"setup_seconds", From::record, "/setup_seconds"},
    {"reorder_seconds", From::record, "/reorder_seconds"},
    {"warmup_seconds", From::record, "/warmup_seconds"},
    {"stop", From::record, "/stop"},
    {"check_metric", From::record, "/check/metric"},
    {"check_error", From::record, "/check/error"},
    {"check_bound", From::record, "/check/bound"},
    {"check_verdict", From::record, "/check/verdict"},
    {"error_normwise", From::record, "/accuracy/normwise"},
    {"error_worst", From::record, "/accuracy/worst"},
    {"error_elements", From::record, "/accuracy/elements"},
    {"nonfinite_share", From::record, "/accuracy/nonfinite"},
    {"underflowed_share", From::record, "/accuracy/underflowed"},
    {"overflowed_share", From::record, "/accuracy/overflowed"},
    {"seed", From::record, "/train/seed"},
    {"steps", From::record, "/train/steps"},
    {"target_metric", From::record, "/train/target/metric"},
    {"target", From::record, "/train/target/value"},
    {"quality", From::record, "/train/quality"},
    {"test_loss", From::record, "/train/quality_loss"},
    {"reached", From::record, "/train/reached"},
    {"first_crossing_step", From::record, "/train/first_crossing/step"},
    {"first_crossing_seconds", From::record, "/train/first_crossing/seconds"},
    {"upload_seconds", From::record, "/train/upload_seconds"},
    {"steps_seconds", From::record, "/train/tts_train_seconds"},
    {"evaluation_seconds", From::record, "/train/evaluation_seconds"},
    {"samples_per_second", From::record, "/train/samples_per_second"},
    {"model_flops_per_second", From::record, "/train/flops_per_second"},
    {"skipped_steps", From::record, "/train/skipped_steps"},
    {"training_memory_bytes", From::record, "/train/memory_bytes"},
    {"loss_curve", From::curve, "/train/loss_curve"},
    {"quality_curve", From::curve, "/train/evaluations"},
    {"energy_joules", From::record, "/telemetry/energy_joules"},
    {"power_watts", From::record, "/telemetry/power_watts"},
    {"clock_hz", From::record, "/telemetry/clock_hz"},
    {"temperature_c", From::record, "/telemetry/temperature_c"},
    {"utilisation", From::record, "/telemetry/utilisation"},
    {"memory_bytes", From::record, "/telemetry/memory_bytes"},
    {"throttled", From::record, "/telemetry/throttled"},
    {"repro", From::record, "/repro"},
};

/// Quoted where RFC 4180 asks for it. Control characters other than line breaks and tabs could move a
/// terminal's cursor and mean nothing here: '?'.
std::string text_cell(const std::string& text) {
  std::string cell;
  if (!text.empty() && std::string_view("=+-@\t\r\n").find(text.front()) != std::string_view::npos)
    cell = "'";
  for (const char c : text) {
    const bool control =
        (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7F;
    cell += control ? "?" : c == '"' ? "\"\"" : std::string(1, c);
  }
  return cell.find_first_of(",\"\r\n") == std::string::npos ? cell : fmt::format("\"{}\"", cell);
}

std::string json_cell(const nlohmann::json& document, const char* pointer) {
  const nlohmann::json::json_pointer where(pointer);
  if (!document.contains(where) || document.at(where).is_null()) return "";
  const nlohmann::json& value = document.at(where);
  return value.is_string() ? text_cell(value.get<std::string>()) : value.is_primitive() ? value.dump() : "";
}

/// "step:loss" or, of evaluations, "seconds:quality", blanks between.
std::string curve_cell(const nlohmann::json& document, const char* pointer) {
  const nlohmann::json::json_pointer where(pointer);
  if (!document.contains(where) || !document.at(where).is_array()) return "";
  std::string points;
  for (const nlohmann::json& point : document.at(where)) {
    const bool evaluation = point.is_object();
    points += fmt::format("{}{}:{}", points.empty() ? "" : " ",
                          evaluation ? point.at("seconds").dump() : point.at(0).dump(),
                          evaluation ? point.at("quality").dump() : point.at(1).dump());
  }
  return points;
}

std::string cell(const Column& column, const Row& row) {
  if (column.from == From::run) return json_cell(row.run, column.pointer);
  if (column.from == From::record) return json_cell(row.record.raw, column.pointer);
  if (column.from == From::curve) return curve_cell(row.record.raw, column.pointer);
  const double value = row.record.seconds.empty() ? NAN : column.value(row);
  return std::isnan(value) ? "" : fmt::format("{}", value);
}

}  // namespace

void export_csv(const ResultFile& file, std::ostream& out) {
  const char* separator = "";
  for (const Column& column : kColumns) out << std::exchange(separator, ",") << column.name;
  out << "\r\n";
  for (const Record& record : file.records) {
    const std::vector<double>& seconds = record.seconds;
    const Row row{file.run, record, median_interval(seconds),
                  seconds.empty() ? 0 : *std::min_element(seconds.begin(), seconds.end())};
    separator = "";
    for (const Column& column : kColumns) out << std::exchange(separator, ",") << cell(column, row);
    out << "\r\n";
  }
}

}  // namespace breakeven
