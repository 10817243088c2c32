// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <chrono>
#include <unordered_map>

#include "cpu_ref/cpu.h"
#include "cpu_ref/gemm_job.h"
#include "cpu_ref/onednn_compat.h"
#include "cpu_ref/onednn_type.h"

namespace breakeven::cpu {
namespace {

using dnnl::memory;
using Arguments = std::unordered_map<int, memory>;

/// [rows, columns], with the batch in front only where there is one: the 2-D matmul has more implementations.
memory::desc matrix(const Gemm& g, int64_t rows, int64_t columns, Element element, memory::format_tag tag) {
  return g.batch > 1 ? memory::desc({g.batch, rows, columns}, onednn_type(element), tag)
                     : memory::desc({rows, columns}, onednn_type(element), tag);
}

memory::format_tag row_major(const Gemm& g) {
  return g.batch > 1 ? memory::format_tag::abc : memory::format_tag::ab;
}

dnnl::matmul::primitive_desc describe(const Gemm& g, const dnnl::engine& engine) {
  const Element input = facts(g.precision).input, output = facts(g.precision).output;
  dnnl::primitive_attr attributes;
  attributes.set_fpmath_mode(dnnl::fpmath_mode::strict);  // fp32 stays fp32, whatever the environment says
  memory::desc bias;
  if (g.epilogue == Epilogue::bias_relu) {
    dnnl::post_ops operations;
    append_relu(operations);
    attributes.set_post_ops(operations);
    bias = g.batch > 1 ? memory::desc({1, 1, g.n}, memory::data_type::f32, memory::format_tag::abc)
                       : memory::desc({1, g.n}, memory::data_type::f32, memory::format_tag::ab);
  }
  try {
    return matmul_description(engine, matrix(g, g.m, g.k, input, row_major(g)),
                              matrix(g, g.k, g.n, input, memory::format_tag::any), bias,
                              matrix(g, g.m, g.n, output, row_major(g)), attributes);
  } catch (const dnnl::error& e) {
    if (e.status != dnnl_unimplemented) throw;
    throw Unsupported(fmt::format("oneDNN {}.{} has no {} matmul for this shape on this CPU",
                                  dnnl::version()->major, dnnl::version()->minor, name(g.precision)));
  }
}

class OnednnJob : public GemmJob {
 public:
  OnednnJob(const Gemm& gemm, const Inputs& inputs, const Placement& placement)
      : GemmJob(gemm, inputs, placement, Weights::own_layout),
        engine_(dnnl::engine::kind::cpu, 0),
        stream_(engine_),
        description_(describe(gemm, engine_)),
        matmul_(description_),
        weights_(slots_, static_cast<int64_t>(description_.weights_desc().get_size())) {
    weights_.fill(0);  // touches the pages, so that the reorder's time is the reorder's alone
    for (int64_t slot = 0; slot < slots_; ++slot) {
      arguments_.push_back(arguments_of(slot));
      reorder(inputs.operands[1], arguments_.back().at(DNNL_ARG_WEIGHTS));
    }
  }

  void run(int64_t slot) override {
    matmul_.execute(stream_, arguments_[static_cast<size_t>(slot)]);
    stream_.wait();
  }

  std::string implementation() const override {
    const dnnl_version_t& version = *dnnl::version();
    return fmt::format("oneDNN {}.{}.{} {}", version.major, version.minor, version.patch,
                       description_.impl_info_str());
  }

  double reorder_seconds() const override { return reorder_seconds_ / static_cast<double>(slots_); }

 private:
  Arguments arguments_of(int64_t slot) {
    const auto as_handle = [](const void* data) { return const_cast<void*>(data); };
    Arguments made{{DNNL_ARG_SRC, memory(description_.src_desc(), engine_, as_handle(a<std::byte>(slot)))},
                   {DNNL_ARG_WEIGHTS, memory(description_.weights_desc(), engine_, weights_.at(slot))},
                   {DNNL_ARG_DST, memory(description_.dst_desc(), engine_, c<std::byte>(slot))}};
    if (gemm_.epilogue == Epilogue::bias_relu) {
      made.emplace(DNNL_ARG_BIAS, memory(description_.bias_desc(), engine_, as_handle(bias<float>(slot))));
    }
    return made;
  }

  /// From the host's row-major B into the layout this matmul prefers.
  void reorder(const Tensor& b, memory& weights) {
    const memory::desc given =
        matrix(gemm_, gemm_.k, gemm_.n, facts(gemm_.precision).input, row_major(gemm_));
    memory from(given, engine_, b.data());
    dnnl::reorder change(from, weights);
    const auto begin = std::chrono::steady_clock::now();
    change.execute(stream_, from, weights);
    stream_.wait();
    reorder_seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }

  dnnl::engine engine_;
  dnnl::stream stream_;
  dnnl::matmul::primitive_desc description_;
  dnnl::matmul matmul_;
  SlottedPages weights_;
  std::vector<Arguments> arguments_;
  double reorder_seconds_ = 0;
};

Reason why_not(const Gemm& gemm) {
  return unless_one_of(gemm, {Precision::fp32, Precision::bf16, Precision::fp16, Precision::int8});
}

std::unique_ptr<Job> prepare(const Gemm& gemm, const Inputs& inputs, const Placement& placement) {
  return std::make_unique<OnednnJob>(gemm, inputs, placement);
}

/// oneDNN pads its layouts of B to blocks of at most 64 by 64 elements.
int64_t scratch(const Gemm& g) {
  constexpr int64_t kBlock = 64;
  const int64_t padded = (g.k + kBlock) * (g.n + kBlock) - g.k * g.n;
  return g.batch * padded * bytes(facts(g.precision).input);
}

}  // namespace

Kernel gemm_onednn() {
  return {
      .name = "onednn",
      .summary = "oneDNN matmul, B in the layout it prefers (made once, timed apart), bias and ReLU fused",
      .why_not = for_problem<Gemm>(why_not),
      .prepare = for_problem<Gemm>(prepare),
      .scratch_bytes = [](const Problem& p) { return scratch(std::get<Gemm>(p)); }};
}

}  // namespace breakeven::cpu
