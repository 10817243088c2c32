// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/cgroup.h"

#include <algorithm>
#include <string>

namespace breakeven {
namespace {

enum class Version : uint8_t { v1, v2 };

/// One mounted hierarchy. `root` is the group that appears at `point`: not "/" for bind mounts into
/// containers.
struct Mount {
  Version version;
  std::string root, point, controllers;  // controllers: "rw,cpu,cpuacct", version 1 only
};

/// Where this process is in one hierarchy, seen from the root of its cgroup namespace.
struct Membership {
  Version version;
  std::string controllers, path;
};

constexpr int kMaxDepth = 64;  // groups nest a handful deep; a hostile path could nest 100,000
constexpr int64_t kUnlimited = int64_t{1} << 60;  // version 1 writes "no limit" as the largest count of pages

/// mountinfo writes blanks in paths as octal escapes (\040).
std::string unescaped(std::string_view text) {
  std::string plain;
  const auto octal = [&](size_t at) { return text[at] >= '0' && text[at] <= '7'; };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && octal(i + 1) && octal(i + 2) && octal(i + 3)) {
      plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

/// "36 35 0:28 ROOT POINT options... - TYPE source CONTROLLERS"
std::optional<Mount> parse_mount(std::string_view line) {
  const size_t dash = line.find(" - ");
  if (dash == line.npos) return std::nullopt;
  std::string_view before = line.substr(0, dash), after = line.substr(dash + 3);
  const std::string_view type = take_until(after, ' ');
  if (type != "cgroup" && type != "cgroup2") return std::nullopt;
  for (int skipped = 0; skipped < 3; ++skipped) take_until(before, ' ');
  Mount mount{type == "cgroup2" ? Version::v2 : Version::v1, {}, {}, {}};
  mount.root = unescaped(take_until(before, ' '));
  mount.point = unescaped(take_until(before, ' '));
  take_until(after, ' ');
  mount.controllers = take_until(after, ' ');
  return mount;
}

std::vector<Mount> mounts(const SystemFiles& files) {
  std::vector<Mount> found;
  const std::string text = files.text("/proc/self/mountinfo");
  for (std::string_view rest = text; !rest.empty();)
    if (std::optional<Mount> mount = parse_mount(take_until(rest, '\n'))) found.push_back(std::move(*mount));
  if (!found.empty()) return found;
  // A container sharing another's process namespace may not see these mounts listed, and yet have them.
  if (files.exists("/sys/fs/cgroup/cgroup.controllers"))
    found.push_back({Version::v2, "/", "/sys/fs/cgroup", ""});
  for (const char* controller : {"cpu", "cpuset", "memory"})
    if (const std::string point = std::string("/sys/fs/cgroup/") + controller; files.exists(point))
      found.push_back({Version::v1, "/", point, controller});
  return found;
}

/// "4:cpu,cpuacct:/path" for version 1, "0::/path" for version 2.
std::vector<Membership> memberships(const SystemFiles& files) {
  std::vector<Membership> found;
  const std::string text = files.text("/proc/self/cgroup");
  for (std::string_view rest = text; !rest.empty();) {
    std::string_view line = take_until(rest, '\n');
    const std::string_view id = take_until(line, ':');
    const std::string_view controllers = take_until(line, ':');
    const Version version = id == "0" && controllers.empty() ? Version::v2 : Version::v1;
    found.push_back({version, std::string(controllers), std::string(line)});
  }
  return found;
}

/// What is left of `path` below `root`; nothing when it is not below it.
std::optional<std::string> below(const std::string& path, const std::string& root) {
  // "/.." leads out of the namespace: those groups exist but cannot be named.
  if (path.empty() || path[0] != '/' || (path + "/").find("/../") != path.npos) return std::nullopt;
  if (root == "/") return path == "/" ? "" : path;
  if (path == root) return "";
  return path.starts_with(root + "/") ? std::optional(path.substr(root.size())) : std::nullopt;
}

/// This process's group and its ancestors as far up as they are mounted, innermost first, as directories.
std::vector<std::string> lineage(const std::vector<Mount>& mounts, const std::vector<Membership>& memberships,
                                 Version version, std::string_view controller) {
  const auto concerns = [&](Version v, const std::string& controllers) {
    return v == version && (v == Version::v2 || has_word(controllers, controller, ','));
  };
  std::string path = "/";
  for (const Membership& m : memberships)
    if (concerns(m.version, m.controllers)) path = m.path;

  const Mount* best = nullptr;  // the one that shows most ancestors, else any
  std::optional<std::string> rest;
  for (const Mount& mount : mounts) {
    if (!concerns(mount.version, mount.controllers)) continue;
    std::optional<std::string> inside = below(path, mount.root);
    if (best && !(inside && (!rest || inside->size() > rest->size()))) continue;
    best = &mount;
    rest = std::move(inside);
  }
  std::vector<std::string> directories;
  if (!best) return directories;
  for (std::string inside = rest.value_or(""); directories.size() < kMaxDepth;) {
    directories.push_back(best->point + inside);
    if (inside.empty()) break;
    inside.resize(inside.rfind('/'));
  }
  return directories;
}

template <class T>
void tighten(std::optional<T>& limit, std::optional<T> other) {
  if (other && (!limit || *other < *limit)) limit = other;
}

std::optional<double> cores(std::optional<int64_t> quota, std::optional<int64_t> period) {
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

std::optional<double> quota(const SystemFiles& files, const std::string& directory, Version version) {
  if (version == Version::v1)
    return cores(files.integer(directory + "/cpu.cfs_quota_us"),
                 files.integer(directory + "/cpu.cfs_period_us"));
  const std::string text = files.text(directory + "/cpu.max", 128);  // "150000 100000", "max 100000"
  std::string_view rest = trimmed(text);
  const std::optional<int64_t> quota_us = parse_integer(take_until(rest, ' '));
  return cores(quota_us, rest.empty() ? std::optional<int64_t>(100000) : parse_integer(rest));
}

std::optional<int64_t> memory_limit(const SystemFiles& files, const std::string& file) {
  const std::optional<int64_t> bytes = files.integer(file);
  return bytes && *bytes > 0 && *bytes < kUnlimited ? bytes : std::nullopt;
}

void apply_memory(const SystemFiles& files, const std::string& directory, Version version,
                  CgroupLimits& limits) {
  const bool v1 = version == Version::v1;
  std::optional<int64_t> limit =
      memory_limit(files, directory + (v1 ? "/memory.limit_in_bytes" : "/memory.max"));
  // Above memory.high the kernel slows a group down until it is below again: a limit for who measures time.
  if (!v1) tighten(limit, memory_limit(files, directory + "/memory.high"));
  if (!limit) return;
  const std::string stat = files.text(directory + "/memory.stat");
  const auto reading = [](std::optional<int64_t> bytes) {
    return std::clamp<int64_t>(bytes.value_or(0), 0, kUnlimited);
  };
  const int64_t usage =
      reading(files.integer(directory + (v1 ? "/memory.usage_in_bytes" : "/memory.current")));
  const int64_t droppable =
      reading(parse_integer(field(stat, v1 ? "total_inactive_file" : "inactive_file", ' ')));
  tighten(limits.memory_bytes, limit);
  tighten(limits.available_bytes, std::optional(std::clamp<int64_t>(*limit - usage + droppable, 0, *limit)));
}

/// Effective sets shrink on the way down, so the innermost group that has one is the tightest.
std::vector<int> cpuset(const SystemFiles& files, const std::string& directory, Version version) {
  const bool v1 = version == Version::v1;
  std::vector<int> cpus =
      parse_cpu_list(files.text(directory + (v1 ? "/cpuset.effective_cpus" : "/cpuset.cpus.effective")));
  return cpus.empty() ? parse_cpu_list(files.text(directory + "/cpuset.cpus")) : cpus;
}

}  // namespace

CgroupLimits cgroup_limits(const SystemFiles& files) {
  const std::vector<Mount> mounted = mounts(files);
  const std::vector<Membership> member_of = memberships(files);
  CgroupLimits limits;
  for (const Version version : {Version::v1, Version::v2}) {
    for (const std::string& directory : lineage(mounted, member_of, version, "cpu"))
      tighten(limits.quota, quota(files, directory, version));
    for (const std::string& directory : lineage(mounted, member_of, version, "memory"))
      apply_memory(files, directory, version, limits);
    for (const std::string& directory : lineage(mounted, member_of, version, "cpuset"))
      if (limits.cpus.empty()) limits.cpus = cpuset(files, directory, version);
  }
  return limits;
}

}  // namespace breakeven
