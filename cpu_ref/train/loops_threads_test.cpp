// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <omp.h>

#include "cpu_ref/train/loops_fixture.h"

namespace breakeven::cpu {
namespace {

class TrainThreadsTest : public TrainLoopsTest {
 protected:
  /// What `run` writes must be the same bits with any number of threads.
  template <class Run>
  void same_for_every_team(Run run) const {
    const int before = omp_get_max_threads();
    everywhere([&](const TrainLoops& loops) {
      omp_set_num_threads(1);
      const std::vector<uint8_t> alone = run(loops);
      for (const int threads : {2, 3, 7}) {
        omp_set_num_threads(threads);
        EXPECT_EQ(run(loops), alone) << threads << " threads";
      }
    });
    omp_set_num_threads(before);
  }
  /// Results one after the other, as bytes.
  static void append(std::vector<uint8_t>& to, const Elements& from) {
    const std::vector<uint8_t> pattern = from.pattern();
    to.insert(to.end(), pattern.begin(), pattern.end());
  }
  static void append(std::vector<uint8_t>& to, const std::vector<float>& from) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(from.data());
    to.insert(to.end(), bytes, bytes + 4 * from.size());
  }
  Room room_;
};
INSTANTIATE_TEST_SUITE_P(Elements, TrainThreadsTest, every_element(), element_name);

TEST_P(TrainThreadsTest, Normalizations) {
  constexpr int64_t kRows = 4 * 32 * 32, kColumns = 24, kN = kRows * kColumns;
  same_for_every_team([&](const TrainLoops& loops) {
    const Elements x(element(), some(kN, 1)), dy(element(), some(kN, 2));
    Elements y(element(), kN), pooled(element(), kN / 4), dx(element(), kN);
    const std::vector<float> gamma = some_floats(kColumns, 3), beta = some_floats(kColumns, 4);
    std::vector<float> mean(kRows), rstd(kRows), dgamma(kColumns), dbeta(kColumns);
    std::vector<uint8_t> made;
    const auto keep = [&](const Elements& array) {
      append(made, array);
      for (const auto* floats : {&mean, &rstd, &dgamma, &dbeta}) append(made, *floats);
    };
    BatchNorm b{.x = x.data(),
                .gamma = gamma.data(),
                .beta = beta.data(),
                .y = y.data(),
                .pooled = pooled.data(),
                .mean = mean.data(),
                .rstd = rstd.data(),
                .rows = kRows,
                .channels = kColumns,
                .height = 32,
                .width = 32,
                .relu = true,
                .room = &room_};
    loops.batchnorm(b);
    keep(y);
    BatchNormBackward g{.x = x.data(),
                        .dy = dy.data(),
                        .mean = mean.data(),
                        .rstd = rstd.data(),
                        .gamma = gamma.data(),
                        .beta = beta.data(),
                        .dx = dx.data(),
                        .dgamma = dgamma.data(),
                        .dbeta = dbeta.data(),
                        .rows = kRows,
                        .channels = kColumns,
                        .height = 32,
                        .width = 32,
                        .relu = true,
                        .room = &room_};
    loops.batchnorm_bwd(g);
    keep(dx);
    g.dpooled = pooled.data();
    loops.batchnorm_bwd(g);
    keep(dx);
    loops.layernorm(
        {x.data(), gamma.data(), beta.data(), y.data(), mean.data(), rstd.data(), kRows, kColumns});
    keep(y);
    loops.layernorm_bwd({x.data(), dy.data(), mean.data(), rstd.data(), gamma.data(), dx.data(),
                         dgamma.data(), dbeta.data(), kRows, kColumns, &room_});
    keep(dx);
    return made;
  });
}

TEST_P(TrainThreadsTest, SumsLossesAndTables) {
  constexpr int64_t kRows = 1500, kColumns = 50, kN = kRows * kColumns;
  const std::vector<int32_t> labels = some_ids(kRows, kColumns, 5);
  same_for_every_team([&](const TrainLoops& loops) {
    const Elements x(element(), some(kN, 1));
    Elements dx(element(), kN);
    std::vector<float> sums(kColumns), loss(1), table(kColumns * kColumns), positions(kN),
        wide = some_floats(kN, 2);
    std::vector<uint8_t> made;
    loops.column_sums(
        {.x = x.data(), .sums = sums.data(), .rows = kRows, .columns = kColumns, .room = &room_});
    append(made, sums);
    loops.cross_entropy({x.data(), labels.data(), dx.data(), loss.data(), kRows, kColumns, 1, &room_});
    append(made, loss);
    append(made, dx);
    loops.embed_bwd(
        {labels.data(), x.data(), table.data(), positions.data(), 3, kRows / 3, kColumns, kColumns});
    append(made, table);
    append(made, positions);
    loops.lookup_bwd({labels.data(), x.data(), table.data(), kRows, kColumns, kColumns});
    append(made, table);
    append(made, {static_cast<float>(loops.gradient_facts(wide.data(), kN, 1, room_).squares)});
    return made;
  });
}

TEST_P(TrainThreadsTest, Attention) {
  same_for_every_team([&](const TrainLoops& loops) {
    const Elements qkv(element(), some(3 * 40 * 96, 1)), dy(element(), some(3 * 40 * 32, 2));
    Elements y(element(), 3 * 40 * 32), dqkv(element(), 3 * 40 * 96);
    std::vector<float> lse(3 * 2 * 40);
    loops.attention({qkv.data(), y.data(), lse.data(), 3, 40, 32, 2, &room_});
    loops.attention_bwd({qkv.data(), y.data(), dy.data(), lse.data(), dqkv.data(), 3, 40, 32, 2, &room_});
    std::vector<uint8_t> made = dqkv.pattern();
    append(made, y);
    return made;
  });
}

}  // namespace
}  // namespace breakeven::cpu
