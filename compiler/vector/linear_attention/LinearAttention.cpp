//===- LinearAttention.cpp - vector code of linear_attention --------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tiling/Tiling.h"
#include "compiler/vector/InitialState.h"
#include "compiler/vector/Vectorize.h"
#include "compiler/vector/linear_attention/BlockForm.h"
#include "compiler/vector/linear_attention/ChunkForm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace linnet;

/// Of the widest target: whether the fast path covers an op does not depend on the target.
static constexpr int64_t kMostLanes = 16;

/// Tokens of a block, and vectors of columns that one passes at a time. 4 x 2 accumulators and 4 x 2 values leave room
/// for the state in the 32 registers of AVX-512; half of it fits the 16 of others (docs/rationale/vector.md).
static constexpr int64_t kBlockTokens = 4;
static int64_t vectorsAtOnce(int64_t lanes) { return lanes >= 16 ? 2 : 1; }

/// A block of one token has registers left: it passes as many columns as there are, up to four times of these, along
/// whole rows of the state.
static int64_t vectorsOfStep(int64_t lanes, int64_t columns) {
  return std::clamp<int64_t>(llvm::divideCeil(columns, lanes), 1, 4 * vectorsAtOnce(lanes));
}

/// Tokens that are prepared together: their rows stay in the cache while all columns of the state pass.
static constexpr int64_t kStretchTokens = 32;
/// Bytes of staged rows, which share the first-level cache with the state.
static constexpr int64_t kStagedBytes = 16 * 1024;

/// The hint of the op says less; more would not fit the registers.
static int64_t getBlockTokens(LinearAttentionOp op) {
  return std::min<int64_t>(op.getChunkSize().value_or(kBlockTokens), kBlockTokens);
}

/// Tokens of a chunk that are tried; more would only add to what the tokens of a chunk see of one another.
static constexpr int64_t kMostChunkTokens = 64;
/// Tokens of the chunks that are prepared together.
static constexpr int64_t kChunkedStretchTokens = 64;

/// The form with the fewest vector operations, or the one that the hint of the op asks for. A remark tells which, with
/// the costs of all. Returns the tokens of a chunk; 0 for blocks.
static int64_t chooseChunkTokens(LinearAttentionOp op, int64_t lanes, bool avx512Bf16) {
  std::string unchunked = explainUnchunked(op, lanes, avx512Bf16);
  int64_t hint = op.getChunkSize().value_or(0), blockTokens = getBlockTokens(op), chosen = 0;
  auto show = [](double cost) { return llvm::formatv("{0:F1}", cost).str(); };
  auto blockCost = [&](int64_t tokens) { return BlockForm(op, tokens, /*keepsScale=*/true).countOperations(lanes); };
  double least = blockCost(blockTokens);
  std::string costs =
      "token by token " + show(blockCost(1)) + ", blocks of " + std::to_string(blockTokens) + " tokens " + show(least);
  for (int64_t tokens = lanes; unchunked.empty() && tokens <= kMostChunkTokens; tokens *= 2) {
    double cost = ChunkForm(op, tokens, lanes).countOperations();
    costs += ", chunks of " + std::to_string(tokens) + " " + show(cost);
    if (hint ? tokens <= hint : cost < least)
      chosen = tokens, least = cost;
  }
  std::string form = chosen ? "chunks of " + std::to_string(chosen) : "blocks of " + std::to_string(blockTokens);
  remark::analysis(op.getLoc(), remark::RemarkOpts::name("linear-attention-form").category("linnet"))
      << form + " tokens" + (hint ? " (chunk_size asks for it)" : "") +
             "; vector operations a token and head: " + costs + (unchunked.empty() ? "" : "; no chunks: " + unchunked);
  return chosen;
}

