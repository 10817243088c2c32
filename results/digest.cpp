// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/digest.h"

#include <array>
#include <stdexcept>

namespace breakeven {

Sha256::Sha256() {
  static const int ready =
      sodium_init();  // 0 or 1; -1: no source of randomness, which libsodium will not run without
  if (ready < 0) throw std::runtime_error("libsodium could not be initialised");
  crypto_hash_sha256_init(&state_);
}

void Sha256::update(std::string_view bytes) {
  crypto_hash_sha256_update(&state_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

std::string Sha256::hex() const {
  crypto_hash_sha256_state state = state_;  // finishing spends the state
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest;
  crypto_hash_sha256_final(&state, digest.data());
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> text;
  return sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
}

}  // namespace breakeven
