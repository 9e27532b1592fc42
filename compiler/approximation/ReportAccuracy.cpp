//===- ReportAccuracy.cpp - bounds on the errors of results ---------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One Bounded for all elements of a value, from the arguments to the results (docs/spec/math.md, "The error of a
// result"). What no rule covers has a reason instead, which goes along with everything that depends on it.
//
//===----------------------------------------------------------------------===//

#include "compiler/Passes.h"
#include "compiler/approximation/Accuracy.h"
#include "compiler/approximation/ErrorAnalysis.h"
#include "compiler/approximation/RecognizeFunctions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace mlir;
using namespace linnet::approximation;

namespace linnet {
#define GEN_PASS_DEF_LINNETREPORTACCURACY
#include "compiler/Passes.h.inc"

namespace {

/// Why there is no bound.
struct Obstacle {
  Operation *op = nullptr;
  std::string reason;
};

struct Knowledge {
  std::optional<Bounded> bound;
  Obstacle obstacle;
  /// Of the weights of a softmax along a dimension.
  std::optional<SoftmaxBound> softmax;
  int64_t softmaxDimension = 0;

  Knowledge() = default;
  Knowledge(Bounded bound) : bound(bound) {}
  Knowledge(Operation *op, const Twine &reason) : obstacle{op, reason.str()} {}
};

bool isFloat(Type type) { return isa<FloatType>(getElementTypeOrSelf(type)); }

class Analysis {
public:
  void setArgument(Value argument, ArrayAttr range) {
    if (!isFloat(argument.getType()))
      return;
    double low = -0x1.fffffep127, high = 0x1.fffffep127;
    if (range) {
      low = cast<FloatAttr>(range[0]).getValueAsDouble();
      high = cast<FloatAttr>(range[1]).getValueAsDouble();
    }
    known[argument] = Bounded::exact(low, high);
  }

  void visit(Operation *op) {
    llvm::TypeSwitch<Operation *>(op)
        .Case([&](linalg::SoftmaxOp softmax) { visitSoftmax(softmax); })
        .Case([&](linalg::LinalgOp linalgOp) { visitLinalg(linalgOp); })
        .Default([&](Operation *other) {
          for (Value result : other->getResults())
            if (isFloat(result.getType()))
              set(result, transfer(other));
            else if (std::optional<Knowledge> doubt = findDoubt(other))
              known[result] = std::move(*doubt);
        });
  }

  Knowledge get(Value value) const {
    auto found = known.find(value);
    if (found != known.end())
      return found->second;
    return Knowledge(value.getDefiningOp(), "nothing is known of its value");
  }

private:
  void set(Value value, Knowledge knowledge) {
    if (knowledge.bound && !knowledge.bound->isFinite() && !std::isinf(knowledge.bound->low))
      knowledge = Knowledge(value.getDefiningOp(), "its value may be beyond the largest float32");
    known[value] = std::move(knowledge);
  }

  /// What keeps a result that is no float, as of a comparison, from being the one of exact values. Without a doubt
  /// nothing is known of it.
  std::optional<Knowledge> findDoubt(Operation *op) const {
    if (isa<tensor::DimOp>(op)) // a size, not a value
      return std::nullopt;
    for (Value operand : op->getOperands()) {
      if (!isFloat(operand.getType())) {
        if (auto found = known.find(operand); found != known.end())
          return found->second;
        continue;
      }
      Knowledge knowledge = get(operand);
      if (!knowledge.bound)
        return knowledge;
      if (!knowledge.bound->isExact())
        return Knowledge(op, "what it compares is inexact, and either side may be taken");
    }
    return std::nullopt;
  }

  /// What `rule` makes of operands that have bounds, or the obstacle of the first one that has none.
  Knowledge combine(Operation *op, ArrayRef<Value> operands,
                    function_ref<std::optional<Bounded>(ArrayRef<Bounded>)> rule, StringRef problem) const {
    SmallVector<Bounded> bounds;
    for (Value operand : operands) {
      Knowledge knowledge = get(operand);
      if (!knowledge.bound)
        return knowledge;
      bounds.push_back(*knowledge.bound);
    }
    std::optional<Bounded> result = rule(bounds);
    return result ? Knowledge(*result) : Knowledge(op, problem);
  }

