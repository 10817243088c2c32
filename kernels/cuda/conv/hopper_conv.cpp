// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/conv/hopper_conv.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/cuda/conv/hopper_operands.h"
#include "kernels/cuda/conv_job.h"
#include "kernels/cuda/cuda.h"

// The host's side: tiles chosen, tensor maps made for every slot, group and part; then each execution is a
// launch for each group and part.

namespace breakeven::cuda {
namespace {

constexpr TileShape kTiles[] = {{kConvTileRows, 256}, {kConvTileRows, 128}, {kConvTileRows, 64}};
constexpr int64_t kMostGroups = 16;  // a launch each
constexpr int kMostParts = 64;       // of backward_weights

int64_t divided_up(int64_t x, int64_t by) { return (x + by - 1) / by; }
int as_int(int64_t value) { return static_cast<int>(value); }

/// The product that is computed for each group, as the model of a rung's time understands it.
Gemm product_of(const Conv2d& conv, const ConvPart& part, int64_t depth) {
  const int64_t channels = reduced_channels(conv);
  return {.m = std::max<int64_t>(1, conv.n * part.pixels()),
          .n = result_channels(conv),
          .k = std::max<int64_t>(1, part.taps()) * divided_up(channels, depth) * depth,
          .precision = conv.precision};
}

Raster raster_of(const TileShape& tile, int64_t batch, int64_t m, int64_t n, const HopperLimits& limits) {
  const int64_t rows = divided_up(m, tile.m), columns = divided_up(n, tile.n);
  if (batch * rows * columns > 0x7FFFFFFF) throw Unsupported("more than 2^31 - 1 tiles");
  return {as_int(batch), as_int(rows), as_int(columns), choose_group(tile, rows, limits), tile.m, tile.n};
}

/// forward and backward_data.
class PixelsPlan : public ConvPlan {
 public:
  PixelsPlan(const ContextPtr& context, PlacedConv& placed)
      : context_(context), placed_(placed), operands_(context, placed) {
    const Conv2d& conv = placed.conv;
    const HopperLimits limits{context->properties().multiProcessorCount};
    const std::vector<ConvPart> parts =
        conv.direction == Direction::forward ? std::vector<ConvPart>{forward_part(conv)} : data_parts(conv);
    tile_ = choose_tile(product_of(conv, parts[0], operands_.depth()), kTiles, limits);
    for (int64_t slot = 0; slot < placed.result.copies(); ++slot) {
      for (const ConvPart& part : parts) {
        for (int64_t group = 0; group < conv.groups; ++group) {
          calls_.push_back(describe(slot, part, group, limits));
        }
      }
    }
    per_slot_ = calls_.size() / static_cast<size_t>(placed.result.copies());
  }

  void launch(int64_t slot) override {
    operands_.prepare(slot);
    for (size_t i = 0; i < per_slot_; ++i) {
      launch_pixels(placed_.conv, tile_, calls_[static_cast<size_t>(slot) * per_slot_ + i],
                    context_->properties().multiProcessorCount, context_->stream());
    }
  }
  double reorder_seconds() const override { return operands_.reorder_seconds(); }

 private:
  HopperPixels describe(int64_t slot, const ConvPart& part, int64_t group, const HopperLimits&) const;
  void describe_result(HopperPixels&, int64_t slot, int64_t group) const;

