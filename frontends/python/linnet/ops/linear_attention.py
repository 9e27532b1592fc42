# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Linear attention with decay, delta rule or low-rank transition. Spec: docs/spec/linear-attention.md."""

from __future__ import annotations

from math import isfinite
from operator import index
from typing import Any, Callable, Optional, Sequence, Tuple, Union

import numpy as np

from .. import _mlir
from .._arrays import Arguments, Array, is_empty
from .._kernels import KernelFamily, as_arrays, checks_values, selected_path, shape_of

_kernels = KernelFamily(
    "linear_attention",
    ("q", "k", "v", "log_decay", "beta", "erase", "write", "bonus", "cu_seqlens", "initial_state"),
)

#: One array, or with normalize="key_sum" a pair (state, normalizer).
State = Union[Array, Tuple[Array, Array]]


def linear_attention(
    q: Array,
    k: Array,
    v: Array,
    log_decay: Optional[Array] = None,
    beta: Optional[Array] = None,
    erase: Optional[Array] = None,
    write: Optional[Array] = None,
    bonus: Optional[Array] = None,
    scale: Optional[float] = None,
    initial_state: Optional[State] = None,
    cu_seqlens: Optional[Union[Array, Sequence[int]]] = None,
    normalize: Optional[str] = None,
    qk_l2norm: bool = False,
    causal: bool = True,
    reverse: bool = False,
    read: str = "post_update",
    chunk_size: Optional[int] = None,
    sub_chunk_size: Optional[int] = None,
    gate_lower_bound: Optional[float] = None,
) -> Tuple[Array, State]:
    """Attention without a softmax, as a recurrence over a state S of [K, V] for every sequence and head:

        S' = diag(exp(log_decay_t)) S
        S  = S' + k_t v_t^T                                     plain
        S  = S' + k_t (beta_t (v_t - S'^T k_t))^T               with beta: the (gated) delta rule
        S  = S' + k_t v_t^T + write_t (S^T erase_t)^T           with erase and write; erase reads S, not S'
        o_t = scale S^T q_t                                     read="post_update"
        o_t = scale (S + diag(bonus) k_t v_t^T)^T q_t           read="pre_update": S is the state before token t

    Shapes, with T the length of time (it may be 0):
        q                    [B, T, Hq, K]; Hq divides H, head h reads head h // (H / Hq)
        k                    [B, T, Hk, K]; likewise
        v                    [B, T, H, V]
        log_decay            [H] constant in time, [B, T, H] per head, or [B, T, H, K] per key; natural logarithm, <= 0;
                             of shape [H] it may be a numpy array beside tensors
        beta                 [B, T, H]
        erase, write         [B, T, H, K], both or none, not with beta
        bonus                [H, K], with read="pre_update" only
        initial_state        [B, H, K, V], zero where it is not given
        cu_seqlens           N + 1 ascending integers from 0 to T: N sequences, of any length, one after the other in a
                             batch of 1; states are then [N, H, K, V]

    scale is K ** -0.5 where it is not given. normalize="key_sum" divides o_t by scale q_t . z_t + 1e-10, where z_t is
    the (decayed) sum of the keys; both states are then pairs (state, z [B, H, K]). qk_l2norm divides every row x of q
    and k by sqrt(x . x + 1e-6). With causal=False every token reads the state after the last one. With reverse, time
    runs from the last token to the first. chunk_size and sub_chunk_size are hints that change nothing but rounding and
    speed. gate_lower_bound, a number below 0, promises that no log_decay is below it or above 0; where that is not so
    the results are unspecified (with LINNET_CHECK=1 it is an error).

    Types: float32, float16 or bfloat16, computed in float32; arrays of different ones are widened first. Returns
    (o, final_state): o [B, T, H, V] in the type of q, the state after the last token in float32. initial_state is not changed. Calls on the parts of a sequence, each with
    the state that the one before returned, give what one call gives.

    A decay above 0 makes the state grow, and is seldom meant: with the environment variable LINNET_CHECK=1 it is an
    error.

    Raises TypeError for kinds and types of arrays, ValueError for shapes and values, both naming the argument;
    CompileError where LINNET_PATH=fast does not cover the case; RuntimeError for tensors that require a gradient.
    """
    path = selected_path()
    scale, gate_lower_bound = _number("scale", float, scale), _number("gate_lower_bound", float, gate_lower_bound)
    chunk_size, sub_chunk_size = _number("chunk_size", index, chunk_size), _number("sub_chunk_size", index, sub_chunk_size)
    is_step = getattr(q, "ndim", 0) == 4 and q.shape[1] == 1
    options = (scale, normalize, bool(qk_l2norm), bool(causal), bool(reverse), read, chunk_size, is_step,
               sub_chunk_size, gate_lower_bound)  # fmt: skip
    if normalize is None and cu_seqlens is None and not checks_values():
        results = _kernels.call(options, path, q, k, v, log_decay, beta, erase, write, bonus, None, initial_state)
        if results is not None:
            return results
    return _checked(q, k, v, log_decay, beta, erase, write, bonus, initial_state, cu_seqlens, options, path)


