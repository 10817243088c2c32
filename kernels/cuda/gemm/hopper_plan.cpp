// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/gemm/hopper_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "kernels/cuda/gated_clock.h"
#include "kernels/cuda/gemm/hopper_maps.h"
#include "kernels/cuda/gemm/repitch.h"

namespace breakeven::cuda {
namespace {

constexpr int kStepBytes = 128;
constexpr int64_t kMostWorkspace = int64_t{64} << 20;

int64_t input_bytes(const Gemm& g) { return bytes(facts(g.precision).input); }
int64_t output_bytes(const Gemm& g) { return bytes(facts(g.precision).output); }
int64_t padded(int64_t row_bytes) { return (row_bytes + 15) / 16 * 16; }

/// wgmma takes 16-bit B as given, [k, n]; other types only as [n, k].
bool turns_b(const Gemm& g) { return input_bytes(g) != 2; }
int64_t b_rows(const Gemm& g) { return turns_b(g) ? g.n : g.k; }
int64_t b_columns(const Gemm& g) { return turns_b(g) ? g.k : g.n; }

class HopperPlan : public GemmPlan {
 public:
  HopperPlan(const ContextPtr& context, PlacedGemm& placed, const HopperRung& rung)
      : context_(context), placed_(placed), rung_(rung) {
    choose();
    place_operands();
    if (rung.workspace_bytes) {
      workspace_ = DeviceBuffer(rung.workspace_bytes(tile_, multiprocessors()), 1, context->stream());
      workspace_.fill(0, context->stream());
    }
    for (int64_t slot = 0; slot < placed.c.copies(); ++slot) arguments_.push_back(describe(slot));
  }

  void launch(int64_t slot) override {
    const Gemm& g = placed_.gemm;
    if (pitched_a_.bytes() > 0) {
      repitch(pitched_a_.at(0), pitched_a_row_, placed_.a.at(slot), g.batch * g.m, g.k, input_bytes(g),
              context_->stream());
    }
    rung_.launch({g.precision, tile_, arguments_[static_cast<size_t>(slot)], multiprocessors(),
                  workspace_.at(0), context_->stream()});
  }
  double reorder_seconds() const override { return reorder_seconds_; }

 private:
  int multiprocessors() const { return context_->properties().multiProcessorCount; }
  void choose();
  void place_operands();
  HopperArguments describe(int64_t slot) const;