  ContextPtr context_;
  PlacedConv& placed_;
  ConvOperands operands_;
  TileShape tile_;
  std::vector<HopperPixels> calls_;  // of each slot: per part, per group
  size_t per_slot_ = 0;
};

HopperPixels PixelsPlan::describe(int64_t slot, const ConvPart& part, int64_t group,
                                  const HopperLimits& limits) const {
  const Conv2d& conv = placed_.conv;
  HopperPixels g = {};
  g.h = part.h;
  g.w = part.w;
  g.filter_width = as_int(conv.s);
  g.product.m = as_int(conv.n * part.pixels());
  g.product.n = as_int(result_channels(conv));
  g.product.k = as_int(reduced_channels(conv));
  g.product.raster = raster_of(tile_, 1, g.product.m, g.product.n, limits);
  if (part.taps() > 0) {
    g.product.a = operands_.pixels(slot, group, part, tile_.m);
    g.product.b = operands_.filter(slot, group, tile_);
  }
  describe_result(g, slot, group);
  return g;
}

/// The result's channels of one group; as one matrix for TMA where the parts' pixels are all there are and
/// its rows can be described.
void PixelsPlan::describe_result(HopperPixels& g, int64_t slot, int64_t group) const {
  const Conv2d& conv = placed_.conv;
  const Element element = facts(conv.precision).output;
  const int64_t size = bytes(element), channels = result_channels(conv);
  std::byte* const first = placed_.result.at(slot) + group * channels * size;
  g.pitch = channels * conv.groups;
  g.pairs = channels % 2 == 0;
  g.product.c_elements = first;
  if (conv.epilogue == Epilogue::bias_relu) {
    g.product.bias = placed_.bias.as<const float>(slot) + group * channels;
  }
  g.product.c_by_tma = g.h.out_step == 1 && g.w.out_step == 1 && tma_describes(channels * size);
  if (!g.product.c_by_tma) return;
  g.product.c = tensor_map(MappedMatrix{.data = first,
                                        .element = element,
                                        .batch = 1,
                                        .rows = g.product.m,
                                        .columns = channels,
                                        .pitch = g.pitch * size,
                                        .box_rows = kSlabRows,
                                        .box_columns = 128 / as_int(size)});
}

/// Parts of the pixels that backward_weights sums apart: fewest steps of any multiprocessor, a few more for
/// every part's sums that are written and read again.
int parts_of(int64_t tiles, int64_t steps, int multiprocessors) {
  constexpr int64_t kStepsOfStoring = 4;
  int64_t best = 1, least = INT64_MAX;
  for (int64_t parts = 1; parts <= std::min<int64_t>(steps, kMostParts); ++parts) {
    const int64_t cost =
        divided_up(tiles * parts, multiprocessors) * (divided_up(steps, parts) + kStepsOfStoring);
    if (cost >= least) continue;
    least = cost;
    best = parts;
  }
  return as_int(best);
}

class WeightsPlan : public ConvPlan {
 public:
  WeightsPlan(const ContextPtr& context, PlacedConv& placed)
      : context_(context), placed_(placed), operands_(context, placed) {
    const Conv2d& conv = placed.conv;
    const HopperLimits limits{context->properties().multiProcessorCount};
    const int64_t pixels = conv.n * conv.p() * conv.q(), taps = conv.r * conv.s;
    tile_ = choose_tile({.m = conv.group_filters(),
                         .n = conv.group_channels(),
                         .k = std::max<int64_t>(1, pixels),
                         .precision = conv.precision},
                        kTiles, limits);
    const int64_t tiles =
        taps * divided_up(conv.group_filters(), tile_.m) * divided_up(conv.group_channels(), tile_.n);
    parts_ = parts_of(tiles, divided_up(pixels, kPixelsPerStep), limits.multiprocessors);
    sums_ = DeviceBuffer(parts_ * count() * bytes(Element::fp32), 1, context->stream());
    for (int64_t slot = 0; slot < placed.result.copies(); ++slot) {
      for (int64_t group = 0; group < conv.groups; ++group) calls_.push_back(describe(slot, group, limits));
    }
  }

  void launch(int64_t slot) override {
    const Conv2d& conv = placed_.conv;
    operands_.prepare(slot);
    for (int64_t group = 0; group < conv.groups; ++group) {
      launch_weights(conv, tile_, calls_[static_cast<size_t>(slot * conv.groups + group)],
                     context_->properties().multiProcessorCount, context_->stream());
    }
    add_weight_parts(conv, placed_.result.at(slot), sums_.as<const float>(0), parts_, count(),
                     context_->stream());
  }

 private:
  int64_t count() const {
    const Conv2d& conv = placed_.conv;
    return conv.k * conv.r * conv.s * conv.group_channels();
  }
  HopperWeights describe(int64_t slot, int64_t group, const HopperLimits&) const;

