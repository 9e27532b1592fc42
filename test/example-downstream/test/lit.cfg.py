# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The tests of the example: what is in PATH is example-opt and LLVM's tools."""

import os

import lit.formats

config.name = "Example"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir"]
config.test_source_root = os.path.join(config.example_source_dir, "test")
config.test_exec_root = os.path.join(config.example_binary_dir, "test")
config.environment["PATH"] = os.pathsep.join(
    [config.example_binary_dir, config.llvm_tools_dir, config.environment["PATH"]]
)
for name in ("ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"):
    if name in os.environ:
        config.environment[name] = os.environ[name]
