//===- ModelTest.cpp - opening and describing models ----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestSupport.h"

#include <functional>
#include <ostream>

using namespace linnet::test;

TEST(ModelTest, DescribesItself) {
  Owned<linnet_model> model = openFakeModel();
  const linnet_model_info *info = linnet_model_get_info(model.get());
  EXPECT_STREQ(info->name, "fake");
  int32_t step = -1;
  ASSERT_OK(linnet_model_find_function(model.get(), "step", &step));
  EXPECT_STREQ(info->functions[step].name, "step");
  ASSERT_EQ(linnet_model_weight_count(model.get()), 3);
  EXPECT_STREQ(linnet_model_weight(model.get(), 0)->name, "head.weight|embedding.weight");
  EXPECT_STREQ(linnet_model_weight(model.get(), 2)->name, "bias");
  EXPECT_EQ(linnet_model_weight(model.get(), 3), nullptr);
  EXPECT_EQ(linnet_model_weight(model.get(), -1), nullptr);
  ASSERT_EQ(linnet_model_prepared_count(model.get()), 3);
  EXPECT_STREQ(linnet_model_prepared(model.get(), 0)->name, "head.packed");
  ASSERT_EQ(linnet_model_state_count(model.get()), 2);
  EXPECT_STREQ(linnet_model_state(model.get(), 0)->name, "sum");
  EXPECT_EQ(linnet_model_state(model.get(), 0)->shape[0], -1);
}

TEST(ModelTest, Metadata) {
  Owned<linnet_model> model = openFakeModel();
  int64_t number = 0;
  const char *text = nullptr;
  ASSERT_OK(linnet_model_metadata_integer(model.get(), "vocab_size", &number));
  EXPECT_EQ(number, 256);
  ASSERT_OK(linnet_model_metadata_string(model.get(), "tokenizer", &text));
  EXPECT_STREQ(text, "bytes");
  EXPECT_FAILURE(linnet_model_metadata_string(model.get(), "colour", &text), LINNET_NOT_FOUND, "'colour'");
  EXPECT_FAILURE(linnet_model_metadata_string(model.get(), "vocab_size", &text), LINNET_MISMATCH, "'vocab_size'",
                 "a string");
  EXPECT_FAILURE(linnet_model_metadata_integer(model.get(), "layers", &number), LINNET_MISMATCH, "'layers'",
                 "an integer");
}

TEST(ModelTest, FindFunctionErrors) {
  Owned<linnet_model> model = openFakeModel();
  int32_t function = 5;
  EXPECT_FAILURE(linnet_model_find_function(model.get(), "fly", &function), LINNET_NOT_FOUND, "'fake'", "'fly'");
  EXPECT_EQ(function, 5);
  EXPECT_FAILURE(linnet_model_find_function(nullptr, "step", &function), LINNET_INVALID_ARGUMENT, "'model'");
  EXPECT_FAILURE(linnet_model_find_function(model.get(), nullptr, &function), LINNET_INVALID_ARGUMENT, "'name'");
}

TEST(ModelTest, OpenErrors) {
  TemporaryDirectory directory;
  linnet_model *model = nullptr;
  EXPECT_FAILURE(linnet_model_open(nullptr, &model), LINNET_INVALID_ARGUMENT, "'path'");
  EXPECT_FAILURE(linnet_model_open("x", nullptr), LINNET_INVALID_ARGUMENT, "'model'");
  std::string path = directory.file("absent.so");
  EXPECT_FAILURE(linnet_model_open(path.c_str(), &model), LINNET_NOT_FOUND, "absent.so");
  EXPECT_FAILURE(linnet_model_open(directory.path.c_str(), &model), LINNET_IO_ERROR, "a directory");
  path = directory.file("text.so");
  writeFile(path, "");
  EXPECT_FAILURE(linnet_model_open(path.c_str(), &model), LINNET_MALFORMED, "text.so", "not a shared library");
  writeFile(path, "not a library at all, but longer than a header would be....");
  EXPECT_FAILURE(linnet_model_open(path.c_str(), &model), LINNET_MALFORMED, "text.so", "not a shared library");
  EXPECT_EQ(model, nullptr);
}

TEST(ModelTest, AnotherVersion) {
  linnet_model *model = nullptr;
  EXPECT_FAILURE(linnet_model_open(LINNET_OTHER_ABI, &model), LINNET_UNSUPPORTED,
                 "linnet_other_abi.so': expected a library of ABI version 2, got version 3");
  EXPECT_EQ(model, nullptr);
}

TEST(ModelTest, TruncatedLibraries) {
  TemporaryDirectory directory;
  std::string whole = readFile(LINNET_FAKE_MODEL);
  std::string path = directory.file("cut.so");
  for (size_t size : {size_t(4), size_t(20), size_t(63), size_t(200), whole.size() / 2, whole.size() - 1}) {
    writeFile(path, whole.substr(0, size));
    linnet_model *model = nullptr;
    linnet_status status = linnet_model_open(path.c_str(), &model);
    EXPECT_TRUE(status == LINNET_MALFORMED || status == LINNET_UNSUPPORTED)
        << size << ": " << linnet_status_name(status);
    EXPECT_EQ(model, nullptr);
  }
}

