//===- WeightsTest.cpp - binding weights ----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestSupport.h"

#include <cstring>

using namespace linnet::test;

namespace {

class WeightsTest : public ::testing::Test {
protected:
  linnet_status load(const std::string &path) {
    linnet_weights *loaded = nullptr;
    linnet_status status = linnet_weights_load(model.get(), path.c_str(), nullptr, &loaded);
    weights.reset(loaded);
    return status;
  }
  linnet_status loadFile(const std::string &header, const std::string &data) {
    std::string path = directory.file("weights.safetensors");
    writeFile(path, makeSafetensors(header, data));
    return load(path);
  }
  /// Whether the bound data is this.
  void expectBound(const char *name, const std::vector<float> &expected) {
    linnet_tensor tensor;
    ASSERT_OK(linnet_weights_get(weights.get(), name, &tensor));
    EXPECT_EQ(std::memcmp(tensor.data, expected.data(), expected.size() * sizeof(float)), 0) << name;
  }

  TemporaryDirectory directory;
  FakeWeights values;
  Owned<linnet_model> model = openFakeModel();
  Owned<linnet_weights> weights;
};

const char head[] = "head.weight|embedding.weight";

} // namespace

TEST_F(WeightsTest, TiedFromFile) {
  std::string path = directory.file("any name");
  writeFile(path, values.file(/*tied=*/true));
  ASSERT_OK(load(path));
  expectBound("embedding.weight", values.embedding);
  expectBound("bias", values.bias);
  expectBound(head, values.embedding);
}

TEST_F(WeightsTest, FirstAlternativeWins) {
  writeFile(directory.file("model.safetensors"), values.file(/*tied=*/false));
  ASSERT_OK(load(directory.path));
  expectBound(head, values.head);
}

TEST_F(WeightsTest, PreparedIsMade) {
  writeFile(directory.file("model.safetensors"), values.file());
  ASSERT_OK(load(directory.path));
  linnet_tensor tensor;
  ASSERT_OK(linnet_weights_get(weights.get(), "head.packed", &tensor));
  EXPECT_EQ(tensor.dtype, LINNET_F32);
  ASSERT_EQ(tensor.rank, 2);
  EXPECT_EQ(tensor.shape[0], 4);
  EXPECT_EQ(tensor.shape[1], 256);
  EXPECT_EQ(static_cast<const float *>(tensor.data)[256 + 7], values.embedding[7 * 4 + 1]);
  const char *reason = nullptr;
  EXPECT_EQ(linnet_weights_sidecar_use(weights.get(), &reason), LINNET_SIDECAR_NONE);
  EXPECT_STREQ(reason, "");
}

TEST_F(WeightsTest, LargeArraysStartAtDifferentSets) {
  writeFile(directory.file("model.safetensors"), values.file());
  ASSERT_OK(load(directory.path));
  linnet_tensor table, mirror;
  ASSERT_OK(linnet_weights_get(weights.get(), "table", &table));
  ASSERT_OK(linnet_weights_get(weights.get(), "mirror", &mirror));
  auto a = reinterpret_cast<uintptr_t>(table.data);
  auto b = reinterpret_cast<uintptr_t>(mirror.data);
  EXPECT_EQ(a % 64, 0u);
  EXPECT_EQ(b % 64, 0u);
  EXPECT_NE(a % 4096, b % 4096);
}

TEST_F(WeightsTest, AllThatIsWrongIsInOneMessage) {
  EXPECT_FAILURE(loadFile("{}", ""), LINNET_NOT_FOUND, "weights.safetensors",
                 "missing weights: 'head.weight|embedding.weight', "
                 "'embedding.weight', 'bias'");
  EXPECT_FAILURE(loadFile(R"({"embedding.weight":{"dtype":"BF16","shape":[256,4],)"
                          R"("data_offsets":[0,2048]}})",
                          std::string(2048, '\0')),
                 LINNET_MISMATCH, "missing weights: 'bias'",
                 "'embedding.weight': expected f32 [256, 4], got bf16 [256, 4]");
  EXPECT_FAILURE(loadFile(R"({"embedding.weight":{"dtype":"F32","shape":[4,256],)"
                          R"("data_offsets":[0,4096]},)"
                          R"("bias":{"dtype":"U32","shape":[256],)"
                          R"("data_offsets":[4096,5120]}})",
                          std::string(5120, '\0')),
                 LINNET_MISMATCH, "'embedding.weight': expected f32 [256, 4], got f32 [4, 256]",
                 "'bias': expected f32 [256], got u32 [256]");
}

