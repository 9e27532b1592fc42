# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Linnet inside torch.

    torch.ops.linnet.*           the kernels as operators of torch, which torch.export keeps whole
    linnet.patch()               replaces the recurrences of Hugging Face models by them
    install_providers()          modules named mamba_ssm, causal_conv1d and fla with Linnet's kernels
    torch.compile(backend="linnet"), linnet.compile(...)      whole models
    decoder(model, cache=...)    the step of a model of transformers for one token, with its states

Threads: Linnet computes on the pool of its own runtime (linnet.set_num_threads), torch on its own (torch.set_num_threads).
A kernel of Linnet starts when torch's operator before it has ended and the other way round, so the two never compete
within one thread of the program; give both the same number of threads.
"""

from . import _operators
from ._patch import Patch, patch
from ._providers import install_providers, remove_providers

__all__ = [
    "CompiledModule",
    "Decoder",
    "Patch",
    "UnsupportedOperators",
    "compile",
    "decoder",
    "install_providers",
    "patch",
    "remove_providers",
]

#: What imports torch.export, which takes a second.
_LAZY = {
    "CompiledModule": "_export", "Decoder": "_decoder", "UnsupportedOperators": "_importer", "compile": "_export",
    "decoder": "_decoder",
}  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module 'linnet.torch' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"linnet.torch.{_LAZY[name]}"), name)
