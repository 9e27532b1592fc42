# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The compiler's library: which one it is, and loading it when it is needed."""

from __future__ import annotations

import functools
import os
import platform
import re
from typing import Any, Dict, Mapping, NamedTuple, Tuple

from . import _linnet

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "liblinnet_compiler.so")


@functools.lru_cache(maxsize=None)
def load() -> Any:
    """The compiler. The first call maps MLIR and LLVM into the process."""
    if not os.path.exists(PATH):
        raise RuntimeError(f"this installation of Linnet has no compiler ({PATH}): only kernels in the cache run")
    return _linnet.Compiler(PATH)


class Work(NamedTuple):
    """What a function does in one call."""

    ops: int
    flops: int
    weight_bytes: int
    #: Of what operations read and write.
    traffic_bytes: int
    #: {(name, kind) as in profiles: (floating-point operations, bytes)}
    by_op: Dict[Tuple[str, str], Tuple[int, int]]


def count(function: str, text: str, sizes: Mapping[str, int], dynamic_size: int = 1) -> Work:
    """The work of a function of the module `text`, with these values of its symbols, and `dynamic_size` for what they
    do not tell."""
    work = None
    listed = ",".join(f"{symbol}={size}" for symbol, size in sizes.items())
    for line in load().count(function, text, dynamic_size, listed).splitlines():
        name, *fields = line.split("\t")
        if name == function:
            ops, flops, weights, _, traffic = map(int, fields)
            work = Work(ops, flops, weights, traffic, {})
        elif name:
            if work is not None:
                break
        elif work is not None:
            op, kind, flops, moved = fields
            before = work.by_op.get((op, kind), (0, 0))
            work.by_op[op, kind] = (before[0] + int(flops), before[1] + int(moved))
    if work is None:
        raise RuntimeError(f"the module has no function {function}")
    return work


def identity() -> str:
    """Tells one build of the compiler from another, without loading it."""
    try:
        status = os.stat(PATH)
    except OSError:
        return f"{_linnet.__version__} (no compiler)"
    return f"{_linnet.__version__} {status.st_size} {status.st_mtime_ns}"


# What differs from core to core, from boot to boot, or says nothing of what code can run.
_CPU_FIELDS = re.compile(
    r"vendor_id|cpu family|model|stepping|flags|CPU (implementer|architecture|variant|part|revision)|Features|isa|uarch"
)


@functools.lru_cache(maxsize=None)
def host_cpu() -> str:
    """Tells one kind of processor from another, as code for the one may not run on the other."""
    fields = [platform.machine()]
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            for line in file:
                if not line.strip():
                    break  # the other processors are like the first
                name, _, value = line.partition(":")
                if _CPU_FIELDS.fullmatch(name.strip()):
                    fields.append(value.strip())
    except OSError:
        fields.append(platform.processor())
    return "|".join(fields)
