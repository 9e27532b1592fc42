# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What compiled functions tell of themselves."""

from __future__ import annotations

import os
import shutil
import time
from typing import Any, Dict, NamedTuple, Optional, Union


class Stats(NamedTuple):
    """The work of one call in which every size that may change is `dynamic_size`."""

    dynamic_size: int
    ops: int
    flops: int
    weight_bytes: int
    #: Of the values between operations.
    traffic_bytes: int
    #: Of the last call, None before the first.
    seconds: Optional[float]

    @property
    def bound(self) -> str:
        """What limits a call on a usual machine, which does about 10 floating-point operations for each byte it reads."""
        return "arithmetic" if self.flops > 10 * (self.weight_bytes + self.traffic_bytes) else "memory"


class Described:
    """A compiled function that has a `program` and says what it is."""

    program: Any
    _seconds: Optional[float] = None
    _counts: Optional[Dict[int, Stats]] = None

    def stats(self, dynamic_size: int = 1) -> Stats:
        """Operations, floating-point operations and bytes of one call in which every size that may change is
        `dynamic_size`, and the seconds that the last call took."""
        self._counts = self._counts or {}
        if dynamic_size not in self._counts:
            self._counts[dynamic_size] = Stats(dynamic_size, *self.program.count(dynamic_size), None)
        return self._counts[dynamic_size]._replace(seconds=self._seconds)

    def mlir(self, stage: str = "input") -> str:
        """The program as text: input (as it was built), graph, tiled, vector or llvm, after that stage of the
        compiler. Raises ValueError for another name."""
        stages = ("input", "graph", "tiled", "vector", "llvm")
        if stage not in stages:
            raise ValueError(f"mlir: argument stage: expected one of {', '.join(stages)}, got {stage!r}")
        return self.program.mlir(stage)

    def save(self, path: Union[str, "os.PathLike[str]"]) -> None:
        """Writes the compiled library, which any program can open with the runtime (linnet/linnet.h); weights are not in
        it. Raises ValueError for a path that does not end with .so, OSError where it cannot be written."""
        path = os.fspath(path)
        if not path.endswith(".so"):
            raise ValueError(f"save: argument path: expected a name that ends with .so, got {path!r}")
        shutil.copyfile(self.program.file, path)

    def _timed(self, call: Any, *arguments: Any) -> Any:
        begin = time.perf_counter()
        result = call(*arguments)
        self._seconds = time.perf_counter() - begin
        return result

    def __repr__(self) -> str:
        stats = self.stats()
        took = "not called yet" if stats.seconds is None else f"last call {stats.seconds * 1e3:.3f} ms"
        inputs = ", ".join(
            f"{name} {dtype}[{', '.join(map(str, shape))}]" for name, dtype, shape in self.program.signature
        )
        return (
            f"<{type(self).__module__.split('.')[0]}.{type(self).__name__} {self.program.name}({inputs}): {stats.ops} ops, "
            f"{stats.flops / 1e6:.3f} Mflop, {(stats.weight_bytes + stats.traffic_bytes) / 1e6:.3f} MB where sizes are 1, "
            f"bound by {stats.bound}, {took}>"
        )
