# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX models: compiled in this process, and made ready for the compiler.

Needs the package onnx. `linnetc model.onnx` compiles ahead of time without it.
"""

from __future__ import annotations

import functools
import os
from typing import Any, Dict, List, Optional, Sequence, Set, Tuple, Union

import numpy as np

from . import _cache, _compiler, _linnet

Path = Union[str, "os.PathLike[str]"]

#: The oldest operator set that operators are lowered in; older models are converted first.
OLDEST_OPSET = 13


def _import_onnx() -> Any:
    try:
        import onnx
    except ImportError as error:
        raise ImportError("linnet.onnx needs the package onnx: pip install onnx") from error
    return onnx


class Function:
    """A compiled ONNX model: called with one numpy array per input, gives a tuple of arrays.

    model: an onnx.ModelProto, its bytes, or the path of a file. It is prepared first (see `prepare`) where the compiler
    does not take it as it is. Raises linnet.CompileError with every operator that is not supported.
    """

    def __init__(self, model: Any, path: Optional[str] = None) -> None:
        onnx = _import_onnx()
        proto, folder, name = _read(model)
        self._path = path or os.environ.get("LINNET_PATH", "auto")
        compiler = _compiler.load()
        try:
            self.mlir = compiler.import_onnx(name, proto.SerializeToString(), folder)
        except _linnet.CompileError:
            prepared = prepare(proto)
            if prepared is proto:
                raise
            proto = prepared
            self.mlir = compiler.import_onnx(name, proto.SerializeToString(), folder)
        library, self.remarks = _cache.load_or_compile("onnx", self.mlir, self._path)
        arguments = library.functions["main"]
        #: (name, element type, shape) of each input and output; a size is a number or the name of one.
        self.inputs = [(n, dtype, shape) for n, role, dtype, shape in arguments if role == "input"]
        self.outputs = [(n, dtype, shape) for n, role, dtype, shape in arguments if role == "output"]
        stored = {tensor.name: tensor for tensor in proto.graph.initializer}
        used = {n for f in library.functions.values() for n, role, _, _ in f if role == "weight"}
        weights = {n: _dense(onnx.numpy_helper.to_array(stored[n], folder)) for n in used}
        constants = _prepare_weights(library, weights)
        names = [n for n, role, _, _ in arguments if role != "output"]
        self._kernel = _linnet.Kernel(library, "main", names)
        self._constants = [constants.get(n) for n in names]

    def __call__(self, *arrays: Any, **named: Any) -> Tuple[np.ndarray, ...]:
        """Runs the model on arrays in the order of its inputs, or by their names."""
        given = dict(zip((name for name, _, _ in self.inputs), arrays))
        if len(arrays) > len(self.inputs):
            raise TypeError(f"expected at most {len(self.inputs)} arrays, got {len(arrays)}")
        given.update(named)
        operands = [constant for constant in self._constants]
        for place, name in enumerate(self._kernel.parameters):
            if operands[place] is None:
                if name not in given:
                    raise TypeError(f"expected an array for input {name!r}, got none")
                operands[place] = _dense(given.pop(name))
        if given:
            raise TypeError(f"expected the inputs {[name for name, _, _ in self.inputs]}, got {sorted(given)} beside them")
        results = self._kernel(*operands)
        return tuple(
            _as_bfloat16(result) if dtype == "bf16" else result for result, (_, dtype, _) in zip(results, self.outputs)
        )


def _read(model: Any) -> Tuple[Any, str, str]:
    """The model, the folder that it is in, and a name for messages."""
    onnx = _import_onnx()
    if isinstance(model, onnx.ModelProto):
        return model, "", "model.onnx"
    if isinstance(model, bytes):
        return onnx.load_model_from_string(model), "", "model.onnx"
    file = os.fspath(model)
    return onnx.load_model(file, load_external_data=False), os.path.dirname(os.path.abspath(file)), os.path.basename(file)


def _dense(values: Any) -> np.ndarray:
    array = np.asarray(values, order="C")
    if array.dtype.name == "bfloat16":
        array = array.view(np.uint16)
    return array if array.flags.aligned else array.copy()


def _as_bfloat16(array: np.ndarray) -> np.ndarray:
    import ml_dtypes  # comes with onnx

    return array.view(ml_dtypes.bfloat16)


def _prepare_weights(library: Any, weights: Dict[str, np.ndarray]) -> Dict[str, np.ndarray]:
    """The weights, and what the library makes of them once."""
    arguments = library.functions.get("prepare")
    if arguments is None:
        return weights
    names = [name for name, role, _, _ in arguments if role == "weight"]
    made = [name for name, role, _, _ in arguments if role == "prepared"]
    results = _linnet.Kernel(library, "prepare", names)(*(weights[name] for name in names))
    return {**weights, **dict(zip(made, results))}


# The operators of Linnet

#: The domain of Linnet's own operators, in version 1 (docs/rationale/onnx.md).
DOMAIN = "ai.linnet"

_SCHEMAS = {
    "CausalConv1d": ("x weight", "bias initial_state", "y final_state", {"activation": "STRING"}),
    "SelectiveScan": (
        "u delta A B C", "D z delta_bias initial_state", "y final_state", {"delta_softplus": "INT"},
    ),
    "SSD": (
        "x dt A B C", "D z dt_bias initial_state", "y final_state", {"dt_softplus": "INT", "dt_limit": "FLOATS"},
    ),
    "LinearAttention": (
        "q k v", "log_decay beta erase write bonus initial_state", "o final_state",
        {"scale": "FLOAT", "read": "STRING", "qk_l2norm": "INT", "reverse": "INT"},
    ),
}  # fmt: skip


def register_schemas() -> None:
    """Tells onnx of the operators of the domain ai.linnet, which torch.onnx.export asks for before it keeps them."""
    defs = _import_onnx().defs
    schema, parameter = defs.OpSchema, defs.OpSchema.FormalParameter
    optional = schema.FormalParameterOption.Optional
    for name, (required, others, results, attributes) in _SCHEMAS.items():
        if defs.has(name, DOMAIN):
            continue
        defs.register_schema(
            schema(
                name, DOMAIN, 1, f"linnet.ops has the definition of {name}.",
                inputs=[parameter(n, "T") for n in required.split()]
                + [parameter(n, "T", param_option=optional) for n in others.split()],
                outputs=[parameter(n, "T", param_option=optional if i else schema.FormalParameterOption.Single)
                         for i, n in enumerate(results.split())],
                type_constraints=[("T", [f"tensor({t})" for t in ("float", "float16", "bfloat16")], "")],
                attributes=[schema.Attribute(n, getattr(schema.AttrType, t), "", required=False)
                            for n, t in attributes.items()],
            )
        )  # fmt: skip


# Making a model ready


@functools.lru_cache(maxsize=None)
def operators() -> Set[str]:
    """The operators that the compiler lowers, as "domain:name"; the domain of ONNX itself is empty."""
    return set(_compiler.load().list_onnx_operators().split())


def prepare(model: Any) -> Any:
    """A model that the compiler takes: converted to a newer operator set by onnx's own converter where it is older than
    version 13, and with operators that have no lowering replaced by their bodies where ONNX defines them as functions.
    Gives the same object where there was nothing to do."""
    onnx = _import_onnx()
    proto, _, _ = _read(model)
    version = max((o.version for o in proto.opset_import if o.domain in ("", "ai.onnx")), default=0)
    if 0 < version < OLDEST_OPSET:
        try:
            proto = onnx.version_converter.convert_version(proto, OLDEST_OPSET)
        except Exception:  # whatever the converter raises, the compiler then says what is too old
            pass
    return _Expansion(proto).run() or proto


class _Expansion:
    """Makes functions of the model out of operators that ONNX defines as functions."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.functions: List[Any] = []
        self.known = operators() | {f"{f.domain}:{f.name}" for f in model.functions}

    def run(self) -> Optional[Any]:
        onnx = _import_onnx()
        if all(f"{node.domain}:{node.op_type}" in self.known for node in self.model.graph.node):
            return None
        expanded = onnx.ModelProto()
        expanded.CopyFrom(self.model)
        try:
            typed = onnx.shape_inference.infer_shapes(expanded)
        except Exception:  # an incomplete model: what needs types stays as it is
            typed = expanded
        graph = typed.graph
        types = {v.name: v.type for v in [*graph.input, *graph.output, *graph.value_info]}
        for tensor in graph.initializer:
            types.setdefault(tensor.name, onnx.helper.make_tensor_type_proto(tensor.data_type, tensor.dims))
        opsets = {o.domain: o.version for o in expanded.opset_import}
        for node in expanded.graph.node:
            self._expand(node, opsets, types)
        if not self.functions:
            return None
        expanded.functions.extend(self.functions)
        return expanded

    def _expand(self, node: Any, opsets: Dict[str, int], types: Dict[str, Any]) -> None:
        """Makes the node a call, where it has no lowering and is a function."""
        onnx = _import_onnx()
        if f"{node.domain}:{node.op_type}" in self.known:
            return
        body = _function_body(node, opsets.get(node.domain, 0), types)
        if body is None:
            return
        function = onnx.FunctionProto()
        function.CopyFrom(body)
        function.domain, function.name = "linnet.function", f"{node.op_type}_{len(self.functions)}"
        inner = {o.domain: o.version for o in function.opset_import} or opsets
        self.functions.append(function)
        for inside in function.node:
            self._expand(inside, inner, {})
        node.domain, node.op_type = function.domain, function.name


