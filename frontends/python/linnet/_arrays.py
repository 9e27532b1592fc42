# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arrays of the caller as dense numpy arrays for a kernel, and results as arrays of the caller's kind.

One rule for all operations:

* float32 in C order goes in without a copy, whether it is numpy's or torch's. Anything strided otherwise is copied
  once, by numpy, into C order.
* float16 and bfloat16 (the latter of torch only) are widened to float32 in a copy, where the operation has no kernels
  for them. Kernels compute in float32; the primary result is narrowed to the type of the first argument, states stay in
  float32.
* numpy has no bfloat16: its bits go to and from kernels as uint16.
* Results are new arrays. Those for torch are torch tensors over the same memory, without a copy.
* Every array of a call is of the same kind as the first.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Optional, Sequence, Tuple, TypeVar, Union

import numpy as np

if TYPE_CHECKING:
    import torch

#: What operations take and give: all numpy arrays, or all torch tensors.
Array = TypeVar("Array", np.ndarray, "torch.Tensor")

_F32, _F16, _C64 = np.dtype(np.float32), np.dtype(np.float16), np.dtype(np.complex64)
_BF16_BITS = np.dtype(np.uint16)
_ELEMENTS = {"f32": _F32, "f16": _F16, "bf16": _BF16_BITS}
_ACCEPTED = "float32, float16 or bfloat16"
#: Elements of kernels that take the patterns of a type, by the name of the type.
_PATTERNS = {"float32": "f32", "float16": "f16", "bfloat16": "bf16", "float8_e4m3fn": "f8E4M3FN", "float8_e5m2": "f8E5M2"}


def _is_tensor(x: Any) -> bool:
    torch = sys.modules.get("torch")  # who has a tensor has imported it
    return torch is not None and isinstance(x, torch.Tensor)


def _show(x: Any) -> str:
    if isinstance(x, np.ndarray) or _is_tensor(x):
        return f"{'torch tensor' if _is_tensor(x) else 'numpy array'} of {x.dtype}"
    return type(x).__name__


