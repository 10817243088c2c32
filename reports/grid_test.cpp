// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/grid.h"

#include <gtest/gtest.h>

namespace breakeven {
namespace {

TEST(Grid, AlignsColumnsByWhatIsSeenNotByBytes) {
  const Grid grid{{"time", "value"}, {{"35 µs", "1"}, {"35 ms!", "22"}}, Columns::numbers};
  EXPECT_EQ(render(grid, Style::text),
            "time    value\n"
            "------  -----\n"
            "35 µs       1\n"
            "35 ms!     22\n");
}

TEST(Grid, BreaksHeadsRatherThanLines) {
  const std::string wide(80, 'x'), gap(80, ' ');
  const Grid grid{{"GB/s", "cpu.im2col_openblas ", "fastest"}, {{wide, "1.5*", "2 µs"}}, Columns::numbers};
  EXPECT_EQ(render(grid, Style::text), gap + "      cpu.\n" +  //
                                           gap + "   im2col_\n" + "GB/s" + gap.substr(4) +
                                           "  openblas   fastest\n" + std::string(80, '-') +
                                           "  ---------  -------\n" + wide + "       1.5*     2 µs\n");
}

TEST(Grid, IsAMarkdownTable) {
  EXPECT_EQ(render(Grid{{"a", "b"}, {{"x", "1"}}, Columns::numbers}, Style::markdown),
            "| a | b |\n|:--|--:|\n| x | 1 |\n");
}

TEST(Shown, TakesTheSpellOutOfHostileWords) {
  EXPECT_EQ(shown("a\033[31mb\n", Style::text), "a?[31mb?");
  EXPECT_EQ(shown("a|b<script>&`", Style::markdown), "a\\|b\\<script>\\&\\`");
}

}  // namespace
}  // namespace breakeven
