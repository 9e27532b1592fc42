# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""linnet.profile, and what compiled functions tell of themselves."""

import json
import sys

import numpy as np
import pytest

import linnet


@linnet.jit(shapes={"x": ("B", "T", 32)})
def layer(x, decay):
    doubled = x * 2 + 1
    h, _ = linnet.ops.affine_scan(np.exp(decay) + 0 * x, doubled * doubled)
    return np.tanh(h)


@pytest.fixture
def arrays(rng):
    return rng.standard_normal((2, 300, 32), np.float32), -np.abs(rng.standard_normal(32, np.float32))


@pytest.fixture
def profile(arrays):
    layer(*arrays)
    ones = np.ones((1, 64, 500), np.float32)
    convolve = lambda: linnet.ops.causal_conv1d(ones, np.ones((64, 4), np.float32))
    convolve()
    with linnet.profile() as profile:
        for _ in range(3):
            layer(*arrays)
        convolve()
    return profile


def test_table(profile):
    rows = {(row.name, row.kind): row for row in profile.rows}
    scan = rows["layer:4", "linnet.affine_scan"]  # the line of the function, from its decorator on
    assert scan.calls == 3 and 0 < scan.seconds <= profile.seconds <= profile.wall_seconds
    assert scan.flops == 3 * 2 * 2 * 300 * 32  # a product and a sum for each element
    assert scan.bytes > 3 * 3 * 4 * 2 * 300 * 32 and 0 < scan.intensity < 1 and scan.flops_per_second > 0
    convolution = rows["causal_conv1d", "linnet.causal_conv1d"]
    assert convolution.calls == 1 and convolution.flops >= 2 * 4 * 64 * 500
    assert sum(row.share for row in profile.rows) == pytest.approx(1)
    assert [row.seconds for row in profile.rows] == sorted((row.seconds for row in profile.rows), reverse=True)
    title, *lines, total = str(profile).splitlines()
    assert title.split() == ["name", "kind", "calls", "time", "ms", "share", "Gflop/s", "flop/byte"]
    assert len(lines) == len(profile.rows) and total.split()[:2] == ["all", "4"]
    assert "<th>Gflop/s</th>" in profile._repr_html_() and "<td>linnet.affine_scan</td>" in profile._repr_html_()
    assert repr(profile).startswith("<linnet.Profile of ")


def test_timeline(profile, tmp_path):
    calls = [event for event in profile.events if event.kind == "call"]
    assert [call.name for call in calls] == ["layer"] * 3 + ["causal_conv1d"]
    assert calls[0].sizes["B"] == 2 and calls[0].sizes["T"] == 300
    for event in profile.events:  # every loop lies in a call of its thread
        assert any(
            call.thread == event.thread
            and call.begin <= event.begin
            and event.begin + event.seconds <= call.begin + call.seconds + 1e-9
            for call in calls
        )
    profile.save_timeline(tmp_path / "trace.json")
    trace = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    complete = [event for event in trace if event["ph"] == "X"]
    assert len(complete) == len(profile.events) and all(event["dur"] >= 0 and event["ts"] >= 0 for event in complete)
    assert {"name", "cat", "ph", "pid", "tid", "ts", "dur", "args"} == set(complete[0])
    with pytest.raises(OSError, match="nowhere"):
        profile.save_timeline(tmp_path / "nowhere" / "trace.json")


def test_roofline(profile, tmp_path):
    import matplotlib

    matplotlib.use("agg")
    axes = profile.plot_roofline(peaks=(1e11, 1e10))
    assert axes.get_xscale() == axes.get_yscale() == "log" and axes.get_ylabel() == "Gflop/s"
    texts = {text.get_text().strip() for text in axes.texts}
    assert {"10 GB/s", "100 Gflop/s", "layer:4", "causal_conv1d"} <= texts
    x, y = axes.lines[0].get_data()
    assert y[-1] == 100 and y[0] == pytest.approx(10 * x[0])
    (row,) = [row for row in profile.rows if row.kind == "linnet.affine_scan"]
    drawn = [tuple(points.get_offsets()[0]) for points in axes.collections]
    assert any(point == pytest.approx((row.intensity, row.flops_per_second / 1e9)) for point in drawn)
    axes.figure.savefig(tmp_path / "roofline.png")
    flops, moved = linnet._profile.measure_peaks()
    assert flops > 1e8 and moved > 1e8


def test_roofline_without_matplotlib(profile, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install linnet\[plot\]"):
        profile.plot_roofline()


def test_models_have_times(tmp_path, linnetc):
    from conftest import TEST

    linnetc(TEST / "models" / "mamba-kjv", "-o", tmp_path / "mamba.so")
    with linnet.profile() as profile:  # what is opened within it is part of it, and what is closed too
        linnet.load(tmp_path / "mamba.so", weights=TEST / "models" / "mamba-kjv").forward(np.ones((1, 40), np.int32))
    scans = [row for row in profile.rows if row.kind == "linnet.selective_scan"]
    assert scans and all(row.calls and row.flops is None and row.intensity is None for row in scans)
    assert "forward" in {event.name for event in profile.events}
    with pytest.raises(ValueError, match="expected rows with floating-point operations, got none"):
        profile.plot_roofline()


def test_profiles_end(arrays):
    with pytest.raises(ZeroDivisionError):
        with linnet.profile():
            with pytest.raises(RuntimeError, match="profiles cannot be nested"):
                linnet.profile().__enter__()
            1 / 0
    layer(*arrays)
    with linnet.profile() as empty:
        pass
    assert not empty.events and [row.name for row in empty.rows] == ["other"] and empty.seconds == 0


def test_counts_of_a_call(arrays):
    layer(*arrays)
    stats = layer.stats()
    assert stats.sizes == {"B": 2, "T": 300} and stats == layer.stats(B=2, T=300) and stats.seconds > 0
    rest = 32  # the function of decay, once
    assert layer.stats(B=4, T=300).flops == 2 * (stats.flops - rest) + rest
    assert layer.stats(1) == layer.stats(B=1, T=1)._replace(sizes={})
    assert stats.traffic_bytes > 4 * 4 * 2 * 300 * 32 and stats.bound == "memory"
    text = repr(layer)
    assert "where B = 2, T = 300, bound by memory, last call" in text and "Gflop/s" in text
