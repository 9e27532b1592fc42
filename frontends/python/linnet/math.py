# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Elementary functions whose error is bounded, on numpy arrays and torch tensors. Spec: docs/spec/math.md.

Each computes f(x) of every element, in an array of the shape and type of x: float32, or float16 and bfloat16, which are
computed in float32 and rounded once more. It is within 1 ULP of the exact value for every float32, with the right
infinities, zeros and NaN; or within what the caller says, which is cheaper:

    linnet.math.exp(x)                          within 1 ULP
    linnet.math.exp(x, ulps=4)                  within 4 ULP
    linnet.math.exp(x, rel=1e-3)                relative, where the exact value is not subnormal
    linnet.math.exp(x, rel=1e-3, abs=1e-6)      all bounds that are given hold
    linnet.math.tanh(x, abs=1e-3)

Raises TypeError for kinds and types of arrays, ValueError for bounds, CompileError where no program has the error asked
for (it names the closest one).
"""

from __future__ import annotations

import math as _math
from typing import Callable, List, Optional, Tuple

from . import _mlir
from ._arrays import Arguments, Array, is_empty
from ._elements import constant_op, constant_text
from ._kernels import KernelFamily, selected_path

#: The bounds of a call: ulps, rel, abs.
_Bounds = Tuple[Optional[float], Optional[float], Optional[float]]


class _Writer:
    """Writes the code of one element."""

    def __init__(self, bounds: _Bounds) -> None:
        given = [f"{name} = {_mlir.number(bound)}" for name, bound in zip(("ulps", "rel", "abs"), bounds) if bound is not None]
        self._accuracy = f" {{linnet.accuracy = #linnet.accuracy<{', '.join(given)}>}}" if given else ""
        self.lines: List[str] = []

    def op(self, name: str, *operands: str) -> str:
        """An operation, which takes the bounds where it is an elementary function or a division."""
        accuracy = self._accuracy if name.startswith("math.") or name == "arith.divf" else ""
        return self._add(f"{name} {', '.join(operands)}{accuracy} : f32")

    def constant(self, value: float) -> str:
        return self._add(constant_op(constant_text(value, "f32"), "f32"))

    def _add(self, text: str) -> str:
        name = f"%e{len(self.lines)}"
        self.lines.append(f"{name} = {text}")
        return name


# The forms that linnet-approximate-math knows as one function.


def _plain(op: str) -> Callable[[_Writer, str], str]:
    return lambda w, x: w.op(f"math.{op}", x)


def _logistic(w: _Writer, numerator: str, x: str) -> str:
    return w.op("arith.divf", numerator, w.op("arith.addf", w.constant(1.0), w.op("math.exp", w.op("arith.negf", x))))


def _gelu(w: _Writer, x: str) -> str:
    error = w.op("math.erf", w.op("arith.mulf", x, w.constant(_math.sqrt(0.5))))
    return w.op("arith.mulf", w.op("arith.mulf", x, w.constant(0.5)), w.op("arith.addf", w.constant(1.0), error))


def _softplus(w: _Writer, x: str) -> str:
    return w.op("math.log1p", w.op("math.exp", x))


_ELEMENTS = {
    **{name: _plain(name) for name in ("exp", "exp2", "log", "log2", "log1p", "expm1", "tanh", "erf", "sin", "cos", "rsqrt")},
    "sigmoid": lambda w, x: _logistic(w, w.constant(1.0), x),
    "silu": lambda w, x: _logistic(w, x, x),
    "gelu": _gelu,
    "softplus": _softplus,
    "logsigmoid": lambda w, x: w.op("arith.negf", _softplus(w, w.op("arith.negf", x))),
    "reciprocal": lambda w, x: w.op("arith.divf", w.constant(1.0), x),
}
# In the compiled library the functions have names that the C library has not.
_kernels = {name: KernelFamily(f"math_{name}", ("x",)) for name in _ELEMENTS}


def _module(name: str, bounds: _Bounds) -> str:
    function = _mlir.Function(f"math_{name}")
    x = function.argument("x", ("N",))
    writer = _Writer(bounds)
    result = _ELEMENTS[name](writer, "%x0")
    (y,) = function.operation(
        "linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], "
        f'iterator_types = ["parallel"]}} ins({x.name} : {x.type}) outs({function.empty(x.shape).name} : {x.type}) {{\n'
        f"  ^bb0(%x0: f32, %y0: f32):\n    " + "\n    ".join([*writer.lines, f"linalg.yield {result} : f32"]) + f"\n  }} -> {x.type}",
        (x.shape, x.element),
    )
    function.result(y, "y")
    return function.text()


def _bound(name: str, parameter: str, value: Optional[float]) -> Optional[float]:
    if value is None:
        return None
    number = float(value)
    if not 0 < number < _math.inf:
        raise ValueError(f"{name}: argument {parameter}: expected a finite number above 0, got {value!r}")
    return number


def _apply(name: str, x: Array, ulps: Optional[float], rel: Optional[float], abs: Optional[float]) -> Array:
    bounds = (_bound(name, "ulps", ulps), _bound(name, "rel", rel), _bound(name, "abs", abs))
    arguments = Arguments(name, "x", x)
    dense = arguments.array("x", x)
    if is_empty(dense.shape):
        return arguments.result(dense.copy(), narrow=True)
    kernel = _kernels[name].get(bounds, None, selected_path(), lambda: _module(name, bounds))
    (y,) = kernel(dense.reshape(-1))
    return arguments.result(y.reshape(dense.shape), narrow=True)


def exp(x: Array, ulps: Optional[float] = None, rel: Optional[float] = None, abs: Optional[float] = None) -> Array:
    """e to the power of x."""
    return _apply("exp", x, ulps, rel, abs)


def exp2(x: Array, ulps: Optional[float] = None, rel: Optional[float] = None, abs: Optional[float] = None) -> Array:
    """2 to the power of x."""
    return _apply("exp2", x, ulps, rel, abs)


def log(x: Array, ulps: Optional[float] = None, rel: Optional[float] = None, abs: Optional[float] = None) -> Array:
    """The natural logarithm; NaN below 0."""
    return _apply("log", x, ulps, rel, abs)


def log2(x: Array, ulps: Optional[float] = None, rel: Optional[float] = None, abs: Optional[float] = None) -> Array:
    """The logarithm to base 2; NaN below 0."""
    return _apply("log2", x, ulps, rel, abs)


def log1p(x: Array, ulps: Optional[float] = None, rel: Optional[float] = None, abs: Optional[float] = None) -> Array:
    """log(1 + x), as if 1 + x were not rounded."""
    return _apply("log1p", x, ulps, rel, abs)


def expm1(x: Array, ulps: Optional[float] = None, rel: Optional[float] = None, abs: Optional[float] = None) -> Array:
    """exp(x) - 1, as if exp(x) were not rounded."""
    return _apply("expm1", x, ulps, rel, abs)


def tanh(x: Array, ulps: Optional[float] = None, rel: Optional[float] = None, abs: Optional[float] = None) -> Array:
    """The hyperbolic tangent."""
    return _apply("tanh", x, ulps, rel, abs)


def sigmoid(x: Array, ulps: Optional[float] = None, rel: Optional[float] = None, abs: Optional[float] = None) -> Array:
    """1 / (1 + exp(-x)), within the bound far below 0 too."""
    return _apply("sigmoid", x, ulps, rel, abs)


def logsigmoid(x: Array, ulps: Optional[float] = None, rel: Optional[float] = None, abs: Optional[float] = None) -> Array:
    """log(sigmoid(x)), which is -softplus(-x)."""
    return _apply("logsigmoid", x, ulps, rel, abs)


def silu(x: Array, ulps: Optional[float] = None, rel: Optional[float] = None, abs: Optional[float] = None) -> Array:
    """x sigmoid(x); -0 at -inf, its limit."""
    return _apply("silu", x, ulps, rel, abs)


def erf(x: Array, ulps: Optional[float] = None, rel: Optional[float] = None, abs: Optional[float] = None) -> Array:
    """The error function."""
    return _apply("erf", x, ulps, rel, abs)


def gelu(x: Array, ulps: Optional[float] = None, rel: Optional[float] = None, abs: Optional[float] = None) -> Array:
    """x (1 + erf(x / sqrt(2))) / 2, without cancellation below 0; -0 at -inf, its limit."""
    return _apply("gelu", x, ulps, rel, abs)


def softplus(x: Array, ulps: Optional[float] = None, rel: Optional[float] = None, abs: Optional[float] = None) -> Array:
    """log(1 + exp(x)), which does not overflow."""
    return _apply("softplus", x, ulps, rel, abs)


def sin(x: Array, ulps: Optional[float] = None, rel: Optional[float] = None, abs: Optional[float] = None) -> Array:
    """The sine, of any angle in radians."""
    return _apply("sin", x, ulps, rel, abs)


def cos(x: Array, ulps: Optional[float] = None, rel: Optional[float] = None, abs: Optional[float] = None) -> Array:
    """The cosine, of any angle in radians."""
    return _apply("cos", x, ulps, rel, abs)


def rsqrt(x: Array, ulps: Optional[float] = None, rel: Optional[float] = None, abs: Optional[float] = None) -> Array:
    """1 / sqrt(x); infinity at 0, NaN below."""
    return _apply("rsqrt", x, ulps, rel, abs)


def reciprocal(x: Array, ulps: Optional[float] = None, rel: Optional[float] = None, abs: Optional[float] = None) -> Array:
    """1 / x."""
    return _apply("reciprocal", x, ulps, rel, abs)


__all__ = ["cos", "erf", "exp", "exp2", "expm1", "gelu", "log", "log1p", "log2", "logsigmoid", "reciprocal", "rsqrt",
           "sigmoid", "silu", "sin", "softplus", "tanh"]