namespace {

class LinearAttentionBuilder {
public:
  /// With `chunkTokens` not 0 whole chunks are run as such.
  LinearAttentionBuilder(LinearAttentionOp op, TileState state, int64_t lanes, int64_t chunkTokens)
      : op(op), state(state), chunkTokens(chunkTokens), keys(typeOf(op.getQ()).getDimSize(3)),
        values(typeOf(op.getV()).getDimSize(3)), all(values + op.getNormalize()),
        isStep(typeOf(op.getV()).getDimSize(1) == 1 && !op.isPacked()),
        width(std::min(isStep ? vectorsOfStep(lanes, all) : vectorsAtOnce(lanes), llvm::divideCeilSigned(all, lanes)) *
              lanes) {}

  SmallVector<Value> run(VectorBuilder &b);

private:
  static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

  /// A loop over 0, step, ... below `end` that carries tensors.
  using Body = llvm::function_ref<SmallVector<Value>(VectorBuilder &, Value, ValueRange)>;
  static SmallVector<Value> forEach(VectorBuilder &b, Value end, int64_t step, ValueRange carried, Body body) {
    auto loop = scf::ForOp::create(b, b.index(0), end, b.index(step), carried,
                                   [&](OpBuilder &builder, Location, Value i, ValueRange values) {
                                     VectorBuilder inner = b.at(builder);
                                     scf::YieldOp::create(inner, body(inner, i, values));
                                   });
    return SmallVector<Value>(loop.getResults());
  }

  /// Calls `body` for all columns: whole tiles in a loop, then what is left.
  SmallVector<Value>
  overColumns(VectorBuilder &b, ValueRange carried,
              llvm::function_ref<SmallVector<Value>(VectorBuilder &, const Columns &, ValueRange)> body);
  /// Moves the state to where a tile of columns is dense, or back, with the scale that was kept beside it.
  Value packState(VectorBuilder &b);
  Value unpackState(VectorBuilder &b, Value packed, Value scale);

  /// `action` for `count` tokens from `first` on, a multiple of the tokens of a block. Carries o, the state and, where
  /// it is kept, the scale of the state.
  SmallVector<Value> runTokens(VectorBuilder &b, int64_t blockTokens, BlockAction action, Value first, Value count,
                               ValueRange carried);
  /// The first `count` tokens, whole chunks, likewise. Carries o and the state.
  SmallVector<Value> runChunks(VectorBuilder &b, BlockAction action, Value count, ValueRange carried);
  SmallVector<Value> runSequence(VectorBuilder &b, BlockAction action, ValueRange carried);
  /// The token that comes i-th in the order of time.
  Value tokenAt(VectorBuilder &b, Value i) {
    if (!op.getReverse())
      return arith::AddIOp::create(b, begin, i);
    return arith::SubIOp::create(b, arith::SubIOp::create(b, end, b.index(1)), i);
  }
  /// Writes the quotients of the rows of some tokens and their denominators to o (spec-linear 7.9).
  Value divide(VectorBuilder &b, Value first, Value count, Value o, Value rows, Value denominators);

