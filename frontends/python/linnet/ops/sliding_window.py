# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Decoding with a window: the last keys and values in a ring. Spec: docs/spec/sparse-attention.md."""

from __future__ import annotations

from operator import index
from typing import Optional

import numpy as np

from .. import masks
from .._arrays import Arguments, Array
from .attention import attention


class SlidingWindow:
    """The last `window` keys and values of a sequence, and causal attention to them, in memory that does not grow:

        cache = SlidingWindow(window=256)
        o = cache.prefill(q, k, v)     any number of tokens [B, H, n, D]; what attention(causal & window) gives
        o = cache.step(q, k, v)        one token after the other [B, H, D]

    `length` counts the tokens so far. Keys and values have the sizes of the first call, and float32 inside.
    """

    def __init__(self, window: int, scale: Optional[float] = None) -> None:
        if index(window) < 1:
            raise ValueError(f"SlidingWindow: argument window: expected a number of at least 1, got {window}")
        self.window, self.scale, self.length = index(window), scale, 0
        self._keys: Optional[np.ndarray] = None  # [B, G, window, D]: token t in slot t % window
        self._values: Optional[np.ndarray] = None

    def _store(self, k: np.ndarray, v: np.ndarray) -> None:
        if self._keys is None:
            self._keys, self._values = (np.zeros((*x.shape[:2], self.window, x.shape[3]), np.float32) for x in (k, v))
        count = min(k.shape[2], self.window)
        slots = (self.length + k.shape[2] - count + np.arange(count)) % self.window
        self._keys[:, :, slots], self._values[:, :, slots] = k[:, :, k.shape[2] - count :], v[:, :, k.shape[2] - count :]
        self.length += k.shape[2]

    def _checked(self, op: str, q: Array, k: Array, v: Array):
        arguments = Arguments(op, "q", q)
        q, k, v = (arguments.array(name, x) for name, x in (("q", q), ("k", k), ("v", v)))
        arguments.shape("q", q, "B", "H", "n", "D")
        for name, x, own in (("k", k, self._keys), ("v", v, self._values)):
            sizes = x.shape if own is None and x.ndim == 4 else (*own.shape[:2], -1, own.shape[3]) if own is not None else (-1,) * 4
            arguments.shape(name, x, "B", ("G", sizes[1]), "n", ("D" if name == "k" else "E", sizes[3]))
        return arguments, q, k, v

    def prefill(self, q: Array, k: Array, v: Array) -> Array:
        """All tokens of [B, H, n, D] at once, after those before."""
        arguments, q, k, v = self._checked("SlidingWindow.prefill", q, k, v)
        kept = min(self.length, self.window - 1)
        if kept:  # the last tokens before, in their order
            slots = (self.length - kept + np.arange(kept)) % self.window
            keys, values = (np.concatenate([own[:, :, slots], x], 2) for own, x in ((self._keys, k), (self._values, v)))
        else:
            keys, values = k, v
        o = attention(q, keys, values, masks.causal() & masks.window(self.window), self.scale)
        self._store(k, v)
        return arguments.result(o, narrow=True)

    def step(self, q: Array, k: Array, v: Array) -> Array:
        """One token: q [B, H, D], k [B, G, D], v [B, G, E] to o [B, H, E]."""
        if any(getattr(x, "ndim", 0) != 3 for x in (q, k, v)):
            raise ValueError("SlidingWindow.step: arguments q, k and v: expected 3 dimensions [B, H, D], got others")
        arguments, q, k, v = self._checked("SlidingWindow.step", q[:, :, None], k[:, :, None], v[:, :, None])
        self._store(k, v)
        # The order of keys is open: a softmax has none.
        count = min(self.length, self.window)
        o = attention(q, self._keys[:, :, :count], self._values[:, :, :count], scale=self.scale)
        return arguments.result(np.ascontiguousarray(o[:, :, 0]), narrow=True)
