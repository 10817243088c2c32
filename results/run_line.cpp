// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/run_line.h"

#include <fmt/format.h>
#include <sodium.h>

#include <array>

#include "harness/case.h"
#include "harness/timestamp.h"
#include "harness/usage_error.h"
#include "results/bounds.h"
#include "results/fields.h"

namespace breakeven {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}
Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

/// UUID version 4 (RFC 9562, 5.4): 122 random bits.
std::string new_uuid() {
  std::array<uint8_t, 16> b;
  if (sodium_init() < 0) throw std::runtime_error("libsodium could not be initialised");
  randombytes_buf(b.data(), b.size());
  b[6] = static_cast<uint8_t>((b[6] & 0x0F) | 0x40);
  b[8] = static_cast<uint8_t>((b[8] & 0x3F) | 0x80);
  std::string text;
  for (size_t i = 0; i < b.size(); ++i) {
    text += fmt::format("{}{:02x}", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", b[i]);
  }
  return text;
}

Json to_json(const Machine& m) {
  Json cpu{{"model", m.cpu_model},
           {"cores", m.cores.usable},
           {"isa", m.isa},
           {"logical", m.cores.logical_online},
           {"affinity", m.cores.affinity},
           {"physical", m.cores.physical},
           {"quota", or_null(m.cores.quota)},
           {"caches",
            {{"l1d_bytes", m.caches.l1d_bytes},
             {"l2_bytes", m.caches.l2_bytes},
             {"last_level_bytes", m.caches.last_level_bytes}}},
           {"governor", or_null(m.governor)}};
  return {{"cpu", std::move(cpu)},
          {"memory_bytes", m.memory_bytes},
          {"available_bytes", m.available_bytes},
          {"os", m.os},
          {"kernel", m.kernel},
          {"boot_id", m.boot_id},
          {"host", m.host},
          {"virtualisation", or_null(m.virtualisation)}};
}

Json to_json(const DeviceInfo& device) {
  Json json{{"id", device.id},
            {"name", device.name},
            {"memory_bytes", device.memory_bytes},
            {"last_level_cache_bytes", device.last_level_cache_bytes},
            {"threads", device.threads}};
  for (const auto& [name, value] : device.facts)
    json.emplace(name, value);  // the names above keep their meaning
  return json;
}

Json to_json(const PlanFacts& plan) {
  Json cases = Json::array();
  for (const PlannedCase& one : plan.cases) {
    cases.push_back({{"case", one.id}, {"device", one.device}});
    if (one.regime != plan.regime) cases.back()["regime"] = name(one.regime);
  }
  return {{"selectors", plan.selectors},
          {"preset", or_null(plan.preset)},
          {"shapes", plan.shapes},
          {"devices", plan.devices},
          {"kernels", plan.kernels},
          {"precisions", plan.precisions},
          {"regime", name(plan.regime)},
          {"seed", plan.seed},
          {"threads", plan.threads},
          {"launches", plan.launches},
          {"seeds", plan.seeds},
          {"samples", or_null(plan.samples)},
          {"timeout", or_null(plan.timeout_seconds)},
          {"train_timeout", or_null(plan.train_timeout_seconds)},
          {"data", or_null(plan.data)},
          {"definitions", plan.definitions},
          {"cases", std::move(cases)}};
}

/// What files from before trainings do not have.
void read_training_plan(const Fields& plan, PlanFacts& facts) {
  facts.seeds = plan.has("seeds") ? static_cast<int>(plan.whole("seeds", 1, INT32_MAX)) : facts.launches;
  if (plan.has("train_timeout")) facts.train_timeout_seconds = plan.not_negative("train_timeout");
  if (plan.has("data")) facts.data = plan.text("data");
  if (plan.has("definitions")) facts.definitions = plan.texts("definitions");
}

}  // namespace

bool is_training(const PlannedCase& planned) { return planned.id.starts_with("train/"); }

int repeats(const PlanFacts& plan, const PlannedCase& planned) {
  return is_training(planned) ? plan.seeds : plan.launches;
}

double timeout_of(const PlanFacts& plan, const PlannedCase& planned) {
  return is_training(planned) ? plan.train_timeout_seconds.value_or(kTrainTimeout)
                              : plan.timeout_seconds.value_or(kTimeout);
}

nlohmann::ordered_json run_line(const RunFacts& facts) {
  Json machine = to_json(facts.machine);
  machine["devices"] = Json::array();
  for (const DeviceInfo& device : facts.devices) machine["devices"].push_back(to_json(device));
  Json libraries = Json::object();
  for (const auto& [name, version] : facts.libraries) libraries[name] = version;
  return {{"kind", "run"},
          {"schema", kSchema},
          {"method", kMethod},
          {"id", new_uuid()},
          {"started", timestamp_now()},
          {"tool", {{"version", facts.version}, {"git", facts.git}}},
          {"argv", facts.argv},
          {"machine", std::move(machine)},
          {"libraries", std::move(libraries)},
          {"instance", or_null(facts.instance)},
          {"plan", to_json(facts.plan)}};
}

PlanFacts planned(const nlohmann::json& run) try {
  const Fields plan = Fields(run).object("plan");
  PlanFacts facts{.selectors = plan.texts("selectors"),
                  .preset = {},
                  .shapes = plan.texts("shapes"),
                  .devices = plan.texts("devices"),
                  .kernels = plan.texts("kernels"),
                  .precisions = plan.texts("precisions"),
                  .samples = {},
                  .timeout_seconds = {},
                  .train_timeout_seconds = {},
                  .data = {},
                  .definitions = {},
                  .cases = {}};
  if (plan.has("preset")) facts.preset = plan.text("preset");
  const std::optional<Regime> regime = parse_regime(plan.text("regime"));
  if (!regime) plan.refuse("regime", "sustained or isolated");
  facts.regime = *regime;
  facts.seed = plan.at("seed").get<uint64_t>();
  facts.threads = static_cast<int>(plan.whole("threads", 0, INT32_MAX));
  facts.launches = static_cast<int>(plan.whole("launches", 1, INT32_MAX));
  if (plan.has("samples")) facts.samples = static_cast<int>(plan.whole("samples", 1, INT32_MAX));
  if (plan.has("timeout")) facts.timeout_seconds = plan.not_negative("timeout");
  read_training_plan(plan, facts);
  for (const nlohmann::json& one : plan.array("cases")) {
    if (!one.is_object()) plan.refuse("cases", "an array of objects");
    const Fields fields(one, "plan.cases[].");
    const auto own = fields.has("regime") ? parse_regime(fields.text("regime")) : regime;
    if (!own) fields.refuse("regime", "sustained or isolated");
    facts.cases.push_back({fields.text("case"), fields.text("device"), *own});
    if (!split_id(facts.cases.back().id))
      fields.refuse("case", "of the form suite/problem/precision/backend.kernel");
  }
  return facts;
} catch (const InvalidField& error) {
  throw UsageError(fmt::format("the run line has no plan to go by: {}; run again", error.what()));
}

}  // namespace breakeven
