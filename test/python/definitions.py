# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The operations by definition, in float64 and step by step, and how results are compared with them."""

import json
import pathlib

import numpy as np
from safetensors import safe_open

ORACLES = pathlib.Path(__file__).resolve().parent.parent / "oracles"


def affine_scan(a, b, initial_state=None, dim=1, reverse=False):
    a, b = np.moveaxis(np.float64(a), dim, 0), np.moveaxis(np.float64(b), dim, 0)
    h = np.zeros(a.shape[1:]) if initial_state is None else np.float64(initial_state)
    hs = np.empty(a.shape)
    for t in range(len(a))[:: -1 if reverse else 1]:
        h = a[t] * h + b[t]
        hs[t] = h
    return np.moveaxis(hs, 0, dim), h


def silu(x):
    return x / (1 + np.exp(-x))


def causal_conv1d(x, weight, bias=None, initial_state=None, activation=None):
    x, weight = np.float64(x), np.float64(weight)
    batch, channels, length = x.shape
    width = weight.shape[1]
    before = np.zeros((batch, channels, width - 1)) if initial_state is None else np.float64(initial_state)
    known = np.concatenate([before, x], axis=2)
    y = np.zeros_like(x)
    for t in range(length):
        y[:, :, t] = (known[:, :, t : t + width] * weight).sum(axis=2)
    if bias is not None:
        y += np.float64(bias)[:, None]
    return silu(y) if activation else y, known[:, :, length:]


