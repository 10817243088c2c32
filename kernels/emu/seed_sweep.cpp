// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// seed_sweep: every contender of GEMM and convolution, the vendor's library on its stand-in included, on a
// few ragged shapes under many seeds of the emulator. Correct code passes under all of them (`ninja seeds`:
// most of an hour); planted bugs do not (mutation_test.py runs it over each).
//   seed_sweep [--seeds N] [--first S] [--all-shapes|--large] [CONTENDER_PRECISION...]
// CONTENDER_PRECISION is tma_store_bf16, for example; all when none is named. A seed takes the next of the
// shapes in turn, with --all-shapes each of them, with --large a result of more than 2^31 elements. Prints a
// line for each failure and `N passed, N failed, N skipped`; exit code 0 when nothing failed.

#include <fmt/format.h>

#include <charconv>
#include <set>
#include <string_view>

#include "kernels/cuda/context.h"
#include "kernels/cuda/conv_cases.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/gemm_cases.h"
#include "kernels/cuda/placed_job.h"
#include "kernels/emu/large_result.h"
#include "kernels/emu/memory_sweep.h"
#include "kernels/emu/runtime/seed.h"

namespace breakeven::cuda {
namespace {

enum class Shapes : uint8_t { in_turn, all, large };

struct Asked {
  uint64_t seeds = 200, first = 0;
  Shapes shapes = Shapes::in_turn;
  std::set<std::string> names;
};

uint64_t number(std::string_view option, std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw std::invalid_argument(fmt::format("{} needs a number, not '{}'", option, text));
  return value;
}

Asked asked(int argc, char** argv) {
  Asked asked;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--seeds" && i + 1 < argc) {
      asked.seeds = number(word, argv[++i]);
    } else if (word == "--first" && i + 1 < argc) {
      asked.first = number(word, argv[++i]);
    } else if (word == "--all-shapes") {
      asked.shapes = Shapes::all;
    } else if (word == "--large") {
      asked.shapes = Shapes::large;
    } else if (word.starts_with("--")) {
      throw std::invalid_argument(fmt::format("unknown option '{}'", word));
    } else {
      asked.names.emplace(word);
    }
  }
  return asked;
}

/// Several tiles, ragged every way; rows that TMA can describe and rows that it cannot; several rounds of any
/// ring; batches; an epilogue; one long tile that stream_k cuts; more tiles than
/// multiprocessors, the ring not ending where it began; and for the narrow ones what they take.
std::vector<Gemm> shapes(const Kernel& kernel, Precision precision) {
  constexpr Epilogue bias = Epilogue::bias_relu;
  std::vector<Gemm> list{{.m = 33, .n = 17, .k = 65},
                         {.m = 136, .n = 264, .k = 400},
                         {.batch = 2, .m = 65, .n = 40, .k = 48},
                         {.m = 130, .n = 72, .k = 576, .epilogue = bias},
                         {.m = 100, .n = 120, .k = 2056},
                         {.m = 300, .n = 520, .k = 136}};
  if (is_narrow(kernel, precision)) list = narrow_shapes();
  std::erase_if(list, [&](Gemm& gemm) {
    gemm.precision = precision;
    return kernel.why_not(gemm).has_value();
  });
  return list;
}

/// Several tiles and long sums; filters and strides that share no divisor; padding, dilation; channels that
/// must be padded, and several groups; many pixels and one tile of dw, which is summed in parts. One channel
/// a group for contenders that take nothing else.
std::vector<Conv2d> convolutions(const Kernel& kernel, Precision precision) {
  std::vector<const char*> shapes{"n4c32h7w8k16r3s3u1p1",   "n1c136h5w6k130r3s3u1p1", "n1c13h7w6k10r3s2u2p1",
                                  "n3c72h9w7k40r3s5u3p2d2", "n1c12h6w7k6r3s3u1p1g3",  "n5c24h9w8k16r1s1"};
  if (kernel.why_not(convolution(std::string("fwd-") + shapes[0], precision))) {
    shapes = {"n2c32h7w9k32r3s3u1p1g32", "n1c24h9w10k24r3s3u2p1g24", "n2c6h7w9k6r3s4u2p3d3g6",
              "n5c8h12w9k8r3s3u1p1g8"};
  }
  std::vector<Conv2d> list;
  for (const char* const direction : {"fwd-", "bwdd-", "bwdw-"}) {
    for (const char* const shape : shapes) {
      const Conv2d conv = convolution(std::string(direction) + shape, precision);
      if (!kernel.why_not(conv)) list.push_back(conv);
    }
  }
  return list;
}

/// A problem, its operands and its answer, made once for all seeds.
struct Question {
  Problem problem;
  Inputs inputs;
  Tensor other_a;
  Expected answer;
};

template <class P>
void ask(std::vector<Question>& questions, const std::vector<P>& problems) {
  for (const P& problem : problems) {
    Inputs inputs = problem.inputs(42);
    Expected answer = expected(problem, inputs);
    Tensor other_a = std::move(problem.inputs(7).operands[0]);
    questions.push_back({problem, std::move(inputs), std::move(other_a), std::move(answer)});
  }
}