  ContextPtr context_;
  PlacedConv& placed_;
  ConvOperands operands_;
  TileShape tile_;
  int parts_ = 1;
  DeviceBuffer sums_;                 // [parts][k, r, s, c]
  std::vector<HopperWeights> calls_;  // of each slot: per group
};

HopperWeights WeightsPlan::describe(int64_t slot, int64_t group, const HopperLimits& limits) const {
  const Conv2d& conv = placed_.conv;
  const ConvPart part = forward_part(conv);
  HopperWeights g = {};
  g.h = part.h;
  g.w = part.w;
  g.row = conv.r * conv.s * conv.group_channels();
  g.part = count();
  g.parts = parts_;
  g.product.m = as_int(conv.group_filters());
  g.product.n = as_int(conv.group_channels());
  g.product.k = as_int(conv.n * part.pixels());
  g.product.c_elements = sums_.as<float>(0) + group * conv.group_filters() * g.row;
  g.product.raster = raster_of(tile_, int64_t{parts_} * part.taps(), g.product.m, g.product.n, limits);
  g.product.a = operands_.gradient(slot, group);
  g.product.b = operands_.pixels(slot, group, part, kPixelsPerStep);
  return g;
}

std::unique_ptr<ConvPlan> prepare(const ContextPtr& context, PlacedConv& placed) {
  require_code(any_hopper_conv_kernel(), 90);
  if (placed.conv.direction == Direction::backward_weights) {
    return std::make_unique<WeightsPlan>(context, placed);
  }
  return std::make_unique<PixelsPlan>(context, placed);
}

/// The limits of im2col mode along one axis of a part, see encode_im2col's documentation in cuda.h.
Reason why_not_axis(const ConvAxis& axis, const char* along) {
  if (axis.step > 8) return fmt::format("TMA steps over at most 8 pixels, not {}", axis.step);
  const int64_t upper = upper_corner({axis.extent, axis.first, axis.count, axis.step});
  if (axis.first < -128 || axis.first > 127 || upper < -128 || upper > 127) {
    return fmt::format("filter corners from {} to {} past the border along {}: TMA takes -128 to 127",
                       axis.first, upper, along);
  }
  if ((axis.taps - 1) * axis.dilation > 255) {
    return fmt::format("a filter {} wide along {}: TMA reaches 255 pixels",
                       (axis.taps - 1) * axis.dilation + 1, along);
  }
  return std::nullopt;
}

Reason why_not_precision(const Conv2d& conv) {
  switch (conv.precision) {
    case Precision::bf16:
    case Precision::fp16:
      return std::nullopt;
    case Precision::tf32:
    case Precision::int8:
      if (conv.direction == Direction::forward) return std::nullopt;
      return fmt::format("wgmma reads {} in one direction only, and gradients need the other",
                         name(conv.precision));
    default:
      return fmt::format("wgmma does not multiply {}", name(conv.precision));
  }
}

Reason why_not_conv_tma(const Conv2d& conv) {
  if (const Reason why = why_not_any_conv(conv)) return why;
  if (const Reason why = why_not_precision(conv)) return why;
  if (conv.groups > kMostGroups) {
    return fmt::format("{} groups, each a launch of its own: at most {}", conv.groups, kMostGroups);
  }
  if (conv.stride > 8) return fmt::format("stride {}: TMA steps over at most 8 pixels", conv.stride);
  if (std::max(conv.n * conv.p() * conv.q(), conv.n * conv.h * conv.w) > 0x7FFFFF00) {
    return "more than 2^31 pixels, which the kernels number in 32 bits";
  }
  const bool data = conv.direction == Direction::backward_data;
  for (const ConvPart& part : data ? data_parts(conv) : std::vector<ConvPart>{forward_part(conv)}) {
    if (part.taps() == 0) continue;
    if (const Reason why = why_not_axis(part.h, "h")) return why;
    if (const Reason why = why_not_axis(part.w, "w")) return why;
  }
  return std::nullopt;
}

/// Padded operands, or the sums of backward_weights.
int64_t scratch_bytes(const Conv2d& conv) {
  const int64_t sums = conv.direction == Direction::backward_weights
                           ? kMostParts * conv.k * conv.r * conv.s * conv.group_channels() * 4
                           : 0;
  return padded_operand_bytes(conv) + sums;
}

}  // namespace

Kernel conv_tma(const ContextPtr& context) {
  return own_conv(context,
                  {.name = "conv_tma",
                   .summary = "own: implicit GEMM by wgmma, TMA walks the images; all three directions",
                   .why_not = why_not_conv_tma,
                   .prepare = prepare,
                   .needs = needs_hopper,
                   .scratch_bytes = scratch_bytes,
                   .file = "tma"});
}

}  // namespace breakeven::cuda
