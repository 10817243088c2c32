// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/virtualisation.h"

#include <cstdlib>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace breakeven {
namespace {

struct Marker {
  std::string_view text, name;
};

constexpr Marker kHypervisorIds[] = {
    {"KVMKVMKVM", "kvm"},          {"Microsoft Hv", "hyper-v"},    {"VMwareVMware", "vmware"},
    {"XenVMMXenVMM", "xen"},       {"TCGTCGTCGTCG", "qemu"},       {"bhyve bhyve ", "bhyve"},
    {"prl hyperv  ", "parallels"}, {"VBoxVBoxVBox", "virtualbox"},
};

/// What makers write into the firmware's tables (vendor and product). EC2's bare-metal types say "Amazon EC2"
/// as well, so these only count where the CPU says that it is virtual, or, on Arm, where the product is no
/// ".metal".
constexpr Marker kFirmware[] = {
    {"QEMU", "kvm"},
    {"KVM", "kvm"},
    {"Amazon EC2", "kvm"},
    {"Google", "kvm"},
    {"OpenStack", "kvm"},
    {"VMware", "vmware"},
    {"VirtualBox", "virtualbox"},
    {"innotek", "virtualbox"},
    {"Xen", "xen"},
    {"Virtual Machine", "hyper-v"},
    {"Parallels", "parallels"},
};

/// In the paths of /proc/self/cgroup, before cgroup namespaces hid them.
constexpr Marker kGroupNames[] = {
    {"kubepods", "kubernetes"},   {"docker", "docker"}, {"libpod", "podman"},
    {"containerd", "containerd"}, {"lxc", "lxc"},
};

std::string ask_cpu() {
#if defined(__x86_64__)
  unsigned a = 0, words[3] = {};
  __cpuid(0x40000000, a, words[0], words[1], words[2]);
  char id[13] = {};
  std::memcpy(id, words, 12);
  for (const Marker& m : kHypervisorIds)
    if (id == m.text) return std::string(m.name);
#endif
  return {};
}

std::string ask_firmware(const SystemFiles& files) {
  const std::string product = files.line("/sys/class/dmi/id/product_name");
  if (product.ends_with(".metal") || product.find(".metal-") != product.npos) return {};
  const std::string all = files.line("/sys/class/dmi/id/sys_vendor") + " " + product;
  for (const Marker& m : kFirmware)
    if (all.find(m.text) != all.npos) return std::string(m.name);
  return {};
}

}  // namespace

std::string hypervisor(const SystemFiles& files, std::string_view processor) {
  const bool x86 = !field(processor, "flags").empty();
  const bool flagged = has_word(field(processor, "flags"), "hypervisor", ' ');
  std::string name;
  if (x86 && !flagged) return name;
  if (x86 && files.is_real()) name = ask_cpu();
  if (name.empty() && files.line("/sys/hypervisor/type") == "xen") name = "xen";
  if (name.empty() && files.exists("/proc/device-tree/hypervisor")) name = "kvm";
  if (name.empty()) name = ask_firmware(files);
  return name.empty() && flagged ? "vm" : name;
}

std::string container(const SystemFiles& files) {
  const bool in_kubernetes = files.is_real() && std::getenv("KUBERNETES_SERVICE_HOST");
  if (in_kubernetes || files.exists("/run/secrets/kubernetes.io") ||
      files.exists("/var/run/secrets/kubernetes.io"))
    return "kubernetes";
  if (files.exists("/run/.containerenv")) return "podman";
  if (files.exists("/.singularity.d")) return "apptainer";
  if (const std::string name = files.line("/run/systemd/container"); !name.empty()) return name;
  const std::string groups = files.text("/proc/self/cgroup");
  for (const Marker& m : kGroupNames)
    if (groups.find(m.text) != groups.npos) return std::string(m.name);
  return files.exists("/.dockerenv") ? "docker" : "";
}

std::string virtualisation(const SystemFiles& files, std::string_view processor) {
  std::string name = hypervisor(files, processor);
  const std::string box = container(files);
  if (!name.empty() && !box.empty()) name += ' ';
  return box.empty() ? name : name + "container:" + box;
}

}  // namespace breakeven
