# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""python -m linnet cache list|clear|dir, python -m linnet config"""

import argparse
import os
import sys
import time

from . import __version__, _cache, _compiler, _linnet


def _list() -> None:
    current = _compiler.identity()
    entries = _cache.entries()
    for entry in entries:
        modified = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.modified))
        description = entry.description
        if description is None:
            what = "damaged; it is compiled again when it is needed"
        else:
            what = f"{description['op']}, path {description['path']}, compiled in {float(description['seconds']) * 1e3:.0f} ms"
            if description["compiler"] != current:
                what += "; of another compiler"
        print(f"{modified} {entry.bytes / 1024:8.1f} KiB  {what}")
    total = sum(entry.bytes for entry in entries)
    print(f"{len(entries)} kernels, {total / 1024:.1f} KiB in {_cache.directory()}")


def _config() -> None:
    include = os.path.join(os.path.dirname(os.path.abspath(_linnet.__file__)), "include")
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
        runtime = next(line.split(None, 5)[5].rstrip("\n") for line in maps if "liblinnet_runtime.so" in line)
    print(f"-I{include} {runtime} -Wl,-rpath,{os.path.dirname(runtime)}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m linnet", description=f"Linnet {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    cache = commands.add_parser("cache", help="the compiled kernels on disk")
    actions = cache.add_subparsers(required=True, metavar="ACTION")
    for name, text, action in (
        ("list", "show them", _list),
        ("clear", "remove all", lambda: print(f"removed {_cache.clear()} kernels from {_cache.directory()}")),
        ("dir", "print the folder", lambda: print(_cache.directory())),
    ):
        actions.add_parser(name, help=text).set_defaults(action=action)
    config = commands.add_parser("config", help="print what a C compiler needs for a program that uses the runtime")
    config.set_defaults(action=_config)
    try:
        parser.parse_args().action()
    except OSError as error:
        print(f"linnet: error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
