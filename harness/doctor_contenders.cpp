// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Contenders and readings that this build or this machine lacks.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/doctor_checks.h"
#include "harness/virtualisation.h"

namespace breakeven::doctor {
namespace {

/// `library` in lower case: "openblas".
const std::string* version_of(const Look& look, std::string_view library) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  for (const Backend& backend : look.backends)
    for (const auto& [name, version] : backend.libraries)
      if (std::equal(name.begin(), name.end(), library.begin(), library.end(), same)) return &version;
  return nullptr;
}

Finding library_missing(std::string_view library, std::string_view package) {
  return {Severity::missing, std::string(library),
          "not in this build: the strongest CPU contenders are missing",
          fmt::format("sudo apt-get install {}, then meson setup --reconfigure and build again", package)};
}

/// Whether OpenBLAS's version, which names the kernels it chose, says that it leaves AVX-512 unused.
bool below_avx512(const Machine& machine, std::string_view version) {
  if (std::find(machine.isa.begin(), machine.isa.end(), "avx512f") == machine.isa.end()) return false;
  const std::string_view by_itself = version.substr(0, version.find(';'));  // behind it: in a run
  for (const std::string_view core : {"SkylakeX", "Cooperlake", "SapphireRapids"})
    if (by_itself.find(core) != version.npos) return false;
  return true;
}

/// A display controller (class 0x03) by NVIDIA on the PCI bus.
bool nvidia_gpu_on_bus(const SystemFiles& files) {
  const std::string bus = "/sys/bus/pci/devices/";
  const std::vector<std::string> devices = files.entries(bus);
  return std::any_of(devices.begin(), devices.end(), [&](const std::string& device) {
    return files.line(bus + device + "/vendor") == "0x10de" &&
           files.line(bus + device + "/class").starts_with("0x03");
  });
}

std::string gpu_remedy(const SystemFiles& files) {
  if (files.exists("/proc/driver/nvidia/version"))
    return files.exists("/dev/nvidiactl") ? "nvidia-smi must list the GPU; the plugin is built where nvcc 13 "
                                            "is found (scripts/bench fetches it)"
                                          : "start the container with --gpus all (NVIDIA Container Toolkit)";
  if (nvidia_gpu_on_bus(files))
    return "install NVIDIA's driver (Debian: apt-get install nvidia-driver; Ubuntu: ubuntu-drivers install), "
           "restart";
  return "nothing, if this machine has no NVIDIA GPU; else pass it on to this virtual machine or container";
}

}  // namespace

Found openblas(const Look& look) {
  const std::string* version = version_of(look, "openblas");
  if (!version) return library_missing("OpenBLAS", "libopenblas-dev");
  if (version->find("one thread") != version->npos)
    return Finding{
        Severity::distorts, "OpenBLAS", *version + ": the variant without threads",
        "sudo apt-get install libopenblas0-pthread, and choose it in: sudo update-alternatives --config "
        "libopenblas.so.0-$(gcc -print-multiarch)"};
  if (!below_avx512(look.machine, *version)) return Finding{Severity::good, "OpenBLAS", *version, ""};
  // A run corrects this for its workers, but does not overrule the user.
  if (!is_set(look.files, "OPENBLAS_CORETYPE"))
    return Finding{
        Severity::good, "OpenBLAS",
        *version + ": by itself it leaves AVX-512 unused here; runs start it with the right kernels", ""};
  return Finding{Severity::distorts, "OpenBLAS",
                 *version + ": OPENBLAS_CORETYPE makes it use kernels below this CPU's AVX-512",
                 "unset OPENBLAS_CORETYPE"};
}

Found onednn(const Look& look) {
  if (const std::string* version = version_of(look, "onednn"))
    return Finding{Severity::good, "oneDNN", *version, ""};
  return library_missing("oneDNN", "libdnnl-dev");
}

Found gpu(const Look& look) {
  std::vector<std::string> names;
  std::string absence = "this build has no CUDA plugin";
  for (const Backend& backend : look.backends) {
    if (backend.name != "cuda") continue;
    if (backend.device)
      names.push_back(backend.device->info().name);
    else if (!backend.absence.empty())
      absence = backend.absence;
  }
  if (!names.empty()) return Finding{Severity::good, "GPU", fmt::format("{}", fmt::join(names, ", ")), ""};
  return Finding{Severity::missing, "GPU", absence, gpu_remedy(look.files)};
}

Found cpu_energy(const Look& look) {
  const std::string counter = "/sys/class/powercap/intel-rapl:0/energy_uj";  // AMD's too goes by this name
  if (look.files.integer(counter)) return Finding{Severity::good, "CPU energy", "RAPL counter readable", ""};
  if (look.files.exists(counter))
    return Finding{
        Severity::missing, "CPU energy", "the RAPL counter is readable by root only",
        "sudo chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj, until the next boot; for good: echo "
        "'SUBSYSTEM==\"powercap\", ACTION==\"add\", RUN+=\"/bin/chmod a+r /sys%p/energy_uj\"' | sudo tee "
        "/etc/udev/rules.d/60-rapl.rules"};
  if (!hypervisor(look.files, look.processor).empty())
    return Finding{Severity::missing, "CPU energy", "virtual machines are not shown the RAPL counter",
                   "use bare metal where joules matter"};
  if (!container(look.files).empty())
    return Finding{
        Severity::missing, "CPU energy", "containers are not shown the RAPL counter",
        "docker run --security-opt systempaths=unconfined, and make energy_uj readable on the host"};
  return Finding{Severity::missing, "CPU energy", "no RAPL counter found",
                 "sudo modprobe intel_rapl_msr, if this is an Intel or AMD CPU"};
}

Found cache_size(const Look& look) {
  if (look.machine.caches.last_level_bytes > 0) return std::nullopt;
  return Finding{Severity::missing, "last-level cache",
                 "its size is not readable, so it is not certain that operands come from memory", ""};
}

}  // namespace breakeven::doctor
