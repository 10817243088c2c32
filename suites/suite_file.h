// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "suites/suites.h"
#include "suites/toml_document.h"

namespace breakeven {

/// A set and where it stands, for messages about two of one name.
struct PlacedSet {
  ProblemSet set;
  uint32_t line = 0;
};

/// One file of problems; its form is told in suites/README.md.
struct SuiteFile {
  std::string suite;
  std::vector<PlacedSet> sets;
};

/// Throws UsageError (toml_document.h) for whatever does not fit: no key is ignored, no problem dropped. The
/// workloads of a train file are known to the process from then on (train/workloads.h).
SuiteFile read_suite(const TomlDocument&);

}  // namespace breakeven
