# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What an import costs and loads, and torch beside it."""

import json

import numpy as np
import pytest

LOADED = """
import json, sys
import numpy
before = set(sys.modules)
import linnet
maps = open("/proc/self/maps").read()
print(json.dumps({"new": sorted(set(sys.modules) - before),
                  "compiler": any(name in maps for name in ("libMLIR", "libLLVM", "liblinnet_compiler")),
                  "runtime": "liblinnet_runtime" in maps}))
"""

#: Of Linnet, what waits for its first use; of others, what numpy does not bring and is cheap.
LATER = ["_cache", "_compiler", "_graph", "_jit", "_profile", "_program", "_report", "onnx", "torch"]
CHEAP = {"__future__", "copy", "dataclasses", "threading"}


def test_import(python):
    """That it takes well under 150 ms (50 ms, 45 of which are numpy's, on the machine of docs/rationale/python.md) is
    not a matter for a clock that others share; what takes the time is modules and libraries."""
    loaded = json.loads(python(LOADED))
    assert loaded["runtime"] and not loaded["compiler"]
    own = [name for name in loaded["new"] if name.split(".")[0] == "linnet"]
    assert not set(loaded["new"]) - set(own) - CHEAP
    assert not {f"linnet.{name}" for name in LATER} & set(own)
    assert len(own) < 40


def test_everything_public_is_documented():
    import linnet

    for scope in (linnet, linnet.ops):
        for name in scope.__all__:
            if name.startswith("__"):
                continue
            try:
                assert getattr(scope, name).__doc__, name
            except ModuleNotFoundError as error:
                assert error.name == "torch" and "pip install linnet[torch]" in str(error)


torch_works = """
import numpy, {first}, {second}
x = torch.randn(1, 20, 9)
w = torch.randn(20, 4)
y, state = linnet.ops.causal_conv1d(x, w, activation="silu")
assert isinstance(y, torch.Tensor) and y.dtype == torch.float32
want = torch.nn.functional.silu(torch.nn.functional.conv1d(torch.nn.functional.pad(x, (3, 0)), w[:, None], groups=20))
assert torch.allclose(y, want, atol=1e-5)
assert torch.equal(state, x[:, :, -3:])
print(float((torch.randn(200, 200) @ torch.randn(200, 200)).abs().sum()) > 0)
"""


@pytest.mark.parametrize("first, second", [("linnet", "torch"), ("torch", "linnet")])
def test_torch_beside_it(python, tmp_path, first, second):
    pytest.importorskip("torch")
    assert python(torch_works.format(first=first, second=second), LINNET_CACHE_DIR=tmp_path).strip() == "True"


def test_torch_tensors(rng):
    torch = pytest.importorskip("torch")
    from linnet.ops import affine_scan, causal_conv1d, causal_conv1d_step, selective_scan

    normal = lambda *shape: rng.standard_normal(shape, np.float32)
    u, delta, z = normal(2, 20, 9), np.abs(normal(2, 20, 9)), normal(2, 20, 9)
    A, B, C, state = -np.exp(normal(20, 4)), normal(2, 4, 9), normal(2, 4, 9), normal(2, 20, 4)
    arrays = [u, delta, A, B, C, None, z, None, False, state]
    tensors = [torch.from_numpy(a) if isinstance(a, np.ndarray) else a for a in arrays]
    for got, want in zip(selective_scan(*tensors), selective_scan(*arrays)):
        assert isinstance(got, torch.Tensor) and np.array_equal(got.numpy(), want)
    strided = [t.mT.contiguous().mT if isinstance(t, torch.Tensor) else t for t in tensors]
    for got, want in zip(selective_scan(*strided), selective_scan(*arrays)):
        assert np.array_equal(got.numpy(), want)

    half = [t.bfloat16() if isinstance(t, torch.Tensor) else t for t in tensors]
    out, last = selective_scan(*half)
    assert out.dtype == torch.bfloat16 and last.dtype == torch.float32
    want, _ = selective_scan(*[t.float() if isinstance(t, torch.Tensor) else t for t in half])
    assert torch.equal(out, want.bfloat16())

    Ac = torch.complex(torch.from_numpy(A), torch.from_numpy(normal(20, 4)))
    Bc, Cc = torch.from_numpy(normal(2, 4, 18)), torch.from_numpy(normal(2, 4, 18))
    out, last = selective_scan(tensors[0], tensors[1], Ac.conj(), Bc, Cc)
    want, _ = selective_scan(u, delta, Ac.numpy().conj(), Bc.numpy(), Cc.numpy())
    assert np.array_equal(out.numpy(), want)
    assert last.dtype == torch.complex64

    x, w = torch.from_numpy(u), torch.from_numpy(normal(20, 4))
    y, state = causal_conv1d(x[..., :-1], w)
    y, state = causal_conv1d_step(x[..., -1], state, w)
    assert torch.allclose(y, causal_conv1d(x, w)[0][..., -1])
    h, _ = affine_scan(torch.from_numpy(delta), x)
    assert h.shape == x.shape

    with pytest.raises(RuntimeError, match="argument weight requires a gradient"):
        causal_conv1d(x, w.requires_grad_())
    with torch.no_grad():
        causal_conv1d(x, w)
    with pytest.raises(TypeError, match="argument weight: expected a torch tensor, as x is, got numpy array"):
        causal_conv1d(x, w.detach().numpy())
    with pytest.raises(ValueError, match="argument x: expected a tensor on the CPU, got one on meta"):
        causal_conv1d(x.to("meta"), w.detach())
    with pytest.raises(TypeError, match="argument x: expected elements of type .*, got torch.float64"):
        causal_conv1d(x.double(), w.detach())
