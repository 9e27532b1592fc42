//===- Fit.cpp - constants of a program by minimax approximation ----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Least squares with Lawson's weights, which grow where the error is large until the largest errors are equal: minimax
// for what is linear in its constants, and Gauss-Newton steps towards it for what is not.
//
//===----------------------------------------------------------------------===//

#include "Fit.h"

#include "LeastSquares.h"
#include "Reference.h"

#include "compiler/approximation/Evaluate.h"

#include <cmath>
#include <cstring>

using namespace llvm;
using namespace linnet::approximation;

namespace {

/// A free number of a program.
struct Parameter {
  double *value = nullptr; // of a constant
  float *entry = nullptr;  // of a table
  bool isSingle = false;

  double get() const { return value ? *value : static_cast<double>(*entry); }
};

/// The value of each instruction at one point; what depends on a free number has no rounding.
class SmoothProgram {
public:
  SmoothProgram(Program &program, ArrayRef<float> points) : program(program) {
    for (Constant &constant : program.constants)
      constantPlaces.push_back(parameters.size()), constant.isFree ? parameters.push_back({&constant.value}) : void();
    for (Table &table : program.tables) {
      tablePlaces.push_back(parameters.size());
      if (table.isFree)
        for (float &entry : table.entries)
          parameters.push_back({nullptr, &entry, true});
    }
    depends.assign(program.instructions.size() + 1, false);
    for (size_t i = 0; i < program.instructions.size(); ++i) {
      const Instruction &instruction = program.instructions[i];
      StringRef types = getInfo(instruction.opcode).operands;
      for (size_t k = 0; k < types.size(); ++k) {
        const Operand &operand = instruction.operands[k];
        if (operand.kind == Operand::Kind::Value)
          depends[i + 1] = depends[i + 1] || depends[operand.index];
        if (operand.kind == Operand::Kind::Constant && program.constants[operand.index].isFree) {
          depends[i + 1] = true;
          parameters[constantPlaces[operand.index]].isSingle = types[k] == 'f';
        }
        if (operand.kind == Operand::Kind::Table && program.tables[operand.index].isFree)
          depends[i + 1] = true;
      }
    }
    computeFixed(points);
  }

  std::vector<Parameter> parameters;

  /// The results at all points for the given numbers, or the name of an instruction that has no smooth form.
  StringRef evaluate(ArrayRef<double> numbers, std::vector<double> &results) const {
    results.resize(count);
    std::vector<double> values(program.instructions.size() + 1);
    auto last = static_cast<uint32_t>(program.instructions.size());
    for (size_t p = 0; p < count; ++p) {
      for (size_t i = 0; i < values.size(); ++i) {
        if (depends[i] && !evaluateOne(program.instructions[i - 1], numbers, values, p, values[i]))
          return getInfo(program.instructions[i - 1].opcode).name;
      }
      results[p] = numberOf({Operand::Kind::Value, last}, 'f', numbers, values, p);
    }
    return "";
  }

private:
  /// Everything that no free number has a part in, as the program computes it: the bits of its lanes.
  void computeFixed(ArrayRef<float> points) {
    count = points.size();
    fixedBits.assign(depends.size(), std::vector<uint64_t>(count));
    alignas(64) float x[Evaluator::kBlock], y[Evaluator::kBlock];
    Evaluator evaluator(program);
    for (size_t start = 0; start < count; start += Evaluator::kBlock) {
      size_t here = std::min(Evaluator::kBlock, count - start);
      std::fill(x, x + Evaluator::kBlock, points[start]);
      std::copy_n(points.begin() + start, here, x);
      evaluator.run(x, y);
      for (size_t i = 0; i < depends.size(); ++i) {
        char type = program.getType(static_cast<uint32_t>(i));
        size_t bytes = type == 'd' || type == 'l' ? 8 : 4;
        for (size_t k = 0; k < here; ++k)
          std::memcpy(&fixedBits[i][start + k], static_cast<const char *>(evaluator.getLanes(i)) + k * bytes, bytes);
      }
    }
  }

  /// An operand as the number that an instruction takes it for.
  double numberOf(const Operand &operand, char type, ArrayRef<double> numbers, ArrayRef<double> values,
                  size_t point) const {
    if (operand.kind == Operand::Kind::Constant) {
      const Constant &constant = program.constants[operand.index];
      return constant.isFree ? numbers[constantPlaces[operand.index]] : constant.value;
    }
    if (operand.kind != Operand::Kind::Value || depends[operand.index])
      return operand.kind == Operand::Kind::Value ? values[operand.index] : 0.0;
    uint64_t bits = fixedBits[operand.index][point];
    if (type == 'd') {
      double wide;
      std::memcpy(&wide, &bits, sizeof wide);
      return wide;
    }
    if (type == 'f') {
      float single;
      std::memcpy(&single, &bits, sizeof single);
      return static_cast<double>(single);
    }
    return static_cast<double>(bits);
  }

