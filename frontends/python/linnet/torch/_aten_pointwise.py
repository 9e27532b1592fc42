# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Lowerings of what torch computes element by element."""

from __future__ import annotations

import math
from typing import Any, Callable

from .._elements import FLOATS, Body, widest
from .._graph import Tensor
from .._sizes import Dim
from ._lowering import Context, Unsupported, aten, compute, element_of, lowers


def element_type(x: Any) -> str:
    """Of a tensor, or of the kind of a number."""
    if isinstance(x, Tensor):
        return x.element
    return "i1" if isinstance(x, bool) else "i64" if isinstance(x, (int, Dim)) else "f32"


def common(*operands: Any) -> str:
    """The type that torch computes in: numbers count only where no tensor is of their kind."""
    tensors = [x.element for x in operands if isinstance(x, Tensor) and x.rank] or [
        x.element for x in operands if isinstance(x, Tensor)
    ]
    result = widest(*tensors) if tensors else "i1"
    for x in operands:
        own = element_type(x)
        higher = (own in FLOATS) > (result in FLOATS) or (result == "i1" and own != "i1")
        if higher:
            result = own
    return result


def _arithmetic(floats: str, integers: str) -> Callable[..., str]:
    return lambda body, element, a, b: body.emit(
        f"arith.{floats if element in FLOATS else integers} {a}, {b} : {element}"
    )


ADD, SUB, MUL = _arithmetic("addf", "addi"), _arithmetic("subf", "subi"), _arithmetic("mulf", "muli")
MAX, MIN = _arithmetic("maximumf", "maxsi"), _arithmetic("minimumf", "minsi")


def _scaled(context: Context, x: Any, alpha: Any) -> Any:
    return x if alpha == 1 else compute(context, MUL, [x, alpha])


@lowers(aten.add.Tensor, aten.add.Scalar)
def add(context: Context, a: Any, b: Any, alpha: Any = 1) -> Tensor:
    if context.element == "i1":
        return compute(context, lambda body, element, x, y: body.emit(f"arith.ori {x}, {y} : i1"), [a, b])
    return compute(context, ADD, [a, _scaled(context, b, alpha)])


@lowers(aten.sub.Tensor, aten.sub.Scalar)
def sub(context: Context, a: Any, b: Any, alpha: Any = 1) -> Tensor:
    return compute(context, SUB, [a, _scaled(context, b, alpha)])


@lowers(aten.rsub.Scalar)
def rsub(context: Context, a: Any, b: Any, alpha: Any = 1) -> Tensor:
    return compute(context, SUB, [b, _scaled(context, a, alpha)])


@lowers(aten.mul.Tensor, aten.mul.Scalar)
def mul(context: Context, a: Any, b: Any) -> Tensor:
    if context.element == "i1":
        return compute(context, lambda body, element, x, y: body.emit(f"arith.andi {x}, {y} : i1"), [a, b])
    return compute(context, MUL, [a, b])


@lowers(aten.div.Tensor, aten.div.Scalar)
def div(context: Context, a: Any, b: Any) -> Tensor:
    return compute(context, lambda body, element, x, y: body.emit(f"arith.divf {x}, {y} : {element}"), [a, b])


@lowers(aten.div.Tensor_mode, aten.div.Scalar_mode)
def div_mode(context: Context, a: Any, b: Any, rounding_mode: Any = None) -> Tensor:
    if rounding_mode is None:
        return div(context, a, b)
    down = rounding_mode == "floor"

    def emit(body: Body, element: str, x: str, y: str) -> str:
        if element in FLOATS:
            quotient = body.emit(f"arith.divf {x}, {y} : {element}")
            return body.emit(f"math.{'floor' if down else 'trunc'} {quotient} : {element}")
        return body.emit(f"arith.{'floordivsi' if down else 'divsi'} {x}, {y} : {element}")

    return compute(context, emit, [a, b])


@lowers(aten.floor_divide.default)
def floor_divide(context: Context, a: Any, b: Any) -> Tensor:
    return div_mode(context, a, b, "floor")


