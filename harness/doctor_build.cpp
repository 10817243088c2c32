// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// How the program was compiled.
#include "harness/doctor_checks.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BREAKEVEN_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define BREAKEVEN_SANITIZED 1
#endif
#endif

namespace breakeven::doctor {

Build this_build() {
  Build build{false, true, false};
#ifdef __OPTIMIZE__
  build.optimised = true;
#endif
#ifdef NDEBUG
  build.assertions = false;
#endif
#ifdef BREAKEVEN_SANITIZED
  build.sanitized = true;
#endif
  return build;
}

Finding build(const Build& build) {
  const char* const release =
      "meson configure -Dbuildtype=release -Db_ndebug=if-release -Db_sanitize=none, and build again";
  if (build.sanitized) return {Severity::distorts, "build", "a sanitizer is compiled in", release};
  if (!build.optimised) return {Severity::distorts, "build", "compiled without optimisation", release};
  if (build.assertions) return {Severity::distorts, "build", "assertions are compiled in", release};
  return {Severity::good, "build", "optimised, no assertions, no sanitizer", ""};
}

}  // namespace breakeven::doctor
