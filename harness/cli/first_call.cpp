// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/first_call.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "harness/cli/verbs.h"
#include "harness/plugin.h"
#include "harness/supervisor.h"
#include "harness/usage_error.h"

namespace breakeven::cli {
namespace {

/// What a first call is asked for (harness/first_call.h).
struct FirstCall {
  std::string what;
  int ordinal = 0;  // of the device, for calls into a GPU's libraries
};

/// "cuda.library" is the GPU backend's "library"; "emu.library" that of the emulated one, for tests.
double seconds_on_gpu(const FirstCall& call) {
  const PluginKind kind = call.what.starts_with("emu.") ? PluginKind::emulated : PluginKind::cuda;
  std::string why;
  const Plugin* plugin = find_plugin(kind, &why);
  if (!plugin) throw std::runtime_error(why);
  return plugin->first_call(call.what.substr(call.what.find('.') + 1), call.ordinal);
}

double seconds_of(const FirstCall& call) {
  if (call.what.starts_with("cuda.") || call.what.starts_with("emu.")) return seconds_on_gpu(call);
  constexpr std::string_view kCpu = "cpu.";
  if (call.what.starts_with(kCpu)) {
    if (const auto seconds = cpu::first_library_seconds(call.what.substr(kCpu.size()))) return *seconds;
  }
  throw UsageError(fmt::format("this build has no first call named '{}'", shown(call.what)));
}

ExitCode answer(const FirstCall& call) {
  if (fcntl(3, F_GETFD) < 0) throw UsageError("`first-call` is started by a worker, not by hand");
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  try {
    tell(fmt::format("{{\"seconds\": {:.9g}}}\n", seconds_of(call)));
  } catch (const std::exception& error) {
    tell(nlohmann::json{{"error", error.what()}}.dump() + "\n");
  }
  return ExitCode::done;
}

}  // namespace

void add_first_call(CLI::App& app, Action& action) {
  auto call = std::make_shared<FirstCall>();
  CLI::App* verb = app.add_subcommand("first-call", "times a library's first call, for a worker");
  verb->group("");  // hidden
  verb->add_option("what", call->what, "cpu.openblas, cpu.onednn, cuda.context, cuda.library, cuda.autotune")
      ->required();
  verb->add_option("ordinal", call->ordinal, "which of several devices");
  verb->callback([call, &action] { action = [call](const auto&) { return answer(*call); }; });
}

}  // namespace breakeven::cli
