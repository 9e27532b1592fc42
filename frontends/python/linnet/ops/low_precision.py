# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Blocks of small floats with a common scale, and the Hadamard transform. Spec: docs/spec/low-precision.md."""

from __future__ import annotations

from math import isfinite
from operator import index
from typing import Optional, Tuple, Union

import numpy as np

from .. import _mlir
from .._arrays import Arguments, Array, is_empty
from .._kernels import KernelFamily, selected_path

_quantize = KernelFamily("mx_quantize", ("x", "tensor_scale", "seeds"))
_dequantize = KernelFamily("mx_dequantize", ("codes", "scales", "tensor_scale"))
_hadamard = KernelFamily("hadamard", ("x", "signs"))

_FORMATS = {"fp4_e2m1": "e2m1", "fp6_e2m3": "e2m3", "fp6_e3m2": "e3m2", "fp8_e4m3": "e4m3", "fp8_e5m2": "e5m2"}
_SCALE_MODES = ("floor", "rceil", "quest")


def mx_quantize(
    x: Array, format: str = "fp4_e2m1", block: int = 32, scale_mode: str = "floor", seed: Optional[int] = None
) -> Tuple[Array, Array]:
    """Numbers as codes of small floats, with a power of two for every block of the last dimension (MXFP4, MXFP6, MXFP8).

    format       fp4_e2m1, fp6_e2m3, fp6_e3m2, fp8_e4m3 or fp8_e5m2
    scale_mode   floor    2^(floor(log2 max|x|) - e), with e the exponent of the largest number of the format (OCP)
                 rceil    the least power of two with which nothing is too large
                 quest    the power of two next to 0.487 times the standard deviation of the block; for fp4_e2m1
    seed         rounds up or down by chance, so that the mean is the number; None: to nearest, ties to the even code

    A last block may be shorter, as if zeros followed. A block with a NaN or an infinity has the scale 255 and codes of 0.
    Returns (codes, scales) in uint8: codes in the shape of x, one in a byte; scales [..., ceil(N / block)].

    Raises TypeError for kinds and types of arrays, ValueError for shapes and values, both naming the argument;
    RuntimeError for tensors that require a gradient.
    """
    arguments = Arguments("mx_quantize", "x", x)
    _check_choice(arguments, "format", format, tuple(_FORMATS))
    _check_choice(arguments, "scale_mode", scale_mode, _SCALE_MODES)
    if scale_mode == "quest" and format != "fp4_e2m1":
        raise arguments.fail("scale_mode", "'floor' or 'rceil' for this format", "'quest'")
    return _run_quantize(arguments, x, _FORMATS[format], _check_block(arguments, block), scale_mode, None, seed)


def mx_dequantize(codes: Array, scale: Array, format: str = "fp4_e2m1", block: int = 32) -> Array:
    """The float32 numbers of what `mx_quantize` made; those of a block with the scale 255 are NaN.

    Raises TypeError for kinds and types of arrays, ValueError for shapes and values, both naming the argument.
    """
    arguments = Arguments("mx_dequantize", "codes", codes)
    _check_choice(arguments, "format", format, tuple(_FORMATS))
    return _run_dequantize(arguments, codes, scale, _FORMATS[format], _check_block(arguments, block), None)


def nvfp4_quantize(x: Array, block: int = 16, two_level: bool = False, seed: Optional[int] = None) -> Tuple[Array, Array, Array]:
    """Numbers as codes of fp4_e2m1, with an fp8_e4m3 scale for every block and a float32 one for all (NVFP4).

    The scale of a block is max|x| / 6 over that of all, which is max|x| / (6 * 448) with `two_level` and 1 without, in
    steps of float32; between 2^-6 and 448. `seed` is that of `mx_quantize`. Returns (codes, scales, tensor_scale):
    codes and scales in uint8, tensor_scale [1] in float32.
    """
    arguments = Arguments("nvfp4_quantize", "x", x)
    block = _check_block(arguments, block)
    numbers = arguments.array("x", x)
    greatest = np.abs(numbers).max() if two_level and numbers.size else 0
    tensor_scale = np.float32(greatest) / np.float32(6 * 448) if two_level else np.float32(1)
    if not (isfinite(tensor_scale) and tensor_scale > 0):
        tensor_scale = np.float32(1)  # nothing but zeros, or a block that has no scale
    tensor_scale = np.array([tensor_scale], np.float32)
    codes, scales = _run_quantize(arguments, x, "e2m1", block, "floor", tensor_scale, seed)
    return codes, scales, arguments.result(tensor_scale)


