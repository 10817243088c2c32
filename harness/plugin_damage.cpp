// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <elf.h>
#include <fmt/format.h>

#include <cstring>
#include <fstream>

#include "harness/plugin.h"

namespace breakeven {

// The loader maps a file that was cut short without a word, and whoever runs into the missing part dies of
// SIGBUS. The table of sections stands at a shared object's end: where that is inside the file, all is there.
Reason plugin_damage(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  Elf64_Ehdr head{};
  if (!file.read(reinterpret_cast<char*>(&head), sizeof head) ||
      std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_type != ET_DYN) {
    return "is damaged: it is no shared object; build or install it again";
  }
  std::error_code ignored;
  const uint64_t size = std::filesystem::file_size(path, ignored);
  const uint64_t sections = uint64_t{head.e_shnum} * head.e_shentsize;
  if (head.e_shoff > size || sections > size - head.e_shoff) {
    return fmt::format("is damaged: {} bytes, and its end should be at {}; build or install it again", size,
                       head.e_shoff + sections);
  }
  return std::nullopt;
}

}  // namespace breakeven
