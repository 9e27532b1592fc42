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


class Weights:
    """Those of a layer, by the ends of their names."""

    def __init__(self, tensors, prefix):
        self.tensors, self.prefix = tensors, prefix

    def __getitem__(self, name):
        return self.tensors[f"{self.prefix}{name}"]

    def linear(self, x, name):
        y = x @ self[f"{name}.weight"].T
        bias = self.tensors.get(f"{self.prefix}{name}.bias")
        return y if bias is None else y + bias


def causal_conv(window, x, weights, name):
    """The next output, and the inputs that later ones read. window is [taps - 1, channels]."""
    window = np.vstack([window, x])
    y = (window * weights[f"{name}.weight"][:, 0].T).sum(0)
    bias = weights.tensors.get(f"{weights.prefix}{name}.bias")
    return silu(y if bias is None else y + bias), window[1:]


def mamba2(config, tensors, tokens):
    sizes = config.get("ssm_cfg", config)
    state_size = sizes.get("d_state", sizes.get("state_size"))
    head_size = sizes.get("headdim", sizes.get("head_dim"))
    groups = sizes.get("ngroups", sizes.get("n_groups"))
    epsilon = config.get("layer_norm_epsilon", 1e-5)
    least, most = config.get("time_step_limit", (0, np.inf))
    table = next(value for name, value in tensors.items() if "embedding" in name)
    count = config.get("n_layer", config.get("num_hidden_layers"))
    layers = [Weights(tensors, f"backbone.layers.{i}.") for i in range(count)]
    heads, inner, shared = len(layers[0]["mixer.D"]), len(layers[0]["mixer.norm.weight"]), groups * state_size
    taps = layers[0]["mixer.conv1d.weight"].shape[2]
    windows = [np.zeros((taps - 1, inner + 2 * shared)) for _ in layers]
    states = [np.zeros((heads, state_size, head_size)) for _ in layers]
    logits = []
    for token in tokens:
        h = table[token]
        for i, layer in enumerate(layers):
            normal = rms_norm(h, layer["norm.weight"], epsilon)
            z, xbc, dt = np.split(layer.linear(normal, "mixer.in_proj"), [inner, 2 * inner + 2 * shared])
            xbc, windows[i] = causal_conv(windows[i], xbc, layer, "mixer.conv1d")
            x, b, c = np.split(xbc, [inner, inner + shared])
            x = x.reshape(heads, head_size)
            b, c = (np.repeat(part.reshape(groups, state_size), heads // groups, 0) for part in (b, c))
            dt = np.clip(np.logaddexp(0, dt + layer["mixer.dt_bias"]), least, most)
            decay = np.exp(-np.exp(layer["mixer.A_log"]) * dt)
            states[i] = decay[:, None, None] * states[i] + b[:, :, None] * (dt[:, None] * x)[:, None]
            y = (c[:, :, None] * states[i]).sum(1) + layer["mixer.D"][:, None] * x
            gated = (y.reshape(-1) * silu(z)).reshape(groups, -1)
            y = rms_norm(gated, layer["mixer.norm.weight"].reshape(groups, -1), epsilon).reshape(-1)
            h = h + layer.linear(y, "mixer.out_proj")
        logits.append(tensors.get("lm_head.weight", table) @ rms_norm(h, tensors["backbone.norm_f.weight"], epsilon))
    return np.stack(logits)


CASES = {
    "mamba2": (mamba2, ["--arch=mamba2", "--layers=2"]),
    "mamba2-hf": (mamba2, ["--arch=mamba2", "--hf", "--bias", "--untied", "--set=time_step_limit=[0.3, 0.9]"]),
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
    return linnet.load(folder / "model.so", weights=folder), tokens, definition(config, tensors, tokens)


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