  /// The sign that an exclusive or with the sign bit gives, 0 where it changes other bits.
  double signOf(const Operand &operand, uint64_t signBit, size_t point) const {
    uint64_t bits = operand.kind == Operand::Kind::Value
                        ? fixedBits[operand.index][point]
                        : static_cast<uint64_t>(static_cast<int64_t>(program.constants[operand.index].value));
    return bits == 0 ? 1 : bits == signBit ? -1 : 0;
  }

  bool evaluateOne(const Instruction &instruction, ArrayRef<double> numbers, ArrayRef<double> values, size_t point,
                   double &result) const {
    SmallVector<double, 3> v;
    for (auto [operand, type] : zip_equal(instruction.operands, getInfo(instruction.opcode).operands))
      v.push_back(numberOf(operand, type, numbers, values, point));
    switch (instruction.opcode) {
    case Opcode::Add:
    case Opcode::Add64:
      result = v[0] + v[1];
      return true;
    case Opcode::Sub:
    case Opcode::Sub64:
      result = v[0] - v[1];
      return true;
    case Opcode::Mul:
    case Opcode::Mul64:
      result = v[0] * v[1];
      return true;
    case Opcode::Div:
    case Opcode::Div64:
      result = v[0] / v[1];
      return true;
    case Opcode::Fma:
    case Opcode::Fma64:
    case Opcode::MulAdd64:
      result = v[0] * v[1] + v[2];
      return true;
    case Opcode::Fnma:
    case Opcode::Fnma64:
    case Opcode::NMulAdd64:
      result = v[2] - v[0] * v[1];
      return true;
    case Opcode::Min:
      result = v[0] < v[1] ? v[0] : v[1];
      return true;
    case Opcode::Max:
      result = v[0] > v[1] ? v[0] : v[1];
      return true;
    case Opcode::Abs:
      result = std::fabs(v[0]);
      return true;
    case Opcode::Neg:
      result = -v[0];
      return true;
    case Opcode::CopySign:
      result = std::copysign(v[0], v[1]);
      return true;
    case Opcode::Sqrt:
      result = std::sqrt(v[0]);
      return true;
    case Opcode::Select:
      result = v[0] != 0 ? v[1] : v[2];
      return true;
    case Opcode::Extend:
    case Opcode::Truncate:
      result = v[0];
      return true;
    case Opcode::Scalef:
      result = std::ldexp(v[0], static_cast<int>(std::clamp(std::floor(v[1]), -2000.0, 2000.0)));
      return true;
    case Opcode::Rcp14:
      result = 1 / v[0];
      return true;
    case Opcode::Rsqrt14:
      result = 1 / std::sqrt(v[0]);
      return true;
    case Opcode::LookUp8:
    case Opcode::LookUp16:
    case Opcode::LookUp32: {
      const Operand &index = instruction.operands[0], &table = instruction.operands[1];
      if (index.kind != Operand::Kind::Value || depends[index.index])
        return false;
      uint64_t mask = getTableSize(getInfo(instruction.opcode).operands[1]) - 1;
      result = numbers[tablePlaces[table.index] + (fixedBits[index.index][point] & mask)];
      return true;
    }
    case Opcode::IAdd: {
      // A whole number in the place of the exponent.
      const Operand &added = instruction.operands[1];
      if (added.kind != Operand::Kind::Value || depends[added.index])
        return false;
      auto bits = static_cast<int32_t>(fixedBits[added.index][point]);
      result = std::ldexp(v[0], bits >> 23);
      return (bits & 0x7FFFFF) == 0;
    }
    case Opcode::IXor:
    case Opcode::LXor: {
      const Operand &sign = instruction.operands[1];
      if (sign.kind == Operand::Kind::Value && depends[sign.index])
        return false;
      result = v[0] * signOf(sign, instruction.opcode == Opcode::IXor ? 0x80000000u : uint64_t(1) << 63, point);
      return result != 0 || v[0] == 0;
    }
    default:
      return false;
    }
  }

  Program &program;
  size_t count = 0;
  SmallVector<bool> depends;
  std::vector<size_t> constantPlaces, tablePlaces;
  std::vector<std::vector<uint64_t>> fixedBits;
};

/// The numbers of a fit, some of which are settled.
class Fit {
public:
  Fit(SmoothProgram &smooth, ArrayRef<double> exact, ArrayRef<double> scale)
      : smooth(smooth), exact(exact), scale(scale) {
    for (const Parameter &parameter : smooth.parameters)
      numbers.push_back(parameter.get());
    settled.assign(numbers.size(), false);
  }

