// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <stdexcept>
#include <vector>

#include "cpu_ref/first_call.h"
#include "cpu_ref/onednn_compat.h"

namespace breakeven::cpu {

double first_onednn_seconds() {
  constexpr int64_t kSize = 64;
  std::vector<float> a(kSize * kSize, 1), b(kSize * kSize, 2), c(kSize * kSize, -1);
  const auto begin = std::chrono::steady_clock::now();
  dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  const dnnl::memory::desc square({kSize, kSize}, dnnl::memory::data_type::f32, dnnl::memory::format_tag::ab);
  dnnl::matmul product(matmul_description(engine, square, square, {}, square, {}));
  product.execute(stream, {{DNNL_ARG_SRC, dnnl::memory(square, engine, a.data())},
                           {DNNL_ARG_WEIGHTS, dnnl::memory(square, engine, b.data())},
                           {DNNL_ARG_DST, dnnl::memory(square, engine, c.data())}});
  stream.wait();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  for (const float x : c) {
    if (x != 2 * kSize) throw std::runtime_error("oneDNN's first product is wrong");
  }
  return seconds;
}

}  // namespace breakeven::cpu
