// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/sample_run.h"

#include <stdlib.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "harness/usage_error.h"
#include "results/result_file.h"

namespace breakeven::sample {

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "breakeven-results-XXXXXX").string();
  if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
  path_ = name;
}
Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string slurp(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
void spill(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

Case a_case() {
  static const Backend backend = [] {
    Backend b;
    b.name = b.device_id = "cpu";
    b.kernels.resize(1);
    b.kernels[0].name = "plain";
    return b;
  }();
  const Gemm gemm{.m = 64, .n = 32, .k = 16, .epilogue = Epilogue::bias_relu, .precision = Precision::bf16};
  return {"gemm", gemm, &backend, &backend.kernels[0]};
}

Result a_result() {
  Result r;
  r.status = Status::ok;
  r.seconds = {1.5e-5, 1.25e-5, 1.75e-5, 1.1e-5, 1.3e-5, 1.0 / 3e5};
  r.batch = 4;
  r.rotation_bytes = 1 << 20;
  r.rotation_clamp = "memory is short";
  r.first_call_seconds = 0.01, r.setup_seconds = 0.02, r.reorder_seconds = 0.003;
  r.warmup_seconds = 0.5, r.check_seconds = 0.25;
  r.stop = Stop::interval;
  r.interval = 0.008;
  r.check = {"elements", 0.001, 0.004, Verdict::ok, ""};
  r.accuracy = {
      .normwise = 0.0025, .worst = 0.0125, .elements = 2048, .nonfinite = 0.25, .underflowed = 0.125};
  r.telemetry.energy_joules = 12.5;
  r.telemetry.throttled = false;
  r.implementation = "plain loops";
  r.arithmetic_peak = {5e10, PeakKind::attainable, "FMA loop"};
  r.copy_rate = {2e10, PeakKind::lower_bound, "stream copy"};
  r.notes = {"served from caches"};
  r.started = "2026-11-20T17:30:00.123Z";
  return r;
}

RunFacts a_run() {
  RunFacts run;
  run.version = "0.1.0", run.git = "591d76c";
  run.argv = {"breakeven", "run", "gemm", "--out", "a b.jsonl"};
  run.machine.cpu_model = "Sample CPU";
  run.machine.cores = {.logical_online = 4, .affinity = 4, .physical = 2, .quota = 1.5, .usable = 1};
  run.machine.caches = {32768, 1 << 20, 32 << 20};
  run.machine.isa = {"avx2", "fma"};
  run.machine.memory_bytes = int64_t{8} << 30;
  run.machine.os = "Debian GNU/Linux 12 (bookworm)", run.machine.boot_id = "b00t",
  run.machine.host = "sample";
  DeviceInfo cpu;
  cpu.id = "cpu", cpu.name = "Sample CPU", cpu.threads = 1;
  cpu.facts = {{"driver", "none"}, {"id", "a fact cannot take the place of the id"}};
  run.devices.push_back(std::move(cpu));
  run.libraries = {{"OpenBLAS", "0.3.21"}};
  run.plan.selectors = {"gemm"}, run.plan.preset = "quick", run.plan.devices = {"cpu"};
  run.plan.threads = 1, run.plan.timeout_seconds = 60;
  run.plan.cases = {{a_case().id(), "cpu"}};
  return run;
}

nlohmann::ordered_json a_record(const Result& result) {
  Plan plan;
  plan.threads = 1;
  return to_record(a_case(), plan, {}, result, "breakeven run " + a_case().id());
}

Result a_training() {
  Result r;
  r.status = Status::ok;
  r.seconds = {3.25};
  r.check = {"step0", 0.25, 1, Verdict::ok, ""};
  r.started = "2026-11-20T17:30:00.123Z";
  train::Training& t = r.training.emplace();
  t.workload = "tiny-quick";
  t.batch = 32, t.steps = 20, t.epochs = 1.5, t.seed = UINT64_MAX;
  t.target = {train::Metric::auc, 0.8};
  t.quality = 1.0 / 1.2, t.quality_loss = 1.0 / 3, t.reached = true;
  t.first_crossing = {10, 1.5};
  t.phases = {.generate = 0.5, .compile = 0.25, .warmup = 0.125, .upload = 0.25, .train = 2, .evaluate = 1};
  t.samples_per_second = 320, t.model_flops = 1e10, t.flops_per_second = 5e9;
  t.skipped_steps = 2, t.memory_bytes = 123456;
  t.operations = {{"linear forward", 0.5}, {"optimizer", 0.25}};
  t.data.share_of_step = 0.25;
  t.loss_curve = {{10, 0.75}, {20, 0.5}};
  t.evaluations = {{10, 1.5, 0.81, 0.5}, {20, 3.25, 1.0 / 1.2, 1.0 / 3}};
  t.train_hash = "00000000000000aa", t.test_hash = "00000000000000bb";
  return r;
}

nlohmann::ordered_json a_training_record(const Result& result) {
  const auto workload = std::make_shared<train::Workload>();
  workload->name = "tiny-quick";
  workload->definition = "a tiny model";
  workload->schedule = {.batch = 32, .epochs = 1};
  workload->train_samples = 640;
  workload->build = [](int64_t batch) {
    train::Graph g(batch);
    g.cross_entropy(g.linear("head", g.pixels(2, 2, 1), {.out = 2}));
    return g;
  };
  const Case spec{"train", TrainTask{workload, 0, Precision::bf16}, a_case().backend, a_case().kernel};
  Plan plan;
  plan.threads = 1;
  return to_record(spec, plan, {}, result, "breakeven run " + spec.id());
}

void write_file(const std::filesystem::path& path) {
  Journal journal = Journal::create(path, run_line(a_run()));
  journal.append(a_record(a_result()));
  journal.append(a_record(not_measured(Status::skipped, "no such unit")));
  Result wrong = not_measured(Status::wrong, "off by \"\x1b[31m\xff\n");
  wrong.check = {"probes", INFINITY, 0.1, Verdict::wrong, "element 3 is nan"};
  journal.append(a_record(wrong));
  journal.finish();
}

const std::string& file_text() {
  static const std::string text = [] {
    const Folder folder;
    write_file(folder / "a.jsonl");
    return slurp(folder / "a.jsonl");
  }();
  return text;
}

std::string result_text() {
  const std::string& text = file_text();
  const size_t from = text.find('\n') + 1;
  return text.substr(from, text.find('\n', from) - from);
}

std::string refusal(std::string_view text) {
  const Folder folder;
  spill(folder / "a.jsonl", text);
  try {
    read_result_file(folder / "a.jsonl");
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

}  // namespace breakeven::sample