def selective_scan(u, delta, A, B, C, D=None, z=None, delta_bias=None, delta_softplus=False, initial_state=None):
    is_complex = np.iscomplexobj(A)
    wide = np.complex128 if is_complex else np.float64
    u, d, A = np.float64(u), np.float64(delta), A.astype(wide)
    batch, channels, length = u.shape
    if delta_bias is not None:
        d = d + np.float64(delta_bias)[:, None]
    if delta_softplus:
        d = np.logaddexp(0, d)

    def at(m, t):  # [batch, channels, states]
        if m.ndim == 2:
            return m[None].astype(wide)
        m = m[..., 2 * t] + 1j * m[..., 2 * t + 1] if is_complex else m[..., t]
        m = m.astype(wide)
        return m[:, None] if m.ndim == 2 else m.repeat(channels // m.shape[1], axis=1)

    h = np.zeros((batch, channels, A.shape[1]), wide) if initial_state is None else initial_state.astype(wide)
    y = np.empty_like(u)
    for t in range(length):
        step = d[:, :, t, None]
        h = np.exp(step * A) * h + step * at(B, t) * u[:, :, t, None]
        read = (at(C, t) * h).sum(axis=2)
        y[:, :, t] = 2 * read.real if is_complex else read
    if D is not None:
        y += np.float64(D)[:, None] * u
    if z is not None:
        y *= silu(np.float64(z))
    return y, h


def linear_attention(q, k, v, log_decay=None, beta=None, erase=None, write=None, bonus=None, scale=None, initial_state=None,
                     cu_seqlens=None, normalize=None, qk_l2norm=False, causal=True, reverse=False, read="post_update",
                     chunk_size=None):  # fmt: skip
    q, k, v = np.float64(q), np.float64(k), np.float64(v)
    (batch, length, heads, values), keys = v.shape, q.shape[3]
    q, k = (x.repeat(heads // max(x.shape[2], 1), axis=2) for x in (q, k))
    if qk_l2norm:
        q, k = (x / np.sqrt((x * x).sum(-1, keepdims=True) + 1e-6) for x in (q, k))
    if normalize:
        v = np.concatenate([v, np.ones((batch, length, heads, 1))], -1)
        if initial_state is not None:
            initial_state = np.concatenate([initial_state[0], initial_state[1][..., None]], -1)
    decay = np.ones((1, 1, 1, 1)) if log_decay is None else np.exp(np.float64(log_decay))
    decay = decay[None, None, :, None] if decay.ndim == 1 else decay[..., None] if decay.ndim == 3 else decay
    decay = np.broadcast_to(decay, (batch, length, heads, keys))
    scale = keys**-0.5 if scale is None else scale
    ends = [(b, 0, length) for b in range(batch)]
    if cu_seqlens is not None:
        ends = [(0, begin, end) for begin, end in zip(cu_seqlens[:-1], cu_seqlens[1:])]
    state = np.zeros((len(ends), heads, keys, v.shape[3])) if initial_state is None else np.float64(initial_state).copy()
    o = np.empty_like(v)
    for n, (b, begin, end) in enumerate(ends):
        S = state[n]  # [heads, keys, values]

        def look(t):
            return scale * np.einsum("hk,hkv->hv", q[b, t], S)

        for t in range(begin, end)[:: -1 if reverse else 1]:
            if read == "pre_update":
                o[b, t] = look(t)
                if bonus is not None:
                    o[b, t] += scale * (np.float64(bonus) * q[b, t] * k[b, t]).sum(-1, keepdims=True) * v[b, t]
            decayed, value = decay[b, t, :, :, None] * S, v[b, t]
            if beta is not None:
                value = np.float64(beta)[b, t, :, None] * (value - np.einsum("hk,hkv->hv", k[b, t], decayed))
            new = decayed + np.einsum("hk,hv->hkv", k[b, t], value)
            if erase is not None:
                new += np.einsum("hk,hl,hlv->hkv", np.float64(write)[b, t], np.float64(erase)[b, t], S)
            S[:] = new
            if read != "pre_update":
                o[b, t] = look(t)
        if not causal:
            for t in range(begin, end):
                o[b, t] = look(t)
    if normalize:
        return o[..., :values] / (o[..., values:] + 1e-10), (state[..., :values], state[..., values])
    return o, state


def ssd(x, dt, A, B, C, D=None, z=None, dt_bias=None, dt_softplus=False, initial_state=None, dt_limit=None):
    x, d, A = np.float64(x), np.float64(dt), np.float64(A)
    batch, length, heads, values = x.shape
    B, C = (np.float64(m).repeat(heads // max(m.shape[2], 1), axis=2) for m in (B, C))
    if dt_bias is not None:
        d = d + np.float64(dt_bias)
    if dt_softplus:
        d = np.logaddexp(0, d)
    if dt_limit is not None:
        d = np.clip(d, *dt_limit)
    S = np.zeros((batch, heads, values, B.shape[3])) if initial_state is None else np.float64(initial_state)
    y = np.empty_like(x)
    for t in range(length):
        step = d[:, t, :, None, None]
        S = np.exp(step * A[:, None, None]) * S + step * x[:, t, :, :, None] * B[:, t, :, None]
        y[:, t] = (S * C[:, t, :, None]).sum(axis=3)
    if D is not None:
        y += np.float64(D if D.ndim == 2 else D[:, None]) * x
    if z is not None:
        y *= silu(np.float64(z))
    return y, S


def route_topk(scores, k):
    p = np.float64(scores)
    indices = np.argsort(-p, axis=-1, kind="stable")[..., :k]
    p = np.exp(p - p.max(-1, keepdims=True))
    chosen = np.take_along_axis(p / p.sum(-1, keepdims=True), indices, -1)
    return chosen / chosen.sum(-1, keepdims=True), indices


def token_permute(indices, experts):
    batch, length, _ = indices.shape
    source, place = np.zeros(indices.size, np.int64), np.full(indices.shape, -1)
    ends, n = [0], 0
    for b in range(batch):
        for e in range(experts):
            for t, s in np.argwhere(indices[b] == e):  # in the order of t, then s
                source[n], place[b, t, s] = b * length + t, n
                n += 1
            ends.append(n)
    return source, place, np.array(ends)


def token_unpermute(x, place, weights):
    y = np.zeros((*place.shape[:2], *x.shape[1:]))
    for (b, t, s), n in np.ndenumerate(place):
        if 0 <= n < len(x):
            y[b, t] += np.float64(weights[b, t, s]) * x[n]
    return y


def assert_close(got, want, tolerance=2e-6):
    """Within `tolerance` of the largest value, which is what float32 keeps of sums."""
    got, want = np.asarray(got), np.asarray(want)
    assert got.shape == want.shape
    assert np.isfinite(got).all()
    if want.size:
        error, scale = np.abs(got - want).max(), max(1.0, np.abs(want).max())
        assert error <= tolerance * scale, f"off by {error:.3g}, allowed {tolerance * scale:.3g}"


def oracles(prefix):
    """The names of the recorded cases of an operation."""
    names = sorted(file.stem for file in ORACLES.glob(f"{prefix}*.safetensors"))
    assert names, f"no {prefix} in {ORACLES}"
    return names


class Oracle:
    """One recorded case."""

    def __init__(self, name):
        with safe_open(ORACLES / f"{name}.safetensors", "np") as file:
            meta = json.loads(file.metadata()["oracle"])
            tensors = {key: file.get_tensor(key) for key in file.keys()}
        self.operation, self.parameters, self.tolerance = meta["op"], meta["params"], meta["tolerance"]
        self.inputs = {key[3:]: value for key, value in tensors.items() if key.startswith("in.")}
        self.outputs = {key[4:]: value for key, value in tensors.items() if key.startswith("out.")}

    def check(self, name, got):
        want, allowed = self.outputs[name], self.tolerance["out." + name]
        assert got.shape == want.shape
        if allowed.get("exact"):
            np.testing.assert_array_equal(got, want)
            return
        excess = np.abs(got.astype(np.float64) - want) - allowed["atol"] - allowed["rtol"] * np.abs(want)
        assert (excess <= 0).all(), f"{name}: beyond the tolerance by {excess.max():.3g}"
