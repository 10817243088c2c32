// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/conv_job.h"

#include <fmt/format.h>

#include "kernels/cuda/code.h"

namespace breakeven::cuda {
namespace {

/// A kernel that keeps nothing.
class LaunchPlan : public ConvPlan {
 public:
  LaunchPlan(ConvLaunch launch, const ContextPtr& context, const PlacedConv& placed)
      : launch_(launch), context_(context), placed_(placed) {}
  void launch(int64_t slot) override { launch_(placed_.conv, placed_.arguments(slot), context_->stream()); }

 private:
  ConvLaunch launch_;
  ContextPtr context_;
  const PlacedConv& placed_;
};

class OwnConvJob : public ConvJob {
 public:
  OwnConvJob(ContextPtr context, const OwnConv& own, const Conv2d& conv, const Inputs& inputs,
             const Placement& placement)
      : ConvJob(std::move(context), conv, inputs, placement), name_(own.name) {
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
  std::unique_ptr<ConvPlan> plan_;
};

}  // namespace

PlacedConv::PlacedConv(const Conv2d& of, const Inputs& inputs, int64_t slots, const Context& context)
    : conv(of) {
  context.use();
  first = placed_operand(inputs, 0, slots, context);
  second = placed_operand(inputs, 1, slots, context);
  bias = placed_operand(inputs, 2, slots, context);
  result = DeviceBuffer(breakeven::bytes(conv.results()), slots, context.stream());
}

ConvArguments PlacedConv::arguments(int64_t slot) const {
  const auto extent = [](int64_t value) { return static_cast<int>(value); };
  return {first.at(slot),     second.at(slot),     bias.at(slot),        result.at(slot),
          extent(conv.n),     extent(conv.c),      extent(conv.h),       extent(conv.w),
          extent(conv.k),     extent(conv.r),      extent(conv.s),       extent(conv.p()),
          extent(conv.q()),   extent(conv.stride), extent(conv.padding), extent(conv.dilation),
          extent(conv.groups)};
}

ConvJob::ConvJob(ContextPtr context, const Conv2d& conv, const Inputs& inputs, const Placement& placement)
    : PlacedJob(std::move(context)), placed_(conv, inputs, placement.slots, *context_) {}

PlacedJob::Buffers ConvJob::operand_buffers() const {
  Buffers list{&placed_.first, &placed_.second};
  if (placed_.bias.bytes() > 0) list.push_back(&placed_.bias);
  return list;
}

Reason why_not_any_conv(const Conv2d& conv) {
  if (conv.precision == Precision::fp8e4m3 || conv.precision == Precision::u8) {
    return fmt::format("{} is not a precision of convolution", name(conv.precision));
  }
  if (conv.precision == Precision::int8) {
    if (conv.direction != Direction::forward) return "int8 has no gradients";
    if (conv.epilogue == Epilogue::bias_relu) {
      return "int8 with a floating-point bias has no exact int32 result";
    }
  }
  return std::nullopt;
}

Reason why_not_conv_on_cuda_cores(const Conv2d& conv) {
  if (conv.precision == Precision::tf32) return "tf32 needs tensor cores, which this kernel does not use";
  return why_not_any_conv(conv);
}

Kernel own_conv(const ContextPtr& context, const OwnConv& own) {
  Kernel kernel;
  kernel.name = own.name;
  kernel.summary = own.summary;
  kernel.why_not = for_conv([context, own](const Conv2d& conv) {
    const Reason why = own.why_not(conv);
    if (why || !context || !own.needs) return why;
    return own.needs(conv.precision, context->capability());
  });
  kernel.prepare =
      for_conv(context, [context, own](const Conv2d& conv, const Inputs& inputs, const Placement& placement) {
        return std::make_unique<OwnConvJob>(context, own, conv, inputs, placement);
      });
  kernel.typical_rate = own.typical_rate;
  add_code(kernel, own.file, context ? context->capability() : 0);
  if (own.scratch_bytes) {
    kernel.scratch_bytes = [of = own.scratch_bytes](const Problem& p) {
      const Conv2d* conv = std::get_if<Conv2d>(&p);
      return conv ? of(*conv) : 0;
    };
  }
  return kernel;
}

std::function<Reason(const Problem&)> for_conv(std::function<Reason(const Conv2d&)> why_not) {
  return for_kind<Conv2d>(std::move(why_not));
}

PrepareKind<Problem> for_conv(ContextPtr context, PrepareKind<Conv2d> prepare) {
  return for_kind<Conv2d>(std::move(context), std::move(prepare));
}

}  // namespace breakeven::cuda
