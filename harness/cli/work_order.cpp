// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/work_order.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "suites/suites.h"

namespace breakeven::cli {

using nlohmann::json;

std::string to_text(const WorkOrder& order) {
  json cases = json::array();
  for (const PlannedCase& c : order.cases) cases.push_back({c.id, c.device, name(c.regime)});
  json out{{"preset", order.preset}, {"seed", order.seed},   {"threads", order.threads},
           {"launch", order.launch}, {"first", order.first}, {"cases", cases}};
  if (order.samples) out["samples"] = *order.samples;
  return out.dump();
}

WorkOrder work_order(const std::string& text) {
  const json in = json::parse(text);
  WorkOrder order{.preset = in.at("preset"),
                  .seed = in.at("seed"),
                  .threads = in.at("threads"),
                  .samples = std::nullopt,
                  .launch = in.at("launch"),
                  .first = in.at("first"),
                  .cases = {}};
  if (in.contains("samples")) order.samples = in["samples"].get<int>();
  for (const json& c : in.at("cases")) {
    order.cases.push_back({c.at(0), c.at(1), parse_regime(c.at(2).get<std::string>()).value()});
  }
  return order;
}

Plan plan_of(const WorkOrder& order, Regime regime) {
  const Preset* preset = find_preset(order.preset);
  return {.regime = regime,
          .budget = preset ? preset->budget : Budget{},
          .seed = order.seed,
          .threads = order.threads,
          .samples = order.samples};
}

std::string repro(const WorkOrder& order, const PlannedCase& planned) {
  const CaseId id = split_id(planned.id).value();
  return fmt::format(
      "breakeven run {} --shape {} --precision {} --device {} --kernel {} --regime {} --threads {} --seed {} "
      "--preset {}{}",
      id.suite, id.problem, id.precision, planned.device, id.kernel, name(planned.regime), order.threads,
      order.seed, order.preset, order.samples ? fmt::format(" --samples {}", *order.samples) : "");
}

}  // namespace breakeven::cli
