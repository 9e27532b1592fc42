# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""python -m linnet cache list|clear|dir"""

import argparse
import sys
import time

from . import __version__, _cache, _compiler


def _list() -> None:
    current = _compiler.identity()
    entries = _cache.entries()
    for entry in entries:
        modified = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.modified))
        description = entry.description
        if description is None:
            what = "damaged; it is compiled again when it is needed"
        else:
            what = f"{description['op']}, path {description['path']}, compiled in {description['seconds'] * 1e3:.0f} ms"
            if description["compiler"] != current:
                what += "; of another compiler"
        print(f"{modified} {entry.bytes / 1024:8.1f} KiB  {what}")
    total = sum(entry.bytes for entry in entries)
    print(f"{len(entries)} kernels, {total / 1024:.1f} KiB in {_cache.directory()}")


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
    try:
        parser.parse_args().action()
    except OSError as error:
        print(f"linnet: error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
