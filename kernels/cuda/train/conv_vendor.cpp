// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// cuDNN's convolutions of a training: of the engines that its heuristics name, the first that runs.
// Trap: as in conv_cudnn.cpp, an engine may refuse only when it runs, so each is tried once, on the memory
// that it will work in; what it leaves there is overwritten by the first step.

#include "kernels/cuda/train/conv_vendor.h"

#include <algorithm>

#include "kernels/cuda/cudnn_engines.h"
#include "kernels/cuda/train/elementwise.h"

namespace breakeven::cuda {
namespace {

constexpr int64_t kSmallWorkspace = int64_t{32} << 20, kLargeWorkspace = int64_t{1} << 30;

/// A graph, the plan that runs it, and its pointers.
struct Ready {
  Ready(const Cudnn& dnn, cudnnHandle_t handle, const Conv2d& conv, CudnnConvGraph::Result result)
      : graph(dnn, handle, conv, result) {}
  CudnnConvGraph graph;
  std::vector<CudnnPlan> plan;        // one
  std::vector<CudnnDescriptor> pack;  // one
  DeviceBuffer workspace;
};

class CudnnConvolutions : public VendorConvolutions {
 public:
  explicit CudnnConvolutions(const Context& context)
      : context_(context), dnn_(cudnn()), handle_(cudnn_handle(dnn_, context.stream())) {}

  std::function<void()> prepare(const Conv2d& conv, const ConvArguments& given) override {
    using Result = CudnnConvGraph::Result;
    const bool narrow = breakeven::bytes(facts(conv.precision).input) == 2;
    if (conv.direction != Direction::backward_weights || !narrow)
      return launch_of(ready(conv, given, Result::of_precision));
    try {
      return launch_of(ready(conv, given, Result::sums));
    } catch (const Unsupported&) {
      return narrow_gradient(conv, given);
    }
  }
  int64_t bytes() const override { return bytes_; }
  std::string words() const override { return "cuDNN " + dnn_.version; }

 private:
  std::shared_ptr<Ready> ready(const Conv2d& conv, const ConvArguments& arguments,
                               CudnnConvGraph::Result result) {
    auto made = std::make_shared<Ready>(dnn_, handle_.get(), conv, result);
    take_first(*made, conv, arguments);
    bytes_ += made->workspace.bytes();
    return made;
  }
  std::function<void()> launch_of(std::shared_ptr<Ready> ready) const {
    return [this, ready = std::move(ready)] { execute(*ready); };
  }
  /// Where no engine leaves the sums as they are: rounded by the library, then widened.
  std::function<void()> narrow_gradient(const Conv2d& conv, const ConvArguments& given) {
    const int64_t weights = conv.results()[0].size();
    const auto buffer = std::make_shared<DeviceBuffer>(2 * weights, 1, context_.stream());
    ConvArguments arguments = given;
    arguments.result = buffer->at(0);
    bytes_ += buffer->bytes();
    return [this, buffer, weights, precision = conv.precision, result = static_cast<float*>(given.result),
            launch = launch_of(ready(conv, arguments, CudnnConvGraph::Result::of_precision))] {
      launch();
      launch_widen(precision, buffer->at(0), result, weights, context_.stream());
    };
  }
  void execute(const Ready& ready) const {
    dnn_.check(dnn_.execute(handle_.get(), ready.plan[0].plan.get(), ready.pack[0].get()), "convolving");
  }
  void take_first(Ready&, const Conv2d&, const ConvArguments&) const;
  void set_up(Ready&, CudnnPlan, const ConvArguments&) const;

  const Context& context_;
  const Cudnn& dnn_;
  CudnnHandle handle_;
  int64_t bytes_ = 0;
};

void CudnnConvolutions::set_up(Ready& ready, CudnnPlan plan, const ConvArguments& arguments) const {
  ready.plan.clear();
  ready.pack.clear();
  if (plan.workspace > ready.workspace.bytes())
    ready.workspace = DeviceBuffer(plan.workspace, 1, context_.stream());
  ready.pack.push_back(ready.graph.pack(arguments, ready.workspace.at(0)));
  ready.plan.push_back(std::move(plan));
}

void CudnnConvolutions::take_first(Ready& ready, const Conv2d& conv, const ConvArguments& arguments) const {
  const CudnnEngines engines(dnn_, handle_.get(), ready.graph, conv.precision);
  const int64_t arrays = breakeven::bytes(conv.operands()) + breakeven::bytes(conv.results());
  const int64_t most = std::clamp(8 * arrays, kSmallWorkspace, kLargeWorkspace);
  std::string failure = engines.absence();
  for (size_t rank = 0; rank < engines.count(); ++rank) {
    try {
      set_up(ready, engines.plan(rank, most), arguments);
      execute(ready);
      return context_.synchronize();
    } catch (const DeviceLost&) {
      throw;
    } catch (const std::runtime_error& why) {
      failure = why.what();
    }
  }
  throw Unsupported("no engine of cuDNN took " + conv.name() + ": " + failure);
}

}  // namespace

std::unique_ptr<VendorConvolutions> vendor_convolutions(const Context& context) {
  return std::make_unique<CudnnConvolutions>(context);
}

}  // namespace breakeven::cuda
