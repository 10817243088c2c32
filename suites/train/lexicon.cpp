// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/lexicon.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "suites/train/draws.h"

namespace breakeven::train {
namespace {

constexpr uint64_t kSeed = 77;
constexpr uint32_t kLexiconStream = 9;

struct Spelled {
  std::vector<std::string> words;
  std::vector<uint32_t> weights;
};

/// Invents words, no two alike, of consonant and vowel by turns.
class Inventor {
 public:
  /// `count` words, the earlier the shorter and (unless `names`) the more frequent, as in Zipf's law.
  Spelled words(uint32_t count, bool names) {
    Spelled made;
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t syllables = i < count / 8 ? 1 + (i >= 12) : 2 + draws_.below(2);
      made.words.push_back(word(syllables, names));
      made.weights.push_back(names ? 1 : (1u << 20) / (i + 3));
    }
    return made;
  }

 private:
  std::string word(uint32_t syllables, bool capital) {
    for (;;) {
      std::string spelling;
      for (uint32_t i = 0; i < syllables; ++i) {
        spelling += letter("bdfgklmnprstvz");
        spelling += letter("aeiou");
      }
      if (draws_.below(3) == 0) spelling += letter("bdfgklmnprstvz");
      if (capital) spelling[0] = static_cast<char>(spelling[0] - 'a' + 'A');
      if (used_.insert(spelling).second) return spelling;
    }
  }
  char letter(std::string_view letters) {
    return letters[draws_.below(static_cast<uint32_t>(letters.size()))];
  }

  Draws draws_{kSeed, kLexiconStream, 0};
  std::set<std::string> used_;
};

/// Gives each spelling its token, in the order they are first seen.
class Numbering {
 public:
  explicit Numbering(std::vector<std::string>& spellings) : spellings_(spellings) {}

  uint16_t token(const std::string& spelling) {
    const auto [found, is_new] = tokens_.try_emplace(spelling, static_cast<uint16_t>(spellings_.size()));
    if (is_new) spellings_.push_back(spelling);
    return found->second;
  }
  Words words(const Spelled& spelled, const char* ending = "") {
    Words numbered{{}, Weights(spelled.weights)};
    for (const std::string& word : spelled.words) numbered.tokens.push_back(token(word + ending));
    return numbered;
  }

 private:
  std::vector<std::string>& spellings_;
  std::map<std::string, uint16_t> tokens_;
};

constexpr const char* kFixed[] = {"\n",  ".",  "the", "of",   "said", "(",    ")",  "has", "+",  "=",
                                  "and", "he", "she", "take", "then", "give", "is", "but", "not"};
constexpr int kNumbers = 50;

}  // namespace

Weights::Weights(const std::vector<uint32_t>& weights) : cumulative_(weights.size()) {
  std::partial_sum(weights.begin(), weights.end(), cumulative_.begin());
  for (const uint32_t weight : weights) nats_.push_back(std::log(static_cast<double>(total()) / weight));
}

uint32_t Weights::at(uint32_t number) const {
  return static_cast<uint32_t>(std::ranges::upper_bound(cumulative_, number) - cumulative_.begin());
}

Lexicon::Lexicon(bool large)
    : nouns{{}, Weights({})}, verbs{{}, Weights({})}, adjectives{{}, Weights({})}, names{{}, Weights({})} {
  const uint32_t factor = large ? 8 : 1;
  Inventor inventor;
  const Spelled noun = inventor.words(200 * factor, false), verb = inventor.words(80 * factor, false);
  const Spelled adjective = inventor.words(40 * factor, false), name = inventor.words(64 * factor, true);
  Numbering numbering(spellings);
  for (const char* fixed : kFixed) numbering.token(fixed);
  nouns = numbering.words(noun);
  verbs = numbering.words(verb, "s");
  adjectives = numbering.words(adjective);
  names = numbering.words(name);
  for (int i = 0; i < kNumbers; ++i) numbers.push_back(numbering.token(std::to_string(i)));
}

std::string written(const Lexicon& lexicon, const std::vector<uint16_t>& tokens) {
  std::string text;
  for (const uint16_t token : tokens) {
    const bool joined = token == Lexicon::newline || token == Lexicon::stop || token == Lexicon::close ||
                        text.empty() || text.back() == '\n' || text.back() == '(';
    if (!joined) text += ' ';
    text += lexicon.spellings[token];
  }
  return text;
}

}  // namespace breakeven::train
