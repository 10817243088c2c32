// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <utility>

#include "cpu_ref/train/executable.h"
#include "harness/train/initial.h"

// What a training brings to the executable and takes from it; how it runs stands in executable.cpp.

namespace breakeven::cpu {
namespace {

using train::Dataset;

double widened(uint16_t bf16) { return std::bit_cast<float>(static_cast<uint32_t>(bf16) << 16); }

template <class T>
std::vector<double> doubles(const T* from, int64_t n) {
  std::vector<double> made(static_cast<size_t>(n));
  for (size_t i = 0; i < made.size(); ++i) {
    if constexpr (sizeof(T) == 2) {
      made[i] = widened(from[i]);
    } else {
      made[i] = static_cast<double>(from[i]);
    }
  }
  return made;
}

}  // namespace

std::span<float> CpuExecutable::arena(const Pages& pages) const {
  return {reinterpret_cast<float*>(pages.data()),
          pages.data() ? static_cast<size_t>(program_.arena_size()) : 0};
}

void CpuExecutable::upload(const Dataset& train, const Dataset& test) {
  train_ = Samples(train);
  test_ = Samples(test);
}

void CpuExecutable::reset(std::span<const float> parameters) {
  std::ranges::copy(parameters, arena(parameters_).begin());
  if (narrow_.data()) loops_.narrow(memory_.parameters, narrow_.data(), program_.arena_size(), 1);
  for (const Pages* pages : {&gradients_, &first_moments_, &second_moments_})
    std::ranges::fill(arena(*pages), 0.0f);
  std::ranges::copy(train::initial_states(program_), states_.begin());
  losses_.clear();
  times_.clear();
  stale_ = true;
}

void CpuExecutable::begin(const train::Order& order) {
  const int64_t bound = train_.bound();
  for (const uint32_t sample : order.samples) {
    if (sample >= bound)
      throw std::invalid_argument(fmt::format("sample {} of training data that have {}", sample, bound));
  }
  order_.assign(order.samples.begin(), order.samples.end());
  seed_ = order.seed;
  epoch_ = order.epoch;
  losses_.reserve(losses_.size() + order_.size() / static_cast<size_t>(program_.batch));
}

std::vector<float> CpuExecutable::take_losses() { return std::exchange(losses_, {}); }

std::vector<float> CpuExecutable::parameters() {
  const std::span<float> all = arena(parameters_);
  return {all.begin(), all.end()};
}
std::vector<float> CpuExecutable::gradients() {
  const std::span<float> all = arena(gradients_);
  return {all.begin(), all.end()};
}

std::vector<double> CpuExecutable::value(train::ValueId id) {
  const train::Value& v = program_.value(id);
  if (!request_.keep_values || !memory_.value(id))
    throw std::invalid_argument(fmt::format("the value '{}' is not kept", v.name));
  if (v.storage == train::Storage::index) return doubles(memory_.value<int32_t>(id), v.size());
  if (v.storage == train::Storage::activation && memory_.activation == Element::bf16)
    return doubles(memory_.value<uint16_t>(id), v.size());
  return doubles(memory_.value<float>(id), v.size());
}

int64_t CpuExecutable::memory_bytes() const {
  int64_t sum = products_->bytes() + room_.bytes() + std::ssize(states_) * 4 + std::ssize(decays_) +
                train_.bytes() + test_.bytes();
  for (const Pages* pages :
       {&values_, &parameters_, &narrow_, &gradients_, &first_moments_, &second_moments_})
    sum += pages->size();
  return sum;
}

std::string CpuExecutable::implementation() const {
  std::vector<std::string> all;
  for (const std::vector<TimedStep>* steps : {&forward_, &backward_}) {
    for (const TimedStep& each : *steps) {
      if (each.step.product) all.push_back(each.step.product->implementation());
    }
  }
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return fmt::format("{} {}, own {} loops", products_->name(), fmt::join(all, " "), unit_.name);
}

}  // namespace breakeven::cpu
