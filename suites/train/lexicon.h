// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace breakeven::train {

/// Choices with whole weights, likelier ones first where the weights fall.
class Weights {
 public:
  explicit Weights(const std::vector<uint32_t>& weights);

  uint32_t size() const { return static_cast<uint32_t>(cumulative_.size()); }
  uint32_t total() const { return cumulative_.back(); }
  /// Which choice a number of 0..total()-1 falls on.
  uint32_t at(uint32_t number) const;
  /// -log of the probability of a choice.
  double nats(uint32_t choice) const { return nats_[choice]; }

 private:
  std::vector<uint32_t> cumulative_;
  std::vector<double> nats_;
};

/// Words of one kind: their tokens, and how often each is meant.
struct Words {
  std::vector<uint16_t> tokens;
  Weights weights;
};

/// The words of the invented language. Words spelled alike share a token: in the large lexicon two pairs do.
struct Lexicon {
  /// The first tokens of every lexicon.
  enum Token : uint16_t {
    newline,
    stop,
    the,
    of,
    said,
    open,
    close,
    has,
    plus,
    equals,
    and_,
    he,
    she,
    take,
    then,
    give,
    is,
    but,
    not_
  };

  /// 453 words, or 3139 in the large one; always the same.
  explicit Lexicon(bool large);

  std::vector<std::string> spellings;  // [token]
  Words nouns, verbs, adjectives, names;
  std::vector<uint16_t> numbers;  // tokens of 0..49
};

/// Tokens as they are written, words apart by a blank, none before a stop, about brackets' insides or at the
/// start of a line.
std::string written(const Lexicon&, const std::vector<uint16_t>& tokens);

}  // namespace breakeven::train
