//===- Library.cpp - verified programs for elementary functions -----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/approximation/Library.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ErrorHandling.h"

#include <cmath>
#include <cstdlib>

using namespace llvm;
using namespace linnet::approximation;

static constexpr StringLiteral kNames[kFunctionCount] = {"exp",  "exp2",    "log",   "log2",      "log1p", "expm1",
                                                         "tanh", "sigmoid", "silu",  "erf",       "gelu",  "softplus",
                                                         "sin",  "cos",     "rsqrt", "reciprocal"};

StringRef linnet::approximation::getName(Function function) { return kNames[static_cast<unsigned>(function)]; }

std::optional<Function> linnet::approximation::parseFunction(StringRef name) {
  const auto *found = find(kNames, name);
  if (found == std::end(kNames))
    return std::nullopt;
  return static_cast<Function>(found - kNames);
}

bool Entry::serves(Function wanted, Target target, int64_t lanes) const {
  Target needed = program.getTarget();
  bool fits = needed == Target::AVX512 ? lanes == 16 : needed == Target::AVX2 ? lanes == 8 || lanes == 16 : true;
  return function == wanted && needed <= target && fits;
}

bool ErrorBound::meets(const Requirement &requirement) const {
  auto holds = [](const std::optional<double> &asked, double have) { return !asked || have <= *asked; };
  return holds(requirement.ulps, ulps) && holds(requirement.relative, relative) &&
         holds(requirement.absolute, absolute);
}

bool Entry::meets(const Requirement &requirement) const {
  return bound && range.contains(requirement.range) && (!flushes || requirement.mayFlush) && bound->meets(requirement);
}

/// What a float is in a file: in hexadecimal, so that it is exact and whole.
static json::Value toJson(double value) { return printFloat(value); }

static std::optional<double> parseNumber(const json::Value *value) {
  if (!value)
    return std::nullopt;
  if (auto number = value->getAsNumber())
    return *number;
  auto text = value->getAsString();
  if (!text)
    return std::nullopt;
  std::string copy = text->str();
  char *end = nullptr;
  double number = std::strtod(copy.c_str(), &end);
  return copy.empty() || *end ? std::nullopt : std::optional(number);
}

double linnet::approximation::roundUp(double value, int digits) {
  if (value == 0 || std::isinf(value))
    return value;
  double unit = std::pow(10.0, std::floor(std::log10(std::fabs(value))) - digits + 1);
  double below = std::floor(value / unit) * unit;
  return below >= value ? below : below + unit;
}

json::Value Entry::toJson() const {
  json::Object object{{"name", name}, {"origin", origin}, {"date", date}, {"tool", tool}};
  json::Array lines;
  for (const std::string &line : program.print())
    lines.push_back(line);
  object["program"] = std::move(lines);
  if (!program.tables.empty()) {
    json::Object tables;
    for (const Table &table : program.tables) {
      json::Array entries;
      for (float entry : table.entries)
        entries.push_back(::toJson(entry));
      tables[(table.isFree ? "~" : "") + table.name] = std::move(entries);
    }
    object["tables"] = std::move(tables);
  }
  if (!range.isWhole())
    object["range"] = json::Array{::toJson(range.low), ::toJson(range.high)};
  if (flushes)
    object["subnormals"] = "flushed";
  if (bound)
    object["verified"] =
        json::Object{{"ulps", roundUp(bound->ulps, 5)},         {"ulps at", ::toJson(bound->ulpsAt)},
                     {"relative", roundUp(bound->relative, 5)}, {"relative at", ::toJson(bound->relativeAt)},
                     {"absolute", roundUp(bound->absolute, 5)}, {"absolute at", ::toJson(bound->absoluteAt)}};
  if (cost > 0)
    object["cost"] = json::Object{{"mca", cost}, {"cpu", costCpu}};
  if (cycles)
    object["cost"].getAsObject()->try_emplace("measured", *cycles);
  if (seed)
    object["seed"] = *seed;
  return std::move(object);
}

static std::string text(const json::Object &object, StringRef key) { return object.getString(key).value_or("").str(); }

