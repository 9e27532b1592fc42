# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the prompt and the greedy continuation of a case of expected.safetensors, or compares logits with it.

    compare_logits.py expected.safetensors CASE write PROMPT.npy PROMPT.txt GREEDY.txt
    compare_logits.py expected.safetensors CASE compare LOGITS.npy
"""

import json
import sys

import numpy as np
from safetensors import safe_open

path, case, action = sys.argv[1:4]
with safe_open(path, "numpy") as file:
    prompt, greedy, expected = (file.get_tensor(f"{name}_{case}") for name in ("prompt", "greedy", "logits"))
    tolerance = json.loads(file.metadata()["oracle"])["tolerance"]["logits"]
if action == "write":
    np.save(sys.argv[4], prompt.astype(np.int32))
    for target, tokens in zip(sys.argv[5:7], (prompt, greedy), strict=True):
        with open(target, "wb") as text:
            text.write(tokens.astype(np.uint8).tobytes())
else:
    logits = np.load(sys.argv[4])
    assert logits.dtype == np.float32 and logits.shape == (1, *expected.shape), (logits.dtype, logits.shape)
    np.testing.assert_allclose(logits[0], expected, **tolerance)
    print(f"case {case}: logits agree, {np.abs(logits[0] - expected).max():.1e} at most")
