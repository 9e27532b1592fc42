# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A Mamba of transformers on the CPU: as it is, with Linnet's kernels, and compiled whole. Needs torch and transformers.

python frontends/python/examples/hugging_face.py
"""

import time

import linnet
import torch
from transformers import MambaConfig, MambaForCausalLM

torch.manual_seed(0)
config = MambaConfig(vocab_size=256, hidden_size=256, num_hidden_layers=2)
model = MambaForCausalLM(config).eval().requires_grad_(False)
tokens = torch.randint(0, 256, (1, 200))


class Logits(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids):
        return self.model(input_ids=input_ids, use_cache=False).logits


def show(name, function):
    function()  # what compiles, compiles now
    begin = time.perf_counter()
    logits = function()
    print(f"{name:20} {(time.perf_counter() - begin) * 1e3:8.1f} ms")
    return logits


with torch.no_grad():
    eager = show("torch", lambda: model(input_ids=tokens, use_cache=False).logits)
    with linnet.patch() as patch:
        patched = show("Linnet's kernels", lambda: model(input_ids=tokens, use_cache=False).logits)
        compiled = linnet.compile(Logits(model), {"input_ids": tokens}, dynamic={"input_ids": {1: "T"}})
    whole = show("compiled whole", lambda: compiled(input_ids=tokens))

assert max((logits - eager).abs().max() for logits in (patched, whole)) < 1e-4 * eager.abs().max()
assert compiled(input_ids=tokens[:, :33]).shape == (1, 33, 256)  # any length, without compiling again
print(compiled)