TEST(ModelTest, AnotherLibrary) {
  // The runtime itself is a library, but no model.
  TemporaryDirectory directory;
  linnet_model *model = nullptr;
  std::string path = readFile("/proc/self/maps");
  size_t name = path.find("liblinnet_runtime.so");
  ASSERT_NE(name, std::string::npos);
  size_t begin = path.rfind(' ', name) + 1;
  path = path.substr(begin, path.find('\n', name) - begin);
  EXPECT_FAILURE(linnet_model_open(path.c_str(), &model), LINNET_UNSUPPORTED, "not a compiled model",
                 LINNET_MODEL_ENTRY);
}

TEST(ModelTest, HandlesMayBeClosedInAnyOrder) {
  FakeWeights values;
  TemporaryDirectory directory;
  std::string path = directory.file("model.safetensors");
  writeFile(path, values.file());
  Owned<linnet_model> model = openFakeModel();
  linnet_weights *weights = nullptr;
  ASSERT_OK(linnet_weights_load(model.get(), path.c_str(), nullptr, &weights));
  linnet_session *session = nullptr;
  ASSERT_OK(linnet_session_create(model.get(), weights, 1, &session));
  model.reset();
  linnet_weights_free(weights);
  int32_t token = 65;
  const float *logits = nullptr;
  ASSERT_OK(linnet_session_step(session, &token, nullptr, &logits));
  EXPECT_EQ(logits[3], FakeReference(values).read(65)[3]);
  linnet_session_free(session);
  linnet_session_free(nullptr);
  linnet_weights_free(nullptr);
  linnet_model_close(nullptr);
}

/*===- Descriptions that are wrong ----------------------------------------===*/

namespace {

/// A copy of the fake model's description that can be spoilt.
struct EditableModel {
  EditableModel() {
    const linnet_model_info *original = linnet_model_get_info(fake.get());
    info = *original;
    functions.assign(original->functions, original->functions + original->function_count);
    for (linnet_function &function : functions) {
      arguments.emplace_back(function.arguments, function.arguments + function.argument_count);
      function.arguments = arguments.back().data();
    }
    info.functions = functions.data();
  }

  linnet_status open() {
    linnet_model *model = nullptr;
    linnet_status status = linnet_model_from_info(&info, &model);
    linnet_model_close(model);
    return status;
  }

