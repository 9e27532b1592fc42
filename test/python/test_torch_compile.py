# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Whole models: torch.compile(backend="linnet"), linnet.compile, and the operators of ATen one by one."""

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

import linnet

MODELS = ["mamba", "mamba2", "falcon_mamba", "jamba", "bamba", "minimax", "qwen3_next", "recurrent_gemma", "rwkv"]


def normal(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


@pytest.fixture
def hugging_face():
    pytest.importorskip("transformers", reason="transformers is not installed")
    import hugging_face

    torch._dynamo.reset()
    yield hugging_face
    torch._dynamo.reset()


# ---------------------------------------------------------------- models


@pytest.mark.parametrize("name", MODELS)
def test_models_of_any_length_through_export(hugging_face, name):
    module = hugging_face.logits_of(hugging_face.make_model(name))
    with torch.no_grad():
        wanted = {length: module(hugging_face.tokens(2, length)) for length in hugging_face.LENGTHS}
        with linnet.patch():
            compiled = linnet.compile(module, {"input_ids": hugging_face.tokens(2, 32)}, {"input_ids": {1: "T"}})
            one = linnet.compile(module, {"input_ids": hugging_face.tokens(2, 1)})
    for length, want in wanted.items():
        got = (one if length == 1 else compiled)(input_ids=hugging_face.tokens(2, length))
        assert hugging_face.difference(got, want) < 1e-5, length
    # One thread and several give the same bits.
    threads = linnet.num_threads()
    try:
        linnet.set_num_threads(1)
        alone = compiled(input_ids=hugging_face.tokens(2, 77))
        linnet.set_num_threads(3)
        assert torch.equal(compiled(input_ids=hugging_face.tokens(2, 77)), alone)
    finally:
        linnet.set_num_threads(threads)


@pytest.mark.parametrize("name", MODELS)
def test_models_of_any_length_through_torch_compile(hugging_face, name):
    module = hugging_face.logits_of(hugging_face.make_model(name))
    with torch.no_grad():
        wanted = {length: module(hugging_face.tokens(2, length)) for length in hugging_face.LENGTHS}
        with linnet.patch():
            compiled = torch.compile(module, backend="linnet")
            for length, want in wanted.items():
                tokens = hugging_face.tokens(2, length)
                if length > 1:
                    torch._dynamo.mark_dynamic(tokens, 1)
                assert hugging_face.difference(compiled(tokens), want) < 1e-5, length
    graphs = torch._dynamo.utils.counters["stats"]["unique_graphs"]
    assert not torch._dynamo.utils.counters["graph_break"]
    torch._dynamo.utils.counters.clear()
    assert graphs == 2  # one of any length, one of a single token


@pytest.mark.parametrize("name", MODELS)
def test_decoding_through_torch_compile(hugging_face, name):
    model = hugging_face.make_model(name)
    want = hugging_face.decode(model, hugging_face.called(model))
    with linnet.patch():
        got = hugging_face.decode(model, hugging_face.called(torch.compile(model, backend="linnet")))
    assert hugging_face.difference(got, want) < 1e-5


@pytest.mark.parametrize("name", MODELS)
def test_decoding_through_export(hugging_face, name):
    """One compiled step for all 32 tokens: states of scans are written in place, keys and values grow."""
    model = hugging_face.make_model(name)
    want = hugging_face.decode(model, hugging_face.called(model))
    made = []

    def step(states):
        made.append(linnet.torch.decoder(model, **states))
        return made[0]

    with linnet.patch():
        got = hugging_face.decode(model, step)
    assert hugging_face.difference(got, want) < 1e-5
    (decoder,) = made
    grown = {size for own in decoder.states for size in own.shape if size == 9 + 32}
    assert bool(grown) == (name not in ("mamba", "mamba2", "falcon_mamba", "rwkv"))
    assert repr(decoder).startswith(f"<linnet.Decoder of {len(decoder.states)} states: <linnet.CompiledModule ")
    assert "linnet." in decoder.compiled.mlir()


def test_a_cache_that_has_dropped_tokens_makes_no_decoder(hugging_face):
    from transformers import DynamicCache

    model = hugging_face.make_model("recurrent_gemma")  # a window of 32
    cache = DynamicCache(config=model.config)
    with torch.no_grad():
        model(input_ids=hugging_face.tokens(1, 40), use_cache=True, cache=cache)
        with linnet.patch(), pytest.raises(ValueError, match="argument cache: expected one that has dropped no token"):
            linnet.torch.decoder(model, cache=cache)
    with pytest.raises(ValueError, match="expected states with tensors in them, as cache=out.cache, got none"):
        linnet.torch.decoder(model, cache=None)


class Mixer(torch.nn.Module):
    """A mixer that reads one token and writes its states in place, as decoders do."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(normal(8, 4))
        self.A = torch.nn.Parameter(-normal(8, 3).abs())

    def forward(self, x, window, state):
        y = torch.ops.linnet.causal_conv1d_step(x, window, self.weight, None, "silu")
        b = y[:, :3]
        return y + torch.ops.linnet.selective_scan_step(y, state, y.abs(), self.A, b, b)


def test_states_written_in_place_through_export():
    import linnet.torch  # the operators

    module = Mixer()
    compiled = linnet.compile(module, (normal(2, 8), normal(2, 8, 4), normal(2, 8, 3)))
    own, theirs = [normal(2, 8, 4), normal(2, 8, 3)], [normal(2, 8, 4), normal(2, 8, 3)]
    with torch.no_grad():
        for token in range(5):
            x = normal(2, 8) * (token + 1)
            want = module(x, *theirs)
            assert torch.allclose(compiled(x, *own), want, rtol=1e-5, atol=1e-6)
            assert all(torch.allclose(a, b, rtol=1e-5, atol=1e-6) for a, b in zip(own, theirs))
    assert not torch.equal(own[1], normal(2, 8, 3))


# ---------------------------------------------------------------- operators


class Function(torch.nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *tensors):
        return self.function(*tensors)


F = torch.nn.functional
x34 = lambda: (normal(3, 4),)
time = lambda: (normal(2, 6, 4),)
OPERATORS = {
    "arithmetic": (lambda x: (x + 2 * x - x / 3) * (1 - x), time),
    "functions": (lambda x: torch.exp(-x.abs()) + torch.log1p(x * x) + torch.tanh(x) + torch.erf(x) + torch.sin(x) * torch.cos(x), time),
    "activations": (lambda x: F.silu(x) + F.gelu(x) + F.gelu(x, approximate="tanh") + F.relu(x) + F.softplus(x) + torch.sigmoid(x), time),
    "powers": (lambda x: x.pow(2) + x.pow(3) + x.abs().pow(0.5) + (1 + x * x).pow(-0.5) + (2 + x * x).pow(-2), time),
    "comparisons": (lambda x: torch.where((x > 0) & ~(x >= 1) | (x == x) & (x != 0.5), x, -1.0), time),
    "clamp": (lambda x: x.clamp(-0.5, 0.5) + x.clamp(min=0) + torch.maximum(x, -x) + torch.minimum(x, x * 2), time),
    "integers": (lambda x: (x // 3, x % 3, x * 2 - 1, -x, x.abs(), x.float() / 2), lambda: (torch.arange(-6, 6),)),
    "types": (lambda x: (x.long().float() + x.bool().float() + x.half().float() + x.bfloat16().float()), lambda: (3 * normal(2, 5),)),
    "half": (lambda x: F.silu(x) * x + 1, lambda: (normal(2, 5, 8).bfloat16(),)),
    "views": (lambda x: x.reshape(2, 3, 2, 4).transpose(1, 2).reshape(2, 2, 12).unsqueeze(1).expand(2, 3, 2, 12).flatten(1, 2), time),
    "slices": (lambda x: x[:, 1:, ::2] + x[:, :-1, 1::2] * x[:, -1:, :2] + x[:, 0, None, :2], time),
    "split": (lambda x: torch.cat([part * i for i, part in enumerate(x.split([1, 2, 1], -1))], -1), time),
    "cat": (lambda x: torch.cat((x, x * 2, x[:, :1]), 1), time),
    "stack": (lambda x: torch.stack((x, -x), 1).sum(1) + torch.stack(x.unbind(0), 0), time),
    "pad": (lambda x: F.pad(x, (1, 2, 0, 3)) .sum(1) + F.pad(x, (0, 3, 1, -1)).sum(1), time),
    "repeat": (lambda x: x.repeat(1, 2, 3) + x.repeat_interleave(2, 1).repeat(1, 1, 3), time),
    "sums": (lambda x: (x.sum(), x.sum(1), x.mean((0, 2), keepdim=True), x.var(-1), x.amax(1), x.amin(-1)), time),
    "truths": (lambda x: ((x > 0).any(1), (x > -9).all(), (x > 1).any()), time),
    "softmax": (lambda x: F.softmax(x, -1) + F.log_softmax(x, 1), time),
    "norms": (lambda x: F.layer_norm(x, (4,)) + F.rms_norm(x, (4,), eps=1e-5), time),
    "cumsum": (lambda x: (x.cumsum(1), (x > 0).cumsum(-1)), time),
    "argmax": (lambda x: (x.argmax(-1), x.max(1).values, x.max(1).indices, x.argmax()), time),
    "topk": (lambda x: x.topk(3, -1), lambda: (normal(5, 16),)),
    "matmul": (lambda x: x @ x.transpose(1, 2) @ x, time),
    "matmul of heads": (lambda x: F.scaled_dot_product_attention(x, x[:, :2].repeat(1, 2, 1, 1), x, is_causal=True), lambda: (normal(2, 4, 6, 8),)),
    "triangles": (lambda x: torch.tril(x) + torch.triu(x, 1) * 2, lambda: (normal(5, 5),)),
    "arange": (lambda x: x + torch.arange(4) * torch.arange(1, 9, 2) + torch.full((4,), 2.0) + torch.ones(4) + torch.zeros_like(x), time),
    "index": (lambda x, i: x[i] + x.index_select(0, i % 6) + x[:, i % 4].sum(1, keepdim=True)[:1] + x[i, -1][:, None], lambda: (normal(6, 4), torch.tensor([0, -1, 3]))),
    "gather": (lambda x, i: x.gather(1, i), lambda: (normal(3, 6), torch.tensor([[0, 5], [1, 1], [2, 3]]))),
    "scatter": (lambda x, i: torch.zeros_like(x).scatter(1, i, 1.0), lambda: (normal(3, 6), torch.tensor([[0, 5], [1, 1], [2, 3]]))),
    "embedding": (lambda x, w: F.embedding(x, w), lambda: (torch.tensor([[1, 0, 6], [2, 2, 3]]), normal(7, 5))),
    "flip": (lambda x: x.flip(1), time),
    "convolution": (lambda x, w, b: F.conv1d(x, w, b, padding=3, groups=4)[..., :-3], lambda: (normal(2, 4, 6), normal(4, 1, 4), normal(4))),
}  # fmt: skip


def close(got, want):
    if isinstance(want, (tuple, list)):
        return len(got) == len(want) and all(map(close, got, want))
    assert got.shape == want.shape and got.dtype == want.dtype
    return torch.allclose(got, want, rtol=1e-5 if want.dtype != torch.bfloat16 else 2e-2, atol=1e-5)


@pytest.mark.parametrize("name", OPERATORS)
def test_operators(name):
    function, make = OPERATORS[name]
    module, arguments = Function(function), make()
    assert close(linnet.compile(module, arguments)(*arguments), function(*arguments))


@pytest.mark.parametrize(
    "name", [name for name in OPERATORS if OPERATORS[name][1] is time and name not in ("views", "slices")]
)
def test_operators_of_any_length(name):
    function, _ = OPERATORS[name]
    module = OneArgument(function)
    compiled = linnet.compile(module, (normal(2, 6, 4),), {"x": {1: "T"}})
    for length in (2, 6, 33):
        x = normal(2, length, 4)
        assert close(compiled(x), function(x)), length


def test_slices_from_the_end_go_on_at_the_beginning():
    """As caches do that keep a window: sizes below it are another graph, in which the slice takes all."""
    function = lambda x: torch.cat((x, x), 1)[:, -31:] * 2
    torch._dynamo.reset()
    compiled = torch.compile(function, backend="linnet")
    with torch.no_grad():
        for length in (3, 5, 8, 16, 40):
            x = normal(2, length, 4)
            assert torch.equal(compiled(x), function(x)), length


def test_numbers_that_are_no_size():
    """Integers of the program become symbols that no tensor has as its size."""
    torch._dynamo.reset()
    function = lambda x, n: torch.relu(x) * n + torch.arange(4) + n
    compiled = torch.compile(function, backend="linnet")
    with torch.no_grad():
        for n in (7, 9, 12, 90):
            assert torch.equal(compiled(normal(3, 4), n), function(normal(3, 4), n)), n


def test_products_with_weights_have_the_form_that_is_packed(monkeypatch):
    """The sum along what lies side by side in both operands, whatever torch makes of them: for a batch of one a product with
    a weight arrives as one of many with it, expanded, and its other operand transposed. Unpacked, it would be a hundred
    times slower."""
    from linnet.torch import _importer

    class Layer(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = torch.nn.Linear(32, 64, bias=False), torch.nn.Linear(64, 32)

        def forward(self, x):
            return self.second(self.first(x.transpose(1, 2)).transpose(1, 2).contiguous().transpose(1, 2))

    texts, run = [], _importer.Importer.run
    monkeypatch.setattr(_importer.Importer, "run", lambda self: (imported := run(self), texts.append(imported.text))[0])
    torch._dynamo.reset()
    layer = Layer().requires_grad_(False)
    compiled, x = torch.compile(layer, backend="linnet"), normal(1, 32, 40)
    torch._dynamo.mark_dynamic(x, 2)
    with torch.no_grad():
        assert close(compiled(x), layer(x))
    products = [line for line in "".join(texts).splitlines() if "linalg.contract" in line]
    loops = "(d0, d1, d2, d3)"
    form = f"[affine_map<{loops} -> (d0, d1, d3)>, affine_map<{loops} -> (d2, d3)>, affine_map<{loops} -> (d0, d1, d2)>]"
    assert len(products) == 2 and all(form in line for line in products)


class OneArgument(Function):
    def forward(self, x):
        return self.function(x)


def test_linear_layers_and_what_they_say(tmp_path):
    module = torch.nn.Sequential(torch.nn.Linear(16, 32), torch.nn.SiLU(), torch.nn.Linear(32, 16)).requires_grad_(
        False
    )
    compiled = linnet.compile(module, (normal(2, 6, 16),), {"input": {1: "T"}})
    for length in (2, 9, 40):
        x = normal(2, length, 16)
        assert close(compiled(x), module(x))
    text = repr(compiled)
    assert "f32[2, " in text and "Mflop" in text and "last call" in text
    stats = compiled.stats(dynamic_size=10)
    assert stats.flops >= 2 * 2 * 10 * 2 * 16 * 32 and stats.weight_bytes == 4 * (2 * 16 * 32 + 16 + 32)
    assert "linalg.contract" in compiled.mlir() and "llvm.func" in compiled.mlir("llvm")
    compiled.save(tmp_path / "layers.so")
    assert (tmp_path / "layers.so").stat().st_size > 1000
    with pytest.raises(ValueError, match="argument stage: expected one of input, graph, tiled, vector, llvm, got 'x'"):
        compiled.mlir("x")
    with pytest.raises(ValueError, match="argument path: expected a name that ends with .so"):
        compiled.save(tmp_path / "layers.o")


# ---------------------------------------------------------------- what goes wrong


class Bad(torch.nn.Module):
    def forward(self, x):
        return torch.erfinv(x / 4) + torch.cumprod(x, 0) + torch.sort(x)[0] + torch.sort(-x)[0]


def test_unsupported_operators_are_reported_together():
    from linnet.torch import UnsupportedOperators

    with pytest.raises(UnsupportedOperators) as error:
        linnet.compile(Bad(), (normal(3, 3),))
    message = str(error.value)
    assert "aten.erfinv.default (1 use)" in message and "aten.sort.default (2 uses)" in message
    assert isinstance(error.value, NotImplementedError) and len(error.value.faults) >= 4


def test_unsupported_operators_run_in_torch_under_torch_compile():
    torch._dynamo.reset()
    module, x = Bad(), normal(3, 3)
    compiled = torch.compile(lambda x: torch.relu(module(x) * 2 + 1).exp(), backend="linnet")
    with torch.no_grad():
        assert torch.allclose(compiled(x), torch.relu(module(x) * 2 + 1).exp(), rtol=1e-4)


def test_backend_is_found_without_an_import(python, kernel_cache):
    code = """
import torch
f = torch.compile(lambda x: torch.sin(x) * 2, backend="linnet")
with torch.no_grad():
    print(torch.allclose(f(torch.ones(4, 8)), torch.sin(torch.ones(4, 8)) * 2))
"""
    assert python(code, LINNET_CACHE_DIR=kernel_cache).strip() == "True"


def test_weights_that_change_are_bound_again():
    torch._dynamo.reset()
    layer = torch.nn.Linear(8, 8).requires_grad_(False)
    compiled, x = torch.compile(layer, backend="linnet"), normal(4, 8)
    with torch.no_grad():
        assert close(compiled(x), layer(x))
        layer.weight.mul_(2)
        assert close(compiled(x), layer(x))


def test_gradients_are_refused():
    torch._dynamo.reset()
    compiled = torch.compile(torch.nn.Linear(8, 8), backend="linnet")
    with pytest.raises(Exception, match="gradients are not supported yet"):
        compiled(normal(4, 8)).sum().backward()


def test_wrong_arguments():
    module = torch.nn.Linear(8, 8).requires_grad_(False)
    compiled = linnet.compile(module, (normal(2, 8),), {"input": {0: "N"}})
    for argument, error, message in (
        (normal(2, 7), ValueError, r"argument input: expected shape \[.*, 8\], got \[2, 7\]"),
        (
            normal(2, 8).double(),
            TypeError,
            "argument input: expected elements of type torch.float32, got torch.float64",
        ),
        (normal(2, 8).to("meta"), ValueError, "argument input: expected a tensor on the CPU, got one on meta"),
        (3, TypeError, "argument input: expected a tensor, got int"),
    ):
        with pytest.raises(error, match=message):
            compiled(argument)
    with pytest.raises(TypeError, match="expected arguments of the structure"):
        compiled(normal(2, 8), normal(2, 8))
    with pytest.raises(TypeError, match="argument module: expected a torch.nn.Module, got function"):
        linnet.compile(normal, ())
    with pytest.raises(ValueError, match="argument dynamic: expected names of input, got 'x'"):
        linnet.compile(module, (normal(2, 8),), {"x": {0: "N"}})
    assert close(compiled(normal(5, 8)[:, torch.arange(8)]), module(normal(5, 8)))
    assert close(compiled(normal(8, 5).t()), module(normal(8, 5).t()))  # copied once
