//===- EmitProgram.cpp - the code of a program ----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/approximation/EmitProgram.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/Sequence.h"

using namespace mlir;
using namespace linnet::approximation;

int64_t linnet::approximation::getLanes(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  return vector && vector.getRank() == 1 && vector.getElementType().isF32() ? vector.getDimSize(0) : 0;
}

namespace {

/// Emits one instruction after the other.
struct Emitter : ImplicitLocOpBuilder {
  Emitter(Location loc, OpBuilder &builder, Type shape, bool fused)
      : ImplicitLocOpBuilder(loc, builder), shape(shape), fused(fused) {}

  Type lanesOf(Type element) const {
    auto vector = dyn_cast<VectorType>(shape);
    return vector ? Type(vector.clone(element)) : element;
  }
  Type lanesOf(char type) {
    switch (type) {
    case 'f':
      return lanesOf(getF32Type());
    case 'i':
      return lanesOf(getI32Type());
    case 'd':
      return lanesOf(getF64Type());
    case 'l':
      return lanesOf(getI64Type());
    default:
      return lanesOf(getI1Type());
    }
  }
  Value splat(TypedAttr element) {
    if (auto vector = dyn_cast<VectorType>(lanesOf(element.getType())))
      return arith::ConstantOp::create(*this, DenseElementsAttr::get(vector, Attribute(element)));
    return arith::ConstantOp::create(*this, element);
  }
  Value constant(char type, double value) {
    switch (type) {
    case 'f':
      return splat(getF32FloatAttr(static_cast<float>(value)));
    case 'i':
      return splat(getI32IntegerAttr(static_cast<int32_t>(static_cast<int64_t>(value))));
    case 'd':
      return splat(getF64FloatAttr(value));
    default:
      return splat(getI64IntegerAttr(static_cast<int64_t>(value)));
    }
  }
  /// The same bits, as what the instruction takes them for.
  Value as(char type, Value value) {
    Type wanted = lanesOf(type);
    return value.getType() == wanted ? value : arith::BitcastOp::create(*this, wanted, value).getResult();
  }

  Value i32(int32_t value) { return arith::ConstantOp::create(*this, getI32IntegerAttr(value)); }
  Value allLanes() { return arith::ConstantOp::create(*this, getI16IntegerAttr(-1)); }
  Value call(Type result, const Twine &name, ValueRange operands) {
    return LLVM::CallIntrinsicOp::create(*this, result, getStringAttr("llvm.x86." + name), operands).getResult(0);
  }
  Value call(StringRef name, ValueRange operands) { return call(shape, "avx512." + name, operands); }
  Value table(ArrayRef<float> entries) {
    auto type = VectorType::get(static_cast<int64_t>(entries.size()), getF32Type());
    return arith::ConstantOp::create(*this, DenseElementsAttr::get(type, entries));
  }
  /// In parts of 8 lanes, which is what a register of AVX2 has.
  Value lookUp8(Value index, ArrayRef<float> entries) {
    Value values = table(entries);
    auto part = [&](Value lanes) { return call(values.getType(), "avx2.permps", {values, lanes}); };
    if (getLanes(shape) == 8)
      return part(index);
    auto pick = [&](Value a, Value b, int64_t first, int64_t count) -> Value {
      return vector::ShuffleOp::create(*this, a, b, llvm::to_vector(llvm::seq(first, first + count)));
    };
    return pick(part(pick(index, index, 0, 8)), part(pick(index, index, 8, 8)), 0, 16);
  }
  Value choose(arith::CmpFPredicate predicate, Value a, Value b) {
    return arith::SelectOp::create(*this, arith::CmpFOp::create(*this, predicate, a, b), a, b);
  }
  Value negate(Value a) { return arith::NegFOp::create(*this, a); }
  template <typename Op> Value create(Value a, Value b) { return Op::create(*this, a, b); }
  /// By a number in the instruction.
  template <typename Op> Value shift(char type, Value a, unsigned bits) {
    return Op::create(*this, a, constant(type, bits));
  }
  /// a b + c with one rounding; in double, where the target has none, with two.
  Value mulAdd(Value a, Value b, Value c, bool fuse) {
    if (fuse)
      return math::FmaOp::create(*this, a, b, c);
    return create<arith::AddFOp>(create<arith::MulFOp>(a, b), c);
  }
  Value emit(Opcode opcode, ArrayRef<Value> v, unsigned k, const Table *table);