  Knowledge transfer(Operation *op) const {
    if (std::optional<Application> application = recognizeFunction(op))
      return applyFunction(op, *application);
    Type element = op->getNumResults() ? getElementTypeOrSelf(op->getResult(0).getType()) : Type();
    bool narrow = element && !element.isF32() &&
                  isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp, math::SqrtOp, math::FmaOp>(op);
    if (narrow)
      return Knowledge(op, "there is no rule for arithmetic in other types than f32");
    SmallVector<Value> all(op->getOperands());
    auto binary = [&](auto rule) {
      return combine(op, all, [&](ArrayRef<Bounded> x) { return std::optional(rule(x[0], x[1])); }, "");
    };
    auto unary = [&](auto rule) {
      return combine(op, all.front(), [&](ArrayRef<Bounded> x) { return std::optional(rule(x[0])); }, "");
    };
    auto same = [](const Bounded &x) { return x; };
    return llvm::TypeSwitch<Operation *, Knowledge>(op)
        .Case([&](arith::ConstantOp constant) { return constantOf(constant); })
        .Case([&](arith::AddFOp) { return binary(approximation::add); })
        .Case([&](arith::SubFOp) { return binary(approximation::subtract); })
        .Case([&](arith::MulFOp) {
          if (all[0] == all[1]) // a square, which is not negative
            return unary([](const Bounded &x) { return approximation::multiply(absolute(x), absolute(x)); });
          return binary(approximation::multiply);
        })
        .Case([&](arith::DivFOp) {
          return combine(
              op, all, [](ArrayRef<Bounded> x) { return approximation::divide(x[0], x[1]); }, "its divisor may be 0");
        })
        .Case([&](math::FmaOp) {
          return combine(
              op, all,
              [](ArrayRef<Bounded> x) {
                return std::optional(approximation::add(approximation::multiply(x[0], x[1]), x[2]));
              },
              "");
        })
        .Case([&](arith::NegFOp) { return unary(approximation::negate); })
        .Case([&](math::AbsFOp) { return unary(approximation::absolute); })
        .Case<arith::MaximumFOp, arith::MaxNumFOp>([&](auto) { return binary(approximation::maximum); })
        .Case<arith::MinimumFOp, arith::MinNumFOp>([&](auto) { return binary(approximation::minimum); })
        .Case([&](math::SqrtOp) {
          return combine(
              op, all, [](ArrayRef<Bounded> x) { return approximation::squareRoot(x[0]); },
              "its argument may be negative");
        })
        .Case([&](arith::SelectOp select) { return chooseBetween(select); })
        .Case([&](arith::TruncFOp truncate) { return narrowTo(truncate); })
        // What only moves elements.
        .Case<arith::ExtFOp, tensor::CastOp, tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::ExtractSliceOp,
              tensor::ExtractOp, tensor::ReshapeOp, tensor::SplatOp, vector::BroadcastOp, vector::ShapeCastOp,
              vector::ExtractOp, vector::TransposeOp>([&](auto) { return unary(same); })
        .Case<tensor::ConcatOp, tensor::FromElementsOp>([&](auto) {
          return combine(
              op, all,
              [](ArrayRef<Bounded> x) {
                Bounded joined = x.front();
                for (const Bounded &other : x.drop_front())
                  joined = either(joined, other);
                return std::optional(joined);
              },
              "");
        })
        .Case([&](tensor::InsertSliceOp insert) {
          return combine(
              op, {insert.getSource(), insert.getDest()},
              [](ArrayRef<Bounded> x) { return std::optional(either(x[0], x[1])); }, "");
        })
        // Written before it is read: whoever reads it starts from what it is given.
        .Case([&](tensor::EmptyOp) { return Knowledge(op, "it has no value yet"); })
        .Default([&](Operation *) { return Knowledge(op, "there is no rule for " + op->getName().getStringRef()); });
  }

  static Knowledge constantOf(arith::ConstantOp constant) {
    double low = HUGE_VAL, high = -HUGE_VAL;
    auto take = [&](const APFloat &value) {
      low = std::min(low, value.convertToDouble());
      high = std::max(high, value.convertToDouble());
    };
    if (auto number = dyn_cast<FloatAttr>(constant.getValue()))
      take(number.getValue());
    else if (auto dense = dyn_cast<DenseFPElementsAttr>(constant.getValue()))
      for (const APFloat &value : dense)
        take(value);
    if (!(low <= high))
      return Knowledge(constant, "it is no number");
    return Knowledge(Bounded::exact(low, high));
  }

