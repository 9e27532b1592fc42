# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""SEA (arXiv 2310.01777): sparse attention by an estimated mask. Spec: docs/spec/sparse-attention.md."""

from __future__ import annotations

from operator import index
from typing import Optional

import numpy as np

from .. import masks
from .._arrays import Arguments, Array
from .attention import attention
from .scan import scan
from .topk_mask import mask_interpolate, topk_mask


def sea_attention(
    q: Array,
    k: Array,
    v: Array,
    estimate: Array,
    gates: Array,
    keep: int = 64,
    causal: bool = False,
    scale: Optional[float] = None,
    average: Optional[Array] = None,
    grouping: str = "causal_batch",
    max_run: Optional[int] = None,
) -> Array:
    """Attention to about `keep` keys of each query and head, chosen by `estimate`, mixed with the average of v:

        mask   the greatest entries of estimate [B, H, n, M], an attention over M bins of keys, widened to the keys
        o      softmax attention to the keys of the mask
        result sigmoid(g1) sigmoid(g0) o + (1 - sigmoid(g1)) average        g0, g1 = gates [B, H, n, 2]

    `grouping` says among which entries how many are chosen, L being the keys that a query sees (with causal i + 1):
    "causal_batch" round(H keep M / L) of all heads of a query, "query" round(keep M / L) of one, "head" round(keep M) n / L of
    all queries of a head.

    `average` [B, H, n, E] is with causal the running mean of v; else that of v weighted by the mean estimate of the keys. It
    is computed where it is not given. q, k [B, H, n, D], v [B, H, n, E]. Returns [B, H, n, E] in the type of q.

    Raises TypeError for kinds and types of arrays, ValueError for shapes and values, both naming the argument.
    """
    arguments = Arguments("sea_attention", "q", q)
    q, k, v, estimate, gates = (arguments.array(name, x) for name, x in
                                (("q", q), ("k", k), ("v", v), ("estimate", estimate), ("gates", gates)))  # fmt: skip
    arguments.shape("q", q, "B", "H", "n", "D")
    arguments.shape("k", k, "B", "H", "n", "D")
    arguments.shape("v", v, "B", "H", "n", "E")
    arguments.shape("estimate", estimate, "B", "H", "n", ("M", estimate.shape[3] if estimate.ndim == 4 else -1))
    arguments.shape("gates", gates, "B", "H", "n", 2)
    if index(keep) < 1:
        raise arguments.fail("keep", "a number of at least 1", str(keep))
    (batch, heads, length, bins), position = estimate.shape, np.arange(q.shape[2])
    lengths = position + 1 if causal else np.full_like(position, length)
    narrow = sea_mask(estimate, lengths, keep, grouping)
    mask = masks.csr(*mask_interpolate(narrow, lengths, max_run))
    o = attention(q, k, v, mask, scale)
    if average is not None:
        average = arguments.array("average", average)
        arguments.shape("average", average, "B", "H", "n", "E")
    elif causal:
        average = scan(v, kind="add", dim=2)[0] / (position + 1).astype(np.float32)[:, None]
    else:
        average = _weighted_average(estimate, v)
    with np.errstate(over="ignore"):
        own, mix = (1 / (1 + np.exp(-gates[..., i : i + 1])) for i in (0, 1))
    return arguments.result(np.ascontiguousarray(mix * own * o + (1 - mix) * average), narrow=True)


def sea_mask(estimate: np.ndarray, lengths: np.ndarray, keep: int, grouping: str = "causal_batch") -> np.ndarray:
    """Where the estimate [B, H, n, M] is greatest; `lengths` [n] are the keys that each query sees."""
    batch, heads, length, bins = estimate.shape
    if grouping == "causal_batch":
        counts = np.clip(np.round(heads * keep * bins / lengths), 1, heads * bins).astype(np.int32)
        rows = np.ascontiguousarray(estimate.swapaxes(1, 2)).reshape(batch, length, heads * bins)
        return np.ascontiguousarray(topk_mask(rows, counts).reshape(batch, length, heads, bins).swapaxes(1, 2))
    if grouping == "query":
        return topk_mask(estimate, np.clip(np.round(keep * bins / lengths), 1, bins).astype(np.int32))
    if grouping == "head":
        count = min(max(round(keep * bins), 1), length * bins)
        return topk_mask(estimate.reshape(batch, heads, length * bins), count).reshape(estimate.shape)
    raise ValueError(f"sea_attention: argument grouping: expected 'causal_batch', 'query' or 'head', got {grouping!r}")


def _weighted_average(estimate: np.ndarray, v: np.ndarray) -> np.ndarray:
    """sum over j of w_j v_j for every query, w the mean of the estimate over queries, spread over the keys of each bin."""
    length, bins = v.shape[2], estimate.shape[3]
    bin_of = np.clip(np.floor((np.arange(length) + 0.5) / length * bins - 1e-4), 0, bins - 1).astype(np.int64)
    weights = estimate.mean(2)[:, :, bin_of]
    total = np.maximum(weights.sum(-1, keepdims=True), np.finfo(np.float32).tiny)
    return np.broadcast_to(np.einsum("bhj,bhje->bhe", weights / total, v)[:, :, None], v.shape)
