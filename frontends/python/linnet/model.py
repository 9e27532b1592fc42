# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Models that linnetc compiled."""

from __future__ import annotations

import os
from typing import Any, Dict, Mapping, Optional, Tuple, Union

import numpy as np

from . import _linnet
from ._arrays import _is_tensor

Path = Union[str, "os.PathLike[str]"]
#: The carried states of a batch of sequences by name. Plain arrays: numpy.savez(file, **states) keeps them.
States = Dict[str, np.ndarray]

_DTYPES = {"f32": np.float32, "f16": np.float16, "f64": np.float64, "bf16": np.uint16, "i32": np.int32, "i64": np.int64}


def load(library: Path, weights: Optional[Path] = None, sidecar: Optional[Path] = None) -> "Model":
    """Opens a model.

    library: the .so that linnetc wrote. weights: a .safetensors file, the index of a sharded one, or the folder of
    either; may be left out for a model that has none. sidecar: a file to keep the packed weights in; later loads map it
    instead of packing again.

    Raises FileNotFoundError; ValueError for files that are damaged, of another version, or do not fit the model, with
    every weight that is missing or different.
    """
    return Model(library, weights, sidecar)


def _existing(argument: str, path: Path) -> str:
    path = os.fspath(path)
    if not os.path.exists(path):
        raise FileNotFoundError(f"load: argument {argument}: no such file or folder: {path}")
    return path


class Model:
    """A compiled model with its weights. Immutable: threads may share it."""

    def __init__(self, library: Path, weights: Optional[Path] = None, sidecar: Optional[Path] = None) -> None:
        self._library = _linnet.Library(_existing("library", library))
        needs = any(role == "weight" for arguments in self._library.functions.values() for _, role, _, _ in arguments)
        if needs and weights is None:
            raise ValueError(f"load: argument weights: model {self._library.name} needs weights, got None")
        self._weights = None
        if weights is not None:
            self._weights = _linnet.Weights(
                self._library, _existing("weights", weights), None if sidecar is None else os.fspath(sidecar)
            )
        self._states = {name: (dtype, shape) for name, _, dtype, shape in self._library.states}
        self._idle: list[Any] = []  # sessions between calls: their memory is allocated already

    @property
    def name(self) -> str:
        return self._library.name

    @property
    def target(self) -> str:
        """The target triple and CPU that the code was made for."""
        return self._library.target

    @property
    def metadata(self) -> dict:
        """What the frontend says of the model: architecture, vocab_size, tokenizer, ..."""
        import json

        return json.loads(self._library.metadata)

    def __repr__(self) -> str:
        return f"<linnet.Model {self.name} for {self.target}>"

    def init_states(self, batch: int = 1) -> States:
        """The states before the first token: zeros."""
        return {
            name: np.zeros([batch if isinstance(size, str) else size for size in shape], _DTYPES[dtype])
            for name, (dtype, shape) in self._states.items()
        }

    def session(self, batch: int = 1) -> "Session":
        """A session, which keeps the states inside and changes them in place: the fastest way to generate."""
        return Session(self, batch)

    def forward(
        self, tokens: Any, states: Optional[Mapping[str, Any]] = None, logits: str = "all"
    ) -> Tuple[Any, States]:
        """Reads tokens and goes on from `states` (None: from the beginning).

        tokens: integers [B, T] with T >= 1, an array or nested lists. logits: "all" gives those of every position,
        [B, T, V]; "last" of the last alone, [B, V], at less cost. Returns (logits, states); logits are float32, a torch
        tensor if tokens is one. The given states are not changed.

        Raises TypeError and ValueError, naming the argument.
        """
        values = _tokens("tokens", tokens, 2)
        _check_logits(logits)
        result, states = self._run(values.shape[0], states, lambda session: session.forward(values, logits == "last"))
        return _like(tokens, result), states

    def step(self, token: Any, states: Optional[Mapping[str, Any]] = None) -> Tuple[Any, States]:
        """Reads one token of each sequence: token [B] gives logits [B, V]. Otherwise as forward."""
        values = _tokens("token", token, 1)
        result, states = self._run(values.shape[0], states, lambda session: session.step(values))
        return _like(token, result), states

    def _run(self, batch: int, states: Optional[Mapping[str, Any]], call: Any) -> Tuple[np.ndarray, States]:
        checked = None if states is None else self._check(batch, states)
        try:
            session = self._idle.pop()
        except IndexError:
            session = _linnet.Session(self._library, self._weights, batch)
        session.reset(batch)
        for name, values in (checked or {}).items():
            session.set_state(name, values)
        result = call(session)
        after = session.get_states()
        if not self._idle:
            self._idle.append(session)
        return result, after

    def _check(self, batch: int, states: Mapping[str, Any]) -> States:
        if not isinstance(states, Mapping):
            raise TypeError(f"argument states: expected a mapping of names to arrays, got {type(states).__name__}")
        missing, unknown = [n for n in self._states if n not in states], [n for n in states if n not in self._states]
        if missing or unknown:
            raise ValueError(
                f"argument states: expected the {len(self._states)} states of model {self.name}, got "
                + " and ".join(
                    f"{what} {', '.join(map(str, names))}"
                    for what, names in (("none for", missing), ("unknown", unknown))
                    if names
                )
            )
        checked = {}
        for name, (dtype, shape) in self._states.items():
            values = np.asarray(states[name])
            wanted = tuple(batch if isinstance(size, str) else size for size in shape)
            if values.shape != wanted or values.dtype != _DTYPES[dtype]:
                raise ValueError(
                    f"argument states: state {name}: expected {np.dtype(_DTYPES[dtype])} {list(wanted)}, "
                    f"got {values.dtype} {list(values.shape)}"
                )
            checked[name] = np.ascontiguousarray(values)
        return checked


