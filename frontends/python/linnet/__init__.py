# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Linnet: scans and near-linear attention on CPUs.

    linnet.ops      kernels on numpy arrays and torch tensors, compiled at their first use
    linnet.math     elementary functions with a bounded error, likewise
    linnet.masks    which keys a query of linnet.ops.attention attends to
    linnet.load     a model that linnetc compiled
    linnet.jit      a function of arrays, compiled as a whole
    linnet.compile  a torch module, through torch.export
    linnet.onnx     ONNX models, compiled at their first use (imported by its name; needs the package onnx)
    linnet.profile  what takes the time: a table, a timeline, a roofline
    linnet.patch    Hugging Face models on these kernels; linnet.torch has more for torch

Importing this loads neither the compiler nor torch. Compiled kernels are kept in ~/.cache/linnet (or
$LINNET_CACHE_DIR; see `python -m linnet cache`). $LINNET_PATH chooses the lowering: auto, fast (an error where the fast
path does not cover a case) or reference.
"""

from . import masks, math, ops
from ._linnet import CompileError, __version__
from ._threads import num_threads, set_num_threads
from ._warnings import SlowPathWarning
from .model import Model, Session, load

#: Names that are loaded at their first use, as what they need (torch, mostly) takes long to import.
_LAZY = {"Dim": "_sizes", "Profile": "_profile", "compile": "torch", "jit": "_jit", "patch": "torch", "profile": "_profile"}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module 'linnet' has no attribute {name!r}")
    from importlib import import_module

    try:
        return getattr(import_module(f"linnet.{_LAZY[name]}"), name)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise ModuleNotFoundError(f"linnet.{name} needs torch; `pip install linnet[torch]` brings it", name="torch") from None


def __dir__() -> list:
    return sorted({*globals(), *_LAZY})


__all__ = [
    "CompileError",
    "Dim",
    "Model",
    "Profile",
    "Session",
    "SlowPathWarning",
    "__version__",
    "jit",
    "load",
    "compile",
    "masks",
    "math",
    "num_threads",
    "ops",
    "patch",
    "profile",
    "set_num_threads",
]
