// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// first_call: what a program waits for before its first result; each once, in a process of its own that the
// harness starts (harness/first_call.h).

#include "kernels/cuda/first_call.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <stdexcept>

#include "harness/first_call.h"
#include "kernels/cuda/cuda.h"

namespace breakeven::cuda {
namespace {

template <class Work>
double seconds_of(const Work& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

constexpr Gemm kSmall{.m = 64, .n = 64, .k = 64};

void require_right(const Inputs& inputs, const Tensor& c) {
  double sum = 0;
  for (int64_t i = 0; i < kSmall.k; ++i) {
    sum += inputs.operands[0].at(i) * inputs.operands[1].at(i * kSmall.n);
  }
  if (!(std::abs(c.at(0) - sum) < 1e-4)) throw std::runtime_error("the library's first product is wrong");
}

/// Seconds from the choice of a contender's algorithm to its first result.
double first_product(const Kernel& kernel, const ContextPtr& context) {
  const Inputs inputs = kSmall.inputs(1);
  std::unique_ptr<Job> job;
  const double seconds = seconds_of([&] {
    job = kernel.prepare(kSmall, inputs, {.slots = 1});
    job->run(0);
    context->synchronize();
  });
  require_right(inputs, job->output(0));
  return seconds;
}

std::string_view word(Route route) {
  switch (route) {
    case Route::first_context:
      return "context";
    case Route::first_library:
      return "library";
    case Route::first_autotune:
      return "autotune";
    default:
      return {};
  }
}

class FirstCallJob : public Job {
 public:
  FirstCallJob(std::string what, int64_t slots) : what_(std::move(what)) {
    for (int64_t i = 0; i < slots; ++i) arrived_.emplace_back(Element::u8, std::vector<int64_t>{1});
  }
  void run(int64_t slot) override {
    seconds_ = first_call_seconds(what_);
    arrived_[static_cast<size_t>(slot)].as<unsigned char>()[0] = kArrived;
  }
  void poison() override {
    for (Tensor& byte : arrived_) breakeven::poison(byte);
  }
  std::vector<Tensor> outputs(int64_t slot) override {
    std::vector<Tensor> made;
    made.push_back(arrived_[static_cast<size_t>(slot)].clone());
    return made;
  }
  std::string implementation() const override { return what_ + ", in a fresh process"; }
  double own_seconds() const override { return seconds_; }

 private:
  std::string what_;
  std::vector<Tensor> arrived_;
  double seconds_ = 0;
};

}  // namespace

double first_call(const std::string& what, int ordinal) {
  ContextPtr context;
  const double seconds = seconds_of([&] {
    context = std::make_shared<const Context>(ordinal);
    context->synchronize();
  });
  if (what == "context") return seconds;
  const double library = first_product(gemm_cublaslt(context), context);
  if (what == "library") return library;
  if (what == "autotune") return first_product(gemm_cublaslt_best(context), context);
  throw std::runtime_error(fmt::format("no first call is named '{}'", what));
}

Kernel transfer_first_call(const ContextPtr& context) {
  Kernel kernel;
  kernel.name = "first_call";
  kernel.summary = "what a process waits for once: a context, cuBLASLt, its algorithms timed";
  kernel.clock = Clock::own;
  kernel.why_not = [](const Problem& problem) -> Reason {
    const auto* transfer = std::get_if<Transfer>(&problem);
    if (!transfer || word(transfer->route).empty()) return "answers another kind of problem";
    return std::nullopt;
  };
  kernel.prepare = [context](const Problem& problem, const Inputs&,
                             const Placement& placement) -> std::unique_ptr<Job> {
    if (!context) throw Unsupported("no CUDA device is open: this kernel is only listed");
    const Route route = std::get<Transfer>(problem).route;
    return std::make_unique<FirstCallJob>(fmt::format("cuda.{} {}", word(route), context->ordinal()),
                                          placement.slots);
  };
  return kernel;
}

}  // namespace breakeven::cuda