  ContextPtr context_;
  PlacedGemm& placed_;
  const HopperRung& rung_;
  TileShape tile_;
  Raster raster_{};
  int64_t pitched_a_row_ = 0, b_row_ = 0;  // bytes from row to row
  DeviceBuffer pitched_a_, pitched_b_;     // empty where TMA can describe the operand as it lies
  DeviceBuffer workspace_;
  double reorder_seconds_ = 0;
  std::vector<HopperArguments> arguments_;  // of every slot
};

void HopperPlan::choose() {
  const Gemm& g = placed_.gemm;
  const auto used = std::ranges::find(rung_.tiles, TileShape{}) - rung_.tiles.begin();
  const HopperLimits limits{multiprocessors(), rung_.blocks_per_multiprocessor, rung_.cluster,
                            rung_.division};
  tile_ = choose_tile(g, std::span(rung_.tiles).first(static_cast<size_t>(used)), limits);
  const TileShape together{tile_.m * rung_.cluster, tile_.n};
  const int64_t rows = (g.m + together.m - 1) / together.m, columns = (g.n + together.n - 1) / together.n;
  if (g.batch * rows * columns > 0x7FFFFFFF) {
    throw Unsupported(
        fmt::format("{} has more than 2^31 - 1 tiles of {} x {}", g.name(), together.m, together.n));
  }
  raster_ = {static_cast<int>(g.batch),
             static_cast<int>(rows),
             static_cast<int>(columns),
             rung_.order == RasterOrder::rows ? 1 : choose_group(together, rows, limits),
             together.m,
             together.n};
}

/// A stays as it is, or is copied to a describable pitch before every execution (timed with it); B is brought
/// into its layout here, once.
void HopperPlan::place_operands() {
  const Gemm& g = placed_.gemm;
  const cudaStream_t stream = context_->stream();
  if (turns_b(g)) reorder_seconds_ += turn_b(context_, placed_);
  if (!tma_describes(g.k * input_bytes(g))) {
    pitched_a_row_ = padded(g.k * input_bytes(g));
    pitched_a_ = DeviceBuffer(g.batch * g.m * pitched_a_row_, 1, stream);
  }
  b_row_ = padded(b_columns(g) * input_bytes(g));
  if (b_row_ == b_columns(g) * input_bytes(g)) return;
  pitched_b_ = DeviceBuffer(g.batch * b_rows(g) * b_row_, placed_.b.copies(), stream);
  const auto copy = [&](int64_t slot) {
    repitch(pitched_b_.at(slot), b_row_, placed_.b.at(slot), g.batch * b_rows(g), b_columns(g),
            input_bytes(g), stream);
  };
  for (int64_t slot = 0; slot < placed_.b.copies(); ++slot) copy(slot);
  reorder_seconds_ += GatedClock(context_).time([&] { copy(0); });
}

HopperArguments HopperPlan::describe(int64_t slot) const {
  const Gemm& g = placed_.gemm;
  const Element input = facts(g.precision).input, output = facts(g.precision).output;
  const int depth = kStepBytes / static_cast<int>(input_bytes(g));
  const bool a_as_given = pitched_a_.bytes() == 0, b_as_given = pitched_b_.bytes() == 0;
  HopperArguments h = {};
  h.a = tensor_map({.data = a_as_given ? placed_.a.at(slot) : pitched_a_.at(0),
                    .element = input,
                    .batch = g.batch,
                    .rows = g.m,
                    .columns = g.k,
                    .pitch = a_as_given ? g.k * input_bytes(g) : pitched_a_row_,
                    .box_rows = tile_.m,
                    .box_columns = depth});
  h.b = tensor_map({.data = b_as_given ? placed_.b.at(slot) : pitched_b_.at(slot),
                    .element = input,
                    .batch = g.batch,
                    .rows = b_rows(g),
                    .columns = b_columns(g),
                    .pitch = b_row_,
                    .box_rows = turns_b(g) ? tile_.n / rung_.cluster : depth,
                    .box_columns = turns_b(g) ? depth : kSlabColumns});
  h.c_by_tma = tma_describes(g.n * output_bytes(g));
  if (h.c_by_tma) {
    h.c = tensor_map({.data = placed_.c.at(slot),
                      .element = output,
                      .batch = g.batch,
                      .rows = g.m,
                      .columns = g.n,
                      .pitch = g.n * output_bytes(g),
                      .box_rows = kSlabRows,
                      .box_columns = kStepBytes / static_cast<int>(output_bytes(g))});
  }
  h.c_elements = placed_.c.at(slot);
  h.bias = placed_.bias.as<const float>(slot);
  h.m = static_cast<int>(g.m);
  h.n = static_cast<int>(g.n);
  h.k = static_cast<int>(g.k);
  h.raster = raster_;
  return h;
}

}  // namespace

std::unique_ptr<GemmPlan> plan_hopper(const ContextPtr& context, PlacedGemm& placed, const HopperRung& rung) {
  require_code(any_hopper_kernel(), 90);
  return std::make_unique<HopperPlan>(context, placed, rung);
}

unsigned persistent_blocks(const HopperCall& call, int cluster) {
  const int64_t clusters = std::min<int64_t>(call.multiprocessors / cluster, call.arguments.raster.tiles());
  return static_cast<unsigned>(clusters * cluster);
}

int64_t hopper_scratch_bytes(const Gemm& g) {
  const int64_t a = g.batch * g.m * padded(g.k * input_bytes(g));
  const int64_t b = g.batch * b_rows(g) * padded(b_columns(g) * input_bytes(g));
  return a + b + kMostWorkspace;
}

Reason why_not_wgmma(const Gemm& gemm) {
  switch (gemm.precision) {
    case Precision::fp64:
    case Precision::fp32:
    case Precision::u8:
      return fmt::format("wgmma does not multiply {}", name(gemm.precision));
    case Precision::int8:
      if (gemm.epilogue == Epilogue::bias_relu) {
        return "int8 with a floating-point bias has no exact int32 result";
      }
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace breakeven::cuda
