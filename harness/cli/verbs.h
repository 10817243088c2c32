// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cli/exit_code.h"

namespace CLI {
class App;
}

namespace breakeven::cli {

/// Tables and sentences, or one JSON document.
enum class Output : uint8_t { people, json };

/// What a verb does once the command line, given again word by word, is parsed.
using Action = std::function<ExitCode(const std::vector<std::string>& argv)>;

// One function a verb, one file a function: each adds its subcommand and says what to do when it was chosen.
void add_list(CLI::App&, Action&);
void add_doctor(CLI::App&, Action&);
void add_run(CLI::App&, Action&);
void add_show(CLI::App&, Action&);
void add_verify(CLI::App&, Action&);
void add_export(CLI::App&, Action&);
void add_parity(CLI::App&, Action&);
void add_tune(CLI::App&, Action&);
void add_first_call(CLI::App&, Action&);  // hidden: a first call, in a process of its own
void add_worker(CLI::App&, Action&);      // hidden: the other side of `run`

/// --resume goes by the plan in its file: any other option that was given would be ignored, so it is refused, but for
/// those that are `fine` beside it. Throws UsageError.
void refuse_beside_resume(const CLI::App& verb, std::initializer_list<std::string_view> fine);

}  // namespace breakeven::cli
