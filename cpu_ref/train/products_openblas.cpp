// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>

#include "cpu_ref/im2col.h"
#include "cpu_ref/openblas_library.h"
#include "cpu_ref/pages.h"
#include "cpu_ref/train/blas_part.h"
#include "cpu_ref/train/loops.h"
#include "cpu_ref/train/products.h"
#include "harness/backend.h"

// OpenMP's threads each call OpenBLAS for a part of their own: one pool of threads, and patches stay in the
// cache of the core that made them.

namespace breakeven::cpu {
namespace {

using train::OpKind;

constexpr int64_t kPatchBytes = int64_t{1} << 19;  // of patches a thread makes at a time: a part of its L2

class LinearProduct : public Product {
 public:
  LinearProduct(const ProgramMemory& memory, const train::Op& op)
      : loops_(loops_of(*train_units().front(), Element::fp32)) {
    const LinearExtents e(*memory.program, op);
    const float* weights = memory.parameter(op.parameters[0]);
    const float* first = memory.value<float>(op.in[0]);
    if (op.kind == OpKind::linear_weights) {
      const float* dz = memory.value<float>(op.in[1]);
      whole_ = {CblasTrans,
                CblasNoTrans,
                e.out,
                e.in,
                e.rows,
                op.scale,
                dz,
                e.out,
                first,
                e.in,
                op.accumulate ? 1.0f : 0.0f,
                memory.gradient(op.parameters[0]),
                e.in};
    } else if (op.kind == OpKind::linear_data) {
      whole_ = {CblasNoTrans, CblasNoTrans, e.rows,  e.in, e.out, op.scale,
                first,        e.out,        weights, e.in, 0,     memory.value<float>(op.out[0]),
                e.in};
    } else {
      const bool gelu = op.activation == train::Activation::gelu;
      float* result = memory.value<float>(op.out[gelu ? 1 : 0]);
      whole_ = {CblasNoTrans, CblasTrans, e.rows, e.out, e.in,   op.scale, first,
                e.in,         weights,    e.in,   0,     result, e.out};
      if (op.parameters.size() > 1) after_.bias = memory.parameter(op.parameters[1]);
      if (op.activation == train::Activation::relu) after_.following = Following::relu;
      after_.product = result;
      after_.y = result;
      after_.rows = e.rows;
      after_.columns = e.out;
    }
  }

  void run() override {
    const BlasAlone alone;
    constexpr int64_t kBlock = 16;
#pragma omp parallel
    {
      const int64_t me = omp_get_thread_num(), team = omp_get_num_threads();
      if (whole_.m >= whole_.n) {
        const Share s(whole_.m, kBlock, me, team);
        whole_.of_rows(s.begin, s.end).run();
      } else {
        const Share s(whole_.n, kBlock, me, team);
        whole_.of_columns(s.begin, s.end).run();
      }
    }
    if (after_.bias || after_.following != Following::nothing) loops_.epilogue(after_);
  }
  std::string implementation() const override { return "sgemm"; }

 private:
  const TrainLoops& loops_;
  Multiplication whole_;
  Epilogue after_;
};

Conv2d shape_of(const ConvExtents& e, OpKind kind) {
  Conv2d made{.n = e.batch,
              .c = e.channels,
              .h = e.height,
              .w = e.width,
              .k = e.filters,
              .r = e.kernel,
              .s = e.kernel,
              .stride = e.stride,
              .padding = e.padding};
  if (kind == OpKind::conv_data) made.direction = Direction::backward_data;
  if (kind == OpKind::conv_weights) made.direction = Direction::backward_weights;
  return made;
}

/// Scratch that products share: for each thread patches and sums of a gradient of weights.
struct Scratch {
  int64_t patch_floats = 0, sum_floats = 0;
  SlottedPages patches, sums;
};

class ConvProduct : public Product {
 public:
  ConvProduct(const ProgramMemory& memory, const train::Op& op, Scratch& scratch)
      : conv_(shape_of(ConvExtents(*memory.program, op), op.kind)),
        scratch_(scratch),
        lines_(lines_in(conv_, kPatchBytes, sizeof(float))),
        first_(memory.value<float>(op.in[0])),
        weights_(memory.parameter(op.parameters[0])) {
    if (conv_.direction == Direction::backward_weights) {
      second_ = memory.value<float>(op.in[1]);
      result_ = memory.gradient(op.parameters[0]);
      scratch.sum_floats = std::max(scratch.sum_floats, conv_.k * patch_size(conv_));
    } else {
      result_ = memory.value<float>(op.out[0]);
    }
    if (!is_product(conv_))
      scratch.patch_floats = std::max(scratch.patch_floats, lines_ * conv_.q() * patch_size(conv_));
  }

  void run() override {
    const BlasAlone alone;
#pragma omp parallel
    {
      const int64_t me = omp_get_thread_num(), team = omp_get_num_threads();
      switch (conv_.direction) {
        case Direction::forward:
          chunks(Share(conv_.n * conv_.p(), 1, me, team), [&](const PatchRange& range) { forward(range); });
          break;
        case Direction::backward_data:
          backward_data(Share(conv_.n, 1, me, team));
          break;
        case Direction::backward_weights:
          backward_weights(me, team);
      }
    }
  }
  std::string implementation() const override { return is_product(conv_) ? "sgemm" : "patches sgemm"; }

