// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// What else goes on in the system.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "harness/doctor_checks.h"

namespace breakeven::doctor {
namespace {

constexpr double kBusyLoad = 0.5;     // half a core kept busy by others: threads in step wait for the slowest
constexpr double kHighPressure = 2;   // percent of the last 10 s in which some thread waited for a CPU
constexpr double kHighSteal = 0.005;  // of all CPU time since boot
constexpr size_t kMaxProcesses = 2000;  // looked at, so that a crowded server does not hold up the answer
constexpr double kGiB = 1 << 30;

std::optional<double> parse_real(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && std::isfinite(value) && value >= 0 ? std::optional(value) : std::nullopt;
}

/// The name of a process that is running right now; "" when it sleeps or belongs to the kernel.
/// stat: "pid (name) state parent group session terminal foreground flags ..."; a name may hold blanks and
/// ')'.
std::string running(std::string_view stat) {
  constexpr int64_t kKernelThread = 0x00200000;  // PF_KTHREAD
  const size_t open = stat.find('('), close = stat.rfind(')');
  if (open == stat.npos || close == stat.npos || close < open) return {};
  std::string_view rest = trimmed(stat.substr(close + 1));
  if (take_until(rest, ' ') != "R") return {};
  for (int skipped = 0; skipped < 5; ++skipped) take_until(rest, ' ');
  const std::optional<int64_t> flags = parse_integer(take_until(rest, ' '));
  if (!flags || (*flags & kKernelThread)) return {};
  return printable(stat.substr(open + 1, close - open - 1));
}

std::set<std::string> others_running(const SystemFiles& files) {
  std::set<std::string> names;
  size_t looked_at = 0;
  for (const std::string& entry : files.entries("/proc")) {
    const std::optional<int64_t> pid = parse_integer(entry);
    if (!pid || (files.is_real() && *pid == getpid())) continue;
    if (++looked_at > kMaxProcesses) break;
    if (std::string one = running(files.text("/proc/" + entry + "/stat", 1024)); !one.empty())
      names.insert(std::move(one));
  }
  return names;
}

}  // namespace

Found load(const Look& look) {
  const std::string line = look.files.line("/proc/loadavg");  // "0.31 0.12 0.05 2/413 5828"
  std::string_view rest = line;
  const std::optional<double> last_minute = parse_real(take_until(rest, ' '));
  if (!last_minute) return std::nullopt;
  for (int skipped = 0; skipped < 2; ++skipped) take_until(rest, ' ');
  const bool only_us = parse_integer(take_until(rest, '/')).value_or(0) <= 1;
  const std::set<std::string> names = only_us ? std::set<std::string>() : others_running(look.files);
  std::string state = fmt::format("{:.2f} threads busy on average over the last minute", *last_minute);
  if (*last_minute < kBusyLoad && names.empty()) return Finding{Severity::good, "other work", state, ""};
  if (!names.empty()) state += fmt::format("; running now: {}", fmt::join(names, ", "));
  return Finding{Severity::distorts, "other work", state,
                 "stop other programs (top shows them) and wait a minute, then look again"};
}

Found pressure(const Look& look) {
  const std::string line = look.files.line("/proc/pressure/cpu");  // "some avg10=0.25 avg60=0.54 ..."
  const size_t at = line.find("avg10=");
  if (!line.starts_with("some ") || at == line.npos) return std::nullopt;
  std::string_view rest = std::string_view(line).substr(at + 6);
  const std::optional<double> percent = parse_real(take_until(rest, ' '));
  if (!percent) return std::nullopt;
  const std::string state = fmt::format("threads waited for a CPU {:.1f} % of the last 10 s", *percent);
  if (*percent < kHighPressure) return Finding{Severity::good, "CPU pressure", state, ""};
  return Finding{Severity::distorts, "CPU pressure", state,
                 "stop other programs, or give runs fewer --threads"};
}

Found steal(const Look& look) {
  // "cpu user nice system idle iowait irq softirq steal", in ticks since boot
  const std::string line = look.files.line("/proc/stat");
  std::string_view rest = line;
  if (look.machine.virtualisation.empty() || take_until(rest, ' ') != "cpu") return std::nullopt;
  double all = 0, stolen = 0;
  for (int column = 0; column < 8; ++column) {
    rest = trimmed(rest);
    const std::optional<int64_t> ticks = parse_integer(take_until(rest, ' '));
    if (!ticks || *ticks < 0) return std::nullopt;
    stolen = static_cast<double>(*ticks);
    all += stolen;
  }
  if (all == 0) return std::nullopt;
  const std::string state =
      fmt::format("{:.2f} % of CPU time since boot went to other guests", 100 * stolen / all);
  if (stolen / all < kHighSteal) return Finding{Severity::good, "steal time", state, ""};
  return Finding{Severity::distorts, "steal time", state,
                 "use an instance with dedicated cores (no burstable or shared type)"};
}

Found memory(const Look& look) {
  const double total = static_cast<double>(look.machine.memory_bytes);
  const double available = static_cast<double>(look.machine.available_bytes);
  if (total <= 0) return Finding{Severity::missing, "memory", "its size is not readable", "mount /proc"};
  const std::string state = fmt::format("{:.1f} of {:.1f} GiB available", available / kGiB, total / kGiB);
  if (available >= total / 4) return Finding{Severity::good, "memory", state, ""};
  return Finding{Severity::distorts, "memory", state + ": tight, large cases will be skipped",
                 "close other programs, or raise the container's memory limit"};
}

Found swap(const Look& look) {
  const std::string meminfo = look.files.text("/proc/meminfo", 16384);
  const std::optional<int64_t> total = parse_bytes(field(meminfo, "SwapTotal"));
  const std::optional<int64_t> free = parse_bytes(field(meminfo, "SwapFree"));
  if (!total || !free || *free > *total) return std::nullopt;
  const double used = static_cast<double>(*total - *free);
  const std::string state = used == 0 ? "not in use" : fmt::format("{:.2f} GiB in use", used / kGiB);
  if (used <= 0.01 * static_cast<double>(look.machine.memory_bytes))
    return Finding{Severity::good, "swap", state, ""};
  return Finding{Severity::distorts, "swap",
                 state + ": memory was short, pages may have to come back from disk",
                 "close other programs, then: sudo swapoff -a && sudo swapon -a"};
}

Found huge_pages(const Look& look) {
  // "always [madvise] never": the one in brackets is set
  const std::string line = look.files.line("/sys/kernel/mm/transparent_hugepage/enabled");
  const size_t open = line.find('['), close = line.find(']', open);
  if (open == line.npos || close == line.npos) return std::nullopt;
  const std::string set = line.substr(open + 1, close - open - 1);
  if (set == "always") return Finding{Severity::good, "huge pages", "transparent huge pages for all", ""};
  if (set == "madvise")
    return Finding{Severity::good, "huge pages", "transparent huge pages for who asks, as operands do", ""};
  return Finding{Severity::distorts, "huge pages",
                 set + ": large operands stand on small pages, and looking those up costs time",
                 "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled"};
}

Found numa_balancing(const Look& look) {
  const std::vector<std::string> entries = look.files.entries("/sys/devices/system/node");
  const auto nodes = std::count_if(entries.begin(), entries.end(), [](const std::string& entry) {
    return entry.starts_with("node") && parse_integer(std::string_view(entry).substr(4));
  });
  if (nodes < 2) return std::nullopt;
  if (look.files.integer("/proc/sys/kernel/numa_balancing").value_or(0) == 0)
    return Finding{Severity::good, "NUMA", fmt::format("{} nodes, pages stay where they are", nodes), ""};
  return Finding{Severity::distorts, "NUMA",
                 fmt::format("{} nodes, and the kernel moves pages between them while we measure", nodes),
                 "sudo sysctl kernel.numa_balancing=0"};
}

Found clock_source(const Look& look) {
  const std::string source =
      look.files.line("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  if (source.empty()) return std::nullopt;
  // These are read without a system call; reading the others costs up to a microsecond.
  for (const char* quick :
       {"tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter", "timebase"})
    if (source == quick) return Finding{Severity::good, "clock", source, ""};
  return Finding{
      Severity::distorts, "clock", source + ": reading the time is slow, which blurs short kernels",
      "echo tsc | sudo tee /sys/devices/system/clocksource/clocksource0/current_clocksource, or boot "
      "with tsc=reliable"};
}

}  // namespace breakeven::doctor
