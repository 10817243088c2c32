// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/export_gbench.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "harness/median.h"
#include "results/fields.h"

namespace breakeven {
namespace {

using Json = nlohmann::ordered_json;

/// Records of one case on one device: what Google Benchmark calls one benchmark.
struct Family {
  std::string name;
  std::vector<const Record*> launches;
};

/// Devices after the first would share a name: Google Benchmark's way to tell them apart is a `/key:value`
/// suffix.
std::string benchmark_name(const Record& record) {
  const bool first = record.device == record.backend || record.device == record.backend + ":0";
  return first ? record.id : fmt::format("{}/device:{}", record.id, record.device);
}

std::vector<Family> families(const ResultFile& file) {
  std::vector<Family> all;
  std::map<std::string, size_t> index;
  for (const Record& record : file.records) {
    const std::string name = benchmark_name(record);
    const auto [place, is_new] = index.emplace(name, all.size());
    if (is_new) all.push_back({name, {}});
    all[place->second].launches.push_back(&record);
  }
  return all;
}

Json caches(const nlohmann::json& run) {
  struct Cache {
    const char *type, *pointer;
    int level;
  };
  Json list = Json::array();
  for (const Cache& cache : {Cache{"Data", "/machine/cpu/caches/l1d_bytes", 1},
                             Cache{"Unified", "/machine/cpu/caches/l2_bytes", 2},
                             Cache{"Unified", "/machine/cpu/caches/last_level_bytes", 3}}) {
    if (const int64_t bytes = whole_at(run, cache.pointer)) {
      list.push_back({{"type", cache.type}, {"level", cache.level}, {"size", bytes}});
    }
  }
  return list;
}

Json context(const nlohmann::json& run) {
  return {{"date", text_at(run, "/started")},
          {"host_name", text_at(run, "/machine/host")},
          {"executable", text_at(run, "/argv/0")},
          {"num_cpus", whole_at(run, "/machine/cpu/logical")},
          {"caches", caches(run)},
          {"load_avg", Json::array()},
          {"library_version", "breakeven " + text_at(run, "/tool/version")},
          {"library_build_type", "release"},
          {"json_schema_version", 1},
          {"breakeven_run", text_at(run, "/id")},
          {"breakeven_method", std::to_string(whole_at(run, "/method"))}};
}

/// What every entry of a family begins with.
Json entry(const Family& family, size_t index, std::string_view suffix, const char* run_type,
           size_t repetitions) {
  return {{"name", fmt::format("{}{}", family.name, suffix)},
          {"family_index", index},
          {"per_family_instance_index", 0},
          {"run_name", family.name},
          {"run_type", run_type},
          {"repetitions", repetitions},
          {"threads", family.launches.front()->threads}};
}

void add_times(Json& entry, int64_t iterations, double seconds) {
  entry.update({{"iterations", iterations},
                {"real_time", seconds * 1e9},
                {"cpu_time", seconds * 1e9},
                {"time_unit", "ns"}});
}

/// Counters of a training, as Google Benchmark has them: beside the times, by name.
void add_training(Json& entry, const Record& record) {
  if (!record.training) return;
  const train::Training& t = *record.training;
  entry.update({{"seed", t.seed},
                {"quality", t.quality},  // NaN becomes null
                {"steps", t.steps},
                {"steps_seconds", t.phases.train},
                {"samples_per_second", t.samples_per_second},
                {"model_flops_per_second", t.flops_per_second}});
}

void add_repetitions(Json& list, const Family& family, size_t index, size_t repetitions) {
  size_t repetition = 0;
  for (const Record* record : family.launches) {
    for (const double seconds : record->seconds) {
      Json one = entry(family, index, "", "iteration", repetitions);
      one["repetition_index"] = repetition++;
      add_times(one, whole_at(record->raw, "/batch"), seconds);
      if (record->flops > 0) one["flops_per_second"] = record->flops / seconds;
      if (record->bytes > 0) one["bytes_per_second"] = record->bytes / seconds;
      add_training(one, *record);
      list.push_back(std::move(one));
    }
    if (record->seconds.empty() && record->status != Status::ok) {
      Json one = entry(family, index, "", "iteration", repetitions);
      one.update({{"repetition_index", repetition++},
                  {"error_occurred", true},
                  {"error_message", fmt::format("{}: {}", name(record->status), record->reason)}});
      add_times(one, 0, 0);  // as Google Benchmark does
      add_training(one, *record);
      list.push_back(std::move(one));
    }
  }
}

double standard_deviation(const std::vector<double>& samples, double mean) {
  if (samples.size() < 2) return 0;
  const double squares = std::accumulate(samples.begin(), samples.end(), 0.0,
                                         [&](double sum, double s) { return sum + (s - mean) * (s - mean); });
  return std::sqrt(squares / static_cast<double>(samples.size() - 1));
}

void add_aggregates(Json& list, const Family& family, size_t index, size_t repetitions) {
  std::vector<double> all;
  for (const Record* record : family.launches)
    all.insert(all.end(), record->seconds.begin(), record->seconds.end());
  if (all.empty()) return;
  const double mean = std::accumulate(all.begin(), all.end(), 0.0) / static_cast<double>(all.size());
  struct Aggregate {
    const char* name;
    double seconds;
  };
  for (const Aggregate& a : {Aggregate{"mean", mean}, Aggregate{"median", median(all)},
                             Aggregate{"stddev", standard_deviation(all, mean)}}) {
    Json one = entry(family, index, fmt::format("_{}", a.name), "aggregate", repetitions);
    one.update({{"aggregate_name", a.name}, {"aggregate_unit", "time"}});
    add_times(one, static_cast<int64_t>(all.size()), a.seconds);
    list.push_back(std::move(one));
  }
}

}  // namespace

void export_gbench(const ResultFile& file, std::ostream& out) {
  Json benchmarks = Json::array();
  const std::vector<Family> all = families(file);
  for (size_t i = 0; i < all.size(); ++i) {
    size_t repetitions = 0;
    for (const Record* record : all[i].launches) repetitions += std::max<size_t>(record->seconds.size(), 1);
    add_repetitions(benchmarks, all[i], i, repetitions);
    add_aggregates(benchmarks, all[i], i, repetitions);
  }
  const Json document{{"context", context(file.run)}, {"benchmarks", std::move(benchmarks)}};
  out << document.dump(2, ' ', true, Json::error_handler_t::replace) << "\n";
}

}  // namespace breakeven
