//===- Npy.cpp - NumPy's .npy files ---------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Npy.h"

#include <limits>

using namespace linnet;

namespace {

constexpr char magic[] = "\x93NUMPY";
constexpr size_t magicBytes = 6;

struct Header {
  std::string descr;
  bool fortranOrder = false;
  std::vector<int64_t> shape;
};

/// Reads the header's text, a Python dictionary of three known entries.
class HeaderParser {
public:
  HeaderParser(std::string_view text, Header &header, std::string &problem)
      : rest(text), header(header), problem(problem) {}

  bool parse();

private:
  bool wrong(const std::string &expected) {
    problem = "header: expected " + expected;
    return false;
  }
  void skipSpaces() {
    size_t count = rest.find_first_not_of(" \t\n\r");
    rest.remove_prefix(count == std::string_view::npos ? rest.size() : count);
  }
  bool take(std::string_view token) {
    skipSpaces();
    if (rest.substr(0, token.size()) != token)
      return false;
    rest.remove_prefix(token.size());
    return true;
  }
  bool parseString(std::string &value);
  bool parseNumber(int64_t &value);
  bool parseShape();
  bool parseEntry();

  std::string_view rest;
  Header &header;
  std::string &problem;
  bool sawDescr = false, sawOrder = false, sawShape = false;
};

bool HeaderParser::parse() {
  if (!take("{"))
    return wrong("'{'");
  while (!take("}")) {
    if (!parseEntry())
      return false;
    if (take(","))
      continue;
    if (take("}"))
      break;
    return wrong("',' or '}'");
  }
  skipSpaces();
  if (!rest.empty())
    return wrong("nothing after '}'");
  if (!sawDescr || !sawOrder || !sawShape)
    return wrong("'descr', 'fortran_order' and 'shape'");
  return true;
}

bool HeaderParser::parseString(std::string &value) {
  skipSpaces();
  if (rest.empty() || (rest[0] != '\'' && rest[0] != '"'))
    return wrong("a string");
  size_t end = rest.find(rest[0], 1);
  if (end == std::string_view::npos)
    return wrong("the end of a string");
  value = rest.substr(1, end - 1);
  rest.remove_prefix(end + 1);
  return true;
}

bool HeaderParser::parseNumber(int64_t &value) {
  skipSpaces();
  size_t digits = 0;
  value = 0;
  for (; digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9'; ++digits)
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, rest[digits] - '0', &value))
      return wrong("a smaller size");
  if (!digits)
    return wrong("a size");
  rest.remove_prefix(digits);
  return true;
}

bool HeaderParser::parseShape() {
  if (!take("("))
    return wrong("a tuple for 'shape'");
  while (!take(")")) {
    int64_t size;
    if (!parseNumber(size))
      return false;
    // More than anyone will use; keeps the list short.
    if (header.shape.size() == 64)
      return wrong("at most 64 dimensions");
    header.shape.push_back(size);
    if (take(","))
      continue;
    if (take(")"))
      break;
    return wrong("',' or ')'");
  }
  return true;
}

bool HeaderParser::parseEntry() {
  std::string key;
  if (!parseString(key))
    return false;
  if (!take(":"))
    return wrong("':'");
  bool *seen = key == "descr" ? &sawDescr : key == "fortran_order" ? &sawOrder : key == "shape" ? &sawShape : nullptr;
  if (!seen || *seen)
    return wrong("each of 'descr', 'fortran_order' and 'shape' once");
  *seen = true;
  if (seen == &sawDescr)
    return parseString(header.descr);
  if (seen == &sawShape)
    return parseShape();
  header.fortranOrder = take("True");
  return header.fortranOrder || take("False") || wrong("True or False");
}

uint64_t readLittleEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

std::string showShape(const std::vector<int64_t> &shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

/// A text of the file as a message shows it: short, on one line.
std::string quote(std::string_view text) {
  constexpr size_t mostBytes = 40;
  std::string quoted = "'";
  for (char c : text.substr(0, mostBytes))
    quoted += c >= ' ' && c <= '~' ? c : '?';
  return quoted + (text.size() > mostBytes ? "...'" : "'");
}

/// Splits a file into header and data.
bool parseHeader(std::string_view bytes, Header &header, std::string_view &data, std::string &problem) {
  auto wrong = [&](std::string what) {
    problem = std::move(what);
    return false;
  };
  if (bytes.substr(0, magicBytes) != std::string_view(magic, magicBytes))
    return wrong("not a .npy file");
  if (bytes.size() < magicBytes + 2)
    return wrong("the file is cut short");
  unsigned version = static_cast<unsigned char>(bytes[magicBytes]);
  if (version < 1 || version > 3)
    return wrong("format version: expected 1, 2 or 3, got " + std::to_string(version));
  size_t lengthBytes = version == 1 ? 2 : 4;
  bytes.remove_prefix(magicBytes + 2);
  if (bytes.size() < lengthBytes)
    return wrong("the file is cut short");
  uint64_t length = readLittleEndian(bytes.substr(0, lengthBytes));
  bytes.remove_prefix(lengthBytes);
  if (length > bytes.size())
    return wrong("header length: expected at most " + std::to_string(bytes.size()) + ", got " + std::to_string(length));
  data = bytes.substr(length);
  return HeaderParser(bytes.substr(0, length), header, problem).parse();
}

} // namespace

