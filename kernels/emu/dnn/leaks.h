// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace breakeven::emu {

/// One sentence per kind of object of cuDNN that was created and never destroyed.
std::vector<std::string> dnn_leaks();

}  // namespace breakeven::emu
