// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/train/data.h"

namespace breakeven::cuda {
namespace {

template <class T>
DeviceBuffer placed(const std::vector<T>& numbers, const Context& context) {
  if (numbers.empty()) return {};
  DeviceBuffer buffer(static_cast<int64_t>(numbers.size() * sizeof(T)), 1, context.stream());
  buffer.upload(numbers.data(), context.stream());
  return buffer;
}

}  // namespace

DeviceData::DeviceData(const train::Dataset& data, const Context& context)
    : samples_(data.samples),
      pixels_(placed(data.pixels, context)),
      labels_(placed(data.labels, context)),
      tokens_(placed(data.tokens, context)),
      dense_(placed(data.dense, context)),
      rows_(placed(data.rows, context)) {
  images_ = {pixels_.as<uint8_t>(), labels_.as<uint8_t>(), data.channels, data.height, data.width, {}, 0, 0};
  text_ = {tokens_.as<uint16_t>(), data.window};
  clicks_ = {labels_.as<uint8_t>(), dense_.as<uint8_t>(), rows_.as<uint32_t>(), data.dense_features,
             data.fields};
}

void DeviceData::load(const train::Program& program, Precision precision,
                      const train::Augmentation& augmentation, const train::Order& order,
                      const Chosen& chosen, const TrainMemory& memory, cudaStream_t stream) const {
  const train::BatchValues& in = program.inputs;
  int* const labels = memory.value<int>(in.labels);
  if (in.pixels != train::kNoValue) {
    ImageBatch batch = images_;
    batch.augmentation = augmentation, batch.seed = order.seed, batch.epoch = order.epoch;
    launch_images(precision, batch, chosen, memory.value(in.pixels), labels, stream);
  } else if (in.tokens != train::kNoValue) {
    launch_text(text_, chosen, memory.value<int>(in.tokens), labels, stream);
  } else {
    launch_clicks(precision, clicks_, chosen, memory.value(in.dense), memory.value<int>(in.rows), labels,
                  stream);
  }
}

int64_t DeviceData::bytes() const {
  return pixels_.bytes() + labels_.bytes() + tokens_.bytes() + dense_.bytes() + rows_.bytes();
}

}  // namespace breakeven::cuda
