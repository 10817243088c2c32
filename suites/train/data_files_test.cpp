// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/data_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "harness/usage_error.h"

namespace breakeven::train {
namespace {

namespace fs = std::filesystem;

class DataFiles : public testing::Test {
 protected:
  void SetUp() override {
    folder = fs::path(testing::TempDir()) / ("data_files_test_" + std::to_string(::getpid()));
    fs::remove_all(folder);
    fs::create_directories(folder);
  }
  void TearDown() override { fs::remove_all(folder); }

  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder / name, std::ios::binary) << bytes;
  }
  static std::string big_endian(uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
    return bytes;
  }
  static std::string idx_images(uint32_t count, uint32_t height = 28, uint32_t width = 28) {
    std::string bytes = big_endian(0x803) + big_endian(count) + big_endian(height) + big_endian(width);
    for (uint32_t i = 0; i < count * height * width; ++i) bytes += static_cast<char>(i);
    return bytes;
  }
  static std::string idx_labels(const std::string& labels) {
    return big_endian(0x801) + big_endian(static_cast<uint32_t>(labels.size())) + labels;
  }
  static std::string cifar_record(char label, char red) {
    return label + std::string(1024, red) + std::string(2047, '\2') + '\7';
  }
  void write_mnist() const {
    write("train-images-idx3-ubyte", idx_images(3));
    write("train-labels-idx1-ubyte", idx_labels({9, 0, 4}));
    write("t10k-images.idx3-ubyte", idx_images(2));
    write("t10k-labels.idx1-ubyte", idx_labels({1, 2}));
  }
  void write_cifar10() const {
    for (char i = 1; i <= 5; ++i) {
      write("data_batch_" + std::to_string(i) + ".bin", cifar_record(i, 10) + cifar_record(9, 11));
    }
    write("test_batch.bin", cifar_record(0, 12));
  }
  Datasets read(const std::string& source, int64_t train = 0, int64_t test = 0) const {
    DataSpec spec;
    spec.source = source;
    spec.train = train;
    spec.test = test;
    spec.window = 8;
    return make_data(spec, folder);
  }
  /// One line that names the file (or folder) and says `words`.
  void expect_refused(const std::string& source, const std::string& file, const std::string& words,
                      int64_t train = 0) const {
    try {
      read(source, train);
      ADD_FAILURE() << "accepted: " << words;
    } catch (const UsageError& e) {
      const std::string what = e.what();
      EXPECT_EQ(what.find(file.empty() ? folder.string() : (folder / file).string()), 0u) << what;
      EXPECT_NE(what.find(words), std::string::npos) << what;
      EXPECT_EQ(what.find('\n'), std::string::npos) << what;
    }
  }

  fs::path folder;
};

TEST_F(DataFiles, MnistIsRead) {
  write_mnist();
  const Datasets data = read("mnist");
  EXPECT_EQ(data.train.samples, 3);
  EXPECT_EQ(data.train.labels, (std::vector<uint8_t>{9, 0, 4}));
  EXPECT_EQ(data.train.pixels.size(), 3u * 784);
  EXPECT_EQ(data.train.pixels[785], static_cast<uint8_t>(785));
  EXPECT_EQ(data.test.labels, (std::vector<uint8_t>{1, 2}));
  EXPECT_EQ(data.test.height * data.test.width * data.test.channels, 784);
  EXPECT_EQ(data.train_hash.size(), 16u);
  EXPECT_EQ(read("mnist", 2).train.pixels.size(), 2u * 784);
}

TEST_F(DataFiles, DamagedMnistIsRefused) {
  expect_refused("mnist", "train-images-idx3-ubyte", "no such file");
  const std::string images = "train-images-idx3-ubyte", labels = "train-labels-idx1-ubyte";
  const auto with = [&](const std::string& file, const std::string& bytes, const std::string& words) {
    write_mnist();
    write(file, bytes);
    expect_refused("mnist", file, words);
  };
  with(images, "", "is empty");
  with(images, idx_images(3).substr(0, 15), "ends within the header, after 15 bytes; expected 16");
  with(images, idx_images(3).substr(0, 2000), "has 2000 bytes; expected 2368 for the 3 samples");
  with(images, idx_images(3) + "x", "has 2369 bytes; expected 2368");
  with(images, idx_labels({1, 2, 3, 4, 5, 6, 7, 8, 9}),
       "begins with 0x00000801; expected 0x00000803, an IDX file of images");
  with(images, idx_images(3, 32, 28), "has images of 32 x 28; expected 28 x 28");
  with(images, idx_images(0), "holds no samples");
  with(images, big_endian(0x803) + big_endian(0xFFFFFFFF) + big_endian(28) + big_endian(28),
       "expected 3367254359296 for the 4294967295 samples");
  with(images, "\x1f\x8b rest", "is compressed; unpack it with gunzip");
  write_mnist();
  with(labels, idx_labels({1, 2}), "has 2 labels; expected 3, one for each image of train-images-idx3-ubyte");
  with(labels, idx_labels({1, 2, 10}), "sample 2 has the label 10; expected 0 to 9");
  with(labels, idx_labels({1, -1, 2}), "sample 1 has the label 255");
  with("t10k-labels.idx1-ubyte", "", "is empty");
  write_mnist();
  expect_refused("mnist", "", "4 train samples are asked for; the files hold 3", 4);
  fs::remove(folder / images);
  fs::create_directory(folder / images);
  expect_refused("mnist", images, "is not a file");
}