@lowers(aten.remainder.Scalar, aten.remainder.Tensor)
def remainder(context: Context, a: Any, b: Any) -> Tensor:
    def emit(body: Body, element: str, x: str, y: str) -> str:
        if element in FLOATS:
            quotient = body.emit(f"math.floor {body.emit(f'arith.divf {x}, {y} : {element}')} : {element}")
            return body.emit(f"arith.subf {x}, {body.emit(f'arith.mulf {quotient}, {y} : {element}')} : {element}")
        quotient = body.emit(f"arith.floordivsi {x}, {y} : {element}")
        return body.emit(f"arith.subi {x}, {body.emit(f'arith.muli {quotient}, {y} : {element}')} : {element}")

    return compute(context, emit, [a, b])


def _math(name: str) -> Callable[..., str]:
    return lambda body, element, x: body.emit(f"math.{name} {x} : {element}")


for _overload, _name in {
    aten.exp.default: "exp", aten.exp2.default: "exp2", aten.expm1.default: "expm1", aten.log.default: "log",
    aten.log2.default: "log2", aten.log1p.default: "log1p", aten.sqrt.default: "sqrt", aten.rsqrt.default: "rsqrt",
    aten.sin.default: "sin", aten.cos.default: "cos", aten.tanh.default: "tanh", aten.erf.default: "erf",
    aten.floor.default: "floor", aten.ceil.default: "ceil", aten.round.default: "roundeven", aten.trunc.default: "trunc",
}.items():  # fmt: skip
    lowers(_overload)(lambda context, x, emit=_math(_name): compute(context, emit, [x]))


def _constant(body: Body, element: str, value: float) -> str:
    return body.constant(value, element)


def sigmoid_body(body: Body, element: str, x: str) -> str:
    """1 / (1 + exp(-x))"""
    one = _constant(body, element, 1)
    exp = body.emit(f"math.exp {body.emit(f'arith.negf {x} : {element}')} : {element}")
    return body.emit(f"arith.divf {one}, {body.emit(f'arith.addf {one}, {exp} : {element}')} : {element}")


def silu_body(body: Body, element: str, x: str) -> str:
    one = _constant(body, element, 1)
    exp = body.emit(f"math.exp {body.emit(f'arith.negf {x} : {element}')} : {element}")
    return body.emit(f"arith.divf {x}, {body.emit(f'arith.addf {one}, {exp} : {element}')} : {element}")


@lowers(aten.sigmoid.default)
def sigmoid(context: Context, x: Tensor) -> Tensor:
    return compute(context, sigmoid_body, [x])


@lowers(aten.silu.default)
def silu(context: Context, x: Tensor) -> Tensor:
    return compute(context, silu_body, [x])


@lowers(aten.softplus.default)
def softplus(context: Context, x: Tensor, beta: float = 1, threshold: float = 20) -> Tensor:
    def emit(body: Body, element: str, x: str) -> str:
        scaled = x if beta == 1 else body.emit(f"arith.mulf {x}, {_constant(body, element, beta)} : {element}")
        result = body.emit(f"math.log1p {body.emit(f'math.exp {scaled} : {element}')} : {element}")
        if beta != 1:
            result = body.emit(f"arith.divf {result}, {_constant(body, element, beta)} : {element}")
        large = body.emit(f"arith.cmpf ogt, {scaled}, {_constant(body, element, threshold)} : {element}")
        return body.emit(f"arith.select {large}, {x}, {result} : {element}")

    return compute(context, emit, [x])


