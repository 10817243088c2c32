// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/sentences.h"

#include <cmath>

#include "suites/train/draws.h"

namespace breakeven::train {
namespace {

constexpr uint64_t kSeed = 77;
constexpr uint32_t kTopics = 8;
constexpr uint32_t kTopicless = 16;  // the most frequent nouns are the same for all topics

class Writer {
 public:
  Writer(const Lexicon& lexicon, uint32_t stream, uint64_t index)
      : lexicon_(lexicon), draws_(kSeed, stream, index) {}

  Document write() {
    topic_ = uniform(kTopics);
    const uint32_t cast = 2 + uniform(3);
    for (uint32_t i = 0; i < cast; ++i) cast_.push_back(choose(lexicon_.names.weights));
    const uint32_t sentences = 6 + uniform(10);
    for (uint32_t i = 0; i < sentences; ++i) {
      clause(0);
      emit(Lexicon::stop);
    }
    emit(Lexicon::newline);
    return std::move(document_);
  }

 private:
  uint32_t uniform(uint32_t n) {
    document_.nats += std::log(n);
    return draws_.below(n);
  }
  uint32_t choose(const Weights& weights) {
    const uint32_t chosen = weights.at(draws_.below(weights.total()));
    document_.nats += weights.nats(chosen);
    return chosen;
  }
  void emit(uint16_t token) { document_.tokens.push_back(token); }

  // Each topic turns the ranks of nouns and verbs by another eighth.
  uint16_t noun() {
    const uint32_t rank = choose(lexicon_.nouns.weights), turned = lexicon_.nouns.weights.size() - kTopicless;
    if (rank < kTopicless) return lexicon_.nouns.tokens[rank];
    return lexicon_.nouns.tokens[(rank - kTopicless + topic_ * (turned / kTopics)) % turned + kTopicless];
  }
  void verb() {
    const uint32_t rank = choose(lexicon_.verbs.weights), count = lexicon_.verbs.weights.size();
    emit(lexicon_.verbs.tokens[(rank + topic_ * (count / kTopics)) % count]);
  }
  void adjective() { emit(lexicon_.adjectives.tokens[choose(lexicon_.adjectives.weights)]); }
  void name() {
    last_name_ = cast_[uniform(static_cast<uint32_t>(cast_.size()))];
    emit(lexicon_.names.tokens[last_name_]);
  }
  void noun_phrase() {
    static const Weights kHasAdjective({5, 3});
    emit(Lexicon::the);
    if (choose(kHasAdjective) == 0) adjective();
    emit(noun());
  }

  void clause(int depth);
  void sum();
  void pronoun();
  void list();
  void contrast();

  const Lexicon& lexicon_;
  Draws draws_;
  uint32_t topic_ = 0, last_name_ = 0;
  std::vector<uint32_t> cast_;
  Document document_;
};

void Writer::clause(int depth) {
  enum Form : uint32_t { acts, possession, speech, has_sum, has_pronoun, has_list, has_contrast };
  static const Weights kForms({30, 20, 14, 10, 10, 8, 8});
  constexpr int kDeepest = 2;
  uint32_t form = choose(kForms);
  if (form == speech && depth == kDeepest) form = acts;
  switch (form) {
    case acts:
      name();
      verb();
      return noun_phrase();
    case possession:
      noun_phrase();
      emit(Lexicon::of);
      name();
      verb();
      return noun_phrase();
    case speech:
      name();
      emit(Lexicon::said);
      emit(Lexicon::open);
      clause(depth + 1);
      return emit(Lexicon::close);
    case has_sum:
      return sum();
    case has_pronoun:
      return pronoun();
    case has_list:
      return list();
    default:
      return contrast();
  }
}

void Writer::sum() {
  name();
  const uint32_t left = uniform(30);
  const uint32_t right = uniform(20);
  emit(Lexicon::has);
  emit(lexicon_.numbers[left]);
  emit(Lexicon::plus);
  emit(lexicon_.numbers[right]);
  emit(Lexicon::equals);
  emit(lexicon_.numbers[left + right]);
  emit(noun());
}

void Writer::pronoun() {
  name();
  verb();
  noun_phrase();
  emit(Lexicon::and_);
  emit(is_male(last_name_) ? Lexicon::he : Lexicon::she);
  verb();
  noun_phrase();
}

void Writer::list() {
  std::vector<uint16_t> things(2 + uniform(3));
  emit(Lexicon::take);
  for (uint16_t& thing : things) {
    thing = noun();
    emit(thing);
  }
  emit(Lexicon::then);
  emit(Lexicon::give);
  for (const uint16_t thing : things) emit(thing);
}

void Writer::contrast() {
  noun_phrase();
  emit(Lexicon::is);
  adjective();
  emit(Lexicon::but);
  noun_phrase();
  emit(Lexicon::is);
  emit(Lexicon::not_);
}

}  // namespace

bool is_male(uint32_t name) { return (name * 2654435761u >> 16 & 1) == 1; }

Document write_document(const Lexicon& lexicon, uint32_t stream, uint64_t index) {
  return Writer(lexicon, stream, index).write();
}

Sentences write_sentences(const Lexicon& lexicon, uint32_t stream, int64_t count) {
  constexpr int64_t kTogether = 1024;  // documents, of about 100 tokens each
  Sentences written;
  double nats = 0;
  std::vector<Document> documents(kTogether);
  for (int64_t first = 0, total = 0; total < count; first += kTogether) {
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < kTogether; ++i) {
      documents[static_cast<size_t>(i)] = write_document(lexicon, stream, static_cast<uint64_t>(first + i));
    }
    for (const Document& document : documents) {
      if (total >= count) break;
      written.tokens.insert(written.tokens.end(), document.tokens.begin(), document.tokens.end());
      total = static_cast<int64_t>(written.tokens.size());
      nats += document.nats;
    }
  }
  written.nats_per_token = nats / static_cast<double>(written.tokens.size());
  written.tokens.resize(static_cast<size_t>(count));
  return written;
}

}  // namespace breakeven::train
