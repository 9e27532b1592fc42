# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Figures of sparse attention, 8 heads of 64 elements in float32: python sparse_attention.py [--threads N] [PART ...]

Parts: density, top8, hyper, memory, and with torch installed peers (window, blocks, causal). All
times are the least of some runs, in milliseconds; `--plot FILE.svg` draws hyper. What has a form in linnet-bench is there:
linnet-bench --filter attention.
"""

import argparse
import os
import resource
import sys
import time

import numpy as np

HEADS, SIZE = 8, 64


def inputs(length, heads=HEADS):
    rng = np.random.default_rng(0)
    return tuple(rng.standard_normal((1, heads, length, SIZE), np.float32) for _ in range(3))


def least(run, runs=3):
    run()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times) * 1e3


def density(args):
    """Time of random blocks of 64 by 64 by the share that is kept: that of a block should be one number."""
    from linnet import masks, ops

    length = args.length or 4096
    q, k, v = inputs(length)
    rng = np.random.default_rng(1)
    blocks = length // 64
    rows = []
    for share in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0):
        kept = np.zeros((1, HEADS, blocks, blocks), bool)
        count = max(1, round(share * blocks))
        for h in range(HEADS):
            for r in range(blocks):
                kept[0, h, r, rng.permutation(blocks)[:count]] = True
        mask = masks.block_sparse(kept, 64)
        rows.append((kept.mean(), kept.sum(), least(lambda: ops.attention(q, k, v, mask), args.runs)))
    for share, count, ms in rows:
        print(f"density {share:7.2%}  {count:7d} blocks  {ms:9.3f} ms  {ms / count * 1e3:7.3f} us a block")


def top8(args):
    from linnet import masks, ops

    length = args.length or 16384
    q, k, v = inputs(length)
    rng = np.random.default_rng(1)
    chosen = np.sort(rng.random((HEADS, length // 64, length // 64)).argsort(-1)[..., :8], -1)
    kept = np.zeros((1, HEADS, length // 64, length // 64), bool)
    np.put_along_axis(kept[0], chosen, True, -1)
    mask = masks.block_sparse(kept, 64)
    own = least(lambda: ops.attention(q, k, v, mask), args.runs)
    print(f"top-8 of blocks of 64, L = {length}: linnet {own:.2f} ms")
    torch = torch_with(args)
    if torch is None:
        return
    tq, tk, tv, index = (torch.from_numpy(np.ascontiguousarray(x)) for x in (q, k, v, chosen.astype(np.int64)))
    blocks = length // 64

    def gather():
        kb, vb = (x.reshape(HEADS, blocks, 64, SIZE) for x in (tk, tv))
        heads = torch.arange(HEADS)[:, None, None]
        keys, values = (x[heads, index].reshape(HEADS, blocks, 512, SIZE) for x in (kb, vb))
        scores = tq.reshape(HEADS, blocks, 64, SIZE) @ keys.mT * SIZE**-0.5
        return torch.softmax(scores, -1) @ values

    wanted = gather().reshape(1, HEADS, length, SIZE).numpy()
    assert np.abs(ops.attention(q, k, v, mask) - wanted).max() < 1e-5
    ms = least(gather, args.runs)
    print(f"  torch eager gather {ms:.2f} ms: {ms / own:.2f} times linnet's")
    from torch.nn.functional import scaled_dot_product_attention

    def gather_sdpa():
        kb, vb = (x.reshape(HEADS, blocks, 64, SIZE) for x in (tk, tv))
        heads = torch.arange(HEADS)[:, None, None]
        keys, values = (x[heads, index].reshape(HEADS, blocks, 512, SIZE) for x in (kb, vb))
        return scaled_dot_product_attention(tq.reshape(HEADS, blocks, 64, SIZE), keys, values)

    ms = least(gather_sdpa, args.runs)
    print(f"  torch gather, then sdpa {ms:.2f} ms: {ms / own:.2f} times linnet's")


def torch_with(args):
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(args.threads)
    torch.set_grad_enabled(False)
    return torch


def peers(args):
    """The same inputs in torch, in turns with linnet."""
    from linnet import masks, ops

    torch = torch_with(args)
    if torch is None:
        return print("peers: torch is not installed")
    from torch.nn.functional import scaled_dot_product_attention

    def compare(name, own, other, form, result=None):
        pairs = [(least(own, args.runs), least(other, args.runs)) for _ in range(2)]
        mine, theirs = (min(pair[i] for pair in pairs) for i in (0, 1))
        print(f"{name}: linnet {mine:.2f} ms, torch {form} {theirs:.2f} ms: {theirs / mine:.2f} times linnet's", flush=True)

    parts = args.peers.split(",")
    if "causal" in parts:
        q, k, v = inputs(4096)
        t = [torch.from_numpy(x) for x in (q, k, v)]
        compare("causal L = 4096", lambda: ops.attention(q, k, v, masks.causal()),
                lambda: scaled_dot_product_attention(*t, is_causal=True), "sdpa")
    q, k, v = inputs(16384)
    t = [torch.from_numpy(x) for x in (q, k, v)]
    if "blocks" in parts:
        blocks = [x.reshape(HEADS * 64, 1, 256, SIZE) for x in t]
        compare("block diagonal 256 L = 16384", lambda: ops.attention(q, k, v, masks.block_diagonal(256)),
                lambda: scaled_dot_product_attention(*blocks), "sdpa on the blocks")
    if "window" in parts:
        from torch.nn.attention.flex_attention import create_block_mask, flex_attention

        block_mask = create_block_mask(lambda b, h, i, j: (j <= i) & (i - j < 256), None, None, 16384, 16384, device="cpu")
        compiled = torch.compile(flex_attention)
        compare("window 256 L = 16384", lambda: ops.attention(q, k, v, masks.causal() & masks.window(256)),
                lambda: compiled(*t, block_mask=block_mask), "flex_attention, compiled")


def hyper(args):
    """HyperAttention, causal with its defaults, against exact causal attention; both as far as the budget of time goes."""
    from linnet import masks, ops

    rows = []
    for length in args.lengths or (16384, 32768, 65536, 131072):
        q, k, v = inputs(length, args.heads)
        approximate = least(lambda: ops.hyper_attention(q, k, v, causal=True), 1) / 1e3
        exact = None
        if not args.no_exact:
            start = time.perf_counter()
            ops.attention(q, k, v, masks.causal())
            exact = time.perf_counter() - start
        rows.append((length, approximate, exact))
        ratio = f"  exact {exact:.3f} s, {exact / approximate:.2f} times as long" if exact else ""
        print(f"hyper L = {length}: {approximate:.3f} s, {approximate / length * 1e6:.3f} us a token{ratio}", flush=True)
    if args.plot:
        import matplotlib

        matplotlib.use("svg")
        from matplotlib import pyplot

        pyplot.loglog(*zip(*((length, own) for length, own, _ in rows)), "o-", label="hyper_attention, causal")
        exact = [(length, ms) for length, _, ms in rows if ms]
        if exact:
            pyplot.loglog(*zip(*exact), "s-", label="attention, causal")
        pyplot.xlabel("tokens")
        pyplot.ylabel("seconds")
        pyplot.legend()
        pyplot.savefig(args.plot, metadata={"Date": None, "Creator": None})


def memory(args):
    """The most memory a process takes beside its inputs and results, by the length: linear where that of a token is one number."""
    from linnet import masks, ops

    forms = {"window": lambda q, k, v: ops.attention(q, k, v, masks.causal() & masks.window(256)),
             "hyper": lambda q, k, v: ops.hyper_attention(q, k, v, causal=True)}  # fmt: skip
    for name, run in forms.items():
        for length in (8192, 16384, 32768):
            q, k, v = inputs(length, 2)
            run(*(x[:, :, :4352] for x in (q, k, v)))
            child = os.fork()
            if child == 0:
                before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
                run(q, k, v)
                more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
                print(f"memory {name} L = {length}: {more / 1024:.1f} MiB, {more * 1024 / length / 2:.0f} bytes a token and head", flush=True)
                os._exit(0)
            os.waitpid(child, 0)


PARTS = {f.__name__: f for f in (density, top8, peers, hyper, memory)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--length", type=int)
    parser.add_argument("--lengths", type=int, nargs="*")
    parser.add_argument("--heads", type=int, default=HEADS)
    parser.add_argument("--no-exact", action="store_true")
    parser.add_argument("--peers", default="causal,blocks,window")
    parser.add_argument("--plot")
    parser.add_argument("parts", nargs="*")
    args = parser.parse_args()
    unknown = [part for part in args.parts if part not in PARTS]
    if unknown:
        sys.exit(f"sparse_attention.py: expected parts of {', '.join(PARTS)}, got {unknown[0]}")
    import linnet

    linnet.set_num_threads(args.threads)
    print(f"threads {args.threads}")
    for part in args.parts or PARTS:
        PARTS[part](args)


if __name__ == "__main__":
    main()
