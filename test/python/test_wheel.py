# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a wheel has in it: the component of the build that is installed, and its stubs."""

import ast
import inspect
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

import linnet
from linnet import _linnet

STUB = pathlib.Path(linnet.__file__).parent / "_linnet.pyi"


def test_installed_alone(tmp_path, kernel_cache):
    """In another folder, without the build on any path: it finds its libraries, computes, and loads no compiler for it."""
    build = next(
        (folder for folder in pathlib.Path(_linnet.__file__).parents if (folder / "CMakeCache.txt").exists()), None
    )
    if build is None or shutil.which("cmake") is None:
        pytest.skip("linnet is not imported from a build")
    subprocess.run(
        ["cmake", "--install", build, "--component", "python", "--prefix", tmp_path],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert {
        "linnet/py.typed",
        "linnet/_linnet.pyi",
        "linnet/liblinnet_compiler.so",
        "linnet/torch/__init__.py",
        "linnet/include/linnet/linnet.h",
    } <= files
    assert len([file for file in files if "liblinnet_runtime" in file]) >= 1
    code = f"""
import sys
sys.path[:] = [{str(tmp_path)!r}] + [path for path in sys.path if "build" not in path]
import numpy, linnet
assert linnet.__file__.startswith({str(tmp_path)!r})
y, _ = linnet.ops.causal_conv1d(numpy.ones((1, 3, 4), "f"), numpy.ones((3, 2), "f"))
maps = open("/proc/self/maps").read()
assert {str(build)!r} not in maps
print(y[0, 0].tolist())
"""
    environment = {**os.environ, "LINNET_CACHE_DIR": str(kernel_cache)}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == "[1.0, 2.0, 2.0, 2.0]", done.stderr


def described(scope):
    """{name: parameters, None for what is no function} of the stub of a module or class."""
    names = {}
    for node in scope.body:
        if isinstance(node, ast.FunctionDef):
            is_property = any(getattr(decorator, "id", "") == "property" for decorator in node.decorator_list)
            arguments = node.args
            parameters = [argument.arg for argument in arguments.args if argument.arg != "self"]
            parameters += ["*"] if arguments.vararg else []
            names[node.name] = None if is_property else parameters
        elif isinstance(node, ast.ClassDef):
            names[node.name] = described(node)
        elif isinstance(node, ast.AnnAssign):
            names[node.target.id] = None
    return names


def defined(scope):
    """The same of the module itself, from the signatures that pybind11 writes into documentation."""
    names = {}
    for name, value in vars(scope).items():
        value = getattr(value, "__func__", value)  # of a static method
        if inspect.isclass(value):
            names[name] = defined(value)
        elif callable(value):
            signature = re.match(r"\w+\((.*)\) -> ", value.__doc__ or "")
            if signature and (not name.startswith("_") or name in ("__init__", "__call__", "__len__")):
                parameters = re.findall(
                    r"(?:^|, )(\*?\w+)(?=:|,|$)", re.sub(r"\[[^\[\]]*(\[[^\]]*\])?[^\]]*\]", "", signature[1])
                )
                names[name] = [
                    "*" if parameter[0] == "*" else parameter for parameter in parameters if parameter != "self"
                ]
        elif isinstance(value, property) or name == "__version__":
            names[name] = None
    return names


def test_stubs_are_those_of_the_module():
    stub = described(ast.parse(STUB.read_text()))
    stub = {name: value for name, value in stub.items() if not (name.startswith("_") and name != "__version__")}
    assert stub == defined(_linnet)
