// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/supervisor.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <optional>

namespace breakeven {
namespace {

constexpr int kChannel = 3;

// One line: "<word> <index> <rest>".
struct Message {
  std::string_view word, rest;
  size_t index = 0;
};

std::optional<Message> parse(std::string_view line) {
  const size_t first = line.find(' ');
  if (first == std::string_view::npos) return std::nullopt;
  Message message{line.substr(0, first), {}, 0};
  line.remove_prefix(first + 1);
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), message.index);
  if (error != std::errc()) return std::nullopt;
  line.remove_prefix(static_cast<size_t>(end - line.data()));
  message.rest = line.empty() ? line : line.substr(1);
  return message;
}

using Clock = std::chrono::steady_clock;

Clock::time_point from_now(double seconds) {
  return Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

/// One worker's life: from the case `next` on, until it ends.
class Launch {
 public:
  Launch(const WorkerCommand& command, size_t next, size_t count, const Timeouts& timeout,
         const RunEvents& events)
      : child_(command.argv, command.environment, command.plan(next)),
        next_(next),
        count_(count),
        timeout_(timeout),
        deadline_(from_now(timeout(next))),
        events_(events) {}

  /// Index of the first case not done, or nothing when interrupted.
  std::optional<size_t> run() {
    std::string line;
    while (true) {
      switch (child_.read_line(line, std::chrono::duration<double>(deadline_ - Clock::now()).count())) {
        case Child::Read::line:
          if (const auto message = parse(line)) hear(*message);
          break;
        case Child::Read::interrupted:
          return std::nullopt;
        case Child::Read::timeout:
          child_.kill();
          lose(Status::timeout, fmt::format("no result within {:g} s (--timeout)", timeout_(next_)));
          return next_;
        case Child::Read::closed:
          return close();
      }
    }
  }

 private:
  void hear(const Message& message) {
    if (message.index >= count_) return;
    if (message.word == "started") {
      deadline_ = from_now(timeout_(message.index));
      events_.started(message.index);
    } else if (message.word == "progress") {
      const size_t space = message.rest.rfind(' ');
      double seconds = 0;
      if (space != std::string_view::npos) {
        std::from_chars(message.rest.data() + space + 1, message.rest.data() + message.rest.size(), seconds);
      }
      events_.progress(message.index, message.rest.substr(0, space), seconds);
    } else if (message.word == "result" && message.index == next_) {
      events_.finished(next_++, std::string(message.rest));
    } else if (message.word == "device_lost" && message.index == next_) {
      lose(Status::device_lost, std::string(message.rest));
    }
  }

  size_t close() {
    const Ended ended = child_.wait();
    if (next_ >= count_ || lost_one_) return next_;
    if (ended.signal == SIGKILL) {
      lose(Status::oom, "the worker was killed, most likely because memory ran out (SIGKILL)");
    } else {
      lose(Status::failed, "the worker " + ended.words());
    }
    return next_;
  }

  void lose(Status status, const std::string& reason) {
    events_.lost(next_++, status, reason);
    lost_one_ = true;
  }

  Child child_;
  size_t next_, count_;
  const Timeouts& timeout_;
  Clock::time_point deadline_;  // of the case under way; the first one's includes starting up
  const RunEvents& events_;
  bool lost_one_ = false;
};

}  // namespace

RunEnd supervise(const WorkerCommand& command, size_t count, const Timeouts& timeout,
                 const RunEvents& events) {
  for (size_t next = 0; next < count;) {
    if (StopSignals::stopped()) return RunEnd::interrupted;
    Launch launch(command, next, count, timeout, events);
    const std::optional<size_t> reached = launch.run();
    if (!reached) return RunEnd::interrupted;
    next = *reached;
  }
  return RunEnd::complete;
}

void tell(const std::string& line) {
  for (size_t done = 0; done < line.size();) {
    const ssize_t n = write(kChannel, line.data() + done, line.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) _exit(1);  // the supervisor is gone: nobody to measure for
    done += static_cast<size_t>(n);
  }
}

void tell_started(size_t index) { tell(fmt::format("started {}\n", index)); }
void tell_progress(size_t index, std::string_view phase, double median_seconds) {
  tell(fmt::format("progress {} {} {}\n", index, phase, median_seconds));
}
void tell_result(size_t index, const std::string& record) {
  tell(fmt::format("result {} {}\n", index, record));
}
void tell_device_lost(size_t index, const std::string& reason) {
  tell(fmt::format("device_lost {} {}\n", index, reason));
}

}  // namespace breakeven
