# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Linnet: scans and near-linear attention on CPUs.

    linnet.ops      kernels on numpy arrays and torch tensors, compiled at their first use
    linnet.load     a model that linnetc compiled
    linnet.onnx     ONNX models, compiled at their first use (imported by its name; needs the package onnx)

Importing this loads neither the compiler nor torch. Compiled kernels are kept in ~/.cache/linnet (or
$LINNET_CACHE_DIR; see `python -m linnet cache`). $LINNET_PATH chooses the lowering: auto, fast (an error where the fast
path does not cover a case) or reference.
"""

from . import ops
from ._linnet import CompileError, __version__
from ._threads import num_threads, set_num_threads
from ._warnings import SlowPathWarning
from .model import Model, Session, load

__all__ = [
    "CompileError",
    "Model",
    "Session",
    "SlowPathWarning",
    "__version__",
    "load",
    "num_threads",
    "ops",
    "set_num_threads",
]
