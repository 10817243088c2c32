// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/backend.h"
#include "harness/problem.h"

namespace breakeven {

/// What a suite wants to know of every answer besides its time: nothing, or how far it is from the fp64
/// answer of operands that were never rounded (accuracy.h).
enum class Asks : uint8_t { speed, accuracy };

/// One cell of the product suites x problems x kernels.
struct Case {
  std::string suite;
  Problem problem;
  const Backend* backend = nullptr;
  const Kernel* kernel = nullptr;
  Asks asks = Asks::speed;

  /// `<suite>/<problem>/<precision>/<backend>.<kernel>`: the one name of a measurement everywhere.
  std::string id() const;
  /// `cpu`, `cuda:0`; the name of the backend where this machine has no such device.
  std::string device() const;
};

/// The parts of a case id, unresolved.
struct CaseId {
  std::string suite, problem, precision, backend, kernel;
};
std::optional<CaseId> split_id(std::string_view id);

/// A problem asked by a suite. Knows no contender.
struct Question {
  std::string suite;
  Problem problem;
};

/// All kernels of all backends that answer its kind of problem, for every question, in the order of the
/// questions, contenders innermost, so that contenders of one problem run next to each other and share its
/// inputs.
std::vector<Case> expand(const std::vector<Question>&, const std::vector<Backend>&);

/// Shell-style match over the whole text: `*` any run of characters, '/' included, `?` one character.
bool glob_match(std::string_view pattern, std::string_view text);

/// The candidate with the least edit distance to `text`; nothing when all are further away than half its
/// length.
std::optional<std::string> nearest(std::string_view text, const std::vector<std::string>& candidates);

}  // namespace breakeven
