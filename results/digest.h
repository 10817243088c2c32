// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sodium.h>

#include <string>
#include <string_view>

namespace breakeven {

/// SHA-256 of bytes as they come.
class Sha256 {
 public:
  Sha256();
  void update(std::string_view bytes);
  /// Of everything so far, 64 lower-case hexadecimal digits. More may follow.
  std::string hex() const;

 private:
  crypto_hash_sha256_state state_;
};

}  // namespace breakeven
