// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/parity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "cpu_ref/train/judge_executable.h"
#include "cpu_ref/train/rounded_executable.h"
#include "harness/backend.h"

namespace breakeven::cpu {
namespace {

using namespace train;
using Bias = Graph::Bias;
constexpr int64_t kSteps = 6, kBatch = 5;

Graph images(int64_t batch) {
  Graph g(batch);
  ValueId x = g.pixels(9, 9, 3);
  x = g.relu("relu1", g.batchnorm("norm1", g.conv("conv1", x, 5, 3, 2, 1)));  // 5 x 5, odd
  const ValueId y = g.relu("relu2", g.batchnorm("norm2", g.conv("conv2", x, 5, 3, 1, 1)));
  x = g.maxpool("pool", g.conv("conv3", g.add("sum", x, y), 6, 2, 1, 0), 2);
  g.cross_entropy(g.linear("head", x, {.out = 4, .scale = 0.125f}));
  return g;
}

Graph text(int64_t batch) {
  Graph g(batch);
  ValueId x = g.embed("embed", g.tokens(7), 11, 6, 0.5f);
  const ValueId qkv = g.linear("qkv", g.layernorm("norm1", x), {.out = 18, .bias = Bias::yes});
  x = g.add("residual1", x, g.linear("project", g.attention("attention", qkv, 3), {.out = 6}));
  const ValueId up = g.gelu("gelu", g.linear("up", g.layernorm("norm2", x), {.out = 9, .bias = Bias::yes}));
  x = g.add("residual2", x, g.linear("down", up, {.out = 6, .bias = Bias::yes}));
  g.cross_entropy(g.tied_linear("head", g.layernorm("norm3", x), "embed"));
  return g;
}

Graph clicks(int64_t batch) {
  Graph g(batch);
  ValueId x = g.relu("relu", g.linear("bottom", g.dense(3), {.out = 4, .bias = Bias::yes}));
  const ValueId e = g.lookup("tables", g.rows(3), 9, 4, 0.5f);
  x = g.linear("top", g.interaction("interaction", x, e), {.out = 5, .bias = Bias::yes});
  g.binary_cross_entropy(g.linear("head", g.relu("relu2", x), {.out = 1}));
  return g;
}

Dataset random_data(DataKind kind, int64_t samples) {
  std::mt19937 engine(7);
  const auto fill = [&](auto& values, int64_t count, uint32_t below) {
    values.resize(static_cast<size_t>(count));
    for (auto& v : values) v = static_cast<std::remove_reference_t<decltype(v)>>(engine() % below);
  };
  Dataset d;
  d.kind = kind, d.samples = samples;
  if (kind == DataKind::images) {
    d.channels = 3, d.height = d.width = 9, d.classes = 4;
    fill(d.pixels, samples * 243, 256);
    fill(d.labels, samples, 4);
  } else if (kind == DataKind::text) {
    d.vocabulary = 11, d.window = 7;
    fill(d.tokens, samples * 7 + 1, 11);
  } else {
    d.dense_features = d.fields = 3, d.table_rows = 9;
    fill(d.dense, samples * 3, 256);
    fill(d.rows, samples * 3, 9);
    fill(d.labels, samples, 2);
  }
  return d;
}

Workload workload(DataKind kind) {
  Workload w;
  w.schedule = {.batch = kBatch, .epochs = 2, .steps = 0, .rate = 0.02, .warmup = 0.2, .hold = 0, .last = 0, .evaluations = 1};
  w.optimizer.kind = kind == DataKind::images ? OptimizerKind::sgd
                     : kind == DataKind::text ? OptimizerKind::adamw
                                              : OptimizerKind::adagrad;
  w.data_kind = kind;
  w.train_samples = 4 * kBatch;
  w.build = kind == DataKind::images ? images : kind == DataKind::text ? text : clicks;
  return w;
}

/// The gates of one broken (or whole) backend, by name.
ParityRow parity(DataKind kind, Precision precision, RoundedExecutable::Damage damage = {}) {
  const Workload w = workload(kind);
  const Datasets data{random_data(kind, w.train_samples), random_data(kind, 30), 0, "1", "2"};
  const ParityContender contender{"fake", precision, [&](const CompileRequest& request) {
                                    return std::make_unique<RoundedExecutable>(request, damage);
                                  }};
  // The judge in a double that is not rounded.
  const ParityJudge judge{[](const CompileRequest& request) { return std::make_unique<RoundedExecutable>(request); },
                          judge_operation};
  return run_parity(w, data, {&contender, 1}, judge, {.batch = kBatch, .steps = kSteps}).at(0);
}

const GateResult& gate(const ParityRow& row, const std::string& name) {
  const auto found = std::ranges::find(row.gates, name, &GateResult::gate);
  if (found == row.gates.end()) throw std::runtime_error(row.reason + ": no gate " + name);
  return *found;
}

constexpr DataKind kKinds[] = {DataKind::images, DataKind::text, DataKind::clicks};

TEST(Parity, RoundingAloneIsWithinEveryGate) {
  for (const DataKind kind : kKinds) {
    for (const Precision precision : {Precision::fp32, Precision::tf32, Precision::bf16, Precision::fp16}) {
      const ParityRow row = parity(kind, precision);
      ASSERT_EQ(row.gates.size(), 6u) << row.reason;
      for (const GateResult& g : row.gates)
        EXPECT_EQ(g.verdict, Verdict::ok) << name(precision) << " " << g.gate << " " << g.error << " > " << g.bound
                                          << ": " << g.where;
    }
  }
}

/// What an operation wrote, made wrong by so much of its own largest element.
RoundedExecutable::Damage off_by(OpKind kind, double share, int64_t from = 0) {
  return [=](int64_t step, const Op& op, Arrays& arrays) {
    if (op.kind != kind || step < from || op.out.empty()) return;
    auto& values = arrays.values[static_cast<size_t>(op.out[0])];
    const double largest = std::abs(*std::ranges::max_element(values, {}, [](double v) { return std::abs(v); }));
    values[values.size() / 2] += share * largest;
  };
}

TEST(Parity, EveryOperationThatIsWrongIsFound) {
  using enum OpKind;
  for (const DataKind kind : kKinds) {
    const Program program = differentiate(workload(kind).build(kBatch));
    for (const auto* ops : {&program.forward, &program.backward}) {
      for (const Op& op : *ops) {
        if (op.out.empty()) continue;
        for (const Precision precision : {Precision::fp32, Precision::bf16}) {
          const double share = precision == Precision::fp32 ? 3e-5 : 0.05;
          const GateResult found = gate(parity(kind, precision, off_by(op.kind, share)), "L1");
          EXPECT_EQ(found.verdict, Verdict::wrong) << name(op.kind) << " " << name(precision);
          EXPECT_EQ(found.where.find(name(op.kind)), 0u) << found.where;
        }
      }
    }
  }
}

TEST(Parity, OneWrongGradientIsFoundByNameAlone) {
  const Program program = differentiate(text(kBatch));
  for (size_t p = 0; p < program.parameters.size(); ++p) {
    const Parameter& broken = program.parameters[p];
    const ParityRow row = parity(DataKind::text, Precision::fp32, [&](int64_t, const Op& op, Arrays& arrays) {
      const bool writes = op.out.empty() || op.kind == OpKind::layernorm_bwd;
      if (!writes || std::ranges::find(op.parameters, static_cast<int>(p)) == op.parameters.end()) return;
      for (int64_t i = broken.offset; i < broken.offset + broken.size; ++i)
        arrays.gradients[static_cast<size_t>(i)] *= 1.001;
    });
    EXPECT_EQ(gate(row, "L1").verdict, Verdict::wrong) << broken.name;
    EXPECT_EQ(gate(row, "L1").where.find("gradient of " + broken.name + ":"), 0u) << gate(row, "L1").where;
    EXPECT_EQ(gate(row, "L2").verdict, Verdict::wrong) << broken.name;
    EXPECT_NE(gate(row, "L2").where.find(broken.name), std::string::npos);
  }
}

TEST(Parity, AStepThatGoesAstrayIsFoundLater) {
  const ParityRow row = parity(DataKind::images, Precision::fp32, off_by(OpKind::maxpool, 0.5, 3));
  for (const char* before : {"L0", "L1", "L2"}) EXPECT_EQ(gate(row, before).verdict, Verdict::ok) << before;
  EXPECT_EQ(gate(row, "L3").verdict, Verdict::wrong);
  EXPECT_EQ(gate(row, "L4").verdict, Verdict::ok) << "far too small for an average";
}

TEST(Parity, RunningStatisticsThatDoNotMoveShowInTheEvaluation) {
  const ParityRow row = parity(DataKind::images, Precision::fp32, [](int64_t, const Op& op, Arrays& arrays) {
    if (op.kind == OpKind::batchnorm) std::ranges::fill(arrays.states, 0.5);
  });
  EXPECT_EQ(gate(row, "L3").verdict, Verdict::wrong);
  EXPECT_NE(gate(row, "L3").where.find("evaluation"), std::string::npos) << gate(row, "L3").where;
}

TEST(Parity, ARunThatDoesNotRepeatIsToldAndNotWrong) {
  int calls = 0;
  const ParityRow row = parity(DataKind::clicks, Precision::fp32, [&](int64_t step, const Op& op, Arrays& arrays) {
    if (op.kind != OpKind::lookup_bwd || step != kSteps - 1) return;
    for (double& g : arrays.gradients) g *= 1 + 1e-5 * ++calls;
  });
  EXPECT_EQ(gate(row, "L6").verdict, Verdict::none);
  EXPECT_GT(gate(row, "L6").error, 0);
}

TEST(Parity, AnAugmentationThatForgetsTheEpochIsFound) {
  const Workload w = workload(DataKind::images);
  const Datasets data{random_data(DataKind::images, w.train_samples), random_data(DataKind::images, 30), 0, "1", "2"};
  class Forgetful : public RoundedExecutable {
   public:
    using RoundedExecutable::RoundedExecutable;
    void begin(const Order& order) override { RoundedExecutable::begin({order.samples, order.seed, 0}); }
  };
  const ParityContender contender{"fake", Precision::fp32,
                                  [](const CompileRequest& r) { return std::make_unique<Forgetful>(r); }};
  Workload augmented = w;
  augmented.augmentation = {.shift = 2, .flip = true};
  const ParityRow row =
      run_parity(augmented, data, {&contender, 1}, {compile_judge, judge_operation}, {.batch = kBatch, .steps = 2})
          .at(0);
  EXPECT_EQ(gate(row, "L0").verdict, Verdict::wrong);
  EXPECT_NE(gate(row, "L0").where.find("of epoch 2"), std::string::npos) << gate(row, "L0").where;
}

TEST(Parity, WhoCannotSaysWhyAndWhoFailsIsWrong) {
  const Workload w = workload(DataKind::clicks);
  const Datasets data{random_data(DataKind::clicks, w.train_samples), random_data(DataKind::clicks, 30), 0, "1", "2"};
  const ParityContender contenders[] = {
      {"cannot", Precision::fp16, [](const CompileRequest&) -> std::unique_ptr<Executable> { throw Unsupported("no fp16"); }},
      {"fails", Precision::fp32, [](const CompileRequest&) -> std::unique_ptr<Executable> { throw OutOfMemory("full"); }}};
  const auto rows = run_parity(w, data, contenders, {compile_judge, judge_operation}, {.batch = kBatch, .steps = 2});
  EXPECT_EQ(rows[0].reason, "no fp16");
  EXPECT_TRUE(rows[0].gates.empty());
  EXPECT_EQ(gate(rows[1], "L0").verdict, Verdict::wrong);
  EXPECT_EQ(gate(rows[1], "L0").where, "full");
  EXPECT_THROW(run_parity(w, data, contenders, {compile_judge, judge_operation}, {.batch = 21, .steps = 2}),
               std::runtime_error);
}

}  // namespace
}  // namespace breakeven::cpu
