// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/problem_json.h"

#include <nlohmann/json.hpp>

#include "harness/train/workload.h"

namespace breakeven {
namespace {

using Json = nlohmann::ordered_json;

/// Fill and scale stand there only when they are not what every comparison uses.
Json to_json(const Gemm& g) {
  Json json{{"op", "gemm"}, {"b", g.batch}, {"m", g.m},
            {"n", g.n},     {"k", g.k},     {"epilogue", name(g.epilogue)}};
  if (g.fill != Fill::uniform) json["fill"] = name(g.fill);
  if (g.scale_log2 != 0) json["scale"] = g.scale_log2;
  return json;
}

Json to_json(const Conv2d& c) {
  return {{"op", "conv2d"}, {"direction", name(c.direction)},
          {"n", c.n},       {"c", c.c},
          {"h", c.h},       {"w", c.w},
          {"k", c.k},       {"r", c.r},
          {"s", c.s},       {"u", c.stride},
          {"p", c.padding}, {"d", c.dilation},
          {"g", c.groups},  {"epilogue", name(c.epilogue)}};
}

/// A kind has the sizes that its name has; the others are 0 and left out.
Json to_json(const MemoryOp& m) {
  Json json{{"op", name(m.kind)}};
  for (const auto& [key, size] : {std::pair{"n", m.n},
                                  {"r", m.rows},
                                  {"c", m.columns},
                                  {"v", m.table},
                                  {"d", m.depth},
                                  {"i", m.indices}}) {
    if (size > 0) json[key] = size;
  }
  return json;
}

Json to_json(const Transfer& t) {
  Json json{{"op", name(t.route)}};
  if (has_bytes(t.route)) json["b"] = t.bytes;
  return json;
}

/// The batch size as trained, whether the workload's own or another.
Json to_json(const TrainTask& t) {
  return {{"op", "train"}, {"workload", t.workload->name}, {"batch", t.schedule().batch}};
}

}  // namespace

nlohmann::ordered_json problem_json(const Problem& problem) {
  Json json = std::visit([](const auto& p) { return to_json(p); }, problem);
  json["precision"] = name(precision(problem));
  return json;
}

}  // namespace breakeven