 private:
  template <class Work>
  void chunks(const Share& share, const Work& work) const {
    for (int64_t line = share.begin; line < share.end; line += lines_)
      work(PatchRange{line, std::min(share.end, line + lines_), 0});
  }
  int64_t places(const PatchRange& range) const { return (range.end - range.begin) * conv_.q(); }
  float* patches() const { return reinterpret_cast<float*>(scratch_.patches.at(omp_get_thread_num())); }
  int64_t y_at(const PatchRange& range) const { return range.begin * conv_.q() * conv_.k; }

  /// What x has for the range's places, copied out unless it lies there.
  const float* patches_of(const PatchRange& range) const {
    if (is_product(conv_)) return first_ + range.begin * conv_.q() * conv_.c;
    gather_patches(conv_, range, first_, patches());
    return patches();
  }

  void forward(const PatchRange& range) const {
    const int64_t size = patch_size(conv_);
    Multiplication{
        CblasNoTrans, CblasTrans, places(range),         conv_.k, size, 1, patches_of(range), size, weights_,
        size,         0,          result_ + y_at(range), conv_.k}
        .run();
  }

  /// Of whole images, so that no two threads add to one place.
  void backward_data(const Share& images) const {
    const int64_t size = patch_size(conv_), image = conv_.h * conv_.w * conv_.c;
    const bool in_place = is_product(conv_);
    if (!in_place) std::fill_n(result_ + images.begin * image, (images.end - images.begin) * image, 0.0f);
    Share lines = images;
    lines.begin *= conv_.p();
    lines.end *= conv_.p();
    chunks(lines, [&](const PatchRange& range) {
      float* to = in_place ? result_ + range.begin * conv_.q() * conv_.c : patches();
      Multiplication{CblasNoTrans, CblasNoTrans, places(range), size, conv_.k, 1,   first_ + y_at(range),
                     conv_.k,      weights_,     size,          0,    to,      size}
          .run();
      if (!in_place) scatter_patches(conv_, range, to, result_);
    });
  }

  /// Each thread sums over its images, the first into the result; then all add up, in the order of the
  /// threads.
  void backward_weights(int64_t me, int64_t team) const {
    const int64_t size = patch_size(conv_), all = conv_.k * size;
    const auto sums_of = [&](int64_t thread) {
      return thread == 0 ? result_ : reinterpret_cast<float*>(scratch_.sums.at(thread));
    };
    float* const mine = sums_of(me);
    float beta = 0;
    const Share share(conv_.n * conv_.p(), 1, me, team);
    if (share.begin == share.end) std::fill_n(mine, all, 0.0f);
    chunks(share, [&](const PatchRange& range) {
      Multiplication{CblasTrans, CblasNoTrans,      conv_.k, size, places(range), 1,   second_ + y_at(range),
                     conv_.k,    patches_of(range), size,    beta, mine,          size}
          .run();
      beta = 1;
    });
#pragma omp barrier
    const Share part(all, 16, me, team);
    for (int64_t thread = 1; thread < team; ++thread) {
      const float* other = sums_of(thread);
      for (int64_t i = part.begin; i < part.end; ++i) result_[i] += other[i];
    }
  }

  const Conv2d conv_;
  Scratch& scratch_;
  const int64_t lines_;  // of y that a thread takes at a time
  const float *first_, *weights_, *second_ = nullptr;
  float* result_ = nullptr;
};

class OpenblasProducts : public Products {
 public:
  explicit OpenblasProducts(const ProgramMemory& memory) : memory_(memory) {
    if (memory.activation != Element::fp32)
      throw Unsupported("OpenBLAS has no products of narrow numbers that give narrow results");
  }
  std::unique_ptr<Product> make(const train::Op& op) override {
    if (memory_.program->parameter(op.parameters[0]).shape.size() == 2)
      return std::make_unique<LinearProduct>(memory_, op);
    return std::make_unique<ConvProduct>(memory_, op, scratch_);
  }
  void finish() override {
    const int64_t threads = omp_get_max_threads();
    scratch_.patches = SlottedPages(threads, scratch_.patch_floats * 4);
    scratch_.sums = SlottedPages(threads, scratch_.sum_floats * 4);
    scratch_.patches.fill(0);
    scratch_.sums.fill(0);
  }
  int64_t bytes() const override {
    return scratch_.patches.slots() * scratch_.patches.bytes() +
           scratch_.sums.slots() * scratch_.sums.bytes();
  }
  std::string name() const override { return "OpenBLAS " + openblas_version(); }

 private:
  const ProgramMemory& memory_;
  Scratch scratch_;
};

}  // namespace

std::unique_ptr<Products> openblas_products(const ProgramMemory& memory) {
  return std::make_unique<OpenblasProducts>(memory);
}

}  // namespace breakeven::cpu