/// Gives every slot another first operand.
void put_a(const Job& job, const Tensor& a, const ContextPtr& context) {
  const auto* placed_job = dynamic_cast<const PlacedJob*>(&job);  // a +transfer brings its own
  if (placed_job) placed_job->operand_buffers()[0]->upload(a.data(), context->stream());
}

/// First with another A: what an execution leaves behind must not spoil the next. Then into one slot,
/// another, and the first again. Empty when all is well.
std::string fault(const Kernel& kernel, const Question& question, const ContextPtr& context) try {
  const auto job = kernel.prepare(question.problem, question.inputs, {.slots = 2});
  put_a(*job, question.other_a, context);
  job->run(0);
  put_a(*job, question.inputs.operands[0], context);
  job->poison();
  job->run(0);
  const Tensor once = job->output(0);
  job->run(1);
  job->run(0);
  const Tensor other = job->output(1), again = job->output(0);
  if (const auto right = agrees(once, question.answer); !right) return right.message();
  if (!same_bits(once, other)) return "two slots differ";
  if (!same_bits(once, again)) return "two executions differ";
  return {};
} catch (const std::exception& error) {
  return error.what();
}

struct Count {
  int passed = 0, failed = 0, skipped = 0;
};

/// Of a contender of memory-bound operations; false when it is none.
bool sweep_memory(const ContextPtr& context, const Kernel& kernel, Precision precision, const Asked& asked,
                  Count& count) {
  const std::vector<MemoryOp> ops = memory_questions(kernel, precision);
  for (uint64_t seed = asked.first; seed < asked.first + asked.seeds; ++seed) {
    for (size_t i = 0; i < ops.size(); ++i) {
      if (asked.shapes == Shapes::in_turn && seed % ops.size() != i) continue;
      emu::set_seed(seed);
      const std::string why = memory_fault(kernel, ops[i], context);
      ++(why.empty() ? count.passed : count.failed);
      if (why.empty()) continue;
      fmt::print("{} {} seed {}: {}\n", test_name(kernel, precision), ops[i].name(), seed, why);
      return true;
    }
  }
  return !ops.empty();
}

void sweep(const ContextPtr& context, const Kernel& kernel, Precision precision, const Asked& asked,
           Count& count) {
  if (sweep_memory(context, kernel, precision, asked, count)) return;
  std::vector<Question> questions;
  ask(questions, shapes(kernel, precision));
  ask(questions, convolutions(kernel, precision));
  context->use();
  for (uint64_t seed = asked.first; seed < asked.first + asked.seeds; ++seed) {
    for (size_t i = 0; i < questions.size(); ++i) {
      if (asked.shapes == Shapes::in_turn && seed % questions.size() != i) continue;
      const Question& question = questions[i];
      emu::set_seed(seed);
      const std::string why = fault(kernel, question, context);
      ++(why.empty() ? count.passed : count.failed);
      if (why.empty()) continue;
      fmt::print("{} {} seed {}: {}\n", test_name(kernel, precision), breakeven::name(question.problem), seed,
                 why);
      return;  // a fault leaves the device lost, as on a GPU
    }
  }
  if (questions.empty()) ++count.skipped;
}

void sweep_large(const ContextPtr& context, const Kernel& kernel, Precision precision, const Asked& asked,
                 Count& count) {
  const Gemm gemm = large_result(kernel, precision);
  if (kernel.why_not(gemm) || std::ranges::count(contenders_for_large_results(), kernel.name) == 0) {
    ++count.skipped;
    return;
  }
  context->use();
  for (uint64_t seed = asked.first; seed < asked.first + asked.seeds && count.failed == 0; ++seed) {
    emu::set_seed(seed);
    const std::string why = large_result_fault(kernel, gemm, context);
    ++(why.empty() ? count.passed : count.failed);
    if (!why.empty()) fmt::print("{} {} seed {}: {}\n", test_name(kernel, precision), gemm.name(), seed, why);
  }
}

int run(const Asked& asked) {
  const auto context = std::make_shared<const Context>(0);
  Count count;
  std::set<std::string> unknown = asked.names;
  for (const Kernel& kernel : kernels(context)) {
    for (const Precision precision : all_precisions()) {
      const std::string name = test_name(kernel, precision);
      unknown.erase(name);
      if (!asked.names.empty() && !asked.names.contains(name)) continue;
      (asked.shapes == Shapes::large ? sweep_large : sweep)(context, kernel, precision, asked, count);
      if (count.failed > 0) break;
    }
    if (count.failed > 0) break;
  }
  for (const std::string& name : unknown) {
    if (count.failed == 0) throw std::invalid_argument(fmt::format("no contender and precision '{}'", name));
  }
  fmt::print("{} passed, {} failed, {} skipped\n", count.passed, count.failed, count.skipped);
  return count.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace breakeven::cuda

int main(int argc, char** argv) try {
  return breakeven::cuda::run(breakeven::cuda::asked(argc, argv));
} catch (const std::exception& error) {
  fmt::print(stderr, "seed_sweep: {}\n", error.what());
  return 2;
}