  Knowledge applyFunction(Operation *op, const Application &application) const {
    Requirement requirement = getRequirement(application.source);
    auto rule = [&](ArrayRef<Bounded> x) -> std::optional<Bounded> {
      std::optional<Bounded> value = approximation::apply(application.function, x[0], requirement);
      if (!value || !application.factor)
        return value;
      // x / (1 + exp(-y)) may stay as it is written: one rounding more, and 0 where the exponential is infinite.
      if (x[0].low - x[0].absolute < -87) {
        value->absolute += 0x1p-126;
        value->relative = HUGE_VAL;
      }
      return approximation::multiply(approximation::multiply(*value, x[1]), Bounded::exact(1, 1));
    };
    SmallVector<Value> operands = {application.argument};
    if (application.factor)
      operands.push_back(application.factor);
    Knowledge argument = get(application.argument);
    if (argument.bound && (argument.bound->low - argument.bound->absolute < requirement.range.low ||
                           argument.bound->high + argument.bound->absolute > requirement.range.high))
      return Knowledge(
          op, llvm::formatv("its accuracy holds from {0} to {1}, and its argument is from {2:e3} to {3:e3}",
                            requirement.range.low, requirement.range.high, argument.bound->low, argument.bound->high)
                  .str());
    return combine(op, operands, rule, "its argument may be where the function is not smooth, or not defined");
  }

  Knowledge chooseBetween(arith::SelectOp select) const {
    if (auto doubt = known.find(select.getCondition()); doubt != known.end())
      return doubt->second;
    return combine(
        select, {select.getTrueValue(), select.getFalseValue()},
        [](ArrayRef<Bounded> x) { return std::optional(either(x[0], x[1])); }, "");
  }

  Knowledge narrowTo(arith::TruncFOp op) const {
    Type element = getElementTypeOrSelf(op.getType());
    return combine(
        op, {op.getOperand()},
        [&](ArrayRef<Bounded> x) -> std::optional<Bounded> {
          if (element.isF32()) // from f64: what it was computed by is not known
            return std::nullopt;
          if (element.isBF16())
            return roundTo(x[0], 8, -126);
          if (element.isF16() && x[0].magnitude() + x[0].absolute < 65504)
            return roundTo(x[0], 11, -14);
          return std::nullopt;
        },
        "its value may be beyond the type");
  }

  /// The number of elements that one result is made of, or nothing where a size is dynamic.
  static std::optional<double> countReduced(linalg::LinalgOp op) {
    double count = 1;
    SmallVector<int64_t> ranges = op.getStaticLoopRanges();
    for (auto [kind, size] : llvm::zip_equal(op.getIteratorTypesArray(), ranges))
      if (kind == utils::IteratorType::reduction) {
        if (ShapedType::isDynamic(size))
          return std::nullopt;
        count *= static_cast<double>(size);
      }
    return count;
  }

  void visitLinalg(linalg::LinalgOp op) {
    Block *body = op.getBlock();
    bool reduces = op.getNumReductionLoops() > 0;
    // Of what is summed up so far nothing is known: it is another value in every step.
    for (OpOperand &operand : op->getOpOperands())
      if (!reduces || !op.isDpsInit(&operand))
        copyKnowledge(operand.get(), op.getMatchingBlockArgument(&operand));
    for (Operation &inner : body->without_terminator())
      visit(&inner);
    for (auto [result, init, yielded] :
         llvm::zip_equal(op->getResults(), op.getDpsInitsMutable(), body->getTerminator()->getOperands())) {
      if (!isFloat(result.getType()))
        copyKnowledge(yielded, result);
      else
        set(result, reduces ? reduce(op, op.getMatchingBlockArgument(&init), get(init.get()), yielded) : get(yielded));
    }
  }

  void copyKnowledge(Value from, Value to) {
    if (isFloat(from.getType()))
      known[to] = get(from);
    else if (auto found = known.find(from); found != known.end())
      known[to] = Knowledge(found->second);
  }

  Knowledge reduce(linalg::LinalgOp op, BlockArgument accumulator, const Knowledge &start, Value yielded) const {
    Operation *combiner = yielded.getDefiningOp();
    if (!combiner ||
        !isa<arith::AddFOp, arith::MaximumFOp, arith::MaxNumFOp, arith::MinimumFOp, arith::MinNumFOp>(combiner) ||
        !llvm::is_contained(combiner->getOperands(), accumulator))
      return Knowledge(op, "there is no rule for its reduction");
    Value term = combiner->getOperand(combiner->getOperand(0) == accumulator ? 1 : 0);
    Knowledge each = get(term);
    if (!start.bound)
      return start;
    if (!each.bound)
      return each;
    if (isa<arith::MaximumFOp, arith::MaxNumFOp>(combiner))
      return std::isinf(start.bound->low) ? each : Knowledge(maximum(*start.bound, *each.bound));
    if (isa<arith::MinimumFOp, arith::MinNumFOp>(combiner))
      return std::isinf(start.bound->high) ? each : Knowledge(minimum(*start.bound, *each.bound));
    std::optional<double> count = countReduced(op);
    if (!count)
      return Knowledge(op, "it sums over a dynamic dimension");
    if (std::optional<Knowledge> averaged = averageOver(op, *start.bound, term, *count))
      return *averaged;
    return Knowledge(sum(*start.bound, *each.bound, *count));
  }