def _function_body(node: Any, version: int, types: Dict[str, Any]) -> Optional[Any]:
    onnx = _import_onnx()
    try:
        schema = onnx.defs.get_schema(node.op_type, version, node.domain)
    except Exception:
        return None
    if schema.has_function:
        return schema.function_body
    if not schema.has_context_dependent_function:
        return None
    empty = onnx.TypeProto()
    inputs: Sequence[bytes] = [types.get(name, empty).SerializeToString() for name in node.input]
    versions = [v for v in schema.context_dependent_function_opset_versions if v <= version]
    chosen = max(versions, default=schema.since_version)
    text = schema.get_context_dependent_function_with_opset_version(chosen, node.SerializeToString(), list(inputs))
    return onnx.FunctionProto.FromString(text) if text else None


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """python -m linnet.onnx MODEL.onnx PREPARED.onnx: writes what `prepare` makes, for linnetc."""
    import argparse

    parser = argparse.ArgumentParser(prog="python -m linnet.onnx", description=prepare.__doc__)
    parser.add_argument("model", help="an .onnx file")
    parser.add_argument("prepared", help="where the result goes; external data stays where it is")
    options = parser.parse_args(arguments)
    proto, _, _ = _read(options.model)
    _import_onnx().save_model(prepare(proto), options.prepared)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
