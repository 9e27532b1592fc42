# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One token at a time: the step of a model of transformers, with its states as arguments, compiled as a whole."""

from __future__ import annotations

import copy
from typing import Any, Dict, List, NamedTuple, Tuple

import torch
from torch import Tensor

from ._export import compile as compile_module


class _Place(NamedTuple):
    """Where a tensor stands in what `_take` leaves."""

    index: int


def _take(x: Any, tensors: List[Tensor]) -> Any:
    """x with its tensors replaced by places, and the tensors in order. Caches of transformers are objects with lists,
    dictionaries and other such objects in them."""
    if isinstance(x, Tensor):
        tensors.append(x)
        return _Place(len(tensors) - 1)
    return _copy(x, lambda own: _take(own, tensors))


def _put(x: Any, tensors: List[Tensor]) -> Any:
    """The inverse of `_take`, in new objects."""
    return tensors[x.index] if isinstance(x, _Place) else _copy(x, lambda own: _put(own, tensors))


def _copy(x: Any, function: Any) -> Any:
    if isinstance(x, (list, tuple)) and not isinstance(x, (torch.Size, _Place)):
        return type(x)(map(function, x))
    if isinstance(x, dict):
        return type(x)((key, function(own)) for key, own in x.items())
    if type(x).__module__.split(".")[0] == "transformers" and hasattr(x, "__dict__"):
        result = copy.copy(x)
        vars(result).update((key, function(own)) for key, own in vars(x).items())
        return result
    return x


def _whole(x: Any) -> Any:
    """A cache whose layers keep all tokens, as a graph cannot count how many a window has dropped: the mask hides them."""
    try:
        from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer
    except ImportError:
        return x
    for i, layer in enumerate(getattr(x, "layers", ())):
        if not isinstance(layer, DynamicSlidingWindowLayer):
            continue
        kept = 0 if layer.keys is None else layer.keys.shape[-2]
        if layer.get_seq_length() != kept:
            raise ValueError(
                f"decoder: argument cache: expected one that has dropped no token, but layer {i} keeps {kept} of "
                f"{layer.get_seq_length()}; make the decoder before the prompt is longer than the window of the attention"
            )
        whole = DynamicLayer()
        vars(whole).update({name: own for name, own in vars(layer).items() if name in vars(whole) or name in ("dtype", "device")})
        x.layers[i] = whole
    return x


def _kept_in_modules(model: torch.nn.Module) -> List[Tuple[torch.nn.Module, str]]:
    """Attributes of modules that are tensors and neither parameters nor buffers: states that a model keeps in itself."""
    return [
        (module, name) for module in model.modules() for name, own in vars(module).items() if isinstance(own, Tensor)
    ]


class Step(torch.nn.Module):
    """One step as a function of tokens and states: what torch.export takes. Gives the logits, and the states that it does
    not change in place."""

    def __init__(self, model: torch.nn.Module, given: Dict[str, Any]) -> None:
        super().__init__()
        self.model = model
        self.states: List[Tensor] = []
        # Copied first: _whole changes it.
        own: List[Tensor] = []
        template = _take(given, own)
        self._template = _take({name: _whole(x) for name, x in _put(template, own).items()}, self.states)
        self._own = _kept_in_modules(model)
        self.states += [getattr(module, name) for module, name in self._own]
        #: Of the last call: the places of the states that it gave.
        self.replaced: List[int] = []

    def forward(self, input_ids: Tensor, states: List[Tensor]) -> Tuple[Tensor, List[Tensor]]:
        """input_ids [batch, 1]."""
        given = _put(self._template, states)
        before = [getattr(module, name) for module, name in self._own]
        try:
            for (module, name), own in zip(self._own, states[len(states) - len(self._own) :]):
                setattr(module, name, own)
            out = self.model(input_ids=input_ids, use_cache=True, **given)
            after: List[Tensor] = []
            _take({name: own if out.get(name) is None else out[name] for name, own in given.items()}, after)
            after += [getattr(module, name) for module, name in self._own]
        finally:
            for (module, name), own in zip(self._own, before):
                setattr(module, name, own)
        if len(after) != len(states):
            raise ValueError(
                f"decoder: a step made {len(after)} states of {len(states)}; give the cache of a model that has read a "
                "prompt of two or more tokens"
            )
        self.replaced = [i for i, own in enumerate(states) if after[i] is not own]
        return out.logits, [after[i] for i in self.replaced]


class Decoder:
    """A compiled step and the states that it has come to."""

    def __init__(self, step: Step, example: Tensor) -> None:
        self.states = [own.detach().clone() for own in step.states]
        before = [own.shape for own in self.states]
        with torch.no_grad():
            _, after = step(example, [own.clone() for own in self.states])
        grown: List[Dict[int, str]] = [{} for _ in before]
        for i, own in zip(step.replaced, after):
            grown[i] = {dim: "S" for dim, size in enumerate(own.shape) if size != before[i][dim]}
        dynamic = {"states": grown} if any(grown) else {}
        self.compiled = compile_module(step, (example, [own.clone() for own in self.states]), dynamic)
        self._replaced = list(step.replaced)

    def __call__(self, input_ids: Tensor) -> Tensor:
        """Reads one token of each sequence, [batch, 1]; gives logits [batch, 1, vocabulary]. The states go on."""
        logits, after = self.compiled(input_ids, self.states)
        for i, own in zip(self._replaced, after):
            self.states[i] = own
        return logits

    def __repr__(self) -> str:
        return f"<linnet.Decoder of {len(self.states)} states: {self.compiled!r}>"


def decoder(model: torch.nn.Module, **states: Any) -> Decoder:
    """Compiles the step of a model of transformers for one token of each sequence, beginning with the states that the
    model came to. Those that the model writes in place are written in place, those that grow are of any length.

        with linnet.patch():
            out = model(input_ids=prompt, use_cache=True)           # prompt: two or more tokens
            decode = linnet.torch.decoder(model, cache=out.cache)   # rwkv: state=out.state
        logits = decode(token)

    states: under the names under which the model takes them. They are copied, also those that the model keeps in itself.

    Raises UnsupportedOperators with every operator that is not supported, and ValueError where a cache has dropped tokens.
    """
    tensors: List[Tensor] = []
    _take(states, tensors)
    if not tensors:
        raise ValueError("decoder: expected states with tensors in them, as cache=out.cache, got none")
    step = Step(model, states)
    return Decoder(step, torch.zeros(tensors[0].shape[0], 1, dtype=torch.int64))
