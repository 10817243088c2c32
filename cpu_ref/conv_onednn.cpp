// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <omp.h>

#include <chrono>
#include <unordered_map>

#include "cpu_ref/conv_job.h"
#include "cpu_ref/cpu.h"
#include "cpu_ref/onednn_convolution.h"

namespace breakeven::cpu {
namespace {

using dnnl::memory;

/// The arguments by which oneDNN knows the two operands and the result of a direction.
struct ArgumentNames {
  int first, second, result;
};
ArgumentNames names_of(Direction direction) {
  switch (direction) {
    case Direction::backward_data:
      return {DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_SRC};
    case Direction::backward_weights:
      return {DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_WEIGHTS};
    default:
      return {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST};
  }
}

/// The operands and the result as given, in the order of Conv2d::operands.
struct Given {
  memory::desc first, second, result;
};
Given given_in_order(const Conv2d& conv) {
  const ConvolutionDescriptors d = given_arrays(conv);
  switch (conv.direction) {
    case Direction::backward_data:
      return {d.y, d.w, d.x};
    case Direction::backward_weights:
      return {d.x, d.y, d.w};
    default:
      return {d.x, d.w, d.y};
  }
}

class OnednnJob : public Job {
 public:
  OnednnJob(const Conv2d& conv, const Inputs& inputs, const Placement& placement, Activations activations)
      : conv_(conv),
        engine_(dnnl::engine::kind::cpu, 0),
        stream_(engine_),
        given_(given_in_order(conv)),
        names_(names_of(conv.direction)),
        description_(describe_convolution(conv, activations, engine_)),
        convolution_(description_),
        first_(placement.slots, bytes_of(names_.first)),
        second_(placement.slots, bytes_of(names_.second)),
        result_(placement.slots, bytes_of(names_.result)) {
    for (SlottedPages* pages : {&first_, &second_, &result_})
      pages->fill(0);  // touches the pages before reorders
    if (conv.epilogue == Epilogue::bias_relu) {
      bias_ = SlottedPages(placement.slots, inputs.operands[2].bytes());
      bias_.copy_in(inputs.operands[2].data());
    }
    for (int64_t slot = 0; slot < placement.slots; ++slot) {
      arguments_.push_back(arguments_of(slot));
      std::unordered_map<int, memory>& mine = arguments_.back();
      place(given_.first, inputs.operands[0], mine.at(names_.first));
      place(given_.second, inputs.operands[1], mine.at(names_.second));
    }
    reorder_seconds_ /= static_cast<double>(placement.slots);
    poison();
    const Tensor ignored = result_as_given(0, &reorder_seconds_);
  }

  void run(int64_t slot) override {
    convolution_.execute(stream_, arguments_[static_cast<size_t>(slot)]);
    stream_.wait();
  }
  void poison() override { result_.fill(kPoisonByte); }
  std::vector<Tensor> outputs(int64_t slot) override {
    std::vector<Tensor> made;
    made.push_back(result_as_given(slot, nullptr));
    return made;
  }
  std::string implementation() const override {
    const dnnl_version_t& version = *dnnl::version();
    return fmt::format("oneDNN {}.{}.{} {}", version.major, version.minor, version.patch,
                       description_.impl_info_str());
  }
  double reorder_seconds() const override { return reorder_seconds_; }

 private:
  memory::desc desc_of(int argument) const {
    return description_.query_md(dnnl::query::exec_arg_md, argument);
  }
  int64_t bytes_of(int argument) const { return static_cast<int64_t>(desc_of(argument).get_size()); }

  std::unordered_map<int, memory> arguments_of(int64_t slot) const {
    std::unordered_map<int, memory> made{
        {names_.first, memory(desc_of(names_.first), engine_, first_.at(slot))},
        {names_.second, memory(desc_of(names_.second), engine_, second_.at(slot))},
        {names_.result, memory(desc_of(names_.result), engine_, result_.at(slot))}};
    if (conv_.epilogue == Epilogue::bias_relu)
      made.emplace(DNNL_ARG_BIAS, memory(desc_of(DNNL_ARG_BIAS), engine_, bias_.at(slot)));
    return made;
  }

  /// Into the layout this convolution reads; only a change of layout takes time that a user would see.
  void place(const memory::desc& given, const Tensor& operand, memory& to) {
    memory from(given, engine_, operand.data());
    reorder(from, to, given == to.get_desc() ? nullptr : &reorder_seconds_);
  }

  Tensor result_as_given(int64_t slot, double* seconds) {
    Tensor made = conv_.results()[0].make();
    memory to(given_.result, engine_, made.data());
    memory& from = arguments_[static_cast<size_t>(slot)].at(names_.result);
    reorder(from, to, given_.result == from.get_desc() ? nullptr : seconds);
    return made;
  }

  void reorder(memory& from, memory& to, double* seconds) {
    dnnl::reorder change(from, to);
    const auto begin = std::chrono::steady_clock::now();
    change.execute(stream_, from, to);
    stream_.wait();
    if (seconds) *seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }

  const Conv2d conv_;
  dnnl::engine engine_;
  dnnl::stream stream_;
  const Given given_;
  const ArgumentNames names_;
  dnnl::primitive_desc description_;
  dnnl::primitive convolution_;
  SlottedPages first_, second_, result_, bias_;
  std::vector<std::unordered_map<int, memory>> arguments_;
  double reorder_seconds_ = 0;  // of one operand set and one result
};

Reason why_not(const Conv2d& conv) {
  return unless_one_of(conv, {Precision::fp32, Precision::bf16, Precision::fp16, Precision::int8});
}

/// oneDNN pads its layouts to blocks of at most 64 channels and filters; for dw every thread may sum into a
/// copy of its own.
int64_t scratch(const Conv2d& v, int threads) {
  constexpr int64_t kBlock = 64;
  const auto padded = [](int64_t extent) { return (extent + kBlock - 1) / kBlock * kBlock; };
  const int64_t element = bytes(facts(v.precision).output), taps = v.r * v.s;
  const int64_t x = v.n * v.h * v.w * (padded(v.c) - v.c), y = v.n * v.p() * v.q() * (padded(v.k) - v.k);
  const int64_t w = v.groups > 1 ? 0 : taps * (padded(v.c) * padded(v.k) - v.c * v.k);
  const bool weights = v.direction == Direction::backward_weights;
  return element * (x + y + w) +
         (weights ? threads * 4 * taps * padded(v.group_channels()) * padded(v.k) : 0);
}

Kernel kernel(const char* name, const char* summary, Activations activations) {
  return {
      .name = name,
      .summary = summary,
      .why_not = for_problem<Conv2d>(why_not),
      .prepare =
          [activations](const Problem& problem, const Inputs& inputs, const Placement& placement) {
            return std::make_unique<OnednnJob>(std::get<Conv2d>(problem), inputs, placement, activations);
          },
      .scratch_bytes = [](const Problem& p) { return scratch(std::get<Conv2d>(p), omp_get_max_threads()); }};
}

}  // namespace

Kernel conv_onednn() {
  return kernel("onednn",
                "oneDNN convolution, all arrays in the layouts it prefers (made once, timed apart), bias and "
                "ReLU fused",
                Activations::own_layout);
}

Kernel conv_onednn_nhwc() {
  return kernel("onednn_nhwc",
                "oneDNN convolution, activations NHWC as given, the filter in the layout it prefers, bias "
                "and ReLU fused",
                Activations::as_given);
}

}  // namespace breakeven::cpu
