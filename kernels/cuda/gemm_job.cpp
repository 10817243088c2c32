// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/gemm_job.h"

#include <fmt/format.h>

namespace breakeven::cuda {
namespace {

DeviceBuffer placed(const Inputs& inputs, size_t operand, int64_t slots, cudaStream_t stream) {
  if (operand >= inputs.operands.size()) return {};
  const Tensor& tensor = inputs.operands[operand];
  DeviceBuffer buffer(tensor.bytes(), slots, stream);
  buffer.upload(tensor.data(), stream);
  return buffer;
}

class OwnGemmJob : public GemmJob {
 public:
  OwnGemmJob(ContextPtr context, const OwnGemm& own, const Gemm& gemm, const Inputs& inputs,
             const Placement& placement)
      : GemmJob(std::move(context), gemm, inputs, placement), name_(own.name), launch_(own.launch) {}
  void run(int64_t slot) override {
    launch_(placed_.gemm.precision, placed_.arguments(slot), context_->stream());
  }
  std::string implementation() const override {
    return fmt::format("own {} on {} (sm_{})", name_, context_->properties().name, context_->capability());
  }

 private:
  std::string name_;
  GemmLaunch launch_;
};

}  // namespace

PlacedGemm::PlacedGemm(const Gemm& g, const Inputs& inputs, int64_t slots, const Context& context) : gemm(g) {
  context.use();
  a = cuda::placed(inputs, 0, slots, context.stream());
  b = cuda::placed(inputs, 1, slots, context.stream());
  bias = cuda::placed(inputs, 2, slots, context.stream());
  c = DeviceBuffer(g.outputs() * breakeven::bytes(facts(g.precision).output), slots, context.stream());
}

GemmArguments PlacedGemm::arguments(int64_t slot) const {
  return {a.at(slot), b.at(slot), bias.at(slot), c.at(slot), gemm.batch, gemm.m, gemm.n, gemm.k};
}

GemmJob::GemmJob(ContextPtr context, const Gemm& gemm, const Inputs& inputs, const Placement& placement)
    : context_(std::move(context)), placed_(gemm, inputs, placement.slots, *context_) {}

void GemmJob::poison() {
  context_->use();
  placed_.c.fill(kPoisonByte, context_->stream());
  context_->synchronize();
}

Tensor GemmJob::output(int64_t slot) {
  context_->use();
  const Gemm& g = placed_.gemm;
  Tensor result(facts(g.precision).output, {g.batch, g.m, g.n});
  placed_.c.download(slot, result.data(), context_->stream());
  placed_.c.check_guards(slot, "the result in slot", context_->stream());
  return result;
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

Kernel own_gemm(const ContextPtr& context, const OwnGemm& own) {
  Kernel kernel;
  kernel.name = own.name;
  kernel.summary = own.summary;
  kernel.why_not = for_gemm(own.why_not);
  kernel.prepare =
      for_gemm(context, [context, own](const Gemm& gemm, const Inputs& inputs, const Placement& placement) {
        return std::make_unique<OwnGemmJob>(context, own, gemm, inputs, placement);
      });
  kernel.typical_rate = own.typical_rate;
  return kernel;
}

std::function<Reason(const Problem&)> for_gemm(std::function<Reason(const Gemm&)> why_not) {
  return [why_not = std::move(why_not)](const Problem& problem) -> Reason {
    const Gemm* gemm = std::get_if<Gemm>(&problem);
    return gemm ? why_not(*gemm) : Reason("answers another kind of problem");
  };
}

std::function<std::unique_ptr<Job>(const Problem&, const Inputs&, const Placement&)> for_gemm(
    ContextPtr context,
    std::function<std::unique_ptr<Job>(const Gemm&, const Inputs&, const Placement&)> prepare) {
  return
      [context = std::move(context), prepare = std::move(prepare)](
          const Problem& problem, const Inputs& inputs, const Placement& placement) -> std::unique_ptr<Job> {
        if (!context) throw Unsupported("no CUDA device is open: this kernel is only listed");
        return prepare(std::get<Gemm>(problem), inputs, placement);
      };
}

}  // namespace breakeven::cuda
