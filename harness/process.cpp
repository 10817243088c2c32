// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <ctime>
#include <system_error>

extern char** environ;

namespace breakeven {
namespace {

constexpr int kChannel = 3;                        // the child's descriptor for lines to us
constexpr size_t kLongestLine = size_t{64} << 20;  // a child that writes more without a newline is broken

int stop_pipe[2] = {-1, -1};
volatile sig_atomic_t stop_count = 0;

volatile sig_atomic_t stop_second = 0;  // of the monotonic clock, when the first signal came

sig_atomic_t monotonic_seconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);  // may be called in a signal handler
  return static_cast<sig_atomic_t>(now.tv_sec);
}

// A second signal ends us at once, unless it is the first one's echo: timeout(1) signals its child and then
// the group.
void on_stop(int signal) {
  if (stop_count == 0) stop_second = monotonic_seconds();
  stop_count = stop_count + 1;
  if (stop_count > 1 && monotonic_seconds() - stop_second > 1) {
    ::signal(signal, SIG_DFL);
    raise(signal);
  }
  const char byte = 's';
  [[maybe_unused]] const ssize_t written = write(stop_pipe[1], &byte, 1);
}

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

/// A file in memory that holds `text`, read from its start: unlike a pipe it cannot fill up and block us.
int memory_file(const std::string& text) {
  const int fd = memfd_create("plan", MFD_CLOEXEC);
  if (fd < 0) fail("memfd_create");
  for (size_t done = 0; done < text.size();) {
    const ssize_t n = write(fd, text.data() + done, text.size() - done);
    if (n < 0) fail("writing the worker's plan");
    done += static_cast<size_t>(n);
  }
  if (lseek(fd, 0, SEEK_SET) < 0) fail("lseek");
  return fd;
}

/// What a worker must not inherit: Google Benchmark would filter and print by the first, OpenMP would give
/// fewer threads than --threads says by the second.
bool kept_from_workers(std::string_view entry) {
  return entry.starts_with("BENCHMARK_") || entry.starts_with("OMP_THREAD_LIMIT=");
}

/// Our environment with `extra` set.
std::vector<std::string> merged_environment(const Environment& extra) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view text(*entry);
    const bool replaced = std::ranges::any_of(
        extra, [&](const auto& pair) { return text.substr(0, pair.first.size() + 1) == pair.first + "="; });
    if (!replaced && !kept_from_workers(text)) merged.emplace_back(text);
  }
  for (const auto& [name, value] : extra) merged.push_back(name + "=" + value);
  return merged;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& s : strings) out.push_back(s.data());
  out.push_back(nullptr);
  return out;
}

pid_t spawn(std::vector<std::string> argv, const Environment& extra, int input, int channel) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, 0);
  posix_spawn_file_actions_adddup2(&actions, 2, 1);
  posix_spawn_file_actions_adddup2(&actions, channel, kChannel);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> environment = merged_environment(extra);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, argv[0].c_str(), &actions, &attributes, pointers(argv).data(),
                                pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) throw std::system_error(error, std::generic_category(), "starting " + argv[0]);
  return pid;
}

}  // namespace

std::string Ended::words() const {
  if (signal != 0) return fmt::format("ended by signal {} ({})", signal, strsignal(signal));
  return fmt::format("ended with exit code {}", exit_code);
}

Child::Child(const std::vector<std::string>& argv, const Environment& extra, const std::string& input) {
  const int in = memory_file(input);
  int channel[2];
  if (pipe2(channel, O_CLOEXEC) != 0) fail("pipe");
  // Away from descriptor 3: duplicating a descriptor onto itself would leave it to be closed by exec.
  const int out = fcntl(channel[1], F_DUPFD_CLOEXEC, 10);
  close(channel[1]);
  try {
    pid_ = spawn(argv, extra, in, out);
  } catch (...) {
    for (int fd : {in, out, channel[0]}) close(fd);
    throw;
  }
  close(in);
  close(out);
  from_child_ = channel[0];
}

Child::~Child() {
  if (pid_ > 0) {
    kill();
    wait();
  }
  close(from_child_);
}

bool Child::take_line(std::string& line) {
  const size_t end = buffer_.find('\n');
  if (end == std::string::npos) return false;
  line = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  return true;
}

Child::Read Child::read_line(std::string& line, double seconds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (!take_line(line)) {
    if (buffer_.size() > kLongestLine) return Read::closed;
    const auto left =
        std::chrono::duration<double, std::milli>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return Read::timeout;
    pollfd waiting[2] = {{from_child_, POLLIN, 0},
                         {stop_pipe[0], POLLIN, 0}};  // a negative descriptor is ignored
    const int ready = poll(waiting, 2, static_cast<int>(std::min(left, 3.6e6)) + 1);
    if (ready < 0 && errno != EINTR) fail("poll");
    if (StopSignals::stopped()) return Read::interrupted;
    if (ready <= 0 || !(waiting[0].revents & (POLLIN | POLLHUP))) continue;
    char chunk[65536];
    const ssize_t n = read(from_child_, chunk, sizeof chunk);
    if (n == 0) return Read::closed;
    if (n > 0)
      buffer_.append(chunk, static_cast<size_t>(n));
    else if (errno != EINTR)
      fail("reading from the worker");
  }
  return Read::line;
}

void Child::kill() {
  if (pid_ > 0) ::kill(-pid_, SIGKILL);
}

Ended Child::wait() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  if (WIFSIGNALED(status)) return {0, WTERMSIG(status)};
  return {WEXITSTATUS(status), 0};
}

StopSignals::StopSignals() {
  if (pipe2(stop_pipe, O_CLOEXEC | O_NONBLOCK) != 0) fail("pipe");
  stop_count = 0;
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, on_stop);
}

StopSignals::~StopSignals() {
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_DFL);
  for (int& fd : stop_pipe) close(std::exchange(fd, -1));
}

bool StopSignals::stopped() { return stop_count > 0; }

}  // namespace breakeven