  LinearAttentionOp op;
  TileState state;
  int64_t chunkTokens;
  int64_t keys, values, all;
  bool isStep; ///< one token: the state is used where it is
  int64_t width;
  Value begin, end;
};

SmallVector<Value> LinearAttentionBuilder::overColumns(
    VectorBuilder &b, ValueRange carried,
    llvm::function_ref<SmallVector<Value>(VectorBuilder &, const Columns &, ValueRange)> body) {
  int64_t whole = all / width, rest = all % width, lanes = b.getLanes();
  SmallVector<Value> results(carried);
  if (op.getNormalize() && rest == 0) // the last tile must hold the column behind those of v
    --whole, rest = width;
  auto columnsAt = [&](VectorBuilder &b, Value tile, int64_t size, bool isWhole) {
    Columns columns;
    columns.vectors = llvm::divideCeil(size, lanes);
    columns.index = tile;
    columns.column = arith::MulIOp::create(b, tile, b.index(width));
    columns.isWhole = isWhole;
    columns.isPacked = !isStep;
    return columns;
  };
  if (whole > 0)
    results = forEach(b, b.index(whole), 1, results, [&](VectorBuilder &b, Value tile, ValueRange values) {
      return body(b, columnsAt(b, tile, width, true), values);
    });
  if (rest > 0) {
    results = body(b, columnsAt(b, b.index(whole), rest, rest % lanes == 0 && !op.getNormalize()), results);
  }
  return results;
}

/// The vector of columns `vector` of row `key` of the state as the op has it.
static Value readStateVector(VectorBuilder &b, Value state, Value key, Value column, bool isWhole) {
  Value zero = arith::ConstantOp::create(b, b.getF32FloatAttr(0.0));
  return vector::TransferReadOp::create(b, b.vectorOf(state.getType()), state,
                                        ValueRange{b.index(0), b.index(0), key, column}, zero, ArrayRef{isWhole});
}

Value LinearAttentionBuilder::packState(VectorBuilder &b) {
  int64_t tiles = llvm::divideCeil(all, width);
  Value packed = tensor::EmptyOp::create(b, ArrayRef<int64_t>{tiles, keys, width}, b.getF32Type());
  return overColumns(b, packed, [&](VectorBuilder &b, const Columns &columns, ValueRange carried) {
    return forEach(b, b.index(keys), 1, carried, [&](VectorBuilder &b, Value key, ValueRange carried) {
      Value packed = carried[0];
      for (int64_t vector = 0; vector < columns.vectors; ++vector) {
        Value offset = b.index(vector * b.getLanes());
        Value column = arith::AddIOp::create(b, columns.column, offset);
        bool isWhole = columns.isWhole || vector + 1 < columns.vectors;
        packed = b.write(readStateVector(b, state.initial, key, column, isWhole), packed, {columns.index, key, offset});
      }
      return SmallVector<Value>{packed};
    });
  })[0];
}

Value LinearAttentionBuilder::unpackState(VectorBuilder &b, Value packed, Value scale) {
  if (scale)
    scale =
        vector::BroadcastOp::create(b, b.vectorOf(b.getF32Type()), arith::TruncFOp::create(b, b.getF32Type(), scale));
  return overColumns(b, state.place, [&](VectorBuilder &b, const Columns &columns, ValueRange carried) {
    return forEach(b, b.index(keys), 1, carried, [&](VectorBuilder &b, Value key, ValueRange carried) {
      Value place = carried[0];
      for (int64_t vector = 0; vector < columns.vectors; ++vector) {
        Value offset = b.index(vector * b.getLanes());
        Value column = arith::AddIOp::create(b, columns.column, offset);
        bool isWhole = columns.isWhole || vector + 1 < columns.vectors;
        Value row = b.read(packed, {columns.index, key, offset});
        if (scale)
          row = b.mul(row, scale);
        place = vector::TransferWriteOp::create(b, row, place, ValueRange{b.index(0), b.index(0), key, column},
                                                ArrayRef{isWhole})
                    .getResult();
      }
      return SmallVector<Value>{place};
    });
  })[0];
}

Value LinearAttentionBuilder::divide(VectorBuilder &b, Value first, Value count, Value o, Value rows,
                                     Value denominators) {
  int64_t lanes = b.getLanes();
  Type elementType = getElementTypeOrSelf(o.getType());
  return forEach(b, count, 1, o, [&](VectorBuilder &b, Value i, ValueRange carried) {
    Value token = tokenAt(b, arith::AddIOp::create(b, first, i));
    Value denominator = b.add(b.broadcast(denominators, i), b.splat(1e-10, b.getF32Type()));
    Value zero = arith::ConstantOp::create(b, b.getF32FloatAttr(0.0));
    Value written = carried[0];
    for (int64_t column = 0; column < values; column += lanes) {
      bool isWhole = column + lanes <= values;
      Value part = vector::TransferReadOp::create(b, b.vectorOf(b.getF32Type()), rows,
                                                  ValueRange{b.index(0), i, b.index(0), b.index(column)}, zero,
                                                  ArrayRef{isWhole});
      Value quotient = arith::DivFOp::create(b, part, denominator);
      if (!elementType.isF32())
        quotient = arith::TruncFOp::create(b, b.vectorOf(elementType), quotient);
      written = vector::TransferWriteOp::create(
                    b, quotient, written, ValueRange{b.index(0), token, b.index(0), b.index(column)}, ArrayRef{isWhole})
                    .getResult();
    }
    return SmallVector<Value>{written};
  })[0];
}

SmallVector<Value> LinearAttentionBuilder::runTokens(VectorBuilder &b, int64_t blockTokens, BlockAction action,
                                                     Value first, Value count, ValueRange carried) {
  BlockForm form(op, blockTokens, /*keepsScale=*/carried.size() == 3);
  int64_t rowBytes = std::max<int64_t>(1, form.countRows() * keys * 4);
  int64_t blocks = std::clamp<int64_t>(kStagedBytes / rowBytes, 1, kStretchTokens / blockTokens);
  BlockBuffers empty = createBuffers(b, form, blocks);
  // Carried by all loops: o, state, what `toValues` lists of the buffers (, denominators).
  auto toValues = [](const BlockBuffers &buffers) {
    SmallVector<Value> values = {buffers.factors};
    for (Value value : {buffers.rows, buffers.scale})
      if (value)
        values.push_back(value);
    return values;
  };
  if (form.keepsScale())
    empty.scale = carried[2];
  auto toBuffers = [&](ValueRange values) {
    return BlockBuffers{values[0], empty.rows ? values[1] : Value(), empty.scale ? values.back() : Value()};
  };
  SmallVector<Value> inits(carried.take_front(2));
  inits.append(toValues(empty));
  size_t bufferCount = inits.size() - 2;
  bool readsInitial = isStep && action != BlockAction::Read;
  bool normalizes = op.getNormalize() && action != BlockAction::Update;
  if (normalizes) { // o before it is divided, and what it is divided by
    inits.push_back(tensor::EmptyOp::create(b, ArrayRef<int64_t>{1, blocks * blockTokens, 1, values}, b.getF32Type()));
    inits.push_back(tensor::EmptyOp::create(b, ArrayRef<int64_t>{blocks * blockTokens}, b.getF32Type()));
  }

  SmallVector<Value> results =
      forEach(b, count, blocks * blockTokens, inits, [&](VectorBuilder &b, Value start, ValueRange values) {
        Value left = arith::SubIOp::create(b, count, start);
        Value tokensHere = arith::MinSIOp::create(b, left, b.index(blocks * blockTokens));
        Value blocksHere = arith::DivUIOp::create(b, tokensHere, b.index(blockTokens));
        Value stretch = arith::AddIOp::create(b, first, start);
        auto tokensOf = [&](VectorBuilder &b, Value block) {
          SmallVector<Value> tokens;
          Value offset = arith::AddIOp::create(b, stretch, arith::MulIOp::create(b, block, b.index(blockTokens)));
          for (int64_t i = 0; i < blockTokens; ++i)
            tokens.push_back(tokenAt(b, arith::AddIOp::create(b, offset, b.index(i))));
          return tokens;
        };
        SmallVector<Value> current(values);
        SmallVector<Value> buffers(values.slice(2, bufferCount));
        buffers = forEach(b, blocksHere, 1, buffers, [&](VectorBuilder &b, Value block, ValueRange values) {
          return toValues(prepareBlock(b, form, tokensOf(b, block), block, toBuffers(values)));
        });
        SmallVector<Value> passed = {current[0], current[1]};
        if (normalizes)
          passed = {current.end()[-2], current[1], current.back()};
        passed = overColumns(b, passed, [&](VectorBuilder &b, const Columns &columns, ValueRange carried) {
          return forEach(b, blocksHere, 1, carried, [&](VectorBuilder &b, Value block, ValueRange values) {
            // The rows of a head lie far apart, where no hardware looks ahead. Each tile asks for its share of what the
            // next stretch reads, so that the requests do not wait for one another.
            Value last = arith::SubIOp::create(b, arith::AddIOp::create(b, first, count), b.index(1));
            for (int64_t i = 0; i < blockTokens && !isStep; ++i) { // behind a single token there is none
              Value offset = arith::AddIOp::create(b, arith::MulIOp::create(b, block, b.index(blockTokens)),
                                                   b.index(i + blocks * blockTokens));
              Value ahead = arith::MinSIOp::create(b, arith::AddIOp::create(b, stretch, offset), last);
              prefetchToken(b, op, tokenAt(b, ahead), current[0], columns, llvm::divideCeil(all, width));
            }
            SmallVector<Value> tokens = tokensOf(b, block), rows = tokens;
            for (int64_t i = 0; normalizes && i < blockTokens; ++i)
              rows[i] = arith::AddIOp::create(b, arith::MulIOp::create(b, block, b.index(blockTokens)), b.index(i));
            BlockResults done = runBlock(b, form, action, tokens, block, toBuffers(buffers), columns, rows, values[0],
                                         readsInitial ? state.initial : values[1], values[1]);
            SmallVector<Value> next = {done.o, done.state};
            if (!normalizes)
              return next;
            // The last tile has the sums; the tiles before it write what a later one overwrites.
            Value denominators = values[2];
            int64_t place = (all - 1) % width;
            for (int64_t i = 0; i < blockTokens && place / b.getLanes() < columns.vectors; ++i) {
              Value vector = done.read[i * columns.vectors + place / b.getLanes()];
              Value sum = vector::ExtractOp::create(b, vector, place % b.getLanes());
              denominators = tensor::InsertOp::create(b, sum, denominators, rows[i]);
            }
            next.push_back(denominators);
            return next;
          });
        });
        Value o = normalizes ? divide(b, stretch, tokensHere, current[0], passed[0], passed[2]) : passed[0];
        SmallVector<Value> next = {o, passed[1]};
        next.append(buffers);
        if (normalizes)
          next.append({passed[0], passed[2]});
        return next;
      });
  SmallVector<Value> next = {results[0], results[1]};
  if (form.keepsScale())
    next.push_back(results[1 + bufferCount]);
  return next;
}

SmallVector<Value> LinearAttentionBuilder::runChunks(VectorBuilder &b, BlockAction action, Value count,
                                                     ValueRange carried) {
  ChunkForm form(op, chunkTokens, b.getLanes());
  int64_t chunks = std::max<int64_t>(1, kChunkedStretchTokens / chunkTokens), tiles = llvm::divideCeil(all, width);
  auto roundState = [&](VectorBuilder &b, ChunkState carried) {
    if (carried.copy)
      carried.copy = overColumns(b, carried.copy, [&](VectorBuilder &b, const Columns &columns, ValueRange copy) {
        return SmallVector<Value>{copyState(b, form, columns, carried.state, copy[0])};
      })[0];
    return carried;
  };
  ChunkState initial = roundState(b, {carried[0], carried[1], createStateCopy(b, form, carried[1])});
  SmallVector<Value> inits = initial.toValues();
  size_t stateCount = inits.size();
  ChunkBuffers empty = createBuffers(b, form, chunks);
  inits.append(empty.toValues());
  SmallVector<Value> results =
      forEach(b, count, chunks * chunkTokens, inits, [&](VectorBuilder &b, Value start, ValueRange values) {
        Value left = arith::SubIOp::create(b, count, start);
        Value tokensHere = arith::MinSIOp::create(b, left, b.index(chunks * chunkTokens));
        auto stretchToken = [&](VectorBuilder &b, Value i) { return tokenAt(b, arith::AddIOp::create(b, start, i)); };
        ValueRange states = values.take_front(stateCount), buffers = values.drop_front(stateCount);
        // The delta rule makes its products around the diagonal one by one.
        Value finite = op.getBeta() ? arith::ConstantOp::create(b, b.getBoolAttr(true)).getResult()
                                    : areValuesFinite(b, form, tokensHere, stretchToken);
        auto chunked = [&](VectorBuilder &b) {
          Value chunksHere = arith::DivUIOp::create(b, tokensHere, b.index(chunkTokens));
          auto firstOf = [&](VectorBuilder &b, Value index) {
            return arith::MulIOp::create(b, index, b.index(chunkTokens)).getResult();
          };
          SmallVector<Value> prepared =
              forEach(b, chunksHere, 1, buffers, [&](VectorBuilder &b, Value index, ValueRange buffers) {
                Value first = firstOf(b, index);
                auto tokenOf = [&](VectorBuilder &b, Value i) {
                  return stretchToken(b, arith::AddIOp::create(b, first, i));
                };
                return prepareChunk(b, form, {index, tokenOf}, empty.with(buffers)).toValues();
              });
          SmallVector<Value> next =
              overColumns(b, states, [&](VectorBuilder &b, const Columns &columns, ValueRange states) {
                return forEach(b, chunksHere, 1, states, [&](VectorBuilder &b, Value index, ValueRange states) {
                  Value first = firstOf(b, index);
                  auto tokenOf = [&](VectorBuilder &b, Value i) {
                    return stretchToken(b, arith::AddIOp::create(b, first, i));
                  };
                  auto askAhead = [&](VectorBuilder &b, Value tile) {
                    Value last = arith::SubIOp::create(b, count, b.index(1));
                    Value ahead =
                        arith::AddIOp::create(b, first, arith::MulIOp::create(b, tile, b.index(ChunkForm::kRows)));
                    for (int64_t i = 0; i < ChunkForm::kRows; ++i) {
                      Value offset = arith::AddIOp::create(b, ahead, b.index(i + chunks * chunkTokens));
                      Value token = arith::MinSIOp::create(b, arith::AddIOp::create(b, start, offset), last);
                      prefetchToken(b, op, tokenAt(b, token), states[0], columns, tiles);
                    }
                  };
                  return runChunk(b, form, {index, tokenOf}, empty.with(prepared), columns, ChunkState::of(states),
                                  askAhead)
                      .toValues();
                });
              });
          next.append(prepared);
          return next;
        };
        auto inBlocks = [&](VectorBuilder &b) {
          SmallVector<Value> done = runTokens(b, kBlockTokens, action, start, tokensHere, states.take_front(2));
          ChunkState state = {done[0], done[1], ChunkState::of(states).copy};
          SmallVector<Value> next = roundState(b, state).toValues();
          next.append(buffers.begin(), buffers.end());
          return next;
        };
        auto branch = [&](llvm::function_ref<SmallVector<Value>(VectorBuilder &)> run) {
          return [&b, run](OpBuilder &builder, Location) {
            VectorBuilder inner = b.at(builder);
            scf::YieldOp::create(inner, run(inner));
          };
        };
        return SmallVector<Value>(scf::IfOp::create(b, finite, branch(chunked), branch(inBlocks)).getResults());
      });
  return {results[0], results[1]};
}

SmallVector<Value> LinearAttentionBuilder::runSequence(VectorBuilder &b, BlockAction action, ValueRange carried) {
  Value count = arith::SubIOp::create(b, end, begin), zero = b.index(0);
  if (isStep)
    return runTokens(b, 1, action, zero, count, carried);
  SmallVector<Value> before(carried);
  Value first = zero;
  if (chunkTokens) {
    first = arith::SubIOp::create(b, count, arith::RemUIOp::create(b, count, b.index(chunkTokens)));
    SmallVector<Value> chunked = runChunks(b, action, first, carried.take_front(2));
    llvm::copy(chunked, before.begin()); // a scale of the state stays 1
    count = arith::SubIOp::create(b, count, first);
  }
  int64_t block = getBlockTokens(op);
  Value rest = arith::RemUIOp::create(b, count, b.index(block)), whole = arith::SubIOp::create(b, count, rest);
  SmallVector<Value> results = runTokens(b, block, action, first, whole, before);
  whole = arith::AddIOp::create(b, first, whole);
  return block == 1 ? results : runTokens(b, 1, action, whole, rest, results);
}

SmallVector<Value> LinearAttentionBuilder::run(VectorBuilder &b) {
  begin = b.index(0);
  end = b.dim(op.getV(), 1);
  if (Value offsets = op.getCuSeqlens()) {
    auto offset = [&](int64_t i) -> Value {
      return arith::IndexCastOp::create(b, b.getIndexType(),
                                        tensor::ExtractOp::create(b, offsets, ValueRange{b.index(i)}));
    };
    begin = offset(0);
    end = offset(1);
  }
  SmallVector<Value> carried = {op.getOInit(), isStep ? state.place : packState(b)};
  if (BlockForm(op, 1, !isStep).keepsScale())
    carried.push_back(arith::ConstantOp::create(b, b.getF64FloatAttr(1.0)));
  if (op.getBidirectional()) {
    carried = runSequence(b, BlockAction::Update, carried);
    carried = runSequence(b, BlockAction::Read, carried);
  } else {
    carried = runSequence(b, op.getO().use_empty() ? BlockAction::Update : BlockAction::UpdateAndRead, carried);
  }
  return {carried[0], isStep ? carried[1] : unpackState(b, carried[1], carried.size() == 3 ? carried[2] : Value())};
}

} // namespace

