# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What compiled functions tell of themselves."""

from __future__ import annotations

import os
import time
from typing import Any, Dict, NamedTuple, Optional, Union


class Stats(NamedTuple):
    """The work of one call."""

    #: The values of the sizes that may change; those that are not named are `dynamic_size`.
    sizes: Dict[str, int]
    dynamic_size: int
    ops: int
    flops: int
    weight_bytes: int
    #: Of what operations read and write, weights included.
    traffic_bytes: int
    #: Of the last call, None before the first.
    seconds: Optional[float]

    @property
    def bound(self) -> str:
        """What limits a call on a usual machine, which does about 10 floating-point operations for each byte it reads."""
        return "arithmetic" if self.flops > 10 * self.traffic_bytes else "memory"


class Described:
    """A compiled function that has a `program` and says what it is."""

    program: Any
    _seconds: Optional[float] = None
    _counts: Optional[Dict[Any, Stats]] = None

    def stats(self, dynamic_size: Optional[int] = None, **sizes: int) -> Stats:
        """Operations, floating-point operations and bytes of one call, and the seconds that the last call took. Sizes that
        may change are those of the last call (1 before the first), or as given: each by its name, stats(B=2, T=100), and
        `dynamic_size` for all that are not named."""
        if dynamic_size is None and not sizes:
            sizes = self.program.last_sizes
        self._counts = self._counts or {}
        key = (self.program, dynamic_size, *sorted(sizes.items()))
        if key not in self._counts:
            work = self.program.count(sizes, dynamic_size or 1)
            self._counts[key] = Stats(sizes, dynamic_size or 1, *work[:4], None)
        return self._counts[key]._replace(seconds=self._seconds)

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
        self.program.save(path)

    def _timed(self, call: Any, *arguments: Any) -> Any:
        begin = time.perf_counter()
        result = call(*arguments)
        self._seconds = time.perf_counter() - begin
        return result

    def __repr__(self) -> str:
        stats = self.stats()
        if stats.seconds is None:
            where, took = "sizes are 1", "not called yet"
        else:
            where = ", ".join(f"{size} = {value}" for size, value in stats.sizes.items())
            took = f"last call {stats.seconds * 1e3:.3f} ms, {stats.flops / stats.seconds / 1e9:.3f} Gflop/s"
        inputs = ", ".join(
            f"{name} {dtype}[{', '.join(map(str, shape))}]" for name, dtype, shape in self.program.signature
        )
        return (
            f"<{type(self).__module__.split('.')[0]}.{type(self).__name__} {self.program.name}({inputs}): {stats.ops} ops, "
            f"{stats.flops / 1e6:.3f} Mflop, {stats.traffic_bytes / 1e6:.3f} MB{' where ' + where if where else ''}, "
            f"bound by {stats.bound}, {took}>"
        )
