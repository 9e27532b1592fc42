// --linnet-lower-launches: a call of linnet_host.launch with the place of the kernel, the number of blocks and the
// addresses of the parameters, all of which lie in the frame of the function.

// RUN: linnet-opt %s --linnet-lower-launches | FileCheck %s

// CHECK-LABEL: func @run
// CHECK-SAME:    (%[[HOST:[a-z0-9]+]]: !llvm.ptr, %{{.*}}: memref<8xf32>, %[[N:[a-z0-9]+]]: index
// CHECK-COUNT-5: llvm.alloca
// CHECK:         scf.for
// CHECK-NOT:       llvm.alloca
// CHECK:           memref.extract_aligned_pointer_as_index
// CHECK-COUNT-4:   llvm.getelementptr
// CHECK:           %[[FIELD:.*]] = llvm.getelementptr %[[HOST]][0, 4] : (!llvm.ptr) -> !llvm.ptr, !llvm.struct<(i32, i32, ptr, ptr, ptr)>
// CHECK:           %[[LAUNCH:.*]] = llvm.load %[[FIELD]]
// CHECK:           %[[PLACE:.*]] = llvm.mlir.constant(1 : i32) : i32
// CHECK:           %[[BLOCKS:.*]] = arith.index_cast %[[N]] : index to i64
// CHECK:           llvm.call %[[LAUNCH]](%[[HOST]], %[[PLACE]], %[[BLOCKS]], %{{.*}})
// CHECK-NOT:       gpu.launch_func
module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @first() kernel {
      gpu.return
    }
    gpu.func @second(%x: memref<8xf32>, %i: index, %a: f32, %b: i64) kernel {
      gpu.return
    }
  }
  func.func @run(%host: !llvm.ptr, %x: memref<8xf32>, %n: index, %a: f32, %b: i64) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    scf.for %i = %c0 to %n step %c1 {
      gpu.launch_func @kernels::@second blocks in (%n, %c1, %c1) threads in (%c1, %c1, %c1)
          args(%x : memref<8xf32>, %i : index, %a : f32, %b : i64)
    }
    return
  }
}
