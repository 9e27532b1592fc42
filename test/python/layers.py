# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Layers of diagonal state-space models, made of linnet.ops.affine_scan and numpy.

    x'(t) = Lambda x(t) + B u(t),    y(t) = 2 Re(C x(t)) + D u(t)

with one state of every conjugate pair; the factor 2 stands for the other. A layer is discretised in float64 when it is
made and runs in complex64.
"""

from math import factorial

import numpy as np
from linnet.ops import affine_scan
from safetensors.numpy import load_file

_COMPLEX = ("Lambda", "B", "C")


def load_checkpoint(file):
    """The parameters of a layer by name. In the file, complex tensors end in a dimension of 2, the parts."""
    tensors = load_file(file)
    for name in _COMPLEX:
        parts = tensors[name]
        if parts.dtype != np.float32 or parts.ndim < 2 or parts.shape[-1] != 2:
            got = f"{parts.dtype} {list(parts.shape)}"
            raise ValueError(f"{name}: expected float32 and a last dimension of 2, got {got}")
        tensors[name] = np.ascontiguousarray(parts).view(np.complex64)[..., 0]
    return tensors


def phi1(z):
    """(exp(z) - 1) / z, and 1 at 0."""
    z = np.asarray(z, np.complex128)
    small = np.abs(z) < 1e-2
    series = sum(z**k / factorial(k + 1) for k in range(6))
    apart = np.where(small, 1, z)
    return np.where(small, series, np.expm1(apart) / apart)


def discretize(Lambda, step, method="zoh"):
    """(Lbar, scale) of x_t = Lbar x_{t-1} + scale B u_t in complex128, for steps of the shape of Lambda.

    Zero-order hold (zoh) is exact for an input that is constant during a step; bilinear is the trapezoidal rule.
    """
    step = np.float64(step)
    z = np.complex128(Lambda) * step
    if method == "zoh":
        return np.exp(z), step * phi1(z)
    if method == "bilinear":
        return (1 + z / 2) / (1 - z / 2), step / (1 - z / 2)
    raise ValueError(f"expected zoh or bilinear, got {method}")


class S4D:
    """Every channel has states of its own.

    Parameters: Lambda, B, C complex [H, N]; D, log_step [H]. N counts conjugate pairs.
    """

    def __init__(self, parameters, method="zoh"):
        step = np.exp(np.float64(parameters["log_step"]))[:, None]
        Lbar, scale = discretize(parameters["Lambda"], step, method)
        self.Lbar, self.Bbar = np.complex64(Lbar), np.complex64(scale * parameters["B"])
        self.C, self.D = parameters["C"], parameters["D"]

    @classmethod
    def load(cls, file, **options):
        return cls(load_checkpoint(file), **options)

    def __call__(self, u, state=None):
        """u [B, T, H] and the state [B, H, N] before it, to y as u and the state after it."""
        x_in = self.Bbar * u[..., None]
        x, last = affine_scan(np.broadcast_to(self.Lbar, x_in.shape), x_in, state, dim=1)
        return self._read(x, u), last

    def step(self, u, state):
        """One token: u [B, H]."""
        x = self.Lbar * state + self.Bbar * u[..., None]
        return self._read(x, u), x

    def _read(self, x, u):
        return 2 * (self.C * x).sum(-1).real + self.D * u


class S5:
    """All channels share the states.

    Parameters: Lambda complex [P], B [P, H], C [H, P]; D [H], log_step [P]. P counts conjugate pairs. Bidirectional, a
    second scan runs from the last token to the first, and C is [H, 2P]: the states of the first scan, then its own.
    """

    def __init__(self, parameters, method="zoh", bidirectional=False):
        Lbar, scale = discretize(parameters["Lambda"], np.exp(np.float64(parameters["log_step"])), method)
        self.Lbar, self.Bbar = np.complex64(Lbar), np.complex64(scale[:, None] * parameters["B"])
        self.C, self.D = parameters["C"], parameters["D"]
        self.bidirectional = bidirectional
        width = len(self.Lbar) * (2 if bidirectional else 1)
        if self.C.shape[1] != width:
            raise ValueError(f"C: expected {width} columns, got {self.C.shape[1]}")

    @classmethod
    def load(cls, file, **options):
        return cls(load_checkpoint(file), **options)

    def __call__(self, u, state=None):
        """u [B, T, H] and the state [B, P] before it, to y as u and the state after it (of the forward scan)."""
        if self.bidirectional and state is not None:
            raise ValueError("state: a bidirectional layer needs the whole sequence")
        x_in = u @ self.Bbar.T
        Lbar = np.broadcast_to(self.Lbar, x_in.shape)
        x, last = affine_scan(Lbar, x_in, state, dim=1)
        if self.bidirectional:
            x = np.concatenate([x, affine_scan(Lbar, x_in, dim=1, reverse=True)[0]], -1)
        return self._read(x, u), last

    def step(self, u, state):
        """One token: u [B, H]."""
        if self.bidirectional:
            raise ValueError("a bidirectional layer needs the whole sequence")
        x = self.Lbar * state + u @ self.Bbar.T
        return self._read(x, u), x

    def _read(self, x, u):
        return 2 * (x @ self.C.T).real + self.D * u
