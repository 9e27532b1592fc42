# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""HyperAttention (arXiv 2310.05869): sorted hashing and a sampled rest. Spec: docs/spec/sparse-attention.md."""

from __future__ import annotations

from math import log
from operator import index
from typing import Iterator, Optional, Sequence, Tuple, Union

import numpy as np

from .. import _random, masks
from .._arrays import Arguments, Array
from .attention import attention
from .attention_merge import attention_merge
from .orders import lsh_order, lsh_projections

_Pair = Tuple[np.ndarray, np.ndarray]


def hyper_attention(
    q: Array,
    k: Array,
    v: Array,
    block_size: int = 256,
    sample_size: int = 256,
    min_seq_len: int = 4096,
    causal: bool = False,
    scale: Optional[float] = None,
    projections: Optional[Array] = None,
    samples: Optional[Sequence[Array]] = None,
    gray: str = "decode",
    seed: int = 0,
    return_lse: bool = False,
) -> Union[Array, Tuple[Array, Array]]:
    """An approximation of attention(q, k, v) in time n log n: queries and keys are sorted by an angular hash, each block of
    sorted queries attends to its block of keys, and to sample_size other keys that stand for all the rest. With `causal`
    the sequence is halved until parts have min_seq_len queries, which are exact; the lower left of each half is
    approximated. Shorter sequences are exact.

    Shapes as for `attention`. `projections` [D, R] are those of the hash, 7 normal ones of `seed` where they are not given;
    `samples` one array [B, H', sample_size] of places among the sorted keys for each sampled call, those of inner calls
    first (H' = H, twice that for each halving around it); else they are drawn uniformly, with repetition, from `seed`.

    Returns o [B, H, n, E] in the type of q; with `return_lse` the pair (o, lse).

    Raises TypeError for kinds and types of arrays, ValueError for shapes and values, both naming the argument.
    """
    arguments = Arguments("hyper_attention", "q", q)
    q, k, v = (arguments.array(name, x) for name, x in (("q", q), ("k", k), ("v", v)))
    arguments.shape("q", q, "B", "H", "n", "D")
    arguments.shape("k", k, "B", "G", "m", "D")
    arguments.shape("v", v, "B", "G", "m", "E")
    heads, groups = q.shape[1], k.shape[1]
    if heads != groups and (groups == 0 or heads % groups):
        raise arguments.fail("k", f"a number of heads (dimension 1) that divides the {heads} heads of q", str(groups))
    for name, value, least in (("block_size", block_size, 1), ("sample_size", sample_size, 0), ("min_seq_len", min_seq_len, int(causal))):
        if index(value) < least:
            raise arguments.fail(name, f"a number of at least {least}", str(value))
    if causal and q.shape[2] != k.shape[2]:
        raise arguments.fail("k", f"as many keys as the {q.shape[2]} queries with causal", str(k.shape[2]))
    if projections is None:
        projections = lsh_projections(q.shape[3], seed=seed)
    else:
        projections = arguments.array("projections", projections, any_kind=True)
        projections = projections.reshape(projections.shape[-2:]) if projections.ndim > 2 else projections
        arguments.shape("projections", projections, "D", ("R", projections.shape[-1] if projections.ndim else -1))
    if samples is not None:
        samples = [np.asarray(arguments.indices("samples", x, 0, max(k.shape[2] - 1, 0))) for x in samples]
    if groups != heads:  # a half of a head would read another one otherwise
        k, v = (np.repeat(x, heads // groups, axis=1) for x in (k, v))
    # Every head is a batch of its own: one kernel serves all numbers of heads, of which each halving makes another.
    batch, length = q.shape[0], q.shape[2]
    q, k, v = (x.reshape(batch * heads, 1, *x.shape[2:]) for x in (q, k, v))
    run = _Hyper(arguments, block_size, sample_size, min_seq_len, scale, projections, samples, gray, seed)
    o, lse = (run.causal if causal else run.full)(q, k, v)
    o = arguments.result(np.ascontiguousarray(o).reshape(batch, heads, length, v.shape[3]), narrow=True)
    return (o, arguments.result(np.ascontiguousarray(lse).reshape(batch, heads, length))) if return_lse else o


class _Hyper:
    def __init__(self, arguments, block, sample, least, scale, projections, samples, gray, seed) -> None:
        self.arguments, self.block, self.sample, self.least, self.scale = arguments, block, sample, least, scale
        self.projections, self.gray, self.seed = projections, gray, seed
        self.given: Optional[Iterator[np.ndarray]] = None if samples is None else iter(samples)
        self.calls = 0

    def _samples(self, lists: int, keys: int) -> np.ndarray:
        self.calls += 1
        shape = (lists, 1, self.sample)
        if self.given is None:
            return _random.integers(int(np.prod(shape)), keys, self.seed, self.calls).reshape(shape)
        drawn = next(self.given, None)
        if drawn is None:
            raise self.arguments.fail("samples", f"an array for each sampled call, {self.calls} or more", str(self.calls - 1))
        if drawn.ndim != 3 or drawn.shape[0] * drawn.shape[1] != lists or drawn.shape[2] != self.sample:
            expected = f"shape [B, H', {self.sample}] with B H' = {lists} for call {self.calls}"
            raise self.arguments.fail("samples", expected, f"shape {list(drawn.shape)}")
        drawn = drawn.reshape(shape)
        if drawn.size and drawn.max() >= keys:
            raise self.arguments.fail("samples", f"places below the {keys} keys of call {self.calls}", str(drawn.max()))
        return drawn

    def full(self, q: np.ndarray, k: np.ndarray, v: np.ndarray) -> _Pair:
        n, m = q.shape[2], k.shape[2]
        if n < self.least or m == 0:
            return attention(q, k, v, scale=self.scale, return_lse=True)
        queries, places = lsh_order(q, self.projections, self.gray)
        keys, _ = lsh_order(k, self.projections, self.gray)
        blocks = -(-m // self.block)
        rows = -(-(-(-n // self.block) * self.block) // blocks)  # queries of a block: all of them in as many blocks
        rule = masks.block_diagonal((rows, self.block))
        o, lse = attention(q, k, v, rule, self.scale, True, position=0, query_rows=queries, key_rows=keys)
        if self.sample == 0 or n <= rows or m <= self.block:
            return np.take_along_axis(o, places[..., None], 2), np.take_along_axis(lse, places, 2)
        samples = self._samples(q.shape[0], m)
        others = masks.documents(np.arange(n) // rows, samples // self.block, different=True)
        chosen = np.take_along_axis(keys, samples.astype(np.int64), 2)
        rest, rest_lse = attention(q, k, v, others, self.scale, True, query_rows=queries, key_rows=chosen)
        # A sampled weight stands for m / samples of them.
        return attention_merge(o, lse, rest, rest_lse + np.float32(log(m / self.sample)), rows=places)

    def causal(self, q: np.ndarray, k: np.ndarray, v: np.ndarray) -> _Pair:
        n = q.shape[2]
        if n <= self.least:
            return attention(q, k, v, masks.causal(), self.scale, True)
        half = (n + 1) // 2

        def halves(x: np.ndarray) -> np.ndarray:  # as twice as many batches; what is added at the end only its own row sees
            if n % 2:
                x = np.concatenate([x, np.zeros((*x.shape[:2], 1, x.shape[3]), x.dtype)], 2)
            return x.reshape(-1, 1, half, x.shape[3])

        o, lse = self.causal(*map(halves, (q, k, v)))
        o, lse = o.reshape(*q.shape[:2], 2 * half, v.shape[3])[:, :, :n], lse.reshape(*q.shape[:2], 2 * half)[:, :, :n]
        below = self.full(q[:, :, half:], k[:, :, :half], v[:, :, :half])
        lower = attention_merge(o[:, :, half:], lse[:, :, half:], *below)
        return np.concatenate([o[:, :, :half], lower[0]], 2), np.concatenate([lse[:, :, :half], lower[1]], 2)
