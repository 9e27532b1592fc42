// linnet.require is printed as it was read, and is not dropped though it has no result.

// RUN: linnet-opt %s --canonicalize --cse | linnet-opt | FileCheck %s
// RUN: linnet-opt %s --mlir-print-op-generic | linnet-opt | FileCheck %s

// CHECK-LABEL: func @require(
// CHECK-SAME:    %[[OK:.*]]: i1)
// CHECK:         linnet.require %[[OK]] of "cu_seqlens"
// CHECK:         linnet.require %[[OK]] of "x" {code = 3 : i32}
func.func @require(%ok: i1) {
  linnet.require %ok of "cu_seqlens"
  linnet.require %ok of "x" {code = 3 : i32}
  return
}
