// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
// Is the time that breakeven records the time of the library's call? Both are measured in turn: `Rotation`
// around a `Job`, as the measuring loop has it, and a bare loop around the same call on operand sets of its
// own.
//
//   overhead_benchmark [GLOB [HANDICAP]]   GLOB over "openblas/fp32/1024" (a square product) and
//                                          "onednn/bf16/fwd-n4c64h56w56k64r3s3u1p1"; HANDICAP 0.05 makes
//                                          breakeven's side 5 % slower on purpose, to see it caught
// Exit codes: 0 every promise kept; 1 one broken, or an answer differs; 77 (skipped) the machine was too
// noisy to tell.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "cpu_ref/bare_loop.h"
#include "cpu_ref/cpu.h"
#include "cpu_ref/overhead_verdict.h"
#include "harness/placement.h"
#include "harness/rotation.h"

namespace breakeven::cpu {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

constexpr uint64_t kSeed = 1;
constexpr size_t kRoundsPerPlacing = 6;  // then both sides get new memory: which pages one gets is luck
constexpr size_t kFewestRounds = 12, kFirstLook = 24;
constexpr double kBlockSeconds = 0.01;  // one side's turn
constexpr double kMostSeconds = 40;     // for one row that stays undecided

/// One row of the table: a contender, a problem for it, and the loop to hold against it.
struct Contender {
  std::string kernel, label;
  Problem problem;
  std::function<std::unique_ptr<BareLoop>(const Inputs&, int64_t slots)> bare;
};

template <class P>
using MakeBare = std::unique_ptr<BareLoop> (*)(const P&, const Inputs&, int64_t slots);

template <class P>
Contender contender(const std::string& kernel, const std::string& what, const P& problem, MakeBare<P> make) {
  return {kernel, fmt::format("{}/{}/{}", kernel, name(problem.precision), what), problem,
          [=](const Inputs& inputs, int64_t slots) { return make(problem, inputs, slots); }};
}

[[maybe_unused]] void add_gemms(const std::string& kernel, Precision precision, MakeBare<Gemm> make,
                                std::vector<Contender>& to) {
  for (const int64_t n : {256, 512, 1024, 2048, 4096}) {
    const Gemm gemm{.m = n, .n = n, .k = n, .precision = precision};
    to.push_back(contender(kernel, std::to_string(n), gemm, make));
  }
}

[[maybe_unused]] void add_convolutions(const std::string& kernel, Precision precision, MakeBare<Conv2d> make,
                                       std::vector<Contender>& to) {
  for (const char* shape :
       {"n4c64h56w56k64r3s3u1p1", "n4c256h14w14k1024r1s1u1p0", "n4c128h28w28k128r3s3u2p1"}) {
    for (const char* direction : {"fwd-", "bwdd-", "bwdw-"}) {
      std::string why;
      const Conv2d conv = parse_conv2d(std::string(direction) + shape, precision, &why).value();
      to.push_back(contender(kernel, conv.name(), conv, make));
    }
  }
}

std::vector<Contender> contenders() {
  std::vector<Contender> made;
#if BREAKEVEN_OPENBLAS
  add_gemms("openblas", Precision::fp32, bare_openblas, made);
#endif
#if BREAKEVEN_ONEDNN
  for (const Precision p : {Precision::fp32, Precision::bf16}) add_gemms("onednn", p, bare_onednn, made);
  for (const Precision p : {Precision::fp32, Precision::bf16})
    add_convolutions("onednn", p, bare_onednn_conv, made);
#endif
  return made;
}

/// A job that keeps its caller waiting a little longer than it needs to.
class Handicapped : public Job {
 public:
  explicit Handicapped(std::unique_ptr<Job> job) : job_(std::move(job)) {}
  void run(int64_t slot) override {
    const auto start = Clock::now();
    job_->run(slot);
    const double until = seconds_since(start) * (1 + handicap);
    while (seconds_since(start) < until) {
    }
  }
  void poison() override { job_->poison(); }
  std::vector<Tensor> outputs(int64_t slot) override { return job_->outputs(slot); }
  std::string implementation() const override { return job_->implementation(); }
  static inline double handicap = 0;

