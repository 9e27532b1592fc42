# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A few random modules of the Scan family by both paths; test/random/random_modules.py runs as many as wanted."""

import sys

from conftest import TEST

sys.path.insert(0, str(TEST / "random"))

import random_modules  # noqa: E402


def test_fast_path_agrees_with_reference_path(tmp_path):
    cases = [random_modules.draw(seed) for seed in range(96)]
    for start in range(0, len(cases), random_modules.BATCH):
        assert random_modules.isolated(cases[start : start + random_modules.BATCH], str(tmp_path)) == []


def test_the_minimiser_keeps_what_fails(tmp_path, monkeypatch):
    """A mismatch that depends on one option and one size ends with just these."""
    case = next(c for c in map(random_modules.draw, range(1000)) if c["op"] == "scan" and c["reverse"] and c["shape"][c["dim"]] > 3)
    monkeypatch.setattr(
        random_modules, "check", lambda cases, folder: [(c, "wrong") for c in cases if c["reverse"] and c["shape"][c["dim"]] >= 3]
    )
    small = random_modules.minimise(case, str(tmp_path))
    assert small["reverse"] and small["shape"][small["dim"]] == 3
    assert not small["special"] and not any(small["dynamic"])
    assert [size for i, size in enumerate(small["shape"]) if i != small["dim"]] == [1] * (len(small["shape"]) - 1)
