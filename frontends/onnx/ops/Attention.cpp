//===- Attention.cpp - attention with a softmax, rotary embedding -===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Node.h"
#include "frontends/onnx/Registry.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

#include <cmath>

using namespace mlir;
using namespace linnet::onnx_frontend;

/// [B, T, H * D] as [B, H, T, D].
static Tensor splitHeads(Node &node, const Tensor &x, int64_t heads) {
  if (x.rank() == 4)
    return x;
  std::optional<int64_t> width = getConstantIntValue(x.sizes[2]);
  if (!node.expect(heads > 0 && width && *width % heads == 0,
                   "expected a last dimension of " + Twine(heads) + " heads of one size, got " + showTensor(x)))
    return node.broken(x.type, {x.sizes[0], node.size(1), x.sizes[1], x.sizes[2]});
  Tensor split = node.reshape(x, {x.sizes[0], x.sizes[1], node.size(heads), node.size(*width / heads)});
  return node.transpose(split, {0, 2, 1, 3});
}

/// The inverse.
static Tensor joinHeads(Node &node, const Tensor &x) {
  Tensor turned = node.transpose(x, {0, 2, 1, 3});
  return node.reshape(turned, {turned.sizes[0], turned.sizes[1], node.mulSizes(turned.sizes[2], turned.sizes[3])});
}

namespace {
/// Which keys a query attends to.
struct Mask {
  bool isCausal;
  int64_t left, right; // -1: no bound
  Tensor given, lengths, past;
};
} // namespace

/// Scores [B, H, Tq, Tk] with what is masked at -inf and a mask of floats added.
static Tensor applyMask(Node &node, const Tensor &scores, const Mask &mask) {
  Value source = node.value(scores), given = mask.given ? node.value(mask.given) : Value();
  Value lengths = mask.lengths ? node.value(mask.lengths) : Value();
  Value queries = node.asValue(scores.sizes[2]);
  Value before = mask.past ? node.asValue(mask.past.sizes[2]) : node.asValue(node.size(0));
  Value given_keys = mask.given ? node.asValue(mask.given.sizes.back()) : Value();
  return node.generate(scores.type, scores.sizes, [&](Scalars &s, ValueRange i) {
    using Order = Scalars::Order;
    Value score = s.load(source, i), allowed = s.boolean(true), length, offset = before;
    if (lengths) {
      length = s.toIndex(s.load(lengths, i[0]), mask.lengths.type);
      allowed = s.compareIndex(Order::Less, i[3], length);
      offset = s.subIndex(length, queries);
    }
    Value position = s.addIndex(i[2], offset);
    if (mask.isCausal)
      allowed = s.logicalAnd(allowed, s.compareIndex(Order::LessEqual, i[3], position));
    if (mask.left >= 0)
      allowed = s.logicalAnd(allowed, s.compareIndex(Order::LessEqual, s.subIndex(position, s.index(mask.left)), i[3]));
    if (mask.right >= 0)
      allowed =
          s.logicalAnd(allowed, s.compareIndex(Order::LessEqual, i[3], s.addIndex(position, s.index(mask.right))));
    if (given) {
      // A mask may have fewer keys: the rest is masked.
      Value isThere = s.compareIndex(Order::Less, i[3], given_keys);
      SmallVector<Value> place;
      for (int64_t d = 0, rank = mask.given.rank(); d < rank; ++d) {
        Value index = i[4 - rank + d];
        if (d == rank - 1)
          index = s.minIndex(index, s.subIndex(given_keys, s.index(1)));
        place.push_back(getConstantIntValue(mask.given.sizes[d]) == 1 ? s.index(0) : index);
      }
      SmallVector<Value> read = s.branch(
          isThere, {mask.given.type == kBool ? s.getI1Type() : s.irType()},
          [&](Scalars &in) {
            Value element = in.load(given, place);
            return SmallVector<Value>{mask.given.type == kBool ? element
                                                               : in.convert(element, mask.given.type, scores.type)};
          },
          [&](Scalars &in) { return SmallVector<Value>{mask.given.type == kBool ? in.boolean(false) : in.lowest()}; });
      if (mask.given.type == kBool) {
        allowed = s.logicalAnd(allowed, read[0]);
      } else {
        score = s.add(score, read[0]);
        // -inf masks whatever the score is.
        allowed = s.logicalAnd(allowed, s.logicalNot(s.equal(read[0], s.lowest())));
      }
    }
    return s.select(allowed, score, s.lowest());
  });
}

