# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Multiplication by the addition of integers (L-Mul). Spec: docs/spec/l-mul.md."""

from __future__ import annotations

from operator import index
from typing import Optional

import numpy as np

from .. import _mlir
from .._arrays import Arguments, Array, is_empty
from .._kernels import KernelFamily, selected_path

_lmul = KernelFamily("lmul", ("x", "y"))
_lmul_contract = KernelFamily("lmul_contract", ("a", "b", "c"))

#: Bits of the fraction of each type.
_FRACTION = {"f32": 23, "f16": 10, "bf16": 7, "f8E4M3FN": 3, "f8E5M2": 2}


def lmul(x: Array, y: Array, mantissa: Optional[int] = None, variant: str = "bits") -> Array:
    """The products of x and y, element by element, each by one addition of integers.

    Both factors are cut to `mantissa` bits of their fraction (None: all). With an exponent e and a fraction f of a number:

        variant="bits"       mag(z) = mag(x) + mag(y) - (bias << M) + 2^(M - l), exponent and fraction as one integer
        variant="formula"    z = (1 + f_x + f_y + 2^-l) 2^(e_x + e_y)

    A factor that is 0 or subnormal gives 0, and so does a result below the normal numbers; one above them gives the
    largest finite number. In software this is slower than a multiplication: it is here to evaluate models, bit by bit,
    for hardware that has it.

    Shapes: x and y of any shape, broadcast as numpy does. Types: float32, float16, bfloat16, float8_e4m3fn and float8_e5m2
    (of torch; in numpy those of ml_dtypes); x and y have one type, and so has the result.

    Raises TypeError for kinds and types of arrays, ValueError for shapes and values, both naming the argument;
    RuntimeError for tensors that require a gradient.
    """
    path = selected_path()
    arguments = Arguments("lmul", "x", x)
    options = _options(arguments, mantissa, variant)
    if getattr(x, "ndim", 0) == 1 and options[0] is None:
        results = _lmul.call(options, path, x, y)
        if results is not None:
            return results[0]
    x, element = arguments.patterns("x", x)
    y, other = arguments.patterns("y", y)
    if other != element:
        raise arguments.fail("y", f"elements of the type of x, {element}", other, TypeError)
    _check_mantissa(arguments, options, element)
    try:
        x, y = np.broadcast_arrays(x, y)
    except ValueError:
        raise arguments.fail("y", f"a shape that goes with {list(x.shape)} of x", str(list(y.shape))) from None
    shape = x.shape
    x, y = np.ascontiguousarray(x).reshape(-1), np.ascontiguousarray(y).reshape(-1)
    if is_empty(shape):
        return arguments.from_patterns(np.zeros(shape, x.dtype))
    kernel = _lmul.get(options, element, path, lambda: _lmul_module(options, element))
    return arguments.from_patterns(kernel(x, y)[0].reshape(shape))


def lmul_matmul(a: Array, b: Array, mantissa: Optional[int] = None, variant: str = "bits") -> Array:
    """The product of matrices whose numbers are multiplied by L-Mul; the products are added in float32, in order.

        c[..., i, j] = sum over k of lmul(a[..., i, k], b[..., k, j])

    Shapes: a [..., M, K]; b [K, N], or [..., K, N] with the batch of a. Types: float32, float16 or bfloat16, of both one;
    narrower ones are widened to float32 first, and have at most the fraction of their type. Returns c [..., M, N] in
    float32. `mantissa` and `variant` are those of `lmul`.

    Raises TypeError for kinds and types of arrays, ValueError for shapes and values, both naming the argument;
    RuntimeError for tensors that require a gradient.
    """
    path = selected_path()
    arguments = Arguments("lmul_matmul", "a", a)
    options = _options(arguments, mantissa, variant)
    a, element = arguments.patterns("a", a)
    b, other = arguments.patterns("b", b)
    if element not in ("f32", "f16", "bf16"):
        raise arguments.fail("a", "elements of type float32, float16 or bfloat16", element, TypeError)
    if other != element:
        raise arguments.fail("b", f"elements of the type of a, {element}", other, TypeError)
    _check_mantissa(arguments, options, element)
    if a.ndim < 2:
        raise arguments.fail("a", "2 dimensions or more", f"shape {list(a.shape)}")
    batch, (rows, depth) = a.shape[:-2], a.shape[-2:]
    expected = (*batch, depth) if b.ndim == a.ndim and b.ndim > 2 else (depth,)
    if b.shape[:-1] != expected:
        sizes = ", ".join(map(str, expected))
        raise arguments.fail("b", f"shape [{sizes}, N]", f"shape {list(b.shape)}")
    columns = b.shape[-1]
    shape = (*batch, rows, columns)
    if is_empty((*shape, depth)):
        return arguments.result(np.zeros(shape, np.float32))
    is_shared = b.ndim == 2
    a = np.ascontiguousarray(a).reshape((-1, depth) if is_shared else (-1, rows, depth))
    b = np.ascontiguousarray(b).reshape((depth, columns) if is_shared else (-1, depth, columns))
    key = (element, is_shared, depth, columns)
    kernel = _lmul_contract.get(options, key, path, lambda: _lmul_contract_module(options, *key))
    c = kernel(a, b, np.zeros((*a.shape[:-1], columns), np.float32))[0]
    return arguments.result(c.reshape(shape))


def _options(arguments, mantissa, variant):
    if variant not in ("bits", "formula"):
        raise arguments.fail("variant", "'bits' or 'formula'", repr(variant))
    try:
        return None if mantissa is None else index(mantissa), variant
    except TypeError:
        raise arguments.fail("mantissa", "an integer or None", repr(mantissa), TypeError) from None


def _check_mantissa(arguments, options, element):
    mantissa = options[0]
    if mantissa is not None and not 1 <= mantissa <= _FRACTION[element]:
        raise arguments.fail("mantissa", f"1 to {_FRACTION[element]} bits for {element}", str(mantissa))


def _multiply(options) -> str:
    mantissa, variant = options
    bits = "" if mantissa is None else f"mantissa = {mantissa}, "
    return f"multiply = #linnet.lmul<{bits}variant = {variant}>"


def _lmul_module(options, element) -> str:
    function = _mlir.Function("lmul")
    x, y = (function.argument(name, ("N",), element=element) for name in ("x", "y"))
    init = function.empty(x.shape, element)
    text = f"linnet.lmul ins({x.name}, {y.name} : {x.type}) outs({init.name}) {{{_multiply(options)}}}"
    (z,) = function.operation(text, (x.shape, element))
    function.result(z, "z")
    return function.text()


def _lmul_contract_module(options, element, is_shared, depth, columns) -> str:
    function = _mlir.Function("lmul_contract")
    batch = () if is_shared else ("B",)
    a = function.argument("a", (*batch, "M", depth), element=element)
    b = function.argument("b", (*batch, depth, columns), element=element)
    c = function.argument("c", (*batch, "M", columns))
    (c,) = function.scan("lmul_contract", (a, b), (c,), _multiply(options))
    function.result(c, "c")
    return function.text()
