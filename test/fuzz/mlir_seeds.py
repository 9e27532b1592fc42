#!/usr/bin/env python3
# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes every function of the .mlir tests to a file of its own: seeds of linnet-fuzz-mlir, beside its corpus.

usage: mlir_seeds.py FOLDER
"""

import hashlib
import pathlib
import re
import sys


def pieces(text):
    """Top-level functions and modules: from their first line to the closing brace at its start."""
    text = re.sub(r"(?m)^\s*//.*\n", "", text)
    aliases = "".join(re.findall(r"(?m)^[#!].*\n", text))
    for match in re.finditer(r"(?ms)^(?:func\.func|module).*?^}\n", text):
        used = [line for line in aliases.splitlines(True) if re.match(r"[#!][\w.]+", line).group() in match.group()]
        yield "".join(used) + match.group()


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__.strip())
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    tests = pathlib.Path(__file__).resolve().parent.parent
    for file in sorted(tests.rglob("*.mlir")):
        for piece in pieces(file.read_text()):
            (folder / hashlib.sha1(piece.encode()).hexdigest()).write_text(piece)


if __name__ == "__main__":
    main()