/// Along the last dimension; a row of -inf gives zeros.
static Tensor guardedSoftmax(Node &node, const Tensor &x) {
  int64_t last = x.rank() - 1;
  Tensor most = node.maximum(x, last, true);
  Tensor powers = node.map({x, most}, x.type, [](Scalars &s, ValueRange v) {
    return s.select(s.equal(v[1], s.lowest()), s.number(0), s.exp(s.sub(v[0], v[1])));
  });
  return node.map({powers, node.sum(powers, last, true)}, x.type, [](Scalars &s, ValueRange v) {
    Value zero = s.number(0);
    return s.select(s.equal(v[1], zero), zero, s.div(v[0], v[1]));
  });
}

static void lowerAttention(Node &node) {
  for (int64_t i = 0; i < 3; ++i)
    if (!node.expectFloat(i) || !node.expectRank(i, 3, 4))
      return;
  for (int64_t i : {4, 5})
    if (node.has(i) && (!node.expectFloat(i) || !node.expectRank(i, 4, 4)))
      return;
  if (!node.expect(node.has(4) == node.has(5), "expected past_key and past_value both or none") ||
      !node.expect(!node.has(6) || (isInteger(node.in(6).type) && node.in(6).rank() == 1),
                   "expected nonpad_kv_seqlen of integers [B]") ||
      !node.expect(!node.has(3) || node.in(3).type == kBool || isFloat(node.in(3).type),
                   "expected a mask of bool or floats") ||
      (node.has(3) && !node.expectRank(3, 1, 4)))
    return;
  int32_t type = node.in(0).type, computed = getComputeType(type);
  int64_t queryHeads = node.integer("q_num_heads", 0), keyHeads = node.integer("kv_num_heads", 0);
  Tensor q = splitHeads(node, node.in(0), queryHeads), k = splitHeads(node, node.in(1), keyHeads),
         v = splitHeads(node, node.in(2), keyHeads);
  if (node.failed)
    return;
  if (node.has(4)) {
    k = node.concat({node.in(4), k}, 2);
    v = node.concat({node.in(5), v}, 2);
  }
  node.out(1, k);
  node.out(2, v);
  std::optional<int64_t> hq = getConstantIntValue(q.sizes[1]), hk = getConstantIntValue(k.sizes[1]);
  std::optional<int64_t> depth = getConstantIntValue(q.sizes[3]);
  if (!node.expect(hq && hk && *hk > 0 && *hq % *hk == 0 && depth && *depth > 0,
                   "expected heads of queries that are a multiple of those of keys, got " + showTensor(q) + " and " +
                       showTensor(k)) ||
      !node.expect(TensorBuilder::same(k.sizes[1], v.sizes[1]), "expected as many heads of values as of keys"))
    return;
  double scale = node.real("scale", 1 / std::sqrt(static_cast<double>(*depth)));
  q = node.cast(q, computed), k = node.cast(k, computed), v = node.cast(v, computed);
  // Queries that share a head of keys are a dimension of their own. Loops: batch, head, group, query, key, depth.
  OpFoldResult group = node.size(*hq / *hk);
  Tensor grouped = node.reshape(q, {q.sizes[0], k.sizes[1], group, q.sizes[2], q.sizes[3]});
  Sizes loops = {q.sizes[0], k.sizes[1], group, q.sizes[2], k.sizes[2], q.sizes[3]};
  Tensor scores = node.contract({grouped, k}, {{0, 1, 2, 3, 5}, {0, 1, 4, 5}, {0, 1, 2, 3, 4}}, loops);
  scores = node.mul(scores, node.number(computed, scale));
  Sizes shape = {q.sizes[0], q.sizes[1], q.sizes[2], k.sizes[2]};
  scores = node.reshape(scores, shape);
  int64_t mode = node.integer("qk_matmul_output_mode", 0);
  if (mode == 0)
    node.out(3, node.cast(scores, type));
  if (double cap = node.real("softcap", 0); cap > 0)
    scores = node.map(scores, computed, [&](Scalars &s, ValueRange x) {
      return s.mul(s.number(cap), s.tanh(s.div(x[0], s.number(cap))));
    });
  if (mode == 1)
    node.out(3, node.cast(scores, type));
  Mask mask{node.integer("is_causal", 0) != 0,     node.integer("left_window_size", -1),
            node.integer("right_window_size", -1), node.has(3) ? node.in(3) : Tensor(),
            node.has(6) ? node.in(6) : Tensor(),   node.has(4) ? node.in(4) : Tensor()};
  if (mask.isCausal || mask.left >= 0 || mask.right >= 0 || mask.given || mask.lengths)
    scores = applyMask(node, scores, mask);
  if (mode == 2)
    node.out(3, node.cast(scores, type));
  auto precision = static_cast<int32_t>(node.integer("softmax_precision", computed));
  int32_t wide = precision == kDouble ? precision : computed;
  Tensor probabilities = node.cast(guardedSoftmax(node, node.cast(scores, wide)), computed);
  if (mode == 3)
    node.out(3, node.cast(probabilities, type));
  probabilities = node.reshape(probabilities, {q.sizes[0], k.sizes[1], group, q.sizes[2], k.sizes[2]});
  loops[5] = v.sizes[3];
  Tensor result = node.contract({probabilities, v}, {{0, 1, 2, 3, 4}, {0, 1, 4, 5}, {0, 1, 2, 3, 5}}, loops);
  result = node.cast(node.reshape(result, {q.sizes[0], q.sizes[1], q.sizes[2], v.sizes[3]}), type);
  node.out(0, node.in(0).rank() == 3 ? joinHeads(node, result) : result);
}

