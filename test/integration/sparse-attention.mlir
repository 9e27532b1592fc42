// The parts of hashed and estimated attention give the right numbers; they have one lowering.

// RUN: linnet-opt %s --inline --linnet-stage-input --linnet-stage-graph --linnet-stage-tiled --linnet-stage-vector --linnet-stage-llvm \
// RUN:   | mlir-runner -e main -entry-point-result=void -shared-libs=%shlibdir/liblinnet_check_runtime.so | FileCheck %s

// CHECK-COUNT-4: elements agree
// CHECK-NOT:     {{agree|differ}}

// One side is empty, both are equal, both are empty, and one is far below.
func.func private @merge() {
  %o1 = arith.constant dense<[[[[1.0], [1.0], [1.0], [1.0]]]]> : tensor<1x1x4x1xf32>
  %o2 = arith.constant dense<[[[[3.0], [3.0], [3.0], [3.0]]]]> : tensor<1x1x4x1xf32>
  %l1 = arith.constant dense<[[[0xFF800000, 0.0, 0xFF800000, 200.0]]]> : tensor<1x1x4xf32>
  %l2 = arith.constant dense<[[[5.0, 0.0, 0xFF800000, 0.0]]]> : tensor<1x1x4xf32>
  %o = tensor.empty() : tensor<1x1x4x1xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %0:2 = linnet.attention_merge ins(%o1, %l1, %o2, %l2 : tensor<1x1x4x1xf32>, tensor<1x1x4xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4xf32>)
      outs(%o, %l : tensor<1x1x4x1xf32>, tensor<1x1x4xf32>)
  %e0 = arith.constant dense<[[[[3.0], [2.0], [0.0], [1.0]]]]> : tensor<1x1x4x1xf32>
  check.expect_close %0#0, %e0 {rtol = 1.0e-6 : f64, atol = 0.0 : f64} : tensor<1x1x4x1xf32>
  %e1 = arith.constant dense<[[[5.0, 0.6931472, 0xFF800000, 200.0]]]> : tensor<1x1x4xf32>
  check.expect_close %0#1, %e1 {rtol = 1.0e-6 : f64, atol = 0.0 : f64} : tensor<1x1x4xf32>
  return
}

// The hashes 1, 2, 3, 2 decode to the buckets 1, 3, 2, 3: the order is 0, 2, 1, 3.
func.func private @lsh() {
  %x = arith.constant dense<[[[[1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [-2.0, 1.0]]]]> : tensor<1x1x4x2xf32>
  %p = arith.constant dense<[[1.0, 0.0], [0.0, 1.0]]> : tensor<2x2xf32>
  %i = tensor.empty() : tensor<1x1x4xi32>
  %0:2 = linnet.lsh_order ins(%x, %p : tensor<1x1x4x2xf32>, tensor<2x2xf32>) outs(%i, %i : tensor<1x1x4xi32>, tensor<1x1x4xi32>)
  %g = tensor.empty() : tensor<1x1x4xf32>
  %f = linalg.map { arith.sitofp } ins(%0#0 : tensor<1x1x4xi32>) outs(%g : tensor<1x1x4xf32>)
  %e = arith.constant dense<[[[0.0, 2.0, 1.0, 3.0]]]> : tensor<1x1x4xf32>
  check.expect_close %f, %e {rtol = 0.0 : f64, atol = 0.0 : f64} : tensor<1x1x4xf32>
  return
}

// Two greatest of each row, the first of equal ones; the bins as keys of 3 and of 5.
func.func private @topk() {
  %s = arith.constant dense<[[1.0, 3.0, 3.0, 3.0], [-1.0, 0x7FC00000, -2.0, -5.0]]> : tensor<2x4xf32>
  %c = arith.constant dense<2> : tensor<2xi32>
  %m = tensor.empty() : tensor<2x4xi8>
  %0 = linnet.topk_mask ins(%s, %c : tensor<2x4xf32>, tensor<2xi32>) outs(%m : tensor<2x4xi8>)
  %1 = tensor.expand_shape %0 [[0, 1], [2]] output_shape [1, 2, 4] : tensor<2x4xi8> into tensor<1x2x4xi8>
  %n = arith.constant dense<[3, 5]> : tensor<2xi32>
  %starts = tensor.empty() : tensor<1x3xi32>
  %columns = tensor.empty() : tensor<4xi32>
  %2:2 = linnet.mask_interpolate ins(%1, %n : tensor<1x2x4xi8>, tensor<2xi32>) outs(%starts, %columns : tensor<1x3xi32>, tensor<4xi32>)
  %g = tensor.empty() : tensor<4xf32>
  %f = linalg.map { arith.sitofp } ins(%2#1 : tensor<4xi32>) outs(%g : tensor<4xf32>)
  // Row 0 keeps bins 1 and 2, which are key 1 and none of 3; row 1 bins 0 and 2, which are keys 0 and 3 of 5.
  %e = arith.constant dense<[1.0, 0.0, 3.0, 0.0]> : tensor<4xf32>
  %first = tensor.extract_slice %f[0] [3] [1] : tensor<4xf32> to tensor<3xf32>
  %wanted = tensor.extract_slice %e[0] [3] [1] : tensor<4xf32> to tensor<3xf32>
  check.expect_close %first, %wanted {rtol = 0.0 : f64, atol = 0.0 : f64} : tensor<3xf32>
  return
}

func.func @main() {
  call @merge() : () -> ()
  call @lsh() : () -> ()
  call @topk() : () -> ()
  return
}
