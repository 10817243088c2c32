// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
// Is im2col_openblas at least 0.9 times as fast as what one writes by hand: all patches of an image, then one
// sgemm for it? Both in turn on the same operands; the median of the rounds' ratios. Exit code 1: it is not.
#include <cblas.h>
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <vector>

#include "cpu_ref/cpu.h"
#include "cpu_ref/im2col.h"
#include "harness/median.h"

namespace breakeven::cpu {
namespace {

double seconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// y or dw of one image after another.
void by_hand(const Conv2d& v, const Inputs& inputs, std::vector<float>& patches, std::vector<float>& out) {
  const int rows = static_cast<int>(v.p() * v.q()), size = static_cast<int>(patch_size(v)),
            k = static_cast<int>(v.k);
  const float *x = inputs.operands[0].as<float>(), *other = inputs.operands[1].as<float>();
  for (int64_t n = 0; n < v.n; ++n) {
    const float* a = x + n * v.h * v.w * v.c;
    if (!is_product(v)) {
      gather_patches(v, {n * v.p(), (n + 1) * v.p(), 0}, x, patches.data());
      a = patches.data();
    }
    if (v.direction == Direction::forward) {
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, k, size, 1, a, size, other, size, 0,
                  out.data() + n * rows * k, k);
    } else {
      cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, k, size, rows, 1, other + n * rows * k, k, a, size,
                  n > 0 ? 1 : 0, out.data(), size);
    }
  }
}

double ratio(const Conv2d& conv) {
  const Inputs inputs = conv.inputs(1);
  const std::unique_ptr<Job> job = conv_im2col_openblas().prepare(conv, inputs, {.slots = 1});
  std::vector<float> patches(static_cast<size_t>(conv.p() * conv.q() * patch_size(conv)));
  std::vector<float> out(static_cast<size_t>(conv.results()[0].size()));
  const auto ours = [&] { job->run(0); };
  const auto theirs = [&] { by_hand(conv, inputs, patches, out); };
  ours(), theirs();
  std::vector<double> ratios;
  for (int round = 0; round < 7; ++round) {
    const double first = seconds(ours), hand = seconds(theirs) + seconds(theirs), last = seconds(ours);
    ratios.push_back(hand / (first + last));
  }
  return median(ratios);
}

}  // namespace
}  // namespace breakeven::cpu

int main() {
  using namespace breakeven;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  bool kept = true;
  for (const char* name : {"fwd-n2c64h56w56k64r3s3u1p1", "fwd-n2c256h14w14k1024r1s1u1p0",
                           "fwd-n1c3h224w224k64r7s7u2p3", "bwdw-n2c64h56w56k64r3s3u1p1"}) {
    std::string why;
    const double times = cpu::ratio(parse_conv2d(name, Precision::fp32, &why).value());
    kept = kept && times >= 0.9;
    fmt::print("{:<34} {:.2f} times as fast as by hand{}\n", name, times, times >= 0.9 ? "" : "  BROKEN");
  }
  return kept ? 0 : 1;
}
