// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/attest.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/usage_error.h"
#include "results/bounded_json.h"
#include "results/bounds.h"
#include "results/fields.h"

namespace breakeven {
namespace {

constexpr int kAttestSchema = 1;
constexpr double kPassed = 1.01;  // error over bound that the checks on a GPU let pass

bool is_hash(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

/// "2026-11-20": digits where digits stand.
bool is_date(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-dd";
  return std::ranges::equal(text, kForm,
                            [](char c, char form) { return form == 'd' ? c >= '0' && c <= '9' : c == form; });
}

std::string word(const Fields& object, std::string_view name) {
  std::string text = object.text(name);
  if (text.empty()) object.refuse(name, "a text that says something");
  return text;
}

AttestedKernel read_kernel(const nlohmann::json& json, size_t index) {
  if (!json.is_object()) throw InvalidField(fmt::format("'kernels[{}]' is not an object", index));
  const Fields line(json, fmt::format("kernels[{}].", index));
  AttestedKernel kernel;
  kernel.kernel = word(line, "kernel");
  kernel.source = word(line, "source");
  kernel.arch = word(line, "arch");
  kernel.code = line.text("code");
  if (!is_hash(kernel.code)) line.refuse("code", "64 hexadecimal digits in lower case");
  kernel.problems = line.whole("problems", 1);
  kernel.worst = line.not_negative("worst");
  if (kernel.worst > kPassed) line.refuse("worst", "at most 1.01: it did not pass");
  kernel.repeats = line.whole("repeats", 1);
  kernel.seconds = line.not_negative("seconds");
  return kernel;
}

Attestation read(const nlohmann::json& json) {
  if (!json.is_object()) throw InvalidField("it is not a JSON object");
  const Fields file(json);
  if (file.whole("schema", 0) != kAttestSchema) file.refuse("schema", fmt::format("{}", kAttestSchema));
  Attestation attestation{word(file, "gpu"), word(file, "driver"), word(file, "nvcc"), file.text("date"), {}};
  if (!is_date(attestation.date)) file.refuse("date", "a date such as 2026-11-20");
  const nlohmann::json& kernels = file.array("kernels");
  for (size_t i = 0; i < kernels.size(); ++i) attestation.kernels.push_back(read_kernel(kernels[i], i));
  return attestation;
}

/// The latest attestation that holds an entry for which `fits` is true.
template <class Fits>
const Attestation* latest(std::span<const Attestation> all, const Fits& fits) {
  const Attestation* best = nullptr;
  for (const Attestation& a : all) {
    if (std::ranges::any_of(a.kernels, fits) && (!best || a.date > best->date)) best = &a;
  }
  return best;
}

/// With the journey included it is the same kernel.
std::string_view without_transfer(std::string_view kernel) {
  constexpr std::string_view kTransfer = "+transfer";
  return kernel.ends_with(kTransfer) ? kernel.substr(0, kernel.size() - kTransfer.size()) : kernel;
}

const Attestation* verifying(std::span<const Attestation> all, std::string_view kernel,
                             std::string_view code) {
  return latest(all, [&](const AttestedKernel& k) {
    return !code.empty() && k.kernel == without_transfer(kernel) && k.code == code;
  });
}

}  // namespace

Attestation read_attestation(std::string_view text, std::string_view name) {
  std::string what;
  try {
    if (text.size() > kMaxLineBytes) throw InvalidField("it is longer than any attestation");
    return read(BoundedJson().parse(text));
  } catch (const InvalidField& error) {
    what = error.what();
  } catch (const NotJson& error) {
    what = error.what();
  } catch (const BeyondLimits& error) {
    what = fmt::format("it holds {}", error.what());
  }
  throw UsageError(fmt::format(
      "{:?} attests nothing that can be read: {}; take an unharmed copy or let scripts/gpu write it again",
      name, what));
}

const std::vector<Attestation>& attestations() {
  static const std::vector<Attestation> all = [] {
    std::vector<Attestation> found;
    for (const BuiltinFile& file : attestation_files())
      found.push_back(read_attestation(file.text, file.path));
    return found;
  }();
  return all;
}

bool is_verified(std::span<const Attestation> all, std::string_view kernel, std::string_view code) {
  return verifying(all, kernel, code) != nullptr;
}

std::string standing(std::span<const Attestation> all, std::string_view kernel, std::string_view code) {
  if (const Attestation* a = verifying(all, kernel, code))
    return fmt::format("verified on {}, {}", a->gpu, a->date);
  if (code.empty()) return "unverified (compiled from PTX by the driver)";
  const auto same_name = [&](const AttestedKernel& k) { return k.kernel == without_transfer(kernel); };
  if (const Attestation* a = latest(all, same_name))
    return fmt::format("unverified (its code is not what {} verified on {})", a->gpu, a->date);
  return "unverified";
}

}  // namespace breakeven