TEST_F(WeightsTest, MisalignedDataIsCopied) {
  // The data starts at an odd address of the file.
  std::string header = R"({"embedding.weight":{"dtype":"F32","shape":[256,4],)"
                       R"("data_offsets":[0,4096]},)"
                       R"("bias":{"dtype":"F32","shape":[256],"data_offsets":[4096,5120]}})";
  while (header.size() % 4 != 1)
    header += ' ';
  ASSERT_OK(loadFile(header, bytesOf(values.embedding) + bytesOf(values.bias)));
  expectBound("embedding.weight", values.embedding);
  linnet_tensor tensor;
  ASSERT_OK(linnet_weights_get(weights.get(), "bias", &tensor));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data) % 4, 0u);
}

TEST_F(WeightsTest, PathErrors) {
  EXPECT_FAILURE(load(directory.file("absent")), LINNET_NOT_FOUND, "absent");
  EXPECT_FAILURE(load(directory.path), LINNET_NOT_FOUND, "neither model.safetensors nor");
  linnet_weights *loaded = nullptr;
  EXPECT_FAILURE(linnet_weights_load(model.get(), nullptr, nullptr, &loaded), LINNET_INVALID_ARGUMENT, "'path'");
  EXPECT_FAILURE(linnet_weights_load(nullptr, "x", nullptr, &loaded), LINNET_INVALID_ARGUMENT, "'model'");
  EXPECT_FAILURE(linnet_weights_load(model.get(), "x", nullptr, nullptr), LINNET_INVALID_ARGUMENT, "'weights'");
}

TEST_F(WeightsTest, GetErrors) {
  writeFile(directory.file("model.safetensors"), values.file());
  ASSERT_OK(load(directory.path));
  linnet_tensor tensor;
  EXPECT_FAILURE(linnet_weights_get(weights.get(), "nose", &tensor), LINNET_NOT_FOUND, "'nose'");
}

/*===- Shards -------------------------------------------------------------===*/

namespace {
class ShardsTest : public WeightsTest {
protected:
  void SetUp() override {
    writeFile(directory.file("model-1.safetensors"), makeSafetensors(R"({"embedding.weight":{"dtype":"F32",)"
                                                                     R"("shape":[256,4],"data_offsets":[0,4096]}})",
                                                                     bytesOf(values.embedding)));
    writeFile(directory.file("model-2.safetensors"), makeSafetensors(R"({"bias":{"dtype":"F32","shape":[256],)"
                                                                     R"("data_offsets":[0,1024]}})",
                                                                     bytesOf(values.bias)));
  }
  void writeIndex(const std::string &text) { writeFile(directory.file("model.safetensors.index.json"), text); }
};
} // namespace

TEST_F(ShardsTest, AreFoundThroughTheIndex) {
  writeIndex(R"({"metadata":{"total_size":5120},"weight_map":{)"
             R"("embedding.weight":"model-1.safetensors",)"
             R"("bias":"model-2.safetensors"}})");
  ASSERT_OK(load(directory.path));
  expectBound("bias", values.bias);
  expectBound(head, values.embedding);
  ASSERT_OK(load(directory.file("model.safetensors.index.json")));
  expectBound("embedding.weight", values.embedding);
}