def _number(name: str, kind: Callable[[Any], Any], x: Any) -> Any:
    try:
        return None if x is None else kind(x)
    except (TypeError, ValueError, OverflowError):
        expected = "a number" if kind is float else "an integer"
        raise TypeError(f"linear_attention: argument {name}: expected {expected}, got {x!r}") from None


def linear_attention_step(
    q: Array,
    k: Array,
    v: Array,
    state: State,
    log_decay: Optional[Array] = None,
    beta: Optional[Array] = None,
    erase: Optional[Array] = None,
    write: Optional[Array] = None,
    bonus: Optional[Array] = None,
    scale: Optional[float] = None,
    normalize: Optional[str] = None,
    qk_l2norm: bool = False,
    read: str = "post_update",
) -> Tuple[Array, State]:
    """One token of `linear_attention`: every array is without the dimension of time, q [B, Hq, K], k [B, Hk, K],
    v [B, H, V], log_decay [H], [B, H] or [B, H, K], and so on; state is the one that the call before returned.

    Returns (o [B, H, V], the next state). `state` is not changed.
    """
    path = selected_path()
    scale = _number("scale", float, scale)
    options = (scale, None, bool(qk_l2norm), True, False, read, None, True)
    given = (q, k, v, log_decay, beta, erase, write, bonus, None, state)
    call = (options, path, *map(shape_of, given))
    simple = normalize is None and not checks_values()
    if simple:
        results = _kernels.call_again(call, *given)
        if results is not None:
            return results

    def with_time(x: Optional[Array]) -> Optional[Array]:
        return x[:, None] if getattr(x, "ndim", 0) else x  # what is no array is refused by its name

    constant = log_decay is not None and getattr(log_decay, "ndim", 0) == 1
    q, k, v, beta, erase, write = map(with_time, (q, k, v, beta, erase, write))
    log_decay = log_decay if constant else with_time(log_decay)
    o, last = linear_attention(
        q, k, v, log_decay, beta, erase, write, bonus, scale, state, None, normalize, qk_l2norm, True, False, read
    )
    if simple:
        arrays = as_arrays((q, k, v, log_decay, beta, erase, write, bonus, None, state))
        if arrays is not None:
            _kernels.remember(call, options, path, arrays, (o[:, 0].shape, last.shape))
    return o[:, 0], last


