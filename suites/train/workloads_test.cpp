// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/workloads.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <numeric>

#include "harness/usage_error.h"
#include "suites/suites.h"

namespace breakeven::train {
namespace {

namespace fs = std::filesystem;

std::shared_ptr<const Workload> workload(std::string_view name) {
  std::string why;
  auto found = find_workload(name, &why);
  EXPECT_NE(found, nullptr) << why;
  return found;
}

std::optional<TrainTask> task(std::string_view problem, Precision precision = Precision::fp32) {
  std::string why;
  const auto parsed = parse_problem("train", problem, precision, &why);
  return parsed ? std::optional(std::get<TrainTask>(*parsed)) : std::nullopt;
}

std::string refusal(std::string_view problem, Precision precision = Precision::fp32) {
  std::string why;
  return parse_problem("train", problem, precision, &why) ? "" : why;
}

std::string own(const std::string& name, int width = 16) {
  return "suite = \"train\"\n[[workloads]]\nname = \"" + name +
         "\"\nsummary = \"ours\"\nprecisions = [\"fp32\"]\ndata = { source = \"glyph\", train = 100, test = "
         "20 }\n"
         "schedule = { batch = 10, epochs = 1, rate = 0.1 }\noptimizer = { kind = \"sgd\" }\n"
         "target = { metric = \"accuracy\", at_least = 0.1 }\nlayers = [ { op = \"linear\", out = " +
         std::to_string(width) + " }, { op = \"linear\", out = 10 } ]\n";
}

const Suite& train_suite(const std::vector<Suite>& all) {
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

TEST(Workloads, EveryOneBuildsAndHasAGradientOfEveryParameter) {
  const std::vector<Suite> all = suites({});
  EXPECT_GE(train_suite(all).sets.size(), 16u);
  for (const ProblemSet& set : train_suite(all).sets) {
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

TEST(Workloads, ModelsAreForTheDataTheyLoad) {
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

TEST(Workloads, SizesAreAsPublished) {
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

TEST(Workloads, SchedulesAreAsPublished) {
  const auto steps = [](const char* name) {
    return step_count(workload(name)->schedule, workload(name)->train_samples);
  };
  EXPECT_EQ(steps("mlp-glyph-quick"), 2340);
  EXPECT_EQ(steps("resnet9-shapes-quick"), 624);
  EXPECT_EQ(steps("gpt-synth-quick"), 250);
  EXPECT_EQ(steps("dlrm-synth-quick"), 1953);
  EXPECT_EQ(steps("mlp-glyph-emulated"), 3);
  // Page: up to 0.4 within 5 of 24 epochs, then down to 0.
  const Schedule& page = workload("resnet9-cifar10")->schedule;
  EXPECT_NEAR(rate_at(page, 5 * 97, 24 * 97), 0.4, 0.002);
  EXPECT_NEAR(rate_at(page, 97, 24 * 97), 0.08, 0.001);
  EXPECT_LT(rate_at(page, 24 * 97 - 1, 24 * 97), 0.001);
  EXPECT_EQ(rate_at(workload("dlrm-synth-quick")->schedule, 1900, 1953), 0.02);
}

TEST(Workloads, TransformersStartAsGpt2Does) {
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

TEST(Workloads, PresetsTakeWhatTheirNamesSay) {
  const std::vector<Suite> all = suites({});
  const auto names = [&](const char* preset) {
    std::vector<std::string> found;
    for (const Question& q : questions({train_suite(all)}, preset)) {
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
  for (const ProblemSet& set : train_suite(all).sets)
    EXPECT_EQ(set.presets.empty(), std::get<TrainTask>(set.problems[0]).workload->needs_folder) << set.name;
}

TEST(Workloads, NamesAndBatches) {
  const auto plain = task("resnet9-shapes-quick", Precision::bf16);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->batch, 0);
  EXPECT_EQ(plain->precision, Precision::bf16);
  EXPECT_EQ(plain->workload, workload("resnet9-shapes-quick"));
  EXPECT_EQ(plain, task("resnet9-shapes-quick+batch128", Precision::bf16));  // its own
  const auto wide = task("resnet9-shapes-quick+batch256");
  ASSERT_TRUE(wide);
  EXPECT_EQ(wide->name(), "resnet9-shapes-quick+batch256");
  EXPECT_EQ(wide->schedule().rate, 0.6);
  EXPECT_TRUE(task("mlp-glyph-quick", Precision::fp64));
}

TEST(Workloads, BadNamesGiveTheReason) {
  using enum Precision;
  const auto has = [](const std::string& why, std::string_view part) { return why.find(part) != why.npos; };
  EXPECT_TRUE(has(refusal("resnet9-shape-quick"), "did you mean 'resnet9-shapes-quick'?"));
  EXPECT_TRUE(has(refusal("x"), "there is: mlp-glyph-quick"));
  EXPECT_LT(refusal(std::string(100'000, 'x')).size(), 600u);
  EXPECT_TRUE(has(refusal(""), "no workload ''"));
  for (const char* bad :
       {"+batch", "+batch0x", "+batch-4", "+batch4+batch5", "+bacth4", "+", "+batch99999999999999999999"})
    EXPECT_FALSE(refusal("mlp-glyph-quick" + std::string(bad)).empty()) << bad;
  EXPECT_TRUE(has(refusal("mlp-glyph-quick+bacth4"), "+batch<number>"));
  EXPECT_TRUE(has(refusal("mlp-glyph-quick+batch0"), "is 0"));
  EXPECT_TRUE(has(refusal("mlp-glyph-quick+batch60001"), "more than the 60000 training samples"));
  EXPECT_TRUE(has(refusal("mlp-glyph-quick+batch2000000"), "not from 1 to"));
  EXPECT_TRUE(has(refusal("gpt-synth-standard+batch1048576"), "too large"));
  EXPECT_TRUE(has(refusal("mlp-glyph-quick", int8), "more range"));
  EXPECT_TRUE(has(refusal("mlp-glyph-quick", fp8e4m3), "fp8e4m3"));
  EXPECT_TRUE(has(refusal("mlp-glyph-quick", u8), "plain bytes"));
}

TEST(Workloads, AFileOfTheUsersDefinesOne) {
  const fs::path file =
      fs::path(testing::TempDir()) / ("own_workload_" + std::to_string(::getpid()) + ".toml");
  std::ofstream(file) << own("from-a-file") << "[[problems]]\nname = \"batches\"\nprecisions = [\"fp32\"]\n"
                      << "grid = { workload = \"from-a-file\", batch = [0, 20] }\n";
  EXPECT_FALSE(task("from-a-file"));
  const std::vector<Suite> loaded = load_suite_file(file);
  ASSERT_EQ(loaded.size(), 1u);
  const std::vector<Question> asked = questions(loaded, "");
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_EQ(name(asked[1].problem), "from-a-file+batch20");
  EXPECT_EQ(task("from-a-file"), std::get<TrainTask>(asked[0].problem));

  EXPECT_EQ(questions(load_suite_file(file), "").size(), 2u);  // again, and alike
  EXPECT_EQ(task("from-a-file"), std::get<TrainTask>(asked[0].problem));
  std::ofstream(file) << own("from-a-file", 17);
  EXPECT_THROW(load_suite_file(file), UsageError);
  fs::remove(file);
}

TEST(Workloads, DefinitionsTravel) {
  define_workloads(own("from-a-record"));
  const auto known = task("from-a-record");
  ASSERT_TRUE(known);
  const std::vector<std::string> texts = user_definitions();
  const auto text =
      std::ranges::find_if(texts, [](const std::string& t) { return t.find("from-a-record") != t.npos; });
  ASSERT_NE(text, texts.end());
  EXPECT_EQ(*text, known->workload->definition);
  EXPECT_EQ(text->find("mlp-glyph"), text->npos);
  define_workloads(*text);  // what a worker does that knows it already
  EXPECT_EQ(task("from-a-record"), known);
  EXPECT_EQ(user_definitions().size(), texts.size());
  EXPECT_THROW(define_workloads("suite = \"train\""), UsageError);
  EXPECT_THROW(define_workloads(own("from-a-record", 3)), UsageError);
}

TEST(Workloads, BuiltInOnesAreNotReplaced) {
  try {
    define_workloads(own("mlp-glyph-quick"));
    FAIL() << "replaced";
  } catch (const UsageError& e) {
    EXPECT_NE(std::string(e.what()).find("line 3: key 'name' has 'mlp-glyph-quick', which is a built-in"),
              std::string::npos)
        << e.what();
  }
  const std::string twice = own("twice") + own("twice", 5).substr(std::string("suite = \"train\"\n").size());
  EXPECT_THROW(define_workloads(twice), UsageError);
  EXPECT_FALSE(task("twice"));
}

TEST(Workloads, OverlaysAddThem) {
  const fs::path folder = fs::path(testing::TempDir()) / ("train_overlay_" + std::to_string(::getpid()));
  fs::create_directories(folder / "suites");
  std::ofstream(folder / "suites" / "mine.toml") << own("from-an-overlay");
  const std::vector<Suite> all = suites(folder);
  EXPECT_EQ(train_suite(all).sets.back().name, "from-an-overlay");
  EXPECT_TRUE(task("from-an-overlay+batch5"));
  std::ofstream(folder / "suites" / "mine.toml") << own("mlp-glyph-quick");
  EXPECT_THROW(suites(folder), UsageError);
  fs::remove_all(folder);
}

TEST(Workloads, GeneratedDataAreKnownByTheirHash) {
  const std::vector<Suite> all = suites({});
  for (const ProblemSet& set : train_suite(all).sets) {
    const Workload& w = *std::get<TrainTask>(set.problems.at(0)).workload;
    for (const char* key : {"train_hash", "test_hash"})
      EXPECT_EQ(w.definition.find(key) != w.definition.npos, !w.needs_folder) << w.name;
  }
}

TEST(Workloads, TheExampleOfTheReadmeCanBeTrained) {
  std::ifstream in(BREAKEVEN_SUITES_FOLDER "/README.md");
  const std::string page(std::istreambuf_iterator<char>(in), {});
  const size_t workloads = page.find("[[workloads]]\nname");
  ASSERT_NE(workloads, page.npos);
  const size_t begin = page.rfind("```toml\n", workloads) + 8, end = page.find("```", workloads);
  define_workloads(page.substr(begin, end - begin));
  EXPECT_TRUE(task("small-cnn+batch256"));
}

}  // namespace
}  // namespace breakeven::train
