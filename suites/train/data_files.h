// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "suites/train/data.h"

namespace breakeven::train {

// A user's own data. All throw UsageError with one sentence (file, what is wrong, what is expected) for what
// is missing, empty, cut short, of another format or out of range. Files of more than 2 GiB are refused.
// Where DataSpec says how many samples (text: tokens) to take, the first ones are.

/// MNIST and what is distributed like it: train-images-idx3-ubyte, train-labels-idx1-ubyte,
/// t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte (or with a dot before "idx"), unpacked; 28 x 28, labels
/// 0..9.
Datasets read_mnist(const DataSpec&, const std::filesystem::path& folder);

/// CIFAR-10, binary version: data_batch_1.bin ... data_batch_5.bin, test_batch.bin, of any number of records.
Datasets read_cifar10(const DataSpec&, const std::filesystem::path& folder);

/// train.txt and test.txt, or input.txt, of which the last tenth is the test. Every byte is a token of 256.
Datasets read_text(const DataSpec&, const std::filesystem::path& folder);

/// A whole file, not empty.
std::vector<uint8_t> read_data_file(const std::filesystem::path&);

/// Adds the label of a file's sample, having checked it.
void add_label(Dataset&, uint8_t label, const std::filesystem::path& file, int64_t sample);

/// How many of the samples there are to take: `asked`, or all for 0.
int64_t samples_to_take(int64_t asked, int64_t there, const std::string& which,
                        const std::filesystem::path& folder);

}  // namespace breakeven::train