def _checked(q, k, v, log_decay, beta, erase, write, bonus, initial_state, cu_seqlens, options, path):
    scale, normalize, _, causal, reverse, read, chunk_size, _, sub_chunk_size, gate_lower_bound = options
    arguments = Arguments("linear_attention", "q", q)
    shape, fail = arguments.shape, arguments.fail
    element = arguments.element(q, k, v, beta, erase, write, bonus)

    def array(name, x):
        return arguments.array(name, x, element=element)

    if normalize not in (None, "key_sum"):
        raise fail("normalize", "None or 'key_sum'", repr(normalize))
    if read not in ("post_update", "pre_update"):
        raise fail("read", "'post_update' or 'pre_update'", repr(read))
    if scale is not None and not isfinite(scale):
        raise fail("scale", "a finite number", str(scale))
    for name, size in (("chunk_size", chunk_size), ("sub_chunk_size", sub_chunk_size)):
        if size is not None and size < 1:
            raise fail(name, "a number of at least 1", str(size))
    if gate_lower_bound is not None:
        if log_decay is None:
            raise fail("gate_lower_bound", "a log_decay with it", "none")
        if not (isfinite(gate_lower_bound) and gate_lower_bound < 0):
            raise fail("gate_lower_bound", "a finite number below 0", f"{gate_lower_bound:g}")
    v = array("v", v)
    shape("v", v, "B", "T", "H", "V")
    q, k = array("q", q), array("k", k)
    shape("q", q, "B", "T", ("Hq", q.shape[2] if q.ndim == 4 else -1), "K")
    shape("k", k, "B", "T", ("Hk", k.shape[2] if k.ndim == 4 else -1), "K")
    batch, times, heads, values = v.shape
    keys = q.shape[3]
    for name, x in (("q", q), ("k", k)):
        if x.shape[2] != heads and (x.shape[2] == 0 or heads % x.shape[2]):
            raise fail(name, f"a number of heads (dimension 2) that divides the {heads} heads of v", str(x.shape[2]))
    if log_decay is not None:
        # What is constant in time is often made with numpy, whatever q is.
        log_decay = arguments.array("log_decay", log_decay, any_kind=getattr(log_decay, "ndim", 0) == 1)
        dims = {1: ("H",), 3: ("B", "T", "H"), 4: ("B", "T", "H", "K")}.get(log_decay.ndim)
        if dims is None:
            raise fail("log_decay", "1, 3 or 4 dimensions, [H], [B, T, H] or [B, T, H, K]", f"shape {list(log_decay.shape)}")
        shape("log_decay", log_decay, *dims)
        if checks_values() and (log_decay > 0).any():
            raise fail("log_decay", "no number above 0, as LINNET_CHECK is set", f"{log_decay.max():g}")
        if checks_values() and gate_lower_bound is not None and (log_decay < gate_lower_bound).any():
            raise fail("log_decay", f"no number below the gate_lower_bound {gate_lower_bound:g}, as LINNET_CHECK is set",
                       f"{log_decay.min():g}")  # fmt: skip
    if beta is not None:
        beta = array("beta", beta)
        shape("beta", beta, "B", "T", "H")
    if (erase is None) != (write is None):
        raise fail("write" if write is None else "erase", "erase and write together", "one of them")
    if erase is not None:
        if beta is not None:
            raise fail("erase", "beta, or erase and write", "all of them")
        erase, write = array("erase", erase), array("write", write)
        shape("erase", erase, "B", "T", "H", "K")
        shape("write", write, "B", "T", "H", "K")
    if bonus is not None:
        if read != "pre_update":
            raise fail("bonus", "read='pre_update' with it", f"read={read!r}")
        bonus = array("bonus", bonus)
        shape("bonus", bonus, "H", "K")
    if normalize and (beta is not None or erase is not None or read == "pre_update"):
        raise fail("normalize", "no beta, erase, write or read='pre_update' with it", "one of them")
    if not causal and (log_decay is not None or beta is not None or erase is not None or read == "pre_update" or reverse):
        raise fail("causal", "no log_decay, beta, erase, write, read='pre_update' or reverse without it", "one of them")
    sequences = batch
    if cu_seqlens is not None:
        cu_seqlens = arguments.offsets("cu_seqlens", cu_seqlens, times)
        sequences = len(cu_seqlens) - 1
        if batch != 1:
            raise fail("cu_seqlens", "a batch of 1 with it", f"a batch of {batch}")
    state = _state(arguments, initial_state, normalize, (sequences, heads, keys, values))

    if times == 0 or is_empty(state.shape):  # with normalize there are sums of keys where there are no values
        o, last = np.zeros_like(v), state.copy()
    else:
        key = (
            element, q.shape[2], k.shape[2], heads, keys, values, None if log_decay is None else log_decay.ndim,
            beta is not None, erase is not None, bonus is not None,
            None if cu_seqlens is None else "i64" if cu_seqlens.dtype == np.int64 else "i32",
        )  # fmt: skip
        kernel = _kernels.get(options, key, path, lambda: _module(options, *key))
        o, last = kernel(q, k, v, log_decay, beta, erase, write, bonus, cu_seqlens, state)
    o = arguments.result(o, narrow=True)
    if not normalize:
        return o, arguments.result(last)
    return o, tuple(arguments.result(np.ascontiguousarray(x)) for x in (last[..., :values], last[..., values]))