 private:
  std::unique_ptr<Job> job_;
};

/// What one row of the table says.
struct Comparison {
  std::vector<double> ratios, recorded, bare;  // one entry a round; seconds per execution
  int64_t slots = 0, batch = 1;
};

/// The two sides of one row, placed in memory of their own.
class Pair {
 public:
  enum class First : uint8_t { job, bare };
  Pair(const Case& spec, const Contender& contender, const Inputs& inputs, int64_t slots, First first)
      : device_(*spec.backend->device), slots_(slots) {
    const auto place_bare = [&] { bare_ = contender.bare(inputs, slots); };
    if (first == First::bare) place_bare();
    job_ = spec.kernel->prepare(spec.problem, inputs, {.slots = slots});
    if (first == First::job) place_bare();
    if (Handicapped::handicap > 0) job_ = std::make_unique<Handicapped>(std::move(job_));
    verify();
    rotation_.emplace(*job_, device_, slots);
  }

  /// Seconds per execution of one that is warm.
  double estimate() {
    return std::min({rotation_->time(1), bare_->time(1), rotation_->time(1), bare_->time(1)});
  }

  /// Recorded, bare, bare, recorded: what drifts evenly cancels.
  void round(int64_t batch, int64_t samples, Comparison& into) {
    std::vector<double> recorded, bare;
    const auto take = [&](std::vector<double>& out, auto& side) {
      for (int64_t i = 0; i < samples; ++i) out.push_back(side.time(batch));
    };
    take(recorded, *rotation_);
    take(bare, *bare_);
    take(bare, *bare_);
    take(recorded, *rotation_);
    into.recorded.push_back(median(recorded));
    into.bare.push_back(median(bare));
    into.ratios.push_back(into.recorded.back() / into.bare.back());
  }

 private:
  static void require(bool condition, const char* otherwise) {
    if (!condition) throw std::runtime_error(otherwise);
  }

  /// Neither side writes into the other's memory, and both get the same bits: the same call, split alike.
  void verify() {
    require(bare_->distinct(), "operand sets of the bare loop overlap");
    for (int64_t slot = 0; slot < slots_; ++slot) job_->run(slot);
    for (int64_t slot = 0; slot < slots_; ++slot)
      require(bare_->untouched(slot), "the job wrote into the bare loop's memory");
    bare_->time(slots_);
    for (int64_t slot = 0; slot < slots_; ++slot) {
      require(bare_->equals(slot, job_->output(slot)),
              "the bare loop and the job computed different numbers");
    }
  }

