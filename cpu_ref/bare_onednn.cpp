// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <unordered_map>
#include <vector>

#include "cpu_ref/bare_loop.h"
#include "cpu_ref/onednn_compat.h"
#include "cpu_ref/onednn_type.h"

namespace breakeven::cpu {
namespace {

using dnnl::memory;

dnnl::matmul::primitive_desc describe(const Gemm& g, const dnnl::engine& engine) {
  const auto input = onednn_type(facts(g.precision).input), output = onednn_type(facts(g.precision).output);
  return matmul_description(engine, {{g.m, g.k}, input, memory::format_tag::ab},
                            {{g.k, g.n}, input, memory::format_tag::any}, {},
                            {{g.m, g.n}, output, memory::format_tag::ab}, {});
}

class BareOnednn : public BareLoop {
 public:
  BareOnednn(const Gemm& gemm, const Inputs& inputs, int64_t slots)
      : BareLoop(slots),
        engine_(dnnl::engine::kind::cpu, 0),
        stream_(engine_),
        description_(describe(gemm, engine_)),
        matmul_(description_) {
    place(inputs.operands[0].bytes(), static_cast<int64_t>(description_.weights_desc().get_size()),
          gemm.results()[0].bytes());
    a_.copy_in(inputs.operands[0].data());
    memory given({{gemm.k, gemm.n}, onednn_type(facts(gemm.precision).input), memory::format_tag::ab},
                 engine_, inputs.operands[1].data());
    for (int64_t slot = 0; slot < slots; ++slot) {
      memory weights(description_.weights_desc(), engine_, b_.at(slot));
      dnnl::reorder(given, weights).execute(stream_, given, weights);
      arguments_.push_back({{DNNL_ARG_SRC, memory(description_.src_desc(), engine_, a_.at(slot))},
                            {DNNL_ARG_WEIGHTS, weights},
                            {DNNL_ARG_DST, memory(description_.dst_desc(), engine_, c_.at(slot))}});
    }
    stream_.wait();
  }

  double time(int64_t batch) override {
    return time_bare(
        batch, slots_, slot_,
        [&](int64_t slot) { matmul_.execute(stream_, arguments_[static_cast<size_t>(slot)]); },
        [&] { stream_.wait(); });
  }

 private:
  dnnl::engine engine_;
  dnnl::stream stream_;
  dnnl::matmul::primitive_desc description_;
  dnnl::matmul matmul_;
  std::vector<std::unordered_map<int, memory>> arguments_;
};

}  // namespace

std::unique_ptr<BareLoop> bare_onednn(const Gemm& gemm, const Inputs& inputs, int64_t slots) {
  return std::make_unique<BareOnednn>(gemm, inputs, slots);
}

}  // namespace breakeven::cpu
