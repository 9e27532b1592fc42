#!/usr/bin/env python3
# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random modules of the Scan and Linear Attention families: the fast path against the reference path.

    random_modules.py --count 2000 --seed 7 [--jobs 2] [--op linear_attention]

Every module is one op with random shapes, static or dynamic sizes, flags and values, special ones among them; it is compiled
by both paths and run on the same inputs. A mismatch is made smaller, option by option and size by size, and printed with its
MLIR. The same seed gives the same modules.
"""

import argparse
import collections
import multiprocessing
import multiprocessing.pool
import os
import random
import sys
import tempfile
import time

import numpy as np

from linnet import _compiler, _mlir
from linnet._linnet import CompileError, Kernel, Library

OPS = ("affine_scan", "scan", "scan", "custom", "causal_conv1d", "selective_scan", "selective_scan",
       "linear_attention", "linear_attention", "linear_attention", "block_local_attention")  # fmt: skip
SIZES = (1, 1, 2, 3, 5, 7, 8, 15, 16, 17, 33)
TIMES = (0, 1, 2, 3, 5, 13, 15, 16, 17, 31, 33, 64)
SPECIAL = np.array([-0.0, 0.0, np.inf, -np.inf, np.nan], np.float32)
DECAYS = np.array([0, -1e-6, -1, -20, -1e4, -np.inf], np.float32)
#: What the minimiser makes of options that are words.
SIMPLEST = {"decay": "none", "rule": "plain", "type": "f32"}
TIMEOUT = 120
#: Errors allowed. Linear attention of bf16 multiplies rounded states and scores.
TOLERANCES = {"f32": 2e-5, "f16": 4e-3, "bf16": 1e-1}
BATCH = 16  # modules compiled together, to share what a compilation costs beside its functions


# ------------------------------------------------------------------ cases


def draw(seed, only=None):
    """A case: plain data, so that the minimiser can change one entry at a time."""
    r = random.Random(seed)
    op = only or r.choice(OPS)
    case = {"op": op, "seed": seed, "special": r.random() < 0.25, "dynamic": [r.random() < 0.5 for _ in range(6)]}
    if op in ("affine_scan", "scan", "custom"):
        rank = r.randint(1, 3)
        shape = [r.choice(SIZES) for _ in range(rank)]
        dim = r.randrange(rank)
        shape[dim] = r.choice(TIMES)
        case |= {"shape": shape, "dim": dim, "reverse": r.random() < 0.4}
        case["dynamic"][dim] |= shape[dim] == 0
    if op == "affine_scan":
        case |= {"complex": r.random() < 0.3}
    elif op == "scan":
        case |= {"kind": r.choice(("add", "mul", "min", "max", "logaddexp")), "exclusive": r.random() < 0.3,
                 "segments": r.random() < 0.3, "type": r.choice(("f32", "f32", "f32", "i32", "i64"))}  # fmt: skip
        case["unseeded"] = not case["exclusive"] and r.random() < 0.2
        if case["type"] != "f32":
            case["special"] = False
            case["kind"] = case["kind"] if case["kind"] != "logaddexp" else "add"
    elif op == "custom":
        # A maximum with NaN, and sums that meet infinities, are not associative.
        case |= {"combine": r.choice(tuple(COMBINERS)), "segments": r.random() < 0.3, "special": False}
        case["unseeded"] = r.random() < 0.4
    elif op == "causal_conv1d":
        case |= {"batch": r.choice((1, 2, 3)), "time": r.choice(TIMES[1:]), "channels": r.choice(SIZES), "width": r.choice((2, 3, 4, 5)),
                 "bias": r.random() < 0.5, "silu": r.random() < 0.5, "layout": r.choice(("btd", "bdt"))}  # fmt: skip
    elif op == "linear_attention":
        case |= draw_linear_attention(r)
        case["dynamic"][1] |= case["time"] == 0
    elif op == "block_local_attention":
        case |= {"batch": r.choice((1, 1, 2)), "time": r.choice(TIMES + (67,)), "keys": r.choice(SIZES + (64,)),
                 "values": r.choice(SIZES + (64, 100)), "heads": r.choice((1, 2)), "query_group": r.choice((1, 1, 2)),
                 "key_group": r.choice((1, 1, 3)), "block": r.choice((1, 2, 3, 4, 15, 16, 17, 33, 64, 100)), "causal": r.random() < 0.6,
                 "relu": r.random() < 0.4, "type": r.choice(("f32", "f32", "f16", "bf16"))}  # fmt: skip
        case["dynamic"][1] |= case["time"] == 0
    else:
        groups = r.choice((0, 0, 1, 2, 3))
        case |= {"batch": r.choice((1, 2)), "time": r.choice(TIMES[1:]), "channels": r.choice(SIZES + (64, 128)) * max(groups, 1),
                 "states": r.choice((1, 3, 4, 8, 16, 17)), "groups": groups, "constant_b": r.random() < 0.15,
                 "constant_c": r.random() < 0.15, "skip": r.random() < 0.5, "gate": r.random() < 0.5, "bias": r.random() < 0.4,
                 "softplus": r.random() < 0.5, "complex": r.random() < 0.2, "layout": r.choice(("btd", "bdt"))}  # fmt: skip
    return case


def draw_linear_attention(r):
    """Every combination of these is a valid op: `linear_attention` below leaves out what does not go together."""
    return {
        "batch": r.choice((1, 1, 2, 3)), "time": r.choice(TIMES + (67,)), "keys": r.choice(SIZES + (4, 12, 64)),
        "values": r.choice(SIZES + (4, 12, 64, 100)), "heads": r.choice((1, 1, 2, 3)), "query_group": r.choice((1, 1, 1, 2, 3)),
        "key_group": r.choice((1, 1, 2)), "decay": r.choice(("none", "constant", "head", "head", "key", "key")),
        "extreme": r.random() < 0.3, "rule": r.choice(("plain", "plain", "delta", "delta", "low_rank")),
        "pre_update": r.random() < 0.25, "bonus": r.random() < 0.7, "normalize": r.random() < 0.2, "l2norm": r.random() < 0.3,
        "bidirectional": r.random() < 0.3, "reverse": r.random() < 0.3, "vk": r.random() < 0.2,
        "sequences": r.choice((0, 0, 0, 1, 2, 5)), "chunk": r.choice((0, 0, 0, 1, 3, 16, 64)), "unit_scale": r.random() < 0.5,
        "type": r.choice(("f32", "f32", "f32", "f16", "bf16", "bf16")),
    }  # fmt: skip


AFFINE = """^bb0(%a1: f32, %b1: f32, %a2: f32, %b2: f32):
  %a = arith.mulf %a2, %a1 : f32
  %p = arith.mulf %a2, %b1 : f32
  %b = arith.addf %p, %b2 : f32
  linnet.yield %a, %b : f32, f32"""
FIRST_MAXIMUM = """^bb0(%x: f32, %i: i32, %y: f32, %j: i32):
  %keep = arith.cmpf oge, %x, %y : f32
  %v = arith.select %keep, %x, %y : f32
  %k = arith.select %keep, %i, %j : i32
  linnet.yield %v, %k : f32, i32"""


def matrices(n):
    """Products of n x n matrices, which do not commute."""
    lines, entries = [], []
    element = f"tensor<{n}x{n}xf32>"
    for i in range(n):
        lines.append(f"  %c{i} = arith.constant {i} : index")
    for side in "xy":
        for i in range(n):
            for j in range(n):
                lines.append(f"  %{side}{i}{j} = tensor.extract %{side}[%c{i}, %c{j}] : {element}")
    for i in range(n):
        for j in range(n):
            for k in range(n):
                lines.append(f"  %p{i}{j}{k} = arith.mulf %y{i}{k}, %x{k}{j} : f32")
                if k:
                    before = f"%p{i}{j}0" if k == 1 else f"%s{i}{j}{k - 1}"
                    lines.append(f"  %s{i}{j}{k} = arith.addf {before}, %p{i}{j}{k} : f32")
            entries.append(f"%s{i}{j}{n - 1}" if n > 1 else f"%p{i}{j}0")
    lines.append(f"  %m = tensor.from_elements {', '.join(entries)} : {element}")
    return f"^bb0(%x: {element}, %y: {element}):\n" + "\n".join(lines) + f"\n  linnet.yield %m : {element}"


COMBINERS = {  # the elements' (shape, type), and the region
    "affine": ([((), "f32"), ((), "f32")], AFFINE),
    "first_maximum": ([((), "f32"), ((), "i32")], FIRST_MAXIMUM),
    "matrices2": ([((2, 2), "f32")], matrices(2)),
    "matrices3": ([((3, 3), "f32")], matrices(3)),
}


# ------------------------------------------------------------------ modules


def narrow(values, element):
    """float32 as 16 bits; numpy has no bfloat16, so its bits, rounded towards 0."""
    return values.astype(np.float16) if element == "f16" else (values.view(np.uint32) >> 16).astype(np.uint16)


def widen(values):
    if values.dtype == np.uint16:
        return (values.astype(np.uint32) << 16).view(np.float32)
    return values.astype(np.float32) if values.dtype == np.float16 else values


def build(case, name):
    """(function, inputs by name): what is compiled, and what it runs on."""
    function = _mlir.Function(name)
    rng = np.random.default_rng(case["seed"])
    inputs = {}

    def array(label, sizes, role="input", element="f32", low=-1.0, high=1.0, special=SPECIAL, values=None):
        """An argument and its values; a size is (number, symbol or None)."""
        shape = tuple(number for number, _ in sizes)
        label = f"{name}_{label}"
        if values is not None:
            assert values.shape == shape
        elif element == "f32":
            values = rng.uniform(low, high, shape).astype(np.float32)
            if case["special"] and values.size:
                hit = rng.random(shape) < 0.05
                values[hit] = rng.choice(special, int(hit.sum()))
        elif element in ("f16", "bf16"):
            values = narrow(rng.uniform(low, high, shape).astype(np.float32), element)
            if case["special"] and values.size:
                hit = rng.random(shape) < 0.05
                values[hit] = narrow(rng.choice(special, int(hit.sum())), element)
        elif element == "i8":
            values = (rng.random(shape) < 0.2).astype(np.int8)
        else:
            values = rng.integers(-5, 6, shape).astype({"i32": np.int32, "i64": np.int64}[element])
        inputs[label] = values
        return function.argument(label, [symbol or number for number, symbol in sizes], role, element)

    def size(number, symbol, index):
        return number, symbol if case["dynamic"][index] else None

    flags = []
    if case["op"] in ("affine_scan", "scan", "custom"):
        sizes = [size(number, "NTM"[i], i) for i, number in enumerate(case["shape"])]
        rest = sizes[: case["dim"]] + sizes[case["dim"] + 1 :]
        flags = [f"dimension = {case['dim']} : i64"] + ["reverse"] * case["reverse"]
    if case["op"] == "affine_scan":
        pair = [(2, None)] * case["complex"]
        # An infinite factor that meets a 0 is the one case where the lanes decide (docs/spec/scan.md).
        a, b = array("a", sizes + pair, special=SPECIAL[~np.isinf(SPECIAL)]), array("b", sizes + pair)
        state = array("s", rest + pair, "state")
        flags += ["complex"] * case["complex"]
        results = function.scan("affine_scan", (a, b), (function.empty(a.shape), state), ", ".join(flags))
    elif case["op"] in ("scan", "custom"):
        if case["op"] == "scan":
            elements, region, kind = [((), case["type"])], None, case["kind"]
            flags += ["exclusive"] * case["exclusive"]
        else:
            (elements, region), kind = COMBINERS[case["combine"]], "custom"
        flags += ["unseeded"] * case["unseeded"]
        if any(shape for shape, _ in elements):
            flags.append(f"element_ranks = array<i64: {', '.join(str(len(shape)) for shape, _ in elements)}>")
        tails = [[(n, None) for n in shape] for shape, _ in elements]
        xs = [array(f"x{i}", sizes + tail, element=type) for i, (tail, (_, type)) in enumerate(zip(tails, elements))]
        states = [array(f"s{i}", rest + tail, "state", type) for i, (tail, (_, type)) in enumerate(zip(tails, elements))]
        segments = array("g", sizes, element="i8") if case["segments"] else None
        outs = [function.empty(x.shape, x.element) for x in xs]
        results = function.element_scan(kind, xs, outs, states, ", ".join(flags), segments, region and "{\n" + region + "\n}")
    elif case["op"] == "causal_conv1d":
        b, t, d = size(case["batch"], "B", 0), size(case["time"], "T", 1), (case["channels"], None)
        order = (lambda time: [b, time, d]) if case["layout"] == "btd" else (lambda time: [b, d, time])
        x, weight = array("x", order(t)), array("w", [d, (case["width"], None)])
        bias = array("bias", [d]) if case["bias"] else None
        state = array("s", order((case["width"] - 1, None)), "state")
        attributes = f"layout = #linnet.layout<{case['layout']}>" + (", activation = #linnet.activation<silu>" if case["silu"] else "")
        results = function.scan("causal_conv1d", (x, weight), (function.empty(x.shape), state), attributes, bias=bias)
    elif case["op"] == "linear_attention":
        results = linear_attention(case, function, rng, array, size)
    elif case["op"] == "block_local_attention":
        results = block_local_attention(case, function, array, size)
    else:
        b, t = size(case["batch"], "B", 0), size(case["time"], "T", 1)
        d, n = (case["channels"], None), (case["states"], None)
        pair = [(2, None)] * case["complex"]
        btd = case["layout"] == "btd"
        sequence = [b, t, d] if btd else [b, d, t]

        def coefficients(label, constant):
            if constant:
                return array(label, [d, n] + pair)
            groups = [(case["groups"], None)] * (case["groups"] > 0)
            return array(label, ([b, t] + groups + [n] if btd else [b] + groups + [n, t]) + pair)

        u, delta = array("u", sequence), array("delta", sequence, low=0.01, high=0.5)
        a = array("A", [d, n] + pair, low=-2.0, high=-0.1)
        coefs = coefficients("B", case["constant_b"]), coefficients("C", case["constant_c"])
        optional = {
            "skip": array("D", [d]) if case["skip"] else None,
            "gate": array("z", sequence) if case["gate"] else None,
            # Without softplus a negative step makes states grow, and their rounding with them.
            "delta_bias": array("bias", [d], low=-1.0 if case["softplus"] else 0.0) if case["bias"] else None,
        }
        state = array("s", [b, d, n] + pair, "state")
        attributes = f"layout = #linnet.layout<{case['layout']}>" + ", delta_softplus" * case["softplus"] + ", complex" * case["complex"]
        results = function.scan("selective_scan", (u, delta, a, *coefs), (function.empty(u.shape), state), attributes, **optional)
    states = [label for label in inputs if label[len(name) + 1] == "s"]
    for i, value in enumerate(results):
        is_state = i >= len(results) - len(states)
        function.result(value, states[i - len(results) + len(states)] if is_state else f"{name}_y{i}", "state" if is_state else "output")
    return function, inputs


def linear_attention(case, function, rng, array, size):
    rule, decay, pre_update = case["rule"], case["decay"], case["pre_update"]
    normalize = case["normalize"] and rule == "plain" and not pre_update
    bidirectional = case["bidirectional"] and rule == "plain" and decay == "none" and not (pre_update or case["reverse"])
    packed, vk = case["sequences"] > 0, case["vk"]
    b, t = (1, None) if packed else size(case["batch"], "B", 0), size(case["time"], "T", 1)
    n = size(case["sequences"], "N", 2) if packed else b
    heads = case["heads"] * case["query_group"] * case["key_group"]
    h, k, v = (heads, None), (case["keys"], None), (case["values"], None)
    # NaN goes the same ways on both paths, infinities need not (docs/spec/linear-attention.md).
    special = SPECIAL[~np.isinf(SPECIAL)]
    # Sums of keys stay away from 0, and what a token erases is at most what is there.
    low, length, element = (0.1 if normalize else -1.0), case["keys"] ** -0.5, case["type"]
    ins = (
        array("q", [b, t, (heads // case["query_group"], None), k], element=element, low=low, special=special),
        array("k", [b, t, (heads // case["key_group"], None), k], element=element, low=low * length, high=length, special=special),
        array("v", [b, t, h, v], element=element, special=special),
    )
    optional = {}
    if decay != "none":
        sizes = {"constant": [h], "head": [b, t, h], "key": [b, t, h, k]}[decay]
        shape = [number for number, _ in sizes]
        logs = rng.choice(DECAYS, shape) if case["extreme"] else -rng.exponential(0.5, shape).astype(np.float32)
        optional["log_decay"] = array("decay", sizes, values=logs)
    if rule == "delta":
        optional["beta"] = array("beta", [b, t, h], element=element, low=0.0, special=special)
    elif rule == "low_rank":
        for label in ("erase", "write"):
            optional[label] = array(label, [b, t, h, k], element=element, low=-0.7 * length, high=0.7 * length, special=special)
    if pre_update and case["bonus"]:
        optional["bonus"] = array("bonus", [h, k], element=element, special=special)
    if packed:
        cuts = np.sort(rng.integers(0, case["time"] + 1, case["sequences"] - 1))
        offsets = np.concatenate([[0], cuts, [case["time"]]]).astype(np.int32 if case["seed"] % 2 else np.int64)
        integer = "i32" if case["seed"] % 2 else "i64"
        optional["cu_seqlens"] = array("offsets", [size(case["sequences"] + 1, "P", 3)], element=integer, values=offsets)
    columns = (case["values"] + normalize, None)
    state = array("s", [n, h, *((columns, k) if vk else (k, columns))], "state", low=low, special=special)
    flags = {"pre_update": pre_update, "normalize": normalize, "qk_l2norm": case["l2norm"], "bidirectional": bidirectional,
             "reverse": case["reverse"]}  # fmt: skip
    attributes = [f"scale = {1.0 if case['unit_scale'] else length} : f64", *(flag for flag, is_set in flags.items() if is_set)]
    attributes += ["state_layout = #linnet.state_layout<vk>"] * vk + [f"chunk_size = {case['chunk']} : i64"] * (case["chunk"] > 0)
    return function.scan("linear_attention", ins, (function.empty(ins[2].shape, element), state), ", ".join(attributes), **optional)


def block_local_attention(case, function, array, size):
    b, t = size(case["batch"], "B", 0), size(case["time"], "T", 1)
    heads, k = case["heads"] * case["query_group"] * case["key_group"], (case["keys"], None)
    ins = [array(label, [b, t, (heads // group, None), last], element=case["type"], special=SPECIAL[~np.isinf(SPECIAL)])
           for label, group, last in (("q", case["query_group"], k), ("k", case["key_group"], k), ("v", 1, (case["values"], None)))]  # fmt: skip
    attributes = f"block_size = {case['block']} : i64, scale = {case['keys'] ** -0.5} : f64" + ", causal" * case["causal"]
    attributes += ", weights = #linnet.score_weights<relu>" * case["relu"]
    return function.scan("block_local_attention", ins, (function.empty(ins[2].shape, case["type"]),), attributes)


def module_text(functions):
    symbols = list(dict.fromkeys(symbol for function in functions for symbol in function._symbols))
    names = ", ".join(f'"{symbol}"' for symbol in symbols)
    bodies = ["\n".join(function.text().splitlines()[1:-1]) for function in functions]
    return f"module @random attributes {{linnet.symbols = [{names}]}} {{\n" + "\n".join(bodies) + "\n}\n"


def run(cases, path, folder):
    """The results of every case by one path; raises CompileError."""
    built = [build(case, f"f{i}") for i, case in enumerate(cases)]
    output = os.path.join(folder, f"{path}-{os.getpid()}-{time.monotonic_ns()}.so")
    _compiler.load().compile("random", module_text([function for function, _ in built]), output, path)
    library = Library(output)
    os.unlink(output)
    results = []
    for function, inputs in built:
        results.append(Kernel(library, function.name, list(inputs))(*inputs.values()))
    return results


# ------------------------------------------------------------------ comparison


def differ(case, fast, reference):
    """What differs, or None. Sums are made in another order, so finite values may be apart by rounding."""
    for i, (got, want) in enumerate(zip(fast, reference)):
        if got.shape != want.shape or got.dtype != want.dtype:
            return f"result {i} is {got.dtype}{list(got.shape)}, expected {want.dtype}{list(want.shape)}"
        tolerance = TOLERANCES.get(case.get("type"), TOLERANCES["f32"])
        got, want = widen(got), widen(want)
        if got.dtype.kind != "f":
            if not np.array_equal(got, want):
                return f"result {i} differs in {int((got != want).sum())} of {want.size} integers"
            continue
        finite = np.isfinite(want)
        if not np.array_equal(np.isnan(got), np.isnan(want)) or not np.array_equal(got[~finite], want[~finite], equal_nan=True):
            return f"result {i} has NaN or infinity in other places"
        if not finite.any():
            continue
        scale = max(1.0, float(np.abs(want[finite]).max()))
        error = np.abs(got[finite].astype(np.float64) - want[finite])
        allowed = tolerance * np.maximum(scale * 0.1, np.abs(want[finite]))
        if (error > allowed).any():
            return f"result {i} is off by {error.max():.3g} where values reach {scale:.3g}"
    return None


def check(cases, folder):
    """The first mismatch of each case that has one: (case, what)."""
    try:
        pairs = list(zip(cases, run(cases, "fast", folder), run(cases, "reference", folder)))
    except CompileError as error:
        if len(cases) == 1:
            return [(cases[0], str(error).splitlines()[0])]
        return [fault for case in cases for fault in check([case], folder)]
    return [(case, what) for case, fast, reference in pairs if (what := differ(case, fast, reference))]


def isolated(cases, folder):
    """`check` in a process of its own: a crash or a hang is a mismatch too, found by halving."""
    receive, send = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=lambda: send.send(check(cases, folder)))
    process.start()
    send.close()
    try:
        faults = receive.recv() if receive.poll(TIMEOUT) else None
    except EOFError:
        faults = None
    if faults is None:
        process.kill()
    process.join()
    if faults is not None:
        return faults
    if len(cases) == 1:
        return [(cases[0], f"died ({process.exitcode}) or took more than {TIMEOUT} s")]
    half = len(cases) // 2
    return isolated(cases[:half], folder) + isolated(cases[half:], folder)


def minimise(case, folder):
    """A smaller case that still fails: options off, sizes down, one change at a time."""
    changed = True
    while changed:
        changed = False
        for key, value in list(case.items()):
            candidates = []
            if isinstance(value, bool) and value:
                candidates = [False]
            elif isinstance(value, int) and key not in ("seed", "dim") and value > 1:
                candidates = [1, value // 2, value - 1] if key not in ("sequences", "chunk") else [0, value // 2, value - 1]
            elif key == "shape":
                candidates = [value[:i] + [n] + value[i + 1 :] for i, size in enumerate(value) for n in (1, size // 2, size - 1) if 0 < n < size]
            elif key == "dynamic" and any(value):
                candidates = [[False] * len(value)]
            elif key in SIMPLEST and value != SIMPLEST[key]:
                candidates = [SIMPLEST[key]]
            for candidate in candidates:
                smaller = {**case, key: candidate}
                try:
                    failing = isolated([smaller], folder)
                except Exception:  # noqa: BLE001  an impossible combination of options
                    continue
                if failing:
                    case, changed = smaller, True
                    break
    return case


def work(arguments):
    seeds, only, folder = arguments
    return isolated([draw(seed, only) for seed in seeds], folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="modules (default 1000)")
    parser.add_argument("--seed", type=int, default=0, help="of the first module; they are numbered on from it")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes")
    parser.add_argument("--op", choices=sorted(set(OPS)), help="modules of this operation only")
    args = parser.parse_args()
    start, faults, kinds = time.monotonic(), [], collections.Counter()
    with tempfile.TemporaryDirectory(prefix="linnet-random-") as folder:
        ranges = range(args.seed, args.seed + args.count, BATCH)
        batches = [(range(first, min(first + BATCH, args.seed + args.count)), args.op, folder) for first in ranges]
        with multiprocessing.pool.ThreadPool(args.jobs) as pool:
            for i, found in enumerate(pool.imap(work, batches), 1):
                faults += found
                if sys.stderr.isatty() or i % 50 == 0 or i == len(batches):
                    done = min(i * BATCH, args.count)
                    print(f"\r{done} of {args.count} modules, {len(faults)} mismatches, {time.monotonic() - start:.0f} s",
                          end="", file=sys.stderr, flush=True)  # fmt: skip
        print(file=sys.stderr)
        for case, what in faults[:5]:
            small = minimise(case, folder)
            print(f"MISMATCH seed {case['seed']}: {what}\n  smallest: {small}")
            print(module_text([build(small, "f0")[0]]))
    for seed in range(args.seed, args.seed + args.count):
        kinds[draw(seed, args.op)["op"]] += 1
    print(", ".join(f"{count} {op}" for op, count in sorted(kinds.items())))
    print(f"{args.count - len(faults)} modules agree, {len(faults)} do not")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
