// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// train_own, train_vendor: a training compiled for one GPU. They differ in who multiplies; everything else is
// the same kernels (train/*.cu).

#include "kernels/cuda/capability.h"
#include "kernels/cuda/code.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/placed_job.h"
#include "kernels/cuda/train/executable.h"

namespace breakeven::cuda {
namespace {

/// `capability` 0: no device is known.
Reason why_not_precision(Precision precision, int capability) {
  switch (precision) {
    case Precision::fp32:
      return std::nullopt;
    case Precision::tf32:
    case Precision::bf16:
    case Precision::fp16:
      return capability == 0 ? std::nullopt : needs_ampere_but_for_fp16(precision, capability);
    default:
      return "a GPU trains in fp32, tf32, bf16 or fp16, not in " + std::string(name(precision));
  }
}

Kernel train_kernel(const ContextPtr& context, std::string name, std::string summary, MakeProducts make) {
  Kernel kernel;
  kernel.name = std::move(name);
  kernel.summary = std::move(summary);
  kernel.why_not = for_kind<TrainTask>([context](const TrainTask& task) {
    return why_not_precision(task.precision, context ? context->capability() : 0);
  });
  kernel.prepare = for_kind<TrainTask>(
      context, [](const TrainTask&, const Inputs&, const Placement&) -> std::unique_ptr<Job> {
        throw Unsupported("a training is compiled, not prepared");
      });
  kernel.compile = [context,
                    make](const train::CompileRequest& request) -> std::unique_ptr<train::Executable> {
    if (!context) throw Unsupported("no CUDA device is open: this kernel is only listed");
    if (const Reason why = why_not_precision(request.precision, context->capability()))
      throw Unsupported(*why);
    return std::make_unique<GpuExecutable>(context, request, make);
  };
  // A first look takes bf16, and fp16 on a GPU without it.
  kernel.reserved = [best = why_not_precision(Precision::bf16, context ? context->capability() : 0)
                                ? Precision::fp16
                                : Precision::bf16](const Problem& problem) {
    const auto* task = std::get_if<TrainTask>(&problem);
    return task && task->precision != best;
  };
  return kernel;
}

}  // namespace

Kernel train_own(const ContextPtr& context) {
  Kernel kernel = train_kernel(context, "own",
                               "own: every operation of a training by kernels of this project", own_products);
  add_code(kernel, "product", context ? context->capability() : 0);
  return kernel;
}

Kernel train_vendor(const ContextPtr& context) {
  return train_kernel(context, "vendor",
                      "cuBLASLt for linear layers, cuDNN for convolutions, own kernels for the rest",
                      vendor_products);
}

}  // namespace breakeven::cuda
