// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/workload_file.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "harness/usage_error.h"

namespace breakeven::train {
namespace {

using Keys = std::map<std::string, std::string>;

/// A workload that can be trained, one key a line, with `changed` in it ("" leaves a key out). Its layers
/// stand last, from line 12 on.
std::string file(const Keys& changed = {}, std::string_view layers = "") {
  std::vector<std::pair<std::string, std::string>> keys{
      {"name", "\"mine\""},
      {"summary", "\"a model of ours\""},
      {"presets", "[\"quick\"]"},
      {"precisions", "[\"fp32\", \"bf16\"]"},
      {"data", "{ source = \"glyph\", train = 1000, test = 200 }"},
      {"schedule", "{ batch = 50, epochs = 2, rate = 0.1 }"},
      {"optimizer", "{ kind = \"sgd\" }"},
      {"target", "{ metric = \"accuracy\", at_least = 0.5 }"},
      {"augment", "{ shift = 2 }"}};
  std::string text = "suite = \"train\"\n[[workloads]]\n";
  for (const auto& [key, value] : keys) {
    const auto other = changed.find(key);
    const std::string& chosen = other == changed.end() ? value : other->second;
    text += chosen.empty() ? "\n" : key + " = " + chosen + "\n";
  }
  for (const auto& [key, value] : changed) {
    if (std::ranges::find(keys, key, &std::pair<std::string, std::string>::first) == keys.end())
      text += key + " = " + value + "\n";
  }
  return text + "layers = [\n" +
         (layers.empty() ? "{ op = \"linear\", out = 16 }, { op = \"relu\" },\n{ op = \"linear\", out = 10 },"
                         : std::string(layers)) +
         "\n]\n";
}

std::vector<PlacedWorkload> read(std::string_view text) {
  return read_workloads(parse_toml("my.toml", text));
}

std::string refusal(const std::string& text) {
  try {
    read(text);
  } catch (const UsageError& e) {
    const std::string what = e.what();
    EXPECT_EQ(what.find('\n'), what.npos) << what;
    EXPECT_LT(what.size(), 500u);
    EXPECT_NE(what.find(';'), what.npos) << "no remedy in: " << what;
    return what;
  }
  ADD_FAILURE() << "accepted: " << text.substr(0, 1000);
  return "";
}

bool says(const std::string& message, std::initializer_list<std::string_view> parts) {
  return std::ranges::all_of(parts, [&](std::string_view p) { return message.find(p) != message.npos; });
}

TEST(WorkloadFile, EverythingThatStandsThere) {
  const auto all = read(file({{"schedule",
                               "{ batch = 50, epochs = 2, rate = 0.1, warmup = 0.2, hold = 0.4, last = "
                               "0.01, evaluations = 2 }"},
                              {"optimizer", "{ kind = \"sgd\", momentum = 0.8, decay = 5e-4, clip = 1 }"},
                              {"augment", "{ shift = 3, flip = true }"}}));
  ASSERT_EQ(all.size(), 1u);
  const Workload& w = all[0].workload;
  EXPECT_EQ(w.name, "mine");
  EXPECT_EQ(w.summary, "a model of ours");
  EXPECT_EQ(all[0].presets, (std::vector<std::string>{"quick"}));
  EXPECT_EQ(all[0].precisions, (std::vector<Precision>{Precision::fp32, Precision::bf16}));
  EXPECT_EQ(all[0].line, 3u);
  EXPECT_EQ(w.schedule.batch, 50);
  EXPECT_EQ(w.schedule.epochs, 2);
  EXPECT_EQ(w.schedule.steps, 0);
  EXPECT_EQ(w.schedule.rate, 0.1);
  EXPECT_EQ(w.schedule.warmup, 0.2);
  EXPECT_EQ(w.schedule.hold, 0.4);
  EXPECT_EQ(w.schedule.last, 0.01);
  EXPECT_EQ(w.schedule.evaluations, 2);
  EXPECT_EQ(w.optimizer.kind, OptimizerKind::sgd);
  EXPECT_EQ(w.optimizer.momentum, 0.8f);
  EXPECT_EQ(w.optimizer.decay, 5e-4f);
  EXPECT_EQ(w.optimizer.clip, 1);
  EXPECT_EQ(w.target.metric, Metric::accuracy);
  EXPECT_EQ(w.target.value, 0.5);
  EXPECT_EQ(w.augmentation.shift, 3);
  EXPECT_TRUE(w.augmentation.flip);
  EXPECT_EQ(w.train_samples, 1000);
  EXPECT_FALSE(w.needs_folder);
  EXPECT_EQ(w.build(7).shape(w.build(7).forward().logits), (std::vector<int64_t>{7, 10}));
}

TEST(WorkloadFile, DefinitionsSayTheSameAgain) {
  const std::string text = file({{"optimizer", "{ kind = \"adamw\", beta2 = 0.951, epsilon = 3e-9 }"}});
  const Workload once = read(text)[0].workload;
  const Workload twice = read(once.definition)[0].workload;
  EXPECT_EQ(twice.definition, once.definition);
  EXPECT_EQ(twice.optimizer.epsilon, once.optimizer.epsilon);
  EXPECT_EQ(twice.optimizer.beta2, once.optimizer.beta2);
  EXPECT_EQ(twice.build(3).forward().arena_size(), once.build(3).forward().arena_size());
  EXPECT_EQ(read("# a comment\n" + text)[0].workload.definition, once.definition);
  EXPECT_NE(read(file({{"summary", "\"another\""}}))[0].workload.definition, once.definition);
}

TEST(WorkloadFile, FilesOfUsersAreWhole) {
  const Workload mnist = read(file({{"data", "{ source = \"mnist\" }"}}))[0].workload;
  EXPECT_TRUE(mnist.needs_folder);
  EXPECT_EQ(mnist.train_samples, 60'000);
  try {
    mnist.load(std::nullopt);
    FAIL() << "loaded from nowhere";
  } catch (const std::runtime_error& e) {
    EXPECT_TRUE(says(e.what(), {"mnist", "--data"})) << e.what();
  }
}

struct Bad {
  Keys changed;
  std::initializer_list<std::string_view> said;
};

TEST(WorkloadFile, BadKeysAreNamedWithTheirLine) {
  for (const Bad& bad : {
           Bad{{{"name", ""}}, {"line 2", "'name'", "is missing"}},
           {{{"name", "\"My model\""}}, {"line 3", "'name'", "My model", "small letters"}},
           {{{"name", "\"a/b\""}}, {"line 3", "a/b"}},
           {{{"name", "\"a+batch4\""}}, {"line 3", "a+batch4"}},
           {{{"name", "\"" + std::string(100, 'a') + "\""}}, {"line 3", "at most 60"}},
           {{{"summary", ""}}, {"line 2", "'summary'"}},
           {{{"presets", "[\"qiuck\"]"}}, {"line 5", "'qiuck'", "did you mean 'quick'"}},
           {{{"precisions", ""}}, {"line 2", "'precisions'"}},
           {{{"precisions", "[\"int8\"]"}}, {"line 6", "int8", "more range", "fp32"}},
           {{{"precisions", "[\"u8\"]"}}, {"line 6", "plain bytes"}},
           {{{"modle", "3"}}, {"'modle'", "is not known here"}},
           {{{"data", ""}}, {"line 2", "'data'", "is missing"}},
           {{{"data", "\"glyph\""}}, {"line 7", "'data'", "is not a table"}},
           {{{"data", "{ source = \"glyphs\" }"}}, {"line 7", "'source'", "did you mean 'glyph'"}},
           {{{"data", "{ source = \"glyph\", train = 0, test = 5 }"}},
            {"line 7", "'train'", "is 0", "from 1"}},
           {{{"data", "{ source = \"glyph\", train = 10 }"}}, {"line 7", "'test'", "is missing"}},
           {{{"data", "{ source = \"shapes\", train = 90000000, test = 1 }"}},
            {"line 7", "more than 64 GiB"}},
           {{{"data", "{ source = \"glyph\", train = 9, test = 5, scale = 2 }"}}, {"line 7", "'scale'"}},
           {{{"data", "{ source = \"glyph\", train = 900, test = 5, train_hash = \"12\" }"}},
            {"line 7", "'train_hash'", "16 digits"}},
           {{{"schedule", ""}}, {"line 2", "'schedule'", "is missing"}},
           {{{"schedule", "{ batch = 1001, epochs = 1, rate = 1 }"}},
            {"line 8", "'batch'", "is 1001, more than the 1000 training samples"}},
           {{{"schedule", "{ batch = 0, epochs = 1, rate = 1 }"}}, {"line 8", "'batch'", "is 0"}},
           {{{"schedule", "{ batch = 8.5, epochs = 1, rate = 1 }"}}, {"line 8", "'batch'", "whole number"}},
           {{{"schedule", "{ batch = 8, steps = 10, rate = 1 }"}}, {"line 8", "'steps'", "epochs"}},
           {{{"schedule", "{ batch = 8, epochs = 1 }"}}, {"line 8", "'rate'", "is missing"}},
           {{{"schedule", "{ batch = 8, epochs = 1, rate = nan }"}}, {"line 8", "'rate'", "is nan"}},
           {{{"schedule", "{ batch = 8, epochs = 1, rate = -1 }"}}, {"line 8", "'rate'", "is -1"}},
           {{{"schedule", "{ batch = 8, epochs = 1, rate = 1, warmup = 2 }"}},
            {"line 8", "'warmup'", "is 2"}},
           {{{"schedule", "{ batch = 500, epochs = 2, rate = 1, evaluations = 5 }"}},
            {"line 8", "'evaluations'", "is 5", "4 steps"}},
           {{{"schedule", "{ batch = 8, epochs = 1, rate = \"fast\" }"}}, {"line 8", "not a number"}},
           {{{"optimizer", "{ kind = \"adam\" }"}}, {"line 9", "'kind'", "did you mean 'adamw'"}},
           {{{"optimizer", "{ kind = \"sgd\", beta1 = 0.9 }"}}, {"line 9", "'beta1'"}},
           {{{"optimizer", "{ kind = \"adamw\", beta1 = 1 }"}}, {"line 9", "'beta1'", "is 1"}},
           {{{"target", "{ metric = \"auc\", at_least = 0.5 }"}}, {"line 10", "'metric'", "accuracy"}},
           {{{"target", "{ metric = \"accuracy\", at_most = 0.5 }"}}, {"line 10", "'at_most'", "'at_least'"}},
           {{{"target", "{ metric = \"accuracy\", at_least = 95 }"}}, {"line 10", "is 95", "from 0 to 1"}},
           {{{"target", "{ metric = \"accuracy\" }"}}, {"line 10", "'at_least'", "is missing"}},
           {{{"augment", "{ shift = 99 }"}}, {"line 11", "'shift'", "is 99"}},
           {{{"augment", "{ flip = 1 }"}}, {"line 11", "'flip'", "neither true nor false"}},
       }) {
    const std::string said = refusal(file(bad.changed));
    EXPECT_TRUE(says(said, bad.said)) << said;
    EXPECT_TRUE(said.starts_with("my.toml line ")) << said;
  }
}

struct BadLayers {
  std::string layers;
  std::initializer_list<std::string_view> said;
};

/// `depth` residuals around a relu.
std::string nest(int depth) {
  std::string text = "{ op = \"relu\" }";
  for (int i = 0; i < depth; ++i) text = "{ op = \"residual\", layers = [ " + text + " ] }";
  return text;
}

TEST(WorkloadFile, BadLayersAreNamedWithTheirLine) {
  for (const BadLayers& bad : {
           BadLayers{"{ op = \"linaer\", out = 10 }", {"line 13", "'op'", "did you mean 'linear'"}},
           {"{ out = 10 }", {"line 13", "'op'", "is missing"}},
           {"{ op = \"relu\" },\n{ op = \"linear\" }", {"line 14", "'out'", "is missing"}},
           {"{ op = \"relu\", out = 3 }", {"line 13", "'out'", "is not known here"}},
           {"{ op = \"linear\", out = 2000000 }", {"line 13", "'out'", "is 2000000"}},
           {"{ op = \"conv\", out = 4, kernel = 65 }", {"line 13", "'kernel'", "is 65"}},
           {"3", {"line 12", "'layers'", "is not a list of layers"}},
           {"{ op = \"residual\" }", {"line 13", "'layers'", "is missing"}},
           {"{ op = \"residual\", layers = [] }", {"line 13", "'layers'", "is not a list of layers"}},
           {nest(8), {"line 13", "more than 8 deep"}},
           {"{ op = \"repeat\", layers = [ { op = \"relu\" } ] }", {"line 13", "'times'", "is missing"}},
           {"{ op = \"repeat\", times = 1000, layers = [\n{ op = \"relu\" }, { op = \"relu\" } ] }",
            {"line 13", "more than 1000 layers"}},
           {"{ op = \"repeat\", times = 1000, layers = [ { op = \"repeat\", times = 1000, layers = [ { op = "
            "\"repeat\", times = 1000, layers = [ { op = \"relu\" } ] } ] } ] }",
            {"line 13", "more than 1000 layers"}},
           {"{ op = \"relu\" },\n{ op = \"maxpool\", size = 3 }",
            {"line 14", "layer 'maxpool1'", "do not tile [50,28,28,1]"}},
           {"{ op = \"linear\", out = 9 }", {"line 13", "[50,9]", "[50,10]"}},
           {"{ op = \"linear\", out = 1000000 }, { op = \"linear\", out = 1000000 }",
            {"line 13", "layer 'linear2", "not possible"}},
       }) {
    const std::string said = refusal(file({}, bad.layers));
    EXPECT_TRUE(says(said, bad.said)) << said;
    EXPECT_TRUE(said.starts_with("my.toml line ")) << said;
  }
  EXPECT_NO_THROW(read(file({}, nest(7) + ", { op = \"linear\", out = 10 }")));
}

const Keys kSentences{{"data", "{ source = \"sentences\", train = 5000, test = 100, window = 8 }"},
                      {"schedule", "{ batch = 4, steps = 10, rate = 1e-3 }"},
                      {"target", "{ metric = \"loss\", at_most = 3 }"},
                      {"augment", ""}};

TEST(WorkloadFile, TextCountsStepsAndTokens) {
  const std::string layers = "{ op = \"embedding\", width = 8, bound = 0.1 }, { op = \"tied_head\" }";
  const Workload w = read(file(kSentences, layers))[0].workload;
  EXPECT_EQ(w.schedule.steps, 10);
  EXPECT_EQ(w.schedule.epochs, 0);
  EXPECT_EQ(w.target.metric, Metric::loss);
  EXPECT_EQ(w.build(1).forward().parameters[0].shape, (std::vector<int64_t>{512, 8}));

  const auto refused = [&](const char* key, const char* value, std::string_view other_layers = "") {
    Keys changed = kSentences;
    if (*key) changed[key] = value;
    return refusal(file(changed, other_layers.empty() ? layers : other_layers));
  };
  EXPECT_TRUE(says(refused("schedule", "{ batch = 4, epochs = 1, rate = 1 }"), {"line 8", "'epochs'"}));
  EXPECT_TRUE(says(refused("data", "{ source = \"sentences\", train = 8, test = 100, window = 8 }"),
                   {"line 7", "'train'", "is 8", "from 9"}));
  EXPECT_TRUE(says(refused("augment", "{ flip = true }"), {"line 11", "'augment'", "is for images"}));
  EXPECT_TRUE(says(refused("", "", "{ op = \"embedding\", width = 8, bound = 1, vocabulary = 400 }"),
                   {"line 13", "'vocabulary'", "is 400", "512 or more"}));
  EXPECT_TRUE(says(refused("", "", "{ op = \"relu\" }"), {"line 13", "through an embedding first"}));
}

TEST(WorkloadFile, BadFormsOfTheListItself) {
  EXPECT_TRUE(
      says(refusal("suite = \"train\"\nworkloads = 3\n"), {"line 2", "'workloads'", "[[workloads]]"}));
  EXPECT_TRUE(says(refusal("suite = \"train\"\n[workloads]\n"), {"line 2", "'workloads'"}));
  EXPECT_TRUE(says(refusal("suite = \"train\"\n[[workloads]]\nname = \"a\"\n[[workloads.layers]]\nop = 3\n"),
                   {"line 2", "'summary'"}));
}

}  // namespace
}  // namespace breakeven::train
