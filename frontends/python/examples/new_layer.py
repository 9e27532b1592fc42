# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A new layer in a few lines of numpy, compiled as a whole, and written as a library for programs in C.

    python frontends/python/examples/new_layer.py [layer.so]

call_from_c.c runs the library in a program without Python.
"""

import sys

import linnet
import numpy as np


@linnet.jit(shapes={"x": ("B", "T", 64)})
def layer(x, gate_weight, decay, output_weight):
    """A gated linear recurrence: the gate chooses between the state so far and the present input."""
    gate = 1 / (1 + np.exp(-(x @ gate_weight)))
    h, _ = linnet.ops.affine_scan(np.exp(decay) * gate, (1 - gate) * x)
    return (h * gate) @ output_weight


rng = np.random.default_rng(0)
weights = [rng.standard_normal(shape, np.float32) / 8 for shape in ((64, 64), (64,), (64, 64))]
weights[1] = -np.abs(weights[1])
for length in (1, 100, 1000):  # traced and compiled once
    y = layer(rng.standard_normal((2, length, 64), np.float32), *weights)
    assert y.shape == (2, length, 64) and np.isfinite(y).all()
print(layer)
print(layer.stats(dynamic_size=1000))
if len(sys.argv) > 1:
    layer.save(sys.argv[1])
    print(f"{sys.argv[1]} is the library")
