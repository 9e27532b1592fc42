//===- mlir_mutator.cpp - mutates the text of modules ---------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Works on the tokens of a text, so that many of the results still parse. Bytes are changed now and then.
//
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

namespace {

using Random = std::minstd_rand;

enum class Kind { Space, Value, Symbol, Attribute, Number, String, Word, Other };

struct Token {
  Kind kind;
  std::string text;
};

bool isWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '$'; }

std::vector<Token> split(std::string_view text) {
  std::vector<Token> tokens;
  while (!text.empty()) {
    char c = text[0];
    auto take = [&](Kind kind, size_t length) {
      tokens.push_back({kind, std::string(text.substr(0, length))});
      text.remove_prefix(length);
    };
    auto span = [&](size_t from, auto &&belongs) {
      while (from < text.size() && belongs(text[from]))
        ++from;
      return from;
    };
    if (std::isspace(static_cast<unsigned char>(c)))
      take(Kind::Space, span(1, [](char x) { return std::isspace(static_cast<unsigned char>(x)); }));
    else if (c == '%' || c == '@' || c == '#' || c == '!' || c == '^')
      take(c == '%' ? Kind::Value : c == '#' ? Kind::Attribute : Kind::Symbol, span(1, isWord));
    else if (std::isdigit(static_cast<unsigned char>(c)))
      take(Kind::Number, span(1, [](char x) { return std::isdigit(static_cast<unsigned char>(x)); }));
    else if (c == '"')
      take(Kind::String, std::min(text.size(), span(1, [](char x) { return x != '"'; }) + 1));
    else if (isWord(c))
      // tensor<2x?xf32>: sizes and element types change by themselves.
      take(Kind::Word, c == 'x' ? 1 : span(1, [](char x) { return isWord(x); }));
    else
      take(Kind::Other, 1);
  }
  return tokens;
}

std::string join(const std::vector<Token> &tokens) {
  std::string text;
  for (const Token &token : tokens)
    text += token.text;
  return text;
}

constexpr const char *numbers[] = {"0",
                                   "1",
                                   "2",
                                   "3",
                                   "4",
                                   "5",
                                   "8",
                                   "16",
                                   "17",
                                   "4096",
                                   "-1",
                                   "?",
                                   "*",
                                   "2147483648",
                                   "4611686018427387904",
                                   "9223372036854775807",
                                   "18446744073709551616"};
constexpr const char *words[] = {"f32",
                                 "f64",
                                 "f16",
                                 "bf16",
                                 "i1",
                                 "i8",
                                 "i32",
                                 "i64",
                                 "index",
                                 "tensor",
                                 "memref",
                                 "vector",
                                 "complex",
                                 "unit",
                                 "none",
                                 "dimension",
                                 "reverse",
                                 "exclusive",
                                 "unseeded",
                                 "delta_softplus",
                                 "layout",
                                 "activation",
                                 "custom",
                                 "add",
                                 "mul",
                                 "max",
                                 "logaddexp",
                                 "linnet.role",
                                 "linnet.name",
                                 "linnet.symbols",
                                 "true",
                                 "dense",
                                 "loc",
                                 "module",
                                 "func.func",
                                 "return",
                                 "linnet.scan",
                                 "linnet.recurrence",
                                 "linnet.affine_scan",
                                 "linnet.causal_conv1d",
                                 "linnet.selective_scan",
                                 "linnet.yield",
                                 "tensor.empty",
                                 "tensor.dim",
                                 "arith.constant",
                                 "linalg.generic",
                                 "scf.for",
                                 "math.exp"};
constexpr const char *strings[] = {"\"input\"",    "\"weight\"", "\"state\"",    "\"output\"",
                                   "\"prepared\"", "\"B\"",      "\"T\"",        "\"\"",
                                   "\"x\"",        "\"btd\"",    "\"parallel\"", "\"reduction\""};

void mutateOnce(std::vector<Token> &tokens, Random &random) {
  auto below = [&](size_t count) { return random() % count; };
  std::vector<size_t> solid;
  for (size_t i = 0; i < tokens.size(); ++i)
    if (tokens[i].kind != Kind::Space)
      solid.push_back(i);
  if (solid.empty())
    return;
  size_t at = solid[below(solid.size())];
  Token &token = tokens[at];
  switch (below(8)) {
  case 0:
  case 1:
  case 2: { // another of its kind, from the text
    std::vector<size_t> same;
    for (size_t i : solid)
      if (tokens[i].kind == token.kind)
        same.push_back(i);
    token.text = tokens[same[below(same.size())]].text;
    break;
  }
  case 3: // another of its kind, from the lists
  case 4:
    if (token.kind == Kind::Number || token.text == "?")
      token.text = numbers[below(std::size(numbers))];
    else if (token.kind == Kind::Word)
      token.text = words[below(std::size(words))];
    else if (token.kind == Kind::String)
      token.text = strings[below(std::size(strings))];
    break;
  case 5: { // a piece left out
    size_t count = 1 + below(4);
    tokens.erase(tokens.begin() + at, tokens.begin() + std::min(at + count, tokens.size()));
    break;
  }
  case 6: { // a piece elsewhere too
    size_t from = solid[below(solid.size())], count = std::min(1 + below(12), tokens.size() - from);
    std::vector<Token> piece(tokens.begin() + from, tokens.begin() + from + count);
    tokens.insert(tokens.begin() + at, piece.begin(), piece.end());
    break;
  }
  case 7: { // a line twice, or not at all
    auto isBreak = [](const Token &t) { return t.text.find('\n') != std::string::npos; };
    size_t begin = at, end = at;
    while (begin > 0 && !isBreak(tokens[begin - 1]))
      --begin;
    while (end < tokens.size() && !isBreak(tokens[end]))
      ++end;
    end = std::min(end + 1, tokens.size());
    std::vector<Token> line(tokens.begin() + begin, tokens.begin() + end);
    if (below(2))
      tokens.erase(tokens.begin() + begin, tokens.begin() + end);
    else
      tokens.insert(tokens.begin() + begin, line.begin(), line.end());
    break;
  }
  }
}

} // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
  Random random(seed);
  if (random() % 16 == 0)
    return LLVMFuzzerMutate(data, size, most);
  std::vector<Token> tokens = split({reinterpret_cast<const char *>(data), size});
  for (size_t i = 0, count = 1 + random() % 3; i < count; ++i)
    mutateOnce(tokens, random);
  std::string text = join(tokens).substr(0, most);
  std::memcpy(data, text.data(), text.size());
  return text.size();
}
