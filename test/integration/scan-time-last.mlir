// Scans across lanes with time last: the fast path against the reference path in one program, for numbers of lanes and
// times around the width of a vector. The factors are powers of two and the values small integers, so that fused
// operations round as separate ones do.

// RUN: linnet-opt %s --inline --linnet-stage-input --linnet-stage-graph \
// RUN:     --linnet-stage-tiled --linnet-stage-vector --linnet-stage-llvm \
// RUN:   | mlir-runner -e main -entry-point-result=void -shared-libs=%shlibdir/liblinnet_check_runtime.so \
// RUN:   | FileCheck %s

// 6 numbers of lanes, 11 times, 8 scans with a result and a state each.
// CHECK-COUNT-1056: elements agree
// CHECK-NOT:        {{agree|differ}}

// Values between -5 and 5.
func.func private @values(%lanes: index, %times: index, %salt: index) -> tensor<?x?xf32> {
  %e = tensor.empty(%lanes, %times) : tensor<?x?xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      outs(%e : tensor<?x?xf32>) {
  ^bb0(%out: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %c5 = arith.constant 5 : index
    %c7 = arith.constant 7 : index
    %c11 = arith.constant 11 : index
    %a = arith.muli %i, %c7 : index
    %b = arith.muli %j, %salt : index
    %c = arith.addi %a, %b : index
    %d = arith.remui %c, %c11 : index
    %s = arith.subi %d, %c5 : index
    %n = arith.index_cast %s : index to i32
    %f = arith.sitofp %n : i32 to f32
    linalg.yield %f : f32
  } -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// 1/2 or -1.
func.func private @factors(%lanes: index, %times: index) -> tensor<?x?xf32> {
  %c3 = arith.constant 3 : index
  %x = func.call @values(%lanes, %times, %c3) : (index, index, index) -> tensor<?x?xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      outs(%x : tensor<?x?xf32>) {
  ^bb0(%out: f32):
    %zero = arith.constant 0.0 : f32
    %half = arith.constant 0.5 : f32
    %minus = arith.constant -1.0 : f32
    %big = arith.cmpf ogt, %out, %zero : f32
    %f = arith.select %big, %half, %minus : f32
    linalg.yield %f : f32
  } -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

func.func private @starts(%x: tensor<?x?xf32>, %lanes: index, %times: index) -> tensor<?x?xi8> {
  %e = tensor.empty(%lanes, %times) : tensor<?x?xi8>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
                       iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<?x?xf32>) outs(%e : tensor<?x?xi8>) {
  ^bb0(%in: f32, %out: i8):
    %four = arith.constant 4.0 : f32
    %is = arith.cmpf oeq, %in, %four : f32
    %f = arith.extui %is : i1 to i8
    linalg.yield %f : i8
  } -> tensor<?x?xi8>
  return %0 : tensor<?x?xi8>
}

func.func private @compare(%lanes: index, %times: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %a = func.call @factors(%lanes, %times) : (index, index) -> tensor<?x?xf32>
  %b = func.call @values(%lanes, %times, %c5) : (index, index, index) -> tensor<?x?xf32>
  %g = func.call @starts(%b, %lanes, %times) : (tensor<?x?xf32>, index, index) -> tensor<?x?xi8>
  %column = func.call @values(%lanes, %c1, %c5) : (index, index, index) -> tensor<?x?xf32>
  %s = tensor.extract_slice %column[0, 0] [%lanes, 1] [1, 1] : tensor<?x?xf32> to tensor<?xf32>
  %e = tensor.empty(%lanes, %times) : tensor<?x?xf32>
  %f0:2 = linnet.affine_scan ins(%a, %b : tensor<?x?xf32>, tensor<?x?xf32>)
                             outs(%e, %s : tensor<?x?xf32>, tensor<?xf32>) {dimension = 1 : i64}
  %r0:2 = linnet.affine_scan ins(%a, %b : tensor<?x?xf32>, tensor<?x?xf32>)
                             outs(%e, %s : tensor<?x?xf32>, tensor<?xf32>) {dimension = 1 : i64, linnet.path = "reference"}
  check.expect_close %f0#0, %r0#0 : tensor<?x?xf32>
  check.expect_close %f0#1, %r0#1 : tensor<?xf32>
  %f1:2 = linnet.affine_scan ins(%a, %b : tensor<?x?xf32>, tensor<?x?xf32>)
                             outs(%e, %s : tensor<?x?xf32>, tensor<?xf32>) {dimension = 1 : i64, reverse}
  %r1:2 = linnet.affine_scan ins(%a, %b : tensor<?x?xf32>, tensor<?x?xf32>)
                             outs(%e, %s : tensor<?x?xf32>, tensor<?xf32>) {dimension = 1 : i64, reverse, linnet.path = "reference"}
  check.expect_close %f1#0, %r1#0 : tensor<?x?xf32>
  check.expect_close %f1#1, %r1#1 : tensor<?xf32>
  %f2:2 = linnet.scan add ins(%b : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>)
                       states(%s : tensor<?xf32>)
                       {dimension = 1 : i64}
  %r2:2 = linnet.scan add ins(%b : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>)
                       states(%s : tensor<?xf32>)
                       {dimension = 1 : i64, linnet.path = "reference"}
  check.expect_close %f2#0, %r2#0 : tensor<?x?xf32>
  check.expect_close %f2#1, %r2#1 : tensor<?xf32>
  %f3:2 = linnet.scan add ins(%b : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>)
                       states(%s : tensor<?xf32>)
                       {dimension = 1 : i64, exclusive, reverse}
  %r3:2 = linnet.scan add ins(%b : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>)
                       states(%s : tensor<?xf32>)
                       {dimension = 1 : i64, exclusive, reverse, linnet.path = "reference"}
  check.expect_close %f3#0, %r3#0 : tensor<?x?xf32>
  check.expect_close %f3#1, %r3#1 : tensor<?xf32>
  %f4:2 = linnet.scan add ins(%b : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>)
                       states(%s : tensor<?xf32>)
                       {dimension = 1 : i64, unseeded}
  %r4:2 = linnet.scan add ins(%b : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>)
                       states(%s : tensor<?xf32>)
                       {dimension = 1 : i64, unseeded, linnet.path = "reference"}
  check.expect_close %f4#0, %r4#0 : tensor<?x?xf32>
  check.expect_close %f4#1, %r4#1 : tensor<?xf32>
  %f5:2 = linnet.scan add ins(%b : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>)
                       states(%s : tensor<?xf32>)
                       {dimension = 1 : i64, reverse, unseeded}
  %r5:2 = linnet.scan add ins(%b : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>)
                       states(%s : tensor<?xf32>)
                       {dimension = 1 : i64, reverse, unseeded, linnet.path = "reference"}
  check.expect_close %f5#0, %r5#0 : tensor<?x?xf32>
  check.expect_close %f5#1, %r5#1 : tensor<?xf32>
  %f6:2 = linnet.scan add ins(%b : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>)
                       states(%s : tensor<?xf32>) segments(%g : tensor<?x?xi8>)
                       {dimension = 1 : i64, exclusive}
  %r6:2 = linnet.scan add ins(%b : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>)
                       states(%s : tensor<?xf32>) segments(%g : tensor<?x?xi8>)
                       {dimension = 1 : i64, exclusive, linnet.path = "reference"}
  check.expect_close %f6#0, %r6#0 : tensor<?x?xf32>
  check.expect_close %f6#1, %r6#1 : tensor<?xf32>
  %f7:2 = linnet.scan add ins(%b : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>)
                       states(%s : tensor<?xf32>) segments(%g : tensor<?x?xi8>)
                       {dimension = 1 : i64, reverse}
  %r7:2 = linnet.scan add ins(%b : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>)
                       states(%s : tensor<?xf32>) segments(%g : tensor<?x?xi8>)
                       {dimension = 1 : i64, reverse, linnet.path = "reference"}
  check.expect_close %f7#0, %r7#0 : tensor<?x?xf32>
  check.expect_close %f7#1, %r7#1 : tensor<?xf32>
  return
}

func.func @main() {
  %lanes = arith.constant dense<[1, 8, 15, 16, 17, 33]> : tensor<6xindex>
  %times = arith.constant dense<[0, 1, 2, 13, 15, 16, 17, 31, 32, 33, 67]> : tensor<11xindex>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c6 = arith.constant 6 : index
  %c11 = arith.constant 11 : index
  scf.for %i = %c0 to %c6 step %c1 {
    scf.for %j = %c0 to %c11 step %c1 {
      %n = tensor.extract %lanes[%i] : tensor<6xindex>
      %t = tensor.extract %times[%j] : tensor<11xindex>
      func.call @compare(%n, %t) : (index, index) -> ()
    }
  }
  return
}
