// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "cpu_ref/train/loops_fixture.h"

namespace breakeven::cpu {
namespace {

class TrainFlatTest : public TrainLoopsTest {};
INSTANTIATE_TEST_SUITE_P(Elements, TrainFlatTest, every_element(), element_name);

size_t at(int64_t i) { return static_cast<size_t>(i); }

double gelu(double x) { return x / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))); }
double gelu_slope(double x) {
  const double u = std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x), t = std::tanh(u);
  return (1 + t) / 2 + x / 2 * (1 - t * t) * std::sqrt(2 / M_PI) * (1 + 3 * 0.044715 * x * x);
}

TEST_P(TrainFlatTest, Elementwise) {
  for (const int64_t n : {1, 37, 5000, 20011}) {
    everywhere([&](const TrainLoops& loops) {
      const Elements a(element(), some(n, 1, 3)), b(element(), some(n, 2, 3));
      Elements out(element(), n);
      loops.relu(a.data(), out.data(), n);
      expect(
          out, [&](int64_t i) { return std::max(0.0, a[i]); }, 0, "relu");
      loops.relu_bwd(a.data(), b.data(), out.data(), n);
      expect(
          out, [&](int64_t i) { return a[i] > 0 ? b[i] : 0; }, 0, "relu_bwd");
      loops.gelu(a.data(), out.data(), n);
      expect(
          out, [&](int64_t i) { return gelu(a[i]); }, 1e-6, "gelu");
      loops.gelu_bwd(a.data(), b.data(), out.data(), n);
      expect(
          out, [&](int64_t i) { return b[i] * gelu_slope(a[i]); }, 1e-5, "gelu_bwd");
      loops.add(a.data(), b.data(), out.data(), n);
      expect(
          out, [&](int64_t i) { return a[i] + b[i]; }, 0, "add");
      std::vector<float> wide(at(n));
      loops.widen(a.data(), wide.data(), n, 0.25f);
      expect(
          wide, [&](int64_t i) { return 0.25 * a[i]; }, 0, "widen");
      loops.narrow(wide.data(), out.data(), n, 4.0f);
      EXPECT_EQ(out.pattern(), a.pattern());
    });
  }
}

TEST_P(TrainFlatTest, FarFromZeroGeluIsItsArgumentOrNothing) {
  everywhere([&](const TrainLoops& loops) {
    const Elements x(element(), {-6e4, -100, -20, 0, 20, 100, 6e4});
    Elements y(element(), x.size());
    loops.gelu(x.data(), y.data(), x.size());
    expect(
        y, [&](int64_t i) { return std::max(0.0, x[i]); }, 1e-7, "gelu");
    const Elements ones(element(), std::vector<double>(7, 1.0));
    loops.gelu_bwd(x.data(), ones.data(), y.data(), x.size());
    expect(
        y, [&](int64_t i) { return x[i] > 0   ? 1
                                   : x[i] < 0 ? 0
                                              : 0.5; }, 1e-5, "gelu_bwd");
  });
}

// relu would hide that a training has come to nothing.
TEST_P(TrainFlatTest, WhatIsNoNumberPasses) {
  everywhere([&](const TrainLoops& loops) {
    Elements x(element(), std::vector<double>(40, 1.0)), y(element(), 40);
    x.set(3, std::nan(""));
    x.set(39, std::nan(""));
    loops.relu(x.data(), y.data(), 40);
    EXPECT_TRUE(std::isnan(y[3]));
    EXPECT_TRUE(std::isnan(y[39]));
    EXPECT_EQ(y[4], 1);
  });
}