static void lowerRotaryEmbedding(Node &node) {
  if (!node.expectFloat(0) || !node.expectRank(0, 3, 4) || !node.expectSameType(1) || !node.expectSameType(2))
    return;
  bool isFlat = node.in(0).rank() == 3, hasPositions = node.has(3);
  int64_t rank = hasPositions ? 2 : 3;
  if (!node.expectRank(1, rank, rank) || !node.expectRank(2, rank, rank) ||
      (hasPositions && (!node.expectInteger(3) || !node.expectRank(3, 2, 2))))
    return;
  Tensor x = splitHeads(node, node.in(0), node.integer("num_heads", 0));
  std::optional<int64_t> width = getConstantIntValue(x.sizes[3]);
  if (node.failed || !node.expect(width.has_value(), "expected heads of a known size"))
    return;
  int64_t turned = node.integer("rotary_embedding_dim", 0) ? node.integer("rotary_embedding_dim", 0) : *width;
  int64_t half = turned / 2;
  if (!node.expect(turned > 0 && turned % 2 == 0 && turned <= *width &&
                       getConstantIntValue(node.in(1).sizes.back()) == half &&
                       getConstantIntValue(node.in(2).sizes.back()) == half,
                   "expected " + Twine(half) + " cosines and sines a token, got " + showTensor(node.in(1)) + " and " +
                       showTensor(node.in(2))))
    return;
  bool interleaved = node.integer("interleaved", 0) != 0;
  Value source = node.value(x), cosines = node.value(node.in(1)), sines = node.value(node.in(2));
  Value positions = hasPositions ? node.value(node.in(3)) : Value(), rows = node.asValue(node.in(1).sizes[0]);
  Tensor result = node.generate(x.type, x.sizes, [&](Scalars &outer, ValueRange i) {
    using Order = Scalars::Order;
    Scalars s(outer.getLoc(), outer, getComputeType(x.type));
    Value d = i[3], self = s.load(source, i);
    auto rotate = [&](Scalars &in) {
      Value pair, isFirst, partner;
      if (interleaved) {
        pair = in.divIndex(d, in.index(2));
        isFirst = in.compareIndex(Order::Equal, in.remIndex(d, in.index(2)), in.index(0));
        partner = in.select(isFirst, in.addIndex(d, in.index(1)), in.subIndex(d, in.index(1)));
      } else {
        isFirst = in.compareIndex(Order::Less, d, in.index(half));
        pair = in.select(isFirst, d, in.subIndex(d, in.index(half)));
        partner = in.select(isFirst, in.addIndex(d, in.index(half)), in.subIndex(d, in.index(half)));
      }
      SmallVector<Value> place = {i[0], i[2], pair};
      if (positions) {
        Value row = in.toIndex(in.load(positions, {i[0], i[2]}), node.in(3).type);
        row = in.maxIndex(in.index(0), in.minIndex(row, in.subIndex(rows, in.index(1))));
        place = {row, pair};
      }
      auto widen = [&](Value value) { return in.convert(value, x.type, in.type); };
      Value cosine = widen(in.load(cosines, place)), sine = widen(in.load(sines, place));
      Value other = widen(in.load(source, {i[0], i[1], i[2], partner}));
      Value crossed = in.mul(other, sine);
      crossed = in.select(isFirst, in.neg(crossed), crossed);
      return SmallVector<Value>{in.convert(in.add(in.mul(widen(self), cosine), crossed), in.type, x.type)};
    };
    if (turned == *width)
      return rotate(s)[0];
    return s.branch(s.compareIndex(Order::Less, d, s.index(turned)), self.getType(), rotate,
                    [&](Scalars &) { return SmallVector<Value>{self}; })[0];
  });
  node.out(0, isFlat ? joinHeads(node, result) : result);
}

ArrayRef<Operator> linnet::onnx_frontend::getAttentionOperators() {
  static const Operator operators[] = {
      {"Attention", 3, 7, lowerAttention},
      {"RotaryEmbedding", 3, 4, lowerRotaryEmbedding},
  };
  return operators;
}
