// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/gemm_job.h"

#include <fmt/format.h>

#include "kernels/cuda/code.h"
#include "kernels/cuda/gated_clock.h"
#include "kernels/cuda/transpose.h"

namespace breakeven::cuda {
namespace {

/// A kernel that keeps nothing.
class LaunchPlan : public GemmPlan {
 public:
  LaunchPlan(GemmLaunch launch, const ContextPtr& context, const PlacedGemm& placed)
      : launch_(launch), context_(context), placed_(placed) {}
  void launch(int64_t slot) override {
    launch_(placed_.gemm.precision, placed_.arguments(slot), context_->stream());
  }

 private:
  GemmLaunch launch_;
  ContextPtr context_;
  const PlacedGemm& placed_;
};

class OwnGemmJob : public GemmJob {
 public:
  OwnGemmJob(ContextPtr context, const OwnGemm& own, const Gemm& gemm, const Inputs& inputs,
             const Placement& placement)
      : GemmJob(std::move(context), gemm, inputs, placement), name_(own.name) {
    if (own.prepare) {
      plan_ = own.prepare(context_, placed_);
    } else {
      plan_ = std::make_unique<LaunchPlan>(own.launch, context_, placed_);
    }
  }
  void run(int64_t slot) override { plan_->launch(slot); }
  std::string implementation() const override {
    return fmt::format("own {} on {} (sm_{})", name_, context_->properties().name, context_->capability());
  }
  double reorder_seconds() const override { return plan_->reorder_seconds(); }

 private:
  std::string name_;
  std::unique_ptr<GemmPlan> plan_;
};

}  // namespace

PlacedGemm::PlacedGemm(const Gemm& g, const Inputs& inputs, int64_t slots, const Context& context) : gemm(g) {
  context.use();
  a = placed_operand(inputs, 0, slots, context);
  b = placed_operand(inputs, 1, slots, context);
  bias = placed_operand(inputs, 2, slots, context);
  c = DeviceBuffer(g.outputs() * breakeven::bytes(facts(g.precision).output), slots, context.stream());
}

GemmArguments PlacedGemm::arguments(int64_t slot) const {
  return {a.at(slot), b.at(slot), bias.at(slot), c.at(slot), gemm.batch, gemm.m, gemm.n, gemm.k};
}

GemmJob::GemmJob(ContextPtr context, const Gemm& gemm, const Inputs& inputs, const Placement& placement)
    : PlacedJob(std::move(context)), placed_(gemm, inputs, placement.slots, *context_) {}

PlacedJob::Buffers GemmJob::operand_buffers() const {
  Buffers list{&placed_.a, &placed_.b};
  if (placed_.bias.bytes() > 0) list.push_back(&placed_.bias);
  return list;
}

Reason why_not_on_cuda_cores(const Gemm& gemm) {
  switch (gemm.precision) {
    case Precision::tf32:
      return "tf32 needs tensor cores, which this kernel does not use";
    case Precision::fp8e4m3:
      return "fp8e4m3 needs tensor cores, which this kernel does not use";
    case Precision::u8:
      return "u8 is not a precision of GEMM";
    default:
      break;
  }
  if (gemm.precision == Precision::int8 && gemm.epilogue == Epilogue::bias_relu) {
    return "int8 with a floating-point bias has no exact int32 result";
  }
  return std::nullopt;
}

Reason why_not_float_on_cuda_cores(const Gemm& gemm) {
  if (gemm.precision == Precision::fp64 || gemm.precision == Precision::int8) {
    return fmt::format("{} is not written for this kernel; naive has it", name(gemm.precision));
  }
  return why_not_on_cuda_cores(gemm);
}

double turn_b(const ContextPtr& context, PlacedGemm& placed) {
  const Gemm& g = placed.gemm;
  const cudaStream_t stream = context->stream();
  const DeviceBuffer turned(placed.b.bytes(), 1, stream);
  const auto turn = [&] {
    transpose(turned.at(0), placed.b.at(0), breakeven::bytes(facts(g.precision).input), g.batch, g.k, g.n,
              stream);
  };
  turn();  // loads the code
  const double seconds = GatedClock(context).time(turn);
  for (int64_t slot = 0; slot < placed.b.copies(); ++slot) {
    // All slots hold the same numbers, so one turned copy serves them all.
    check_cuda(cudaMemcpyAsync(placed.b.at(slot), turned.at(0), static_cast<size_t>(turned.bytes()),
                               cudaMemcpyDeviceToDevice, stream),
               "copying on the device");
  }
  context->synchronize();
  return seconds;
}

Kernel own_gemm(const ContextPtr& context, const OwnGemm& own) {
  Kernel kernel;
  kernel.name = own.name;
  kernel.summary = own.summary;
  kernel.why_not = for_gemm([context, own](const Gemm& gemm) {
    const Reason why = own.why_not(gemm);
    if (why || !context || !own.needs) return why;
    return own.needs(gemm.precision, context->capability());
  });
  kernel.prepare =
      for_gemm(context, [context, own](const Gemm& gemm, const Inputs& inputs, const Placement& placement) {
        return std::make_unique<OwnGemmJob>(context, own, gemm, inputs, placement);
      });
  kernel.typical_rate = own.typical_rate;
  add_code(kernel, own.file.empty() ? own.name : own.file, context ? context->capability() : 0);
  if (own.scratch_bytes) {
    kernel.scratch_bytes = [of = own.scratch_bytes](const Problem& p) {
      const Gemm* gemm = std::get_if<Gemm>(&p);
      return gemm ? of(*gemm) : 0;
    };
  }
  return kernel;
}

std::function<Reason(const Problem&)> for_gemm(std::function<Reason(const Gemm&)> why_not) {
  return for_kind<Gemm>(std::move(why_not));
}

PrepareKind<Problem> for_gemm(ContextPtr context, PrepareKind<Gemm> prepare) {
  return for_kind<Gemm>(std::move(context), std::move(prepare));
}

}  // namespace breakeven::cuda
