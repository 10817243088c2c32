// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <omp.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "cpu_ref/cpu_features.h"
#include "cpu_ref/pages.h"
#include "cpu_ref/train/amx_conv.h"
#include "cpu_ref/train/amx_weights.h"
#include "cpu_ref/train/products.h"
#include "harness/backend.h"

namespace breakeven::cpu {
namespace {

using train::OpKind;

constexpr int64_t kStripBytes = int64_t{3} << 19;  // of packed x and dy at a time: three quarters of an L2
constexpr int64_t kInputBytes = int64_t{5} << 18;  // of packed input of a convolution, likewise
constexpr int64_t kSmallImage = 8 * 8;
constexpr int64_t kPlaces = 64;  // instructions that a sum should get while it is in registers, at least
constexpr int64_t kSmallSums = int64_t{1} << 20;  // bytes of which every thread may have its own

/// Memory that each thread has for one product after the other.
struct Scratch {
  int64_t bytes = 0;
  SlottedPages pages;

  void want(int64_t more) { bytes = std::max(bytes, more); }
  template <class T>
  T* at(int64_t thread, int64_t offset) const {
    return reinterpret_cast<T*>(pages.at(thread) + offset);
  }
};

/// How a gradient is shared out: `parts` threads each sum over strips of their own, times `columns` that each
/// take filters of their own.
struct Division {
  Division(const WeightsShape& v, int threads) {
    const int64_t pairs = (v.filter_groups() + 1) / 2;
    if (v.sum_floats() * 4 > kSmallSums) {
      for (columns = std::min<int64_t>(threads, pairs); threads % columns != 0;) --columns;
    }
    parts = threads / columns;
    pairs_each = (pairs + columns - 1) / columns;
  }
  int64_t parts = 1, columns = 1, pairs_each = 1;
};

int64_t packed_bytes(const WeightsShape& v, const WeightsStrip& s) {
  return 2 * (packed_x_size(v, s) + packed_dy_size(v, s));
}

/// Strips that fit in the cache, or, where whole blocks of images do, of several of them.
std::vector<WeightsStrip> strips_of(const WeightsShape& v, const Division& d) {
  const int64_t all = v.image_blocks();
  const int64_t one = packed_bytes(v, {0, 1, 0, v.p, 0, d.pairs_each});
  int64_t blocks = 1, rows = v.p;
  if (one <= kStripBytes) {
    const int64_t wanted = (kPlaces + v.p * v.q - 1) / (v.p * v.q);
    blocks = std::min({std::max(wanted, kStripBytes / one), (all + d.parts - 1) / d.parts});
  } else {
    while (rows > 1 && packed_bytes(v, {0, 1, 0, rows, 0, d.pairs_each}) > kStripBytes) --rows;
    rows = (v.p + (v.p + rows - 1) / rows - 1) / ((v.p + rows - 1) / rows);
  }
  std::vector<WeightsStrip> made;
  for (int64_t b = 0; b < all; b += blocks) {
    for (int64_t p = 0; p < v.p; p += rows)
      made.push_back({b, std::min(all, b + blocks), p, std::min(v.p, p + rows), 0, 0});
  }
  return made;
}

class AmxWeights : public Product {
 public:
  AmxWeights(const ProgramMemory& memory, const train::Op& op, const WeightsShape& shape, Scratch& scratch)
      : shape_(shape),
        division_(shape, omp_get_max_threads()),
        strips_(strips_of(shape, division_)),
        scratch_(scratch),
        x_(memory.value<uint16_t>(op.in[0])),
        dy_(memory.value<uint16_t>(op.in[1])) {
    result_.dw = memory.gradient(op.parameters[0]);
    result_.scale = op.scale;
    result_.add = op.accumulate;
    for (WeightsStrip strip : strips_) {
      strip.last_pair = division_.pairs_each;
      dy_at_ = std::max(dy_at_, 2 * packed_x_size(shape, strip));
      dy_bytes_ = std::max(dy_bytes_, 2 * packed_dy_size(shape, strip));
    }
    scratch.want(sums_at() + 4 * shape.sum_floats());
  }

