# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Which keys a query attends to, for linnet.ops.attention. Spec: docs/spec/sparse-attention.md, "Masks".

Two kinds, which may be joined by `&`; those of the first kind also by `|`:

    causal, window, block_diagonal, prefix, query_prefix, dilated, strided    rules of two positions, compiled into the kernel
    block_sparse, csr, from_function, documents                               data of the call

Query i of n and key j of m stand at positions i + m - n and j: the last query sees the last key. What a mask leaves out is
not computed, and where it is known for a whole tile of keys it costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from operator import index
from typing import Any, Callable, Optional, Sequence, Tuple, Union

import numpy as np

__all__ = ["Mask", "bigbird", "block_diagonal", "block_sparse", "causal", "csr", "dilated", "documents", "from_function", "longformer",
           "prefix", "query_prefix", "strided", "window"]

#: Queries and keys of a block.
BlockSize = Union[int, Tuple[int, int]]


@dataclass(frozen=True, eq=False)
class Blocks:
    """The blocks that are kept, by rows: those of row r are columns[starts[..., r]] up to starts[..., r + 1]. `partial` has
    for each the number of its matrix in `bits` [p, keys, queries], or -1 where all of it is kept."""

    size: Tuple[int, int]
    starts: np.ndarray  # [B or 1, H or 1, rows + 1]
    columns: np.ndarray  # [n]
    partial: Optional[np.ndarray] = None
    bits: Optional[np.ndarray] = None
    shape: Optional[Tuple[int, int]] = None  # queries and keys, where it was made for exactly these


@dataclass(frozen=True, eq=False)
class Mask:
    """Made by the functions of this module."""

    rule: str = ""  # in MLIR's syntax; empty: everything
    keeps: Optional[Callable[[np.ndarray, np.ndarray], np.ndarray]] = field(default=None, repr=False)
    blocks: Optional[Blocks] = field(default=None, repr=False)
    ids: Optional[Tuple[np.ndarray, np.ndarray]] = field(default=None, repr=False)
    different_ids: bool = False

    def __and__(self, other: "Mask") -> "Mask":
        if not isinstance(other, Mask):
            return NotImplemented
        for name in ("blocks", "ids"):
            if getattr(self, name) is not None and getattr(other, name) is not None:
                what = "block_sparse, csr or from_function" if name == "blocks" else "documents"
                raise ValueError(f"masks: expected at most one mask of {what} in a conjunction, got two")
        keeps = (lambda i, j: self.keeps(i, j) & other.keeps(i, j)) if self.keeps and other.keeps else self.keeps or other.keeps
        own = self if self.ids is not None else other
        return Mask(_list("all_of", self.rule, other.rule) if self.rule and other.rule else self.rule or other.rule, keeps,
                    self.blocks or other.blocks, own.ids, own.different_ids)

    def __or__(self, other: "Mask") -> "Mask":
        if not isinstance(other, Mask):
            return NotImplemented
        for mask in (self, other):
            if mask.blocks is not None or mask.ids is not None:
                raise ValueError("masks: expected rules of positions on both sides of |, got a mask of data; "
                                 "from_function takes any")
        if not self.rule or not other.rule:
            return Mask()
        return Mask(_list("any_of", self.rule, other.rule), lambda i, j: self.keeps(i, j) | other.keeps(i, j))

    def dense(self, n: int, m: int) -> np.ndarray:
        """Truth values [n, m], or [B, H, n, m] where data differs by batch or head."""
        i, j = np.arange(n)[:, None], np.arange(m)[None]
        result = np.broadcast_to(self.keeps(i + m - n, j) if self.keeps else np.True_, (n, m))
        if self.blocks is not None:
            result = result & _dense_blocks(self.blocks, n, m)
        if self.ids is not None:
            queries, keys = self.ids
            result = result & ((queries[..., :, None] == keys[..., None, :]) != self.different_ids)
        return result


def _list(kind: str, *rules: str) -> str:
    parts = []
    for rule in rules:  # nested ones of one kind are one
        inside = rule.removeprefix(f"#linnet.{kind}<")
        parts.append(rule if inside == rule else inside[:-1])
    return f"#linnet.{kind}<{', '.join(parts)}>"


def _size(function: str, name: str, value: Any, least: int) -> int:
    try:
        value = index(value)
    except TypeError:
        raise TypeError(f"masks.{function}: argument {name}: expected an integer, got {value!r}") from None
    if not least <= value < 2**30:
        raise ValueError(f"masks.{function}: argument {name}: expected a number from {least} to {2**30 - 1}, got {value}")
    return value


