// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/loops_fixture.h"

namespace breakeven::cpu {
namespace {

class TrainNormTest : public TrainLoopsTest {};
INSTANTIATE_TEST_SUITE_P(Elements, TrainNormTest, every_element(), element_name);

size_t at(int64_t i) { return static_cast<size_t>(i); }

/// Statistics along one extent of [rows, columns], in double.
struct Statistics {
  std::vector<double> mean, variance;
};
Statistics statistics(const Elements& x, int64_t groups, int64_t each,
                      const std::function<int64_t(int64_t, int64_t)>& place) {
  Statistics made{std::vector<double>(at(groups)), std::vector<double>(at(groups))};
  for (int64_t g = 0; g < groups; ++g) {
    for (int64_t i = 0; i < each; ++i) made.mean[at(g)] += x[place(g, i)] / static_cast<double>(each);
    for (int64_t i = 0; i < each; ++i) {
      made.variance[at(g)] += std::pow(x[place(g, i)] - made.mean[at(g)], 2) / static_cast<double>(each);
    }
  }
  return made;
}
Statistics of_channels(const Elements& x, int64_t rows, int64_t channels) {
  return statistics(x, channels, rows, [=](int64_t c, int64_t row) { return row * channels + c; });
}
Statistics of_rows(const Elements& x, int64_t rows, int64_t columns) {
  return statistics(x, rows, columns, [=](int64_t row, int64_t c) { return row * columns + c; });
}

/// A batch normalization with all it needs.
struct Batch {
  int64_t rows, channels;
  Elements x, y, dy, dx;
  std::vector<float> gamma, beta, mean, rstd, running_mean, running_variance, dgamma, dbeta;
  Room room;
  Batch(Element element, int64_t rows_in, int64_t channels_in, double middle = 0, double spread = 1)
      : rows(rows_in),
        channels(channels_in),
        x(element, some(rows * channels, 1, spread)),
        y(element, rows * channels),
        dy(element, some(rows * channels, 2)),
        dx(element, rows * channels),
        gamma(some_floats(channels, 3)),
        beta(some_floats(channels, 4)),
        mean(at(channels)),
        rstd(at(channels)),
        running_mean(some_floats(channels, 5)),
        running_variance(at(channels), 2.0f),
        dgamma(at(channels)),
        dbeta(at(channels)) {
    for (int64_t i = 0; i < x.size(); ++i) x.set(i, x[i] + middle);
  }
  BatchNorm forward(bool relu) {
    return {.x = x.data(),
            .gamma = gamma.data(),
            .beta = beta.data(),
            .y = y.data(),
            .mean = mean.data(),
            .rstd = rstd.data(),
            .running_mean = running_mean.data(),
            .running_variance = running_variance.data(),
            .rows = rows,
            .channels = channels,
            .relu = relu,
            .room = &room};
  }
  BatchNormBackward backward(bool relu) {
    return {.x = x.data(),
            .dy = dy.data(),
            .mean = mean.data(),
            .rstd = rstd.data(),
            .gamma = gamma.data(),
            .beta = beta.data(),
            .dx = dx.data(),
            .dgamma = dgamma.data(),
            .dbeta = dbeta.data(),
            .rows = rows,
            .channels = channels,
            .relu = relu,
            .room = &room};
  }
};

struct Extent {
  int64_t rows, columns;
};
constexpr Extent kExtents[] = {{1, 3},     {7, 10},   {300, 16}, {1003, 32}, {513, 64},
                               {131, 200}, {4099, 5}, {70, 71},  {5000, 16}};

TEST_P(TrainNormTest, BatchNormalizesByItsStatistics) {
  for (const auto [rows, channels] : kExtents) {
    for (const bool relu : {false, true}) {
      everywhere([&, rows = rows, channels = channels](const TrainLoops& loops) {
        Batch b(element(), rows, channels, 0.7);
        const std::vector<float> old_mean = b.running_mean;
        const Statistics s = of_channels(b.x, rows, channels);
        loops.batchnorm(b.forward(relu));
        expect(
            b.mean, [&](int64_t c) { return s.mean[at(c)]; }, 1e-6, "mean");
        expect(
            b.rstd, [&](int64_t c) { return 1 / std::sqrt(s.variance[at(c)] + 1e-5); }, 0, "rstd");
        expect(
            b.running_mean, [&](int64_t c) { return 0.9 * old_mean[at(c)] + 0.1 * s.mean[at(c)]; }, 1e-6,
            "running mean");
        expect(
            b.running_variance, [&](int64_t c) { return 1.8 + 0.1 * s.variance[at(c)]; }, 1e-6,
            "running variance");
        const auto y = [&](int64_t i) {
          const size_t c = at(i % channels);
          const double v = (b.x[i] - s.mean[c]) / std::sqrt(s.variance[c] + 1e-5) * b.gamma[c] + b.beta[c];
          return relu ? std::max(0.0, v) : v;
        };
        expect(b.y, y, 2e-5, "y");
      });
    }
  }
}

TEST_P(TrainNormTest, BatchNormalizationInEvaluationTakesTheRunningStatistics) {
  everywhere([&](const TrainLoops& loops) {
    Batch b(element(), 77, 24);
    const std::vector<float> mean = b.running_mean;
    loops.batchnorm_inference(b.forward(false));
    const auto y = [&](int64_t i) {
      const size_t c = at(i % 24);
      return (b.x[i] - mean[c]) / std::sqrt(2 + 1e-5) * b.gamma[c] + b.beta[c];
    };
    expect(b.y, y, 2e-6, "y");
    EXPECT_EQ(b.running_mean, mean);
  });
}

// What a sum of squares less the square of a sum would lose.
TEST(TrainNorm, BatchStatisticsStandALargeMean) {
  for (const TrainUnit* unit : train_units()) {
    SCOPED_TRACE(unit->name);
    Batch far(Element::fp32, 30000, 16, 1e4, 0.5);
    const Statistics s = of_channels(far.x, far.rows, far.channels);
    unit->fp32.batchnorm(far.forward(false));
    for (size_t c = 0; c < 16; ++c) EXPECT_NEAR(far.rstd[c] * std::sqrt(s.variance[c]), 1, 1e-4);
    Batch level(Element::fp32, 5000, 16, 123.456, 0);
    unit->fp32.batchnorm(level.forward(false));
    for (size_t c = 0; c < 16; ++c) EXPECT_FLOAT_EQ(level.rstd[c], 1 / std::sqrt(1e-5f));
    for (int64_t i = 0; i < level.y.size(); ++i) ASSERT_NEAR(level.y[i], level.beta[at(i % 16)], 0.02);
  }
}

TEST_P(TrainNormTest, BatchNormalizationBackward) {
  for (const auto [rows, channels] : kExtents) {
    for (const bool relu : {false, true}) {
      everywhere([&, rows = rows, channels = channels](const TrainLoops& loops) {
        Batch b(element(), rows, channels, -0.4);
        loops.batchnorm(b.forward(relu));
        loops.batchnorm_bwd(b.backward(relu));
        std::vector<double> sum(at(channels)), product(at(channels));
        const auto xhat = [&](int64_t i) {
          return (b.x[i] - b.mean[at(i % channels)]) * b.rstd[at(i % channels)];
        };
        const auto g = [&](int64_t i) { return !relu || b.y[i] > 0 ? b.dy[i] : 0; };
        for (int64_t i = 0; i < b.x.size(); ++i) {
          sum[at(i % channels)] += g(i);
          product[at(i % channels)] += g(i) * xhat(i);
        }
        const double slack = 3e-6 * std::sqrt(static_cast<double>(rows));
        expect(
            b.dbeta, [&](int64_t c) { return sum[at(c)]; }, slack, "dbeta");
        expect(
            b.dgamma, [&](int64_t c) { return product[at(c)]; }, 4 * slack, "dgamma");
        const auto dx = [&](int64_t i) {
          const size_t c = at(i % channels);
          const auto n = static_cast<double>(rows);
          return b.gamma[c] * b.rstd[c] * (g(i) - sum[c] / n - xhat(i) * product[c] / n);
        };
        expect(b.dx, dx, rows == 1 ? 1e-2 : 2e-5, "dx");
      });
    }
  }
}

// With few values there are many windows with several largest.
TEST_P(TrainNormTest, PoolingWithNormalizationIsTheSameAsAfterIt) {
  struct Image {
    int64_t batch, height, width, channels;
  };
  for (const Image at : {Image{3, 4, 6, 16}, Image{2, 2, 2, 37}, Image{5, 8, 8, 32}, Image{1, 2, 4, 3}}) {
    for (const bool relu : {false, true}) {
      everywhere([&](const TrainLoops& loops) {
        const int64_t rows = at.batch * at.height * at.width, n = rows / 4 * at.channels;
        Batch apart(element(), rows, at.channels), joined(element(), rows, at.channels);
        for (int64_t i = 0; i < apart.x.size(); ++i) {
          apart.x.set(i, std::round(apart.x[i]));
          joined.x.set(i, apart.x[i]);
        }
        Elements pooled(element(), n), dpooled(element(), some(n, 9)), pooled_joined(element(), n);
        loops.batchnorm(apart.forward(relu));
        loops.maxpool({.x = apart.y.data(),
                       .y = pooled.data(),
                       .batch = at.batch,
                       .height = at.height,
                       .width = at.width,
                       .channels = at.channels});
        loops.maxpool_bwd({.x = apart.y.data(),
                           .dy = dpooled.data(),
                           .dx = apart.dy.data(),
                           .batch = at.batch,
                           .height = at.height,
                           .width = at.width,
                           .channels = at.channels});
        loops.batchnorm_bwd(apart.backward(relu));
        BatchNorm forward = joined.forward(relu);
        std::tie(forward.pooled, forward.height, forward.width) =
            std::tuple(pooled_joined.data(), at.height, at.width);
        loops.batchnorm(forward);
        EXPECT_EQ(joined.y.pattern(), apart.y.pattern());
        EXPECT_EQ(pooled_joined.pattern(), pooled.pattern());
        BatchNormBackward backward = joined.backward(relu);
        std::tie(backward.dy, backward.dpooled, backward.height, backward.width) =
            std::tuple(nullptr, dpooled.data(), at.height, at.width);
        loops.batchnorm_bwd(backward);
        expect(
            joined.dbeta, [&](int64_t c) { return apart.dbeta[static_cast<size_t>(c)]; }, 1e-5, "dbeta");
        expect(
            joined.dgamma, [&](int64_t c) { return apart.dgamma[static_cast<size_t>(c)]; }, 1e-5, "dgamma");
        expect(
            joined.dx, [&](int64_t i) { return apart.dx[i]; }, 1e-5, "dx");
      });
    }
  }
}

TEST_P(TrainNormTest, LayerNormalizationBothWays) {
  for (const auto [rows, columns] :
       {Extent{1, 1}, Extent{5, 7}, Extent{33, 128}, Extent{9, 48}, Extent{260, 130}}) {
    everywhere([&, rows = rows, columns = columns](const TrainLoops& loops) {
      const int64_t n = rows * columns;
      Elements x(element(), some(n, 1)), y(element(), n), dy(element(), some(n, 2)), dx(element(), n);
      std::vector<float> gamma = some_floats(columns, 3), beta = some_floats(columns, 4), mean(at(rows)),
                         rstd(at(rows)), dgamma(at(columns)), dbeta(at(columns));
      Room room;
      const Statistics s = of_rows(x, rows, columns);
      loops.layernorm({.x = x.data(),
                       .gamma = gamma.data(),
                       .beta = beta.data(),
                       .y = y.data(),
                       .mean = mean.data(),
                       .rstd = rstd.data(),
                       .rows = rows,
                       .columns = columns});
      expect(
          mean, [&](int64_t r) { return s.mean[at(r)]; }, 1e-6, "mean");
      expect(
          rstd, [&](int64_t r) { return 1 / std::sqrt(s.variance[at(r)] + 1e-5); }, 0, "rstd");
      const auto xhat = [&](int64_t i) { return (x[i] - mean[at(i / columns)]) * rstd[at(i / columns)]; };
      expect(
          y, [&](int64_t i) { return xhat(i) * gamma[at(i % columns)] + beta[at(i % columns)]; }, 3e-6, "y");
      loops.layernorm_bwd({.x = x.data(),
                           .dy = dy.data(),
                           .mean = mean.data(),
                           .rstd = rstd.data(),
                           .gamma = gamma.data(),
                           .dx = dx.data(),
                           .dgamma = dgamma.data(),
                           .dbeta = dbeta.data(),
                           .rows = rows,
                           .columns = columns,
                           .room = &room});
      std::vector<double> g(at(rows)), gx(at(rows)), of_gamma(at(columns)), of_beta(at(columns));
      for (int64_t i = 0; i < n; ++i) {
        const double part = dy[i] * gamma[at(i % columns)] / static_cast<double>(columns);
        g[at(i / columns)] += part;
        gx[at(i / columns)] += part * xhat(i);
        of_beta[at(i % columns)] += dy[i];
        of_gamma[at(i % columns)] += dy[i] * xhat(i);
      }
      expect(
          dgamma, [&](int64_t c) { return of_gamma[at(c)]; }, 1e-4, "dgamma");
      expect(
          dbeta, [&](int64_t c) { return of_beta[at(c)]; }, 1e-4, "dbeta");
      const auto wanted = [&](int64_t i) {
        const size_t r = at(i / columns);
        return rstd[r] * (dy[i] * gamma[at(i % columns)] - g[r] - xhat(i) * gx[r]);
      };
      expect(dx, wanted, columns == 1 ? 1e-2 : 1e-5, "dx");
    });
  }
}

}  // namespace
}  // namespace breakeven::cpu
