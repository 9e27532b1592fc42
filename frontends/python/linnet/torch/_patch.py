# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Replaces the recurrences of Hugging Face models by operators of Linnet."""

from __future__ import annotations

import functools
import inspect
import re
import sys
from types import ModuleType
from typing import Any, Callable, Dict, List, Optional, Tuple

import torch

from ._kernels import PACKAGES

_ops = torch.ops.linnet
_LOOKED_UP = {f.__name__: f for modules in PACKAGES.values() for functions in modules.values() for f in functions}
_MODELING = re.compile(r"transformers\.models\.\w+\.modeling_\w+")


class Patch:
    """What patch() replaced. undo() puts it back, as does leaving a `with`."""

    def __init__(self) -> None:
        self._replaced: List[Tuple[Any, str, Any, Any]] = []

    @property
    def names(self) -> List[str]:
        """The places that are replaced, "transformers.models.mamba.modeling_mamba.mamba_selective_scan", ..."""
        return [f"{_name(owner)}.{attribute}" for owner, attribute, _, _ in self._replaced]

    def undo(self) -> None:
        """Puts back what was there before. What somebody else has replaced since is left alone."""
        while self._replaced:
            owner, attribute, before, ours = self._replaced.pop()
            if vars(owner).get(attribute) is ours:
                setattr(owner, attribute, before)

    def _replace(self, owner: Any, attribute: str, ours: Any) -> None:
        before = vars(owner)[attribute]
        if not hasattr(before, "__linnet__"):
            ours.__linnet__ = True
            setattr(owner, attribute, ours)
            self._replaced.append((owner, attribute, before, ours))

    def __enter__(self) -> "Patch":
        return self

    def __exit__(self, *exception: Any) -> None:
        self.undo()

    def __repr__(self) -> str:
        return f"<linnet.Patch of {len(self._replaced)} functions>"


def _name(owner: Any) -> str:
    return owner.__name__ if isinstance(owner, ModuleType) else f"{owner.__module__}.{owner.__qualname__}"


def patch() -> Patch:
    """Replaces the recurrences of all models of transformers that are imported by now: call it when the model exists,
    and before torch.export or torch.compile sees it.

    Replaced are the functions that transformers looks up in mamba_ssm, causal_conv1d and fla (selective scans, Mamba-2,
    delta rules, short convolutions, and their forms for one token), by name the recurrences of MiniMax, RecurrentGemma and
    RWKV, and in graphs that are exported or compiled the default of mixtures of experts. Models then run on Linnet's
    kernels, without gradients.

    Returns a Patch. A second call replaces only what the first did not.
    """
    result = Patch()
    for name, module in list(sys.modules.items()):
        if module is None or not _MODELING.fullmatch(name):
            continue
        for attribute, function in list(vars(module).items()):
            kernel = _LOOKED_UP.get(_looked_up_name(function) or "")
            if kernel is not None:
                result._replace(module, attribute, _adapter(function, kernel))
        for path, ours in _BY_NAME.get(name, {}).items():
            owner: Any = module
            *scopes, attribute = path.split(".")
            for scope in scopes:
                owner = getattr(owner, scope, None)
            if owner is not None and attribute in vars(owner):
                result._replace(owner, attribute, functools.wraps(vars(owner)[attribute])(_bound(ours, module)))
    moe = sys.modules.get("transformers.integrations.moe")
    if moe is not None:
        result._replace(moe.ExpertsInterface, "_global_mapping", _Experts(moe.ExpertsInterface._global_mapping))
    return result


class _Experts(dict):
    """transformers' implementations of mixtures of experts. The default sorts tokens by expert, which no graph can hold
    whole, as it counts them; in a graph it becomes batched products, of which Linnet reads the weights where they are."""

    def __init__(self, before: Dict[str, Callable]) -> None:
        super().__init__(before)
        if "grouped_mm" in before and "batched_mm" in before:
            self["grouped_mm"] = functools.partial(_either_experts, before["grouped_mm"], before["batched_mm"])


def _either_experts(sorted_by_expert: Callable, batched: Callable, *args: Any, **kwargs: Any) -> Any:
    return (batched if torch.compiler.is_compiling() else sorted_by_expert)(*args, **kwargs)


def _looked_up_name(function: Any) -> Optional[str]:
    """The name that transformers' decorator looks up for a function, out of the closure of the decorator."""
    code = getattr(function, "__code__", None)
    if code is None or not {"func_name", "package"} <= set(code.co_freevars) or not hasattr(function, "__wrapped__"):
        return None
    return dict(zip(code.co_freevars, (cell.cell_contents for cell in function.__closure__)))["func_name"]


def _adapter(function: Callable, kernel: Callable) -> Callable:
    """`kernel`, given the arguments that it knows: models pass more by name."""
    parameters = inspect.signature(kernel).parameters
    known = frozenset(name for name, parameter in parameters.items() if parameter.kind is not parameter.VAR_KEYWORD)

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        return kernel(*args, **{name: value for name, value in kwargs.items() if name in known})

    return call


def _bound(function: Callable, module: ModuleType) -> Callable:
    """`function` with the modeling module as its first argument, as a plain function (a method when it is in a class)."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return function(module, *args, **kwargs)

    return call


# ---------------------------------------------------------------- by name


def _lightning_attention(module, self, hidden_states, position_embeddings, attention_mask, cache=None, **kwargs):
    """MiniMaxLightningAttention.forward."""
    cache = kwargs.get("past_key_values") if cache is None else cache
    batch, times, _ = hidden_states.shape
    qkv = module.apply_mask_to_padding_states(self.act_fn(self.qkv_proj(hidden_states)), attention_mask)
    q, k, v = qkv.reshape(batch, times, self.num_attention_heads, 3 * self.head_dim).split(self.head_dim, dim=3)
    state = None if cache is None else cache.get_linear_cache(self.layer_idx)
    decay = -self.slope_rate.float().reshape(-1)
    o, state = _ops.linear_attention(q, k, v, decay, scale=1.0, initial_state=state)
    o = self.norm(o.reshape(batch, times, -1))
    o = self.out_proj(torch.sigmoid(self.output_gate(hidden_states)) * o)
    if cache is not None:
        cache.set_linear_cache(self.layer_idx, state)
    return o, state


def _rnn_scan(module, self, hidden_states, recurrent_gate, reset, recurrent_states, acc_dtype=torch.float32):
    """RecurrentGemmaRglru._rnn_scan."""
    decay = (recurrent_gate * ~reset).type(acc_dtype)
    h, last = _ops.affine_scan(decay, hidden_states.type(acc_dtype), recurrent_states)
    return h.type(hidden_states.dtype), last


def _wkv4(module, time_decay, time_first, key, value, state=None, return_state=False):
    """rwkv_linear_attention."""
    numerator, denominator, exponent = (None, None, None) if state is None else state
    y, *after = _ops.wkv4(-torch.exp(time_decay.float()), time_first, key, value, numerator, denominator, exponent)
    return y, after if return_state or state is not None else None


_BY_NAME: Dict[str, Dict[str, Callable]] = {
    "transformers.models.minimax.modeling_minimax": {"MiniMaxLightningAttention.forward": _lightning_attention},
    "transformers.models.recurrent_gemma.modeling_recurrent_gemma": {"RecurrentGemmaRglru._rnn_scan": _rnn_scan},
    "transformers.models.rwkv.modeling_rwkv": {"rwkv_linear_attention": _wkv4},
}