def causal() -> Mask:
    """Keys up to the query's own position: j <= i."""
    return Mask("#linnet.causal", lambda i, j: j <= i)


def window(size: Optional[int] = None, *, left: Optional[int] = None, right: Optional[int] = None) -> Mask:
    """Keys less than `size` away on both sides: |i - j| < size, so that `causal() & window(256)` keeps 256 keys. Or by the
    number of keys on each side: i - left <= j <= i + right, None for no bound."""
    if size is not None:
        if left is not None or right is not None:
            raise ValueError("masks.window: argument size: expected size, or left and right, got all of them")
        left = right = _size("window", "size", size, 1) - 1
    left, right = (-1 if x is None else _size("window", name, x, 0) for name, x in (("left", left), ("right", right)))
    return Mask(f"#linnet.window<left = {left}, right = {right}>",
                lambda i, j: ((left < 0) | (i - left <= j)) & ((right < 0) | (j <= i + right)))


def block_diagonal(size: BlockSize) -> Mask:
    """The keys of the query's own block: i // size == j // size; a pair gives the sizes for queries and for keys."""
    queries, keys = _block("block_diagonal", size)
    return Mask(f"#linnet.block_diagonal<queries = {queries}, keys = {keys}>", lambda i, j: i // queries == j // keys)


def prefix(size: int) -> Mask:
    """The first `size` keys, for every query: `causal() | prefix(size)` is the mask of a prefix language model."""
    size = _size("prefix", "size", size, 0)
    return Mask(f"#linnet.prefix<{size}>", lambda i, j: (j < size) | (i != i))


def query_prefix(size: int) -> Mask:
    """Every key, for the first `size` positions."""
    size = _size("query_prefix", "size", size, 0)
    return Mask(f"#linnet.query_prefix<{size}>", lambda i, j: (i < size) | (j != j))


def dilated(size: int, step: int) -> Mask:
    """Every step-th key, `size` of them on each side: |i - j| <= size * step and i - j a multiple of step."""
    size, step = _size("dilated", "size", size, 0), _size("dilated", "step", step, 1)
    if size * step >= 2**30:
        raise ValueError(f"masks.dilated: argument size: expected size * step below {2**30}, got {size * step}")
    return Mask(f"#linnet.dilated<window = {size}, step = {step}>",
                lambda i, j: (abs(i - j) <= size * step) & ((i - j) % step == 0))


def strided(step: int) -> Mask:
    """Keys at multiples of `step` from the query, as in the Sparse Transformer: `causal() & (window(step) | strided(step))`."""
    step = _size("strided", "step", step, 1)
    return Mask(f"#linnet.strided<{step}>", lambda i, j: (i - j) % step == 0)


def longformer(size: int, global_tokens: int = 0) -> Mask:
    """A window of `size` keys on each side; the first `global_tokens` see all, and all see them."""
    mask = window(left=size, right=size)
    return mask | prefix(global_tokens) | query_prefix(global_tokens) if global_tokens else mask


def bigbird(n: int, m: int, block: int = 64, neighbours: int = 1, globals_: int = 1, random: int = 3, seed: int = 0,
            heads: int = 1) -> Mask:
    """BigBird on blocks: `neighbours` blocks on each side, the first and the last `globals_` blocks seen by all and seeing
    all, and `random` further blocks for each row of blocks and head, from a counter-based generator with `seed`."""
    from ._random import uniform_choice

    block = _size("bigbird", "block", block, 1)
    for name, value in (("neighbours", neighbours), ("globals_", globals_), ("random", random)):
        _size("bigbird", name, value, 0)
    rows, columns = -(-n // block), -(-m // block)
    i, j = np.arange(rows)[:, None], np.arange(columns)[None]
    kept = np.abs(i + (columns - rows) - j) <= neighbours
    kept |= (j < globals_) | (j >= columns - globals_) | (i < globals_) | (i >= rows - globals_)
    kept = np.repeat(kept[None], heads, 0)
    for head in range(heads):
        for row in range(rows):
            free = np.flatnonzero(~kept[head, row])
            kept[head, row, free[uniform_choice(len(free), min(random, len(free)), seed, head * rows + row)]] = True
    return block_sparse(kept, block)


def _block(function: str, size: BlockSize) -> Tuple[int, int]:
    pair = size if isinstance(size, (tuple, list)) else (size, size)
    if len(pair) != 2:
        raise ValueError(f"masks.{function}: argument size: expected one number or two, got {len(pair)}")
    return _size(function, "size", pair[0], 1), _size(function, "size", pair[1], 1)


def _as_array(function: str, name: str, x: Any) -> np.ndarray:
    if hasattr(x, "detach"):
        x = x.detach().cpu().numpy()
    try:
        return np.asarray(x)
    except ValueError as error:
        raise ValueError(f"masks.{function}: argument {name}: expected an array, got {error}") from None


def _with_heads(function: str, name: str, x: np.ndarray, rank: int) -> np.ndarray:
    """[B or 1, H or 1, ...] with `rank` dimensions behind."""
    if not rank <= x.ndim <= rank + 2:
        raise ValueError(f"masks.{function}: argument {name}: expected {rank} to {rank + 2} dimensions, got shape {list(x.shape)}")
    return x.reshape((1,) * (rank + 2 - x.ndim) + x.shape)


def block_sparse(kept: Any, block: BlockSize, partial: Optional[Sequence[Any]] = None) -> Mask:
    """Blocks of `block` queries and keys (a pair gives both). `kept` [..., rows, columns] is not 0 where a block is kept; in
    front there may be heads, or batch and heads. With `partial`, an array [p, queries, keys] of truth values, an entry of
    kept that is 2 + i is the block whose pairs partial[i] keeps. A block of 1 is a mask of single pairs."""
    size = _block("block_sparse", block)
    kept = _with_heads("block_sparse", "kept", _as_array("block_sparse", "kept", kept), 2)
    if kept.dtype.kind not in "biu":
        raise TypeError(f"masks.block_sparse: argument kept: expected truth values or integers, got {kept.dtype}")
    numbers = kept.astype(np.int64)
    is_kept = numbers != 0
    columns = np.ascontiguousarray(np.nonzero(is_kept)[3], np.int32)
    counts = is_kept.sum(-1).reshape(-1)
    ends = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    rows = kept.shape[2]
    lists = kept.shape[0] * kept.shape[1]
    starts = ends[np.arange(lists)[:, None] * rows + np.arange(rows + 1)[None]].reshape(*kept.shape[:2], rows + 1)
    if partial is None:
        return Mask(blocks=Blocks(size, np.ascontiguousarray(starts), columns))
    bits = _as_array("block_sparse", "partial", partial)
    if bits.ndim != 3 or bits.shape[1:] != size:
        raise ValueError(f"masks.block_sparse: argument partial: expected shape [p, {size[0]}, {size[1]}], got {list(bits.shape)}")
    which = (numbers[is_kept] - 2).astype(np.int32)
    if which.size and (which.max() >= len(bits) or which.min() < -1):
        raise ValueError(f"masks.block_sparse: argument kept: expected numbers from 0 to {1 + len(bits)}, got "
                         f"{which.max() + 2 if which.max() >= len(bits) else which.min() + 2}")
    bits = np.ascontiguousarray((bits != 0).swapaxes(1, 2)).view(np.int8)
    return Mask(blocks=Blocks(size, np.ascontiguousarray(starts), columns, which, bits))


def csr(starts: Any, columns: Any, block: BlockSize = 1) -> Mask:
    """The keys of each query as a list: those of query i are columns[starts[..., i]] up to starts[..., i + 1], ascending.
    starts [..., n + 1] holds places of `columns`, with heads, or batch and heads in front. With `block` the same of blocks."""
    size = _block("csr", block)
    starts = _with_heads("csr", "starts", _as_array("csr", "starts", starts), 1)
    columns = _as_array("csr", "columns", columns)
    for name, x in (("starts", starts), ("columns", columns)):
        if x.dtype.kind not in "iu":
            raise TypeError(f"masks.csr: argument {name}: expected integers, got {x.dtype}")
    if columns.ndim != 1:
        raise ValueError(f"masks.csr: argument columns: expected 1 dimension, got shape {list(columns.shape)}")
    if starts.shape[2] < 1:
        raise ValueError("masks.csr: argument starts: expected at least one number, got none")
    if starts.size and (starts.min() < 0 or starts.max() > columns.size):
        raise ValueError(f"masks.csr: argument starts: expected numbers from 0 to the {columns.size} columns, got "
                         f"{starts.min() if starts.min() < 0 else starts.max()}")
    if (np.diff(starts, axis=-1) < 0).any():
        raise ValueError("masks.csr: argument starts: expected ascending numbers, got one below the one before it")
    if columns.size and (columns.min() < 0 or columns.max() >= 2**31):
        raise ValueError(f"masks.csr: argument columns: expected numbers of at least 0, got {columns.min()}")
    # Inside each list: an entry that does not rise must be the first of its list, of every list that holds it.
    stays = np.flatnonzero(np.diff(columns.astype(np.int64)) <= 0) + 1
    if stays.size:
        for row in starts.reshape(-1, starts.shape[2]):
            inside = stays[(stays > row[0]) & (stays < row[-1])]
            if not np.isin(inside, row).all():
                raise ValueError("masks.csr: argument columns: expected ascending numbers in each row, got one that is not above "
                                 "the one before it")
    return Mask(blocks=Blocks(size, np.ascontiguousarray(starts, np.int32), np.ascontiguousarray(columns, np.int32)))


def from_function(keeps: Callable[..., Any], n: int, m: int, batch: Optional[int] = None, heads: Optional[int] = None,
                  block: BlockSize = 64) -> Mask:
    """A mask for n queries and m keys from a function (b, h, i, j) of integer arrays to truth values, as FlexAttention takes
    it; i counts queries and j keys from 0. Where it depends on b or h, `batch` or `heads` says how many there are. It is
    asked once, and becomes blocks of which only those that are neither empty nor whole keep their single pairs."""
    size = _block("from_function", block)
    for name, value in (("n", n), ("m", m)):
        _size("from_function", name, value, 0)
    rows, columns = -(-n // size[0]), -(-m // size[1])
    shape = (1 if batch is None else batch, 1 if heads is None else heads)
    kept, bits = np.zeros((*shape, rows, columns), np.int64), []
    b, h = np.arange(shape[0])[:, None, None, None], np.arange(shape[1])[None, :, None, None]
    j = np.arange(columns * size[1])
    for row in range(rows):  # one row of blocks at a time: memory grows with m, not with n * m
        i = row * size[0] + np.arange(size[0])
        values = keeps(b, h, i[None, None, :, None], j[None, None, None])
        values = np.broadcast_to(_as_array("from_function", "keeps", values) != 0, (*shape, size[0], j.size))
        is_real = (i < n)[:, None] & (j < m)[None]
        tiles = (values & is_real).reshape(*shape, size[0], columns, size[1]).swapaxes(2, 3)
        is_all = (values | ~is_real).reshape(*shape, size[0], columns, size[1]).swapaxes(2, 3).all((-1, -2))
        is_any = tiles.any((-1, -2))
        mixed = is_any & ~is_all
        kept[:, :, row] = is_any
        kept[:, :, row][mixed] = 2 + len(bits) + np.arange(mixed.sum())
        bits.extend(tiles[mixed])
    mask = block_sparse(kept, size, np.array(bits) if bits else None)
    return replace(mask, blocks=replace(mask.blocks, shape=(n, m)))


def documents(ids: Any, key_ids: Any = None, different: bool = False) -> Mask:
    """Keys whose number equals that of the query (or differs from it): ids [..., n] of queries and key_ids [..., m] of keys,
    the same ones where they are not given."""
    queries = _as_array("documents", "ids", ids)
    keys = queries if key_ids is None else _as_array("documents", "key_ids", key_ids)
    for name, x in (("ids", queries), ("key_ids", keys)):
        if x.dtype.kind not in "iu":
            raise TypeError(f"masks.documents: argument {name}: expected integers, got {x.dtype}")
    queries, keys = (np.ascontiguousarray(_with_heads("documents", "ids", x, 1), np.int32) for x in (queries, keys))
    return Mask(ids=(queries, keys), different_ids=bool(different))


def _dense_blocks(blocks: Blocks, n: int, m: int) -> np.ndarray:
    queries, keys = blocks.size
    columns = -(-m // keys)
    shape = blocks.starts.shape
    result = np.zeros((shape[0], shape[1], (shape[2] - 1) * queries, columns * keys), bool)
    for b in range(shape[0]):
        for h in range(shape[1]):
            for row in range(shape[2] - 1):
                for t in range(blocks.starts[b, h, row], blocks.starts[b, h, row + 1]):
                    part = True if blocks.partial is None or blocks.partial[t] < 0 else blocks.bits[blocks.partial[t]].T != 0
                    first = blocks.columns[t] * keys
                    result[b, h, row * queries : (row + 1) * queries, first : first + keys] = part
    return result[:, :, :n, :m]