def nvfp4_dequantize(codes: Array, scale: Array, tensor_scale: Union[Array, float], block: int = 16) -> Array:
    """The float32 numbers of what `nvfp4_quantize` made."""
    arguments = Arguments("nvfp4_dequantize", "codes", codes)
    block = _check_block(arguments, block)
    value = np.asarray(tensor_scale, np.float32).reshape(-1)
    if value.size != 1:
        raise arguments.fail("tensor_scale", "one number", f"shape {list(np.shape(tensor_scale))}")
    return _run_dequantize(arguments, codes, scale, "e2m1", block, value)


def hadamard(x: Array, signs: Optional[Array] = None, scale: float = 1.0, block: Optional[int] = None) -> Array:
    """The Walsh-Hadamard transform of every block of the last dimension, in the order of Sylvester.

        y = scale * H (signs * x)        H_1 = 1, H_2h = [[H_h, H_h], [H_h, -H_h]]

    block is a power of two; without it the least that holds the last dimension. Of a block that is shorter, what is
    missing counts as 0 and the results that have no place are dropped. With scale = block ** -0.5 and signs of 1 and -1
    the transform is a rotation.

    Shapes: x [..., N], signs [N]. Types: float32, float16 or bfloat16, computed in float32. Returns y [..., N] in the type
    of x.
    """
    path = selected_path()
    arguments = Arguments("hadamard", "x", x)
    try:
        scale = float(scale)
        block = None if block is None else index(block)
    except (TypeError, ValueError, OverflowError):
        raise arguments.fail("scale, block", "a number and an integer", f"{scale!r} and {block!r}", TypeError) from None
    if not isfinite(scale):
        raise arguments.fail("scale", "a finite number", str(scale))
    x = arguments.array("x", x)
    if x.ndim < 1:
        raise arguments.fail("x", "1 dimension or more", f"shape {list(x.shape)}")
    size = x.shape[-1]
    if block is None:
        block = 1 << max(size - 1, 0).bit_length()
    if not 1 <= block <= 1 << 30 or block & (block - 1):
        raise arguments.fail("block", "a power of two up to 2^30", str(block))
    if signs is not None:
        signs = arguments.array("signs", signs)
        arguments.shape("signs", signs, ("N", size))
    if is_empty(x.shape):
        return arguments.result(np.zeros_like(x), narrow=True)
    options, key = (scale, block), (size, signs is not None)
    kernel = _hadamard.get(options, key, path, lambda: _hadamard_module(options, *key))
    y = kernel(x.reshape(-1, size), signs)[0]
    return arguments.result(y.reshape(x.shape), narrow=True)


def _check_choice(arguments, name, value, choices):
    if value not in choices:
        raise arguments.fail(name, ", ".join(map(repr, choices[:-1])) + f" or {choices[-1]!r}", repr(value))


def _check_block(arguments, block):
    try:
        block = index(block)
    except TypeError:
        raise arguments.fail("block", "an integer", repr(block), TypeError) from None
    if not 1 <= block < 2**31:
        raise arguments.fail("block", "a number of at least 1", str(block))
    return block


def _seeds(arguments, seed, blocks):
    """One for each block: a hash of the seed and of its number, as docs/spec/low-precision.md has it."""
    try:
        seed = index(seed)
    except TypeError:
        raise arguments.fail("seed", "an integer or None", repr(seed), TypeError) from None
    hash = np.arange(blocks, dtype=np.uint32) * np.uint32(0x9E3779B9) ^ np.uint32(seed & 0xFFFFFFFF)
    hash = (hash ^ hash >> np.uint32(16)) * np.uint32(0x7FEB352D)
    hash = (hash ^ hash >> np.uint32(15)) * np.uint32(0x846CA68B)
    return (hash ^ hash >> np.uint32(16)).view(np.int32)


def _rows(x, block):
    """Blocks as rows where none is shorter: their number is then no part of a kernel."""
    return x.reshape(-1, block if x.shape[-1] % block == 0 else x.shape[-1])