  void run() override {
#pragma omp parallel
    {
      sum(omp_get_thread_num());
#pragma omp barrier
      store(omp_get_thread_num(), omp_get_num_threads());
    }
  }
  std::string implementation() const override { return "AMX tiles"; }

 private:
  int64_t part_of(int64_t thread) const { return thread % division_.parts; }
  int64_t column_of(int64_t thread) const { return thread / division_.parts; }

  /// Sums of thread's filters over its strips. All threads of a column keep their sums apart.
  void sum(int64_t thread) const {
    const int64_t pairs = (shape_.filter_groups() + 1) / 2, count = std::ssize(strips_);
    const int64_t first = std::min(pairs, column_of(thread) * division_.pairs_each);
    const int64_t last = std::min(pairs, first + division_.pairs_each);
    const int64_t begin = count * part_of(thread) / division_.parts;
    const int64_t end = count * (part_of(thread) + 1) / division_.parts;
    auto* const x = scratch_.at<uint16_t>(thread, 0);
    auto* const dy = scratch_.at<uint16_t>(thread, dy_at_);
    auto* const sums = scratch_.at<float>(part_of(thread), sums_at());
    if (begin == end) std::fill(sums + first * pair_floats(), sums + last * pair_floats(), 0.0f);
    for (int64_t i = begin; i < end; ++i) {
      WeightsStrip strip = strips_[static_cast<size_t>(i)];
      strip.first_pair = first;
      strip.last_pair = last;
      amx_pack_x(shape_, strip, x_, x);
      amx_pack_dy(shape_, strip, dy_, dy);
      amx_sum(shape_, strip, x, dy, sums, i > begin);
    }
  }
  int64_t pair_floats() const { return shape_.sum_floats() / ((shape_.filter_groups() + 1) / 2); }

  void store(int64_t thread, int64_t team) const {
    WeightsResult result = result_;
    result.sums = scratch_.at<float>(0, sums_at());
    result.parts = division_.parts;
    result.distance = scratch_.at<float>(1, 0) - scratch_.at<float>(0, 0);
    amx_store_weights(shape_, result, shape_.filters * thread / team, shape_.filters * (thread + 1) / team);
  }

  int64_t sums_at() const { return dy_at_ + dy_bytes_; }

  const WeightsShape shape_;
  const Division division_;
  int64_t dy_at_ = 0, dy_bytes_ = 0;  // of packed dy, behind packed x
  const std::vector<WeightsStrip> strips_;
  Scratch& scratch_;
  const uint16_t *x_, *dy_;
  WeightsResult result_;
};

AmxConv amx_shape(const ConvExtents& e, OpKind kind) {
  const bool backward = kind == OpKind::conv_data;
  AmxConv made{e.batch,   e.height, e.width,  e.channels, e.p,     e.q,
               e.filters, e.kernel, e.stride, e.padding,  backward};
  if (!backward) return made;
  std::swap(made.in_height, made.out_height);
  std::swap(made.in_width, made.out_width);
  std::swap(made.channels, made.filters);
  return made;
}

/// Tasks whose packed input fits in the cache, at least one for each thread.
std::vector<AmxConvTask> tasks_of(const AmxConv& v, int64_t threads) {
  const int64_t all = v.image_blocks();
  const auto size = [&](int64_t rows) { return 2 * packed_input_size(v, {0, 1, 0, rows, 0, 1}); };
  int64_t blocks = 1, rows = v.out_height;
  if (size(rows) <= kInputBytes) {
    blocks = std::min(kInputBytes / size(rows), (all + threads - 1) / threads);
  } else {
    while (rows > 1 && size(rows) > kInputBytes) --rows;
  }
  const int64_t strips = (v.out_height + rows - 1) / rows, parts = (all + blocks - 1) / blocks * strips;
  const int64_t columns = std::min(v.filter_blocks(), (threads + parts - 1) / parts);
  std::vector<AmxConvTask> made;
  for (int64_t b = 0; b < all; b += blocks) {
    for (int64_t strip = 0; strip < strips; ++strip) {
      for (int64_t column = 0; column < columns; ++column)
        made.push_back({b, std::min(all, b + blocks), v.out_height * strip / strips,
                        v.out_height * (strip + 1) / strips, v.filter_blocks() * column / columns,
                        v.filter_blocks() * (column + 1) / columns});
    }
  }
  return made;
}

class AmxConvolution : public Product {
 public:
  AmxConvolution(const ProgramMemory& memory, const train::Op& op, Scratch& scratch)
      : shape_(amx_shape(ConvExtents(*memory.program, op), op.kind)),
        tasks_(tasks_of(shape_, omp_get_max_threads())),
        scratch_(scratch),
        weights_(1, 2 * shape_.weights_size()),
        master_(memory.parameter(op.parameters[0])),
        in_(memory.value<uint16_t>(op.in[0])),
        out_(memory.value<uint16_t>(op.out[0])) {
    for (const AmxConvTask& task : tasks_) scratch.want(kConvSums * 4 + 2 * packed_input_size(shape_, task));
  }
  void refresh() override {
#pragma omp parallel for schedule(static)
    for (int64_t block = 0; block < shape_.filter_blocks(); ++block)
      amx_pack_weights(shape_, master_, packed(), block, block + 1);
  }
  void run() override {
#pragma omp parallel for schedule(dynamic)
    for (const AmxConvTask& task : tasks_) {
      const int64_t me = omp_get_thread_num();
      amx_convolve(shape_, task, in_, packed(), scratch_.at<uint16_t>(me, kConvSums * 4),
                   scratch_.at<float>(me, 0), out_);
    }
  }
  std::string implementation() const override { return "AMX tiles"; }
  int64_t bytes() const { return weights_.bytes(); }

