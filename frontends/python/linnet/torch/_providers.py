# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Modules with the names that models look up."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import List, Sequence

from ._kernels import PACKAGES

_MARK = "__linnet_provider__"


def install_providers(packages: Sequence[str] = tuple(PACKAGES)) -> List[str]:
    """Makes `import mamba_ssm`, `causal_conv1d` and `fla` find Linnet's kernels, in this process.

    Call it before the modeling modules of transformers are imported: they look their kernels up while they are
    imported. torch.export goes around providers; use linnet.patch() for it. A package that is really installed is left
    alone. Returns the names of the packages that are Linnet's now; remove_providers() takes them away again.

    Raises ValueError for the name of another package.
    """
    provided = []
    for package in packages:
        if package not in PACKAGES:
            raise ValueError(
                f"install_providers: argument packages: expected names of {', '.join(PACKAGES)}, got {package!r}"
            )
        if _is_ours(package):
            provided.append(package)
            continue
        if package in sys.modules or importlib.util.find_spec(package) is not None:
            continue
        for path, functions in PACKAGES[package].items():
            module = _module(package)
            for name in path.split(".") if path else ():
                child = _module(f"{module.__name__}.{name}")
                setattr(module, name, child)
                module = child
            for function in functions:
                setattr(module, function.__name__, function)
        provided.append(package)
    return provided


def remove_providers() -> None:
    """Takes the modules of install_providers away. Who has looked a kernel up keeps it."""
    for name in [name for name in sys.modules if _is_ours(name)]:
        del sys.modules[name]


def _is_ours(name: str) -> bool:
    return hasattr(sys.modules.get(name), _MARK)


def _module(name: str) -> ModuleType:
    module = sys.modules.get(name)
    if module is None:
        module = ModuleType(
            name, "Kernels of Linnet under the name that models look up (linnet.torch.install_providers)."
        )
        module.__path__ = []  # a package, so that what is below it can be imported
        module.__spec__ = importlib.util.spec_from_loader(name, loader=None, is_package=True)
        setattr(module, _MARK, True)
        sys.modules[name] = module
    return module
