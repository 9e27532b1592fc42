# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tiny made-up checkpoints of each architecture against its definition, token by token in float64."""

import json
import pathlib
import subprocess
import sys

import linnet
import numpy as np
import pytest
from safetensors.numpy import load_file

MAKE_CHECKPOINT = pathlib.Path(__file__).resolve().parent.parent / "frontends" / "checkpoint" / "make_checkpoint.py"


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def silu(x):
    return x * sigmoid(x)


def rms_norm(x, weight, epsilon):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + epsilon) * weight


class Layer:
    """Its weights by the ends of their names, and its states."""

    def __init__(self, config, tensors, prefix):
        self.config, self.tensors, self.prefix = config, tensors, prefix
        self.windows, self.state, self.position = {}, 0, 0

    def __getitem__(self, name):
        return self.tensors[self.prefix + name]

    def linear(self, x, name):
        y = self[f"{name}.weight"] @ x
        bias = self.tensors.get(f"{self.prefix}{name}.bias")
        return y if bias is None else y + bias

    def norm(self, x, name):
        """Of the last dimension; a longer weight is cut into rows."""
        config = self.config
        epsilon = config.get("layer_norm_epsilon", config.get("norm_eps", 1e-5))
        return rms_norm(x, self[f"{name}.weight"].reshape(-1, x.shape[-1]), epsilon).reshape(x.shape)

    def convolve(self, x, name):
        taps = self[f"{name}.weight"][:, 0].T
        window = np.vstack([self.windows.get(name, np.zeros((len(taps) - 1, len(x)))), x])
        self.windows[name] = window[1:]
        bias = self.tensors.get(f"{self.prefix}{name}.bias", 0)
        return silu((window * taps).sum(0) + bias)

    def attend(self, q, k, v, decay):
        """All [heads, size]; decay [heads, 1] or [heads, keys]."""
        self.state = decay[:, :, None] * self.state + k[:, :, None] * v[:, None]
        return (q[:, :, None] * self.state).sum(1)


