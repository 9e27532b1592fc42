# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The bounds of --linnet-report-accuracy against the errors of the compiled code."""

import re
import shutil
import subprocess

import linnet._cache
import numpy as np
import pytest
from linnet._linnet import Kernel

FILL = """%zero = arith.constant 0.0 : f32
  %e{n} = tensor.empty() : {type}
  %s{n} = linalg.fill ins(%zero : f32) outs(%e{n} : {type}) -> {type}"""


def elementwise(lines, rows=64, columns=33):
    t = f"tensor<{rows}x{columns}xf32>"
    maps = ", ".join(["affine_map<(i, j) -> (i, j)>"] * 3)
    return f"""%e = tensor.empty() : {t}
  %r = linalg.generic {{indexing_maps = [{maps}], iterator_types = ["parallel", "parallel"]}}
      ins(%x, %y : {t}, {t}) outs(%e : {t}) {{
  ^bb0(%a: f32, %b: f32, %c: f32):
    {lines}
    linalg.yield %q : f32
  }} -> {t}"""


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    power = np.exp(x - x.max(-1, keepdims=True))
    return power / power.sum(-1, keepdims=True)


MATRIX = FILL.format(n=0, type="tensor<64x16xf32>") + """
  %r = linalg.matmul ins({left}, %y : tensor<64x48xf32>, tensor<48x16xf32>) outs(%s0 : tensor<64x16xf32>) -> tensor<64x16xf32>"""

WEIGHTS = "%w = tensor.empty() : tensor<64x48xf32>\n  "
SOFTMAX = WEIGHTS + ("%p = linalg.softmax {linnet.accuracy = #linnet.accuracy<rel = 0.001>} dimension(1) ins(%x : tensor<64x48xf32>) "
                     "outs(%w : tensor<64x48xf32>) -> tensor<64x48xf32>\n  ")


def over_rows(result, operands, lines, reduces):
    """A linalg.generic over [64, 48]; operands of one dimension are rows."""
    types = dict.fromkeys(("x", "w", "w1"), "tensor<64x48xf32>")
    maps = [f"affine_map<(i, j) -> (i{', j' if name in types else ''})>" for name in operands]
    kinds = [types.get(name, "tensor<64xf32>") for name in operands]
    ins = f"ins({', '.join('%' + name for name in operands[:-1])} : {', '.join(kinds[:-1])})"
    arguments = ", ".join(f"%{letter}: f32" for letter, _ in zip("abc", operands))
    return (f'%{result} = linalg.generic {{indexing_maps = [{", ".join(maps)}], iterator_types = ["parallel", '
            f'"{"reduction" if reduces else "parallel"}"]}} {ins} outs(%{operands[-1]} : {kinds[-1]}) {{\n  ^bb0({arguments}):\n'
            f"    {lines}\n    linalg.yield %q : f32\n  }} -> {kinds[-1]}\n  ")


# What the softmax above stands for.
WRITTEN_OUT = WEIGHTS + ("%least = arith.constant -3.0e38 : f32\n  %nought = arith.constant 0.0 : f32\n  %row = tensor.empty() : tensor<64xf32>\n"
                         "  %m0 = linalg.fill ins(%least : f32) outs(%row : tensor<64xf32>) -> tensor<64xf32>\n"
                         "  %d0 = linalg.fill ins(%nought : f32) outs(%row : tensor<64xf32>) -> tensor<64xf32>\n  ")
WRITTEN_OUT += over_rows("m", ["x", "m0"], "%q = arith.maximumf %a, %b : f32", True)
WRITTEN_OUT += over_rows("w1", ["x", "m", "w"], "%t = arith.subf %a, %b : f32\n    "
                         "%q = math.exp %t {linnet.accuracy = #linnet.accuracy<rel = 0.001>} : f32", False)
WRITTEN_OUT = WRITTEN_OUT + over_rows("d", ["w1", "d0"], "%q = arith.addf %a, %b : f32", True)
WRITTEN_OUT += over_rows("p", ["w1", "d", "w"], "%q = arith.divf %a, %b : f32", False)