TEST_F(ShardsTest, BadIndexes) {
  struct Case {
    const char *text;
    linnet_status status;
    const char *message;
  };
  for (const Case &c : {
           Case{"", LINNET_MALFORMED, "JSON object"},
           Case{"[]", LINNET_MALFORMED, "JSON object"},
           Case{"{\"weight_map\":", LINNET_MALFORMED, "JSON object"},
           Case{"{}", LINNET_MALFORMED, "'weight_map'"},
           Case{"{\"weight_map\":[]}", LINNET_MALFORMED, "'weight_map'"},
           Case{"{\"weight_map\":{\"a\":1}}", LINNET_MALFORMED, "'a'"},
           Case{"{\"weight_map\":{\"a\":\"\"}}", LINNET_MALFORMED, "'a'"},
           Case{"{\"weight_map\":{\"a\":\"../x\"}}", LINNET_MALFORMED, "beside the index, got '../x'"},
           Case{"{\"weight_map\":{\"a\":\"/etc/passwd\"}}", LINNET_MALFORMED, "beside the index"},
           Case{"{\"weight_map\":{\"a\":\"..\"}}", LINNET_IO_ERROR, "a directory"},
           Case{"{\"weight_map\":{\"a\":\"absent\"}}", LINNET_NOT_FOUND, "absent"},
           Case{"{\"weight_map\":{\"bias\":\"model-1.safetensors\"}}", LINNET_MALFORMED, "tensor 'bias' is not in"},
       }) {
    writeIndex(c.text);
    EXPECT_FAILURE(load(directory.path), c.status, c.message) << c.text;
  }
  writeIndex(std::string(200000, '['));
  EXPECT_FAILURE(load(directory.path), LINNET_MALFORMED, "JSON object, got invalid JSON");
  // However deep, what stands for a name is no name.
  writeIndex("{\"weight_map\":{\"a\":" + std::string(200000, '[') + std::string(200000, ']') + "}}");
  EXPECT_FAILURE(load(directory.path), LINNET_MALFORMED, "'a': expected a file name, got array");
}

/*===- Tensors in memory --------------------------------------------------===*/

TEST_F(WeightsTest, FromTensors) {
  const int64_t matrix[] = {256, 4}, vector[] = {256};
  std::vector<linnet_tensor> tensors = {{"embedding.weight", LINNET_F32, 2, matrix, values.embedding.data()},
                                        {"bias", LINNET_F32, 1, vector, values.bias.data()}};
  auto make = [&] {
    linnet_weights *made = nullptr;
    linnet_status status =
        linnet_weights_from_tensors(model.get(), tensors.data(), static_cast<int32_t>(tensors.size()), &made);
    weights.reset(made);
    return status;
  };
  ASSERT_OK(make());
  linnet_tensor tensor;
  ASSERT_OK(linnet_weights_get(weights.get(), "bias", &tensor));
  EXPECT_EQ(tensor.data, values.bias.data());

  tensors[1].rank = 2;
  tensors[1].shape = matrix;
  EXPECT_FAILURE(make(), LINNET_MISMATCH, "'bias'", "f32 [256, 4]");
  tensors[1].shape = nullptr;
  EXPECT_FAILURE(make(), LINNET_INVALID_ARGUMENT, "[1]", "'bias'", "shape");
  tensors[1] = {"bias", 42, 1, vector, values.bias.data()};
  EXPECT_FAILURE(make(), LINNET_INVALID_ARGUMENT, "'bias'", "dtype 42");
  tensors[1] = {"bias", LINNET_F32, 1, vector, nullptr};
  EXPECT_FAILURE(make(), LINNET_INVALID_ARGUMENT, "'bias'", "got NULL");
  const int64_t negative[] = {-5};
  tensors[1] = {"bias", LINNET_F32, 1, negative, values.bias.data()};
  EXPECT_FAILURE(make(), LINNET_INVALID_ARGUMENT, "'bias'", "negative");
  tensors[1] = tensors[0];
  EXPECT_FAILURE(make(), LINNET_INVALID_ARGUMENT, "occurs twice");
  tensors[1].name = nullptr;
  EXPECT_FAILURE(make(), LINNET_INVALID_ARGUMENT, "[1]", "name");
  tensors.pop_back();
  EXPECT_FAILURE(make(), LINNET_NOT_FOUND, "missing weights: 'bias'");
  EXPECT_FAILURE(linnet_weights_from_tensors(model.get(), nullptr, -1, nullptr), LINNET_INVALID_ARGUMENT, "'count'");
}
