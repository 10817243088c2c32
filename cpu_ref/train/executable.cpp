// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/executable.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>

#include "cpu_ref/flush_denormals.h"
#include "cpu_ref/train/lowering.h"
#include "harness/backend.h"
#include "harness/train/graph.h"
#include "harness/train/initial.h"

namespace breakeven::cpu {
namespace {

using train::Dataset;
using train::Mode;
using train::Op;
using train::OpKind;
using train::Storage;
using train::ValueId;

constexpr int64_t kFloatBytes = 4;

Element element_of(Precision precision) {
  if (precision == Precision::fp32) return Element::fp32;
  if (precision == Precision::bf16) return Element::bf16;
  throw Unsupported(fmt::format("training on a CPU is in fp32 or bf16, not {}", name(precision)));
}

const TrainUnit& best_unit() { return *train_units().front(); }

/// Pages of zeros, each first written by the thread that shares out work will give it.
Pages zeros(int64_t bytes) {
  Pages made(bytes);
  constexpr int64_t kPiece = 4096;
#pragma omp parallel for schedule(static)
  for (int64_t at = 0; at < made.size(); at += kPiece) std::fill_n(made.data() + at, kPiece, std::byte{0});
  return made;
}

std::vector<int64_t> bytes_of_values(const train::Program& program, Element activation) {
  std::vector<int64_t> made;
  for (const train::Value& v : program.values)
    made.push_back(v.size() * (v.storage == Storage::activation ? bytes(activation) : kFloatBytes));
  return made;
}

/// Every value in memory of its own, for those who want to see all of them.
train::MemoryPlan plan_apart(const train::Program& program, const std::vector<int64_t>& bytes_of) {
  train::MemoryPlan plan = train::plan_memory(program, bytes_of);
  plan.bytes = 0;
  for (size_t i = 0; i < bytes_of.size(); ++i) {
    if (plan.offset[i] < 0) continue;
    plan.offset[i] = plan.bytes;
    plan.bytes += (bytes_of[i] + 63) / 64 * 64;
  }
  return plan;
}

}  // namespace

CpuExecutable::CpuExecutable(const train::CompileRequest& request, const MakeProducts& make_products)
    : request_(request),
      program_(request.keep_values ? *request.program : lowered(*request.program)),
      unit_(best_unit()),
      loops_(loops_of(unit_, element_of(request.precision))) {
  omp_set_num_threads(request.threads);
#pragma omp parallel
  flush_denormals();
  memory_.program = &program_;
  memory_.activation = element_of(request.precision);
  place_values();
  products_ = make_products(memory_);
  make_steps();
  products_->finish();
  mark_decay();
  data_time_ = times_.named("data");
  weights_time_ = times_.named("weights");
  optimizer_time_ = times_.named("optimizer");
  evaluation_time_ = times_.named("evaluation");
  running_.moves_statistics = false;
  refresh_weights();
  for (const std::vector<TimedStep>* steps : {&forward_, &backward_}) run(*steps);
  loss_.step.run();
  times_.clear();
}

void CpuExecutable::place_values() {
  const std::vector<int64_t> bytes_of = bytes_of_values(program_, memory_.activation);
  const train::MemoryPlan plan =
      request_.keep_values ? plan_apart(program_, bytes_of) : train::plan_memory(program_, bytes_of);
  values_ = zeros(plan.bytes);
  for (const int64_t offset : plan.offset)
    memory_.values.push_back(offset < 0 ? nullptr : values_.data() + offset);
  const int64_t bytes = program_.arena_size() * kFloatBytes;
  parameters_ = zeros(bytes);
  gradients_ = zeros(bytes);
  if (memory_.activation != Element::fp32)
    narrow_ = zeros(program_.arena_size() * breakeven::bytes(memory_.activation));
  if (request_.optimizer.kind != train::OptimizerKind::adagrad) first_moments_ = zeros(bytes);
  if (request_.optimizer.kind != train::OptimizerKind::sgd) second_moments_ = zeros(bytes);
  states_ = train::initial_states(program_);
  memory_.parameters = arena(parameters_).data();
  memory_.narrow_parameters = narrow_.data() ? narrow_.data() : parameters_.data();
  memory_.gradients = arena(gradients_).data();
  memory_.states = states_.data();
}

void CpuExecutable::make_steps() {
  const StepSource source{memory_, loops_, *products_, running_, room_};
  const auto make = [&](const Op& op) {
    return TimedStep{make_step(source, op), times_.named(train::operation_class(op.kind))};
  };
  for (const Op& op : program_.forward) {
    if (op.out[0] == program_.loss) {
      loss_ = make(op);
    } else {
      forward_.push_back(make(op));
    }
  }
  for (const Op& op : program_.backward) backward_.push_back(make(op));
}

void CpuExecutable::mark_decay() {
  decays_.assign(static_cast<size_t>(program_.arena_size() / train::kArenaAlignment), 0);
  for (const train::Parameter& p : program_.parameters) {
    const int64_t blocks = (p.size + train::kArenaAlignment - 1) / train::kArenaAlignment;
    std::fill_n(decays_.begin() + p.offset / train::kArenaAlignment, blocks, p.decays ? 1 : 0);
  }
}

void CpuExecutable::run(const std::vector<TimedStep>& steps) {
  for (const TimedStep& each : steps) times_.time(each.timed, each.step.run);
}

void CpuExecutable::assemble(const BatchOf& batch) {
  const train::BatchValues& to = program_.inputs;
  auto* const labels = memory_.value<int32_t>(to.labels);
  switch (batch.data->kind) {
    case train::DataKind::images:
      return assemble_images(batch, memory_.activation, memory_.value(to.pixels), labels);
    case train::DataKind::clicks:
      return assemble_clicks(batch, memory_.activation, memory_.value(to.dense),
                             memory_.value<int32_t>(to.rows), labels);
    case train::DataKind::text:
      return assemble_tokens(batch, memory_.value<int32_t>(to.tokens), labels);
  }
}

void CpuExecutable::refresh_weights() {
  if (!std::exchange(stale_, false)) return;
  for (const std::vector<TimedStep>* steps : {&forward_, &backward_}) {
    for (const TimedStep& each : *steps) {
      if (each.step.product) each.step.product->refresh();
    }
  }
}

void CpuExecutable::forward_and_backward(int64_t first) {
  const auto batch = static_cast<size_t>(program_.batch), from = static_cast<size_t>(first) * batch;
  if (first < 0 || from + batch > order_.size())
    throw std::invalid_argument(
        fmt::format("step {} of an order of {} samples in batches of {}", first, order_.size(), batch));
  times_.time(data_time_, [&] {
    assemble({&train_, std::span(order_).subspan(from, batch), request_.augmentation, seed_, epoch_});
  });
  times_.time(weights_time_, [&] { refresh_weights(); });
  running_.mode = Mode::training;
  run(forward_);
  times_.time(loss_.timed, loss_.step.run);
  run(backward_);
  losses_.push_back(*memory_.value<float>(program_.loss));
}

void CpuExecutable::step(int64_t first, const train::StepSettings& settings) {
  running_.moves_statistics = true;
  forward_and_backward(first);
  times_.time(optimizer_time_, [&] { update(settings); });
}

void CpuExecutable::differentiate(int64_t first) {
  running_.moves_statistics = false;
  forward_and_backward(first);
}

void CpuExecutable::update(const train::StepSettings& settings) {
  Update u{.parameters = memory_.parameters,
           .gradients = memory_.gradients,
           .first = arena(first_moments_).data(),
           .second = arena(second_moments_).data(),
           .copy = narrow_.data(),
           .decays = decays_.data(),
           .n = program_.arena_size(),
           .optimizer = request_.optimizer,
           .rate = settings.rate,
           .number = settings.number};
  if (request_.optimizer.clip > 0) {
    const double norm = std::sqrt(loops_.gradient_facts(memory_.gradients, u.n, 1, room_).squares);
    if (norm > request_.optimizer.clip) u.factor = static_cast<float>(request_.optimizer.clip / norm);
  }
  loops_.update(u);
  stale_ = true;
}

}  // namespace breakeven::cpu