class Arguments:
    """The arrays of one call of `op`, checked and converted one by one. All errors name the argument."""

    def __init__(self, op: str, first_name: str, first: Any) -> None:
        self.op = op
        self.first_name = first_name
        self.is_torch = _is_tensor(first)
        if not self.is_torch and not isinstance(first, np.ndarray):
            raise self.fail(first_name, "a numpy array or a torch tensor", _show(first), TypeError)
        self.dtype = first.dtype
        self.sizes: dict[str, int] = {}

    def fail(self, name: str, expected: str, got: str, error: type[Exception] = ValueError) -> Exception:
        return error(f"{self.op}: argument {name}: expected {expected}, got {got}")

    def element(self, *arrays: Any) -> str:
        """The element type of a kernel for `arrays` as they are: f16 or bf16 where all that are given have it, else f32."""
        types = {str(getattr(x, "dtype", None)).removeprefix("torch.") for x in arrays if x is not None}
        return {"float16": "f16", "bfloat16": "bf16"}.get(types.pop(), "f32") if len(types) == 1 else "f32"

    def array(self, name: str, x: Any, complex_: Optional[bool] = False, integers: bool = False,
              any_kind: bool = False, element: str = "f32") -> np.ndarray:
        """`x` as a dense array of `element`, which is f32 or what `self.element` gave for it, or of complex64 where
        `complex_` says so (None: either); with `integers` also of int32 or int64; with `any_kind` it may be a numpy array
        beside tensors."""
        x = np.asarray(x) if any_kind and isinstance(x, np.ndarray) else self._as_numpy(name, x, integers, element == "bf16")
        if element != "f32":
            return np.require(x, _ELEMENTS[element], ("C", "A"))
        if complex_ is not False and x.dtype == _C64:
            wanted = _C64
        elif integers and x.dtype in (np.int32, np.int64):
            wanted = x.dtype
        elif complex_ is not True and (x.dtype == _F32 or x.dtype == _F16):
            wanted = _F32
        else:
            accepted = "complex64" if complex_ else _ACCEPTED + ("" if complex_ is False else ", or complex64")
            accepted += ", int32 or int64" if integers else ""
            raise self.fail(name, f"elements of type {accepted}", str(x.dtype), TypeError)
        return np.require(x, wanted, ("C", "A"))

    def bytes(self, name: str, x: Any) -> np.ndarray:
        """Codes, as a dense array of uint8."""
        x = self._as_numpy(name, x, integers=True)
        if x.dtype != np.uint8:
            raise self.fail(name, "elements of type uint8", str(x.dtype), TypeError)
        return np.require(x, np.uint8, ("C", "A"))

    def patterns(self, name: str, x: Any) -> Tuple[np.ndarray, str]:
        """`x` in its own type and the element of a kernel for it; what numpy has no numbers for as its patterns."""
        element = _PATTERNS.get(str(getattr(x, "dtype", None)).removeprefix("torch."))
        if element is None:
            raise self.fail(name, "elements of type " + ", ".join(_PATTERNS), _show(x), TypeError)
        if _is_tensor(x) and self.is_torch and element not in ("f32", "f16"):
            torch = sys.modules["torch"]
            if not (x.requires_grad and torch.is_grad_enabled()):
                x = x.detach().view(torch.uint16 if element == "bf16" else torch.uint8)
            x = self._from_torch(name, x, integers=True, as_bits=True)
        else:
            x = self._as_numpy(name, x)
        if x.dtype not in (_F32, _F16):
            x = x.view(np.uint16 if element == "bf16" else np.uint8)
        return x, element

    def from_patterns(self, x: np.ndarray) -> Any:
        """A result that has the element of the first argument, in its type."""
        if not self.is_torch:
            return x.view(self.dtype)
        return sys.modules["torch"].from_numpy(x).view(self.dtype)

    def flags(self, name: str, x: Any) -> np.ndarray:
        """Truth values, or integers that are not 0 for true, as int8."""
        x = self._as_numpy(name, x, integers=True)
        if x.dtype.kind not in "biu":
            raise self.fail(name, "truth values or integers", str(x.dtype), TypeError)
        return np.require(x != 0, np.bool_, ("C", "A")).view(np.int8)

    def indices(self, name: str, x: Any, least: int, greatest: int) -> np.ndarray:
        """Integers from `least` to `greatest`, which fit, as a dense array of int32; numpy's may stand beside tensors."""
        x = np.asarray(x) if isinstance(x, np.ndarray) else self._as_numpy(name, x, integers=True)
        if x.dtype not in (np.int32, np.int64):
            raise self.fail(name, "elements of type int32 or int64", str(x.dtype), TypeError)
        if x.size:
            for end in (x.min(), x.max()):
                if not least <= end <= greatest:
                    raise self.fail(name, f"integers from {least} to {greatest}", str(end))
        return np.require(x, np.int32, ("C", "A"))

    def offsets(self, name: str, x: Any, length: int) -> np.ndarray:
        """Where packed sequences begin, and the end: ascending integers from 0 to `length`; lists are taken too."""
        if isinstance(x, (list, tuple)):
            try:
                x = np.asarray(x)
            except ValueError:  # lists of different lengths
                raise self.fail(name, "integers, in one dimension", repr(x)) from None
        else:
            x = self.array(name, x, integers=True, any_kind=True)
        if x.ndim != 1 or len(x) == 0 or x.dtype.kind != "i":
            raise self.fail(name, "at least one integer, in one dimension", f"shape {list(x.shape)} of {x.dtype}")
        if x[0] != 0 or x[-1] != length:
            raise self.fail(name, f"offsets from 0 to T = {length}", f"{x[0]} to {x[-1]}")
        falls = np.flatnonzero(np.diff(x) < 0)
        if falls.size:
            i = int(falls[0])
            raise self.fail(name, "ascending offsets", f"{x[i]} before {x[i + 1]} at {i}")
        return x

    def _as_numpy(self, name: str, x: Any, integers: bool = False, as_bits: bool = False) -> np.ndarray:
        if _is_tensor(x) != self.is_torch or not (self.is_torch or isinstance(x, np.ndarray)):
            kind = "torch tensor" if self.is_torch else "numpy array"
            raise self.fail(name, f"a {kind}, as {self.first_name} is", _show(x), TypeError)
        if self.is_torch:
            x = self._from_torch(name, x, integers, as_bits)
        elif type(x) is not np.ndarray:
            masked = sys.modules.get("numpy.ma")  # who has a masked array has imported it; that takes 5 ms
            if masked is not None and isinstance(x, masked.MaskedArray):
                raise self.fail(name, "an array without a mask", "a masked array", TypeError)
            x = np.asarray(x)
        return x

    def _from_torch(self, name: str, x: "torch.Tensor", integers: bool, as_bits: bool) -> np.ndarray:
        torch = sys.modules["torch"]
        if x.requires_grad and torch.is_grad_enabled():
            raise RuntimeError(
                f"{self.op}: argument {name} requires a gradient, and gradients are not supported yet; "
                "call it under torch.no_grad(), or pass the tensor's detach()"
            )
        if x.device.type != "cpu":
            raise self.fail(name, "a tensor on the CPU", f"one on {x.device}; x.cpu() moves it")
        if x.layout != torch.strided:
            raise self.fail(name, "a dense tensor", f"layout {x.layout}", TypeError)
        x = x.detach()
        if x.dtype == torch.bfloat16:
            x = x.view(torch.uint16) if as_bits else x.float()
        elif x.dtype not in (torch.float32, torch.float16, torch.complex64) and (not integers or x.dtype.is_floating_point):
            raise self.fail(name, f"elements of type {_ACCEPTED}", str(x.dtype), TypeError)
        return x.resolve_conj().resolve_neg().numpy()

    def shape(self, name: str, x: np.ndarray, *dims: Union[str, int, Tuple[str, int]]) -> None:
        """Checks the shape of `x`. A dimension is a letter, whose size the first use fixes, or a pair of how to show a
        size and the size."""
        expected = []
        for axis, dim in enumerate(dims):
            if isinstance(dim, str):
                dim = (dim, self.sizes.setdefault(dim, x.shape[axis]) if axis < x.ndim else self.sizes.get(dim, -1))
            elif isinstance(dim, int):
                dim = (str(dim), dim)
            expected.append(dim)
        if x.shape == tuple(size for _, size in expected):
            return
        letters = ", ".join(letter for letter, _ in expected)
        sizes = ", ".join("?" if size < 0 else str(size) for _, size in expected)
        if x.ndim != len(dims):
            sizes = f"{len(dims)} dimensions [{letters}]"
        else:
            sizes = f"shape [{letters}] = [{sizes}]" if sizes != letters else f"shape [{sizes}]"
        raise self.fail(name, sizes, f"shape {list(x.shape)}")

    def result(self, x: np.ndarray, narrow: bool = False) -> Any:
        """A result as the caller's kind of array, in the type of the first argument where `narrow`."""
        if not self.is_torch:
            return x.astype(self.dtype, copy=False) if narrow else x
        torch = sys.modules["torch"]
        tensor = tensor_of(x)
        return tensor.to(self.dtype) if narrow else tensor


