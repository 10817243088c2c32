// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/loops_fixture.h"

namespace breakeven::cpu {
namespace {

class TrainAttentionTest : public TrainLoopsTest {};
INSTANTIATE_TEST_SUITE_P(Elements, TrainAttentionTest, every_element(), element_name);

size_t at(int64_t i) { return static_cast<size_t>(i); }

/// One sequence's attention in double, with its gradient.
struct Naive {
  int64_t batch, tokens, width, heads;
  std::vector<double> y, lse, dqkv;
  Naive(int64_t b, int64_t t, int64_t d, int64_t h)
      : batch(b),
        tokens(t),
        width(d),
        heads(h),
        y(at(b * t * d)),
        lse(at(b * h * t)),
        dqkv(at(b * t * 3 * d)) {}
  int64_t head_width() const { return width / heads; }
  /// Element d of `third` (q, k, v) of a token, of head h.
  int64_t place(int64_t b, int64_t t, int64_t third, int64_t h, int64_t d) const {
    return (b * tokens + t) * 3 * width + third * width + h * head_width() + d;
  }
  int64_t out(int64_t b, int64_t t, int64_t h, int64_t d) const {
    return (b * tokens + t) * width + h * head_width() + d;
  }
  std::vector<double> logits(const Elements& qkv, int64_t b, int64_t h, int64_t i) const {
    std::vector<double> made(at(i + 1));
    for (int64_t j = 0; j <= i; ++j) {
      for (int64_t d = 0; d < head_width(); ++d)
        made[at(j)] += qkv[place(b, i, 0, h, d)] * qkv[place(b, j, 1, h, d)];
      made[at(j)] /= std::sqrt(static_cast<double>(head_width()));
    }
    return made;
  }
  void forward(const Elements& qkv) {
    for (int64_t row = 0; row < batch * heads * tokens; ++row) {
      const int64_t i = row % tokens, h = row / tokens % heads, b = row / tokens / heads;
      const std::vector<double> s = logits(qkv, b, h, i);
      const double most = *std::max_element(s.begin(), s.end());
      double sum = 0;
      for (const double logit : s) sum += std::exp(logit - most);
      lse[at(row)] = most + std::log(sum);
      for (int64_t j = 0; j <= i; ++j) {
        for (int64_t d = 0; d < head_width(); ++d) {
          y[at(out(b, i, h, d))] += std::exp(s[at(j)] - lse[at(row)]) * qkv[place(b, j, 2, h, d)];
        }
      }
    }
  }
  void backward(const Elements& qkv, const Elements& kept_y, const Elements& dy) {
    const double scale = 1 / std::sqrt(static_cast<double>(head_width()));
    for (int64_t row = 0; row < batch * heads * tokens; ++row) {
      const int64_t i = row % tokens, h = row / tokens % heads, b = row / tokens / heads;
      const std::vector<double> s = logits(qkv, b, h, i);
      double delta = 0;
      for (int64_t d = 0; d < head_width(); ++d) delta += dy[out(b, i, h, d)] * kept_y[out(b, i, h, d)];
      for (int64_t j = 0; j <= i; ++j) {
        const double p = std::exp(s[at(j)] - lse[at(row)]);
        double dp = 0;
        for (int64_t d = 0; d < head_width(); ++d) dp += dy[out(b, i, h, d)] * qkv[place(b, j, 2, h, d)];
        const double ds = p * (dp - delta) * scale;
        for (int64_t d = 0; d < head_width(); ++d) {
          dqkv[at(place(b, i, 0, h, d))] += ds * qkv[place(b, j, 1, h, d)];
          dqkv[at(place(b, j, 1, h, d))] += ds * qkv[place(b, i, 0, h, d)];
          dqkv[at(place(b, j, 2, h, d))] += p * dy[out(b, i, h, d)];
        }
      }
    }
  }
};

struct Shape {
  int64_t batch, tokens, width, heads;
  double spread;
};

TEST_P(TrainAttentionTest, BothWays) {
  for (const Shape a : {Shape{1, 1, 4, 1, 1}, Shape{2, 5, 12, 3, 1}, Shape{2, 64, 64, 2, 1},
                        Shape{1, 17, 40, 2, 1}, Shape{1, 130, 64, 1, 1}, Shape{1, 33, 21, 1, 20}}) {
    Naive naive(a.batch, a.tokens, a.width, a.heads);
    const Elements qkv(element(), some(a.batch * a.tokens * 3 * a.width, 1, a.spread));
    const Elements dy(element(), some(a.batch * a.tokens * a.width, 2));
    naive.forward(qkv);
    const Elements kept(element(), naive.y);
    naive.backward(qkv, kept, dy);
    everywhere([&](const TrainLoops& loops) {
      Elements y(element(), dy.size()), dqkv(element(), qkv.size());
      std::vector<float> lse(naive.lse.size());
      Room room;
      loops.attention({qkv.data(), y.data(), lse.data(), a.batch, a.tokens, a.width, a.heads, &room});
      expect(
          lse, [&](int64_t i) { return naive.lse[at(i)]; }, 1e-5 * a.spread * a.spread, "lse");
      expect(
          y, [&](int64_t i) { return naive.y[at(i)]; }, 5e-6 * a.spread * a.spread, "y");
      const std::vector<float> exact(naive.lse.begin(), naive.lse.end());
      loops.attention_bwd({qkv.data(), kept.data(), dy.data(), exact.data(), dqkv.data(), a.batch, a.tokens,
                           a.width, a.heads, &room});
      expect(
          dqkv, [&](int64_t i) { return naive.dqkv[at(i)]; }, 1e-5 * std::pow(a.spread, 3), "dqkv");
    });
  }
}

TEST_P(TrainAttentionTest, NoTokenSeesALaterOne) {
  everywhere([&](const TrainLoops& loops) {
    Elements qkv(element(), some(40 * 3 * 16, 1)), y(element(), 40 * 16), changed(element(), 40 * 16);
    std::vector<float> lse(40);
    Room room;
    loops.attention({qkv.data(), y.data(), lse.data(), 1, 40, 16, 1, &room});
    for (int64_t i = 20 * 48; i < qkv.size(); ++i) qkv.set(i, 1000);
    loops.attention({qkv.data(), changed.data(), lse.data(), 1, 40, 16, 1, &room});
    for (int64_t i = 0; i < 20 * 16; ++i) ASSERT_EQ(y[i], changed[i]);
    EXPECT_NE(y[20 * 16], changed[20 * 16]);
  });
}

}  // namespace
}  // namespace breakeven::cpu
