// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
//
// Training steps on random data: samples per second, where the time goes, and the share of the peak that the
// products reach.   train_step_benchmark [net] [precision] [contender] [steps]   ("" or "all": every one)
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <numeric>

#include "cpu_ref/cpu.h"
#include "cpu_ref/train/example_nets.h"
#include "harness/machine.h"
#include "harness/train/initial.h"

namespace breakeven::cpu {
namespace {

using train::OperationTime;

struct Net {
  std::string name;
  train::Graph graph;
  train::Dataset data;
  train::Optimizer optimizer;
};

std::vector<Net> nets() {
  const train::Optimizer adamw{.kind = train::OptimizerKind::adamw, .decay = 0.1f, .clip = 1};
  const train::Optimizer sgd{.decay = 5e-4f}, adagrad{.kind = train::OptimizerKind::adagrad};
  std::vector<Net> made;
  made.push_back({"resnet9-w16", example::resnet9(128, 16), example::images(1024, 32, 3, 1), sgd});
  made.push_back({"resnet9-w64", example::resnet9(128, 64), example::images(1024, 32, 3, 1), sgd});
  made.push_back({"resnet9-w64-b512", example::resnet9(512, 64), example::images(1024, 32, 3, 1), sgd});
  made.push_back({"gpt", example::gpt(32, {}), example::text(100000, {}, 1), adamw});
  made.push_back({"mlp", example::mlp(128, 28, 512), example::images(4096, 28, 1, 1), sgd});
  made.push_back({"dlrm", example::dlrm(2048, {}), example::clicks(65536, {}, 1), adagrad});
  return made;
}

/// Runs of so many steps; the median of a run's seconds for one step.
constexpr int kRuns = 5;

struct StepTime {
  double seconds = 0;      // median
  double cpu_seconds = 0;  // of all threads, mean: what others on the machine do not change much
};
StepTime time_steps(train::Executable& executable, int64_t steps, int64_t batches) {
  std::vector<double> seconds;
  int64_t number = 0;
  const std::clock_t cpu_begin = std::clock();
  for (int run = 0; run < kRuns; ++run) {
    const auto begin = std::chrono::steady_clock::now();
    for (int64_t i = 0; i < steps; ++i, ++number)
      executable.step(number % batches, {.rate = 0.001f, .number = number + 1});
    executable.take_losses();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    seconds.push_back(took.count() / static_cast<double>(steps));
  }
  std::ranges::nth_element(seconds, seconds.begin() + kRuns / 2);
  const double cpu = static_cast<double>(std::clock() - cpu_begin) / CLOCKS_PER_SEC;
  return {seconds[kRuns / 2], cpu / static_cast<double>(number)};
}

std::string shares(std::vector<OperationTime> times) {
  double all = 0;
  for (const OperationTime& t : times) all += t.seconds;
  std::ranges::sort(times, std::greater<>{}, &OperationTime::seconds);
  std::string text;
  for (const OperationTime& t : times) {
    if (t.seconds / all >= 0.005) text += fmt::format("  {:.1f} % {}", 100 * t.seconds / all, t.name);
  }
  return text;
}

void measure(const Net& net, Precision precision, const Kernel& contender, int64_t steps, double peak) {
  const train::Program program = train::differentiate(net.graph);
  const std::string label = fmt::format("{:16} {} {:9}", net.name, name(precision), contender.name);
  try {
    const auto executable = contender.compile({.program = &program,
                                               .precision = precision,
                                               .optimizer = net.optimizer,
                                               .augmentation = {},
                                               .threads = omp_get_max_threads(),
                                               .keep_values = false});
    executable->upload(net.data, net.data);
    std::vector<uint32_t> order(static_cast<size_t>(std::min<int64_t>(net.data.samples, 1 << 16)));
    std::iota(order.begin(), order.end(), 0u);
    executable->reset(train::initial_parameters(program, 1));
    executable->begin({order, 1, 0});
    const int64_t batches = std::ssize(order) / program.batch;
    time_steps(*executable, 1, batches);  // warm
    executable->reset(train::initial_parameters(program, 1));
    const auto [seconds, cpu_seconds] = time_steps(*executable, steps, batches);
    const double rate = train::model_flops(program) / seconds;
    fmt::print(
        "{} {:8.0f} samples/s {:7.2f} ms, {:.2f} ms of processors, {:6.0f} GFLOP/s ({:.0f} % of {:.0f}) "
        "{:5.0f} MB\n   {}\n   {}\n",
        label, static_cast<double>(program.batch) / seconds, seconds * 1e3, cpu_seconds * 1e3, rate / 1e9,
        100 * rate / peak, peak / 1e9, static_cast<double>(executable->memory_bytes()) / 1e6,
        shares(executable->operation_times()), executable->implementation());
  } catch (const Unsupported& e) {
    fmt::print("{} {}\n", label, e.what());
  }
  std::fflush(stdout);
}

bool asked_for(int argc, char** argv, int i, std::string_view name) {
  return argc <= i || std::string_view(argv[i]).empty() || argv[i] == std::string_view("all") ||
         name == argv[i];
}

}  // namespace
}  // namespace breakeven::cpu

int main(int argc, char** argv) {
  using namespace breakeven;
  const Backend backend = cpu::backend(describe_machine(), omp_get_max_threads());
  const int64_t steps = argc > 4 ? std::max(1, std::atoi(argv[4])) : 5;
  for (const Precision precision : {Precision::fp32, Precision::bf16}) {
    if (!cpu::asked_for(argc, argv, 2, name(precision))) continue;
    const double peak = backend.device->arithmetic_peak(precision).rate;
    for (const cpu::Net& net : cpu::nets()) {
      for (const Kernel& kernel : backend.kernels) {
        if (cpu::asked_for(argc, argv, 1, net.name) && cpu::asked_for(argc, argv, 3, kernel.name) &&
            kernel.compile)
          cpu::measure(net, precision, kernel, steps, peak);
      }
    }
  }
}
