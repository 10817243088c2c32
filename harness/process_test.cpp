// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/process.h"

#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "harness/supervisor.h"

namespace breakeven {
namespace {

std::vector<std::string> shell(const std::string& script) { return {"/bin/sh", "-c", script}; }

TEST(Child, GetsItsInputAndEnvironmentAndAnswersOnDescriptorThree) {
  Child child(shell("read word; echo \"$word $GREETING\" >&3; echo not for you"), {{"GREETING", "there"}},
              "hello\n");
  std::string line;
  ASSERT_EQ(child.read_line(line, 10), Child::Read::line);
  EXPECT_EQ(line, "hello there");
  EXPECT_EQ(child.read_line(line, 10), Child::Read::closed);
  EXPECT_EQ(child.wait().exit_code, 0);
}

TEST(Child, TakesInputLargerThanAPipeHolds) {
  Child child(shell("wc -c >&3"), {}, std::string(3 << 20, 'x'));
  std::string line;
  ASSERT_EQ(child.read_line(line, 30), Child::Read::line);
  EXPECT_EQ(std::stoi(line), 3 << 20);
}

TEST(Child, TimesOutAndIsKilledWithItsChildren) {
  std::string line;
  Child child(shell("sleep 1000 & wait"), {}, "");
  EXPECT_EQ(child.read_line(line, 0.05), Child::Read::timeout);
  child.kill();
  EXPECT_EQ(child.wait().signal, SIGKILL);
}

TEST(Child, TellsHowItEnded) {
  std::string line;
  Child coded(shell("exit 3"), {}, "");
  EXPECT_EQ(coded.read_line(line, 10), Child::Read::closed);
  EXPECT_EQ(coded.wait().exit_code, 3);
  Child crashed(shell("kill -SEGV $$"), {}, "");
  EXPECT_EQ(crashed.read_line(line, 10), Child::Read::closed);
  EXPECT_EQ(crashed.wait().signal, SIGSEGV);
}

TEST(Child, ThatCannotStartIsAnError) {
  EXPECT_THROW(Child({"/no/such/program"}, {}, ""), std::system_error);
}

/// A supervised run whose worker is a shell script; the script finds the index of its first case in $1.
struct Told {
  std::vector<std::string> lines;
  RunEnd end = RunEnd::complete;
};
Told told(const std::string& script, size_t count, double timeout = 10) {
  Told out;
  size_t first_of_launch = 0;
  WorkerCommand command{shell("read first; " + script), {}, [&](size_t first) {
                          first_of_launch = first;
                          return std::to_string(first) + "\n";
                        }};
  out.end = supervise(
      command, count, [timeout](size_t) { return timeout; },
      {[](size_t) {}, [](size_t, std::string_view, double) {},
       [&](size_t i, const std::string& record) { out.lines.push_back(std::to_string(i) + " " + record); },
       [&](size_t i, Status status, const std::string&) {
         out.lines.push_back(std::to_string(i) + " " + std::string(name(status)));
       }});
  return out;
}

constexpr const char* kMeasure = "for i in $(seq $first 2); do echo \"started $i\" >&3; ";

TEST(Supervise, CollectsEveryResultOfAHealthyWorker) {
  const Told t = told(std::string(kMeasure) + "echo \"result $i {}\" >&3; done", 3);
  EXPECT_EQ(t.lines, (std::vector<std::string>{"0 {}", "1 {}", "2 {}"}));
}

TEST(Supervise, ACrashCostsOneCase) {
  const Told t =
      told(std::string(kMeasure) + "[ $i = 1 ] && kill -SEGV $$; echo \"result $i {}\" >&3; done", 3);
  EXPECT_EQ(t.lines, (std::vector<std::string>{"0 {}", "1 failed", "2 {}"}));
}

TEST(Supervise, AHangCostsOneCase) {
  const Told t =
      told(std::string(kMeasure) + "[ $i = 0 ] && sleep 1000; echo \"result $i {}\" >&3; done", 3, 0.3);
  EXPECT_EQ(t.lines, (std::vector<std::string>{"0 timeout", "1 {}", "2 {}"}));
}

TEST(Supervise, BeingKilledMeansOutOfMemory) {
  const Told t =
      told(std::string(kMeasure) + "[ $i = 2 ] && kill -KILL $$; echo \"result $i {}\" >&3; done", 3);
  EXPECT_EQ(t.lines, (std::vector<std::string>{"0 {}", "1 {}", "2 oom"}));
}

TEST(Supervise, ALostDeviceIsOneStatusAndAFreshWorker) {
  const Told t = told(std::string(kMeasure) +
                          "[ $i = 0 ] && { echo 'device_lost 0 fell off the bus' >&3; exit 0; }; echo "
                          "\"result $i {}\" >&3; done",
                      3);
  EXPECT_EQ(t.lines, (std::vector<std::string>{"0 device_lost", "1 {}", "2 {}"}));
}

TEST(Supervise, AWorkerThatNeverStartsCannotLoopForEver) {
  EXPECT_EQ(told("exit 7", 3).lines, (std::vector<std::string>{"0 failed", "1 failed", "2 failed"}));
}

TEST(Supervise, NoiseOnTheChannelIsIgnored) {
  const Told t = told("echo garbage >&3; echo 'result 99999999999999999999 {}' >&3; echo 'result 1 {}' >&3;" +
                          std::string(kMeasure) + "echo \"result $i {}\" >&3; done",
                      3);
  EXPECT_EQ(t.lines, (std::vector<std::string>{"0 {}", "1 {}", "2 {}"}));
}

TEST(Supervise, AStopSignalEndsTheWaitAndKeepsWhatIsThere) {
  const StopSignals signals;
  std::thread stopper([] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    raise(SIGINT);
  });
  const Told t = told("echo 'started 0' >&3; echo 'result 0 {}' >&3; echo 'started 1' >&3; sleep 1000", 3);
  stopper.join();
  EXPECT_EQ(t.end, RunEnd::interrupted);
  EXPECT_EQ(t.lines, (std::vector<std::string>{"0 {}"}));
}

}  // namespace
}  // namespace breakeven
