# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times jax and torch on linnet-bench's workloads: python peers.py WORKLOADS.json TIMES.json THREADS RUNS

Each workload is written in the ways a user of the framework would try; linnet-bench takes the fastest. What is not
installed is named on stderr and left out. A form that fails is named too, and is no error.
"""

import functools
import importlib
import json
import os
import sys
import time

BUDGET = 10.0  # seconds for one form, its compilation included; at least two runs


def log(text):
    print(f"peers.py: {text}", file=sys.stderr, flush=True)


def best(run, runs):
    """The least time of some runs, after one that compiles and warms up."""
    began = time.perf_counter()
    run()
    times = []
    while len(times) < 2 or (len(times) < runs and time.perf_counter() - began < BUDGET):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def numbers(seed, shape, low, high):
    import numpy

    return numpy.random.default_rng(seed).uniform(low, high, shape).astype(numpy.float32)


def scan_inputs(workload):
    """u, delta, z, A, B, C, D in the layout of the workload."""
    length, channels, states = workload["L"], workload["D"], workload["N"]
    arrays = [
        numbers(1, (length, channels), -1, 1),
        numbers(2, (length, channels), 0.001, 0.1),
        numbers(3, (length, channels), -2, 2),
        numbers(4, (channels, states), -16, -1),
        numbers(5, (length, states), -1, 1),
        numbers(6, (length, states), -1, 1),
        numbers(7, (channels,), 0, 1),
    ]
    if workload["peer"].endswith("bdt"):
        for i in (0, 1, 2, 4, 5):
            arrays[i] = arrays[i].T.copy()
    return arrays


ATTENTION_CHUNKS = (64, 128)


def attention_inputs(workload):
    """q, k, v [L, H, d] and the decays [L, H]."""
    length, heads, size = workload["L"], workload["H"], workload["d"]
    return [*(numbers(seed, (length, heads, size), -1, 1) for seed in (1, 2, 3)), numbers(4, (length, heads), -0.1, 0)]


def recurrence_inputs(workload):
    shape = (workload["rows"], workload["columns"]) if workload["rows"] > 1 else (workload["columns"],)
    b = numbers(2, shape, -1, 1)
    return [b] if workload["peer"] == "cumsum" else [numbers(1, shape, 0.5, 1), b]


def jax_forms(workload):
    """(name, function that runs once and waits) of every form."""
    import jax
    import jax.numpy as jnp
    from jax import lax

    def selective_scan(channels_last, u, delta, z, a, b, c, d):
        if workload["peer"].endswith("bdt"):
            u, delta, z, b, c = u.T, delta.T, z.T, b.T, c.T

        def step_states_first(h, row):
            x, s, b, c = row
            h = jnp.exp(s * a.T) * h + b[:, None] * (s * x)
            return h, (h * c[:, None]).sum(0)

        def step_channels_first(h, row):
            x, s, b, c = row
            h = jnp.exp(s[:, None] * a) * h + (s * x)[:, None] * b
            return h, (h * c).sum(-1)

        step = step_states_first if channels_last else step_channels_first
        _, y = lax.scan(step, jnp.zeros_like(a.T if channels_last else a), (u, delta, b, c))
        y = (y + d * u) * jax.nn.silu(z)
        return y.T if workload["peer"].endswith("bdt") else y

    axis = min(workload.get("dim", 0), 1 if workload.get("rows", 1) > 1 else 0)

    def combine(left, right):
        return left[0] * right[0], left[1] * right[0] + right[1]

    def serial(a, b):
        a, b = jnp.moveaxis(a, axis, 0), jnp.moveaxis(b, axis, 0)

        def step(h, row):
            h = row[0] * h + row[1]
            return h, h

        return jnp.moveaxis(lax.scan(step, jnp.zeros(b.shape[1:]), (a, b))[1], 0, axis)

    def attention_by_token(q, k, v, g):
        def step(state, row):
            q, k, v, g = row
            state = jnp.exp(g)[:, None, None] * state + k[:, :, None] * v[:, None, :]
            return state, jnp.einsum("hk,hkv->hv", q, state)

        size = q.shape[-1]
        return lax.scan(step, jnp.zeros((q.shape[1], size, size)), (q * size**-0.5, k, v, g))[1]

    def attention_by_chunks(chunk, q, k, v, g):
        size, heads = q.shape[-1], q.shape[1]

        def step(state, rows):
            q, k, v, g = rows
            total = jnp.cumsum(g, 0)
            decay = jnp.exp(jnp.where(jnp.tri(chunk, dtype=bool)[:, :, None], total[:, None] - total[None], -jnp.inf))
            scores = jnp.einsum("ihk,jhk->ijh", q, k) * decay
            o = jnp.einsum("ijh,jhv->ihv", scores, v) + jnp.exp(total)[..., None] * jnp.einsum("ihk,hkv->ihv", q, state)
            kept = k * jnp.exp(total[-1] - total)[..., None]
            return jnp.exp(total[-1])[:, None, None] * state + jnp.einsum("jhk,jhv->hkv", kept, v), o

        rows = [x.reshape(-1, chunk, *x.shape[1:]) for x in (q * size**-0.5, k, v, g)]
        return lax.scan(step, jnp.zeros((heads, size, size)), rows)[1].reshape(q.shape)

    if workload["peer"].startswith("attention-"):
        return  # of softmax attention torch has the masked forms
    if workload["peer"] == "linear-attention":
        forms = [("scan by token", attention_by_token)]
        for chunk in ATTENTION_CHUNKS:
            if workload["L"] % chunk == 0:
                forms.append((f"scan by chunks of {chunk}", functools.partial(attention_by_chunks, chunk)))
        inputs = attention_inputs(workload)
    elif workload["peer"].startswith("selective-scan"):
        forms = [
            ("scan, state [N,D]", lambda *args: selective_scan(True, *args)),
            ("scan, state [D,N]", lambda *args: selective_scan(False, *args)),
        ]
        inputs = scan_inputs(workload)
    elif workload["peer"] == "recurrence":
        forms = [
            ("scan", serial),
            ("associative_scan", lambda a, b: lax.associative_scan(combine, (a, b), axis=axis)[1]),
        ]
        inputs = recurrence_inputs(workload)
    else:
        forms = [
            ("cumsum", lambda b: jnp.cumsum(b, axis)),
            ("associative_scan", lambda b: lax.associative_scan(jnp.add, b, axis=axis)),
        ]
        inputs = recurrence_inputs(workload)
    inputs = [jnp.asarray(array) for array in inputs]
    for name, function in forms:
        compiled = jax.jit(function)
        yield name, lambda compiled=compiled: jax.block_until_ready(compiled(*inputs))


def softmax_attention_forms(workload):
    """torch's forms of masked softmax attention."""
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    length, heads, size, width = (workload[name] for name in ("L", "H", "d", "width"))
    q, k, v = (torch.from_numpy(numbers(seed, (1, heads, length, size), -1, 1)) for seed in (1, 2, 3))
    if workload["peer"] == "attention-causal":
        yield "sdpa, causal", lambda: scaled_dot_product_attention(q, k, v, is_causal=True)
        return
    if workload["peer"] == "attention-blocks":
        blocks = [x.reshape(heads * length // width, 1, width, size) for x in (q, k, v)]
        yield "sdpa on the blocks", lambda: scaled_dot_product_attention(*blocks)
        return
    from torch.nn.attention.flex_attention import create_block_mask, flex_attention

    mask = create_block_mask(lambda b, h, i, j: (j <= i) & (i - j < width), None, None, length, length, device="cpu")
    compiled = torch.compile(flex_attention)
    yield "flex_attention, compiled", lambda: compiled(q, k, v, block_mask=mask)


def torch_forms(workload):
    import torch

    if workload["peer"].startswith("attention-"):
        yield from softmax_attention_forms(workload)
        return
    if workload["peer"] == "linear-attention":
        inputs = attention_inputs(workload)
    else:
        inputs = scan_inputs(workload) if "L" in workload else recurrence_inputs(workload)
    inputs = [torch.from_numpy(array) for array in inputs]
    if workload["peer"] == "linear-attention":

        def by_chunks(chunk):
            q, k, v, g = (x.transpose(0, 1).contiguous() for x in inputs)  # heads first: batches of matrix products
            heads, length, size = q.shape
            state, rows, mask = q.new_zeros(heads, size, size), [], torch.ones(chunk, chunk, dtype=torch.bool).tril()
            for t in range(0, length, chunk):
                qc, kc, vc, total = q[:, t : t + chunk] * size**-0.5, k[:, t : t + chunk], v[:, t : t + chunk], g[:, t : t + chunk].cumsum(1)
                decay = (total[:, :, None] - total[:, None]).masked_fill(~mask, -torch.inf).exp()
                rows.append(((qc @ kc.mT) * decay) @ vc + total.exp()[..., None] * (qc @ state))
                last = total[:, -1:]
                state = last.exp()[..., None] * state + (kc * (last - total).exp()[..., None]).mT @ vc
            return torch.cat(rows, 1).transpose(0, 1)

        for chunk in ATTENTION_CHUNKS:
            if workload["L"] % chunk == 0:
                yield f"eager, chunks of {chunk}", lambda chunk=chunk: by_chunks(chunk)
    elif workload["peer"] == "cumsum":
        axis = min(workload["dim"], inputs[0].ndim - 1)
        out = torch.empty_like(inputs[0])
        yield "cumsum", lambda: torch.cumsum(inputs[0], axis, out=out)
    elif workload["peer"].startswith("selective-scan") and workload["L"] <= 1024:  # a loop in Python

        def loop():
            u, delta, z, a, b, c, d = inputs
            if workload["peer"].endswith("bdt"):
                u, delta, z, b, c = u.T, delta.T, z.T, b.T, c.T
            h, rows = torch.zeros_like(a), []
            for t in range(u.shape[0]):
                h = torch.exp(delta[t][:, None] * a) * h + (delta[t] * u[t])[:, None] * b[t]
                rows.append(h @ c[t])
            return (torch.stack(rows) + d * u) * torch.nn.functional.silu(z)

        yield "eager loop", loop


def main(source, target, threads, runs):
    with open(source) as file:
        workloads = [workload for workload in json.load(file) if workload["threads"] == threads]
    # Read by the libraries when they start.
    os.environ["OMP_NUM_THREADS"] = str(threads)
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    times = []
    for peer, forms in (("jax", jax_forms), ("torch", torch_forms)):
        try:
            module = importlib.import_module(peer)
        except ImportError as error:
            log(f"{peer} is missing: {error}; install it with: {sys.executable} -m pip install {peer}")
            continue
        if peer == "torch":
            module.set_num_threads(threads)
            module.set_grad_enabled(False)
        for workload in workloads:
            for name, run in forms(workload):
                try:
                    seconds = best(run, runs)
                except Exception as error:  # a form that fails is a result too
                    log(f"{workload['workload']}: {peer} {name} failed: {str(error).splitlines()[0]}")
                    continue
                form = f"{peer} {module.__version__} {name}"
                log(f"{workload['workload']}, threads {threads}: {form} {seconds * 1e3:.3f} ms")
                times.append({"workload": workload["workload"], "peer": peer, "form": name, "min": seconds})
    with open(target, "w") as file:
        json.dump(times, file)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit("usage: peers.py WORKLOADS.json TIMES.json THREADS RUNS")
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