def mamba2(layer, h):
    sizes = layer.config.get("ssm_cfg", layer.config)
    state_size = sizes.get("d_state", sizes.get("state_size"))
    groups = sizes.get("ngroups", sizes.get("n_groups"))
    least, most = layer.config.get("time_step_limit", (0, np.inf))
    heads, inner, shared = len(layer["mixer.D"]), len(layer["mixer.norm.weight"]), groups * state_size
    z, xbc, dt = np.split(layer.linear(layer.norm(h, "norm"), "mixer.in_proj"), [inner, 2 * inner + 2 * shared])
    x, b, c = np.split(layer.convolve(xbc, "mixer.conv1d"), [inner, inner + shared])
    x = x.reshape(heads, -1)
    b, c = (np.repeat(part.reshape(groups, -1), heads // groups, 0) for part in (b, c))
    dt = np.clip(np.logaddexp(0, dt + layer["mixer.dt_bias"]), least, most)[:, None]
    y = layer.attend(c, b, dt * x, np.exp(-np.exp(layer["mixer.A_log"])[:, None] * dt))
    y = (y + layer["mixer.D"][:, None] * x).reshape(-1) * silu(z)
    return h + layer.linear(layer.norm(y.reshape(groups, -1), "mixer.norm").reshape(-1), "mixer.out_proj")


def fla(layer, h, attend):
    """The layers of flash-linear-attention; attend(layer, normal, q, k, v) gives o."""
    heads = layer.config["num_heads"]
    normal = layer.norm(h, "attn_norm")
    rows = []
    for name in "qkv":
        x = layer.linear(normal, f"attn.{name}_proj")
        if layer.config.get("use_short_conv"):
            x = layer.convolve(x, f"attn.{name}_conv1d")
        rows.append(x.reshape(heads, -1))
    q, k, v = rows
    o = layer.norm(attend(layer, normal, q * q.shape[1] ** -0.5, k, v), "attn.g_norm_swish_gate").reshape(-1)
    h = h + layer.linear(o * silu(layer.linear(normal, "attn.g_proj")), "attn.o_proj")
    normal = layer.norm(h, "mlp_norm")
    gate, up = layer.linear(normal, "mlp.gate_proj"), layer.linear(normal, "mlp.up_proj")
    return h + layer.linear(silu(gate) * up, "mlp.down_proj")


def gla(layer, h):
    def attend(layer, normal, q, k, v):
        gate = layer.linear(layer.linear(normal, "attn.gk_proj.0"), "attn.gk_proj.1")
        log_decay = -np.logaddexp(0, -gate.reshape(k.shape)) / 16
        return layer.attend(q, k, v, np.exp(np.maximum(log_decay, layer.config.get("clamp_min", -np.inf))))

    return fla(layer, h, attend)


def retnet(layer, h):
    def attend(layer, normal, q, k, v):
        size = q.shape[1]
        turn = np.exp(1j * layer.position * 10000.0 ** (-np.arange(0, size, 2) / size))
        layer.position += 1
        rotated = [(x[:, : size // 2] + 1j * x[:, size // 2 :]) * turn for x in (q, k)]
        q, k = (np.hstack([x.real, x.imag]) for x in rotated)
        return layer.attend(q, k, v, 1 - 2.0 ** (-5.0 - np.arange(len(q)))[:, None])

    return fla(layer, h, attend)


def compute_logits(definition, config, tensors, tokens):
    prefix = "backbone." if "backbone.norm_f.weight" in tensors else "model."
    table = next(value for name, value in tensors.items() if "embedding" in name)
    count = config.get("n_layer", config.get("num_hidden_layers"))
    layers = [Layer(config, tensors, f"{prefix}layers.{i}.") for i in range(count)]
    last = Layer(config, tensors, prefix)
    logits = []
    for token in tokens:
        h = table[token]
        for layer in layers:
            h = definition(layer, h)
        logits.append(tensors.get("lm_head.weight", table) @ last.norm(h, "norm_f" if prefix == "backbone." else "norm"))
    return np.stack(logits)


CASES = {
    "mamba2": (mamba2, ["--arch=mamba2", "--layers=2"]),
    "mamba2-hf": (mamba2, ["--arch=mamba2", "--hf", "--bias", "--untied", "--set=time_step_limit=[0.3, 0.9]"]),
    "gla": (gla, ["--arch=gla", "--layers=2", "--short-conv", "--untied", "--set=clamp_min=-0.04"]),
    "retnet": (retnet, ["--arch=retnet", "--layers=2"]),
}


@pytest.fixture(scope="module", params=CASES)
def case(request, linnetc, tmp_path_factory):
    """A model, tokens, and the logits of each of them by the definition."""
    definition, options = CASES[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    subprocess.run([sys.executable, MAKE_CHECKPOINT, folder, *options], check=True)
    linnetc(folder, "-o", folder / "model.so")
    config = json.loads((folder / "config.json").read_text())
    tensors = {name: value.astype(np.float64) for name, value in load_file(folder / "model.safetensors").items()}
    # More than a block of time.
    tokens = np.random.default_rng(20260611).integers(0, 256, 300, dtype=np.int32)
    return linnet.load(folder / "model.so", weights=folder), tokens, compute_logits(definition, config, tensors, tokens)


def assert_logits(got, want):
    assert np.abs(got - want).max() <= 2e-5 * np.abs(want).max()


def test_definition(case):
    model, tokens, want = case
    assert_logits(model.forward(tokens[None])[0][0], want)
    assert_logits(model.forward(tokens[None], logits="last")[0][0], want[-1])


@pytest.mark.parametrize("split", [1, 2, 257, 299])
def test_split(case, split):
    model, tokens, want = case
    first, states = model.forward(tokens[None, :split])
    second, states = model.forward(tokens[None, split:], states)
    assert_logits(np.concatenate([first[0], second[0]]), want)


def test_steps(case):
    model, tokens, want = case
    states = None
    for token, logits in zip(tokens[:40], want):
        got, states = model.step([token], states)
        assert_logits(got[0], logits)
    got, _ = model.forward(tokens[None, 40:], states)
    assert_logits(got[0], want[40:])


@pytest.mark.parametrize("case", ["retnet"], indirect=True)
def test_only_distances_matter(case, threads):
    """What a head of RetNet has forgotten has no influence, however far along the text is."""
    linnet.set_num_threads(1)
    model = case[0]
    tokens = np.random.default_rng(1).integers(0, 256, (1, 50_000), dtype=np.int32)
    whole, _ = model.forward(tokens, logits="last")
    end, _ = model.forward(tokens[:, -4_000:], logits="last")
    assert_logits(whole, end)
