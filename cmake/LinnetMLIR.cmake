# Finds the packaged MLIR/LLVM and defines the two interface libraries through
# which everything links it: linnet_llvm (libLLVM) and linnet_mlir (libMLIR).
# Nothing else names an MLIR or LLVM target; see docs/rationale/project.md.

# find_package(MLIR 22) would want the exact minor version.
find_package(MLIR REQUIRED CONFIG HINTS /usr/lib/llvm-22/lib/cmake/mlir)
if(NOT LLVM_PACKAGE_VERSION MATCHES "^22\\.")
  message(FATAL_ERROR "expected MLIR/LLVM 22, got ${LLVM_PACKAGE_VERSION} in ${MLIR_DIR}; run tools/setup")
endif()
list(APPEND CMAKE_MODULE_PATH "${MLIR_CMAKE_DIR}" "${LLVM_CMAKE_DIR}")
set(LLVM_LINK_LLVM_DYLIB ON)
set(MLIR_LINK_MLIR_DYLIB ON)
include(TableGen)
include(AddLLVM)
include(AddMLIR)

add_library(linnet_llvm INTERFACE)
target_include_directories(linnet_llvm SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS})
target_link_libraries(linnet_llvm INTERFACE LLVM)

add_library(linnet_mlir INTERFACE)
target_include_directories(linnet_mlir SYSTEM INTERFACE ${MLIR_INCLUDE_DIRS})
target_link_libraries(linnet_mlir INTERFACE MLIR linnet_llvm)

# The linker as a library, so that linnetc needs no linker on the machine.
add_library(linnet_lld INTERFACE)
target_include_directories(linnet_lld SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS})
target_link_libraries(linnet_lld INTERFACE ${LLVM_LIBRARY_DIR}/liblldELF.a ${LLVM_LIBRARY_DIR}/liblldCommon.a linnet_llvm z zstd)
