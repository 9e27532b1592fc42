# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""torch.ops.linnet: schemas, rules for fake tensors, states written in place, export."""

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

import linnet
import linnet.torch  # defines the operators


def normal(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def positive(*shape):
    return normal(*shape).abs()


CASES = {
    "causal_conv1d": lambda: (normal(2, 8, 5), normal(8, 4), normal(8), normal(2, 8, 3), "silu"),
    "causal_conv1d_step": lambda: (normal(2, 8), normal(2, 8, 4), normal(8, 4), normal(8), "silu"),
    "selective_scan": lambda: (
        normal(2, 8, 5), normal(2, 8, 5), -positive(8, 3), normal(2, 3, 5), normal(2, 3, 5), normal(8), normal(2, 8, 5),
        normal(8), True, normal(2, 8, 3),
    ),
    "selective_scan_step": lambda: (
        normal(2, 8), normal(2, 8, 3), normal(2, 8), -positive(8, 3), normal(2, 3), normal(2, 3), normal(8), normal(2, 8),
        normal(8), True,
    ),
    "ssd": lambda: (
        normal(2, 5, 4, 8), normal(2, 5, 4), -positive(4), normal(2, 5, 2, 16), normal(2, 5, 2, 16), normal(4),
        normal(2, 5, 4, 8), normal(4), True, normal(2, 4, 8, 16), [0.0, 1.0],
    ),
    "ssd_step": lambda: (
        normal(2, 4, 8), normal(2, 4, 8, 16), normal(2, 4), -positive(4), normal(2, 2, 16), normal(2, 2, 16), normal(4),
        normal(2, 4, 8), normal(4), True, [0.0, 1.0],
    ),
    "linear_attention": lambda: (normal(2, 5, 4, 8), normal(2, 5, 4, 8), normal(2, 5, 4, 8), -positive(2, 5, 4)),
    "linear_attention_step": lambda: (normal(2, 4, 8), normal(2, 4, 8), normal(2, 4, 8), normal(2, 4, 8, 8), -positive(2, 4)),
    "affine_scan": lambda: (normal(2, 5, 8), normal(2, 5, 8), normal(2, 8)),
    "wkv4": lambda: (-positive(8), normal(8), normal(2, 5, 8), normal(2, 5, 8)),
}  # fmt: skip


def operator(name):
    return getattr(torch.ops.linnet, name).default


@pytest.mark.parametrize("name", CASES)
def test_schema_and_fake_tensors(name):
    torch.library.opcheck(operator(name), CASES[name](), test_utils=("test_schema", "test_faketensor"))


def same(got, want):
    return torch.allclose(got, want, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", [name for name in CASES if name.endswith("_step")])
def test_step_writes_the_state(name):
    """Three tokens one by one are what the whole sequence is."""
    whole = name.removesuffix("_step")
    steps = [list(CASES[name]()) for _ in range(3)]
    names = [argument.name for argument in operator(name)._schema.arguments]
    # Where the tokens differ, and where time is in the whole form.
    time = 2 if name.startswith(("causal", "selective")) else 1
    along = {"x_t", "u_t", "delta_t", "dt_t", "B_t", "C_t", "z_t", "q", "k", "v", "log_decay"}
    for token, arguments in enumerate(steps):
        for i, argument in enumerate(names[: len(arguments)]):
            if argument in along:
                arguments[i] = arguments[i] * (1 + token)
    state = steps[0][names.index("state")].clone()
    start = state.clone()
    results = []
    for arguments in steps:
        arguments[names.index("state")] = state
        results.append(operator(name)(*arguments))
    together = {}
    for i, argument in enumerate(names[: len(steps[0])]):
        if argument == "state":
            continue
        values = [arguments[i] for arguments in steps]
        key = argument.removesuffix("_t")
        together[key] = torch.stack(values, time) if argument in along else values[0]
    together["initial_state"] = start[..., 1:] if name == "causal_conv1d_step" else start
    want, last = operator(whole)(**together)
    assert same(torch.stack(results, time), want)
    assert same(state[..., 1:] if name == "causal_conv1d_step" else state, last)
    assert not torch.equal(state, start)


def test_wkv4_is_its_definition():
    decay, first, k, v = CASES["wkv4"]()
    y, numerator, denominator, exponent = torch.ops.linnet.wkv4(decay, first, k, v)
    n = d = torch.zeros(2, 8, dtype=torch.float64)
    for t in range(k.shape[1]):
        own = torch.exp(first.double() + k[:, t])
        assert same(y[:, t], ((n + own * v[:, t]) / (d + own)).float())
        n = torch.exp(decay.double()) * n + torch.exp(k[:, t].double()) * v[:, t]
        d = torch.exp(decay.double()) * d + torch.exp(k[:, t].double())
    assert same(numerator * torch.exp(exponent), n.float()) and same(denominator * torch.exp(exponent), d.float())
    # In two parts, and with keys that no exponential of a float can hold.
    k = k + 200
    y = torch.ops.linnet.wkv4(decay, first, k, v)[0]
    head, *state = torch.ops.linnet.wkv4(decay, first, k[:, :2], v[:, :2])
    tail = torch.ops.linnet.wkv4(decay, first, k[:, 2:], v[:, 2:], *state)[0]
    assert y.isfinite().all() and same(torch.cat((head, tail), 1), y)


class Mixer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(normal(8, 4))
        self.A = torch.nn.Parameter(-positive(8, 3))

    def forward(self, x, b):
        y, _ = torch.ops.linnet.causal_conv1d(x, self.weight, None, None, "silu")
        return torch.ops.linnet.selective_scan(y, y, self.A, b, b)[0]


def test_export_keeps_the_operators_whole():
    module, x, b = Mixer(), normal(2, 8, 12), normal(2, 3, 12)
    time = torch.export.Dim("T", min=2)
    with torch.no_grad():
        program = torch.export.export(module, (x, b), dynamic_shapes=({2: time}, {2: time}))
        targets = {str(node.target) for node in program.run_decompositions().graph.nodes}
        assert {"linnet.causal_conv1d.default", "linnet.selective_scan.default"} <= targets
        for length in (2, 12, 31):
            x, b = normal(2, 8, length), normal(2, 3, length)
            assert torch.equal(program.module()(x, b), module(x, b))


def test_gradients_are_refused():
    x, weight = normal(1, 8, 5), normal(8, 4).requires_grad_()
    with pytest.raises(RuntimeError, match="argument weight requires a gradient, and gradients are not supported yet"):
        torch.ops.linnet.causal_conv1d(x, weight)
    with torch.no_grad():
        torch.ops.linnet.causal_conv1d(x, weight)


def test_half_precision():
    x, weight = normal(2, 8, 5).bfloat16(), normal(8, 4).bfloat16()
    y, state = torch.ops.linnet.causal_conv1d(x, weight)
    assert y.dtype == state.dtype == torch.bfloat16
    q = normal(1, 5, 2, 8).half()
    o, state = torch.ops.linnet.linear_attention(q, q, q)
    assert o.dtype == torch.float16 and state.dtype == torch.float32
    assert torch.equal(o, linnet.ops.linear_attention(q, q, q)[0])
