# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""linnet.profile: where the time goes, as a table, a timeline and a roofline."""

from __future__ import annotations

import html
import json
import os
import time
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple, Union

import numpy as np

from . import _cache, _compiler, _linnet

#: The name of the row for the time outside of parallel loops, and the work of operations that have none of their own: those
#: that are plain loops, and those that are computed within another.
OTHER = "other"


class Row(NamedTuple):
    """What one operation took. flops and bytes are None where the module of the library is not known, as with models
    that linnetc compiled."""

    name: str
    kind: str
    calls: int
    seconds: float
    #: Of all that was measured.
    share: float
    flops: Optional[int]
    #: That it reads and writes, each operand once.
    bytes: Optional[int]

    @property
    def flops_per_second(self) -> Optional[float]:
        return self.flops / self.seconds if self.flops and self.seconds else None

    @property
    def intensity(self) -> Optional[float]:
        """Floating-point operations for each byte."""
        return self.flops / self.bytes if self.flops and self.bytes else None


class Event(NamedTuple):
    """One call of a compiled function, or one parallel loop in it. Times are seconds since the profile began."""

    name: str
    #: "call", or the operation that the loop computes.
    kind: str
    thread: int
    begin: float
    seconds: float
    #: Of a call, its sizes by name.
    sizes: Dict[str, int]


class _Sum:
    """A row under construction."""

    def __init__(self) -> None:
        self.calls = self.nanoseconds = 0
        self.flops: Optional[int] = None
        self.bytes: Optional[int] = None

    def add_work(self, flops: int, moved: int) -> None:
        self.flops, self.bytes = (self.flops or 0) + flops, (self.bytes or 0) + moved


_Sums = Dict[Tuple[str, str], _Sum]