# name: the body, the shapes of x and y and of the result, their ranges, and the exact value
CASES = {
    "polynomial": (elementwise("%p = arith.mulf %a, %b : f32\n%n = arith.mulf %p, %a : f32\n%q = arith.subf %n, %b : f32"),
                   (64, 33), (64, 33), (64, 33), (-3, 3), (-2, 1), lambda x, y: x * y * x - y),
    "exp-of-tanh": (elementwise("%t = math.tanh %a : f32\n%m = arith.mulf %t, %b : f32\n%q = math.exp %m : f32"),
                    (64, 33), (64, 33), (64, 33), (-4, 4), (0.5, 8), lambda x, y: np.exp(np.tanh(x) * y)),
    "loose-exp": (elementwise("%q = math.exp %a {linnet.accuracy = #linnet.accuracy<rel = 0.01>} : f32"),
                  (64, 33), (64, 33), (64, 33), (-9, 9), (0, 1), lambda x, y: np.exp(x)),
    "sigmoid-ratio": (elementwise("%one = arith.constant 1.0 : f32\n%n = arith.negf %a : f32\n%p = math.exp %n : f32\n"
                                  "%d = arith.addf %one, %p : f32\n%s = arith.divf %one, %d : f32\n%q = arith.divf %s, %b : f32"),
                      (64, 33), (64, 33), (64, 33), (-6, 6), (0.25, 2), lambda x, y: sigmoid(x) / y),
    "log-of-sum": (elementwise("%s = arith.addf %a, %b : f32\n%l = math.log %s : f32\n%m = math.rsqrt %s : f32\n%q = arith.addf %l, %m : f32"),
                   (64, 33), (64, 33), (64, 33), (0.5, 3), (0.1, 4), lambda x, y: np.log(x + y) + (x + y) ** -0.5),
    "matmul": (MATRIX.format(left="%x"), (64, 48), (48, 16), (64, 16), (-1, 1), (-2, 2), lambda x, y: x @ y),
    "softmax-average": (
        SOFTMAX + MATRIX.format(left="%p"),
        (64, 48), (48, 16), (64, 16), (-6, 6), (-1, 3), lambda x, y: softmax(x) @ y),
}


def tensor(shape):
    return f"tensor<{'x'.join(map(str, shape))}xf32>"


@pytest.mark.parametrize("name", CASES)
def test_measured_errors_are_within_the_bound(rng, name, tmp_path):
    body, x_shape, y_shape, shape, x_range, y_range, exact = CASES[name]

    def argument(name, shape, interval):
        limits = ", ".join(f"{float(limit)}" for limit in interval)
        return f'%{name}: {tensor(shape)} {{linnet.name = "{name}", linnet.role = "input", linnet.range = [{limits}]}}'

    text = f"""module @bounded {{
func.func @bounded({argument("x", x_shape, x_range)}, {argument("y", y_shape, y_range)})
    -> ({tensor(shape)} {{linnet.name = "r", linnet.role = "output"}}) {{
  {body}
  return %r : {tensor(shape)}
}}
}}
"""
    file = tmp_path / "bounded.mlir"
    file.write_text(text)
    report = subprocess.run([shutil.which("linnet-opt"), str(file), "--linnet-report-accuracy", "-o", "/dev/null"],
                            capture_output=True, text=True, check=True).stderr
    found = re.search(r"within \[(.*), (.*)\], error at most (\S+) absolute(?:, (\S+) relative)?", report)
    assert found, report
    low, high, absolute = (float(found[i]) for i in (1, 2, 3))

    library, _ = linnet._cache.load_or_compile("bounded", text.replace(SOFTMAX, WRITTEN_OUT), "auto")
    kernel = Kernel(library, "bounded", ["x", "y"])
    worst = 0
    for _ in range(20):
        x = rng.uniform(*x_range, x_shape).astype(np.float32)
        y = rng.uniform(*y_range, y_shape).astype(np.float32)
        (got,) = kernel(x, y)
        want = exact(x.astype(np.float64), y.astype(np.float64))
        assert (low <= want).all() and (want <= high).all()
        error = np.abs(got - want)
        worst = max(worst, error.max())
        assert worst <= absolute
        if found[4]:
            assert (error <= float(found[4]) * np.abs(want)).all()
    # The bound is none that says nothing.
    assert absolute < 1e5 * worst
