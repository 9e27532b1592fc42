//===- Accuracy.cpp - how exact an elementary function must be ------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/linnet/Linnet.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Error.h"

#include <cmath>

using namespace mlir;
using namespace linnet;

static constexpr StringLiteral kKeys[] = {"ulps", "rel", "abs", "low", "high"};
static constexpr StringLiteral kFlush = "flush_subnormals";

/// The parameters while they are read.
namespace {
struct Fields {
  FloatAttr numbers[5];
  bool flush = false;

  FloatAttr *find(StringRef key) {
    const auto *known = llvm::find(kKeys, key);
    return known == std::end(kKeys) ? nullptr : &numbers[known - kKeys];
  }
};
} // namespace

static FloatAttr getNumber(MLIRContext *context, double value) {
  return FloatAttr::get(Float64Type::get(context), value);
}

Attribute AccuracyAttr::parse(AsmParser &parser, Type) {
  SMLoc start = parser.getCurrentLocation();
  Fields fields;
  auto parseField = [&]() -> ParseResult {
    SMLoc at = parser.getCurrentLocation();
    StringRef key;
    if (parser.parseKeyword(&key))
      return failure();
    if (key == kFlush) {
      fields.flush = true;
      return success();
    }
    FloatAttr *field = fields.find(key);
    if (!field)
      return parser.emitError(at) << "expected ulps, rel, abs, low, high or flush_subnormals, got '" << key << "'";
    if (parser.parseEqual())
      return failure();
    Attribute number;
    if (parser.parseAttribute(number))
      return failure();
    if (auto whole = dyn_cast<IntegerAttr>(number))
      *field = getNumber(parser.getContext(), static_cast<double>(whole.getInt()));
    else if (auto real = dyn_cast<FloatAttr>(number))
      *field = getNumber(parser.getContext(), real.getValueAsDouble());
    else
      return parser.emitError(at) << "expected a number for " << key << ", got " << number;
    return success();
  };
  if (parser.parseLess() || parser.parseCommaSeparatedList(parseField) || parser.parseGreater())
    return {};
  auto [ulps, rel, abs, low, high] = fields.numbers;
  return AccuracyAttr::getChecked([&] { return parser.emitError(start); }, parser.getContext(), ulps, rel, abs, low,
                                  high, fields.flush);
}

void AccuracyAttr::print(AsmPrinter &printer) const {
  const FloatAttr numbers[] = {getUlps(), getRel(), getAbs(), getLow(), getHigh()};
  StringRef separator = "<";
  for (auto [key, number] : llvm::zip_equal(kKeys, numbers))
    if (number) {
      printer << separator << key << " = ";
      printer.printFloat(number.getValue());
      separator = ", ";
    }
  if (getFlushSubnormals())
    printer << separator << kFlush;
  printer << ">";
}

LogicalResult AccuracyAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError, FloatAttr ulps, FloatAttr rel,
                                   FloatAttr abs, FloatAttr low, FloatAttr high, bool) {
  if (!ulps && !rel && !abs)
    return emitError() << "expected at least one of ulps, rel and abs [accuracy C1]";
  const FloatAttr bounds[] = {ulps, rel, abs};
  for (auto [key, number] : llvm::zip(kKeys, bounds))
    if (number && !(number.getValueAsDouble() > 0))
      return emitError() << "expected " << key << " above 0, got " << number.getValueAsDouble() << " [accuracy C2]";
  if (low && high && !(low.getValueAsDouble() <= high.getValueAsDouble()))
    return emitError() << "expected low at most high, got " << low.getValueAsDouble() << " and "
                       << high.getValueAsDouble() << " [accuracy C3]";
  return success();
}

llvm::Expected<AccuracyAttr> AccuracyAttr::parseText(MLIRContext *context, StringRef text) {
  Fields fields;
  SmallVector<StringRef> parts;
  text.split(parts, ',');
  for (StringRef part : parts) {
    auto [key, digits] = part.split('=');
    double value = 0;
    if (key == kFlush && digits.empty()) {
      fields.flush = true;
      continue;
    }
    FloatAttr *field = fields.find(key);
    if (!field || !llvm::to_float(digits, value))
      return llvm::createStringError("expected ulps=NUMBER, rel=NUMBER or abs=NUMBER, also low=NUMBER, high=NUMBER and "
                                     "flush_subnormals, with commas between, got '" +
                                     part + "'");
    *field = getNumber(context, value);
  }
  std::string problem;
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) { problem = diagnostic.str(); });
  auto [ulps, rel, abs, low, high] = fields.numbers;
  AccuracyAttr accuracy =
      getChecked([&] { return emitError(UnknownLoc::get(context)); }, context, ulps, rel, abs, low, high, fields.flush);
  if (!accuracy)
    return llvm::createStringError(problem);
  return accuracy;
}

LogicalResult LinnetDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  if (attribute.getName() == kAccuracyAttrName && !isa<AccuracyAttr>(attribute.getValue()))
    return op->emitOpError() << "expected linnet.accuracy to be #linnet.accuracy, got " << attribute.getValue()
                             << " [accuracy C4]";
  if (attribute.getName() == kMultiplyAttrName && !(isa<LMulAttr>(attribute.getValue()) && isa<ModuleOp>(op)))
    return op->emitOpError() << "expected linnet.multiply to be #linnet.lmul on a module, got " << attribute.getValue()
                             << " [lmul C3]";
  return success();
}

LogicalResult LinnetDialect::verifyRegionArgAttribute(Operation *op, unsigned, unsigned argument,
                                                      NamedAttribute attribute) {
  if (attribute.getName() != kRangeAttrName)
    return success();
  auto limits = dyn_cast<ArrayAttr>(attribute.getValue());
  auto getLimit = [&](unsigned i) { return dyn_cast<FloatAttr>(limits[i]); };
  if (!limits || limits.size() != 2 || !getLimit(0) || !getLimit(1) ||
      !(getLimit(0).getValueAsDouble() <= getLimit(1).getValueAsDouble()))
    return op->emitOpError() << "expected linnet.range of argument " << argument << " to be [low, high], got "
                             << attribute.getValue() << " [accuracy C5]";
  return success();
}
