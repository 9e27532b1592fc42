//===- SidecarTest.cpp - prepared weights kept in a file ------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestSupport.h"

#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>

using namespace linnet::test;

namespace {

class SidecarTest : public FakeModelTest {
protected:
  /// Loads with the sidecar; says what became of it and whether `prepare` ran.
  void load(linnet_sidecar_use expected, const std::string &reason = "") {
    int32_t before = fakePrepareRuns();
    linnet_weights *loaded = nullptr;
    ASSERT_OK(linnet_weights_load(model.get(), weightsPath.c_str(), sidecar.c_str(), &loaded));
    weights.reset(loaded);
    const char *why = nullptr;
    EXPECT_EQ(linnet_weights_sidecar_use(loaded, &why), expected) << why;
    EXPECT_NE(std::string(why).find(reason), std::string::npos) << why;
    EXPECT_EQ(fakePrepareRuns() - before, expected != LINNET_SIDECAR_MAPPED);
    checkData();
  }
  void checkData() {
    linnet_tensor tensor;
    ASSERT_OK(linnet_weights_get(weights.get(), "head.packed", &tensor));
    const float *packed = static_cast<const float *>(tensor.data);
    for (int v = 0; v < 256; ++v)
      for (int w = 0; w < 4; ++w)
        ASSERT_EQ(packed[w * 256 + v], values.embedding[v * 4 + w]);
    ASSERT_OK(linnet_weights_get(weights.get(), "mirror", &tensor));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data) % 64, 0u);
    const float *mirror = static_cast<const float *>(tensor.data);
    for (int i = 0; i < 300 * 256; ++i)
      ASSERT_EQ(mirror[i], static_cast<float>(-i));
  }

  std::string sidecar = directory.file("fake.sidecar");
};

} // namespace

TEST_F(SidecarTest, IsWrittenOnceAndThenMapped) {
  load(LINNET_SIDECAR_WRITTEN, "did not exist");
  load(LINNET_SIDECAR_MAPPED);
  load(LINNET_SIDECAR_MAPPED);
  // Nothing else is left behind.
  std::vector<std::string> files = listFiles(directory.path);
  std::sort(files.begin(), files.end());
  EXPECT_EQ(files, (std::vector<std::string>{"fake.sidecar", "model.safetensors"}));
}

TEST_F(SidecarTest, MappedArraysStartAtDifferentSets) {
  load(LINNET_SIDECAR_WRITTEN);
  load(LINNET_SIDECAR_MAPPED);
  linnet_tensor table, mirror;
  ASSERT_OK(linnet_weights_get(weights.get(), "table", &table));
  ASSERT_OK(linnet_weights_get(weights.get(), "mirror", &mirror));
  EXPECT_NE(reinterpret_cast<uintptr_t>(table.data) % 65536, reinterpret_cast<uintptr_t>(mirror.data) % 65536);
}

TEST_F(SidecarTest, OtherWeightsMakeItStale) {
  load(LINNET_SIDECAR_WRITTEN);
  // Another time of change, the same bytes.
  struct timespec times[2] = {{1000, 5}, {1000, 5}};
  ASSERT_EQ(utimensat(AT_FDCWD, weightsPath.c_str(), times, 0), 0);
  load(LINNET_SIDECAR_WRITTEN, "other weights");
  load(LINNET_SIDECAR_MAPPED);
  // The same time and bytes, another name.
  std::string renamed = directory.file("renamed.safetensors");
  ASSERT_EQ(rename(weightsPath.c_str(), renamed.c_str()), 0);
  weightsPath = renamed;
  load(LINNET_SIDECAR_WRITTEN, "other weights");
}

TEST_F(SidecarTest, AnotherModelMakesItStale) {
  load(LINNET_SIDECAR_WRITTEN);
  linnet_model_info info = *linnet_model_get_info(model.get());
  info.target = "another machine";
  linnet_model *other = nullptr;
  ASSERT_OK(linnet_model_from_info(&info, &other));
  Owned<linnet_model> first = std::move(model);
  model.reset(other);
  load(LINNET_SIDECAR_WRITTEN, "another model");
  weights.reset();
}

TEST_F(SidecarTest, DamageIsNoticedAndMended) {
  load(LINNET_SIDECAR_WRITTEN);
  std::string whole = readFile(sidecar);
  struct Case {
    const char *what;
    std::string bytes;
    const char *reason;
  };
  auto flipped = [&](size_t at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x20);
    return bytes;
  };
  for (const Case &c : {
           Case{"empty", "", "cut short"},
           Case{"within the magic", whole.substr(0, 7), "cut short"},
           Case{"within the header", whole.substr(0, 40), "cut short"},
           Case{"after the header", whole.substr(0, 56), "not as long"},
           Case{"one byte short", whole.substr(0, whole.size() - 1), "not as long"},
           Case{"one byte long", whole + "x", "not as long"},
           Case{"version", flipped(16), "header does not match"},
           Case{"identity", flipped(25), "header does not match"},
           Case{"size", flipped(33), "header does not match"},
           Case{"checksum", flipped(41), "header does not match"},
           Case{"header checksum", flipped(50), "header does not match"},
           Case{"first data", flipped(64), "data does not match"},
           Case{"last data", flipped(whole.size() - 1), "data does not match"},
       }) {
    SCOPED_TRACE(c.what);
    writeFile(sidecar, c.bytes);
    load(LINNET_SIDECAR_WRITTEN, c.reason);
    EXPECT_EQ(readFile(sidecar), whole);
    load(LINNET_SIDECAR_MAPPED);
  }
}

TEST_F(SidecarTest, OtherFilesAreLeftAlone) {
  writeFile(sidecar, "a letter to my mother");
  load(LINNET_SIDECAR_FAILED, "left alone");
  EXPECT_EQ(readFile(sidecar), "a letter to my mother");
  std::string before = readFile(weightsPath);
  sidecar = weightsPath;
  load(LINNET_SIDECAR_FAILED, "left alone");
  EXPECT_EQ(readFile(weightsPath), before);
  sidecar = directory.path;
  load(LINNET_SIDECAR_FAILED, "a directory");
}

TEST_F(SidecarTest, UnwritablePlaceIsNoError) {
  sidecar = directory.file("no/such/folder/sidecar");
  load(LINNET_SIDECAR_FAILED, "cannot write");
}

TEST_F(SidecarTest, FullDiskIsNoError) {
  // The weights are there already.
  for (size_t bytes : {size_t(0), size_t(100), size_t(100000)}) {
    FileSizeLimit limit(bytes);
    load(LINNET_SIDECAR_FAILED, "cannot write");
  }
  EXPECT_EQ(listFiles(directory.path), std::vector<std::string>{"model.safetensors"});
}
