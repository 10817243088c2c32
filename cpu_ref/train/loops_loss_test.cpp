// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/loops_fixture.h"

namespace breakeven::cpu {
namespace {

class TrainLossTest : public TrainLoopsTest {};
INSTANTIATE_TEST_SUITE_P(Elements, TrainLossTest, every_element(), element_name);

size_t at(int64_t i) { return static_cast<size_t>(i); }

struct Losses {
  double sum = 0;
  std::vector<double> slopes;
  int64_t correct = 0;
};

Losses entropy(const Elements& x, const std::vector<int32_t>& labels, int64_t columns) {
  Losses made;
  for (size_t row = 0; row < labels.size(); ++row) {
    const int64_t first = static_cast<int64_t>(row) * columns;
    int64_t largest = 0;
    for (int64_t i = 1; i < columns; ++i) largest = x[first + i] > x[first + largest] ? i : largest;
    double sum = 0;
    for (int64_t i = 0; i < columns; ++i) sum += std::exp(x[first + i] - x[first + largest]);
    made.sum += std::log(sum) + x[first + largest] - x[first + labels[row]];
    made.correct += largest == labels[row];
    for (int64_t i = 0; i < columns; ++i) {
      const double p = std::exp(x[first + i] - x[first + largest]) / sum;
      made.slopes.push_back((p - (i == labels[row] ? 1 : 0)) / static_cast<double>(labels.size()));
    }
  }
  return made;
}

TEST_P(TrainLossTest, CrossEntropy) {
  for (const auto& [rows, columns, spread] : {std::tuple<int64_t, int64_t, double>{1, 1, 1},
                                              {128, 10, 2},
                                              {33, 512, 3},
                                              {70, 37, 1},
                                              {20, 10, 1000}}) {
    everywhere([&, rows = rows, columns = columns, spread = spread](const TrainLoops& loops) {
      Elements x(element(), some(rows * columns, 1, spread)), dx(element(), rows * columns);
      for (int64_t i = 0; i < x.size(); i += 3) x.set(i, std::round(x[i]));  // so that there are equals
      const std::vector<int32_t> labels = some_ids(rows, static_cast<int32_t>(columns), 2);
      const Losses wanted = entropy(x, labels, columns);
      float loss = 0;
      Room room;
      const CrossEntropy c{.logits = x.data(),
                           .labels = labels.data(),
                           .dlogits = dx.data(),
                           .loss = &loss,
                           .rows = rows,
                           .columns = columns,
                           .loss_scale = 128,
                           .room = &room};
      const LossSum found = loops.cross_entropy_evaluation(c);
      EXPECT_NEAR(found.loss, wanted.sum, 1e-6 * wanted.sum + 1e-6 * static_cast<double>(rows));
      EXPECT_EQ(found.correct, wanted.correct);
      loops.cross_entropy(c);
      EXPECT_NEAR(static_cast<double>(loss), wanted.sum / static_cast<double>(rows), 1e-6 * (1 + wanted.sum));
      expect(
          dx, [&](int64_t i) { return 128 * wanted.slopes[at(i)]; }, 1e-4 / static_cast<double>(rows),
          "dlogits");
    });
  }
}

TEST_P(TrainLossTest, TheFirstOfEqualsIsTheAnswer) {
  everywhere([&](const TrainLoops& loops) {
    const Elements x(element(), {1, 5, 5, 2, 1, 5, 5, 2});
    const int32_t labels[] = {1, 2};
    Room room;
    EXPECT_EQ(loops
                  .cross_entropy_evaluation(
                      {.logits = x.data(), .labels = labels, .rows = 2, .columns = 4, .room = &room})
                  .correct,
              1);
  });
}

TEST_P(TrainLossTest, BinaryCrossEntropy) {
  everywhere([&](const TrainLoops& loops) {
    std::vector<double> logits = some(131, 1, 2);
    for (const double far : {-1000.0, 1000.0, -50.0, 50.0, 0.0}) logits.push_back(far);
    const Elements x(element(), logits);
    const std::vector<int32_t> labels = some_ids(x.size(), 2, 2);
    const auto rows = static_cast<double>(x.size());
    double sum = 0;
    int64_t correct = 0;
    for (int64_t i = 0; i < x.size(); ++i) {
      sum += std::log1p(std::exp(-std::abs(x[i]))) + std::max(x[i], 0.0) - labels[at(i)] * x[i];
      correct += (x[i] > 0) == (labels[at(i)] == 1);
    }
    Elements dx(element(), x.size());
    float loss = 0;
    Room room;
    const CrossEntropy c{.logits = x.data(),
                         .labels = labels.data(),
                         .dlogits = dx.data(),
                         .loss = &loss,
                         .rows = x.size(),
                         .loss_scale = 64,
                         .room = &room};
    loops.binary_cross_entropy(c);
    EXPECT_NEAR(static_cast<double>(loss), sum / rows, 1e-6 * sum);
    expect(
        dx, [&](int64_t i) { return 64 * (1 / (1 + std::exp(-x[i])) - labels[at(i)]) / rows; }, 1e-6,
        "dlogits");
    const LossSum found = loops.binary_cross_entropy_evaluation(c);
    EXPECT_NEAR(found.loss, sum, 1e-6 * sum);
    EXPECT_EQ(found.correct, correct);
  });
}

}  // namespace
}  // namespace breakeven::cpu
