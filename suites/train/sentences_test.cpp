// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/sentences.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>
#include <map>

#include "suites/train/calibrated_hash.h"
#include "suites/train/draws.h"

namespace breakeven::train {
namespace {

using Tokens = std::vector<uint16_t>;

uint64_t hash_of_text(bool large, uint32_t stream, int64_t tokens) {
  const Lexicon lexicon(large);
  CalibratedHash hash;
  hash.add_all(written(lexicon, write_sentences(lexicon, stream, tokens).tokens));
  return hash.hash;
}

TEST(Sentences, AreTheTextThatWasCalibrated) {
  EXPECT_EQ(hash_of_text(false, kTrainStream, 47099), 0xf8871d723ad097cbu);
  EXPECT_EQ(hash_of_text(false, kTestStream, 47166), 0x5da4c22eab917431u);
  EXPECT_EQ(hash_of_text(true, kTrainStream, 46059), 0xbc7917a953dc2b7bu);
  EXPECT_EQ(hash_of_text(true, kTestStream, 46330), 0xe7d0ff047b62765fu);
}

TEST(Sentences, TheirEntropyIsKnown) {
  const Lexicon lexicon(false);
  EXPECT_NEAR(write_sentences(lexicon, kTestStream, 47166).nats_per_token, 2.1943, 5e-5);
  EXPECT_NEAR(write_sentences(Lexicon(true), kTestStream, 46330).nats_per_token, 2.7907, 5e-5);
}

TEST(Sentences, LexiconsHaveTheirSizes) {
  EXPECT_EQ(Lexicon(false).spellings.size(), 453u);
  EXPECT_EQ(Lexicon(true).spellings.size(), 3139u);
  EXPECT_EQ(Lexicon(true).spellings[Lexicon::give], "give");
  EXPECT_EQ(Lexicon(true).spellings[Lexicon::not_], "not");
}

TEST(Sentences, DocumentsStandOneAfterTheOtherWhicheverThreadWroteThem) {
  const Lexicon lexicon(false);
  Tokens documents;
  uint64_t index = 0;
  for (; documents.size() < 200'000; ++index) {
    const Document document = write_document(lexicon, kTrainStream, index);
    EXPECT_EQ(std::ranges::count(document.tokens, Lexicon::newline), 1);
    EXPECT_EQ(document.tokens.back(), Lexicon::newline);
    documents.insert(documents.end(), document.tokens.begin(), document.tokens.end());
  }
  ASSERT_GT(index, 1024u);  // more than are written together
  documents.resize(200'000);
  const int before = omp_get_max_threads();
  for (const int threads : {1, 2, 3}) {
    omp_set_num_threads(threads);
    EXPECT_EQ(write_sentences(lexicon, kTrainStream, 200'000).tokens, documents) << threads << " threads";
  }
  omp_set_num_threads(before);
}

class Language : public testing::Test {
 protected:
  Language() : tokens(write_sentences(lexicon, kTrainStream, 100'000).tokens) {}
  std::string around(size_t i) const {
    const auto at = tokens.begin() + static_cast<std::ptrdiff_t>(i);
    return written(lexicon, Tokens(std::max(tokens.begin(), at - 15), std::min(tokens.end(), at + 5)));
  }
  int number(uint16_t token) const {
    return static_cast<int>(std::ranges::find(lexicon.numbers, token) - lexicon.numbers.begin());
  }

  const Lexicon lexicon{false};
  const Tokens tokens;
};

TEST_F(Language, SumsAreRight) {
  int sums = 0;
  for (size_t i = 3; i + 1 < tokens.size(); ++i) {
    if (tokens[i] != Lexicon::equals) continue;
    EXPECT_EQ(number(tokens[i - 3]) + number(tokens[i - 1]), number(tokens[i + 1])) << around(i);
    ++sums;
  }
  EXPECT_GT(sums, 500);
}

TEST_F(Language, ListsAreRepeated) {
  int lists = 0;
  for (size_t i = 0; i + 10 < tokens.size(); ++i) {
    if (tokens[i] != Lexicon::take) continue;
    const auto begin = tokens.begin() + static_cast<std::ptrdiff_t>(i) + 1;
    const auto end = std::find(begin, tokens.end(), Lexicon::then);
    ASSERT_EQ(end[1], Lexicon::give);
    EXPECT_TRUE(std::equal(begin, end, end + 2)) << around(i + 10);
    EXPECT_TRUE(end - begin >= 2 && end - begin <= 4) << around(i + 10);
    ++lists;
  }
  EXPECT_GT(lists, 300);
}

TEST_F(Language, PronounsAgreeWithTheNameBeforeThem) {
  std::map<uint16_t, uint32_t> name_of;
  for (uint32_t i = 0; i < lexicon.names.tokens.size(); ++i) name_of[lexicon.names.tokens[i]] = i;
  int he = 0, she = 0;
  uint32_t last = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (name_of.contains(tokens[i])) last = name_of[tokens[i]];
    if (tokens[i] != Lexicon::he && tokens[i] != Lexicon::she) continue;
    EXPECT_EQ(tokens[i] == Lexicon::he, is_male(last)) << around(i);
    ++(tokens[i] == Lexicon::he ? he : she);
  }
  EXPECT_GT(he, 200);
  EXPECT_GT(she, 200);
}

TEST_F(Language, BracketsCloseWithinTheirSentence) {
  int depth = 0, deepest = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] == Lexicon::open) ++depth;
    if (tokens[i] == Lexicon::close) --depth;
    deepest = std::max(deepest, depth);
    ASSERT_GE(depth, 0) << around(i);
    if (tokens[i] == Lexicon::stop) {
      ASSERT_EQ(depth, 0) << around(i);
    }
  }
  EXPECT_EQ(deepest, 2);
}

}  // namespace
}  // namespace breakeven::train
