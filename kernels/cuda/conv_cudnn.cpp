// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// cudnn, cudnn_best: NVIDIA's library of convolutions, which every convolution of ours is measured against.
//
// Two contenders, as with cuBLASLt (gemm_cublaslt.cpp): what a program gets that takes the first engine the
// heuristics name and that works, and the fastest of all they name, timed on the operands and slots that are
// measured. Bias and ReLU are part of the graph, so that ours is held against the fused one.
// Trap: an engine may be named and then refuse its graph when the plan is completed, or even when it runs;
// such a one is passed over, and only when none is left there is a reason.

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/cudnn_engines.h"
#include "kernels/cuda/trial.h"

namespace breakeven::cuda {
namespace {

constexpr int64_t kSmallWorkspace = int64_t{32} << 20, kLargeWorkspace = int64_t{1} << 30;

enum class Choice : uint8_t { first, best };

/// 8-bit operands come in whole vectors of channels.
Reason why_not_narrow(const Conv2d& conv, int64_t vector) {
  if (conv.direction != Direction::forward)
    return fmt::format("cuDNN has no gradients of {}", name(conv.precision));
  if (conv.groups != 1) return fmt::format("cuDNN takes {} in one group alone", name(conv.precision));
  for (const auto& [word, channels] : {std::pair("c", conv.c), std::pair("k", conv.k)}) {
    if (channels % vector != 0) {
      return fmt::format("{} needs {} to be a multiple of {}, not {}", name(conv.precision), word, vector,
                         channels);
    }
  }
  return std::nullopt;
}

/// What the library's documentation demands; whatever else it refuses shows when it is asked (`prepare`).
Reason why_not(const Conv2d& conv, const ContextPtr& context) {
  const int capability = context ? context->capability() : 1000;
  const bool fused = conv.epilogue == Epilogue::bias_relu;
  switch (conv.precision) {
    case Precision::u8:
      return "u8 is not a precision of convolution";
    case Precision::fp64:
      return fused ? Reason("cuDNN fuses nothing in fp64") : std::nullopt;
    case Precision::tf32:
    case Precision::bf16:
      return capability < 80 ? Reason("needs compute capability 8.0 or newer") : std::nullopt;
    case Precision::fp8e4m3:
      if (capability < 89) return "needs compute capability 8.9 or newer";
      return why_not_narrow(conv, 16);
    case Precision::int8:
      if (fused) return "int8 with a floating-point bias has no exact int32 result";
      return why_not_narrow(conv, 4);
    default:
      return std::nullopt;
  }
}

/// Engines that turn layouts or split sums want a few copies of the arrays.
int64_t workspace_limit(const Conv2d& conv) {
  const int64_t arrays = breakeven::bytes(conv.operands()) + breakeven::bytes(conv.results());
  return std::clamp(8 * arrays, kSmallWorkspace, kLargeWorkspace);
}

class CudnnJob : public ConvJob {
 public:
  CudnnJob(ContextPtr context, Choice choice, const Conv2d& conv, const Inputs& inputs,
           const Placement& placement)
      : ConvJob(std::move(context), conv, inputs, placement),
        dnn_(cudnn()),
        handle_(cudnn_handle(dnn_, context_->stream())),
        graph_(dnn_, handle_.get(), conv),
        engines_(dnn_, handle_.get(), graph_, conv.precision) {
    last_failure_ = engines_.absence();
    if (choice == Choice::first) {
      take_first();
    } else {
      take_fastest();
    }
    if (!chosen_) throw Unsupported(fmt::format("no engine of cuDNN took it: {}", last_failure_));
  }
  void run(int64_t slot) override {
    dnn_.check(dnn_.execute(handle_.get(), chosen_->plan.get(), packs_[static_cast<size_t>(slot)].get()),
               "convolving");
  }
  std::string implementation() const override {
    return fmt::format("cuDNN {}: {}, workspace {} bytes; heuristics' number {} of {}", dnn_.version,
                       chosen_->words, chosen_->workspace, chosen_->rank + 1, engines_.count());
  }

 private:
  void take_first();
  void take_fastest();
  /// Workspace and pointers for a plan; whatever there was before is gone.
  void set_up(CudnnPlan);
  /// Runs once and waits, so that a plan that only fails then is known.
  void run_once();

  const Cudnn& dnn_;
  CudnnHandle handle_;
  CudnnConvGraph graph_;
  CudnnEngines engines_;
  DeviceBuffer workspace_;
  std::optional<CudnnPlan> chosen_;
  std::vector<CudnnDescriptor> packs_;  // of each slot
  std::string last_failure_;
};

void CudnnJob::set_up(CudnnPlan plan) {
  packs_.clear();
  if (plan.workspace > workspace_.bytes()) workspace_ = DeviceBuffer(plan.workspace, 1, context_->stream());
  for (int64_t slot = 0; slot < placed_.result.copies(); ++slot)
    packs_.push_back(graph_.pack(placed_.arguments(slot), workspace_.at(0)));
  chosen_ = std::move(plan);
}

void CudnnJob::run_once() {
  run(0);
  context_->synchronize();
}

void CudnnJob::take_first() {
  for (size_t rank = 0; rank < engines_.count(); ++rank) {
    try {
      set_up(engines_.plan(rank, workspace_limit(placed_.conv)));
      return run_once();
    } catch (const DeviceLost&) {
      throw;
    } catch (const std::runtime_error& failure) {
      chosen_.reset();
      last_failure_ = failure.what();
    }
  }
}

/// Of equally fast ones the first that was named.
void CudnnJob::take_fastest() {
  GatedClock clock(context_);
  double best = std::numeric_limits<double>::infinity();
  std::optional<size_t> winner;
  for (size_t rank = 0; rank < engines_.count(); ++rank) {
    try {
      set_up(engines_.plan(rank, workspace_limit(placed_.conv)));
      const double seconds =
          trial_seconds([&](int64_t slot) { run(slot); }, placed_.result.copies(), clock, best);
      if (seconds >= best) continue;
      best = seconds;
      winner = rank;
    } catch (const DeviceLost&) {
      throw;
    } catch (const std::runtime_error& failure) {
      last_failure_ = failure.what();
    }
  }
  chosen_.reset();
  if (!winner) return;
  packs_.clear();
  workspace_ = {};  // the losers' may have been larger
  set_up(engines_.plan(*winner, workspace_limit(placed_.conv)));
}

Kernel cudnn_kernel(const ContextPtr& context, Choice choice) {
  Kernel kernel;
  kernel.name = choice == Choice::first ? "cudnn" : "cudnn_best";
  kernel.summary = choice == Choice::first ? "cuDNN, the first engine its heuristics name that works"
                                           : "cuDNN, the fastest of all engines its heuristics name, timed";
  kernel.why_not = for_conv([context](const Conv2d& conv) { return why_not(conv, context); });
  kernel.prepare =
      for_conv(context, [context, choice](const Conv2d& conv, const Inputs& inputs, const Placement& slots) {
        cudnn();  // throws when there is none, before anything is placed
        return std::make_unique<CudnnJob>(context, choice, conv, inputs, slots);
      });
  kernel.scratch_bytes = [](const Problem& problem) {
    const Conv2d* conv = std::get_if<Conv2d>(&problem);
    return conv ? workspace_limit(*conv) : 0;
  };
  return kernel;
}

}  // namespace

Kernel conv_cudnn(const ContextPtr& context) { return cudnn_kernel(context, Choice::first); }
Kernel conv_cudnn_best(const ContextPtr& context) { return cudnn_kernel(context, Choice::best); }

}  // namespace breakeven::cuda
