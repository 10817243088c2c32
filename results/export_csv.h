// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>

#include "results/result_file.h"

namespace breakeven {

/// RFC 4180 (comma, CRLF, quotes doubled), UTF-8, a header and one row per result. Columns keep their names
/// and order; new ones are added at the end. SI base units; a cell is empty where there is nothing to say.
/// Text that a spreadsheet would run as a formula begins with an apostrophe.
void export_csv(const ResultFile&, std::ostream&);

}  // namespace breakeven