bool linnet::parseNpyTokens(std::string_view bytes, NpyTokens &tokens, std::string &problem) {
  Header header;
  std::string_view data;
  if (!parseHeader(bytes, header, data, problem))
    return false;
  auto wrong = [&](std::string what) {
    problem = std::move(what);
    return false;
  };
  size_t elementBytes = header.descr == "<i4" ? 4 : header.descr == "<i8" ? 8 : 0;
  if (!elementBytes)
    return wrong("dtype: expected '<i4' or '<i8', got " + quote(header.descr));
  size_t rank = header.shape.size();
  if (rank != 1 && rank != 2)
    return wrong("shape: expected 1 or 2 dimensions, got " + showShape(header.shape));
  if (header.fortranOrder && rank == 2)
    return wrong("expected an array in C order, got Fortran order");
  tokens.rows = rank == 2 ? header.shape[0] : 1;
  tokens.columns = header.shape[rank - 1];
  uint64_t expected;
  if (__builtin_mul_overflow(static_cast<uint64_t>(tokens.rows), static_cast<uint64_t>(tokens.columns), &expected) ||
      __builtin_mul_overflow(expected, elementBytes, &expected) || expected != data.size())
    return wrong("shape " + showShape(header.shape) + " of '" + header.descr + "' does not fit the " +
                 std::to_string(data.size()) + " bytes of data");

  size_t count = data.size() / elementBytes;
  tokens.values.resize(count);
  for (size_t i = 0; i < count; ++i) {
    uint64_t bits = readLittleEndian(data.substr(i * elementBytes, elementBytes));
    int64_t value = elementBytes == 4 ? static_cast<int32_t>(static_cast<uint32_t>(bits)) : static_cast<int64_t>(bits);
    if (value < 0 || value > std::numeric_limits<int32_t>::max())
      return wrong("element " + std::to_string(i) + ": expected a token id, " + "got " + std::to_string(value));
    tokens.values[i] = static_cast<int32_t>(value);
  }
  return true;
}

bool linnet::parseNpyArray(std::string_view bytes, NpyArray &array, std::string &problem) {
  Header header;
  if (!parseHeader(bytes, header, array.data, problem))
    return false;
  auto wrong = [&](std::string what) {
    problem = std::move(what);
    return false;
  };
  // A byte order, a kind, and the bytes of an element.
  const std::string &descr = header.descr;
  bool isKnown = descr.size() == 3 && (descr[0] == '<' || descr[0] == '|') &&
                 std::string_view("fiub").find(descr[1]) != std::string_view::npos && descr[2] >= '1' &&
                 descr[2] <= '8';
  if (!isKnown)
    return wrong("dtype: expected little-endian floats, integers or bool, got " + quote(descr));
  if (header.fortranOrder && header.shape.size() > 1)
    return wrong("expected an array in C order, got Fortran order");
  uint64_t expected = static_cast<uint64_t>(descr[2] - '0');
  bool fits = true;
  for (int64_t size : header.shape)
    fits &= !__builtin_mul_overflow(expected, static_cast<uint64_t>(size), &expected);
  if (!fits || expected != array.data.size())
    return wrong("shape " + showShape(header.shape) + " of '" + descr + "' does not fit the " +
                 std::to_string(array.data.size()) + " bytes of data");
  array.descr = descr;
  array.shape = std::move(header.shape);
  return true;
}

std::string linnet::makeNpyHeader(const std::vector<int64_t> &shape, const std::string &descr) {
  std::string text = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + showShape(shape) + ", }";
  // The data starts at a multiple of 64, after a line feed.
  size_t before = magicBytes + 2 + 2;
  text.append(63 - (before + text.size()) % 64, ' ');
  text += '\n';
  std::string bytes(magic, magicBytes);
  bytes += '\1';
  bytes += '\0';
  bytes += static_cast<char>(text.size() & 0xff);
  bytes += static_cast<char>(text.size() >> 8);
  return bytes + text;
}
