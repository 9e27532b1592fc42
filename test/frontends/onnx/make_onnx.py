# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the model in ONNX's textual syntax that stands behind a line "MODEL NAME" of a test.

usage: make_onnx.py TEST NAME FILE.onnx
"""

import re
import sys

import onnx.parser

test, name, file = sys.argv[1:]
with open(test, encoding="utf-8") as opened:
    text = opened.read()
(body,) = re.findall(rf"^MODEL {name}\n(.*?)^END\n", text, re.MULTILINE | re.DOTALL)
model = onnx.parser.parse_model(body)
for tensor in model.graph.initializer:
    if tensor.name.startswith("large"):  # what the syntax would need pages for
        count = 1
        for size in tensor.dims:
            count *= size
        tensor.ClearField("float_data")
        tensor.raw_data = bytes(4 * count)
onnx.save_model(model, file)