TEST_F(DataFiles, Cifar10IsRead) {
  write_cifar10();
  const Datasets data = read("cifar10");
  EXPECT_EQ(data.train.labels, (std::vector<uint8_t>{1, 9, 2, 9, 3, 9, 4, 9, 5, 9}));
  EXPECT_EQ(data.train.pixels.size(), 10u * 3072);
  EXPECT_EQ(data.train.pixels[3072], 11);         // the second image's red
  EXPECT_EQ(data.train.pixels[3072 + 1024], 2);   // and green
  EXPECT_EQ(data.train.pixels[2 * 3072 - 1], 7);  // its last blue
  EXPECT_EQ(data.test.samples, 1);
  const Datasets cut = read("cifar10", 3);
  EXPECT_EQ(cut.train.labels, (std::vector<uint8_t>{1, 9, 2}));
  EXPECT_EQ(cut.train.pixels.size(), 3u * 3072);
}

TEST_F(DataFiles, DamagedCifar10IsRefused) {
  write_cifar10();
  write("data_batch_3.bin", cifar_record(1, 1).substr(1));
  expect_refused("cifar10", "data_batch_3.bin", "has 3072 bytes; expected a multiple of 3073");
  write("data_batch_3.bin", cifar_record(1, 1) + cifar_record(10, 1));
  expect_refused("cifar10", "data_batch_3.bin", "sample 1 has the label 10; expected 0 to 9");
  write("data_batch_3.bin", "");
  expect_refused("cifar10", "data_batch_3.bin", "is empty");
  fs::remove(folder / "data_batch_3.bin");
  expect_refused("cifar10", "data_batch_3.bin", "no such file");
  write_cifar10();
  expect_refused("cifar10", "", "11 training samples are asked for; the files hold 10", 11);
  fs::remove(folder / "test_batch.bin");
  expect_refused("cifar10", "test_batch.bin", "no such file");
}

TEST_F(DataFiles, TextIsReadAByteAToken) {
  expect_refused("text", "", "holds no text; expected train.txt and test.txt, or input.txt");
  write("input.txt", "abcdefgh" + std::string(90, 'x') + "\xFFz");
  const Datasets split = read("text");
  EXPECT_EQ(split.train.tokens.size(), 90u);
  EXPECT_EQ(split.test.tokens.size(), 10u);
  EXPECT_EQ(split.train.tokens[2], 'c');
  EXPECT_EQ(split.test.tokens[8], 0xFF);
  EXPECT_EQ(split.train.vocabulary, 256);
  EXPECT_EQ(split.test.samples, 1);
  write("train.txt", std::string(20, 'a'));
  expect_refused("text", "test.txt", "no such file");
  write("test.txt", "123456789");
  const Datasets two = read("text");
  EXPECT_EQ(two.train.tokens, std::vector<uint16_t>(20, 'a'));
  EXPECT_EQ(two.train.samples, 12);
  EXPECT_EQ(two.test.tokens.front(), '1');
  EXPECT_EQ(read("text", 15).train.tokens.size(), 15u);
}

TEST_F(DataFiles, TooLittleTextIsRefused) {
  write("train.txt", std::string(20, 'a'));
  write("test.txt", "12345678");
  expect_refused("text", "test.txt",
                 "8 tokens are too few for a window of 8 and the token after it; give at least 9");
  expect_refused("text", "train.txt", "21 training samples are asked for; the files hold 20", 21);
  write("train.txt", "");
  expect_refused("text", "train.txt", "is empty");
}

TEST_F(DataFiles, AFolderThatIsNoneIsRefused) {
  write("file", "x");
  DataSpec spec;
  spec.source = "mnist";
  for (const char* name : {"file", "nothing"}) {
    try {
      make_data(spec, folder / name);
      ADD_FAILURE() << "accepted";
    } catch (const UsageError& e) {
      EXPECT_EQ(std::string(e.what()),
                (folder / name).string() + ": is not a folder; give the one that holds the files of mnist");
    }
  }
}

TEST_F(DataFiles, MoreThanTwoGibibytesAreRefusedUnread) {
  write("input.txt", "x");
  fs::resize_file(folder / "input.txt", (uintmax_t{2} << 30) + 1);  // sparse: takes no room
  expect_refused("text", "input.txt", "has 2147483649 bytes; at most 2147483648 (2 GiB) are read");
}

}  // namespace
}  // namespace breakeven::train
