// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>
#include <unordered_map>

#include "cpu_ref/cpu.h"
#include "cpu_ref/memory_job.h"
#include "cpu_ref/onednn_memory.h"
#include "cpu_ref/onednn_type.h"

namespace breakeven::cpu {
namespace {

using dnnl::memory;
using Arguments = std::unordered_map<int, memory>;

/// The primitive that does an operation, and in which arguments its arrays stand: those of MemoryOp's
/// operands, then of its results.
struct Made {
  dnnl::primitive primitive;
  std::string implementation;
  std::vector<std::pair<int, memory::desc>> operands, results;
};

class OnednnJob : public MemoryJob {
 public:
  OnednnJob(const MemoryOp& op, const Inputs& inputs, const Placement& placement)
      : MemoryJob(op, inputs, placement),
        engine_(dnnl::engine::kind::cpu, 0),
        stream_(engine_),
        made_(make()) {
    for (int64_t slot = 0; slot < slots_; ++slot) {
      Arguments& arguments = arguments_.emplace_back();
      for (size_t i = 0; i < made_.operands.size(); ++i) {
        void* handle = const_cast<std::byte*>(operand<std::byte>(i, slot));
        arguments.emplace(made_.operands[i].first, memory(made_.operands[i].second, engine_, handle));
      }
      for (size_t i = 0; i < made_.results.size(); ++i) {
        arguments.emplace(made_.results[i].first,
                          memory(made_.results[i].second, engine_, result<std::byte>(i, slot)));
      }
    }
  }

  void run(int64_t slot) override {
    made_.primitive.execute(stream_, arguments_[static_cast<size_t>(slot)]);
    stream_.wait();
    if (op_.kind == MemoryKind::layernorm) finish_rstd(slot);
  }

  std::string implementation() const override {
    const dnnl_version_t& version = *dnnl::version();
    return fmt::format("oneDNN {}.{}.{} {}", version.major, version.minor, version.patch,
                       made_.implementation);
  }

 private:
  /// oneDNN leaves the variance where we want 1 / sqrt(variance + epsilon): one number a row.
  void finish_rstd(int64_t slot) {
    float* variance = result<float>(2, slot);
    for (int64_t i = 0; i < op_.rows; ++i) variance[i] = 1.0f / std::sqrt(variance[i] + kLayerNormEpsilon);
  }
  Made make();
  Made make_softmax(const memory::desc& x);
  Made make_gelu();
  Made make_layernorm(const memory::desc& x);

  dnnl::engine engine_;
  dnnl::stream stream_;
  Made made_;
  std::vector<Arguments> arguments_;
};

Made OnednnJob::make() {
  try {
    if (op_.kind == MemoryKind::gelu) return make_gelu();
    const memory::desc x({op_.rows, op_.columns}, onednn_type(facts(op_.precision).input),
                         memory::format_tag::ab);
    return op_.kind == MemoryKind::softmax ? make_softmax(x) : make_layernorm(x);
  } catch (const dnnl::error& e) {
    if (e.status != dnnl_unimplemented) throw;
    throw Unsupported(fmt::format("oneDNN {}.{} has no {} {} on this CPU", dnnl::version()->major,
                                  dnnl::version()->minor, name(op_.precision), name(op_.kind)));
  }
}

Made OnednnJob::make_softmax(const memory::desc& x) {
  const auto description = softmax_description(engine_, x, 1);
  return {dnnl::primitive(description.get()),
          description.impl_info_str(),
          {{DNNL_ARG_SRC, x}},
          {{DNNL_ARG_DST, x}}};
}

Made OnednnJob::make_gelu() {
  const memory::desc x({op_.n}, onednn_type(facts(op_.precision).input), memory::format_tag::a);
  const auto description = gelu_description(engine_, x);
  return {dnnl::primitive(description.get()),
          description.impl_info_str(),
          {{DNNL_ARG_SRC, x}},
          {{DNNL_ARG_DST, x}}};
}

Made OnednnJob::make_layernorm(const memory::desc& x) {
  const memory::desc column({op_.columns}, memory::data_type::f32, memory::format_tag::a);
  const memory::desc row({op_.rows}, memory::data_type::f32, memory::format_tag::a);
  const auto description = layernorm_description(engine_, x, row, kLayerNormEpsilon);
  return {dnnl::primitive(description.get()),
          description.impl_info_str(),
          {{DNNL_ARG_SRC, x}, {DNNL_ARG_SCALE, column}, {DNNL_ARG_SHIFT, column}},
          {{DNNL_ARG_DST, x}, {DNNL_ARG_MEAN, row}, {DNNL_ARG_VARIANCE, row}}};
}

Reason why_not(const MemoryOp& op) {
  switch (op.kind) {
    case MemoryKind::softmax:
    case MemoryKind::layernorm:
    case MemoryKind::gelu:
      break;
    case MemoryKind::layernorm_bwd:
      return "oneDNN's takes the variance, not 1 / sqrt(variance + epsilon)";
    default:
      return fmt::format("oneDNN has no {}", name(op.kind));
  }
  if (op.precision == Precision::fp16) return "computes fp32, bf16, not fp16";
  // Off by up to 1.8 round-offs, which the check finds.
  if (DNNL_VERSION_MAJOR < 3 && op.kind == MemoryKind::softmax && op.precision == Precision::bf16) {
    return "oneDNN 2's bf16 softmax keeps its exponentials in bf16: every element is rounded twice";
  }
  return std::nullopt;
}

std::unique_ptr<Job> prepare(const MemoryOp& op, const Inputs& inputs, const Placement& placement) {
  return std::make_unique<OnednnJob>(op, inputs, placement);
}

}  // namespace

Kernel memory_onednn() {
  return {.name = "onednn",
          .summary = "oneDNN softmax, layer normalization (and rstd from its variance) and gelu_tanh",
          .why_not = for_problem<MemoryOp>(why_not),
          .prepare = for_problem<MemoryOp>(prepare),
          .scratch_bytes = {}};
}

}  // namespace breakeven::cpu
