// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "cpu_ref/cpu.h"
#include "cpu_ref/memory_simd.h"
#include "cpu_ref/round_to.h"
#include "harness/check.h"

namespace breakeven::cpu {
namespace {

std::vector<Tensor> poisoned_results(const MemoryOp& op, const Inputs& inputs) {
  std::vector<Tensor> results;
  for (const ArrayShape& shape : op.results()) {
    const size_t i = results.size();
    const bool in_place = static_cast<int64_t>(i) < op.in_place();
    results.push_back(in_place ? inputs.operands[i].clone() : shape.make());
    if (!in_place) poison(results.back());
  }
  return results;
}

/// All of an operation as one share.
std::vector<Tensor> run(const MemoryUnit& unit, const MemoryOp& op, const Inputs& inputs, Stores stores,
                        bool staged = true) {
  std::vector<Tensor> results = poisoned_results(op, inputs);
  MemoryShare s{};
  for (size_t i = 0; i < inputs.operands.size(); ++i) s.in[i] = inputs.operands[i].data();
  for (size_t i = 0; i < results.size(); ++i) s.out[i] = results[i].data();
  s.columns = op.columns > 0 ? op.columns : op.depth;
  s.rows = op.rows > 0 ? op.rows : op.indices;
  s.last = op.n > 0 ? op.n : op.rows > 0 ? op.rows : op.kind == MemoryKind::gather ? op.indices : op.table;
  std::vector<float> room(static_cast<size_t>(rows_of_room(op.kind) * s.columns), NAN);
  s.room = room.data();
  std::vector<float> sums(static_cast<size_t>(2 * s.columns), NAN);
  s.sums = sums.data();
  s.staged = staged;
  s.stores = stores;
  s.adamw = adamw_factors();
  s.norm_epsilon = kLayerNormEpsilon;
  s.triad_factor = kTriadFactor;
  loop_of(unit, op)(s);
  if (op.kind == MemoryKind::layernorm_bwd) {
    for (int64_t i = 0; i < op.columns; ++i) {
      results[1].as<float>()[i] = sums[static_cast<size_t>(i)];
      results[2].as<float>()[i] = sums[static_cast<size_t>(op.columns + i)];
    }
  }
  return results;
}

class MemoryUnitTest : public testing::TestWithParam<Precision> {};

// Rows that are whole vectors and rows that are not, few and many: every path of the loops, with both kinds
// of store.
TEST_P(MemoryUnitTest, EveryInstructionSetAgreesWithTheJudge) {
  for (const char* text :
       {"copy-n1003",           "triad-n1003",          "gelu-n1003",           "adamw-n1003",
        "softmax-r20c64",       "softmax-r20c67",       "softmax-r20c48",       "softmax-r2c64",
        "cross_entropy-r20c64", "cross_entropy-r20c67", "layernorm-r20c64",     "layernorm-r20c67",
        "layernorm-r20c96",     "layernorm-r3c64",      "layernorm_bwd-r20c64", "layernorm_bwd-r20c128",
        "layernorm_bwd-r20c67", "gather-v9d67i40",      "gather-v9d64i40",      "scatter_add-v9d67i40"}) {
    std::string why;
    const MemoryOp op = parse_memory_op(text, GetParam(), &why).value();
    const Inputs inputs = op.inputs(11);
    for (const MemoryUnit* unit : memory_units()) {
      for (const Stores stores : {Stores::ordinary, Stores::streaming}) {
        for (const bool staged : {true, false}) {
          const Check found =
              check(op, inputs, run(*unit, op, inputs, stores, staged), judge, Depth::whole, 1, 0);
          EXPECT_EQ(found.verdict, Verdict::ok)
              << text << " by " << unit->name << (stores == Stores::streaming ? ", streaming" : "")
              << (staged ? ", staged: " : ": ") << found.where;
        }
      }
    }
  }
}

// As many elements as it takes to meet the worst of a polynomial beside the worst of a rounding.
TEST_P(MemoryUnitTest, SoftmaxKeepsItsBoundAmongMany) {
  for (const char* text : {"softmax-r2048c32", "softmax-r4096c16", "softmax-r8192c8"}) {
    std::string why;
    const MemoryOp op = parse_memory_op(text, GetParam(), &why).value();
    for (const uint64_t seed : {38, 39}) {
      const Inputs inputs = op.inputs(seed);
      for (const MemoryUnit* unit : memory_units()) {
        const Check found =
            check(op, inputs, run(*unit, op, inputs, Stores::ordinary), judge, Depth::whole, 1, 0);
        EXPECT_EQ(found.verdict, Verdict::ok) << text << " by " << unit->name << ": " << found.where;
      }
    }
  }
}

void set(const Tensor& t, Precision precision, int64_t i, double value) {
  switch (precision) {
    case Precision::fp32:
      return round_to(value, t.as<float>() + i);
    case Precision::bf16:
      return round_to(value, t.as<Bf16>() + i);
    default:
      return round_to(value, t.as<Fp16>() + i);
  }
}

/// softmax of 20 rows whose element i is value(i), by every unit in every way: `found(results, who)`.
template <class Value, class Found>
void softmax_of(Precision precision, Value value, Found found) {
  std::string why;
  const MemoryOp op = parse_memory_op("softmax-r20c64", precision, &why).value();
  const Inputs inputs = op.inputs(11);
  for (int64_t i = 0; i < inputs.operands[0].size(); ++i) set(inputs.operands[0], precision, i, value(i));
  for (const MemoryUnit* unit : memory_units()) {
    for (const bool staged : {true, false}) {
      found(op, inputs, run(*unit, op, inputs, Stores::ordinary, staged),
            std::string(unit->name) + (staged ? ", staged" : ""));
    }
  }
}

// Patterns of negative numbers are in the opposite order, and less the wrong one the largest would overflow;
// what is far out leaves no digit for an error in the exponent.
TEST_P(MemoryUnitTest, SoftmaxIsRightFarFromZero) {
  const bool narrow = GetParam() == Precision::fp16;
  const double far = narrow ? 5e4 : 5e9, farther = narrow ? 6e4 : 1e30;
  const auto right = [](const MemoryOp& op, const Inputs& inputs, const std::vector<Tensor>& results,
                        const std::string& who) {
    const Check found = check(op, inputs, results, judge, Depth::whole, 1, 0);
    EXPECT_EQ(found.verdict, Verdict::ok) << who << ": " << found.where;
  };
  softmax_of(
      GetParam(), [](int64_t i) { return -1.0 - static_cast<double>(i * 5 % 64) * 4; }, right);
  softmax_of(
      GetParam(), [&](int64_t) { return far; }, right);
  softmax_of(
      GetParam(), [&](int64_t) { return -far; }, right);
  softmax_of(
      GetParam(), [&](int64_t i) { return i % 64 == 9 ? farther : 0; }, right);
}

TEST_P(MemoryUnitTest, SoftmaxPassesOnWhatIsNoNumber) {
  for (const double alien : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    softmax_of(
        GetParam(), [&](int64_t i) { return i == 70 ? alien : 0.5; },
        [&](const MemoryOp&, const Inputs&, const std::vector<Tensor>& results, const std::string& who) {
          bool told = false;
          for (int64_t i = 64; i < 128; ++i) told |= std::isnan(results[0].at(i));
          EXPECT_TRUE(told) << who << " turns " << alien << " into numbers";
          EXPECT_FALSE(std::isnan(results[0].at(0))) << who;
        });
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, MemoryUnitTest,
                         testing::Values(Precision::fp32, Precision::bf16, Precision::fp16),
                         [](const auto& info) { return std::string(name(info.param)); });

TEST(MemoryUnits, ExponentialsAreWithinFourUnitsInTheLastPlace) {
  std::vector<float> x;
  for (float v = -87.25f; v < 88.0f; v += 0.00123f) x.push_back(v);
  std::vector<float> y(x.size());
  for (const MemoryUnit* unit : memory_units()) {
    unit->exponentials(x.data(), y.data(), static_cast<int64_t>(x.size()));
    double worst = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      const double exact = std::exp(static_cast<double>(x[i]));
      worst = std::max(worst, std::abs(static_cast<double>(y[i]) - exact) / (exact * 0x1p-23));
    }
    EXPECT_LT(worst, 4) << unit->name;
    EXPECT_GT(worst, 0) << unit->name;
  }
}

TEST(MemoryUnits, PowersOfTwoAreWithinTheirBound) {
  std::vector<float> x;
  for (float v = -125.25f; v < 126.0f; v += 0.00123f) x.push_back(v);
  std::vector<float> y(x.size());
  for (const MemoryUnit* unit : memory_units()) {
    unit->powers_of_two(x.data(), y.data(), static_cast<int64_t>(x.size()));
    double worst = 0;
    for (size_t i = 0; i < x.size(); ++i)
      worst = std::max(worst, std::abs(static_cast<double>(y[i]) / std::exp2(static_cast<double>(x[i])) - 1));
    EXPECT_LT(worst, 0x1p-18) << unit->name;
    EXPECT_GT(worst, 0) << unit->name;
  }
}

TEST(MemoryUnits, PowersOfTwoFarDownAreNothing) {
  const std::vector<float> x{-INFINITY, -3e38f, -1e9f, -1e4f, -150.0f, -126.5f};
  std::vector<float> y(x.size());
  for (const MemoryUnit* unit : memory_units()) {
    std::fill(y.begin(), y.end(), NAN);
    unit->powers_of_two(x.data(), y.data(), static_cast<int64_t>(x.size()));
    for (const float power : y) {
      EXPECT_GE(power, 0) << unit->name;
      EXPECT_LE(power, 0x1p-126f) << unit->name;
    }
  }
}

TEST(MemoryUnits, ExponentialsFarDownAreNothing) {
  const std::vector<float> x{-1e30f, -1e4f, -120.0f, 0.0f};
  std::vector<float> y(x.size());
  for (const MemoryUnit* unit : memory_units()) {
    unit->exponentials(x.data(), y.data(), static_cast<int64_t>(x.size()));
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_GE(y[i], 0) << unit->name;
      EXPECT_LE(y[i], 0x1p-126f) << unit->name;
    }
    EXPECT_EQ(y[3], 1) << unit->name;
  }
}

}  // namespace
}  // namespace breakeven::cpu
