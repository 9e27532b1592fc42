// Transposes by blocks give every element its place, at sizes around a block.

// RUN: linnet-opt %s --inline --linnet-stage-input --linnet-stage-graph --linnet-stage-tiled --linnet-stage-vector \
// RUN:     --linnet-stage-llvm \
// RUN:   | mlir-runner -e main -entry-point-result=void -shared-libs=%shlibdir/liblinnet_check_runtime.so \
// RUN:   | FileCheck %s

// 7 by 7 sizes, two permutations.
// CHECK-COUNT-98: elements agree
// CHECK-NOT:      {{agree|differ}}

// x[i, j, k] = 10000 i + 100 j + k
func.func private @place(%i: index, %j: index, %k: index) -> f32 {
  %c100 = arith.constant 100 : index
  %0 = arith.muli %i, %c100 : index
  %1 = arith.addi %0, %j : index
  %2 = arith.muli %1, %c100 : index
  %3 = arith.addi %2, %k : index
  %4 = arith.index_cast %3 : index to i32
  %5 = arith.sitofp %4 : i32 to f32
  return %5 : f32
}

func.func private @compare(%m: index, %n: index) {
  %e = tensor.empty(%m, %n) : tensor<3x?x?xf32>
  %x = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>],
                       iterator_types = ["parallel", "parallel", "parallel"]} outs(%e : tensor<3x?x?xf32>) {
  ^bb0(%out: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %k = linalg.index 2 : index
    %v = func.call @place(%i, %j, %k) : (index, index, index) -> f32
    linalg.yield %v : f32
  } -> tensor<3x?x?xf32>
  %e0 = tensor.empty(%n, %m) : tensor<3x?x?xf32>
  %y0 = linalg.transpose ins(%x : tensor<3x?x?xf32>) outs(%e0 : tensor<3x?x?xf32>) permutation = [0, 2, 1]
  %w0 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>],
                        iterator_types = ["parallel", "parallel", "parallel"]} outs(%e0 : tensor<3x?x?xf32>) {
  ^bb0(%out: f32):
    %i = linalg.index 0 : index
    %k = linalg.index 1 : index
    %j = linalg.index 2 : index
    %v = func.call @place(%i, %j, %k) : (index, index, index) -> f32
    linalg.yield %v : f32
  } -> tensor<3x?x?xf32>
  check.expect_close %y0, %w0 : tensor<3x?x?xf32>

  %e1 = tensor.empty(%n, %m) : tensor<?x3x?xf32>
  %y1 = linalg.transpose ins(%x : tensor<3x?x?xf32>) outs(%e1 : tensor<?x3x?xf32>) permutation = [2, 0, 1]
  %w1 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>],
                        iterator_types = ["parallel", "parallel", "parallel"]} outs(%e1 : tensor<?x3x?xf32>) {
  ^bb0(%out: f32):
    %k = linalg.index 0 : index
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %v = func.call @place(%i, %j, %k) : (index, index, index) -> f32
    linalg.yield %v : f32
  } -> tensor<?x3x?xf32>
  check.expect_close %y1, %w1 : tensor<?x3x?xf32>
  return
}

func.func @main() {
  %sizes = arith.constant dense<[1, 15, 16, 17, 33, 64, 70]> : tensor<7xindex>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c7 = arith.constant 7 : index
  scf.for %i = %c0 to %c7 step %c1 {
    scf.for %j = %c0 to %c7 step %c1 {
      %m = tensor.extract %sizes[%i] : tensor<7xindex>
      %n = tensor.extract %sizes[%j] : tensor<7xindex>
      func.call @compare(%m, %n) : (index, index) -> ()
    }
  }
  return
}
