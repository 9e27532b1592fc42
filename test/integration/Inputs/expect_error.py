# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a command that must fail as Linnet's tools do, and prints what it said on stderr.

That is: exit code 1, one error, which is one line, and no file more or less than before in FOLDER, nor another content.

usage: expect_error.py [--file-limit BYTES] [--stdout FILE] FOLDER COMMAND...

  --file-limit BYTES   no file may become longer, as on a disk that is full
  --stdout FILE        where standard output goes, e.g. /dev/full
"""

import argparse
import pathlib
import resource
import subprocess
import sys


def contents(folder):
    return {path: path.read_bytes() for path in pathlib.Path(folder).rglob("*") if path.is_file()}


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--file-limit", type=int)
    parser.add_argument("--stdout", default="/dev/null")
    parser.add_argument("folder")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()

    def limit():
        if options.file_limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (options.file_limit, options.file_limit))

    before = contents(options.folder)
    with open(options.stdout, "wb") as stdout:
        run = subprocess.run(options.command, stdout=stdout, stderr=subprocess.PIPE, preexec_fn=limit)
    after = contents(options.folder)
    message = run.stderr.decode(errors="backslashreplace")
    print(message, end="")
    faults = []
    if run.returncode != 1:
        faults.append(f"expected exit code 1, got {run.returncode}")
    errors = [line for line in message.splitlines() if "error: " in line]
    if len(errors) != 1:
        faults.append(f"expected one line with an error, got {len(errors)}")
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) != after.get(path):
            faults.append(f"expected {path} to be left as it was")
    for fault in faults:
        print("expect_error.py:", fault)
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
