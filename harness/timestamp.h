// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace breakeven {

/// Now, in UTC, ISO 8601 with milliseconds: "2026-11-20T17:30:00.123Z".
std::string timestamp_now();

/// The same moment in a form fit for a file name: "20261120T173000Z".
std::string timestamp_for_file();

}  // namespace breakeven
