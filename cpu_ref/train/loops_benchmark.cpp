// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <omp.h>
#include <time.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "cpu_ref/flush_denormals.h"
#include "cpu_ref/train/loops.h"
#include "harness/median.h"

// How near the loops of a training step come to the rate of a copy that reads and writes as many bytes, half
// each, measured in turn with them. Bytes: what an operation must read and write once, however often it does;
// so twice over the same array, as a normalization goes, is at most about two thirds of a copy.
//   train_loops_benchmark [fp32|bf16|fp16...] [part of a name...]

namespace breakeven::cpu {
namespace {

/// Of one thread its own time, in which nobody else's work counts.
double now() {
  timespec t{};
  clock_gettime(omp_get_max_threads() == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}
double seconds_of(const std::function<void()>& run) {
  const double begin = now();
  run();
  return now() - begin;
}

void copy(std::vector<char>& to, const std::vector<char>& from) {
#pragma omp parallel
  {
    const size_t team = static_cast<size_t>(omp_get_num_threads()),
                 me = static_cast<size_t>(omp_get_thread_num());
    const size_t first = from.size() * me / team, last = from.size() * (me + 1) / team;
    std::memcpy(to.data() + first, from.data() + first, last - first);
  }
}

/// One table's loops on arrays of the sizes that the quick workloads have.
class Bench {
 public:
  Bench(Element element, const std::vector<std::string>& wanted)
      : loops_(loops_of(*train_units().front(), element)),
        element_(element),
        each_(element == Element::fp32 ? 4 : 2),
        wanted_(wanted) {
    for (std::vector<float>& array : floats_) {
      array.resize(kMost);
      for (size_t i = 0; i < kMost; ++i) array[i] = static_cast<float>(i * 2654435761u % 1000) / 500 - 1;
    }
    for (std::vector<float>& array : arrays_) {
      array.resize(kMost);
      loops_.narrow(floats_[0].data(), array.data(), kMost, 1);
    }
    ids_.resize(kMost);
    for (size_t i = 0; i < kMost; ++i) ids_[i] = static_cast<int32_t>(i * 2654435761u % 500);
  }

  void batchnorms() {
    for (const auto& [height, channels] :
         {std::pair<int64_t, int64_t>{32, 16}, {32, 32}, {16, 32}, {8, 128}, {4, 128}}) {
      const int64_t rows = 128 * height * height, n = rows * channels;
      BatchNorm b{.x = a(0),
                  .gamma = f(1),
                  .beta = f(2),
                  .y = a(1),
                  .mean = f(3),
                  .rstd = f(4),
                  .rows = rows,
                  .channels = channels,
                  .height = height,
                  .width = height,
                  .relu = true,
                  .room = &room_};
      const std::string shape = fmt::format(" {}x{}x{}", height, height, channels);
      measure("batchnorm" + shape, each_ * 2 * n, [&] { loops_.batchnorm(b); });
      std::tie(b.y, b.pooled) = std::tuple(nullptr, a(1));
      measure("batchnorm+pool" + shape, each_ * (n + n / 4), [&] { loops_.batchnorm(b); });
      BatchNormBackward g{.x = a(0),
                          .dy = a(1),
                          .mean = f(3),
                          .rstd = f(4),
                          .gamma = f(1),
                          .beta = f(2),
                          .dx = a(2),
                          .dgamma = f(5),
                          .dbeta = f(6),
                          .rows = rows,
                          .channels = channels,
                          .height = height,
                          .width = height,
                          .relu = true,
                          .room = &room_};
      measure("batchnorm_bwd" + shape, each_ * 3 * n, [&] { loops_.batchnorm_bwd(g); });
      std::tie(g.dy, g.dpooled) = std::tuple(nullptr, a(1));
      measure("batchnorm_bwd+pool" + shape, each_ * (2 * n + n / 4), [&] { loops_.batchnorm_bwd(g); });
    }
  }
  void flat() {
    constexpr int64_t kN = 1 << 20;
    measure("relu", each_ * 2 * kN, [&] { loops_.relu(a(0), a(1), kN); });
    measure("relu_bwd", each_ * 3 * kN, [&] { loops_.relu_bwd(a(0), a(1), a(2), kN); });
    measure("add", each_ * 3 * kN, [&] { loops_.add(a(0), a(1), a(2), kN); });
    measure("gelu", each_ * 2 * kN, [&] { loops_.gelu(a(0), a(1), kN); });
    measure("gelu_bwd", each_ * 3 * kN, [&] { loops_.gelu_bwd(a(0), a(1), a(2), kN); });
    measure("narrow", (each_ + 4) * kN, [&] { loops_.narrow(f(0), a(1), kN, 1); });
    measure("column_sums 2048x512", each_ * kN, [&] {
      loops_.column_sums({.x = a(0), .sums = f(1), .rows = 2048, .columns = 512, .room = &room_});
    });
    for (const auto& shape : {std::pair<int64_t, int64_t>{32, 2}, {4, 4}}) {
      const int64_t height = shape.first, kernel = shape.second;  // clang 14 captures no structured binding
      const int64_t channels = height == 32 ? 32 : 128, n = 128 * height * height * channels;
      const int64_t m = n / kernel / kernel;
      measure(fmt::format("maxpool {} {}x{}x{}", kernel, height, height, channels), each_ * (n + m), [&] {
        loops_.maxpool({a(0), a(1), 128, height, height, channels, kernel});
      });
      measure(fmt::format("maxpool_bwd {} {}x{}x{}", kernel, height, height, channels), each_ * (2 * n + m),
              [&] {
                loops_.maxpool_bwd({a(0), a(1), a(2), 128, height, height, channels, kernel});
              });
    }
  }
  void transformer() {
    constexpr int64_t kRows = 2048, kWidth = 128, kN = kRows * kWidth;
    measure("layernorm 2048x128", each_ * 2 * kN, [&] {
      loops_.layernorm({a(0), f(1), f(2), a(1), f(3), f(4), kRows, kWidth});
    });
    measure("layernorm_bwd 2048x128", each_ * 3 * kN, [&] {
      loops_.layernorm_bwd({a(0), a(1), f(3), f(4), f(1), a(2), f(5), f(6), kRows, kWidth, &room_});
    });
    measure("attention 32x64, 4 heads of 32", each_ * 4 * kN, [&] {
      loops_.attention({a(0), a(1), f(0), 32, 64, kWidth, 4, &room_});
    });
    measure("attention_bwd 32x64, 4 heads of 32", each_ * 8 * kN, [&] {
      loops_.attention_bwd({a(0), a(1), a(2), f(0), a(3), 32, 64, kWidth, 4, &room_});
    });
    measure("cross_entropy 2048x512", each_ * 2 * kRows * 512, [&] {
      loops_.cross_entropy({a(0), ids_.data(), a(1), f(1), kRows, 512, 1, &room_});
    });
    measure("embed 2048x128", (each_ + 4) * kN, [&] {
      loops_.embed({ids_.data(), f(0), f(1), a(1), 32, 64, kWidth});
    });
    measure("embed_bwd 2048x128", each_ * kN + 8 * 512 * kWidth, [&] {
      loops_.embed_bwd({ids_.data(), a(1), f(2), f(3), 32, 64, kWidth, 512, true});
    });
  }
  void clicks() {
    constexpr int64_t kBatch = 2048, kFields = 8, kWidth = 16, kN = kBatch * kFields * kWidth,
                      kOut = kWidth + 36;
    measure("lookup 16384x16", (each_ + 4) * kN, [&] {
      loops_.lookup({ids_.data(), f(0), a(0), kBatch * kFields, kWidth});
    });
    measure("lookup_bwd 16384x16 of 7870", each_ * kN + 4 * 7870 * kWidth, [&] {
      loops_.lookup_bwd({ids_.data(), a(0), f(1), kBatch * kFields, kWidth, 7870});
    });
    measure("interaction 2048x9x16", each_ * (kN + kBatch * (kWidth + kOut)), [&] {
      loops_.interaction({a(0), a(1), a(2), kBatch, kFields, kWidth, &room_});
    });
    measure("interaction_bwd 2048x9x16", each_ * (2 * kN + kBatch * (2 * kWidth + kOut)), [&] {
      loops_.interaction_bwd({a(0), a(1), a(2), a(3), a(4), kBatch, kFields, kWidth, &room_});
    });
    measure("binary_cross_entropy 2048", each_ * 2 * kBatch, [&] {
      loops_.binary_cross_entropy({a(0), labels_.data(), a(1), f(1), kBatch, 1, 1, &room_});
    });
  }
  void optimizers() {
    constexpr int64_t kN = 1 << 19;
    const std::vector<uint8_t> decays(kN / 16, 1);
    Update u{.parameters = f(0),
             .gradients = f(1),
             .first = f(2),
             .second = f(3),
             .copy = a(0),
             .decays = decays.data(),
             .n = kN,
             .optimizer = {},
             .rate = 1e-6f};
    measure("update sgd", (20 + each_) * kN, [&] { loops_.update(u); });
    u.optimizer.kind = train::OptimizerKind::adagrad;
    measure("update adagrad", (20 + each_) * kN, [&] { loops_.update(u); });
    u.optimizer.kind = train::OptimizerKind::adamw;
    measure("update adamw", (28 + each_) * kN, [&] { loops_.update(u); });
    measure("gradient_facts", 4 * kN, [&] { loops_.gradient_facts(f(1), kN, 1, room_); });
  }

 private:
  static constexpr size_t kMost = 1 << 22;
  void* a(size_t i) { return arrays_[i].data(); }
  float* f(size_t i) { return floats_[i].data(); }

  void measure(const std::string& what, int64_t bytes, const std::function<void()>& run) {
    if (!wanted_.empty() &&
        std::ranges::none_of(wanted_, [&](const std::string& part) { return what.find(part) != what.npos; }))
      return;
    std::vector<char> from(static_cast<size_t>(bytes / 2), 1), to(from.size());
    std::vector<double> seconds, ratios;
    run();
    copy(to, from);
    for (int turn = 0; turn < 15; ++turn) {
      double own = 1e9, copied = 1e9;
      for (int i = 0; i < 4; ++i) {
        own = std::min(own, seconds_of(run));
        copied = std::min(copied, seconds_of([&] { copy(to, from); }));
      }
      seconds.push_back(own);
      ratios.push_back(copied / own);
    }
    fmt::print("{:<5} {:<38} {:8.1f} us {:7.1f} GB/s {:6.2f} of a copy\n", name(element_), what,
               1e6 * median(seconds), static_cast<double>(bytes) / median(seconds) / 1e9, median(ratios));
    std::fflush(stdout);
  }

  const TrainLoops& loops_;
  Element element_;
  int64_t each_;
  std::vector<std::string> wanted_;
  std::vector<float> floats_[7], arrays_[5];
  std::vector<int32_t> ids_, labels_ = std::vector<int32_t>(2048, 1);
  Room room_;
};

int main_of(int argc, char** argv) {
  std::vector<std::string> parts(argv + 1, argv + argc);
  std::vector<Element> chosen;
  for (const Element element : {Element::fp32, Element::bf16, Element::fp16}) {
    if (std::erase(parts, std::string(name(element))) > 0) chosen.push_back(element);
  }
  if (chosen.empty()) chosen = {Element::fp32, Element::bf16, Element::fp16};
#pragma omp parallel
  flush_denormals();
  fmt::print("{} on {} threads\n", train_units().front()->name, omp_get_max_threads());
  for (const Element element : chosen) {
    Bench bench(element, parts);
    bench.batchnorms();
    bench.flat();
    bench.transformer();
    bench.clicks();
    bench.optimizers();
  }
  return 0;
}

}  // namespace
}  // namespace breakeven::cpu

int main(int argc, char** argv) { return breakeven::cpu::main_of(argc, argv); }
