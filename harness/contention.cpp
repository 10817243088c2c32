// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/contention.h"

#include <fmt/format.h>

namespace breakeven {
namespace {

// Shares of the time above which a number is not to be compared with one of a quiet machine.
constexpr double kStalled = 0.05, kStolen = 0.01, kDelayed = 0.02;

/// "some avg10=0.00 avg60=0.00 avg300=0.00 total=12345" (microseconds)
std::optional<double> stalled_seconds(const SystemFiles& files) {
  const std::string text = files.text("/proc/pressure/cpu", 4096);
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view line = take_until(rest, '\n');
    const size_t total = line.find("total=");
    if (!line.starts_with("some ") || total == line.npos) continue;
    const std::optional<int64_t> microseconds = parse_integer(line.substr(total + 6));
    return microseconds ? std::optional(static_cast<double>(*microseconds) * 1e-6) : std::nullopt;
  }
  return std::nullopt;
}

/// "cpu  user nice system idle iowait irq softirq steal guest guest_nice": guests count as user already.
void read_ticks(const SystemFiles& files, CpuWaiting& read) {
  constexpr int kCounted = 8, kSteal = 7;
  const std::string text = files.line("/proc/stat");
  std::string_view rest = text;
  if (take_until(rest, ' ') != "cpu") return;
  double all = 0, stolen = 0;
  for (int i = 0; i < kCounted;) {
    if (rest.empty()) return;
    const std::string_view word = take_until(rest, ' ');
    if (word.empty()) continue;  // two blanks after "cpu"
    const std::optional<int64_t> ticks = parse_integer(word);
    if (!ticks) return;
    all += static_cast<double>(*ticks);
    if (i++ == kSteal) stolen = static_cast<double>(*ticks);
  }
  read.stolen = stolen, read.all_ticks = all;
}

/// "<nanoseconds run> <nanoseconds waiting to run> <slices>" of every thread.
void read_threads(const SystemFiles& files, CpuWaiting& read) {
  const std::string tasks = "/proc/self/task";
  for (const std::string& task : files.entries(tasks)) {
    const std::string schedule = files.text(tasks + "/" + task + "/schedstat", 256);
    std::string_view rest = schedule;
    take_until(rest, ' ');
    if (const auto waited = parse_integer(take_until(rest, ' ')))
      read.delay_seconds = read.delay_seconds.value_or(0) + static_cast<double>(*waited) * 1e-9;
    const std::string status = files.text(tasks + "/" + task + "/status", 16384);
    if (const auto switches = parse_integer(field(status, "nonvoluntary_ctxt_switches")))
      read.involuntary = read.involuntary.value_or(0) + *switches;
  }
}

/// How much more `after` is; nothing where either is not known or a counter ran backwards (threads ended).
template <class T>
std::optional<double> grown(const std::optional<T>& before, const std::optional<T>& after) {
  if (!before || !after || *after < *before) return std::nullopt;
  return static_cast<double>(*after - *before);
}

}  // namespace

CpuWaiting cpu_waiting(const SystemFiles& files) {
  CpuWaiting read;
  read.stalled_seconds = stalled_seconds(files);
  read_ticks(files, read);
  read_threads(files, read);
  return read;
}

std::vector<std::string> contention(const CpuWaiting& before, const CpuWaiting& after, double seconds,
                                    int threads) {
  std::vector<std::string> found;
  if (!(seconds > 0)) return found;
  const auto stalled = grown(before.stalled_seconds, after.stalled_seconds);
  if (stalled && *stalled > kStalled * seconds)
    found.push_back(fmt::format("contended: for {:.0f} % of the time some task waited for a CPU (PSI)",
                                100 * *stalled / seconds));
  const auto stolen = grown(before.stolen, after.stolen), ticks = grown(before.all_ticks, after.all_ticks);
  if (stolen && ticks && *stolen > kStolen * *ticks)
    found.push_back(fmt::format("contended: the host took {:.0f} % of the CPU time for others (steal)",
                                100 * *stolen / *ticks));
  const auto delay = grown(before.delay_seconds, after.delay_seconds);
  if (delay && *delay > kDelayed * seconds * threads)
    found.push_back(fmt::format(
        "contended: threads ready to run waited {:.0f} % of their time, put aside {:.0f} times",
        100 * *delay / (seconds * threads), grown(before.involuntary, after.involuntary).value_or(0)));
  return found;
}

}  // namespace breakeven
