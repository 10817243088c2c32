// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <cblas.h>

#include "cpu_ref/bare_loop.h"

namespace breakeven::cpu {
namespace {

class BareOpenblas : public BareLoop {
 public:
  BareOpenblas(const Gemm& gemm, const Inputs& inputs, int64_t slots) : BareLoop(slots), gemm_(gemm) {
    place(inputs.operands[0].bytes(), inputs.operands[1].bytes(), gemm.results()[0].bytes());
    a_.copy_in(inputs.operands[0].data());
    b_.copy_in(inputs.operands[1].data());
  }

  double time(int64_t batch) override {
    const auto m = static_cast<blasint>(gemm_.m), n = static_cast<blasint>(gemm_.n),
               k = static_cast<blasint>(gemm_.k);
    const auto call = [&](int64_t slot) {
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1,
                  reinterpret_cast<const float*>(a_.at(slot)), k, reinterpret_cast<const float*>(b_.at(slot)),
                  n, 0, reinterpret_cast<float*>(c_.at(slot)), n);
    };
    return time_bare(batch, slots_, slot_, call, [] {});
  }

 private:
  const Gemm gemm_;
};

}  // namespace

std::unique_ptr<BareLoop> bare_openblas(const Gemm& gemm, const Inputs& inputs, int64_t slots) {
  return std::make_unique<BareOpenblas>(gemm, inputs, slots);
}

}  // namespace breakeven::cpu
