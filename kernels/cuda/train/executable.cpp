// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/train/executable.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "kernels/cuda/train/elementwise.h"

namespace breakeven::cuda {
namespace {

bool is_binary(const train::Program& program) {
  return program.forward.back().kind == train::OpKind::binary_cross_entropy;
}

}  // namespace

GpuExecutable::GpuExecutable(ContextPtr context, const train::CompileRequest& request, MakeProducts make)
    : context_((context->use(), std::move(context))),
      program_(*request.program),
      precision_(request.precision),
      optimizer_(request.optimizer),
      augmentation_(request.augmentation),
      keeps_values_(request.keep_values),
      memory_(program_, request, *context_),
      products_(make(*context_)),
      lowered_(lower(program_, precision_, memory_, *products_, *context_)),
      graphs_(context_->stream()),
      sums_(sizeof(EvaluationSums), 1, context_->stream()) {
  products_->allocate();
  context_->synchronize();
}

void GpuExecutable::upload(const train::Dataset& train, const train::Dataset& test) {
  context_->use();
  train_ = DeviceData(train, *context_);
  test_ = DeviceData(test, *context_);
  if (is_binary(program_)) scores_ = DeviceBuffer((test.samples + program_.batch) * 4, 1, context_->stream());
  context_->synchronize();
}

void GpuExecutable::reset(std::span<const float> parameters) {
  context_->use();
  memory_.reset(parameters);
  context_->synchronize();
}

void GpuExecutable::begin(const train::Order& order) {
  context_->use();
  order_size_ = static_cast<int64_t>(order.samples.size());
  stretch_ = {{}, order.seed, order.epoch};
  if (order.samples.empty()) return;
  // Steps that still run read the order before: the stream comes to the copy when they are done.
  const auto bytes = static_cast<int64_t>(order.samples.size_bytes());
  if (order_.bytes() < bytes) {
    context_->synchronize();
    order_ = DeviceBuffer(bytes, 1, context_->stream());
  }
  check_cuda(cudaMemcpyAsync(order_.at(0), order.samples.data(), order.samples.size_bytes(),
                             cudaMemcpyHostToDevice, context_->stream()),
             "copying an order of samples");
  context_->synchronize();  // the caller's memory may go
}

void GpuExecutable::run(int64_t first, Pass pass) {
  const int64_t begin = first * program_.batch;
  if (begin < 0 || begin + program_.batch > order_size_)
    throw std::logic_error(fmt::format("step {} of an order of {} samples", first, order_size_));
  const Chosen chosen{order_.as<uint32_t>() + begin, 0, train_.samples(), program_.batch};
  train_.load(program_, precision_, augmentation_, stretch_, chosen, memory_, context_->stream());
  graphs_.run(pass, [&] { launch_pass(pass); });
  memory_.keep_loss();
}

/// With the same arguments whenever the pass is of this kind.
void GpuExecutable::launch_pass(Pass pass) {
  for (const TrainLaunch& launch : lowered_.forward) launch(pass);
  if (pass == Pass::evaluation) return;
  for (const TrainLaunch& launch : lowered_.backward) launch(pass);
  launch_gradient_checks(pass);
}

/// The loss scale taken out again; in steps, what the update is to do: clip, or nothing at all.
void GpuExecutable::launch_gradient_checks(Pass pass) {
  const bool steps = pass == Pass::step;
  if (!scales_loss() && !(steps && optimizer_.clip > 0)) return;
  const cudaStream_t stream = context_->stream();
  launch_gradient_parts(memory_.arenas().gradients, program_.arena_size(), memory_.control(),
                        memory_.gradient_parts(), stream);
  if (!steps) return;
  launch_control(memory_.gradient_parts(), gradient_parts(program_.arena_size()), optimizer_.clip,
                 scales_loss() ? LossScale::dynamic : LossScale::fixed, memory_.control(), stream);
}

void GpuExecutable::step(int64_t first, const train::StepSettings& settings) {
  context_->use();
  run(first, Pass::step);
  update(settings);
}

void GpuExecutable::differentiate(int64_t first) {
  context_->use();
  run(first, Pass::differentiate);
}

void GpuExecutable::update(const train::StepSettings& settings) {
  const auto correction = [&](float beta) {
    return static_cast<float>(1 - std::pow(static_cast<double>(beta), static_cast<double>(settings.number)));
  };
  const Update update{optimizer_, settings.rate, correction(optimizer_.beta1), correction(optimizer_.beta2)};
  launch_update(precision_, update, memory_.arenas(), memory_.control(), context_->stream());
}

std::vector<float> GpuExecutable::take_losses() {
  context_->use();
  return memory_.take_losses();
}

train::Evaluation GpuExecutable::evaluate() {
  context_->use();
  const cudaStream_t stream = context_->stream();
  const int64_t batch = program_.batch, samples = test_.samples();
  const int64_t rows_each = memory_.loss_rows().rows / batch;
  sums_.fill(0, stream);
  for (int64_t first = 0; first < samples; first += batch) {
    const Chosen chosen{nullptr, first, samples, batch};
    test_.load(program_, precision_, {}, {}, chosen, memory_, stream);
    graphs_.run(Pass::evaluation, [&] { launch_pass(Pass::evaluation); });
    launch_count_rows(memory_.loss_rows(), std::min(batch, samples - first) * rows_each,
                      sums_.as<EvaluationSums>(), stream);
    if (is_binary(program_))
      launch_widen(precision_, memory_.value(program_.logits), scores_.as<float>() + first, batch, stream);
  }
  EvaluationSums sums{};
  sums_.download(0, &sums, stream);
  train::Evaluation evaluation;
  evaluation.rows = samples * rows_each;
  evaluation.loss = sums.loss / static_cast<double>(std::max<int64_t>(1, evaluation.rows));
  if (!is_binary(program_)) {
    evaluation.correct = sums.correct;
    return evaluation;
  }
  std::vector<float> scores(static_cast<size_t>(scores_.bytes()) / 4);
  scores_.download(0, scores.data(), stream);
  scores.resize(static_cast<size_t>(samples));
  evaluation.scores = std::move(scores);
  return evaluation;
}

std::vector<float> GpuExecutable::parameters() {
  context_->use();
  return memory_.read_parameters();
}

std::vector<float> GpuExecutable::gradients() {
  context_->use();
  return memory_.read_gradients();
}

std::vector<double> GpuExecutable::value(train::ValueId id) {
  if (!keeps_values_) throw std::logic_error("values share memory: compile with keep_values");
  context_->use();
  return memory_.read_value(id);
}

int64_t GpuExecutable::skipped_steps() {
  context_->use();
  return memory_.read_skipped();
}

int64_t GpuExecutable::memory_bytes() const {
  return memory_.bytes() + products_->bytes() + train_.bytes() + test_.bytes() + order_.bytes() +
         sums_.bytes() + scores_.bytes();
}

std::string GpuExecutable::implementation() const {
  return fmt::format("{} on {} (sm_{}), {}", products_->words(), context_->properties().name,
                     context_->capability(), graphs_.words());
}

}  // namespace breakeven::cuda
