// The reference path spells L-Mul as loops over single elements with integers of 64 bits. Numbers are tested in
// test/integration and test/python.

// RUN: linnet-opt %s --linnet-reference --canonicalize | FileCheck %s --implicit-check-not=linnet. --implicit-check-not=fastmath
// RUN: linnet-opt %s --linnet-reference=marked-only | FileCheck %s --check-prefix=MARKED

// CHECK-LABEL: func @lmul(
// CHECK:         scf.for
// CHECK:           scf.for
// CHECK:             arith.bitcast %{{.*}} : f8E4M3FN to i8
// CHECK:             arith.extui %{{.*}} : i8 to i64
// CHECK:             arith.trunci %{{.*}} : i64 to i8
// CHECK:             tensor.insert
// MARKED:        linnet.lmul
func.func @lmul(%x: tensor<?x4xf8E4M3FN>) -> tensor<?x4xf8E4M3FN> {
  %0 = linnet.lmul ins(%x, %x : tensor<?x4xf8E4M3FN>) outs(%x) {multiply = #linnet.lmul<>}
  return %0 : tensor<?x4xf8E4M3FN>
}

// The sum begins with what the result has, and goes along k; factors are widened first.
// CHECK-LABEL: func @lmul_contract(
// CHECK-SAME:    %[[A:.*]]: tensor<?x5xbf16>, %[[B:.*]]: tensor<6x5xbf16>, %[[C:.*]]: tensor<?x6xf32>
// CHECK:         scf.for %[[I:.*]] = %c0 to
// CHECK:           scf.for %[[J:.*]] = %c0 to %c6
// CHECK:             %[[INIT:.*]] = tensor.extract %{{.*}}[%[[I]], %[[J]]]
// CHECK:             scf.for %[[K:.*]] = %c0 to %c5 {{.*}} iter_args(%{{.*}} = %[[INIT]]) -> (f32)
// CHECK-DAG:           tensor.extract %[[A]][%[[I]], %[[K]]]
// CHECK-DAG:           tensor.extract %[[B]][%[[J]], %[[K]]]
// CHECK:               arith.extf
// CHECK:               arith.addf
func.func @lmul_contract(%a: tensor<?x5xbf16>, %b: tensor<6x5xbf16>, %c: tensor<?x6xf32>) -> tensor<?x6xf32> {
  %0 = linnet.lmul_contract ins(%a, %b : tensor<?x5xbf16>, tensor<6x5xbf16>) outs(%c : tensor<?x6xf32>)
      {multiply = #linnet.lmul<>, transpose_b}
  return %0 : tensor<?x6xf32>
}
