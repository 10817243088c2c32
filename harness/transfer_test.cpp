// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/transfer.h"

#include <gtest/gtest.h>

#include "harness/check_transfer.h"

namespace breakeven {
namespace {

Transfer parsed(std::string_view text) {
  std::string why;
  return parse_transfer(text, Precision::u8, &why).value();
}

Check checked(const Transfer& transfer, const Inputs& inputs, std::vector<Tensor>& outputs) {
  return check_transfer(transfer, inputs, outputs, nullptr, Depth::whole, 1);
}

TEST(Transfer, NamesAreReadAsTheyArePrinted) {
  for (const Route route : all_routes()) {
    const Transfer transfer{.route = route, .bytes = has_bytes(route) ? 12345 : 0};
    EXPECT_EQ(parsed(transfer.name()), transfer) << transfer.name();
  }
  EXPECT_EQ(parsed("h2d_pinned-b1").bytes, 1);
}

TEST(Transfer, BadNamesAreRefusedInWords) {
  for (const char* text : {"", "-", "memcpy", "memcpy-", "memcpy-b", "memcpy-b0", "memcpy-b-1", "memcpy-n5",
                           "memcpy-b5 ", "memcpy-b1099511627777", "memcpy-b99999999999999999999", "launch-b5",
                           "launch ", "teleport-b5", "Memcpy-b5", "h2d_pinned-b5x", "fork_join\n"}) {
    std::string why;
    EXPECT_FALSE(parse_transfer(text, Precision::u8, &why)) << text;
    EXPECT_FALSE(why.empty()) << text;
    for (const char c : why) EXPECT_GE(static_cast<unsigned char>(c), 32) << text;
  }
  std::string why;
  EXPECT_FALSE(parse_transfer("memcpy-b5", Precision::fp32, &why));
  EXPECT_NE(why.find("u8"), why.npos);
  EXPECT_FALSE(parse_transfer(std::string(100000, 'z'), Precision::u8, &why));
  EXPECT_LT(why.size(), 1000u);
}

TEST(Transfer, WorkIsBytesThatArriveAndForACopyThoseReadAsWell) {
  EXPECT_EQ(parsed("h2d_pinned-b100").work().bytes, 100);
  EXPECT_EQ(parsed("memcpy-b100").work().bytes, 200);
  EXPECT_EQ(parsed("first_touch-b100").work().bytes, 100);
  EXPECT_EQ(parsed("launch").work().bytes, 0);
  EXPECT_TRUE(parsed("first_touch-b100").operands().empty());
  EXPECT_EQ(bytes(parsed("launch").results()), 1);
  EXPECT_EQ(bytes(parsed("memcpy-b1099511627776").results()), int64_t{1} << 40);
}

TEST(CheckTransfer, OneWrongByteIsFound) {
  for (const int64_t at : {0, 4999, 9999}) {
    const Transfer transfer = parsed("memcpy-b10000");
    const Inputs inputs = transfer.inputs(1);
    std::vector<Tensor> outputs;
    outputs.push_back(inputs.operands[0].clone());
    EXPECT_EQ(checked(transfer, inputs, outputs).verdict, Verdict::ok);
    outputs[0].as<uint8_t>()[at] ^= 1;
    const Check found = checked(transfer, inputs, outputs);
    EXPECT_EQ(found.verdict, Verdict::wrong);
    EXPECT_EQ(found.error, 1);
    EXPECT_NE(found.where.find(std::to_string(at)), found.where.npos);
  }
}

TEST(CheckTransfer, PagesAreTouchedOnceAndOtherwiseZero) {
  const Transfer transfer = parsed("first_touch-b8193");
  std::vector<Tensor> outputs;
  outputs.push_back(transfer.results()[0].make());
  for (int i = 0; i < 8193; ++i) outputs[0].as<uint8_t>()[i] = i % kPage == 0 ? kArrived : 0;
  EXPECT_EQ(checked(transfer, {}, outputs).verdict, Verdict::ok);
  outputs[0].as<uint8_t>()[8192] = 0;  // the last page was left out
  EXPECT_EQ(checked(transfer, {}, outputs).verdict, Verdict::wrong);
}

TEST(CheckTransfer, NothingThatHappenedIsWrong) {
  for (const char* text : {"launch", "fork_join", "memcpy-b5", "first_touch-b5"}) {
    const Transfer transfer = parsed(text);
    std::vector<Tensor> outputs;
    outputs.push_back(transfer.results()[0].make());
    poison(outputs[0]);
    EXPECT_EQ(checked(transfer, transfer.inputs(1), outputs).verdict, Verdict::wrong) << text;
    outputs.clear();
    EXPECT_EQ(checked(transfer, transfer.inputs(1), outputs).verdict, Verdict::wrong) << text;
  }
}

}  // namespace
}  // namespace breakeven