  Type shape;
  bool fused;
};

constexpr int32_t kCurrentRounding = 4, kRoundDown = 9;

Value Emitter::emit(Opcode opcode, ArrayRef<Value> v, unsigned k, const Table *values) {
  switch (opcode) {
  case Opcode::Add:
  case Opcode::Add64:
    return create<arith::AddFOp>(v[0], v[1]);
  case Opcode::Sub:
  case Opcode::Sub64:
    return create<arith::SubFOp>(v[0], v[1]);
  case Opcode::Mul:
  case Opcode::Mul64:
    return create<arith::MulFOp>(v[0], v[1]);
  case Opcode::Div:
  case Opcode::Div64:
    return create<arith::DivFOp>(v[0], v[1]);
  case Opcode::Fma:
  case Opcode::Fma64:
    return mulAdd(v[0], v[1], v[2], true);
  case Opcode::Fnma:
  case Opcode::Fnma64:
    return mulAdd(negate(v[0]), v[1], v[2], true);
  case Opcode::MulAdd64:
    return mulAdd(v[0], v[1], v[2], fused);
  case Opcode::NMulAdd64:
    return mulAdd(negate(v[0]), v[1], v[2], fused);
  case Opcode::Min:
    return choose(arith::CmpFPredicate::OLT, v[0], v[1]);
  case Opcode::Max:
    return choose(arith::CmpFPredicate::OGT, v[0], v[1]);
  case Opcode::Abs:
    return math::AbsFOp::create(*this, v[0]);
  case Opcode::Neg:
    return negate(v[0]);
  case Opcode::CopySign:
    return math::CopySignOp::create(*this, v[0], v[1]);
  case Opcode::Sqrt:
    return math::SqrtOp::create(*this, v[0]);
  case Opcode::Round:
  case Opcode::Round64:
    return math::RoundEvenOp::create(*this, v[0]);
  case Opcode::Floor:
    return math::FloorOp::create(*this, v[0]);
  case Opcode::IAdd:
  case Opcode::LAdd:
    return create<arith::AddIOp>(v[0], v[1]);
  case Opcode::ISub:
  case Opcode::LSub:
    return create<arith::SubIOp>(v[0], v[1]);
  case Opcode::IAnd:
    return create<arith::AndIOp>(v[0], v[1]);
  case Opcode::IOr:
    return create<arith::OrIOp>(v[0], v[1]);
  case Opcode::IXor:
  case Opcode::LXor:
    return create<arith::XOrIOp>(v[0], v[1]);
  case Opcode::IShl:
    return shift<arith::ShLIOp>('i', v[0], k);
  case Opcode::IShr:
    return shift<arith::ShRUIOp>('i', v[0], k);
  case Opcode::ISra:
    return shift<arith::ShRSIOp>('i', v[0], k);
  case Opcode::LShl:
    return shift<arith::ShLIOp>('l', v[0], k);
  case Opcode::LShr:
    return shift<arith::ShRUIOp>('l', v[0], k);
  case Opcode::IToF:
    return arith::SIToFPOp::create(*this, lanesOf('f'), v[0]);
  case Opcode::Lt:
    return arith::CmpFOp::create(*this, arith::CmpFPredicate::OLT, v[0], v[1]);
  case Opcode::Eq:
    return arith::CmpFOp::create(*this, arith::CmpFPredicate::OEQ, v[0], v[1]);
  case Opcode::Select:
    return arith::SelectOp::create(*this, v[0], v[1], v[2]);
  case Opcode::Extend:
    return arith::ExtFOp::create(*this, lanesOf('d'), v[0]);
  case Opcode::Truncate:
    return arith::TruncFOp::create(*this, lanesOf('f'), v[0]);
  case Opcode::Scalef:
    return call("mask.scalef.ps.512", {v[0], v[1], v[0], allLanes(), i32(kCurrentRounding)});
  case Opcode::ReduceFloor:
  case Opcode::ReduceNear: {
    auto mode = static_cast<int32_t>(k << 4 | 8 | (opcode == Opcode::ReduceFloor)); // 8: raises no exception
    return call("mask.reduce.ps.512", {v[0], i32(mode), v[0], allLanes(), i32(kCurrentRounding)});
  }
  case Opcode::GetExp:
    return call("mask.getexp.ps.512", {v[0], v[0], allLanes(), i32(kCurrentRounding)});
  case Opcode::GetMant: // NaN for negative numbers
    return call("mask.getmant.ps.512",
                {v[0], i32(static_cast<int32_t>(8 | k)), v[0], allLanes(), i32(kCurrentRounding)});
  case Opcode::MinMagnitude:
    return call("mask.range.ps.512", {v[0], v[1], i32(2), v[0], allLanes(), i32(kCurrentRounding)});
  case Opcode::AddRoundDown:
    return call("add.ps.512", {v[0], v[1], i32(kRoundDown)});
  case Opcode::LookUp8:
    return lookUp8(v[0], values->entries);
  case Opcode::LookUp16:
    return call("permvar.sf.512", {table(values->entries), v[0]});
  case Opcode::LookUp32:
    return call("vpermi2var.ps.512", {table(ArrayRef(values->entries).take_front(16)), v[0],
                                      table(ArrayRef(values->entries).drop_front(16))});
  case Opcode::Rcp14:
    return call("rcp14.ps.512", {v[0], v[0], allLanes()});
  case Opcode::Rsqrt14:
    return call("rsqrt14.ps.512", {v[0], v[0], allLanes()});
  }
  llvm_unreachable("all opcodes are above");
}

} // namespace