TEST_P(TrainFlatTest, EpilogueAndColumnSums) {
  for (const auto& [rows, columns] :
       {std::pair<int64_t, int64_t>{1, 1}, {5, 10}, {200, 67}, {1001, 64}, {37, 512}}) {
    everywhere([&, rows = rows, columns = columns](const TrainLoops& loops) {
      const int64_t n = rows * columns;
      const std::vector<float> product = some_floats(n, 1), bias = some_floats(columns, 2);
      Elements y(element(), n), z(element(), n);
      Epilogue e{.product = product.data(),
                 .bias = bias.data(),
                 .y = y.data(),
                 .z = z.data(),
                 .rows = rows,
                 .columns = columns,
                 .scale = 0.5f};
      const auto before = [&](int64_t i) { return 0.5 * product[at(i)] + bias[at(i % columns)]; };
      loops.epilogue(e);
      expect(y, before, 0, "nothing");
      e.following = Following::relu;
      loops.epilogue(e);
      expect(
          y, [&](int64_t i) { return std::max(0.0, before(i)); }, 0, "relu");
      e.following = Following::gelu;
      loops.epilogue(e);
      expect(z, before, 0, "z");
      expect(
          y, [&](int64_t i) { return gelu(z[i]); }, 1e-6, "gelu");
      std::vector<double> wanted(at(columns), 1.0);
      for (int64_t i = 0; i < n; ++i) wanted[at(i % columns)] += 0.25 * y[i];
      std::vector<float> sums(at(columns), 1.0f);
      Room room;
      ColumnSums s{.x = y.data(),
                   .sums = sums.data(),
                   .rows = rows,
                   .columns = columns,
                   .factor = 0.25f,
                   .accumulate = true,
                   .room = &room};
      loops.column_sums(s);
      expect(
          sums, [&](int64_t c) { return wanted[at(c)]; }, 1e-5, "added to");
      s.accumulate = false;
      loops.column_sums(s);
      expect(
          sums, [&](int64_t c) { return wanted[at(c)] - 1; }, 1e-5, "set");
    });
  }
}

struct Pool {
  int64_t batch, height, width, channels, kernel;
};

/// The element that wins a window: the first largest.
int64_t winner(const Pool& p, const Elements& x, int64_t out) {
  const int64_t c = out % p.channels, w = out / p.channels % (p.width / p.kernel);
  const int64_t line = out / p.channels / (p.width / p.kernel);
  const int64_t image = line / (p.height / p.kernel), h = line % (p.height / p.kernel);
  int64_t best = -1;
  for (int64_t k = 0; k < p.kernel * p.kernel; ++k) {
    const int64_t row = h * p.kernel + k / p.kernel, column = w * p.kernel + k % p.kernel;
    const int64_t place = ((image * p.height + row) * p.width + column) * p.channels + c;
    if (best < 0 || x[place] > x[best]) best = place;
  }
  return best;
}

TEST_P(TrainFlatTest, MaxPoolBothWays) {
  for (const Pool p :
       {Pool{2, 4, 4, 16, 2}, Pool{1, 7, 5, 19, 2}, Pool{3, 4, 4, 40, 4}, Pool{2, 8, 11, 3, 3}}) {
    everywhere([&](const TrainLoops& loops) {
      const int64_t n = p.batch * p.height * p.width * p.channels;
      const int64_t m = p.batch * (p.height / p.kernel) * (p.width / p.kernel) * p.channels;
      Elements x(element(), some(n, 1)), y(element(), m), dy(element(), some(m, 2)), dx(element(), n);
      for (int64_t i = 0; i < n; ++i) x.set(i, std::round(x[i]));  // so that there are equals
      loops.maxpool({x.data(), y.data(), p.batch, p.height, p.width, p.channels, p.kernel});
      loops.maxpool_bwd({x.data(), dy.data(), dx.data(), p.batch, p.height, p.width, p.channels, p.kernel});
      std::vector<double> wanted(at(n));
      for (int64_t i = 0; i < m; ++i) {
        ASSERT_EQ(y[i], x[winner(p, x, i)]);
        wanted[at(winner(p, x, i))] = dy[i];
      }
      for (int64_t i = 0; i < n; ++i) ASSERT_EQ(dx[i], wanted[at(i)]) << i;
      EXPECT_TRUE(y.intact() && dx.intact());
    });
  }
}

}  // namespace
}  // namespace breakeven::cpu
