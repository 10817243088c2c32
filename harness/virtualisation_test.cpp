// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/virtualisation.h"

#include <gtest/gtest.h>

#include "harness/fake_root.h"

namespace breakeven {
namespace {

constexpr std::string_view kVirtual = "flags\t\t: fpu hypervisor\n", kMetal = "flags\t\t: fpu\n";

std::string seen(const FakeRoot& root, std::string_view processor) {
  return virtualisation(SystemFiles(root.path()), processor);
}

TEST(Virtualisation, NoneWithoutMarkers) {
  FakeRoot root;
  EXPECT_EQ(seen(root, kMetal), "");
  root.put("/sys/class/dmi/id/sys_vendor", "Amazon EC2\n");  // bare-metal types say so too
  EXPECT_EQ(seen(root, kMetal), "");
}

TEST(Virtualisation, TheHypervisorIsNamedWhereItTells) {
  FakeRoot root;
  EXPECT_EQ(seen(root, kVirtual), "vm");
  root.put("/sys/class/dmi/id/sys_vendor", "Microsoft Corporation\n");
  root.put("/sys/class/dmi/id/product_name", "Virtual Machine\n");
  EXPECT_EQ(seen(root, kVirtual), "hyper-v");
  root.put("/sys/class/dmi/id/sys_vendor", "Google\n")
      .put("/sys/class/dmi/id/product_name", "Google Compute Engine\n");
  EXPECT_EQ(seen(root, kVirtual), "kvm");
  root.put("/sys/hypervisor/type", "xen\n");
  EXPECT_EQ(seen(root, kVirtual), "xen");
}

TEST(Virtualisation, Containers) {
  const struct {
    const char *file, *text, *name;
  } markers[] = {
      {"/.dockerenv", "", "docker"},
      {"/run/.containerenv", "", "podman"},
      {"/run/systemd/container", "systemd-nspawn\n", "systemd-nspawn"},
      {"/run/secrets/kubernetes.io/serviceaccount/token", "", "kubernetes"},
      {"/.singularity.d/Singularity", "", "apptainer"},
      {"/proc/self/cgroup", "4:memory:/docker/4f2a\n", "docker"},
      {"/proc/self/cgroup", "0::/kubepods.slice/pod1\n", "kubernetes"},
      {"/proc/self/cgroup", "0::/machine.slice/libpod-77.scope\n", "podman"},
  };
  for (const auto& marker : markers) {
    FakeRoot root;
    root.put(marker.file, marker.text);
    EXPECT_EQ(seen(root, kMetal), std::string("container:") + marker.name);
    EXPECT_EQ(seen(root, kVirtual), std::string("vm container:") + marker.name);
  }
}

}  // namespace
}  // namespace breakeven
