# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The ONNX frontend: cases of ONNX's own backend tests, and models from end to end.

The cases here are those that must never fail, and one or two of every other group of operators; tools/onnx-coverage runs
all of them.
"""

import re
import subprocess

import numpy as np
import pytest

import linnet

onnx = pytest.importorskip("onnx")

import onnx.backend.test  # noqa: E402
import onnx.parser  # noqa: E402

import linnet.onnx  # noqa: E402
from linnet.onnx_backend import Backend  # noqa: E402

_ALWAYS = "linear_attention|causal_conv_with_state|cumsum|cumprod|scan"
_SAMPLE = (
    "add|add_bcast|and2d|argmax_keepdims_example|attention_4d|attention_4d_gqa_causal|attention_3d_with_past_and_present"
    "|attention_4d_causal_expanded|cast_FLOAT_to_DOUBLE|cast_DOUBLE_to_FLOAT16|concat_2d_axis_1|einsum_batch_matmul"
    "|expand_dim_changed|gather_elements_0|gather_0|gathernd_example_int32|gelu_tanh_2|gemm_all_attributes|if"
    "|layer_normalization_4d_axis1|logsoftmax_axis_1|matmul_3d|mod_mixed_sign_int32|onehot_with_axis|pow"
    "|gru_defaults|lstm_with_peepholes|resize_upsample_scales_linear|simple_rnn_defaults|quantizelinear|basic_conv_with_padding"
    "|maxpool_2d_default|range_float_type_positive_delta|reduce_log_sum_exp_keepdims_example|reduce_mean_negative_axes_keepdims_example"
    "|reshape_negative_dim|rms_normalization_3d_axis1_epsilon|rotary_embedding|rotary_embedding_interleaved"
    "|scatter_elements_with_axis|scatternd_add|slice_neg_steps|softmax_axis_1|split_variable_parts_2d_opset18"
    "|top_k|transpose_all_permutations_3|tril_neg|where_example"
)
_CASES = onnx.backend.test.BackendTest(Backend, __name__).test_cases["OnnxBackendNodeModelTest"]
for _name in dir(_CASES):
    if _name.startswith("test_") and not re.fullmatch(f"test_(({_ALWAYS}).*|{_SAMPLE})_cpu", _name):
        delattr(_CASES, _name)
OnnxBackendNodeModelTest = _CASES


def test_sample_names_exist():
    missing = [name for name in _SAMPLE.split("|") if not hasattr(_CASES, f"test_{name}_cpu")]
    assert not missing


def parse(text):
    return onnx.parser.parse_model(text)


def test_named_inputs_and_dynamic_sizes():
    model = parse("""
        <ir_version: 10, opset_import: ["" : 21]>
        f (float[batch, time, 4] x, float[4] scale) => (float[batch, time, 4] y)
        { h = Mul (x, scale)  y = Softmax <axis = -1> (h) }""")
    function = linnet.onnx.Function(model)
    assert function.inputs == [("x", "f32", ("batch", "time", 4)), ("scale", "f32", (4,))]
    random = np.random.default_rng(0)
    for shape in ((1, 1, 4), (2, 7, 4), (3, 0, 4)):
        x, scale = random.normal(size=shape).astype(np.float32), np.arange(4, dtype=np.float32)
        powers = np.exp(x * scale - (x * scale).max(-1, keepdims=True))
        (y,) = function(scale=scale, x=x)
        np.testing.assert_allclose(y, powers / powers.sum(-1, keepdims=True), rtol=1e-5)


def test_arguments():
    function = linnet.onnx.Function(parse("""
        <ir_version: 10, opset_import: ["" : 21]>
        f (float[2] x, float[2] y) => (float[2] z) { z = Add (x, y) }"""))
    x = np.ones(2, np.float32)
    with pytest.raises(TypeError, match="expected an array for input 'y', got none"):
        function(x)
    with pytest.raises(TypeError, match=r"\['w'\] beside them"):
        function(x, x, w=x)
    with pytest.raises(ValueError, match="argument y: expected elements of type float32, got float64"):
        function(x, np.ones(2))
    with pytest.raises(ValueError, match="argument x: expected shape"):
        function(np.ones(3, np.float32), x)


def mlp(random, width=48):
    """Two layers with weights that are kept outside of the code."""
    helper, numpy_helper = onnx.helper, onnx.numpy_helper
    w = random.normal(size=(16, width)).astype(np.float32), random.normal(size=(width, 32)).astype(np.float32)
    nodes = [
        helper.make_node("MatMul", ["x", "w0"], ["h"], name="up"),
        helper.make_node("Gelu", ["h"], ["g"], name="gate"),
        helper.make_node("MatMul", ["g", "w1"], ["y"], name="down"),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes, "mlp", [value("x", onnx.TensorProto.FLOAT, ["n", 16])], [value("y", onnx.TensorProto.FLOAT, ["n", 32])],
        [numpy_helper.from_array(w[0], "w0"), numpy_helper.from_array(w[1], "w1")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def run_reference(model, *inputs):
    from onnx.reference import ReferenceEvaluator

    evaluator = ReferenceEvaluator(model)
    return evaluator.run(None, dict(zip(evaluator.input_names, inputs)))


@pytest.mark.parametrize("external", [False, True])
def test_linnetc_and_linnet_run(tmp_path, external):
    random = np.random.default_rng(1)
    model, x = mlp(random), random.normal(size=(5, 16)).astype(np.float32)
    file = tmp_path / "mlp.onnx"
    onnx.save_model(model, file, save_as_external_data=external, location="mlp.bin", size_threshold=0)
    assert external == (tmp_path / "mlp.bin").exists()
    np.save(tmp_path / "x.npy", x)
    subprocess.run(["linnetc", file, "-o", tmp_path / "mlp.so"], check=True)
    command = ["linnet-run", "mlp.so", "--weights", "mlp.safetensors", "--input", "x=x.npy", "--out", "y.npy"]
    subprocess.run(command, check=True, cwd=tmp_path)
    (expected,) = run_reference(onnx.load_model(file), x)
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(linnet.onnx.Function(file)(x)[0], expected, rtol=1e-4, atol=1e-4)


def test_external_data_stays_beside_the_model(tmp_path):
    model = mlp(np.random.default_rng(1))
    onnx.save_model(model, tmp_path / "mlp.onnx", save_as_external_data=True, location="mlp.bin", size_threshold=0)
    proto = onnx.load_model(tmp_path / "mlp.onnx", load_external_data=False)
    for entry in proto.graph.initializer[0].external_data:
        if entry.key == "location":
            entry.value = "../mlp.bin"
    (tmp_path / "mlp.onnx").write_bytes(proto.SerializeToString())
    result = subprocess.run(["linnetc", tmp_path / "mlp.onnx", "-o", tmp_path / "x.so"], capture_output=True, text=True)
    assert result.returncode == 1
    assert "expected external data in a file beside the model, got '../mlp.bin'" in result.stderr


def test_all_unsupported_operators_at_once():
    model = parse("""
        <ir_version: 10, opset_import: ["" : 21, "org.example" : 1]>
        f (float[2] x) => (float[2] z) { a = org.example.A (x)  b = org.example.B (a)  z = org.example.A (b) }""")
    with pytest.raises(linnet.CompileError) as caught:
        linnet.onnx.Function(model)
    assert "unsupported operator org.example.A (2 nodes" in str(caught.value)
    assert "unsupported operator org.example.B (1 node" in str(caught.value)


def test_old_operator_sets_are_converted(tmp_path):
    model = parse("""
        <ir_version: 7, opset_import: ["" : 11]>
        f (float[2, 3, 4] x) => (float[2, 3, 4] y) { y = Softmax <axis = 1> (x) }""")
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
    powers = np.exp(x)
    np.testing.assert_allclose(
        linnet.onnx.Function(model)(x)[0], powers / powers.sum((1, 2), keepdims=True), rtol=1e-5
    )
    # The same by hand.
    onnx.save_model(model, tmp_path / "old.onnx")
    assert subprocess.run(["linnetc", tmp_path / "old.onnx", "--compile-to=input"], capture_output=True).returncode
    assert linnet.onnx.main([str(tmp_path / "old.onnx"), str(tmp_path / "new.onnx")]) == 0
    subprocess.run(["linnetc", tmp_path / "new.onnx", "--compile-to=input"], check=True, stdout=subprocess.DEVNULL)


def test_functions_of_the_model_are_inlined():
    model = parse("""
        <ir_version: 10, opset_import: ["" : 21, "local" : 1]>
        f (float[2] x) => (float[2] y) { y = local.scaled <by = 3.0> (x) }
        <domain: "local", opset_import: ["" : 21]>
        scaled <by> (a) => (b) { k = Constant <value_float: float = @by> ()  b = Mul (a, k) }""")
    np.testing.assert_array_equal(linnet.onnx.Function(model)(np.float32([1, 2]))[0], np.float32([3, 6]))


def test_a_value_that_was_not_compiled_for_is_refused():
    """The shape of the output is stated in the model; an input that asks for another is an error, no wrong result."""
    model = parse("""
        <ir_version: 10, opset_import: ["" : 21]>
        f (float[6] x, int64[2] shape) => (float[2, 3] y) { y = Reshape (x, shape) }""")
    function = linnet.onnx.Function(model)
    x = np.arange(6, dtype=np.float32)
    np.testing.assert_array_equal(function(x, np.int64([2, 3]))[0], x.reshape(2, 3))
    np.testing.assert_array_equal(function(x, np.int64([-1, 3]))[0], x.reshape(2, 3))
    with pytest.raises(Exception, match="'shape'"):
        function(x, np.int64([3, 2]))


def test_indices_outside_read_nothing_else():
    model = parse("""
        <ir_version: 10, opset_import: ["" : 21]>
        f (float[3] x, int64[4] i) => (float[4] y) { y = Gather (x, i) }""")
    x = np.float32([1, 2, 3])
    y = linnet.onnx.Function(model)(x, np.int64([0, -1, 1000000, -1000000]))[0]
    np.testing.assert_array_equal(y, np.float32([1, 3, 3, 1]))


def test_operators_of_linnet():
    """The domain ai.linnet against linnet.ops."""
    linnet.onnx.register_schemas()
    random = np.random.default_rng(5)

    def draw(*shape):
        return random.normal(size=shape).astype(np.float32)

    model = parse("""
        <ir_version: 10, opset_import: ["" : 21, "ai.linnet" : 1]>
        f (float[2, 6, t] x, float[6, 4] w, float[6] bias, float[6, 3] A, float[2, 3, t] B, float[2, 3, t] C)
          => (float[2, 6, t] y, float[2, 6, 3] state)
        {
          c, s = ai.linnet.CausalConv1d <activation = "silu"> (x, w, bias)
          y, state = ai.linnet.SelectiveScan <delta_softplus = 1> (c, x, A, B, C, bias, , bias)
        }""")
    onnx.checker.check_model(model)
    x, w, bias, A, B, C = draw(2, 6, 19), draw(6, 4), draw(6), -np.abs(draw(6, 3)), draw(2, 3, 19), draw(2, 3, 19)
    y, state = linnet.onnx.Function(model)(x, w, bias, A, B, C)
    c, _ = linnet.ops.causal_conv1d(x, w, bias, activation="silu")
    expected, last = linnet.ops.selective_scan(c, x, A, B, C, bias, None, bias, True)
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(state, last, rtol=1e-5, atol=1e-6)

    model = parse("""
        <ir_version: 10, opset_import: ["" : 21, "ai.linnet" : 1]>
        f (float[b, t, 2, 8] q, float[b, t, 2, 8] k, float[b, t, 2, 4] v, float[b, t, 2] g, float[b, t, 2] beta)
          => (float[b, t, 2, 4] o)
        { o, s = ai.linnet.LinearAttention <qk_l2norm = 1> (q, k, v, g, beta) }""")
    q, k, v, g, beta = draw(1, 21, 2, 8), draw(1, 21, 2, 8), draw(1, 21, 2, 4), -np.abs(draw(1, 21, 2)), draw(1, 21, 2)
    (o,) = linnet.onnx.Function(model)(q, k, v, g, beta)
    expected, _ = linnet.ops.linear_attention(q, k, v, log_decay=g, beta=beta, qk_l2norm=True)
    np.testing.assert_allclose(o, expected, rtol=1e-4, atol=1e-5)

    model = parse("""
        <ir_version: 10, opset_import: ["" : 21, "ai.linnet" : 1]>
        f (float[b, t, 2, 4] x, float[b, t, 2] dt, float[2] A, float[b, t, 1, 8] B, float[b, t, 1, 8] C)
          => (float[b, t, 2, 4] y)
        { y, s = ai.linnet.SSD <dt_softplus = 1> (x, dt, A, B, C) }""")
    x, dt, A, B, C = draw(2, 9, 2, 4), draw(2, 9, 2), -np.abs(draw(2)), draw(2, 9, 1, 8), draw(2, 9, 1, 8)
    (y,) = linnet.onnx.Function(model)(x, dt, A, B, C)
    expected, _ = linnet.ops.ssd(x, dt, A, B, C, dt_softplus=True)
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)

    broken = parse("""
        <ir_version: 10, opset_import: ["ai.linnet" : 1]>
        f (float[1, 4, 6, 2] x, float[1, 4, 5] dt, float[6] A, float[1, 4, 1, 3] B) => (float[1, 4, 6, 2] y)
        { y = ai.linnet.SSD (x, dt, A, B, B) }""")
    with pytest.raises(linnet.CompileError, match="ssd C"):
        linnet.onnx.Function(broken)
