//===- Session.h - a model's running state --------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_RUNTIME_SESSION_H
#define LINNET_RUNTIME_SESSION_H

#include "Weights.h"

namespace linnet::runtime {

class Session {
public:
  Session(std::shared_ptr<const Model> model, std::shared_ptr<const Weights> weights);
  Session(const Session &) = delete;
  Session &operator=(const Session &) = delete;

  /// Checks that the model is one that reads tokens, and binds its weights.
  linnet_status initialise();
  linnet_status reset(int64_t batch);
  linnet_status reserve(int64_t T, int32_t mode);
  linnet_status forward(const int32_t *tokens, int64_t B, int64_t T, int32_t mode, float *logits, const float **result);
  linnet_status step(const int32_t *tokens, float *logits, const float **result);

  /// An error after a reset that failed: there is no memory for the states.
  linnet_status checkUsable() const;
  const Model &model() const { return *model_; }
  int64_t batch() const { return batch_; }
  int64_t vocabulary() const { return vocabulary_; }
  /// A state as it is now, with its sizes for this batch.
  linnet_tensor state(int32_t index) const;
  int64_t stateBytes(int32_t index) const { return states[index].bytes; }
  void *stateData(int32_t index) { return states[index].now.data(); }

private:
  /// A function that reads tokens, with the places of its arguments that
  /// change from call to call; those of weights are filled once.
  struct Entry {
    Entry(const char *name, int32_t rank, bool everyPosition) : name(name), rank(rank), everyPosition(everyPosition) {}

    const char *name;
    int32_t rank; // of the tokens: 2 for [B, T], 1 for [B]
    bool everyPosition;
    int32_t function = -1;
    int32_t tokens = -1;
    int32_t logits = -1;
    struct StateUse {
      int32_t argument;
      int32_t state;
    };
    std::vector<StateUse> read, written;
    std::vector<void *> buffers;
  };
  /// A call reads `now` and writes `next`; if it succeeds they change places.
  struct State {
    Buffer now, next;
    int64_t bytes = 0;
    std::vector<int64_t> shape;
  };

  const linnet_function &functionOf(const Entry &entry) const { return model_->info().functions[entry.function]; }
  linnet_status bindEntry(Entry &entry);
  linnet_status bindArgument(Entry &entry, int32_t index);
  linnet_status checkTokensAndLogits(const Entry &entry);
  linnet_status checkStateShapes();
  linnet_status readTokenLimit();
  linnet_status findEntry(int32_t mode, Entry *&entry);
  /// Sets the symbols for a call of T tokens and makes room for it.
  linnet_status makeRoom(const Entry &entry, int64_t T, bool needLogits);
  linnet_status checkTokens(const int32_t *tokens, int64_t T) const;
  linnet_status run(Entry &entry, const int32_t *tokens, int64_t T, float *logits, const float **result);

  std::shared_ptr<const Model> model_;
  std::shared_ptr<const Weights> weights;
  Entry forwardAll{"forward", 2, true};
  Entry forwardLast{"forward_last", 2, false};
  Entry oneStep{"step", 1, false};
  std::vector<State> states;
  std::vector<int64_t> symbols;
  /// The first size of the tokens as the model has it: a symbol or a number.
  int64_t batchSize = 0;
  int64_t batch_ = 0;
  int64_t vocabulary_ = 0;
  int64_t tokenLimit = 0;
  Buffer workspace, ownLogits;
};

} // namespace linnet::runtime

struct linnet_session {
  linnet::runtime::Session session;
};

#endif // LINNET_RUNTIME_SESSION_H
