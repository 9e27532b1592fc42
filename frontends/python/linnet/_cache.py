# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiled kernels on disk.

A file is named after the operation and a hash of everything that its code depends on: the MLIR text, the build of the
compiler, the processor and the path. It is a shared library with a trailer, which the loader of the system ignores:

    library | description | blake2b of both, 32 bytes | size of the description, 8 bytes | magic, 8 bytes

The description is text: lines "name: value", an empty line, and the remarks of the compiler.

Any file that is not exactly that is compiled again and replaced. Files are written beside their place and moved there,
so a reader sees all of one or none; processes that want the same kernel at once wait for the first to compile it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from typing import Any, Dict, Iterator, NamedTuple, Optional, Tuple

from . import _compiler
from ._linnet import Library
from ._warnings import warn

try:
    from _blake2 import blake2b  # what hashlib gives, without the 10 ms in which hashlib loads OpenSSL
except ImportError:
    from hashlib import blake2b

_MAGIC = b"linnetK2"
_DIGEST_BYTES = 32
_TRAILER_BYTES = _DIGEST_BYTES + 8 + len(_MAGIC)
_SUFFIX = ".kernel.so"


class Entry(NamedTuple):
    """A kernel in the cache; `description` is None for a damaged file."""

    file: str
    bytes: int
    modified: float
    description: Optional[Dict[str, str]]


def directory() -> str:
    """$LINNET_CACHE_DIR, else linnet in $XDG_CACHE_HOME or in ~/.cache."""
    chosen = os.environ.get("LINNET_CACHE_DIR")
    if chosen:
        return os.path.abspath(os.path.expanduser(chosen))
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(caches, "linnet")


#: {library: (function, module)} of what this process has loaded, for those who count the work of what runs.
sources: Dict[str, Tuple[str, str]] = {}


def load_or_compile(op: str, text: str, path: str) -> Tuple[Any, str]:
    """The library for the module `text`, and what the compiler remarked about it."""
    compiler, cpu = _compiler.identity(), _compiler.host_cpu()
    digest = blake2b("\0".join((compiler, cpu, path, text)).encode(), digest_size=16).hexdigest()
    file = os.path.join(directory(), f"{op}-{digest}{_SUFFIX}")
    found = _open(file, digest)
    if found is None:
        with _lock(file):
            found = _open(file, digest)  # another process may have been faster
            if found is None:
                found = _compile(op, text, path, file, {"digest": digest, "op": op, "path": path, "compiler": compiler})
    sources[found[0].path] = (op, text)
    return found


def _open(file: str, digest: str) -> Optional[Tuple[Any, str]]:
    """The library, or None where there is no sound file of this key."""
    try:
        with open(file, "rb") as opened:
            description = _check(opened.read())
        if description is None or description.get("digest") != digest:
            return None
        return Library(file), description["remarks"]
    except (OSError, ValueError, KeyError):
        return None


def _check(data: bytes) -> Optional[Dict[str, str]]:
    """The description in the bytes of a file, or None where they are not what was once written."""
    if len(data) < _TRAILER_BYTES or not data.endswith(_MAGIC):
        return None
    end = len(data) - _TRAILER_BYTES
    size = int.from_bytes(data[-len(_MAGIC) - 8 : -len(_MAGIC)], "little")
    if size > end or blake2b(data[:end], digest_size=_DIGEST_BYTES).digest() != data[end : end + _DIGEST_BYTES]:
        return None
    head, _, remarks = data[end - size : end].decode().partition("\n\n")
    return {**dict(line.split(": ", 1) for line in head.splitlines()), "remarks": remarks}


def _describe(remarks: str, **values: Any) -> bytes:
    return ("\n".join(f"{name}: {value}" for name, value in values.items()) + "\n\n" + remarks).encode()


def _compile(op: str, text: str, path: str, file: str, description: Dict[str, str]) -> Tuple[Any, str]:
    import tempfile  # 4 ms that a process with all kernels in the cache saves

    # Compiled outside of the cache: a full or read-only cache must not stand in the way of the result.
    with tempfile.TemporaryDirectory(prefix="linnet-") as folder:
        output = os.path.join(folder, os.path.basename(file))
        start = time.perf_counter()
        remarks = _compiler.load().compile(op, text, output, path)
        trailer = _describe(remarks, **description, seconds=round(time.perf_counter() - start, 4))
        with open(output, "rb") as compiled:
            data = compiled.read()
        data += trailer
        data += blake2b(data, digest_size=_DIGEST_BYTES).digest() + len(trailer).to_bytes(8, "little") + _MAGIC
        try:
            _write(file, data)
        except OSError as error:
            warn(
                f"cannot keep compiled kernels in {os.path.dirname(file)} ({error.strerror}), so every process "
                "compiles its own; set LINNET_CACHE_DIR to a folder that can be written",
                RuntimeWarning,
            )
            return Library(output), remarks  # stays mapped when the file is gone
    return Library(file), remarks


def _write(file: str, data: bytes) -> None:
    import tempfile

    folder = os.path.dirname(file)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=".new-", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(data)
        os.chmod(temporary, 0o755)
        os.replace(temporary, file)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


@contextlib.contextmanager
def _lock(file: str) -> Iterator[None]:
    """Held by one process at a time. Where a lock cannot be had, none is taken: it saves work, it does not protect."""
    name = file + ".lock"
    descriptor = None
    try:
        os.makedirs(os.path.dirname(file), mode=0o700, exist_ok=True)
        while True:
            descriptor = os.open(name, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            # Who held it may have removed the file meanwhile: then somebody else can lock a new one.
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), os.stat(name)):
                    break
            os.close(descriptor)
            descriptor = None
    except OSError:
        if descriptor is not None:
            os.close(descriptor)
            descriptor = None
    try:
        yield
    finally:
        if descriptor is not None:
            with contextlib.suppress(OSError):
                os.unlink(name)
            os.close(descriptor)


def entries() -> list[Entry]:
    """The kernels in the cache, newest first."""
    found = []
    for name in _names(_SUFFIX):
        file = os.path.join(directory(), name)
        with contextlib.suppress(OSError):
            status = os.stat(file)
            with open(file, "rb") as opened:
                found.append(Entry(file, status.st_size, status.st_mtime, _check(opened.read())))
    return sorted(found, key=lambda entry: -entry.modified)


def clear() -> int:
    """Removes all kernels; processes that use them are not disturbed. Gives how many there were."""
    removed = 0
    for name in _names(_SUFFIX, _SUFFIX + ".lock", prefix=".new-"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(directory(), name))
            removed += name.endswith(_SUFFIX)
    return removed


def _names(*suffixes: str, prefix: str = "\0") -> list[str]:
    try:
        return [name for name in os.listdir(directory()) if name.endswith(suffixes) or name.startswith(prefix)]
    except FileNotFoundError:
        return []
    except NotADirectoryError as error:
        raise NotADirectoryError(errno.ENOTDIR, "the cache of kernels is not a folder", directory()) from error
