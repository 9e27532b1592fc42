# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The threads of the runtime."""

from operator import index

from . import _linnet


def set_num_threads(count: int) -> None:
    """Sets how many threads the process uses for kernels and models, the caller's included.

    At first that is $LINNET_NUM_THREADS, or the number of CPUs the process may run on. Results do not depend on it, to
    the last bit. It is independent of torch.set_num_threads: each library has a pool of its own, and only one of them
    computes at a time unless the program has threads of its own.

    Raises ValueError unless 1 <= count <= 1024.
    """
    _linnet.set_num_threads(index(count))


def num_threads() -> int:
    """How many threads the process uses for kernels and models."""
    return _linnet.num_threads()
