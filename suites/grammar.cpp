// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/grammar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/usage_error.h"
#include "suites/suites.h"
#include "suites/train/workloads.h"

namespace breakeven {
namespace {

using enum AxisKind;
using enum AxisNeed;

constexpr Axis kEpilogue{"epilogue", word, optional, "none"};
constexpr Axis kFill{"fill", word, optional, "uniform"};
constexpr Axis kScale{"scale", worded_number};

constexpr std::array<Axis, 7> kGemmAxes{{{"b"},
                                         {"m", number, required},
                                         {"n", number, required},
                                         {"k", number, required},
                                         kEpilogue,
                                         kFill,
                                         kScale}};

constexpr std::array<Axis, 13> kConvAxes{{{"direction", leading, required},
                                          {"n", number, required},
                                          {"c", number, required},
                                          {"h", number, required},
                                          {"w", number, required},
                                          {"k", number, required},
                                          {"r", number, required},
                                          {"s", number, required},
                                          {"u"},
                                          {"p"},
                                          {"d"},
                                          {"g"},
                                          kEpilogue}};

/// Of products and of convolutions: the letters of both come in one order.
constexpr std::array<Axis, 17> kMixedAxes{{{"direction", leading},
                                           {"b"},
                                           {"m"},
                                           {"n", number, required},
                                           {"c"},
                                           {"h"},
                                           {"w"},
                                           {"k", number, required},
                                           {"r"},
                                           {"s"},
                                           {"u"},
                                           {"p"},
                                           {"d"},
                                           {"g"},
                                           kEpilogue,
                                           kFill,
                                           kScale}};

constexpr std::array<Axis, 7> kMemoryAxes{
    {{"operation", leading, required}, {"n"}, {"r"}, {"c"}, {"v"}, {"d"}, {"i"}}};

constexpr std::array<Axis, 2> kTransferAxes{{{"route", leading, required}, {"b"}}};

constexpr std::array<Axis, 2> kTrainAxes{{{"workload", first, required}, {"batch", worded_number}}};

std::optional<Problem> parse_gemm_problem(std::string_view problem, Precision precision, std::string* why) {
  if (precision == Precision::u8) {
    *why = "u8 is for plain bytes, not for products";
    return std::nullopt;
  }
  return parse_gemm(problem, precision, why);
}

/// Gradients are asked in the precisions that training computes them in.
std::optional<Problem> parse_conv_problem(std::string_view problem, Precision precision, std::string* why) {
  if (precision == Precision::u8) {
    *why = "u8 is for plain bytes, not for convolutions";
    return std::nullopt;
  }
  const std::optional<Conv2d> conv = parse_conv2d(problem, precision, why);
  const bool forward_alone = precision == Precision::int8 || precision == Precision::fp8e4m3;
  if (conv && forward_alone && conv->direction != Direction::forward) {
    *why = fmt::format("{} goes with fwd alone: gradients need more range and digits", name(precision));
    return std::nullopt;
  }
  return conv;
}

std::optional<Problem> parse_mixed_problem(std::string_view problem, Precision precision, std::string* why) {
  for (const Direction d : {Direction::forward, Direction::backward_data, Direction::backward_weights}) {
    if (problem.starts_with(name(d))) return parse_conv_problem(problem, precision, why);
  }
  return parse_gemm_problem(problem, precision, why);
}

std::optional<Problem> parse_memory_problem(std::string_view problem, Precision precision, std::string* why) {
  return parse_memory_op(problem, precision, why);
}

std::optional<Problem> parse_transfer_problem(std::string_view problem, Precision precision,
                                              std::string* why) {
  return parse_transfer(problem, precision, why);
}

std::optional<Problem> parse_train_problem(std::string_view problem, Precision precision, std::string* why) {
  return train::parse_train(problem, precision, why);
}

constexpr std::array<Grammar, 6> kGrammars{{
    {"gemm", "Which device multiplies matrices sooner, at which sizes and in which precisions?",
     "m4096n4096k4096", kGemmAxes, parse_gemm_problem},
    {"conv", "Which device computes a convolution and its gradients sooner, for which layers?",
     "fwd-n16c64h56w56k64r3s3u1p1", kConvAxes, parse_conv_problem},
    {"mixed", "What does a lower precision buy in time, and what does it cost in accuracy?",
     "m1024n1024k1024", kMixedAxes, parse_mixed_problem, Asks::accuracy},
    {"memory", "How near do operations that memory bounds come to the rate of a copy?", "softmax-r4096c1024",
     kMemoryAxes, parse_memory_problem},
    {"transfer", "What does it take to bring bytes to a device and back, and to start anything there?",
     "memcpy-b1048576", kTransferAxes, parse_transfer_problem},
    {"train", "Which device trains a model to its target sooner, the mathematics being the same?",
     "resnet9-shapes-quick+batch256", kTrainAxes, parse_train_problem},
}};

}  // namespace

std::span<const Grammar> grammars() { return kGrammars; }

const Grammar* find_grammar(std::string_view suite, std::string* why) {
  const auto* found = std::ranges::find(kGrammars, suite, &Grammar::suite);
  if (found != kGrammars.end()) return found;
  std::vector<std::string> names;
  for (const Grammar& g : kGrammars) names.emplace_back(g.suite);
  const auto near = nearest(suite, names);
  *why = near ? fmt::format("there is no suite '{}' (did you mean '{}'?)", shown(suite), *near)
              : fmt::format("there is no suite '{}' (there is: {})", shown(suite), fmt::join(names, ", "));
  return nullptr;
}

std::optional<Problem> parse_problem(std::string_view suite, std::string_view problem, Precision precision,
                                     std::string* why) {
  const Grammar* grammar = find_grammar(suite, why);
  return grammar ? grammar->parse(problem, precision, why) : std::nullopt;
}

Asks asks_of(std::string_view suite) {
  std::string why;
  const Grammar* grammar = find_grammar(suite, &why);
  return grammar ? grammar->asks : Asks::speed;
}

}  // namespace breakeven