def _run_quantize(arguments, x, format, block, scale_mode, tensor_scale, seed):
    path = selected_path()
    x = arguments.array("x", x)
    if x.ndim < 1:
        raise arguments.fail("x", "1 dimension or more", f"shape {list(x.shape)}")
    shape, scales = x.shape, (*x.shape[:-1], -(-x.shape[-1] // block))
    seeds = None if seed is None else _seeds(arguments, seed, int(np.prod(scales, dtype=np.int64)))
    if is_empty(shape):
        return arguments.result(np.zeros(shape, np.uint8)), arguments.result(np.zeros(scales, np.uint8))
    rows = _rows(x, block)
    size = rows.shape[-1]
    blocks = -(-size // block)
    options, key = (format, block, scale_mode), (size, tensor_scale is not None, seeds is not None)
    kernel = _quantize.get(options, key, path, lambda: _quantize_module(options, *key))
    codes, scale = kernel(rows, tensor_scale, None if seeds is None else seeds.reshape(-1, blocks))
    codes, scale = codes.view(np.uint8).reshape(shape), scale.view(np.uint8).reshape(scales)
    return arguments.result(codes), arguments.result(scale)


def _run_dequantize(arguments, codes, scale, format, block, tensor_scale):
    path = selected_path()
    codes, scale = arguments.bytes("codes", codes), arguments.bytes("scale", scale)
    if codes.ndim < 1:
        raise arguments.fail("codes", "1 dimension or more", f"shape {list(codes.shape)}")
    scales = (*codes.shape[:-1], -(-codes.shape[-1] // block))
    if scale.shape != scales:
        raise arguments.fail("scale", f"shape {list(scales)}", f"shape {list(scale.shape)}")
    if is_empty(codes.shape):
        return arguments.result(np.zeros(codes.shape, np.float32))
    rows = _rows(codes, block)
    size = rows.shape[-1]
    options, key = (format, block), (size, tensor_scale is not None)
    kernel = _dequantize.get(options, key, path, lambda: _dequantize_module(options, *key))
    x = kernel(rows.view(np.int8), scale.reshape(len(rows), -1).view(np.int8), tensor_scale)[0]
    return arguments.result(x.reshape(codes.shape))


def _optional(keyword, value) -> str:
    return "" if value is None else f" {keyword}({value.name} : {value.type})"


def _quantize_module(options, size, has_tensor_scale, has_seeds) -> str:
    format, block, scale_mode = options
    function = _mlir.Function("mx_quantize")
    x = function.argument("x", ("R", size))
    tensor_scale = function.argument("tensor_scale", (1,)) if has_tensor_scale else None
    blocks = -(-size // block)
    seeds = function.argument("seeds", ("R", blocks), element="i32") if has_seeds else None
    outs = function.empty(x.shape, "i8"), function.empty(("R", blocks), "i8")
    text = (
        f"linnet.mx_quantize ins({x.name} : {x.type}){_optional('tensor_scale', tensor_scale)}{_optional('seeds', seeds)}"
        f" outs({outs[0].name}, {outs[1].name} : {outs[0].type}, {outs[1].type}) {{format = #linnet.small_float<{format}>,"
        f" block = {block} : i64, rule = #linnet.scale_rule<{scale_mode}>}}"
    )
    codes, scales = function.operation(text, *((out.shape, out.element) for out in outs))
    function.result(codes, "codes")
    function.result(scales, "scales")
    return function.text()


def _dequantize_module(options, size, has_tensor_scale) -> str:
    format, block = options
    function = _mlir.Function("mx_dequantize")
    codes = function.argument("codes", ("R", size), element="i8")
    scales = function.argument("scales", ("R", -(-size // block)), element="i8")
    tensor_scale = function.argument("tensor_scale", (1,)) if has_tensor_scale else None
    out = function.empty(codes.shape)
    text = (
        f"linnet.mx_dequantize ins({codes.name}, {scales.name} : {codes.type}, {scales.type})"
        f"{_optional('tensor_scale', tensor_scale)} outs({out.name} : {out.type})"
        f" {{format = #linnet.small_float<{format}>, block = {block} : i64}}"
    )
    (x,) = function.operation(text, (out.shape, out.element))
    function.result(x, "x")
    return function.text()


def _hadamard_module(options, size, has_signs) -> str:
    scale, block = options
    function = _mlir.Function("hadamard")
    x = function.argument("x", ("R", size))
    signs = function.argument("signs", (size,)) if has_signs else None
    attributes = f"block = {block} : i64, scale = {_mlir.number(scale)} : f64"
    (y,) = function.scan("hadamard", (x,), (function.empty(x.shape),), attributes, signs=signs)
    function.result(y, "y")
    return function.text()