Value linnet::approximation::emitProgram(OpBuilder &builder, Location loc, const Program &program, Value x,
                                         bool fused) {
  Emitter emitter(loc, builder, x.getType(), fused);
  SmallVector<Value> values = {x};
  for (const Instruction &instruction : program.instructions) {
    SmallVector<Value> operands;
    unsigned immediate = 0;
    const Table *table = nullptr;
    for (auto [operand, type] : llvm::zip_equal(instruction.operands, getInfo(instruction.opcode).operands)) {
      switch (operand.kind) {
      case Operand::Kind::Value:
        operands.push_back(emitter.as(type, values[operand.index]));
        break;
      case Operand::Kind::Constant:
        operands.push_back(emitter.constant(type, program.constants[operand.index].value));
        break;
      case Operand::Kind::Immediate:
        immediate = operand.index;
        break;
      case Operand::Kind::Table:
        table = &program.tables[operand.index];
        break;
      }
    }
    values.push_back(emitter.emit(instruction.opcode, operands, immediate, table));
  }
  return emitter.as('f', values.back());
}

/// Whether x is outside of the range, which NaN is not.
static Value emitIsOutside(ImplicitLocOpBuilder &b, const linnet::approximation::Range &range, Value x) {
  TypedAttr high = b.getF32FloatAttr(range.high);
  if (auto vector = dyn_cast<VectorType>(x.getType()))
    high = DenseElementsAttr::get(vector, Attribute(high));
  return arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, math::AbsFOp::create(b, x),
                               arith::ConstantOp::create(b, high));
}

Value linnet::approximation::emitChoice(OpBuilder &builder, Location loc, const Choice &choice, Value x, bool fused) {
  Value usual = emitProgram(builder, loc, choice.usual->program, x, fused);
  if (!choice.outside)
    return usual;
  ImplicitLocOpBuilder b(loc, builder);
  Value isOutside = emitIsOutside(b, choice.usual->range, x), any = isOutside;
  if (auto vector = dyn_cast<VectorType>(x.getType())) {
    auto flat = VectorType::get(vector.getNumElements(), b.getI1Type());
    any = vector::ReductionOp::create(b, vector::CombiningKind::OR, vector::ShapeCastOp::create(b, flat, isOutside));
  }
  auto branch = scf::IfOp::create(
      b, any,
      [&](OpBuilder &inner, Location at) {
        Value rare = emitProgram(inner, at, choice.outside->program, x, fused);
        Value both = arith::SelectOp::create(inner, at, isOutside, rare, usual);
        scf::YieldOp::create(inner, at, both);
      },
      [&](OpBuilder &inner, Location at) { scf::YieldOp::create(inner, at, usual); });
  return branch.getResult(0);
}
