// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <vector>

#include "harness/conv2d.h"

namespace breakeven::cpu {

/// Small convolutions with something odd about each, in all directions; for tests.
inline std::vector<Conv2d> ragged_convolutions(Precision precision) {
  constexpr const char* kShapes[] = {"n1c1h1w1k1r1s1",       "n3c3h1w1k5r1s1",       "n1c3h9w7k5r3s3p1",
                                     "n3c13h7w9k6r3s3p1",    "n2c4h6w5k7r1s1",       "n2c8h5w6k4r1s1u2",
                                     "n1c6h8w9k6r3s3p1g6",   "n2c6h7w5k12r3s3p1g6",  "n2c6h8w6k4r3s3p1g2",
                                     "n1c5h11w10k4r3s3u3p1", "n1c4h9w11k3r3s3p2d2",  "n1c3h5w4k4r1s1p2",
                                     "n2c3h8w11k4r2s5u2p2",  "n1c3h17w15k9r7s7u2p3", "n1c2h6w6k3r3s3u2p1d2",
                                     "n1c17h4w4k33r3s3p1",   "n1c4h4w4k4r4s4",       "n1c3h5w7k2r3s2u4p2"};
  std::vector<Conv2d> made;
  const auto add = [&](const std::string& name) {
    std::string why;
    const std::optional<Conv2d> conv = parse_conv2d(name, precision, &why);
    if (!conv) throw std::invalid_argument(name + ": " + why);
    made.push_back(*conv);
  };
  for (const std::string shape : kShapes) {
    for (const char* direction : {"fwd-", "bwdd-", "bwdw-"}) add(direction + shape);
  }
  for (const char* shape : {"n2c5h6w7k9r3s3p1", "n1c6h8w9k6r3s3u2p1g6", "n3c4h5w5k7r1s1"})
    add("fwd-" + std::string(shape) + "+bias_relu");
  return made;
}

}  // namespace breakeven::cpu