@lowers(aten.gelu.default)
def gelu(context: Context, x: Tensor, approximate: str = "none") -> Tensor:
    def emit(body: Body, element: str, x: str) -> str:
        one, half = _constant(body, element, 1), _constant(body, element, 0.5)
        if approximate == "tanh":
            cube = body.emit(f"arith.mulf {x}, {body.emit(f'arith.mulf {x}, {x} : {element}')} : {element}")
            inner = body.emit(f"arith.mulf {cube}, {_constant(body, element, 0.044715)} : {element}")
            inner = body.emit(f"arith.addf {x}, {inner} : {element}")
            inner = body.emit(f"arith.mulf {inner}, {_constant(body, element, math.sqrt(2 / math.pi))} : {element}")
            cumulative = body.emit(f"math.tanh {inner} : {element}")
        else:
            inner = body.emit(f"arith.mulf {x}, {_constant(body, element, math.sqrt(0.5))} : {element}")
            cumulative = body.emit(f"math.erf {inner} : {element}")
        cumulative = body.emit(f"arith.addf {one}, {cumulative} : {element}")
        return body.emit(f"arith.mulf {body.emit(f'arith.mulf {half}, {x} : {element}')}, {cumulative} : {element}")

    return compute(context, emit, [x])


@lowers(aten.neg.default)
def neg(context: Context, x: Tensor) -> Tensor:
    def emit(body: Body, element: str, x: str) -> str:
        if element in FLOATS:
            return body.emit(f"arith.negf {x} : {element}")
        return body.emit(f"arith.subi {_constant(body, element, 0)}, {x} : {element}")

    return compute(context, emit, [x])


@lowers(aten.abs.default)
def abs_(context: Context, x: Tensor) -> Tensor:
    def emit(body: Body, element: str, x: str) -> str:
        if element in FLOATS:
            return body.emit(f"math.absf {x} : {element}")
        return body.emit(
            f"arith.maxsi {x}, {body.emit(f'arith.subi {_constant(body, element, 0)}, {x} : {element}')} : {element}"
        )

    return compute(context, emit, [x])


@lowers(aten.relu.default)
def relu(context: Context, x: Tensor) -> Tensor:
    return compute(context, MAX, [x, 0])


@lowers(aten.reciprocal.default)
def reciprocal(context: Context, x: Tensor) -> Tensor:
    return div(context, 1.0, x)


@lowers(aten.maximum.default)
def maximum(context: Context, a: Tensor, b: Tensor) -> Tensor:
    return compute(context, MAX, [a, b])


@lowers(aten.minimum.default)
def minimum(context: Context, a: Tensor, b: Tensor) -> Tensor:
    return compute(context, MIN, [a, b])


@lowers(aten.clamp.default, aten.clamp.Tensor)
def clamp(context: Context, x: Tensor, min: Any = None, max: Any = None) -> Tensor:
    for bound, emit in ((min, MAX), (max, MIN)):
        if bound is not None and bound not in (-math.inf, math.inf):
            x = compute(context, emit, [x, bound])
    return compute(context, lambda body, element, x: x, [x])


@lowers(aten.clamp_min.default)
def clamp_min(context: Context, x: Tensor, min: Any) -> Tensor:
    return clamp(context, x, min)


@lowers(aten.pow.Tensor_Scalar)
def power(context: Context, x: Tensor, exponent: float) -> Tensor:
    if float(exponent) not in (0.5, -0.5) and (not float(exponent).is_integer() or abs(exponent) > 8):
        raise Unsupported(f"the power {exponent}; powers are integers up to 8, 0.5 and -0.5")

    def emit(body: Body, element: str, x: str) -> str:
        if abs(exponent) == 0.5:
            return body.emit(f"math.{'sqrt' if exponent > 0 else 'rsqrt'} {x} : {element}")
        result = None
        for _ in range(abs(int(exponent))):
            result = x if result is None else MUL(body, element, result, x)
        one = _constant(body, element, 1)
        if result is None:
            return one
        return result if exponent > 0 else body.emit(f"arith.divf {one}, {result} : {element}")

    return compute(context, emit, [x])


