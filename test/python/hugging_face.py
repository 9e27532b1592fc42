# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small models of transformers with random weights: hidden size 64, two layers, 128 tokens."""

import logging
import os
import pathlib
import warnings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
FOLDER = pathlib.Path(__file__).resolve().parent

_SIZES = dict(
    vocab_size=128, hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, head_dim=16, max_position_embeddings=512, pad_token_id=0, bos_token_id=1, eos_token_id=2,
    tie_word_embeddings=False, num_experts=4, num_experts_per_tok=2, num_local_experts=4, moe_intermediate_size=32,
    shared_expert_intermediate_size=32,
)  # fmt: skip
_DELTA = dict(
    layer_types=["linear_attention", "full_attention"], linear_key_head_dim=16, linear_value_head_dim=16,
    linear_num_key_heads=2, linear_num_value_heads=4, linear_conv_kernel_dim=4,
)  # fmt: skip
_HEADS = dict(mamba_n_heads=8, mamba_d_head=16, mamba_n_groups=2, mamba_d_state=16, mamba_chunk_size=16)

#: Of prompts; 32 first, as torch.compile makes its first graph of a length that may change.
LENGTHS = [32, 1, 5, 45, 77, 128]

#: What each model needs beyond the common sizes.
CONFIGURATIONS = {
    "mamba": dict(state_size=8, time_step_rank=4),
    "falcon_mamba": dict(state_size=8, time_step_rank=4),
    "mamba2": dict(state_size=16, num_heads=8, n_groups=2, chunk_size=16),
    "jamba": dict(attn_layer_period=2, attn_layer_offset=1, expert_layer_period=2, mamba_d_state=8, mamba_dt_rank=4,
                  use_mamba_kernels=False),
    "bamba": dict(_HEADS, attn_layer_indices=[1]),
    "minimax": dict(layer_types=["linear_attention", "full_attention"], block_size=16),
    "qwen3_next": dict(_DELTA, decoder_sparse_step=1),
    "qwen3_5_text": dict(_DELTA),
    "recurrent_gemma": dict(lru_width=64, block_types=["recurrent", "attention"], attention_window_size=32),
    "rwkv": dict(attention_hidden_size=64, context_length=512),
    "falcon_h1": dict(_HEADS, mamba_d_ssm=128),
    "granitemoehybrid": dict(_HEADS, layer_types=["linear_attention", "full_attention"], shared_intermediate_size=64,
                             position_embedding_type="rope"),
    "zamba2": dict(_HEADS, num_hidden_layers=3, layers_block_type=["linear_attention", "linear_attention", "hybrid"],
                   mamba_ngroups=2, n_mamba_heads=8, chunk_size=16, num_key_value_heads=4, use_mem_rope=True,
                   use_mamba_kernels=False),
    "zamba": dict(num_hidden_layers=3, layers_block_type=["linear_attention", "linear_attention", "hybrid"],
                  attention_hidden_size=128, attention_head_dim=32, n_mamba_heads=2, mamba_d_state=8, mamba_dt_rank=4,
                  num_key_value_heads=4, use_mamba_kernels=False),
    "nemotron_h": dict(layers_block_type=["linear_attention", "moe", "full_attention", "mlp"], num_hidden_layers=4,
                       ssm_state_size=16, mamba_num_heads=8, mamba_head_dim=16, n_groups=2, chunk_size=16,
                       n_routed_experts=4, n_shared_experts=1, moe_shared_expert_intermediate_size=32),
    "olmo_hybrid": dict(_DELTA, linear_num_key_heads=4, linear_key_head_dim=12, linear_value_head_dim=24),
    "lfm2": dict(layer_types=["conv", "full_attention"], full_attn_idxs=None, block_multiple_of=16),
}  # fmt: skip


def make_model(name, seed=0, **more):
    """The model for causal language modelling, for inference."""
    import torch
    from transformers import CONFIG_MAPPING, MODEL_FOR_CAUSAL_LM_MAPPING

    warnings.filterwarnings("ignore", module="transformers")
    logging.getLogger("transformers").setLevel(logging.ERROR)
    kind = CONFIG_MAPPING[name]
    known = {field for base in kind.__mro__ for field in getattr(base, "__annotations__", {})}
    own = {**CONFIGURATIONS[name], **more}
    configuration = kind(**{key: value for key, value in {**_SIZES, **own}.items() if key in known or key in own})
    torch.manual_seed(seed)
    return MODEL_FOR_CAUSAL_LM_MAPPING[kind](configuration).eval().requires_grad_(False)


def tokens(batch, length, seed=0):
    import torch

    return torch.randint(3, 120, (batch, length), generator=torch.Generator().manual_seed(seed + length))


def difference(got, want):
    """The largest, of the largest value."""
    return float((got - want).abs().max() / want.abs().max())


def logits_of(model):
    """The model as a module from input_ids to logits."""
    import torch

    class Logits(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, input_ids):
            return self.model(input_ids=input_ids, use_cache=False).logits

    return Logits()


def decode(model, step):
    """The logits of 32 tokens one by one after a prompt, with the states that the model carries. step(states) gives a
    function from a token to logits; states are arguments of the model by name."""
    import torch

    states = {}
    if model.config.model_type == "recurrent_gemma":  # has no cache of its own making among its results
        from transformers import DynamicCache

        states = {"cache": DynamicCache(config=model.config)}
    with torch.no_grad():
        out = model(input_ids=tokens(1, 9), use_cache=True, **states)
        states = {key: out[key] for key in ("cache", "state") if out.get(key) is not None} or states
        token, logits, next_logits = out.logits[:, -1:].argmax(-1), [], step(states)
        for _ in range(32):
            logits.append(next_logits(token))
            token = logits[-1].argmax(-1)
    return torch.cat(logits, 1)


def called(function):
    """A model, or what torch.compile made of it, as a step."""

    def step(states):
        def next_logits(token):
            out = function(input_ids=token, use_cache=True, **states)
            states.update((key, out[key]) for key in states if out.get(key) is not None)
            return out.logits

        return next_logits

    return step
