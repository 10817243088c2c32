// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

namespace breakeven {

using Environment = std::vector<std::pair<std::string, std::string>>;

/// How a process came to its end.
struct Ended {
  int exit_code = 0;  // when it ended by itself
  int signal = 0;     // when a signal ended it, else 0
  std::string words() const;
};

/// A child process in a process group of its own: `input` on its standard input, its descriptor 3 read here
/// line by line, its standard output sent to our standard error. Killed with its group when this object goes.
class Child {
 public:
  /// `extra` is added to the environment. Throws std::system_error when it cannot be started.
  Child(const std::vector<std::string>& argv, const Environment& extra, const std::string& input);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  enum class Read { line, timeout, interrupted, closed };
  /// The next line, without its newline; waits at most `seconds`, and no longer than the first stop signal.
  Read read_line(std::string& line, double seconds);
  void kill();
  Ended wait();

 private:
  bool take_line(std::string& line);
  pid_t pid_ = -1;
  int from_child_ = -1;
  std::string buffer_;
};

/// While one exists, SIGINT, SIGTERM and SIGHUP end waits (`Read::interrupted`) instead of the process; a
/// second one ends it at once.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  static bool stopped();
};

}  // namespace breakeven
