// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <vector>

#include "cpu_ref/pages.h"
#include "cpu_ref/train/amx_conv.h"
#include "cpu_ref/train/products.h"

namespace breakeven::cpu {
namespace {

using train::OpKind;

/// One convolution operation by own tiles.
class AmxProduct {
 public:
  AmxProduct(const ProgramMemory& memory, const train::Op& op, const AmxConv& conv)
      : memory_(memory), op_(op), conv_(conv) {
    if (op.kind != OpKind::conv_weights) tiles_ = Pages(2 * conv.weights());
  }

  int64_t scratch_bytes() const {
    if (op_.kind == OpKind::conv_weights) return amx_weights_scratch(conv_);
    return amx_convolve_scratch(op_.kind == OpKind::conv ? conv_ : conv_.transposed(), omp_get_max_threads());
  }
  int64_t bytes() const { return tiles_.size(); }

  void refresh() {
    if (op_.kind == OpKind::conv) amx_pack(conv_, memory_.parameter(op_.parameters[0]), tiles());
    if (op_.kind == OpKind::conv_data)
      amx_pack_transposed(conv_, memory_.parameter(op_.parameters[0]), tiles());
  }

  void run(void* scratch) {
    const auto* in = memory_.value<uint16_t>(op_.in[0]);
    if (op_.kind == OpKind::conv_weights) {
      const auto* dy = memory_.value<uint16_t>(op_.in[1]);
      amx_weights(conv_, in, dy, memory_.gradient(op_.parameters[0]), scratch);
    } else {
      amx_convolve(op_.kind == OpKind::conv ? conv_ : conv_.transposed(), in, tiles(),
                   memory_.value<uint16_t>(op_.out[0]), scratch);
    }
  }

 private:
  uint16_t* tiles() { return reinterpret_cast<uint16_t*>(tiles_.data()); }
  const ProgramMemory& memory_;
  const train::Op& op_;
  const AmxConv conv_;
  Pages tiles_;  // filters
};

/// The faster of both here, once that has been measured.
class ChosenProduct : public Product {
 public:
  ChosenProduct(AmxProduct own, std::unique_ptr<Product> library, const Pages& scratch)
      : own_(std::move(own)), library_(std::move(library)), scratch_(scratch) {}

  int64_t scratch_bytes() const { return own_.scratch_bytes(); }
  int64_t bytes() const { return own_.bytes(); }

  /// By turns, the least of each: what else runs on the machine only ever adds.
  void choose() {
    constexpr int kTurns = 5;
    double own = std::numeric_limits<double>::infinity(), library = own;
    own_.refresh();
    library_->refresh();
    for (int turn = 0; turn < kTurns; ++turn) {
      own = std::min(own, seconds([&] { own_.run(scratch_.data()); }));
      library = std::min(library, seconds([&] { library_->run(); }));
    }
    if (own <= library) library_ = nullptr;
  }

  void refresh() override { library_ ? library_->refresh() : own_.refresh(); }
  void run() override { library_ ? library_->run() : own_.run(scratch_.data()); }
  std::string implementation() const override {
    return library_ ? library_->implementation() : "own AMX tiles";
  }

 private:
  template <class Work>
  static double seconds(Work work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  AmxProduct own_;
  std::unique_ptr<Product> library_;
  const Pages& scratch_;
};

class AmxProducts : public Products {
 public:
  explicit AmxProducts(const ProgramMemory& memory) : memory_(memory), library_(onednn_products(memory)) {}

  std::unique_ptr<Product> make(const train::Op& op) override {
    std::unique_ptr<Product> product = library_->make(op);
    const bool convolution =
        op.kind == OpKind::conv || op.kind == OpKind::conv_data || op.kind == OpKind::conv_weights;
    if (!convolution) return product;
    const ConvExtents e(*memory_.program, op);
    const AmxConv conv{e.batch, e.height, e.width, e.channels, e.filters, e.kernel};
    if (e.stride != 1 || e.padding != conv.padding() || !conv.possible()) return product;
    auto chosen =
        std::make_unique<ChosenProduct>(AmxProduct(memory_, op, conv), std::move(product), scratch_);
    chosen_.push_back(chosen.get());
    return chosen;
  }

  void finish() override {
    library_->finish();
    int64_t bytes = 0;
    for (const ChosenProduct* product : chosen_) bytes = std::max(bytes, product->scratch_bytes());
    if (bytes > 0) scratch_ = Pages(bytes);
    for (ChosenProduct* product : chosen_) product->choose();
  }

  int64_t bytes() const override {
    int64_t sum = library_->bytes() + scratch_.size();
    for (const ChosenProduct* product : chosen_) sum += product->bytes();
    return sum;
  }
  std::string name() const override { return fmt::format("own AMX convolutions, {}", library_->name()); }

 private:
  const ProgramMemory& memory_;
  std::unique_ptr<Products> library_;
  std::vector<ChosenProduct*> chosen_;
  Pages scratch_;
};

}  // namespace

std::unique_ptr<Products> amx_products(const ProgramMemory& memory) {
  return std::make_unique<AmxProducts>(memory);
}

}  // namespace breakeven::cpu
