// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>

#include "suites/suites.h"
#include "suites/train/workloads.h"

// The workloads that are built in: that they can be trained, and that they are what is said of them.

namespace breakeven::train {
namespace {

std::shared_ptr<const Workload> workload(std::string_view name) {
  std::string why;
  auto found = find_workload(name, &why);
  EXPECT_NE(found, nullptr) << why;
  return found;
}

/// Without a developer's own ones.
Suite train_suite() {
  setenv("XDG_CONFIG_HOME", "/nowhere", 1);
  const std::vector<Suite> all = suites({});
  return *std::ranges::find(all, "train", &Suite::name);
}

double parameters_of(const Workload& w) {
  const Graph graph = w.build(1);
  double count = 0;
  for (const Parameter& p : graph.forward().parameters) count += static_cast<double>(p.size);
  return count;
}

/// Multiply-adds of a sample's linear and convolutional layers, forward, those with padding counted as well.
double multiply_adds(const Workload& w) {
  const Graph graph = w.build(1);
  const Program& p = graph.forward();
  double sum = 0;
  for (const Op& op : p.forward) {
    if (op.kind != OpKind::linear && op.kind != OpKind::conv) continue;
    const Parameter& weights = p.parameter(op.parameters[0]);
    sum += static_cast<double>(p.value(op.out[0]).size() * (weights.size / weights.shape[0]));
  }
  return sum;
}

TEST(BuiltinWorkloads, EveryOneBuildsAndHasAGradientOfEveryParameter) {
  const Suite all = train_suite();
  EXPECT_GE(all.sets.size(), 16u);
  for (const ProblemSet& set : all.sets) {
    const Workload& w = *std::get<TrainTask>(set.problems.at(0)).workload;
    const Program program = differentiate(w.build(2));
    std::vector<bool> written(program.parameters.size());
    for (const Op& op : program.backward) {
      const bool writes = op.kind != OpKind::linear_data && op.kind != OpKind::conv_data;
      for (const int p : op.parameters)
        written[static_cast<size_t>(p)] = written[static_cast<size_t>(p)] || writes;
    }
    EXPECT_TRUE(std::ranges::all_of(written, std::identity{})) << w.name;
    EXPECT_GT(step_count(w.schedule, w.train_samples), 0) << w.name;
    EXPECT_LE(w.schedule.evaluations, step_count(w.schedule, w.train_samples)) << w.name;
    for (const Parameter& p : program.parameters) {
      EXPECT_TRUE(p.bound > 0 || p.constant == 1 || p.name.ends_with("beta") || p.name.ends_with("bias"))
          << w.name << " " << p.name;
    }
  }
}

/// Of one sample of data, as the values that a batch of one brings.
void expect_same_samples(const Dataset& data, const Program& p, const std::string& name) {
  using Shape = std::vector<int64_t>;
  const auto shape = [&](ValueId id) { return id == kNoValue ? Shape{} : p.value(id).shape; };
  const int64_t outputs = shape(p.logits).back();
  switch (data.kind) {
    case DataKind::images:
      EXPECT_EQ(shape(p.inputs.pixels), (Shape{1, data.height, data.width, data.channels})) << name;
      EXPECT_EQ(outputs, data.classes) << name;
      break;
    case DataKind::text:
      EXPECT_EQ(shape(p.inputs.tokens), (Shape{1, data.window})) << name;
      EXPECT_EQ(outputs, data.vocabulary) << name;
      break;
    case DataKind::clicks:
      EXPECT_EQ(shape(p.inputs.dense), (Shape{1, data.dense_features})) << name;
      EXPECT_EQ(shape(p.inputs.rows), (Shape{1, data.fields})) << name;
      EXPECT_EQ(std::ranges::find(p.parameters, "interaction1.table", &Parameter::name)->shape[0],
                data.table_rows)
          << name;
  }
}

TEST(BuiltinWorkloads, ModelsAreForTheDataTheyLoad) {
  for (const char* name :
       {"mlp-glyph-emulated", "resnet9-shapes-emulated", "gpt-synth-emulated", "dlrm-synth-emulated"}) {
    const Workload& w = *workload(name);
    const Datasets data = w.load({});
    EXPECT_EQ(data.train.kind, w.data_kind) << name;
    EXPECT_EQ(
        w.data_kind == DataKind::text ? static_cast<int64_t>(data.train.tokens.size()) : data.train.samples,
        w.train_samples)
        << name;
    EXPECT_GE(data.test.samples, w.schedule.batch) << name;
    expect_same_samples(data.train, w.build(1).forward(), name);
    expect_same_samples(data.test, w.build(1).forward(), name);
  }
}

struct Size {
  const char* name;
  double parameters, multiply_adds;  // in millions; of a sample, or of a token
};

TEST(BuiltinWorkloads, SizesAreAsPublished) {
  for (const Size& size :
       {Size{"mlp-glyph-quick", 0.6697, 0.6687}, Size{"mlp-glyph-standard", 36.82, 36.81},
        Size{"resnet9-shapes-quick", 0.413, 24.04}, Size{"resnet9-shapes-standard", 6.575, 379.3},
        Size{"resnet9-shapes-heavy", 26.28, 1513}, Size{"resnet9-cifar10", 6.575, 379.3},
        Size{"dlrm-synth-quick", 0.133, 0.0069}}) {
    const Workload& w = *workload(size.name);
    EXPECT_NEAR(parameters_of(w) / 1e6, size.parameters, 0.002 * size.parameters) << size.name;
    EXPECT_NEAR(multiply_adds(w) / 1e6, size.multiply_adds, 0.01 * size.multiply_adds) << size.name;
    // The products of padding are left out there, those of the interaction counted.
    EXPECT_NEAR(forward_flops(differentiate(w.build(1))) / multiply_adds(w), 2, 0.3) << size.name;
  }
  const Workload &quick = *workload("gpt-synth-quick"), &standard = *workload("gpt-synth-standard");
  EXPECT_EQ(parameters_of(quick), 468'224);
  EXPECT_NEAR(parameters_of(standard) / 1e6, 27.08, 0.02);
  // 2.95 MFLOP a token, less half of attention's 0.2, which causality saves.
  EXPECT_NEAR(model_flops(differentiate(quick.build(1))) / 64 / 1e6, 2.85, 0.01);
}

TEST(BuiltinWorkloads, SchedulesAreAsPublished) {
  const auto steps = [](const char* name) {
    return step_count(workload(name)->schedule, workload(name)->train_samples);
  };
  EXPECT_EQ(steps("mlp-glyph-quick"), 2808);
  EXPECT_EQ(steps("resnet9-shapes-quick"), 624);
  EXPECT_EQ(steps("gpt-synth-quick"), 250);
  EXPECT_EQ(steps("dlrm-synth-quick"), 1953);
  EXPECT_EQ(steps("mlp-glyph-emulated"), 3);
  // Page: up to 0.4 within 5 of 24 epochs, then down to 0.
  const Schedule& page = workload("resnet9-cifar10")->schedule;
  EXPECT_NEAR(rate_at(page, 5 * 97, 24 * 97), 0.4, 0.002);
  EXPECT_NEAR(rate_at(page, 97, 24 * 97), 0.08, 0.001);
  EXPECT_LT(rate_at(page, 24 * 97 - 1, 24 * 97), 0.001);
  EXPECT_EQ(rate_at(workload("dlrm-synth-quick")->schedule, 1900, 1953), 0.03);  // constant
}

TEST(BuiltinWorkloads, TransformersStartAsGpt2Does) {
  for (const auto& [name, layers] : {std::pair{"gpt-synth-quick", 2}, {"gpt-synth-standard", 8}}) {
    const Graph graph = workload(name)->build(1);
    const double deviation = 0.02, bound = deviation * std::sqrt(3);
    int back = 0;  // to the residual stream
    for (const Parameter& p : graph.forward().parameters) {
      if (p.bound == 0) continue;
      const bool projects = std::abs(p.bound - bound / std::sqrt(2 * layers)) < 1e-6;
      back += projects ? 1 : 0;
      EXPECT_TRUE(projects || std::abs(p.bound - bound) < 1e-6) << name << " " << p.name << " " << p.bound;
    }
    EXPECT_EQ(back, 2 * layers);
  }
}

TEST(BuiltinWorkloads, PresetsTakeWhatTheirNamesSay) {
  const Suite all = train_suite();
  const auto names = [&](const char* preset) {
    std::vector<std::string> found;
    for (const Question& q : questions({all}, preset)) {
      if (found.empty() || found.back() != name(q.problem)) found.push_back(name(q.problem));
    }
    return found;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names("quick"),
            (Names{"mlp-glyph-quick", "resnet9-shapes-quick", "gpt-synth-quick", "dlrm-synth-quick"}));
  EXPECT_EQ(names("standard"), (Names{"mlp-glyph-standard", "resnet9-shapes-standard", "gpt-synth-standard",
                                      "dlrm-synth-standard"}));
  EXPECT_EQ(names("emulated"), (Names{"mlp-glyph-emulated", "resnet9-shapes-emulated", "gpt-synth-emulated",
                                      "dlrm-synth-emulated"}));
  EXPECT_EQ(names("full").size(), 9u);
  for (const ProblemSet& set : all.sets)
    EXPECT_EQ(set.presets.empty(), std::get<TrainTask>(set.problems[0]).workload->needs_folder) << set.name;
}

TEST(BuiltinWorkloads, GeneratedDataAreKnownByTheirHash) {
  const Suite all = train_suite();
  for (const ProblemSet& set : all.sets) {
    const Workload& w = *std::get<TrainTask>(set.problems.at(0)).workload;
    for (const char* key : {"train_hash", "test_hash"})
      EXPECT_EQ(w.definition.find(key) != w.definition.npos, !w.needs_folder) << w.name;
  }
}

}  // namespace
}  // namespace breakeven::train
