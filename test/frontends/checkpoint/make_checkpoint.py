#!/usr/bin/env python3
# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a tiny made-up checkpoint: config.json and model.safetensors.

All have d_model 8, 1 layer and 256 tokens, tied, f32; the rest is in the function of the architecture. The default is
Mamba with the names of state-spaces, d_inner 16, d_state 4, d_conv 3, dt_rank 1 ("auto"). Options change that, or
damage it. Uses nothing but the standard library; the same options give the same bytes.
"""

import argparse
import json
import math
import os
import random
import struct

CODES = {"F32": "f", "F16": "e", "F64": "d", "I8": "b", "I32": "i"}


def pack(dtype, values):
    if dtype == "BF16":  # cut off, which is a rounding too
        return b"".join(struct.pack("<f", value)[2:] for value in values)
    if dtype.startswith("I"):
        values = [int(value) for value in values]
    return struct.pack(f"<{len(values)}{CODES[dtype]}", *values)


def mamba(options):
    config = hugging_face_mamba_config(options) if options.hf else state_spaces_config(options)
    return config, mamba_shapes(options)


def state_spaces_config(options):
    config = {
        "d_model": 8,
        "n_layer": options.layers,
        "vocab_size": 256,
        "ssm_cfg": {"d_state": 4, "d_conv": 3},
        "rms_norm": True,
        "residual_in_fp32": True,
        "fused_add_norm": True,
        "pad_vocab_size_multiple": 8,
    }
    if options.untied:
        config["tie_embeddings"] = False
    return config


def hugging_face_mamba_config(options):
    return {
        "architectures": ["MambaForCausalLM"],
        "model_type": "mamba",
        "hidden_size": 8,
        "num_hidden_layers": options.layers,
        "vocab_size": 256,
        "state_size": 4,
        "conv_kernel": 3,
        "expand": 2,
        "intermediate_size": 16,
        "time_step_rank": "auto",
        "hidden_act": "silu",
        "use_bias": options.bias,
        "use_conv_bias": not options.no_conv_bias,
        "layer_norm_epsilon": 1e-6,
        "tie_word_embeddings": not options.untied,
    }


def mamba_shapes(options):
    table = "embeddings" if options.hf else "embedding"
    yield f"backbone.{table}.weight", [256, 8]
    for i in range(options.layers):
        layer = f"backbone.layers.{i}."
        yield layer + "norm.weight", [8]
        yield layer + "mixer.in_proj.weight", [32, 8]
        yield layer + "mixer.conv1d.weight", [16, 1, 3]
        yield layer + "mixer.x_proj.weight", [9, 16]
        yield layer + "mixer.dt_proj.weight", [16, 1]
        yield layer + "mixer.dt_proj.bias", [16]
        yield layer + "mixer.A_log", [16, 4]
        yield layer + "mixer.D", [16]
        yield layer + "mixer.out_proj.weight", [8, 16]
        if not options.no_conv_bias:
            yield layer + "mixer.conv1d.bias", [16]
        if options.bias:
            yield layer + "mixer.in_proj.bias", [32]
            yield layer + "mixer.out_proj.bias", [8]
    yield "backbone.norm_f.weight", [8]
    if options.untied:
        yield "lm_head.weight", [256, 8]


def mamba2(options):
    """d_inner 16 in 4 heads, d_state 4, 2 groups."""
    if options.hf:
        config = hugging_face_mamba_config(options)
        for name in ("intermediate_size", "time_step_rank"):
            del config[name]
        config.update(architectures=["Mamba2ForCausalLM"], model_type="mamba2", num_heads=4, head_dim=4, n_groups=2)
        config["time_step_limit"] = [0.0, math.inf]  # as Python writes it
    else:
        config = state_spaces_config(options)
        config["ssm_cfg"].update(layer="Mamba2", headdim=4, ngroups=2)
    return config, mamba2_shapes(options)


def mamba2_shapes(options):
    for name, shape in mamba_shapes(options):
        if name.endswith(("x_proj.weight", "dt_proj.weight")):
            continue
        if name.endswith("dt_proj.bias"):
            name = name.replace("dt_proj.bias", "dt_bias")
        sizes = {"in_proj": 52, "conv1d": 32, "dt_bias": 4, "A_log": 4, "D": 4}
        part = name.split("mixer.")[-1].split(".")[0]
        if part == "A_log":
            shape = [4]
        yield name, [sizes.get(part, shape[0]), *shape[1:]]
        if part == "out_proj" and name.endswith("weight"):
            yield name.replace("out_proj", "norm"), [16]


def lightning(options):
    config = {
        "model_type": "lightning",
        "d_model": 8,
        "n_layer": options.layers,
        "vocab_size": 256,
        "norm_epsilon": 1e-5,
        "tie_embeddings": not options.untied,
        "num_heads": 2,
        "head_dim": 4,
        "mlp_hidden": 12,
        "qkv_activation": "silu",
        "gate_activation": "sigmoid",
        "slopes": [[0.5, 0.25]] * options.layers,
    }
    return config, lightning_shapes(options)


def lightning_shapes(options):
    yield "backbone.embedding.weight", [256, 8]
    for i in range(options.layers):
        layer = f"backbone.layers.{i}."
        yield layer + "norm.weight", [8]
        yield layer + "mixer.qkvu_proj.weight", [32, 8]
        yield layer + "mixer.slope", [2]
        yield layer + "mixer.norm.weight", [8]
        yield layer + "mixer.out_proj.weight", [8, 8]
        yield layer + "norm2.weight", [8]
        yield layer + "mlp.l1.weight", [12, 8]
        yield layer + "mlp.l2.weight", [12, 8]
        yield layer + "mlp.l3.weight", [8, 12]
    yield "backbone.norm_f.weight", [8]
    if options.untied:
        yield "lm_head.weight", [256, 8]


def gla(options):
    """2 heads with keys of 2 and values of 4."""
    config = fla_config(options, "gla", "GLAForCausalLM", expand_k=0.5, expand_v=1, use_short_conv=options.short_conv)
    return config, fla_shapes(options, 4, 8)


def retnet(options):
    """2 heads with keys of 4 and values of 8."""
    return fla_config(options, "retnet", "RetNetForCausalLM", expand_k=1, expand_v=2), fla_shapes(options, 8, 16)


def fla_config(options, model_type, name, **changes):
    return {
        "architectures": [name],
        "model_type": model_type,
        "hidden_size": 8,
        "num_hidden_layers": options.layers,
        "vocab_size": 256,
        "num_heads": 2,
        "num_kv_heads": None,
        "feature_map": None,
        "hidden_act": "swish",
        "conv_size": 3,
        "intermediate_size": 12,
        "elementwise_affine": True,
        "norm_eps": 1e-6,
        "use_output_gate": True,
        "attn": None,
        "fuse_norm": True,
        "tie_word_embeddings": not options.untied,
        **changes,
    }


def fla_shapes(options, keys, values):
    yield "model.embeddings.weight", [256, 8]
    for i in range(options.layers):
        layer = f"model.layers.{i}."
        yield layer + "attn_norm.weight", [8]
        for part, size in ("q", keys), ("k", keys), ("v", values):
            yield layer + f"attn.{part}_proj.weight", [size, 8]
            if options.short_conv:
                yield layer + f"attn.{part}_conv1d.weight", [size, 1, 3]
        yield layer + "attn.g_proj.weight", [values, 8]
        yield layer + "attn.g_norm_swish_gate.weight", [values // 2]
        yield layer + "attn.o_proj.weight", [8, values]
        if options.arch == "gla":
            yield layer + "attn.gk_proj.0.weight", [16, 8]
            yield layer + "attn.gk_proj.1.weight", [keys, 16]
            yield layer + "attn.gk_proj.1.bias", [keys]
        yield layer + "mlp_norm.weight", [8]
        yield layer + "mlp.gate_proj.weight", [12, 8]
        yield layer + "mlp.up_proj.weight", [12, 8]
        yield layer + "mlp.down_proj.weight", [8, 12]
    yield "model.norm.weight", [8]
    if options.untied:
        yield "lm_head.weight", [256, 8]


ARCHITECTURES = {"mamba": mamba, "mamba2": mamba2, "lightning": lightning, "gla": gla, "retnet": retnet}


def values(name, shape, rng):
    count = math.prod(shape)
    if name.endswith("A_log"):
        return [math.log(1 + i % shape[-1]) for i in range(count)]
    if name.endswith("slope"):
        return [0.5 / (1 + i) for i in range(count)]
    if name.endswith(("norm.weight", "norm2.weight", "norm_f.weight", "mixer.D")):
        return [1.0] * count
    return [rng.uniform(-0.5, 0.5) for _ in range(count)]


def write_safetensors(path, tensors):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
    write_file(path, json.dumps(header).encode(), b"".join(data for _, _, data in tensors.values()))


def write_file(path, header, data, length=None):
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header) if length is None else length) + header + data)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--arch", choices=ARCHITECTURES, default="mamba")
    parser.add_argument("--hf", action="store_true", help="names and configuration of Hugging Face")
    parser.add_argument("--layers", type=int, default=1)
    parser.add_argument("--dtype", default="F32")
    parser.add_argument("--untied", action="store_true")
    parser.add_argument("--bias", action="store_true")
    parser.add_argument("--no-conv-bias", action="store_true")
    parser.add_argument("--short-conv", action="store_true", help="convolutions of q, k and v (gla)")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=JSON", help="change the configuration")
    parser.add_argument("--unset", action="append", default=[], metavar="KEY")
    parser.add_argument("--shape", action="append", default=[], metavar="NAME=A,B", help="change or add a tensor")
    parser.add_argument("--dtype-of", action="append", default=[], metavar="NAME=DTYPE")
    parser.add_argument("--drop", action="append", default=[], metavar="NAME")
    parser.add_argument("--shards", action="store_true", help="two files and an index")
    parser.add_argument("--config", metavar="TEXT", help="all of config.json")
    parser.add_argument("--header", metavar="TEXT", help="all of the header of model.safetensors; 16 bytes of data follow")
    parser.add_argument("--header-length", type=int, help="what model.safetensors says of its header")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)

    config, wanted = ARCHITECTURES[options.arch](options)
    for change in options.set:
        key, _, text = change.partition("=")
        config[key] = json.loads(text)
    for key in options.unset:
        del config[key]
    with open(os.path.join(options.folder, "config.json"), "w") as file:
        file.write(options.config if options.config is not None else json.dumps(config, indent=1))

    wanted = dict(wanted)
    for change in options.shape:
        name, _, sizes = change.partition("=")
        wanted[name] = [int(size) for size in sizes.split(",")]
    for name in options.drop:
        del wanted[name]
    dtypes = dict(change.split("=") for change in options.dtype_of)
    rng = random.Random(1611)
    tensors = {}
    for name, shape in wanted.items():
        dtype = dtypes.get(name, options.dtype)
        tensors[name] = (dtype, shape, pack(dtype, values(name, shape, rng)))

    path = os.path.join(options.folder, "model.safetensors")
    if options.header is not None or options.header_length is not None:
        write_file(path, (options.header or "{}").encode(), bytes(16), options.header_length)
    elif options.shards:
        files = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
        file_of = {name: files[i % 2] for i, name in enumerate(tensors)}
        for file in files:
            part = {name: tensor for name, tensor in tensors.items() if file_of[name] == file}
            write_safetensors(os.path.join(options.folder, file), part)
        with open(path + ".index.json", "w") as file:
            json.dump({"metadata": {}, "weight_map": file_of}, file, indent=1)
    else:
        write_safetensors(path, tensors)


if __name__ == "__main__":
    main()