class Session:
    """The carried states of `batch` sequences and the memory to run them. Threads may share it, but not at once."""

    def __init__(self, model: Model, batch: int = 1) -> None:
        self._model = model
        self._session = _linnet.Session(model._library, model._weights, batch)

    @property
    def batch(self) -> int:
        return self._session.batch

    def forward(self, tokens: Any, logits: str = "all") -> Any:
        """Reads tokens [B, T]; gives logits [B, T, V], or with logits="last" [B, V]."""
        _check_logits(logits)
        return _like(tokens, self._session.forward(_tokens("tokens", tokens, 2), logits == "last"))

    def step(self, token: Any) -> Any:
        """Reads one token of each sequence, [B]; gives logits [B, V]."""
        return _like(token, self._session.step(_tokens("token", token, 1)))

    def reset(self, batch: Optional[int] = None) -> None:
        """Sets the states to zero, for the same or another number of sequences."""
        self._session.reset(self.batch if batch is None else batch)

    @property
    def states(self) -> States:
        """A copy of the states; setting it copies them in, all or, after an error, none."""
        return self._session.get_states()

    @states.setter
    def states(self, states: Mapping[str, Any]) -> None:
        for name, values in self._model._check(self.batch, states).items():
            self._session.set_state(name, values)

    def save(self, path: Path) -> None:
        """Writes the states to a .safetensors file, atomically."""
        self._session.save(os.fspath(path))

    def restore(self, path: Path) -> None:
        """Reads states that save wrote, for the same model and number of sequences."""
        self._session.restore(_existing("path", path))


def _tokens(name: str, tokens: Any, rank: int) -> np.ndarray:
    values = np.asarray(tokens.detach().cpu() if _is_tensor(tokens) else tokens)
    if values.ndim != rank:
        expected = "[B, T]" if rank == 2 else "[B]"
        raise ValueError(f"argument {name}: expected shape {expected}, got {list(values.shape)}")
    if values.size == 0:
        raise ValueError(f"argument {name}: expected at least one token, got shape {list(values.shape)}")
    if values.dtype.kind not in "iu":
        raise TypeError(f"argument {name}: expected integers, got {values.dtype}")
    wide = np.iinfo(np.int32)  # the runtime checks against the vocabulary
    if values.min() < wide.min or values.max() > wide.max:
        raise ValueError(f"argument {name}: expected tokens of the vocabulary, got {values.min()} to {values.max()}")
    return np.ascontiguousarray(values, np.int32)


def _check_logits(logits: str) -> None:
    if logits not in ("all", "last"):
        raise ValueError(f"argument logits: expected 'all' or 'last', got {logits!r}")


def _like(tokens: Any, logits: np.ndarray) -> Any:
    if not _is_tensor(tokens):
        return logits
    import torch

    return torch.from_numpy(logits)
