// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/cpu_name.h"

#include <algorithm>
#include <optional>

#include "harness/system_files.h"

namespace breakeven {
namespace {

struct X86Design {
  std::string_view vendor;
  int family, first_model, last_model, first_stepping, last_stepping;
  std::string_view name;
};

/// Server designs only: those are what clouds sell without a model number.
constexpr X86Design kX86Designs[] = {
    {"AuthenticAMD", 23, 0x00, 0x0f, 0, 15, "Zen"},
    {"AuthenticAMD", 23, 0x30, 0x3f, 0, 15, "Zen 2"},
    {"AuthenticAMD", 25, 0x00, 0x0f, 0, 15, "Zen 3"},
    {"AuthenticAMD", 25, 0x10, 0x1f, 0, 15, "Zen 4"},
    {"AuthenticAMD", 25, 0xa0, 0xaf, 0, 15, "Zen 4"},
    {"AuthenticAMD", 26, 0x00, 0x1f, 0, 15, "Zen 5"},
    {"GenuineIntel", 6, 63, 63, 0, 15, "Haswell"},
    {"GenuineIntel", 6, 79, 79, 0, 15, "Broadwell"},
    {"GenuineIntel", 6, 85, 85, 0, 4, "Skylake"},
    {"GenuineIntel", 6, 85, 85, 5, 7, "Cascade Lake"},
    {"GenuineIntel", 6, 85, 85, 10, 11, "Cooper Lake"},
    {"GenuineIntel", 6, 106, 106, 0, 15, "Ice Lake"},
    {"GenuineIntel", 6, 143, 143, 0, 15, "Sapphire Rapids"},
    {"GenuineIntel", 6, 207, 207, 0, 15, "Emerald Rapids"},
    {"GenuineIntel", 6, 173, 173, 0, 15, "Granite Rapids"},
};

struct ArmDesign {
  std::string_view implementer, part, name;
};

constexpr ArmDesign kArmDesigns[] = {
    {"0x41", "0xd03", "Arm Cortex-A53"},
    {"0x41", "0xd08", "Arm Cortex-A72"},
    {"0x41", "0xd0b", "Arm Cortex-A76"},
    {"0x41", "0xd0c", "Arm Neoverse-N1"},
    {"0x41", "0xd40", "Arm Neoverse-V1"},
    {"0x41", "0xd49", "Arm Neoverse-N2"},
    {"0x41", "0xd4f", "Arm Neoverse-V2"},
    {"0x41", "0xd84", "Arm Neoverse-V3"},
    {"0x41", "0xd8e", "Arm Neoverse-N3"},
    {"0x46", "0x001", "Fujitsu A64FX"},
    {"0x48", "0xd01", "HiSilicon Kunpeng 920"},
    {"0xc0", "0xac3", "Ampere-1"},
    {"0xc0", "0xac4", "Ampere-1A"},
};

int number(std::string_view processor, std::string_view key) {
  return static_cast<int>(std::clamp<int64_t>(parse_integer(field(processor, key)).value_or(-1), -1, 9999));
}

/// "Intel(R) Xeon(R) CPU @ 2.20GHz" has none: the clock does not count. "Xeon Processor (Skylake)" names
/// itself.
bool tells_model(std::string_view name) {
  const std::string_view before_clock = name.substr(0, name.find('@'));
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (std::any_of(before_clock.begin(), before_clock.end(), is_digit)) return true;
  for (size_t at = name.find('('); at != name.npos; at = name.find('(', at + 1))
    if (name.substr(at, 3) != "(R)" && name.substr(at, 4) != "(TM)") return true;
  return false;
}

std::optional<std::string_view> x86_design(std::string_view processor) {
  const std::string_view vendor = field(processor, "vendor_id");
  const int family = number(processor, "cpu family"), model = number(processor, "model");
  const int stepping = number(processor, "stepping");
  for (const X86Design& d : kX86Designs)
    if (d.vendor == vendor && d.family == family && d.first_model <= model && model <= d.last_model &&
        d.first_stepping <= stepping && stepping <= d.last_stepping)
      return d.name;
  return std::nullopt;
}

std::string arm_name(std::string_view processor) {
  const std::string_view implementer = field(processor, "CPU implementer"),
                         part = field(processor, "CPU part");
  if (implementer.empty()) return {};
  for (const ArmDesign& d : kArmDesigns)
    if (d.implementer == implementer && d.part == part) return std::string(d.name);
  return "Arm implementer " + printable(implementer) + " part " + printable(part);
}

}  // namespace

std::string cpu_name(std::string_view processor) {
  std::string name = printable(field(processor, "model name"));
  if (!name.empty() && !tells_model(name))
    if (const std::optional<std::string_view> design = x86_design(processor))
      return name + " (" + std::string(*design) + ")";
  if (name.empty()) name = arm_name(processor);
  if (name.empty()) name = printable(field(processor, "cpu"));  // POWER
  return name.empty() ? "unknown" : name;
}

}  // namespace breakeven
