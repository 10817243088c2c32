// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "suites/train/lexicon.h"

namespace breakeven::train {

/// Which pronoun the language has for a name, by its place among the names.
bool is_male(uint32_t name);

struct Document {
  std::vector<uint16_t> tokens;  // the last one is a newline
  double nats = 0;               // -log of the probability of all that was drawn for it
};

/// Document `index` of a stream: 6 to 15 sentences about one of eight topics (which decides the frequent
/// nouns and verbs) and a cast of two to four names: what they do, say (brackets, nested), have (sums that
/// are right), a pronoun that fits the name before it, lists to be repeated.
Document write_document(const Lexicon&, uint32_t stream, uint64_t index);

struct Sentences {
  std::vector<uint16_t> tokens;
  /// Of the whole documents the tokens are cut from: about 2.19, with the large lexicon 2.79. Exact, as every
  /// choice is made with a known probability. The best loss a model can have is at most this, reached where
  /// it has found out topic and cast; where its window begins within a document it has to find them out
  /// first.
  double nats_per_token = 0;
};

/// The first `count` tokens of a stream's documents one after the other. All threads.
Sentences write_sentences(const Lexicon&, uint32_t stream, int64_t count);

}  // namespace breakeven::train