def _state(arguments: Arguments, initial_state, normalize, shape: Tuple[int, int, int, int]) -> np.ndarray:
    """The initial state; with `normalize` the sums of keys are one more column."""
    *outer, values = shape
    if initial_state is None:
        return np.zeros((*outer, values + bool(normalize)), np.float32)
    letters = ("N" if shape[0] != arguments.sizes["B"] else "B", "H", "K", "V")
    sizes = tuple(zip(letters, shape))
    if not normalize:
        state = arguments.array("initial_state", initial_state)
        arguments.shape("initial_state", state, *sizes)
        return state
    if not isinstance(initial_state, (tuple, list)) or len(initial_state) != 2:
        raise arguments.fail("initial_state", "a pair (state, normalizer), as normalize is given",
                             type(initial_state).__name__, TypeError)
    state, normalizer = (arguments.array("initial_state", x) for x in initial_state)
    arguments.shape("initial_state", state, *sizes)
    arguments.shape("initial_state", normalizer, *sizes[:3])
    return np.concatenate([state, normalizer[..., None]], -1)


def _module(options, element, query_heads, key_heads, heads, keys, values, decay_rank, has_beta, has_erase, has_bonus, offsets) -> str:
    normalize, is_step = options[1], options[7]
    function = _mlir.Function("linear_attention")

    def argument(name, shape):
        return function.argument(name, shape, element=element)

    time = 1 if is_step else "T"  # of one token the kernel updates the state where it is
    q = argument("q", ("B", time, query_heads, keys))
    k = argument("k", ("B", time, key_heads, keys))
    v = argument("v", ("B", time, heads, values))
    per_key = ("B", time, heads, keys)
    decay_shape = {1: (heads,), 3: ("B", time, heads), 4: per_key}.get(decay_rank)
    optional = {
        "log_decay": function.argument("log_decay", decay_shape) if decay_rank else None,
        "beta": argument("beta", ("B", time, heads)) if has_beta else None,
        "erase": argument("erase", per_key) if has_erase else None,
        "write": argument("write", per_key) if has_erase else None,
        "bonus": argument("bonus", (heads, keys)) if has_bonus else None,
        "cu_seqlens": function.argument("cu_seqlens", ("P",), element=offsets) if offsets else None,
    }
    state_shape = ("N" if offsets else "B", heads, keys, values + bool(normalize))
    state = function.argument("initial_state", state_shape, role="state")
    o, last = emit(function, q, k, v, state, options, **optional)
    function.result(o, "o")
    function.result(last, "initial_state", role="state")
    return function.text()


def emit(function, q, k, v, state, options, **optional):
    """Adds the op on values of `function`; gives o and the last state. `optional` are the operands by their names."""
    scale, normalize, l2norm, causal, reverse, read, chunk_size, _, sub_chunk_size, gate_lower_bound = options
    attributes = [f"scale = {_mlir.number(q.shape[-1] ** -0.5 if scale is None else scale)} : f64"]
    flags = {"normalize": normalize, "qk_l2norm": l2norm, "bidirectional": not causal, "reverse": reverse,
             "pre_update": read == "pre_update"}  # fmt: skip
    attributes += [name for name, is_set in flags.items() if is_set]
    for name, size in (("chunk_size", chunk_size), ("sub_chunk_size", sub_chunk_size)):
        if size is not None:
            attributes.append(f"{name} = {size} : i64")
    if gate_lower_bound is not None:
        attributes.append(f"gate_lower_bound = {_mlir.number(gate_lower_bound)} : f64")
    return function.scan("linear_attention", (q, k, v), (function.empty(v.shape, v.element), state), ", ".join(attributes), **optional)
