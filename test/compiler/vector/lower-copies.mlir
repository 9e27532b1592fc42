// --linnet-lower-copies: copies of strided buffers become linalg.copy, and so loops; dense ones stay and become memcpy.

// RUN: linnet-opt %s --linnet-lower-copies | FileCheck %s
// RUN: linnet-opt %s --linnet-lower-copies --convert-linalg-to-loops | FileCheck %s --check-prefix=LOOPS

#strided = strided<[16, 1], offset: ?>

// CHECK-LABEL: func @copies(
// CHECK-SAME:    %[[A:.*]]: memref<4x8xf32>, %[[B:.*]]: memref<4x8xf32>, %[[S:.*]]: memref<4x8xf32, strided<[16, 1], offset: ?>>
// CHECK-NEXT:    memref.copy %[[A]], %[[B]]
// CHECK-NEXT:    linalg.copy ins(%[[S]] : {{.*}}) outs(%[[B]] :
// CHECK-NEXT:    linalg.copy ins(%[[A]] : {{.*}}) outs(%[[S]] :
// CHECK-NEXT:    return

// LOOPS-LABEL: func @copies(
// LOOPS:         memref.copy
// LOOPS-NOT:     memref.copy
// LOOPS:         scf.for
func.func @copies(%a: memref<4x8xf32>, %b: memref<4x8xf32>, %s: memref<4x8xf32, #strided>) {
  memref.copy %a, %b : memref<4x8xf32> to memref<4x8xf32>
  memref.copy %s, %b : memref<4x8xf32, #strided> to memref<4x8xf32>
  memref.copy %a, %s : memref<4x8xf32> to memref<4x8xf32, #strided>
  return
}
