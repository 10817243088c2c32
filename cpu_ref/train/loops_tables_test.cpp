// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/loops_fixture.h"

namespace breakeven::cpu {
namespace {

class TrainTablesTest : public TrainLoopsTest {};
INSTANTIATE_TEST_SUITE_P(Elements, TrainTablesTest, every_element(), element_name);

size_t at(int64_t i) { return static_cast<size_t>(i); }

TEST_P(TrainTablesTest, EmbedBothWays) {
  constexpr int64_t kBatch = 5, kTokens = 7, kWords = 11, kCount = kBatch * kTokens;
  for (const int64_t width : {3, 16, 130}) {
    everywhere([&](const TrainLoops& loops) {
      const std::vector<int32_t> ids = some_ids(kCount, kWords, 1);
      const std::vector<float> table = some_floats(kWords * width, 2),
                               positions = some_floats(kTokens * width, 3);
      Elements x(element(), kCount * width), dx(element(), some(kCount * width, 4));
      loops.embed({ids.data(), table.data(), positions.data(), x.data(), kBatch, kTokens, width});
      const auto wanted = [&](int64_t i) {
        const int64_t token = i / width, c = i % width;
        return static_cast<double>(table[at(ids[at(token)] * width + c)]) +
               static_cast<double>(positions[at(token % kTokens * width + c)]);
      };
      expect(x, wanted, 0, "x");
      std::vector<double> of_table(at(kWords * width), 1.0), of_positions(at(kTokens * width));
      for (int64_t i = 0; i < kCount * width; ++i) {
        of_table[at(ids[at(i / width)] * width + i % width)] += dx[i];
        of_positions[at(i / width % kTokens * width + i % width)] += dx[i];
      }
      std::vector<float> dtable(at(kWords * width), 1.0f), dpositions(at(kTokens * width), 9.0f);
      EmbedBackward e{.ids = ids.data(),
                      .dx = dx.data(),
                      .dtable = dtable.data(),
                      .dpositions = dpositions.data(),
                      .batch = kBatch,
                      .tokens = kTokens,
                      .width = width,
                      .vocabulary = kWords,
                      .accumulate = true};
      loops.embed_bwd(e);
      expect(
          dtable, [&](int64_t i) { return of_table[at(i)]; }, 1e-6, "added to");
      expect(
          dpositions, [&](int64_t i) { return of_positions[at(i)]; }, 1e-6, "positions");
      e.accumulate = false;
      loops.embed_bwd(e);
      expect(
          dtable, [&](int64_t i) { return of_table[at(i)] - 1; }, 2e-6, "set");
    });
  }
}

TEST_P(TrainTablesTest, LookupBothWays) {
  constexpr int64_t kCount = 3001, kRows = 400;
  for (const int64_t width : {1, 16, 100}) {
    everywhere([&](const TrainLoops& loops) {
      const std::vector<int32_t> rows = some_ids(kCount, kRows / 2, 1);
      const std::vector<float> table = some_floats(kRows * width, 2);
      Elements e(element(), kCount * width), de(element(), some(kCount * width, 4));
      loops.lookup({rows.data(), table.data(), e.data(), kCount, width});
      expect(
          e,
          [&](int64_t i) { return static_cast<double>(table[at(rows[at(i / width)] * width + i % width)]); },
          0, "e");
      std::vector<double> wanted(at(kRows * width));
      for (int64_t i = 0; i < kCount * width; ++i)
        wanted[at(rows[at(i / width)] * width + i % width)] += de[i];
      std::vector<float> dtable(at(kRows * width), 5.0f);
      loops.lookup_bwd({rows.data(), de.data(), dtable.data(), kCount, width, kRows});
      expect(
          dtable, [&](int64_t i) { return wanted[at(i)]; }, 1e-5, "dtable");
    });
  }
}

TEST_P(TrainTablesTest, InteractionBothWays) {
  struct Shape {
    int64_t batch, fields, width;
  };
  for (const Shape s : {Shape{1, 1, 1}, Shape{37, 8, 16}, Shape{16, 2, 5}, Shape{50, 3, 40}}) {
    everywhere([&](const TrainLoops& loops) {
      const int64_t vectors = s.fields + 1, pairs = vectors * s.fields / 2, pitch = s.width + pairs;
      Elements x(element(), some(s.batch * s.width, 1)), e(element(), some(s.batch * s.fields * s.width, 2));
      Elements z(element(), s.batch * pitch), dz(element(), some(z.size(), 3)), dx(element(), x.size()),
          de(element(), e.size());
      Room room;
      loops.interaction({x.data(), e.data(), z.data(), s.batch, s.fields, s.width, &room});
      loops.interaction_bwd(
          {x.data(), e.data(), dz.data(), dx.data(), de.data(), s.batch, s.fields, s.width, &room});
      std::vector<double> of_z(at(z.size())), of_x(at(x.size())), of_e(at(e.size()));
      for (int64_t b = 0; b < s.batch; ++b) {
        const auto v = [&](int64_t i, int64_t d) {
          return i == 0 ? x[b * s.width + d] : e[(b * s.fields + i - 1) * s.width + d];
        };
        const auto dv = [&](int64_t i, int64_t d) -> double& {
          return i == 0 ? of_x[at(b * s.width + d)] : of_e[at((b * s.fields + i - 1) * s.width + d)];
        };
        for (int64_t d = 0; d < s.width; ++d) {
          of_z[at(b * pitch + d)] = v(0, d);
          dv(0, d) += dz[b * pitch + d];
        }
        int64_t place = b * pitch + s.width;
        for (int64_t i = 0; i < vectors; ++i) {
          for (int64_t j = i + 1; j < vectors; ++j, ++place) {
            for (int64_t d = 0; d < s.width; ++d) {
              of_z[at(place)] += v(i, d) * v(j, d);
              dv(i, d) += dz[place] * v(j, d);
              dv(j, d) += dz[place] * v(i, d);
            }
          }
        }
      }
      expect(
          z, [&](int64_t i) { return of_z[at(i)]; }, 1e-5, "z");
      expect(
          dx, [&](int64_t i) { return of_x[at(i)]; }, 1e-5, "dx");
      expect(
          de, [&](int64_t i) { return of_e[at(i)]; }, 1e-5, "de");
    });
  }
}

}  // namespace
}  // namespace breakeven::cpu
