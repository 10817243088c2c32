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
