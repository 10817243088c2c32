// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/check_transfer.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

namespace breakeven {
namespace {

/// What is to be found where the bytes went: those of the operand; or zeros, with the first byte of each page
/// written; or the one byte that says that something happened.
Tensor expected_bytes(const Transfer& transfer, const Inputs& inputs) {
  if (!inputs.operands.empty()) return inputs.operands[0].clone();
  Tensor made = transfer.results()[0].make();
  if (made.bytes() > 0) std::memset(made.data(), 0, static_cast<size_t>(made.bytes()));
  for (int64_t i = 0; i < made.size(); i += kPage) made.as<uint8_t>()[i] = kArrived;
  return made;
}

}  // namespace

Check check_transfer(const Transfer& transfer, const Inputs& inputs, const std::vector<Tensor>& outputs,
                     const Judge&, Depth, uint64_t) {
  const Tensor expected = expected_bytes(transfer, inputs);
  Check check{.metric = "elements", .verdict = Verdict::ok, .where = {}};
  if (outputs.size() != 1 || outputs[0].bytes() != expected.bytes()) {
    return {"elements", 1, 0, Verdict::wrong, "another number of bytes than were sent"};
  }
  const uint8_t *got = outputs[0].as<uint8_t>(), *wanted = expected.as<uint8_t>();
  if (std::memcmp(got, wanted, static_cast<size_t>(expected.bytes())) == 0) return check;
  int64_t at = 0;
  while (got[at] == wanted[at]) ++at;
  check.verdict = Verdict::wrong;
  check.error = std::abs(static_cast<double>(got[at]) - static_cast<double>(wanted[at]));
  check.where = fmt::format("byte {} is {}, expected {}", at, got[at], wanted[at]);
  return check;
}

}  // namespace breakeven
