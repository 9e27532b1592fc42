//===- Workloads.cpp - the table of workloads --------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// The one place where a workload is added: a row here, and a function that prepares it if no other does.
//
//===----------------------------------------------------------------------===//

#include "Workload.h"

#include <tuple>

#include "llvm/ADT/Twine.h"

using namespace linnet;

static std::string shape(int64_t rows, int64_t columns) {
  return ("[" + llvm::Twine(rows) + "," + llvm::Twine(columns) + "]").str();
}

std::vector<Workload> linnet::allWorkloads(bool quick) {
  std::vector<Workload> table;
  auto add = [&](const llvm::Twine &name, const char *peer, std::vector<std::pair<std::string, int64_t>> sizes,
                 std::function<llvm::Expected<Case>()> prepare) {
    table.push_back({name.str(), peer, std::move(sizes), std::move(prepare)});
  };

  int64_t channels = quick ? 64 : 1024;
  for (bool timeLast : {false, true})
    for (int64_t length : quick ? std::vector<int64_t>{32} : std::vector<int64_t>{1024, 4096, 16384, 65536})
      add(llvm::Twine("selective-scan ") + (timeLast ? "bdt" : "btd") + " L=" + llvm::Twine(length),
          timeLast ? "selective-scan-bdt" : "selective-scan-btd", {{"L", length}, {"D", channels}, {"N", 16}},
          [=] { return makeSelectiveScan(length, channels, timeLast); });

  int64_t rows = quick ? 256 : 65536, columns = 256, lane = quick ? 4096 : 1 << 20;
  for (bool sums : {false, true}) {
    std::string name = sums ? "cumsum " : "recurrence ", peer = sums ? "cumsum" : "recurrence";
    for (bool timeLast : {false, true})
      add(name + shape(rows, columns) + " dim " + (timeLast ? "1" : "0"), peer.c_str(),
          {{"rows", rows}, {"columns", columns}, {"dim", timeLast}},
          [=] { return makeRecurrence(rows, columns, timeLast, sums); });
    add(name + "[" + llvm::Twine(lane) + "] one lane", peer.c_str(), {{"rows", 1}, {"columns", lane}, {"dim", 1}},
        [=] { return makeRecurrence(1, lane, /*timeLast=*/true, sums); });
  }

  for (bool isBf16 : {false, true})
    for (int64_t size : {64, 128})
      for (int64_t length : quick ? std::vector<int64_t>{32} : std::vector<int64_t>{1024, 4096, 16384, 65536})
        add(llvm::Twine("linear-attention ") + (isBf16 ? "bf16 " : "") + "d=" + llvm::Twine(size) +
                " L=" + llvm::Twine(length),
            isBf16 ? "" : "linear-attention", {{"L", length}, {"H", 8}, {"d", size}},
            [=] { return makeLinearAttention(length, 8, size, isBf16); });

  std::vector<std::tuple<std::string, AttentionMask, int64_t, int64_t>> masks = {
      {"window", AttentionMask::Window, 256, 16384},
      {"blocks", AttentionMask::Blocks, 256, 16384},
      {"causal", AttentionMask::Causal, 0, 4096}};
  for (auto &[name, mask, width, full] : masks) {
    int64_t length = quick ? 64 : full;
    add("attention " + name + (width ? "=" + std::to_string(width) : "") + " L=" + llvm::Twine(length),
        ("attention-" + name).c_str(), {{"L", length}, {"H", 8}, {"d", 64}, {"width", width}},
        [=, mask = mask, width = width] { return makeAttention(length, 8, mask, width); });
  }

  int64_t tokens = quick ? 16 : 1024;
  for (const char *name : {"mamba-kjv", "lightning-kjv"}) {
    std::string model = std::string(LINNET_SOURCE_DIR "/test/models/") + name;
    add(name + (" prefill " + llvm::Twine(tokens)), "", {}, [=] { return makeModel(model, tokens, /*atOnce=*/true); });
    add(llvm::Twine(name) + " decode", "", {}, [=] { return makeModel(model, quick ? 4 : 256, /*atOnce=*/false); });
  }
  return table;
}