  Device& device_;
  int64_t slots_;
  std::unique_ptr<Job> job_;
  std::unique_ptr<BareLoop> bare_;
  std::optional<Rotation> rotation_;
};

/// Rounds until the interval settles it, looked at after 24, 48, 96...: looking after each would see, sooner
/// or later, what it wants to see.
Comparison compare(const Case& spec, const Contender& contender) {
  const Inputs inputs = breakeven::inputs(spec.problem, kSeed);
  Comparison made{
      .ratios = {}, .recorded = {}, .bare = {}, .slots = make_room(spec, Regime::sustained).slots};
  const auto start = Clock::now();
  for (size_t look = kFirstLook;; look *= 2) {
    while (made.ratios.size() < look) {
      const bool even = made.ratios.size() / kRoundsPerPlacing % 2 == 0;
      Pair pair(spec, contender, inputs, made.slots, even ? Pair::First::job : Pair::First::bare);
      const double each = pair.estimate();
      made.batch = std::max<int64_t>(1, static_cast<int64_t>(std::ceil(Budget{}.min_sample_seconds / each)));
      const double sample = each * static_cast<double>(made.batch);
      const int64_t samples = std::max<int64_t>(1, static_cast<int64_t>(kBlockSeconds / sample));
      for (size_t i = 0; i < kRoundsPerPlacing; ++i) pair.round(made.batch, samples, made);
      if (made.ratios.size() >= kFewestRounds && seconds_since(start) > kMostSeconds) return made;
    }
    if (settled(median_interval(made.ratios))) return made;
  }
}

std::string_view words(OverheadVerdict verdict) {
  switch (verdict) {
    case OverheadVerdict::kept:
      return "kept";
    case OverheadVerdict::broken:
      return "BROKEN";
    default:
      return "inconclusive: too noisy";
  }
}

OverheadVerdict print_row(const std::string& label, const Comparison& c) {
  const MedianInterval ratio = median_interval(c.ratios);
  const OverheadVerdict verdict = final_verdict(ratio);
  fmt::print("{:<44}{:>6}{:>6}{:>13.1f}{:>13.1f}{:>9.4f}   {:.4f} to {:.4f}{:>7}   {}\n", label, c.slots,
             c.batch, median(c.recorded) * 1e6, median(c.bare) * 1e6, ratio.median, ratio.low, ratio.high,
             c.ratios.size(), words(verdict));
  std::fflush(stdout);
  return verdict;
}

/// The libraries read their variables when they are loaded, so this process starts once more with those of a
/// worker.
void become_a_worker(const Machine& machine, char** argv) {
  constexpr const char* kDone = "BREAKEVEN_OVERHEAD_WORKER";
  if (std::getenv(kDone)) return;
  for (const auto& [name, value] : worker_environment(machine, machine.cores.usable)) {
    setenv(name.c_str(), value.c_str(), 1);
  }
  setenv(kDone, "1", 1);
  execv("/proc/self/exe", argv);
  throw std::runtime_error("cannot start itself again by /proc/self/exe; mount /proc");
}

int run(const Machine& machine, const std::string& glob) {
  const Backend cpu = backend(machine, machine.cores.usable);
  fmt::print("{}, {} threads; breakeven's recorded time over a bare loop's, promised within {:g} %\n",
             machine.cpu_model, machine.cores.usable, 100 * kOverheadPromise);
  fmt::print("{:<44}{:>6}{:>6}{:>13}{:>13}{:>9}   {:<16}{:>7}\n", "", "sets", "batch", "recorded us",
             "bare us", "ratio", "95 % interval", "rounds");
  int kept = 0, broken = 0, unclear = 0;
  for (const Contender& contender : contenders()) {
    if (!glob_match(glob, contender.label)) continue;
    const auto kernel = std::ranges::find(cpu.kernels, contender.kernel, &Kernel::name);
    const bool gemm = std::holds_alternative<Gemm>(contender.problem);
    const Case spec{gemm ? "gemm" : "conv", contender.problem, &cpu, &*kernel};
    try {
      const OverheadVerdict verdict = print_row(contender.label, compare(spec, contender));
      ++(verdict == OverheadVerdict::kept ? kept : verdict == OverheadVerdict::broken ? broken : unclear);
    } catch (const Unsupported& reason) {
      fmt::print("{:<44} not here: {}\n", contender.label, reason.what());
    }
  }
  fmt::print("{} kept, {} broken, {} inconclusive{}\n", kept, broken, unclear,
             kept + broken + unclear == 0 ? fmt::format(": nothing to measure matches '{}'", glob) : "");
  if (broken > 0) return 1;
  return unclear > 0 || kept == 0 ? 77 : 0;
}

}  // namespace
}  // namespace breakeven::cpu

int main(int argc, char** argv) {
  try {
    const breakeven::Machine machine = breakeven::describe_machine();
    breakeven::cpu::become_a_worker(machine, argv);
    if (argc > 2) breakeven::cpu::Handicapped::handicap = std::stod(argv[2]);
    return breakeven::cpu::run(machine, argc > 1 ? argv[1] : "*");
  } catch (const std::exception& e) {
    fmt::print(stderr, "overhead_benchmark: {}\n", e.what());
    return 1;
  }
}
