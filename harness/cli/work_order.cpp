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
  if (order.data) out["data"] = *order.data;
  out["definitions"] = order.definitions;
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
  order.definitions = in.at("definitions").get<std::vector<std::string>>();
  if (in.contains("data")) order.data = in["data"].get<std::string>();
  if (in.contains("samples")) order.samples = in["samples"].get<int>();
  for (const json& c : in.at("cases")) {
    order.cases.push_back({c.at(0), c.at(1), parse_regime(c.at(2).get<std::string>()).value()});
  }
  return order;
}

Plan plan_of(const WorkOrder& order, Regime regime) {
  const Preset* preset = find_preset(order.preset);
  Plan plan{.regime = regime,
            .budget = preset ? preset->budget : Budget{},
            .seed = order.seed,
            .threads = order.threads,
            .launch = order.launch,
            .samples = order.samples};
  if (order.data) plan.data = *order.data;
  return plan;
}

std::string repro(const WorkOrder& order, const PlannedCase& planned) {
  const CaseId id = split_id(planned.id).value();
  std::string rest = order.samples ? fmt::format(" --samples {}", *order.samples) : "";
  if (is_training(planned)) rest += " --launches 1";  // this seed alone
  if (order.data) rest += fmt::format(" --data {}", *order.data);
  const uint64_t seed = is_training(planned) ? order.seed + static_cast<uint64_t>(order.launch) : order.seed;
  return fmt::format(
      "breakeven run {} --shape {} --precision {} --device {} --kernel {} --regime {} --threads {} --seed {} "
      "--preset {}{}",
      id.suite, id.problem, id.precision, planned.device, id.kernel, name(planned.regime), order.threads,
      seed, order.preset, rest);
}

}  // namespace breakeven::cli
