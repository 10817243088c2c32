// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/backends.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

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
  const auto absent = [&](std::string why) {
    lineup.backends.push_back({"cuda", "cuda", nullptr, std::move(why), {}, {}});
  };
  std::string why;
  if (!plugin_file(PluginKind::cuda, &why)) return absent(why);
  const ordered_json found = ask_probe();  // first: a damaged plugin may crash whoever opens it
  const Plugin* plugin = found.value("opened", false) ? find_plugin(PluginKind::cuda, &why) : nullptr;
  if (!plugin) return absent(why.empty() ? found.value("absence", "") : why);
  for (const ordered_json& gpu : found.value("devices", ordered_json::array())) {
    Backend backend = without_device(*plugin, "opened by workers only");
    backend.device_id = gpu.at("id").get<std::string>();
    lineup.backends.push_back(std::move(backend));
    lineup.gpus.push_back(device_info(gpu));
  }
  if (lineup.gpus.empty())
    lineup.backends.push_back(without_device(*plugin, found.value("absence", "no GPU found")));
}

/// No driver is behind it that could hang: opened here as well as in workers.
Backend emulated_backend() {
  std::string why;
  const Plugin* plugin = find_plugin(PluginKind::emulated, &why);
  if (!plugin) return {"emu", "emu", nullptr, why, {}, {}};
  if (plugin->count(&why) == 0) return without_device(*plugin, why);
  try {
    return plugin->open(0);
  } catch (const std::exception& error) {
    return without_device(*plugin, error.what());
  }
}

/// What a run that names an absent device still lists: its contenders, and why they cannot.
Backend absent_gpu() {
  std::string why;
  const Plugin* plugin = find_plugin(PluginKind::cuda, &why);
  if (!plugin) return {"cuda", "cuda", nullptr, why, {}, {}};
  return without_device(*plugin, probe_gpus().value("absence", ""));
}

}  // namespace

ordered_json probe_gpus() {
  std::string why;
  const Plugin* plugin = find_plugin(PluginKind::cuda, &why);
  const int count = plugin ? plugin->count(&why) : 0;
  ordered_json devices = ordered_json::array();
  for (int ordinal = 0; ordinal < count; ++ordinal) {
    try {
      devices.push_back(to_json(plugin->open(ordinal).device->info()));
    } catch (const std::exception& error) {
      why = error.what();
    }
  }
  return {{"opened", plugin != nullptr}, {"devices", devices}, {"absence", why}};
}

Lineup line_up(const Machine& machine, int threads, Emulator emulator) {
  Lineup lineup;
  lineup.backends.push_back(cpu::backend(machine, threads));
  add_gpus(lineup);
  if (emulator == Emulator::asked_for) {
    lineup.backends.push_back(emulated_backend());
    if (const auto& device = lineup.backends.back().device) lineup.gpus.push_back(device->info());
  }
  return lineup;
}

Emulator emulator_among(const std::vector<std::string>& devices) {
  return std::ranges::find(devices, "emu") != devices.end() ? Emulator::asked_for : Emulator::left_out;
}

Backend open_backend(const std::string& id, const Machine& machine, int threads) {
  if (id == "cpu") return cpu::backend(machine, threads);
  if (id == "emu") return emulated_backend();
  const size_t colon = id.find(':');
  if (colon == std::string::npos) return absent_gpu();
  std::string why;
  const Plugin* plugin = find_plugin(PluginKind::cuda, &why);
  if (!plugin) throw DeviceLost(why);
  try {
    return plugin->open(std::stoi(id.substr(colon + 1)));
  } catch (const std::exception& error) {
    throw DeviceLost(error.what());
  }
}

}  // namespace breakeven::cli