  /// Moves all that is not settled; returns the least largest error that was met, whose numbers stay.
  Expected<double> run(unsigned iterations) {
    std::vector<size_t> moving;
    for (size_t i = 0; i < numbers.size(); ++i)
      if (!settled[i])
        moving.push_back(i);
    const auto rows = static_cast<Eigen::Index>(exact.size()), columns = static_cast<Eigen::Index>(moving.size());
    Eigen::VectorXd weights = Eigen::VectorXd::Constant(rows, 1.0 / static_cast<double>(rows)), residual(rows);
    std::vector<double> best = numbers, results, moved;
    double least = HUGE_VAL;
    for (unsigned iteration = 0; iteration <= iterations; ++iteration) {
      if (StringRef failure = smooth.evaluate(numbers, results); !failure.empty())
        return createStringError("a free constant reaches '" + failure + "', which is not smooth");
      for (Eigen::Index i = 0; i < rows; ++i)
        residual[i] = (results[i] - exact[i]) / scale[i];
      double most = residual.cwiseAbs().maxCoeff();
      if (!std::isfinite(most))
        return createStringError("the program has no finite value at a point of the fit");
      if (most < least) {
        least = most;
        best = numbers;
      }
      if (columns == 0 || iteration == iterations)
        break;
      Eigen::MatrixXd jacobian(rows, columns);
      for (Eigen::Index k = 0; k < columns; ++k) {
        std::vector<double> shifted = numbers;
        double step = std::max(std::fabs(shifted[moving[k]]), 1e-3) * 1e-6;
        shifted[moving[k]] += step;
        (void)smooth.evaluate(shifted, moved);
        for (Eigen::Index i = 0; i < rows; ++i)
          jacobian(i, k) = (moved[i] - results[i]) / step / scale[i];
      }
      Eigen::VectorXd change = solveWeighted(jacobian, residual, weights);
      for (Eigen::Index k = 0; k < columns; ++k)
        if (std::isfinite(change[k]))
          numbers[moving[k]] += change[k];
      // The first step leaves the start, which has nothing to say of where the error will be large.
      if (iteration == 0)
        continue;
      growWeights(weights, residual, most);
    }
    numbers = best;
    return least;
  }

  std::vector<double> numbers;
  std::vector<bool> settled;

private:
  SmoothProgram &smooth;
  ArrayRef<double> exact, scale;
};

} // namespace

Expected<double> linnet::approximation::fitConstants(Program &program, Function function, ArrayRef<float> points,
                                                     ErrorMeasure measure, unsigned iterations) {
  std::vector<float> padded(points.begin(), points.end());
  padded.resize((points.size() + 7) / 8 * 8, points.front());
  std::vector<double> exact(padded.size()), scale;
  computeReference(function, padded.data(), exact.data(), exact.size());
  for (double value : exact)
    scale.push_back(measure == ErrorMeasure::Ulps       ? getSpacing(value)
                    : measure == ErrorMeasure::Relative ? std::fabs(value)
                                                        : 1.0);
  SmoothProgram smooth(program, padded);
  Fit fit(smooth, exact, scale);
  Expected<double> error = fit.run(iterations);
  if (!error)
    return error;
  // The last ones first: they have the largest weight, and the others make up for their rounding.
  for (size_t i = fit.numbers.size(); i-- > 0;) {
    if (smooth.parameters[i].isSingle)
      fit.numbers[i] = static_cast<double>(static_cast<float>(fit.numbers[i]));
    fit.settled[i] = true;
    if (smooth.parameters[i].isSingle && !smooth.parameters[i].entry)
      if (error = fit.run(iterations / 3); !error)
        return error;
  }
  for (size_t i = 0; i < fit.numbers.size(); ++i) {
    const Parameter &parameter = smooth.parameters[i];
    if (parameter.entry)
      *parameter.entry = static_cast<float>(fit.numbers[i]);
    else
      *parameter.value = fit.numbers[i];
  }
  return error;
}

/// Whether the result of an instruction is smooth in an operand; sums and signs on bits count as steps.
static bool isSmoothIn(Opcode opcode, size_t operand) {
  switch (opcode) {
  case Opcode::Add:
  case Opcode::Sub:
  case Opcode::Mul:
  case Opcode::Div:
  case Opcode::Fma:
  case Opcode::Fnma:
  case Opcode::Min:
  case Opcode::Max:
  case Opcode::Abs:
  case Opcode::Neg:
  case Opcode::Sqrt:
  case Opcode::Extend:
  case Opcode::Truncate:
  case Opcode::Add64:
  case Opcode::Sub64:
  case Opcode::Mul64:
  case Opcode::Div64:
  case Opcode::MulAdd64:
  case Opcode::NMulAdd64:
  case Opcode::Fma64:
  case Opcode::Fnma64:
  case Opcode::Rcp14:
  case Opcode::Rsqrt14:
    return true;
  case Opcode::CopySign:
  case Opcode::Scalef:
    return operand == 0;
  case Opcode::Select:
  case Opcode::LookUp8:
  case Opcode::LookUp16:
  case Opcode::LookUp32:
    return operand > 0;
  default:
    return false;
  }
}

void linnet::approximation::fixSteps(Program &program) {
  SmallVector<bool> steps(program.instructions.size() + 1, false); // values that something depends on by steps
  for (size_t i = program.instructions.size(); i-- > 0;) {
    const Instruction &instruction = program.instructions[i];
    for (auto [k, operand] : enumerate(instruction.operands)) {
      if (!steps[i + 1] && isSmoothIn(instruction.opcode, k))
        continue;
      if (operand.kind == Operand::Kind::Value)
        steps[operand.index] = true;
      else if (operand.kind == Operand::Kind::Constant)
        program.constants[operand.index].isFree = false;
      else if (operand.kind == Operand::Kind::Table)
        program.tables[operand.index].isFree = false;
    }
  }
}