class Profile:
    """What ran within `with linnet.profile() as profile:`; print it for the table.

    Rows are operations by name: of linnet.ops the operation; of linnet.jit the line of the function, counted from its
    first; of torch modules and of checkpoints the layer. A row is the time of the operation's parallel loops on the wall
    clock, whatever the number of threads.
    """

    def __init__(self) -> None:
        self.rows: List[Row] = []
        self.events: List[Event] = []
        #: In compiled functions, and from the beginning to the end.
        self.seconds = self.wall_seconds = 0.0
        self._peaks: Optional[Tuple[float, float]] = None

    # ------------------------------------------------------------ measuring

    def __enter__(self) -> "Profile":
        _linnet.start_profile()
        self._begin = time.monotonic_ns()
        return self

    def __exit__(self, *exception: Any) -> None:
        self.wall_seconds = (time.monotonic_ns() - self._begin) / 1e9
        libraries = _linnet.stop_profile()
        sums: _Sums = {(OTHER, ""): _Sum()}
        calls = total = 0
        for library in libraries:
            (_, _, own_calls, own_total), *times = _linnet.profile_times(library)
            calls, total = calls + own_calls, total + own_total
            if not own_calls:
                continue
            for name, kind, count, nanoseconds in times:
                own = sums.setdefault((name or OTHER, kind), _Sum())
                own.calls += count
                own.nanoseconds += nanoseconds
            events = _linnet.profile_events(library)
            self._count_work(library, events, sums)
            for name, kind, thread, begin, nanoseconds, sizes in events:
                start = (begin - self._begin) / 1e9
                self.events.append(Event(name or OTHER, kind, thread, start, nanoseconds / 1e9, sizes))
        self.events.sort(key=lambda event: (event.begin, -event.seconds))
        rest = total - sum(own.nanoseconds for own in sums.values())
        sums[OTHER, ""].nanoseconds += max(rest, 0)
        sums[OTHER, ""].calls = calls
        self.seconds = total / 1e9
        rows = [
            Row(*key, own.calls, own.nanoseconds / 1e9, own.nanoseconds / total if total else 0.0, own.flops, own.bytes)
            for key, own in sums.items()
        ]
        self.rows = sorted(rows, key=lambda row: -row.seconds)

    def _count_work(self, library: Any, events: List[Any], sums: _Sums) -> None:
        """What the calls of a library did, for the sizes that they had."""
        source = _cache.sources.get(library.path)
        if source is None:
            return
        function, text = source
        counts: Dict[Any, int] = {}
        for name, kind, _, _, _, sizes in events:
            if kind == "call" and name == function:
                key = tuple(sizes.items())
                counts[key] = counts.get(key, 0) + 1
        for key, times in counts.items():
            for op, (flops, moved) in _compiler.count(function, text, dict(key)).by_op.items():
                # What has no parallel loop of its own is in the rest.
                sums.get(op, sums[OTHER, ""]).add_work(times * flops, times * moved)

    # ------------------------------------------------------------ the table

    def table(self) -> List[Tuple[str, ...]]:
        """The rows as text, after a row of titles; the last is the sum."""
        lines: List[Tuple[str, ...]] = [("name", "kind", "calls", "time ms", "share", "Gflop/s", "flop/byte")]
        for row in self.rows:
            rate, intensity = row.flops_per_second, row.intensity
            lines.append((
                row.name, row.kind, str(row.calls), f"{row.seconds * 1e3:.3f}", f"{row.share:.1%}",
                "" if rate is None else f"{rate / 1e9:.2f}", "" if intensity is None else f"{intensity:.2f}",
            ))  # fmt: skip
        calls = sum(event.kind == "call" for event in self.events)
        lines.append(("all", "", str(calls), f"{self.seconds * 1e3:.3f}", "100.0%" if self.seconds else "", "", ""))
        return lines

    def __str__(self) -> str:
        lines = self.table()
        widths = [max(map(len, column)) for column in zip(*lines)]
        return "\n".join(
            "  ".join(text.ljust(width) if i < 2 else text.rjust(width) for i, (text, width) in enumerate(zip(line, widths))).rstrip()
            for line in lines
        )

    def __repr__(self) -> str:
        return f"<linnet.Profile of {len(self.events)} events, {self.seconds * 1e3:.3f} ms in compiled code; print it for the table>"

    def _repr_html_(self) -> str:
        """For notebooks."""
        title, *lines = self.table()
        row = lambda tag, line: "<tr>" + "".join(f"<{tag}>{html.escape(text)}</{tag}>" for text in line) + "</tr>"
        return f"<table><thead>{row('th', title)}</thead><tbody>{''.join(row('td', line) for line in lines)}</tbody></table>"

    # ------------------------------------------------------------ the timeline

    def save_timeline(self, path: Union[str, "os.PathLike[str]"]) -> None:
        """Writes all events in Chrome's trace format (JSON), which chrome://tracing and ui.perfetto.dev show. Raises
        OSError where it cannot be written."""
        process = os.getpid()
        events: List[Dict[str, Any]] = [
            {"name": "process_name", "ph": "M", "pid": process, "args": {"name": "linnet"}},
        ]
        for event in self.events:
            events.append({
                "name": event.name, "cat": event.kind or "loop", "ph": "X", "pid": process, "tid": event.thread,
                "ts": event.begin * 1e6, "dur": event.seconds * 1e6, "args": event.sizes,
            })  # fmt: skip
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"traceEvents": events, "displayTimeUnit": "ms"}, file)

    # ------------------------------------------------------------ the roofline

    def plot_roofline(self, axes: Any = None, peaks: Optional[Tuple[float, float]] = None) -> Any:
        """Draws each operation by what it computes for each byte and for each second, under the limits of the machine; the
        larger a point, the more time it took. Gives matplotlib's axes.

        axes: where to draw; None makes a figure. peaks: floating-point operations and bytes of memory that the machine
        does in a second; None measures them, with numpy's product and copy. Bytes are those that operations ask for: what
        comes from a cache lies above the slope of the memory.

        Raises ModuleNotFoundError without matplotlib (`pip install linnet[plot]`), and ValueError where no row has a count
        of floating-point operations.
        """
        points = [row for row in self.rows if row.flops_per_second and row.intensity]
        if not points:
            raise ValueError(
                "plot_roofline: expected rows with floating-point operations, got none; profile linnet.ops, linnet.jit or "
                "linnet.compile"
            )
        if axes is None:
            axes = _pyplot().subplots(figsize=(8, 5))[1]
        if peaks is None:
            self._peaks = self._peaks or measure_peaks()
            peaks = self._peaks
        peak_flops, peak_bytes = peaks
        intensities = [row.intensity for row in points]
        span = np.geomspace(min(*intensities, peak_flops / peak_bytes) / 4, max(*intensities, peak_flops / peak_bytes) * 4)
        axes.plot(span, np.minimum(peak_flops, span * peak_bytes) / 1e9, color="0.3")
        axes.annotate(f"{peak_bytes / 1e9:.0f} GB/s", (span[0], span[0] * peak_bytes / 1e9), ha="left", va="bottom")
        axes.annotate(f"{peak_flops / 1e9:.0f} Gflop/s", (span[-1], peak_flops / 1e9), ha="right", va="bottom")
        for row in points:
            axes.scatter([row.intensity], [row.flops_per_second / 1e9], s=20 + 400 * row.share, alpha=0.7)
            axes.annotate(f" {row.name}", (row.intensity, row.flops_per_second / 1e9), fontsize="small")
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel("floating-point operations for each byte")
        axes.set_ylabel("Gflop/s")
        return axes


def _pyplot() -> Any:
    try:
        from matplotlib import pyplot
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "plot_roofline needs matplotlib; `pip install linnet[plot]` brings it", name="matplotlib"
        ) from error
    return pyplot


def _best(work: Callable[[], Any]) -> float:
    times = []
    for _ in range(4):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def measure_peaks() -> Tuple[float, float]:
    """Floating-point operations and bytes in a second, of numpy's product and numpy's copy of large arrays."""
    n = 768
    a = np.ones((n, n), np.float32)
    flops = 2 * n**3 / _best(lambda: a @ a)
    source = np.ones(1 << 24, np.float32)
    target = np.empty_like(source)
    moved = 2 * source.nbytes / _best(lambda: np.copyto(target, source))
    return flops, moved


def profile() -> Profile:
    """Measures what compiled code does within a `with`: kernels of linnet.ops, functions of linnet.jit, torch modules and
    models.

        with linnet.profile() as profile:
            layer(x)
        print(profile)                               # a table: operations, calls, time, share, Gflop/s
        profile.save_timeline("trace.json")          # for chrome://tracing or ui.perfetto.dev
        profile.plot_roofline()                      # with matplotlib

    Other threads of the process are measured too. Profiles cannot be nested: RuntimeError. What compiles within it is not
    in the table, so call once before.
    """
    return Profile()
