# How Linnet's own targets are made: one helper for libraries that see MLIR (they
# share one precompiled header) and one for tools.

add_compile_options(-Wall -Wextra -Wno-unused-parameter -fno-semantic-interposition)
if(LINNET_SANITIZE)
  string(REPLACE ";" "," LINNET_SANITIZE_LIST "${LINNET_SANITIZE}")
  # The packaged LLVM is not instrumented: its vtables cannot be checked.
  add_compile_options(-fsanitize=${LINNET_SANITIZE_LIST} -fno-sanitize=vptr -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${LINNET_SANITIZE_LIST})
endif()

# The precompiled header of everything that sees MLIR. ccache needs the time
# stamp left out; the sloppiness it needs is set in tools/build.
file(WRITE ${PROJECT_BINARY_DIR}/linnet_pch.cpp "")
add_library(linnet_pch OBJECT ${PROJECT_BINARY_DIR}/linnet_pch.cpp)
target_link_libraries(linnet_pch PUBLIC linnet_mlir)
target_compile_options(linnet_pch PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
target_precompile_headers(linnet_pch PRIVATE
  <mlir/Dialect/Arith/IR/Arith.h>
  <mlir/Dialect/Bufferization/IR/Bufferization.h>
  <mlir/Dialect/Func/IR/FuncOps.h>
  <mlir/Dialect/Linalg/IR/Linalg.h>
  <mlir/Dialect/MemRef/IR/MemRef.h>
  <mlir/Dialect/SCF/IR/SCF.h>
  <mlir/Dialect/Tensor/IR/Tensor.h>
  <mlir/Dialect/Vector/IR/VectorOps.h>
  <mlir/IR/PatternMatch.h>
  <mlir/Interfaces/TilingInterface.h>
  <mlir/Pass/Pass.h>
  <mlir/Pass/PassManager.h>
  <mlir/Transforms/GreedyPatternRewriteDriver.h>)

function(linnet_use_mlir name)
  target_compile_options(${name} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  target_precompile_headers(${name} REUSE_FROM linnet_pch)
endfunction()

# linnet_add_library(NAME source... [LINK_LIBS lib...] [DEPENDS target...])
function(linnet_add_library name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC linnet_mlir ${ARG_LINK_LIBS})
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  linnet_use_mlir(${name})
endfunction()

# linnet_add_tool(NAME source... [LINK_LIBS lib...])
function(linnet_add_tool name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS})
endfunction()
