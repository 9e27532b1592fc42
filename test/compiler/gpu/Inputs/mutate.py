# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Deletes every barrier of a module's kernels in turn; the simt device must object to each of the resulting libraries.

usage: mutate.py FILE.mlir WORK_DIR NAME=SHAPE... [--seeds N]

A barrier whose loss nobody notices in N orders of warps is superfluous, and an error: it should not be there. The
inputs NAME are ones of the shape ("3,300").
"""

import os
import re
import subprocess
import sys

import numpy as np

arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
seeds = next((int(a.split("=")[1]) for a in sys.argv[1:] if a.startswith("--seeds=")), 8)
module, work, *inputs = arguments
os.makedirs(work, exist_ok=True)
compiler = ["linnetc", "--target=nvptx64"]


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


text = run(*compiler, module, "--compile-to=gpu", "-o", "-").stdout
command = ["--device=simt"]
for pair in inputs:
    name, shape = pair.split("=")
    np.save(f"{work}/{name}.npy", np.ones([int(size) for size in shape.split(",")], np.float32))
    command += ["--input", f"{name}={work}/{name}.npy"]


def findings(code, seed):
    with open(f"{work}/mutant.mlir", "w") as file:
        file.write(code)
    library = f"{work}/mutant.so"
    built = run(*compiler, "--compile-from=gpu", f"{work}/mutant.mlir", "-o", library)
    if built.returncode:
        raise SystemExit(f"a mutant cannot be compiled:\n{built.stderr}")
    done = run("linnet-run", library, *command, f"--seed={seed}")
    return done.stderr if done.returncode else ""


if findings(text, 0):
    raise SystemExit("the module itself has findings:\n" + findings(text, 0))
barriers = [match for match in re.finditer(r"^ *gpu\.barrier.*\n", text, re.M)]
survivors = []
for number, barrier in enumerate(barriers):
    mutant = text[: barrier.start()] + text[barrier.end() :]
    found = next((f for f in (findings(mutant, seed) for seed in range(seeds)) if f), "")
    if "race" not in found and "before it is written" not in found:
        survivors.append(number)
print(f"{len(barriers)} barriers, {len(barriers) - len(survivors)} caught")
if survivors or not barriers:
    raise SystemExit(f"nobody notices that these barriers are gone: {survivors}")