  /// The sum over the weights of a softmax times values, from 0 on.
  std::optional<Knowledge> averageOver(linalg::LinalgOp op, const Bounded &start, Value term, double count) const {
    auto product = term.getDefiningOp<arith::MulFOp>();
    if (!product || start.magnitude() != 0 || !start.isExact() || op.getNumReductionLoops() != 1)
      return std::nullopt;
    for (unsigned side : {0u, 1u}) {
      Value weight = product->getOperand(side), other = product->getOperand(1 - side);
      Knowledge weights = get(weight), values = get(other);
      auto argument = dyn_cast<BlockArgument>(weight);
      if (!weights.softmax || !values.bound || !argument || argument.getOwner() != op.getBlock())
        continue;
      AffineMap map = op.getIndexingMapsArray()[argument.getArgNumber()];
      auto dimension = dyn_cast<AffineDimExpr>(map.getResult(static_cast<unsigned>(weights.softmaxDimension)));
      if (dimension && op.getIteratorTypesArray()[dimension.getPosition()] == utils::IteratorType::reduction)
        return Knowledge(average(*weights.softmax, *values.bound, count));
    }
    return std::nullopt;
  }

  void visitSoftmax(linalg::SoftmaxOp op) {
    Knowledge logits = get(op.getInput());
    Value result = op->getResult(0);
    auto dimension = static_cast<int64_t>(op.getDimension());
    int64_t count = cast<ShapedType>(op.getInput().getType()).getDimSize(dimension);
    if (!logits.bound)
      return set(result, logits);
    if (ShapedType::isDynamic(count))
      return set(result, Knowledge(op, "it sums over a dynamic dimension"));
    std::optional<SoftmaxBound> bound =
        approximation::softmax(*logits.bound, static_cast<double>(count), getRequirement(op));
    if (!bound)
      return set(result, Knowledge(op, "its logits may be so far apart that an exponential is subnormal"));
    Knowledge knowledge(bound->weight);
    knowledge.softmax = bound;
    knowledge.softmaxDimension = dimension;
    set(result, knowledge);
  }

  llvm::DenseMap<Value, Knowledge> known;
};

/// What is shown is a bound too.
std::string show(const Bounded &bound) {
  std::string text = llvm::formatv("within [{0:e4}, {1:e4}], error at most {2:e2} absolute", -roundUp(-bound.low, 5),
                                   roundUp(bound.high, 5), roundUp(bound.absolute, 3));
  if (std::isinf(bound.relative))
    return text;
  return text + llvm::formatv(", {0:e2} relative", roundUp(bound.relative, 3)).str();
}

struct LinnetReportAccuracy : impl::LinnetReportAccuracyBase<LinnetReportAccuracy> {
  void runOnOperation() override {
    markAllAnalysesPreserved();
    getOperation()->walk([](func::FuncOp function) { report(function); });
  }

  static void report(func::FuncOp function) {
    if (function.isExternal())
      return;
    if (!function.getBody().hasOneBlock()) {
      function.emitRemark() << "no bound for @" << function.getName() << ": it has more than one block";
      return;
    }
    Analysis analysis;
    for (BlockArgument argument : function.getArguments())
      analysis.setArgument(argument, function.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(), kRangeAttrName));
    Block &body = function.getBody().front();
    for (Operation &op : body.without_terminator())
      analysis.visit(&op);
    for (auto [i, result] : llvm::enumerate(body.getTerminator()->getOperands())) {
      if (!isFloat(result.getType()))
        continue;
      Knowledge knowledge = analysis.get(result);
      InFlightDiagnostic remark = function.emitRemark() << "result " << i << " of @" << function.getName() << ": ";
      if (knowledge.bound) {
        remark << show(*knowledge.bound);
        continue;
      }
      remark << "no bound";
      if (Operation *op = knowledge.obstacle.op)
        remark.attachNote(op->getLoc()) << knowledge.obstacle.reason;
    }
  }
};
} // namespace
} // namespace linnet
