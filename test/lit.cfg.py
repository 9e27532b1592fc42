# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The lit suite: every .mlir and .test file under test/.

    lit -sv build/release/test                  all of it
    lit -v test/compiler/reference              a part of it, on the release build
    LINNET_BUILD=build/asan lit -v test/...     a part of it, on another build
"""

import os
import shutil

import lit.formats

source_test_dir = os.path.dirname(os.path.abspath(__file__))

# Called on the source tree, without a build having loaded this file: take the build's configuration, which loads this
# file again.
if not hasattr(config, "linnet_binary_dir"):
    source_dir = os.path.dirname(source_test_dir)
    build = os.path.join(source_dir, os.environ.get("LINNET_BUILD", "build/release"))
    site_config = os.path.join(build, "test", "lit.site.cfg.py")
    if not os.path.exists(site_config):
        lit_config.fatal(f"there is no build in {build}: run tools/build first, or name another one in LINNET_BUILD")
    lit_config.load_config(config, site_config)
    raise SystemExit

import lit.llvm

lit.llvm.initialize(lit_config, config)
# Exists from here on only.
from lit.llvm import llvm_config
from lit.llvm.subst import ToolSubst

config.name = "Linnet"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
# Other runners' tests, and data.
config.excludes = ["unit", "python", "models", "oracles", "benchmark", "fuzz", "Inputs", "example-downstream"]
config.test_source_root = source_test_dir
config.test_exec_root = os.path.join(config.linnet_binary_dir, "test")

bin_dir = os.path.join(config.linnet_binary_dir, "bin")
lib_dir = os.path.join(config.linnet_binary_dir, "lib")
venv_bin_dir = os.path.dirname(config.linnet_python)

# Tools -------------------------------------------------------------------------------------------------------------

linnet_tools = ["linnet-opt", "linnet-translate", "linnetc", "linnet-run", "linnet-bench", "linnet-evolve"]
llvm_tools = ["FileCheck", "count", "not", "split-file", "mlir-runner", "mlir-opt", "mlir-translate", "llvm-nm"]
llvm_tools += ["llvm-readobj", "llvm-objdump"]


def missing(directory, names):
    return [name for name in names if not os.path.exists(os.path.join(directory, name))]


if missing(bin_dir, ["linnet-opt"]):
    lit_config.fatal(f"there is no linnet-opt in {bin_dir}: run tools/build")
if missing(config.llvm_tools_dir, llvm_tools):
    absent = ", ".join(missing(config.llvm_tools_dir, llvm_tools))
    lit_config.fatal(f"missing from {config.llvm_tools_dir}: {absent}; run tools/setup")
for name in missing(bin_dir, linnet_tools):
    lit_config.warning(f"{name} is not built; the tests that run it will fail")
    linnet_tools.remove(name)

llvm_config.with_environment("PATH", [bin_dir, venv_bin_dir, config.llvm_tools_dir], append_path=True)
llvm_config.with_environment("PYTHONPATH", os.path.join(config.linnet_binary_dir, "python"), append_path=True)
llvm_config.with_environment("FILECHECK_OPTS", "-enable-var-scope")
llvm_config.with_system_environment(["LINNET_PATH", "LINNET_NUM_THREADS"])

config.substitutions += [
    ("%python", config.linnet_python),
    ("%project", config.linnet_source_dir),
    ("%models", os.path.join(source_test_dir, "models")),
    ("%oracles", os.path.join(source_test_dir, "oracles")),
    ("%include", os.path.join(config.linnet_source_dir, "runtime", "include")),
    ("%shlibdir", lib_dir),
    ("%standin", os.path.join(config.linnet_binary_dir, "test", "standin")),
    ("%mlir_libs", config.mlir_lib_dir),
    ("%example_downstream", os.path.join(source_test_dir, "example-downstream")),
    ("%linnet_build", config.linnet_binary_dir),
    # Configures another project as this one was.
    (
        "%cmake_configure",
        f'{config.cmake} -G "{config.cmake_generator}" -DCMAKE_CXX_COMPILER={config.cxx_compiler} '
        f"-DCMAKE_CXX_COMPILER_LAUNCHER={config.cxx_compiler_launcher}",
    ),
    ("%cmake", config.cmake),
]
llvm_config.add_tool_substitutions([ToolSubst(name, unresolved="fatal") for name in linnet_tools], bin_dir)
llvm_config.add_tool_substitutions([ToolSubst(name, unresolved="fatal") for name in llvm_tools], config.llvm_tools_dir)

# Features ----------------------------------------------------------------------------------------------------------
# A test names what it needs with REQUIRES; where it is absent the test counts as unsupported, not as failed.

if config.has_onnx:
    config.available_features.add("onnx")

for target in config.targets_to_build.split(";"):
    config.available_features.add(f"{target.lower()}-registered-target")

host_architecture = os.uname().machine
config.available_features.add(f"host-{host_architecture}")


def cpu_flags():
    try:
        with open("/proc/cpuinfo") as file:
            for line in file:
                key, _, value = line.partition(":")
                if key.strip() in ("flags", "Features"):
                    return set(value.split())
    except OSError:
        pass
    return set()


flags = cpu_flags()
for feature, needed in (
    ("host-avx2", {"avx2", "fma"}),
    ("host-avx512", {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}),  # what x86-64-v4 stands for
    ("host-avx512-bf16", {"avx512f", "avx512_bf16"}),
    ("host-amx-bf16", {"amx_tile", "amx_bf16"}),
):
    if needed <= flags:
        config.available_features.add(feature)

for feature, program in (
    ("ptxas", "ptxas"),
    ("cc", "cc"),
    ("qemu-aarch64", "qemu-aarch64"),
    ("qemu-riscv64", "qemu-riscv64"),
):
    if shutil.which(program, path=config.environment["PATH"]):
        config.available_features.add(feature)

# Sanitizers --------------------------------------------------------------------------------------------------------
# libMLIR and libLLVM are not instrumented. Containers that cross the border, and locks taken on the other side of it,
# would be reported wrongly. The same options stand in the test presets of CMakePresets.json, for ctest.

sanitizers = config.linnet_sanitize.split(";")
for name, feature, variable, options in (
    ("address", "asan", "ASAN_OPTIONS", "detect_container_overflow=0:detect_stack_use_after_return=1"),
    ("undefined", "ubsan", "UBSAN_OPTIONS", "print_stacktrace=1:halt_on_error=1"),
    ("thread", "tsan", "TSAN_OPTIONS", "halt_on_error=1:ignore_noninstrumented_modules=1"),
):
    if name in sanitizers:
        config.available_features.add(feature)
        config.environment.setdefault(variable, options)
