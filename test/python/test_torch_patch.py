# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Models of transformers on Linnet's kernels: patched, and with the packages that they look up."""

import sys

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("transformers", reason="transformers is not installed")

import hugging_face
import linnet
import linnet.torch

MODELS = ["mamba", "mamba2", "falcon_mamba", "jamba", "bamba", "minimax", "qwen3_next", "recurrent_gemma", "rwkv"]


def logits(model, tokens):
    with torch.no_grad():
        return model(input_ids=tokens, use_cache=False).logits


def difference(got, want):
    return float((got - want).abs().max() / want.abs().max())


@pytest.mark.parametrize("name", MODELS)
def test_patched_models_give_the_same(name):
    model = hugging_face.make_model(name)
    for length in (1, 5, 45):
        tokens = hugging_face.tokens(2, length)
        want = logits(model, tokens)
        with linnet.patch() as patch:
            assert patch.names
            assert difference(logits(model, tokens), want) < 1e-5
        assert not patch.names
        assert torch.equal(logits(model, tokens), want)


@pytest.mark.parametrize("name", MODELS)
def test_patched_models_generate_the_same(name):
    model = hugging_face.make_model(name)
    tokens = hugging_face.tokens(2, 9)
    want = model.generate(tokens, max_new_tokens=8, do_sample=False, eos_token_id=None)
    with linnet.patch():
        assert torch.equal(model.generate(tokens, max_new_tokens=8, do_sample=False, eos_token_id=None), want)


def test_patch_and_undo():
    model = hugging_face.make_model("mamba")
    modeling = sys.modules[type(model).__module__]
    before = modeling.mamba_selective_scan
    patch = linnet.patch()
    assert modeling.mamba_selective_scan is not before
    assert f"{modeling.__name__}.mamba_selective_scan" in patch.names
    assert not [name for name in linnet.patch().names if ".mamba." in name]  # nothing twice
    somebody_elses = lambda *args, **kwargs: None
    own = modeling.causal_conv1d_fn
    modeling.causal_conv1d_fn = somebody_elses
    patch.undo()
    assert modeling.mamba_selective_scan is before
    assert modeling.causal_conv1d_fn is somebody_elses
    modeling.causal_conv1d_fn = own.__wrapped__
    patch.undo()  # nothing is left to do


PROVIDED = """
import linnet.torch, sys
assert linnet.torch.install_providers() == ["causal_conv1d", "mamba_ssm", "fla"]
assert linnet.torch.install_providers(["fla"]) == ["fla"]
from mamba_ssm.ops.selective_scan_interface import selective_scan_fn
from mamba_ssm.ops.triton.ssd_combined import mamba_chunk_scan_combined
from fla.ops.kda import chunk_kda
import causal_conv1d
sys.path.insert(0, {folder!r})
import hugging_face, torch
model = hugging_face.make_model({name!r})
calls = []
for op in ("selective_scan", "ssd", "causal_conv1d", "linear_attention"):
    def kernel(*args, op=op, real=getattr(linnet.ops, op), **kwargs):
        calls.append(op)
        return real(*args, **kwargs)
    setattr(linnet.ops, op, kernel)
tokens = hugging_face.tokens(1, 12)
with torch.no_grad():
    logits = model(input_ids=tokens, use_cache=False).logits
torch.save(logits, {file!r})
linnet.torch.remove_providers()
assert "mamba_ssm" not in sys.modules
print(" ".join(sorted(set(calls))))
"""


@pytest.mark.parametrize(
    "name, kernels",
    [
        ("mamba", "causal_conv1d selective_scan"),
        ("mamba2", "causal_conv1d ssd"),
        ("qwen3_next", "causal_conv1d linear_attention"),
    ],
)
def test_providers_are_found_by_models(python, tmp_path, kernel_cache, name, kernels):
    file = tmp_path / "logits.pt"
    code = PROVIDED.format(folder=str(hugging_face.FOLDER), name=name, file=str(file))
    assert python(code, LINNET_CACHE_DIR=kernel_cache).strip().splitlines()[-1] == kernels
    assert difference(torch.load(file), logits(hugging_face.make_model(name), hugging_face.tokens(1, 12))) < 1e-5


def test_providers_refuse_other_packages():
    with pytest.raises(
        ValueError, match="argument packages: expected names of causal_conv1d, mamba_ssm, fla, got 'numpy'"
    ):
        linnet.torch.install_providers(["numpy"])


def test_what_kernels_do_not_do_is_said():
    from linnet.torch._kernels import causal_conv1d_fn

    with pytest.raises(NotImplementedError, match="causal_conv1d_fn: argument seq_idx: expected None"):
        causal_conv1d_fn(torch.zeros(1, 2, 3), torch.zeros(2, 2), seq_idx=torch.zeros(1, 3))


def test_mamba_inner_fn_is_the_mixer():
    from linnet.torch._kernels import mamba_inner_fn

    model = hugging_face.make_model("mamba")
    mixer, x = model.backbone.layers[0].mixer, torch.randn(2, 7, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        want = mixer(x)
        got = mamba_inner_fn(
            mixer.in_proj(x).transpose(1, 2), mixer.conv1d.weight, mixer.conv1d.bias, mixer.x_proj.weight, mixer.dt_proj.weight,
            mixer.out_proj.weight, None, -torch.exp(mixer.A_log), None, None, mixer.D, delta_bias=mixer.dt_proj.bias,
        )  # fmt: skip
    assert difference(got, want) < 1e-5
