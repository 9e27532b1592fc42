# What a project that uses Linnet as a library finds in Linnet's build tree with
#   find_package(Linnet CONFIG HINTS <Linnet's build>)
# The targets are Linnet::Dialect, Linnet::Check and Linnet::Passes. An example is test/example-downstream.

include(CMakePackageConfigHelpers)

set_target_properties(LinnetDialect PROPERTIES EXPORT_NAME Dialect)
set_target_properties(CheckDialect PROPERTIES EXPORT_NAME Check)
set_target_properties(LinnetApproximation PROPERTIES EXPORT_NAME Approximation)
set_target_properties(LinnetPasses PROPERTIES EXPORT_NAME Passes)
set_target_properties(linnet_llvm PROPERTIES EXPORT_NAME llvm)
set_target_properties(linnet_mlir PROPERTIES EXPORT_NAME mlir)

export(TARGETS LinnetApproximation LinnetDialect CheckDialect LinnetPasses linnet_mlir linnet_llvm
  NAMESPACE Linnet:: FILE ${PROJECT_BINARY_DIR}/LinnetTargets.cmake)
configure_file(${PROJECT_SOURCE_DIR}/cmake/LinnetConfig.cmake.in ${PROJECT_BINARY_DIR}/LinnetConfig.cmake @ONLY)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/LinnetConfigVersion.cmake COMPATIBILITY SameMinorVersion)
