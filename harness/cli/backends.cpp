// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/backends.h"

#include <fmt/format.h>

#include "cpu_ref/cpu.h"
#include "harness/plugin.h"
#include "harness/process.h"

namespace breakeven::cli {
namespace {

using nlohmann::ordered_json;

constexpr double kProbeSeconds =
    60;  // a first start of the driver can take long; a hung one must not hang us

ordered_json to_json(const DeviceInfo& info) {
  ordered_json facts = ordered_json::array();
  for (const auto& [name, value] : info.facts) facts.push_back({name, value});
  return {{"id", info.id},
          {"name", info.name},
          {"memory_bytes", info.memory_bytes},
          {"last_level_cache_bytes", info.last_level_cache_bytes},
          {"facts", facts}};
}

DeviceInfo device_info(const ordered_json& json) {
  DeviceInfo info{.id = json.at("id"),
                  .name = json.at("name"),
                  .memory_bytes = json.at("memory_bytes"),
                  .last_level_cache_bytes = json.at("last_level_cache_bytes"),
                  .facts = {}};
  for (const ordered_json& fact : json.at("facts")) info.facts.emplace_back(fact.at(0), fact.at(1));
  return info;
}

/// Asks a process of its own, so that a driver that crashes or hangs takes nothing with it.
ordered_json ask_probe() {
  Child child({"/proc/self/exe", "worker"}, {}, R"({"probe":true})");
  std::string line;
  switch (child.read_line(line, kProbeSeconds)) {
    case Child::Read::line:
      return ordered_json::parse(line);
    case Child::Read::timeout:
      return {{"absence", fmt::format("the driver did not answer within {} s", kProbeSeconds)}};
    default:
      return {{"absence", "looking for GPUs failed: the probe " + child.wait().words()}};
  }
}

Backend without_device(const Plugin& plugin, std::string absence) {
  Backend backend = plugin.describe();
  backend.device_id = backend.name;
  backend.absence = std::move(absence);
  return backend;
}

void add_gpus(Lineup& lineup) {
  std::string why;
  const Plugin* plugin = find_cuda_plugin(&why);
  if (!plugin) {
    lineup.backends.push_back({"cuda", "cuda", nullptr, why, {}, {}});
    return;
  }
  const ordered_json found = ask_probe();
  for (const ordered_json& gpu : found.value("devices", ordered_json::array())) {
    Backend backend = without_device(*plugin, "opened by workers only");
    backend.device_id = gpu.at("id").get<std::string>();
    lineup.backends.push_back(std::move(backend));
    lineup.gpus.push_back(device_info(gpu));
  }
  if (lineup.gpus.empty())
    lineup.backends.push_back(without_device(*plugin, found.value("absence", "no GPU found")));
}

}  // namespace

ordered_json probe_gpus() {
  std::string why;
  const Plugin* plugin = find_cuda_plugin(&why);
  const int count = plugin ? plugin->count(&why) : 0;
  ordered_json devices = ordered_json::array();
  for (int ordinal = 0; ordinal < count; ++ordinal) {
    try {
      devices.push_back(to_json(plugin->open(ordinal).device->info()));
    } catch (const std::exception& error) {
      why = error.what();
    }
  }
  return {{"devices", devices}, {"absence", why}};
}

Lineup line_up(const Machine& machine, int threads) {
  Lineup lineup;
  lineup.backends.push_back(cpu::backend(machine, threads));
  add_gpus(lineup);
  return lineup;
}

Backend open_backend(const std::string& id, const Machine& machine, int threads) {
  if (id == "cpu") return cpu::backend(machine, threads);
  std::string why;
  const Plugin* plugin = find_cuda_plugin(&why);
  if (!plugin) throw DeviceLost(why);
  return plugin->open(std::stoi(id.substr(id.find(':') + 1)));
}

}  // namespace breakeven::cli