  Owned<linnet_model> fake = openFakeModel();
  linnet_model_info info;
  std::vector<linnet_function> functions;
  std::vector<std::vector<linnet_argument>> arguments;
};

struct BadInfo {
  const char *name;
  std::function<void(EditableModel &)> spoil;
  std::vector<std::string> message;
};

/// Otherwise a failure, and the name in ctest, would show bytes and addresses.
void PrintTo(const BadInfo &bad, std::ostream *os) { *os << bad.name; }

class BadInfoTest : public ::testing::TestWithParam<BadInfo> {};

const int64_t dynamicShape[] = {-1, 4};
const int64_t badSymbol[] = {-9, 4};
const int64_t hugeShape[] = {int64_t(1) << 40, int64_t(1) << 40};
const int64_t otherShape[] = {5, 256};

const linnet_simt *simtTable = nullptr;
const linnet_shared beyond = {60, 8};
void noThread(const void *const *) {}
const linnet_kernel badKernels[] = {{"threads", 2000, 0, 0, 0, nullptr, nullptr, noThread},
                                    {"shared", 32, 0, 64, 1, &beyond, nullptr, noThread},
                                    {"code", 32, 0, 0, 0, nullptr, nullptr, nullptr}};

/// Makes the model one for a GPU, with one of these kernels.
void addKernel(EditableModel &m, int kernel) {
  static linnet_gpu gpu;
  gpu = {"sm_80", "0", "", 1, 0, &badKernels[kernel], nullptr, &simtTable};
  m.info.gpu = &gpu;
}
const linnet_gpu noPtx = {"sm_80", "0", nullptr, 0, 0, nullptr, nullptr, &simtTable};

const BadInfo badInfos[] = {
    {"NoPtx", [](EditableModel &m) { m.info.gpu = &noPtx; }, {"gpu: ptx", "got none"}},
    {"KernelThreads", [](EditableModel &m) { addKernel(m, 0); }, {"'threads'", "1 to 1024, got 2000"}},
    {"KernelShared", [](EditableModel &m) { addKernel(m, 1); }, {"'shared'", "64 bytes, got 8 from 60"}},
    {"KernelCode", [](EditableModel &m) { addKernel(m, 2); }, {"'code'", "code for simt"}},
    {"Version", [](EditableModel &m) { m.info.abi_version = 99; }, {"expected ABI version 2, got 99"}},
    {"Size", [](EditableModel &m) { m.info.struct_bytes = 8; }, {"bytes, got 8"}},
    {"NoName", [](EditableModel &m) { m.info.name = nullptr; }, {"name"}},
    {"NoMetadata", [](EditableModel &m) { m.info.metadata = nullptr; }, {"'fake'", "metadata"}},
    {"BadMetadata", [](EditableModel &m) { m.info.metadata = "{\"a\": "; }, {"'fake'", "metadata", "JSON object"}},
    {"MetadataList", [](EditableModel &m) { m.info.metadata = "[1]"; }, {"JSON object"}},
    {"NegativeCount", [](EditableModel &m) { m.info.function_count = -1; }, {"functions", "-1"}},
    {"NoFunctions", [](EditableModel &m) { m.info.functions = nullptr; }, {"functions", "got none"}},
    {"NoOps", [](EditableModel &m) { m.info.ops = nullptr; }, {"ops"}},
    {"NoSymbols", [](EditableModel &m) { m.info.symbols = nullptr; }, {"symbols"}},
    {"TwiceSameFunction", [](EditableModel &m) { m.functions[2].name = "forward"; }, {"'forward' occurs twice"}},
    {"NoCode", [](EditableModel &m) { m.functions[1].run = nullptr; }, {"'forward'", "code"}},
    {"NoArgumentName", [](EditableModel &m) { m.arguments[1][0].name = ""; }, {"'forward'", "name"}},
    {"Role", [](EditableModel &m) { m.arguments[1][0].role = 17; }, {"'forward'", "'tokens'", "role 17"}},
    {"Dtype", [](EditableModel &m) { m.arguments[1][0].dtype = 99; }, {"'tokens'", "dtype 99"}},
    {"Rank", [](EditableModel &m) { m.arguments[1][0].rank = 1000; }, {"'tokens'", "rank", "1000"}},
    {"NegativeRank", [](EditableModel &m) { m.arguments[1][0].rank = -1; }, {"'tokens'", "rank", "-1"}},
    {"NoShape", [](EditableModel &m) { m.arguments[1][0].shape = nullptr; }, {"'tokens'", "shape"}},
    {"Symbol", [](EditableModel &m) { m.arguments[1][0].shape = badSymbol; }, {"'tokens'", "symbol 8", "below 3"}},
    {"DynamicWeight",
     [](EditableModel &m) { m.arguments[1][1].shape = dynamicShape; },
     {"'embedding.weight'", "fixed sizes", "[B, 4]"}},
    {"SymbolOfManyLines",
     [](EditableModel &m) {
       static const char *const symbols[] = {"B\n\x07", "T", "N"};
       m.info.symbols = symbols;
       m.arguments[1][1].shape = dynamicShape;
     },
     {"[B\\x0a\\x07, 4]"}},
    {"HugeWeight", [](EditableModel &m) { m.arguments[1][1].shape = hugeShape; }, {"'embedding.weight'", "too large"}},
    {"Disagreement",
     [](EditableModel &m) { m.arguments[3][3].shape = otherShape; },
     {"'step'", "'head.packed'", "f32 [4, 256]", "f32 [5, 256]"}},
    {"PrepareReadsInput",
     [](EditableModel &m) { m.arguments[0][0].role = LINNET_INPUT; },
     {"'prepare'", "weights and prepared"}},
    {"WrittenNotRead",
     [](EditableModel &m) { m.arguments[1][6].role = LINNET_INPUT; },
     {"'forward'", "'sum'", "not read"}},
    {"ReadTwice", [](EditableModel &m) { m.arguments[1][9].role = LINNET_STATE_IN; }, {"'sum'", "twice"}},
    {"NothingPrepares", [](EditableModel &m) { m.functions[0].name = "unprepare"; }, {"'head.packed'", "'prepare'"}},
};

TEST_P(BadInfoTest, IsRefused) {
  EditableModel model;
  ASSERT_OK(model.open());
  GetParam().spoil(model);
  EXPECT_TRUE(failedWith(model.open(), LINNET_UNSUPPORTED, GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(ModelTest, BadInfoTest, ::testing::ValuesIn(badInfos),
                         [](const auto &info) { return info.param.name; });

} // namespace

TEST(ModelTest, EmptyMetadataIsAllowed) {
  EditableModel model;
  model.info.metadata = "";
  EXPECT_OK(model.open());
}

TEST(ModelTest, StatusNamesAndTypes) {
  EXPECT_STREQ(linnet_status_name(LINNET_OK), "ok");
  EXPECT_STREQ(linnet_status_name(99), "unknown status");
  EXPECT_STREQ(linnet_dtype_name(LINNET_BF16), "bf16");
  EXPECT_EQ(linnet_dtype_name(-1), nullptr);
  EXPECT_EQ(linnet_dtype_bytes(LINNET_I64), 8u);
  EXPECT_STREQ(linnet_dtype_name(LINNET_U64), "u64");
  EXPECT_EQ(linnet_dtype_bytes(LINNET_U64 + 1), 0u);
  EXPECT_STREQ(linnet_version(), "0.1.0");
}
