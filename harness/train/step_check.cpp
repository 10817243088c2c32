// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/step_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "harness/train/initial.h"
#include "harness/train/workload.h"

namespace breakeven::train {
namespace {

constexpr double kAffordable = 1e10;  // operations of a step by plain loops: some seconds
constexpr int64_t kFewest = 4, kMost = 16;
constexpr double kNegligible = 1e-3;

enum class Compared : uint8_t { length, direction };
struct Bounds {
  double loss, gradient;
  Compared compared;
};

Bounds bounds_of(Precision precision) {
  switch (precision) {
    case Precision::tf32:
      return {1e-3, 2e-2, Compared::length};
    case Precision::bf16:
    case Precision::fp16:
      return {3e-3, 0.1, Compared::direction};
    default:
      return {1e-6, 1e-4, Compared::length};
  }
}

template <class T>
std::vector<T> part(const std::vector<T>& all, int64_t first, int64_t count) {
  if (all.empty()) return {};
  return {all.begin() + first, all.begin() + first + count};
}

/// Samples from `first` on (of text, windows side by side) as a data set of their own.
Dataset part(const Dataset& all, int64_t first, int64_t samples) {
  Dataset few;
  few.kind = all.kind, few.samples = samples;
  few.channels = all.channels, few.height = all.height, few.width = all.width, few.classes = all.classes;
  few.vocabulary = all.vocabulary, few.window = all.window;
  few.dense_features = all.dense_features, few.fields = all.fields, few.table_rows = all.table_rows;
  const int64_t image = all.channels * all.height * all.width;
  few.pixels = part(all.pixels, first * image, samples * image);
  few.labels = part(all.labels, first, samples);
  few.tokens = part(all.tokens, first * all.window, samples * all.window + 1);
  few.dense = part(all.dense, first * all.dense_features, samples * all.dense_features);
  few.rows = part(all.rows, first * all.fields, samples * all.fields);
  return few;
}

int64_t samples_of(const Dataset& d) {
  return d.kind == DataKind::text ? (std::ssize(d.tokens) - 1) / std::max<int64_t>(d.window, 1) : d.samples;
}

double norm(std::span<const float> v) {
  double sum = 0;
  for (const float x : v) sum += static_cast<double>(x) * x;
  return std::sqrt(sum);
}

double distance(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double d = static_cast<double>(a[i]) - b[i];
    sum += d * d;
  }
  return std::sqrt(sum);
}

double dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

/// How far `g` is from `r`; vectors shorter than `least` count as being that long.
double apart(std::span<const float> g, std::span<const float> r, double least, Compared compared) {
  const double length = norm(r);
  const double relative = distance(g, r) / std::max({length, least, std::numeric_limits<double>::min()});
  if (compared == Compared::length) return relative;
  // For two vectors of one length, 1 - cos is half the squared distance over the squared length.
  if (length <= least || length == 0) return relative * relative / 2;
  const double own = norm(g);
  return own > 0 ? 1 - dot(g, r) / (own * length) : 1;
}

/// Keeps the worst of what is held against bounds.
struct Worst {
  double ratio = 0;
  std::string where = {};
  void hold(double error, double bound, const std::string& what) {
    const double now =
        std::isnan(error) ? std::numeric_limits<double>::infinity() : std::max(error, 0.0) / bound;
    if (now < ratio || (now == ratio && !where.empty())) return;
    ratio = now;
    where = fmt::format("{} {:.2g}, bound {:g}", what, error, bound);
  }
};

}  // namespace

std::optional<StepQuestion> step_question(const TrainTask& task, const Dataset& train, uint64_t seed,
                                          int64_t draw) {
  const int64_t there = std::min(task.schedule().batch, samples_of(train));
  if (there < 1) throw std::runtime_error("there is no training data");
  const Workload& w = *task.workload;
  const double each = model_flops(differentiate(w.build(1)));
  const int64_t affordable =
      std::clamp(static_cast<int64_t>(kAffordable / std::max(each, 1.0)), kFewest, kMost);
  const int64_t batch = std::min(there, affordable);
  if ((draw + 1) * batch > samples_of(train)) return std::nullopt;
  StepQuestion q{differentiate(w.build(batch)), part(train, draw * batch, batch), {}, seed};
  q.parameters = initial_parameters(q.program, seed);
  return q;
}

FirstStep first_step(const Compile& compile, const TrainTask& task, const StepQuestion& q,
                     Precision precision, int threads) {
  const Workload& w = *task.workload;
  const auto executable = compile({.program = &q.program,
                                   .precision = precision,
                                   .optimizer = w.optimizer,
                                   .augmentation = w.augmentation,
                                   .threads = threads,
                                   .keep_values = false});
  executable->upload(q.data, q.data);
  executable->reset(q.parameters);
  std::vector<uint32_t> order(static_cast<size_t>(q.program.batch));
  for (size_t i = 0; i < order.size(); ++i)
    order[i] = static_cast<uint32_t>(i) * static_cast<uint32_t>(std::max<int64_t>(q.data.window, 1));
  executable->begin({order, q.seed, 0});
  executable->differentiate(0);
  const std::vector<float> losses = executable->take_losses();
  if (losses.size() != 1) throw std::logic_error("one differentiated step gave another number of losses");
  return {losses[0], executable->gradients()};
}

Check check_step(const Program& program, const FirstStep& answer, const FirstStep& judge,
                 Precision precision) {
  const auto arena = static_cast<size_t>(program.arena_size());
  if (answer.gradients.size() != arena || judge.gradients.size() != arena)
    throw std::logic_error("an arena of gradients of another size than the program's");
  const Bounds bounds = bounds_of(precision);
  Worst worst;
  worst.hold(
      std::abs(answer.loss - judge.loss) / std::abs(judge.loss), bounds.loss,
      fmt::format("loss {:.9g} of the first step, expected {:.9g}: relative error", answer.loss, judge.loss));
  const double whole = norm(judge.gradients);
  for (const Parameter& p : program.parameters) {
    const auto offset = static_cast<size_t>(p.offset), size = static_cast<size_t>(p.size);
    const std::span g = std::span(answer.gradients).subspan(offset, size);
    const std::span r = std::span(judge.gradients).subspan(offset, size);
    const double share = std::sqrt(static_cast<double>(size) / static_cast<double>(arena));
    worst.hold(apart(g, r, kNegligible * whole * share, bounds.compared), bounds.gradient,
               fmt::format("gradient of {} in the first step: {}", p.name,
                           bounds.compared == Compared::length ? "relative error" : "1 - cosine"));
  }
  Check check{"step0", worst.ratio, 1, worst.ratio <= 1 ? Verdict::ok : Verdict::wrong, ""};
  if (check.verdict == Verdict::wrong) check.where = worst.where;
  return check;
}

}  // namespace breakeven::train
