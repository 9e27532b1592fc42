# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The interface by which ONNX's own tests run models: onnx.backend.test.BackendTest(linnet.onnx_backend.Backend)."""

from __future__ import annotations

from typing import Any, Tuple

import onnx
import onnx.backend.base
from onnx.numpy_helper import to_array

from .onnx import Function


class Rep(onnx.backend.base.BackendRep):
    """A compiled model."""

    def __init__(self, function: Function) -> None:
        self.function = function

    def run(self, inputs: Any, **kwargs: Any) -> Tuple[Any, ...]:
        # The data of some cases comes as it is stored.
        return self.function(*(to_array(x) if isinstance(x, onnx.TensorProto) else x for x in inputs))


class Backend(onnx.backend.base.Backend):
    """Compiles for the CPU of this machine. What is not supported raises linnet.CompileError."""

    @classmethod
    def prepare(cls, model: Any, device: str = "CPU", **kwargs: Any) -> Rep:
        return Rep(Function(model))

    @classmethod
    def supports_device(cls, device: str) -> bool:
        return device == "CPU"
