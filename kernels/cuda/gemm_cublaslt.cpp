// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// cublaslt, cublaslt_best: NVIDIA's own library, which every kernel of ours is measured against.
//
// Two contenders, because they answer two questions: what a program gets that takes the heuristic's first
// answer (most do), and what the library can do when its answers are timed and the best is kept. Beating only
// the first proves nothing about the second.
// Trap: the sweep must time what the measurement will time: the same operands, rotating over the same slots,
// and enough workspace for the split-k algorithms (32 MiB at the least on Hopper; 256 MiB where memory
// allows).

#include <fmt/format.h>

#include <algorithm>

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/lt_matmul.h"
#include "kernels/cuda/lt_sweep.h"

namespace breakeven::cuda {
namespace {

constexpr int64_t kSmallWorkspace = int64_t{32} << 20, kLargeWorkspace = int64_t{256} << 20;

enum class Choice : uint8_t { first, best };

/// A 16-bit result makes Lt read a 16-bit bias, and rounding the problem's fp32 bias would change the answer
/// by more than the rounding of the answer itself.
Reason why_not_bias(const Gemm& gemm) {
  if (gemm.epilogue == Epilogue::none) return std::nullopt;
  switch (gemm.precision) {
    case Precision::bf16:
    case Precision::fp16:
    case Precision::fp8e4m3:
      return "cuBLASLt adds a 16-bit bias to a 16-bit result, and the problem's bias is fp32";
    case Precision::int8:
      return "cuBLASLt has no epilogue for int8 with an int32 result";
    default:
      return std::nullopt;
  }
}

/// What the library's documentation demands; whatever else it refuses shows when it is asked (`prepare`).
Reason why_not(const Gemm& gemm, const ContextPtr& context) {
  const int capability = context ? context->capability() : 1000;
  switch (gemm.precision) {
    case Precision::u8:
      return "u8 is not a precision of GEMM";
    case Precision::tf32:
    case Precision::bf16:
      if (capability < 80) return "needs compute capability 8.0 or newer";
      break;
    case Precision::fp8e4m3:
      if (capability < 89) return "needs compute capability 8.9 or newer";
      if (gemm.k % 16 != 0) return fmt::format("fp8 needs k to be a multiple of 16, not {}", gemm.k);
      if (gemm.n % 8 != 0) return fmt::format("fp8 needs n to be a multiple of 8, not {}", gemm.n);
      break;
    case Precision::int8:
      if (gemm.k % 4 != 0) return fmt::format("int8 needs k to be a multiple of 4, not {}", gemm.k);
      if (gemm.n % 4 != 0) return fmt::format("int8 needs n to be a multiple of 4, not {}", gemm.n);
      break;
    default:
      break;
  }
  return why_not_bias(gemm);
}

int64_t affordable_workspace() {
  size_t free = 0, total = 0;
  check_cuda(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
  return static_cast<int64_t>(free) > 8 * kLargeWorkspace ? kLargeWorkspace : kSmallWorkspace;
}

class CublasLtJob : public GemmJob {
 public:
  CublasLtJob(ContextPtr context, Choice choice, const Gemm& gemm, const Inputs& inputs,
              const Placement& placement)
      : GemmJob(std::move(context), gemm, inputs, placement),
        lt_(cublaslt()),
        handle_(lt_handle(lt_)),
        one_(sizeof(float), 1, context_->stream()),
        matmul_(lt_, handle_.get(), gemm, placed_.arguments(0), one_.at(0)) {
    const float one = 1;
    one_.upload(&one, context_->stream());
    if (b_layout(gemm.precision) == BLayout::k_major) reorder_seconds_ = turn_b(context_, placed_);
    choose(choice);
  }
  void run(int64_t slot) override {
    matmul_.run(placed_.arguments(slot), chosen_.result.algo, workspace_, context_->stream());
  }
  std::string implementation() const override {
    return fmt::format("cuBLASLt {}: {}; heuristic's number {} of {}", lt_.version,
                       matmul_.describe(chosen_.result.algo), chosen_.rank + 1, offered_);
  }
  double reorder_seconds() const override { return reorder_seconds_; }

 private:
  void choose(Choice);

  const CublasLt& lt_;
  LtOwned<cublasLtHandle_t> handle_;
  DeviceBuffer one_;  // 1.0f: the scale factor of fp8 operands
  LtMatmul matmul_;
  LtCandidate chosen_{};
  size_t offered_ = 0;
  DeviceBuffer workspace_;
  double reorder_seconds_ = 0;
};

void CublasLtJob::choose(Choice choice) {
  const auto offered = matmul_.algorithms(kMostCandidates, affordable_workspace());
  offered_ = offered.size();
  if (offered.empty()) {
    throw Unsupported(fmt::format("cuBLASLt {} offers no algorithm for {} in {} on {}", lt_.version,
                                  placed_.gemm.name(), name(placed_.gemm.precision),
                                  context_->properties().name));
  }
  const size_t considered = choice == Choice::first ? 1 : offered.size();
  size_t workspace = 0;
  for (size_t i = 0; i < considered; ++i) workspace = std::max(workspace, offered[i].workspaceSize);
  workspace_ = DeviceBuffer(static_cast<int64_t>(workspace), 1, context_->stream());
  chosen_ = choice == Choice::first ? LtCandidate{offered.front(), 0}
                                    : fastest(matmul_, offered, placed_, workspace_, context_);
}

Kernel cublaslt_kernel(const ContextPtr& context, Choice choice) {
  Kernel kernel;
  kernel.name = choice == Choice::first ? "cublaslt" : "cublaslt_best";
  kernel.summary = choice == Choice::first
                       ? "cuBLASLt, the algorithm its heuristic names first"
                       : "cuBLASLt, the fastest of the algorithms its heuristic names, timed";
  kernel.why_not = for_gemm([context](const Gemm& gemm) { return why_not(gemm, context); });
  kernel.prepare =
      for_gemm(context, [context, choice](const Gemm& gemm, const Inputs& inputs, const Placement& slots) {
        cublaslt();  // throws when there is none, before anything is placed
        return std::make_unique<CublasLtJob>(context, choice, gemm, inputs, slots);
      });
  kernel.scratch_bytes = [](const Problem& problem) {
    // While B is turned there is one more of it.
    const Gemm& g = std::get<Gemm>(problem);
    return kLargeWorkspace + (b_layout(g.precision) == BLayout::k_major ? g.batch * g.k * g.n : 0);
  };
  return kernel;
}

}  // namespace

Kernel gemm_cublaslt(const ContextPtr& context) { return cublaslt_kernel(context, Choice::first); }
Kernel gemm_cublaslt_best(const ContextPtr& context) { return cublaslt_kernel(context, Choice::best); }

}  // namespace breakeven::cuda