def array_of(tensor: "torch.Tensor") -> np.ndarray:
    """The array over the memory of a tensor; raises what torch raises where there is none."""
    torch = sys.modules["torch"]
    return (tensor.view(torch.uint16) if tensor.dtype == torch.bfloat16 else tensor).numpy()


def tensor_of(x: np.ndarray) -> "torch.Tensor":
    """The tensor over the memory of a result; of bfloat16 for their bits."""
    torch = sys.modules["torch"]
    tensor = torch.from_numpy(x)
    return tensor.view(torch.bfloat16) if x.dtype == _BF16_BITS else tensor


#: Lanes below which their numbers are part of the kernel: the compiler then runs along time inside a vector, in parallel
#: pieces of time.
_FEW_LANES = 32


def lane_sizes(outer: int, inner: int) -> Tuple[Union[int, str], ...]:
    """The sizes of the dimensions before and after time for the module of a kernel: symbols where there are many."""
    few = outer * inner < _FEW_LANES
    sizes: Tuple[Union[int, str], ...] = (outer if few else "N",)
    return sizes if inner == 1 else (*sizes, inner if few else "M")


def pairs(x: np.ndarray) -> np.ndarray:
    """Complex numbers as pairs along a new last dimension; the same memory."""
    return x.view(_F32).reshape(*x.shape, 2)


def numbers(x: np.ndarray) -> np.ndarray:
    """The inverse of `pairs`."""
    return x.view(_C64)[..., 0]


def is_empty(shape: Sequence[int]) -> bool:
    return 0 in shape
