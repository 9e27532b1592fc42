#!/usr/bin/env python3
# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The invariances of linear attention (docs/spec/linear-attention.md, "What a test can use") on random shapes and options.

    attention_invariances.py --count 2000 --seed 7

Every case is one form of the operation with random heads, sizes, element type and hint, on which each invariance that
it has is tested with random lengths. No reference is needed. The same seed gives the same cases.
"""

import argparse
import random
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "python"))

import linnet  # noqa: E402
from linear_attention_cases import FORMS, arrays, cut, make, over_time, same  # noqa: E402
from linnet.ops import linear_attention  # noqa: E402

TOLERANCE = 3e-5  # of the largest value


def draw(seed):
    r = random.Random(seed)
    heads = r.choice((1, 1, 2, 3, 4, 6))
    divisors = [n for n in range(1, heads + 1) if heads % n == 0]
    return {
        "seed": seed, "form": r.choice(list(FORMS)), "heads": heads,
        "query_heads": r.choice(divisors), "key_heads": r.choice(divisors),
        "keys": r.choice((1, 3, 5, 8, 16, 17, 32, 33, 64, 100)), "values": r.choice((1, 4, 16, 17, 32, 40, 64, 100)),
        "chunk_size": r.choice((None, None, None, 1, 2, 3, 16, 32, 64, 100)), "reverse": r.random() < 0.2,
        # With one head few columns are one tile, whose time is cut at 1024 tokens.
        "lengths": r.sample((0, 1, 2, 3, 4, 5, 15, 16, 17, 31, 33, 63, 64, 65, 67, 130) + (1030, 2100) * (heads == 1), 4),
    }  # fmt: skip


class Case:
    """A case with one of its lengths; the kernels are those of the other lengths too."""

    def __init__(self, case, length):
        self.case, self.length, self.rng = case, length, np.random.default_rng((case["seed"], length))
        self.options = {"chunk_size": case["chunk_size"], "reverse": case["reverse"]}

    def make(self, **changed):
        sizes = {name: self.case[name] for name in ("form", "heads", "keys", "values", "query_heads", "key_heads")}
        x = make(self.rng, **(sizes | {"length": self.length} | changed))
        if self.length > 1000 and "log_decay" in x:
            x["log_decay"] *= np.float32(1e-2)  # so that chunks see one another
        return x

    def run(self, x, **changed):
        return arrays(linear_attention(**(x | self.options | changed)))

    def close(self, got, want):
        for name, a, b in zip(("o", "state", "normalizer"), got, want):
            assert a.shape == b.shape, f"{name} is {a.shape}, expected {b.shape}"
            if b.size:
                error, scale = np.abs(np.float64(a) - b).max(), max(1.0, np.abs(b).max())
                assert error <= TOLERANCE * scale, f"{name} is off by {error:.3g} where values reach {scale:.3g}"

    # ------------------------------------------------------------------ what holds for every form, or is skipped

    def split_and_carry(self):
        x, length = self.make(), self.length
        cuts = sorted(self.rng.integers(0, length + 1, 3))
        bounds = list(zip([0, *cuts], [*cuts, length]))
        state, pieces = x["initial_state"], []
        for begin, end in bounds[::-1] if self.case["reverse"] else bounds:
            o, state = linear_attention(**cut(x, begin, end, initial_state=state), **self.options)
            pieces.append(o)
        o = np.concatenate(pieces[::-1] if self.case["reverse"] else pieces, 1)
        self.close(arrays((o, state)), self.run(x))

    def packing(self):
        chunk = self.case["chunk_size"] or 4
        lengths = self.rng.permutation([0, 0, 1, chunk - 1, chunk, chunk + 1, *self.rng.integers(0, 40, 2)])
        offsets = np.cumsum([0, *lengths])
        x = self.make(batch=1, length=int(offsets[-1]), sequences=len(lengths))
        o, *states = self.run(x, cu_seqlens=offsets)
        for n, (begin, end) in enumerate(zip(offsets[:-1], offsets[1:])):
            pick = lambda a: tuple(b[n : n + 1] for b in a) if isinstance(a, tuple) else a[n : n + 1]
            alone = self.run(cut(x, begin, end, initial_state=pick(x["initial_state"])))
            self.close([o[:, begin:end], *(a[n : n + 1] for a in states)], alone)

    def causality(self):
        x, length = self.make(), self.length
        t = int(self.rng.integers(0, length + 1))
        seen = slice(t, None) if self.case["reverse"] else slice(0, t)
        changed = dict(x)
        for name in over_time(x):
            changed[name] = self.rng.choice((2, -3), x[name].shape).astype(np.float32) * x[name]
            changed[name][:, seen] = x[name][:, seen]
        if "log_decay" in changed and changed["log_decay"].ndim > 1:
            changed["log_decay"] = -np.abs(changed["log_decay"])
            changed["log_decay"][:, seen] = x["log_decay"][:, seen]
        assert np.array_equal(self.run(changed)[0][:, seen], self.run(x)[0][:, seen]), f"tokens before {t} see later ones"

    def linearity(self):
        if self.case["form"] == "normalized":
            return
        x, y = self.make(), self.make()
        y = x | {name: y[name] for name in ("v", "initial_state")}
        both = x | {name: x[name] + 2 * y[name] for name in ("v", "initial_state")}
        self.close(self.run(both), [a + 2 * b for a, b in zip(self.run(x), self.run(y))])
        twice = {name: 2 * x[name] for name in ("v", "initial_state")}
        assert same(self.run(x, **twice), [2 * a for a in self.run(x)]), "twice the values are not exactly twice the results"

    def gauge(self):
        """Every key on a scale of its own that changes in time. The delta rule reads with the key that it writes with, and
        a bonus is of both."""
        if self.case["form"] not in ("key", "low_rank") or self.length == 0:
            return
        x = self.make(query_heads=self.case["heads"], key_heads=self.case["heads"])
        c = self.rng.uniform(-1, 1, x["log_decay"].shape).astype(np.float32)
        none = np.zeros_like(c[:, :1])
        before = np.concatenate([c[:, 1:], none] if self.case["reverse"] else [none, c[:, :-1]], 1)
        y = x | {"q": x["q"] * np.exp(-c), "k": x["k"] * np.exp(c), "log_decay": x["log_decay"] + c - before}
        if "erase" in x:
            y |= {"erase": x["erase"] * np.exp(-before), "write": x["write"] * np.exp(c)}
        o, state = self.run(x)
        self.close(self.run(y), [o, state * np.exp(c[:, 0 if self.case["reverse"] else -1])[..., None]])

    def chunk_size(self):
        x = self.make()
        for size in self.rng.choice([1, 2, 16, 32, 64, max(1, self.length)], 2, replace=False):
            self.close(self.run(x, chunk_size=int(size)), self.run(x))

    def equal_bits(self):
        x, results = self.make(batch=3), []
        for count in (1, 2, 2, 3):
            linnet.set_num_threads(count)
            results.append(self.run(x))
        linnet.set_num_threads(1)
        assert all(same(result, results[0]) for result in results[1:]), "bits depend on threads or on the run"
        first = {name: x[name][:1] for name in over_time(x)}
        state = x["initial_state"]
        first["initial_state"] = tuple(a[:1] for a in state) if isinstance(state, tuple) else state[:1]
        assert same(self.run(x, **first), [a[:1] for a in results[0]]), "bits depend on the batch"

    def flip(self):
        x = self.make()
        flipped = x | {name: x[name][:, ::-1] for name in over_time(x)}
        o, *state = self.run(flipped, reverse=not self.case["reverse"])
        self.close([o[:, ::-1], *state], self.run(x))


INVARIANCES = ("split_and_carry", "packing", "causality", "linearity", "gauge", "chunk_size", "equal_bits", "flip")


def faults(case):
    """(invariance, what is wrong) for each that does not hold."""
    found = []
    for name in INVARIANCES:
        for length in case["lengths"]:
            try:
                getattr(Case(case, length), name)()
            except Exception as error:  # noqa: BLE001  whatever it is, it belongs to this case
                found.append((f"{name} of {length} tokens", f"{type(error).__name__}: {error}"))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200, help="cases; each is tested for every invariance with four lengths")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    wrong, start = 0, time.time()
    for i in range(arguments.count):
        case = draw(arguments.seed + i)
        for name, what in faults(case):
            wrong += 1
            print(f"{name}: {what}\n  {case}", flush=True)
        if i % 100 == 99 or i + 1 == arguments.count:
            print(f"{i + 1} cases, {(i + 1) * len(INVARIANCES) * 4} tests, {wrong} fail, {time.time() - start:.0f} s", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