Expected<Entry> linnet::approximation::parseEntry(const json::Value &value, Function function) {
  const json::Object *object = value.getAsObject();
  if (!object)
    return createStringError("expected an entry to be an object");
  Entry entry;
  entry.function = function;
  entry.name = text(*object, "name");
  entry.origin = text(*object, "origin");
  entry.date = text(*object, "date");
  entry.tool = text(*object, "tool");
  entry.seed = object->getInteger("seed");
  entry.flushes = object->getString("subnormals") == StringRef("flushed");
  auto fail = [&](const Twine &message) {
    return createStringError("entry '" + entry.name + "' of " + getName(function) + ": " + message);
  };

  std::vector<Table> tables;
  if (const json::Object *known = object->getObject("tables"))
    for (const auto &[key, list] : *known) {
      StringRef name = key;
      Table table;
      table.isFree = name.consume_front("~");
      table.name = name.str();
      if (const json::Array *entries = list.getAsArray())
        for (const json::Value &number : *entries) {
          std::optional<double> parsed = parseNumber(&number);
          if (!parsed)
            return fail("expected numbers in table '" + table.name + "'");
          table.entries.push_back(static_cast<float>(*parsed));
        }
      tables.push_back(std::move(table));
    }
  std::vector<std::string> lines;
  if (const json::Array *program = object->getArray("program"))
    for (const json::Value &line : *program)
      lines.push_back(line.getAsString().value_or("").str());
  Expected<Program> program = Program::parse(lines, std::move(tables));
  if (!program)
    return fail(toString(program.takeError()));
  entry.program = std::move(*program);

  if (const json::Array *range = object->getArray("range")) {
    auto low = range->size() == 2 ? parseNumber(&(*range)[0]) : std::nullopt;
    auto high = range->size() == 2 ? parseNumber(&(*range)[1]) : std::nullopt;
    if (!low || !high)
      return fail("expected a range of two numbers");
    if (*low != -*high)
      return fail("expected a range that is as far below 0 as above");
    entry.range = {static_cast<float>(*low), static_cast<float>(*high)};
  }
  if (const json::Object *verified = object->getObject("verified")) {
    ErrorBound bound;
    auto read = [&](StringRef key, double &number, float &at) {
      std::optional<double> parsed = parseNumber(verified->get(key)),
                            place = parseNumber(verified->get((key + " at").str()));
      number = parsed.value_or(std::numeric_limits<double>::infinity());
      at = static_cast<float>(place.value_or(0));
      return parsed && place;
    };
    if (!read("ulps", bound.ulps, bound.ulpsAt) || !read("relative", bound.relative, bound.relativeAt) ||
        !read("absolute", bound.absolute, bound.absoluteAt))
      return fail("expected 'verified' to have ulps, relative and absolute, each with its input");
    entry.bound = bound;
  }
  if (const json::Object *cost = object->getObject("cost")) {
    entry.cost = parseNumber(cost->get("mca")).value_or(0);
    entry.costCpu = text(*cost, "cpu");
    entry.cycles = parseNumber(cost->get("measured"));
  }
  return entry;
}

Expected<std::vector<Entry>> linnet::approximation::parseEntries(StringRef text) {
  Expected<json::Value> file = json::parse(text);
  if (!file)
    return file.takeError();
  const json::Object *object = file->getAsObject();
  const json::Array *list = object ? object->getArray("entries") : nullptr;
  auto name = object ? object->getString("function") : std::nullopt;
  std::optional<Function> function = name ? parseFunction(*name) : std::nullopt;
  if (!list || !function)
    return createStringError("expected an object with the name of a function and its entries");
  std::vector<Entry> entries;
  for (const json::Value &value : *list) {
    Expected<Entry> entry = parseEntry(value, *function);
    if (!entry)
      return entry.takeError();
    entries.push_back(std::move(*entry));
  }
  return entries;
}

// The files of library/, made by CMake.
namespace linnet::approximation {
extern const char *const kLibraryTexts[];
extern const unsigned kLibraryTextCount;
} // namespace linnet::approximation

ArrayRef<Entry> linnet::approximation::getLibrary() {
  static const std::vector<Entry> library = [] {
    std::vector<Entry> all;
    for (const char *text : ArrayRef(kLibraryTexts, kLibraryTextCount)) {
      Expected<std::vector<Entry>> entries = parseEntries(text);
      if (!entries)
        reportFatalInternalError(Twine("library of approximations: ") + toString(entries.takeError()));
      all.insert(all.end(), std::make_move_iterator(entries->begin()), std::make_move_iterator(entries->end()));
    }
    return all;
  }();
  return library;
}

const Entry *linnet::approximation::select(ArrayRef<Entry> entries, Function function, Target target, int64_t lanes,
                                           const Requirement &requirement) {
  const Entry *best = nullptr;
  for (const Entry &entry : entries)
    if (entry.serves(function, target, lanes) && entry.meets(requirement) && (!best || entry.cost < best->cost))
      best = &entry;
  return best;
}

const Entry *linnet::approximation::select(Function function, Target target, int64_t lanes,
                                           const Requirement &requirement) {
  return select(getLibrary(), function, target, lanes, requirement);
}

/// Inputs beyond the range of an entry cost a test and a branch, about so many cycles for 16 lanes.
static constexpr double kGuardCost = 2;

Choice linnet::approximation::choose(ArrayRef<Entry> entries, Function function, Target target, int64_t lanes,
                                     const Requirement &requirement) {
  const Entry *whole = select(entries, function, target, lanes, requirement);
  if (!whole)
    return {};
  const Entry *bounded = nullptr;
  for (const Entry &entry : entries) {
    Requirement within = requirement;
    within.range = entry.range;
    if (!entry.range.isWhole() && entry.serves(function, target, lanes) && entry.meets(within) &&
        (!bounded || entry.cost < bounded->cost))
      bounded = &entry;
  }
  if (!bounded || bounded->cost + kGuardCost >= whole->cost)
    return {whole};
  return {bounded, whole};
}