 private:
  uint16_t* packed() const { return reinterpret_cast<uint16_t*>(weights_.at(0)); }

  const AmxConv shape_;
  const std::vector<AmxConvTask> tasks_;
  Scratch& scratch_;
  SlottedPages weights_;
  const float* master_;
  const uint16_t* in_;
  uint16_t* out_;
};

class AmxProducts : public Products {
 public:
  explicit AmxProducts(const ProgramMemory& memory) : memory_(memory) {
    if (memory.activation != Element::bf16) throw Unsupported("the AMX contender trains in bf16 alone");
    if (!has(Feature::amx_bf16)) throw Unsupported("this CPU has no AMX");
    rest_ = onednn_products(memory);
  }
  std::unique_ptr<Product> make(const train::Op& op) override {
    if (op.kind == OpKind::conv_weights) {
      const ConvExtents e(*memory_.program, op);
      return std::make_unique<AmxWeights>(memory_, op,
                                          WeightsShape{e.batch, e.height, e.width, e.channels, e.p, e.q,
                                                       e.filters, e.kernel, e.stride, e.padding},
                                          scratch_);
    }
    if ((op.kind == OpKind::conv || op.kind == OpKind::conv_data) && is_small(op)) {
      auto made = std::make_unique<AmxConvolution>(memory_, op, scratch_);
      weights_bytes_ += made->bytes();
      return made;
    }
    return rest_->make(op);
  }
  void finish() override {
    rest_->finish();
    scratch_.pages = SlottedPages(omp_get_max_threads(), scratch_.bytes);
    scratch_.pages.fill(0);
  }
  int64_t bytes() const override {
    return rest_->bytes() + weights_bytes_ + scratch_.pages.slots() * scratch_.pages.bytes();
  }
  std::string name() const override { return "own AMX tiles and " + rest_->name(); }

 private:
  /// oneDNN is the faster one on larger images.
  bool is_small(const train::Op& op) const {
    const ConvExtents e(*memory_.program, op);
    return e.height * e.width <= kSmallImage;
  }

  const ProgramMemory& memory_;
  std::unique_ptr<Products> rest_;
  Scratch scratch_;
  int64_t weights_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Products> amx_products(const ProgramMemory& memory) {
  return std::make_unique<AmxProducts>(memory);
}

}  // namespace breakeven::cpu
