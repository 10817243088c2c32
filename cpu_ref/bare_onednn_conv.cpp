// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <unordered_map>
#include <vector>

#include "cpu_ref/bare_loop.h"
#include "cpu_ref/onednn_convolution.h"

namespace breakeven::cpu {
namespace {

using dnnl::memory;

/// One array of the convolution: by which argument oneDNN knows it, and its layout as given.
struct Array {
  int argument;
  memory::desc given;
};
struct Arrays {
  Array a, b, c;
};
Arrays arrays_of(const Conv2d& conv) {
  const ConvolutionDescriptors d = given_arrays(conv);
  if (conv.direction == Direction::backward_data)
    return {{DNNL_ARG_DIFF_DST, d.y}, {DNNL_ARG_WEIGHTS, d.w}, {DNNL_ARG_DIFF_SRC, d.x}};
  if (conv.direction == Direction::backward_weights)
    return {{DNNL_ARG_SRC, d.x}, {DNNL_ARG_DIFF_DST, d.y}, {DNNL_ARG_DIFF_WEIGHTS, d.w}};
  return {{DNNL_ARG_SRC, d.x}, {DNNL_ARG_WEIGHTS, d.w}, {DNNL_ARG_DST, d.y}};
}

/// The primitive that the contender `onednn` asks for; memory, arguments and loop are this file's own.
class BareConvolution : public BareLoop {
 public:
  BareConvolution(const Conv2d& conv, const Inputs& inputs, int64_t slots)
      : BareLoop(slots),
        engine_(dnnl::engine::kind::cpu, 0),
        stream_(engine_),
        arrays_(arrays_of(conv)),
        description_(describe_convolution(conv, Activations::own_layout, engine_)),
        convolution_(description_) {
    place(bytes_of(arrays_.a), bytes_of(arrays_.b), bytes_of(arrays_.c));
    for (int64_t slot = 0; slot < slots; ++slot) {
      arguments_.push_back({{arrays_.a.argument, memory(layout(arrays_.a), engine_, a_.at(slot))},
                            {arrays_.b.argument, memory(layout(arrays_.b), engine_, b_.at(slot))},
                            {arrays_.c.argument, memory(layout(arrays_.c), engine_, c_.at(slot))}});
      copy(memory(arrays_.a.given, engine_, inputs.operands[0].data()), of(slot, arrays_.a));
      copy(memory(arrays_.b.given, engine_, inputs.operands[1].data()), of(slot, arrays_.b));
    }
  }

  double time(int64_t batch) override {
    return time_bare(
        batch, slots_, slot_,
        [&](int64_t slot) { convolution_.execute(stream_, arguments_[static_cast<size_t>(slot)]); },
        [&] { stream_.wait(); });
  }

  /// Compared as given: what a layout pads with is not part of the result.
  bool equals(int64_t slot, const Tensor& expected) override {
    Tensor mine(expected.element(), expected.shape());
    copy(of(slot, arrays_.c), memory(arrays_.c.given, engine_, mine.data()));
    return std::memcmp(mine.data(), expected.data(), static_cast<size_t>(expected.bytes())) == 0;
  }

 private:
  memory::desc layout(const Array& array) const {
    return description_.query_md(dnnl::query::exec_arg_md, array.argument);
  }
  int64_t bytes_of(const Array& array) const { return static_cast<int64_t>(layout(array).get_size()); }
  memory of(int64_t slot, const Array& array) const {
    return arguments_[static_cast<size_t>(slot)].at(array.argument);
  }
  void copy(memory from, memory to) {
    dnnl::reorder(from, to).execute(stream_, from, to);
    stream_.wait();
  }

  dnnl::engine engine_;
  dnnl::stream stream_;
  const Arrays arrays_;
  dnnl::primitive_desc description_;
  dnnl::primitive convolution_;
  std::vector<std::unordered_map<int, memory>> arguments_;
};

}  // namespace

std::unique_ptr<BareLoop> bare_onednn_conv(const Conv2d& conv, const Inputs& inputs, int64_t slots) {
  return std::make_unique<BareConvolution>(conv, inputs, slots);
}

}  // namespace breakeven::cpu