def _compare(floats: str, integers: str) -> Callable[..., Tensor]:
    def lower(context: Context, a: Any, b: Any) -> Tensor:
        element = common(a, b)

        def emit(body: Body, element: str, x: str, y: str) -> str:
            return body.emit(
                f"arith.{f'cmpf {floats}' if element in FLOATS else f'cmpi {integers}'}, {x}, {y} : {element}"
            )

        wide = "f32" if element in ("f16", "bf16") else element
        tensors = [context.operand(x, wide) for x in (a, b)]
        if wide == "i1":  # true is 1, not -1
            tensors = [context.graph.cast(x, "i8") for x in tensors]
            wide = "i8"
        return context.graph.pointwise(lambda body, x, y: emit(body, wide, x, y), tensors, "i1")

    return lower


for _name, _floats, _integers in (
    ("eq", "oeq", "eq"), ("ne", "une", "ne"), ("lt", "olt", "slt"), ("le", "ole", "sle"), ("gt", "ogt", "sgt"), ("ge", "oge", "sge"),
):  # fmt: skip
    _packet = getattr(aten, _name)
    lowers(_packet.Tensor, _packet.Scalar)(_compare(_floats, _integers))


@lowers(aten.isnan.default)
def isnan(context: Context, x: Tensor) -> Tensor:
    return context.graph.pointwise(lambda body, x_: body.emit(f"arith.cmpf uno, {x_}, {x_} : {x.element}"), [x], "i1")


@lowers(aten.isinf.default)
def isinf(context: Context, x: Tensor) -> Tensor:
    def emit(body: Body, name: str) -> str:
        size = body.emit(f"math.absf {name} : {x.element}")
        return body.emit(f"arith.cmpf oeq, {size}, {_constant(body, x.element, math.inf)} : {x.element}")

    return context.graph.pointwise(emit, [x], "i1")


def _bitwise(op: str) -> Callable[..., Tensor]:
    def lower(context: Context, a: Any, b: Any) -> Tensor:
        return compute(context, lambda body, element, x, y: body.emit(f"arith.{op} {x}, {y} : {element}"), [a, b])

    return lower


for _name, _op in (("and", "andi"), ("or", "ori"), ("xor", "xori")):
    lowers(*(getattr(getattr(aten, f"bitwise_{_name}"), overload) for overload in ("Tensor", "Scalar")))(_bitwise(_op))
    lowers(getattr(aten, f"logical_{_name}").default)(
        lambda context, a, b, op=_op: context.graph.pointwise(
            lambda body, x, y: body.emit(f"arith.{op} {x}, {y} : i1"),
            [context.operand(a, "i1"), context.operand(b, "i1")],
            "i1",
        )
    )


@lowers(aten.logical_not.default, aten.bitwise_not.default)
def not_(context: Context, x: Tensor) -> Tensor:
    element = context.element

    def emit(body: Body, name: str) -> str:
        return body.emit(f"arith.xori {name}, {body.constant(1 if element == 'i1' else -1, element)} : {element}")

    return context.graph.pointwise(emit, [context.operand(x, element)], element)


@lowers(aten.where.self, aten.where.ScalarOther, aten.where.ScalarSelf, aten.where.Scalar)
def where(context: Context, condition: Tensor, a: Any, b: Any) -> Tensor:
    element = context.element
    operands = [context.operand(condition, "i1"), context.operand(a, element), context.operand(b, element)]
    return context.graph.pointwise(
        lambda body, c, x, y: body.emit(f"arith.select {c}, {x}, {y} : {element}"), operands, element
    )


@lowers(aten.masked_fill.Scalar, aten.masked_fill.Tensor)
def masked_fill(context: Context, x: Tensor, mask: Tensor, value: Any) -> Tensor:
    return where(context, mask, value, x)


@lowers(aten._to_copy.default)
def to_copy(context: Context, x: Tensor, dtype: Any = None, **_: Any) -> Tensor:
    return context.graph.cast(x, x.element if dtype is None else element_of(dtype))


@lowers(aten.sign.default)
def sign(context: Context, x: Tensor) -> Tensor:
    zero = context.operand(0, x.element)
    positive = context.graph.cast(_compare("ogt", "sgt")(context, x, zero), context.element)
    negative = context.graph.cast(_compare("olt", "slt")(context, x, zero), context.element)
    return compute(context, SUB, [positive, negative])