std::string linnet::explainUncoveredHeads(Value q, Value k, Value v) {
  auto typeOf = [](Value value) { return cast<RankedTensorType>(value.getType()); };
  if (typeOf(v).getElementType().isF64())
    return "the elements are f64";
  if (typeOf(q).isDynamicDim(3) || typeOf(v).isDynamicDim(3))
    return "the sizes of keys and values are not static";
  if (typeOf(q).isDynamicDim(2) || typeOf(k).isDynamicDim(2) || typeOf(v).isDynamicDim(2))
    return "the number of heads is not static";
  return "";
}

std::string linnet::explainUncoveredLinearAttention(LinearAttentionOp op) {
  if (std::string reason = explainUncoveredHeads(op.getQ(), op.getK(), op.getV()); !reason.empty())
    return reason;
  if (getAttentionTileColumns(op, kMostLanes) == 0)
    return "no part of the state of a head fits " + std::to_string(kMaxTileStateBytes / 1024) + " KiB";
  return "";
}

LogicalResult linnet::vectorizeLinearAttentionTile(RewriterBase &rewriter, LinearAttentionOp op, int64_t lanes,
                                                   bool avx512Bf16) {
  ArrayRef<int64_t> v = cast<RankedTensorType>(op.getV().getType()).getShape();
  ArrayRef<int64_t> state = cast<RankedTensorType>(op.getStateInit().getType()).getShape();
  if (state[0] != 1 || v[2] != 1 || op.getStateLayout() != StateLayout::KV ||
      !explainUncoveredLinearAttention(op).empty())
    return failure();
  rewriter.setInsertionPoint(op);
  VectorBuilder builder(op.getLoc(), rewriter, lanes);
  int64_t chunkTokens = chooseChunkTokens(op, lanes, avx512Bf16);
  TileState tile = separateState(rewriter, op.getStateInit());
  rewriter.replaceOp(op, LinearAttentionBuilder(op, tile, lanes, chunkTokens).run(builder));
  return success();
}
