# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles a module for this CPU and for a GPU, runs both on the same random numbers, and compares what they give.

usage: compare_devices.py FILE.mlir WORK_DIR [--sizes T=37,B=2] [--seeds N] [--tolerance X] [--chip CHIP] [--traffic]

The GPU's kernels run under the simt device with all of its checks, in N orders of warps. The function is `main`.
With --traffic, what each kernel moves at the last sizes may be 1.5 times the fewest wavefronts and 1.1 times the fewest
sectors. Inputs are normal, integers from 0 on, but those named decay* (negative), gate* (0 to 1), start* (seldom 1).
"""

import argparse
import os
import re
import subprocess

import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("module")
parser.add_argument("work")
parser.add_argument("--sizes", action="append", default=[])
parser.add_argument("--seeds", type=int, default=8)
parser.add_argument("--tolerance", type=float, default=2e-6)
parser.add_argument("--chip", default="sm_80")
parser.add_argument("--path", default="auto")
parser.add_argument("--traffic", action="store_true")
options = parser.parse_args()
os.makedirs(options.work, exist_ok=True)


def place(name):
    return os.path.join(options.work, name)


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed with {done.returncode}:\n{done.stderr}")
    return done


run("linnetc", options.module, "-o", place("cpu.so"), "--path=reference")
chip = f"--gpu-chip={options.chip}"
run("linnetc", options.module, "--target=nvptx64", chip, "-o", place("gpu.so"), f"--path={options.path}")
description = run("linnet-run", place("gpu.so"), "--describe").stdout
arguments = re.findall(r"^  (input|output) (\S+): (\S+) \[(.*)\]$", description, re.M)
types = {"f32": np.float32, "f16": np.float16, "f64": np.float64, "i32": np.int32, "i64": np.int64, "i8": np.int8}


def make(name, dtype, shape, generator):
    if name.startswith("decay"):
        return -generator.uniform(0.01, 0.5, shape).astype(dtype)
    if name.startswith("gate"):
        return generator.uniform(0, 1, shape).astype(dtype)
    if name.startswith("start"):
        return (generator.random(shape) < 0.1).astype(dtype)
    if np.issubdtype(dtype, np.integer):
        return generator.integers(0, 50, shape).astype(dtype)
    return generator.normal(size=shape).astype(dtype)


def call(library, prefix, inputs, outputs, *extra):
    command = ["linnet-run", place(library), *extra]
    for name in inputs:
        command += ["--input", f"{name}={place('in.' + name + '.npy')}"]
    for name in outputs:
        command += ["--output", f"{name}={place(prefix + name + '.npy')}"]
    call.said = run(*command).stderr
    return [np.load(place(prefix + name + ".npy")) for name in outputs]


for sizes in options.sizes or [""]:
    symbols = dict((key, int(value)) for key, value in (pair.split("=") for pair in sizes.split(",") if pair))
    generator = np.random.default_rng(1)
    inputs = []
    for role, name, dtype, dims in arguments:
        if role == "input":
            shape = [symbols[d] if d in symbols else int(d) for d in dims.split(", ") if d]
            np.save(place("in." + name + ".npy"), make(name, types[dtype], shape, generator))
            inputs.append(name)
    outputs = [name for role, name, *_ in arguments if role == "output"]
    expected = call("cpu.so", "cpu.", inputs, outputs)
    for seed in range(options.seeds):
        for name, want, got in zip(
            outputs, expected, call("gpu.so", "gpu.", inputs, outputs, "--device=simt", f"--seed={seed}")
        ):
            scale = max(1.0, float(np.abs(want).max(initial=0)))
            error = float(np.abs(got.astype(np.float64) - want.astype(np.float64)).max(initial=0)) / scale
            if not error <= options.tolerance:
                raise SystemExit(
                    f"{sizes}, seed {seed}: '{name}' differs by {error} of its greatest, allowed {options.tolerance}"
                )
    print(f"{sizes or 'no sizes'}: {len(outputs)} outputs agree, {options.seeds} orders of warps")

if options.traffic:
    call("gpu.so", "gpu.", inputs, outputs, "--device=simt", "--stats")
    kernels = {}
    for line in call.said.splitlines():
        match = re.match(r" *(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +\d+  .*, (\S+)", line)
        if match and match[6] != "all":
            total = kernels.setdefault(match[6], np.zeros(5, np.int64))
            total += [int(match[i]) for i in range(1, 6)]
    if not kernels:
        raise SystemExit("no counters in:\n" + call.said)
    wrong = False
    for kernel, (requests, waves, fewest_waves, sectors, fewest_sectors) in kernels.items():
        exceeds = waves > 1.5 * fewest_waves or sectors > 1.1 * fewest_sectors
        wrong |= exceeds
        mark = " !" if exceeds else ""
        print(f"{kernel}: wavefronts {waves} of {fewest_waves}, sectors {sectors} of {fewest_sectors}{mark}")
    if wrong:
        raise SystemExit("a kernel moves more than it may")
