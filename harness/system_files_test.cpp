// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/system_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "harness/fake_root.h"

namespace breakeven {
namespace {

TEST(SystemFiles, ReadsBelowItsRoot) {
  FakeRoot root;
  root.put("/proc/x", "  17 \nmore\n");
  const SystemFiles files(root.path());
  EXPECT_FALSE(files.is_real());
  EXPECT_TRUE(files.exists("/proc/x"));
  EXPECT_EQ(files.line("/proc/x"), "17");
  EXPECT_EQ(files.text("/proc/x", 4), "  17");
  EXPECT_FALSE(files.integer("/proc/x"));  // two lines are no number
  EXPECT_EQ(files.entries("/proc"), std::vector<std::string>{"x"});
  EXPECT_TRUE(SystemFiles("/").is_real() && SystemFiles("").is_real());
}

TEST(SystemFiles, WhatCannotBeReadIsEmpty) {
  FakeRoot root;
  root.put_directory("/directory");
  ASSERT_EQ(mkfifo((root.path() / "fifo").c_str(), 0600), 0);
  const SystemFiles files(root.path());
  for (const char* path : {"/absent", "/directory", "/fifo"}) {
    EXPECT_EQ(files.text(path), "") << path;
    EXPECT_FALSE(files.integer(path)) << path;
    EXPECT_TRUE(files.entries(path).empty()) << path;
  }
}

TEST(SystemFiles, FieldsOfATable) {
  const std::string text = "MemTotal:  12 kB\nMem : 3\ninactive_file 5\nNAME=\"a:b\"\n";
  EXPECT_EQ(field(text, "MemTotal"), "12 kB");
  EXPECT_EQ(field(text, "Mem"), "3");
  EXPECT_EQ(field(text, "inactive_file", ' '), "5");
  EXPECT_EQ(field(text, "NAME", '='), "\"a:b\"");
  EXPECT_EQ(field(text, "file", ' '), "");
  EXPECT_EQ(field("", "x"), "");
}

TEST(SystemFiles, CpuLists) {
  EXPECT_EQ(parse_cpu_list("0-2,8\n"), (std::vector<int>{0, 1, 2, 8}));
  EXPECT_EQ(parse_cpu_list("5,1,1"), (std::vector<int>{1, 5}));
  std::string endless = "0-8191";
  for (int i = 0; i < 1000; ++i) endless += ",0-8191";
  for (const std::string& bad :
       {std::string(), std::string("3-1"), std::string("-1"), std::string("0-99999999999"),
        std::string("0,x"), std::string("1,,2"), endless})
    EXPECT_TRUE(parse_cpu_list(bad).empty()) << bad.substr(0, 20);
}

TEST(SystemFiles, Bytes) {
  EXPECT_EQ(parse_bytes("48K\n"), 49152);
  EXPECT_EQ(parse_bytes("16 kB"), 16384);
  EXPECT_EQ(parse_bytes("2M"), 2097152);
  EXPECT_EQ(parse_bytes("7"), 7);
  for (const char* bad : {"", "K", "-1K", "1.5K", "1 parsec", "9223372036854775807K"})
    EXPECT_FALSE(parse_bytes(bad)) << bad;
}

TEST(SystemFiles, PrintableIsAsciiAndBounded) {
  EXPECT_EQ(printable(" a\tb\x1b\xc3 "), "a?b??");
  EXPECT_EQ(printable(std::string(5000, 'x')).size(), 200u);
}

}  // namespace
}  // namespace breakeven
