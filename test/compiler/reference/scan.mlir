// The reference path spells the Scan family as loops over single elements, in the order of the definition and with
// plain arithmetic. Numbers are tested in test/integration.

// RUN: linnet-opt %s --linnet-reference --canonicalize | FileCheck %s --implicit-check-not=linnet. --implicit-check-not=fastmath
// RUN: linnet-opt %s --linnet-reference=marked-only | FileCheck %s --check-prefix=MARKED

// Time is the outermost loop; h = a * h + b is both stored and carried.
// CHECK-LABEL: func @affine_scan(
// CHECK-SAME:    %[[A:.*]]: tensor<2x?x8xf32>, %[[B:.*]]: tensor<2x?x8xf32>, %[[H:.*]]: tensor<2x?x8xf32>, %[[S:.*]]: tensor<2x8xf32>
// CHECK:         %[[T:.*]] = tensor.dim %[[A]], %c1
// CHECK:         scf.for %[[TIME:.*]] = %c0 to %[[T]] step %c1 iter_args(%{{.*}} = %[[H]], %{{.*}} = %[[S]])
// CHECK:           scf.for %[[I:.*]] = %c0 to %c2
// CHECK:             scf.for %[[J:.*]] = %c0 to %c8 step %c1 iter_args(%[[HS:.*]] = %{{.*}}, %[[STATE:.*]] = %{{.*}})
// CHECK:               %[[AT:.*]] = tensor.extract %[[A]][%[[I]], %[[TIME]], %[[J]]]
// CHECK:               %[[BEFORE:.*]] = tensor.extract %[[STATE]][%[[I]], %[[J]]]
// CHECK:               %[[PRODUCT:.*]] = arith.mulf %[[AT]], %[[BEFORE]] : f32
// CHECK:               %[[BT:.*]] = tensor.extract %[[B]][%[[I]], %[[TIME]], %[[J]]]
// CHECK:               %[[SUM:.*]] = arith.addf %[[PRODUCT]], %[[BT]] : f32
// CHECK-DAG:           tensor.insert %[[SUM]] into %[[HS]][%[[I]], %[[TIME]], %[[J]]]
// CHECK-DAG:           tensor.insert %[[SUM]] into %[[STATE]][%[[I]], %[[J]]]
func.func @affine_scan(%a: tensor<2x?x8xf32>, %b: tensor<2x?x8xf32>, %h: tensor<2x?x8xf32>, %s: tensor<2x8xf32>)
    -> (tensor<2x?x8xf32>, tensor<2x8xf32>) {
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<2x?x8xf32>, tensor<2x?x8xf32>)
                            outs(%h, %s : tensor<2x?x8xf32>, tensor<2x8xf32>) {dimension = 1 : i64}
  return %0#0, %0#1 : tensor<2x?x8xf32>, tensor<2x8xf32>
}

// Reversed, step i is at time T - 1 - i.
// CHECK-LABEL: func @affine_scan_reverse
// CHECK:         %[[T:.*]] = tensor.dim
// CHECK:         scf.for %[[I:.*]] = %c0 to %[[T]]
// CHECK:           %[[LEFT:.*]] = arith.subi %[[T]], %[[I]]
// CHECK:           %[[TIME:.*]] = arith.subi %[[LEFT]], %c1
// CHECK:           tensor.extract %{{.*}}[%[[TIME]]] : tensor<?xf64>
func.func @affine_scan_reverse(%a: tensor<?xf64>, %s: tensor<f64>) -> tensor<f64> {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<?xf64>, tensor<?xf64>)
                            outs(%a, %s : tensor<?xf64>, tensor<f64>) {dimension = 0 : i64, reverse}
  return %0#1 : tensor<f64>
}

// The taps are added to the bias in ascending order; what lies before the first token comes from the state.
// CHECK-LABEL: func @causal_conv1d(
// CHECK-SAME:    %[[X:.*]]: tensor<2x9x16xf32>, %[[W:.*]]: tensor<16x3xf32>, %[[BIAS:.*]]: tensor<16xf32>, %[[S:.*]]: tensor<2x2x16xf32>
// CHECK:         scf.for %[[B:.*]] = %c0 to %c2
// CHECK:           scf.for %[[T:.*]] = %c0 to %c9
// CHECK:             scf.for %[[D:.*]] = %c0 to %c16
// CHECK:               %[[START:.*]] = tensor.extract %[[BIAS]][%[[D]]]
// CHECK:               scf.for %[[TAP:.*]] = %c0 to %c3 step %c1 iter_args(%[[SUM:.*]] = %[[START]])
// CHECK:                 %[[POSITION:.*]] = arith.addi %[[T]], %[[TAP]]
// CHECK:                 %[[IN_STATE:.*]] = arith.cmpi ult, %[[POSITION]], %c2
// CHECK:                 %[[INPUT:.*]] = scf.if %[[IN_STATE]]
// CHECK:                   tensor.extract %[[S]][%[[B]], %[[POSITION]], %[[D]]]
// CHECK:                 } else {
// CHECK:                   %[[TIME:.*]] = arith.subi %[[POSITION]], %c2
// CHECK:                   tensor.extract %[[X]][%[[B]], %[[TIME]], %[[D]]]
// CHECK:                 %[[WEIGHT:.*]] = tensor.extract %[[W]][%[[D]], %[[TAP]]]
// CHECK:                 %[[PRODUCT:.*]] = arith.mulf %[[WEIGHT]], %[[INPUT]] : f32
// CHECK:                 arith.addf %[[SUM]], %[[PRODUCT]] : f32
// The state is shifted in ascending order: an entry is read before it is overwritten.
// CHECK:         scf.for %{{.*}} = %c0 to %c2
// CHECK:           scf.for %{{.*}} = %c0 to %c2
// CHECK:             scf.for %{{.*}} = %c0 to %c16 step %c1 iter_args(%[[STATE:.*]] = %{{.*}})
// CHECK:               scf.if
// CHECK:                 tensor.extract %[[STATE]]
// CHECK:               tensor.insert %{{.*}} into %[[STATE]]
func.func @causal_conv1d(%x: tensor<2x9x16xf32>, %w: tensor<16x3xf32>, %bias: tensor<16xf32>, %s: tensor<2x2x16xf32>)
    -> (tensor<2x9x16xf32>, tensor<2x2x16xf32>) {
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x9x16xf32>, tensor<16x3xf32>) bias(%bias : tensor<16xf32>)
                              outs(%x, %s : tensor<2x9x16xf32>, tensor<2x2x16xf32>)
  return %0#0, %0#1 : tensor<2x9x16xf32>, tensor<2x2x16xf32>
}

// CHECK-LABEL: func @causal_conv1d_silu_bdt
// CHECK:         tensor.extract %{{.*}}[%[[B:.*]], %[[D:.*]], %{{.*}}] : tensor<2x16x9xf32>
// CHECK:         %[[NEGATED:.*]] = arith.negf %[[SUM:.*]] : f32
// CHECK:         %[[EXP:.*]] = math.exp %[[NEGATED]] : f32
// CHECK:         %[[DIVISOR:.*]] = arith.addf %[[EXP]], %cst{{.*}} : f32
// CHECK:         arith.divf %[[SUM]], %[[DIVISOR]] : f32
func.func @causal_conv1d_silu_bdt(%x: tensor<2x16x9xf32>, %w: tensor<16x3xf32>, %s: tensor<2x16x2xf32>)
    -> tensor<2x16x9xf32> {
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x16x9xf32>, tensor<16x3xf32>)
                              outs(%x, %s : tensor<2x16x9xf32>, tensor<2x16x2xf32>)
                              {layout = #linnet.layout<bdt>, activation = #linnet.activation<silu>}
  return %0#0 : tensor<2x16x9xf32>
}

// softplus with its threshold; the channels of a group share B; the sum over the states starts at n = 0.
// CHECK-LABEL: func @selective_scan(
// CHECK-SAME:    %[[U:.*]]: tensor<2x?x32xf32>, %[[A:.*]]: tensor<32x4xf32>, %[[B:.*]]: tensor<2x?x2x4xf32>, %[[D:.*]]: tensor<32xf32>
// CHECK-DAG:     %[[LARGE:.*]] = arith.constant 2.000000e+01 : f32
// CHECK-DAG:     %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK:         scf.for %[[BATCH:.*]] = %c0 to %c2
// CHECK:           scf.for %[[TIME:.*]] = %c0 to %{{dim.*}} step
// CHECK:             scf.for %[[C:.*]] = %c0 to %c32
// CHECK:               %[[RAW:.*]] = arith.addf
// CHECK:               %[[EXP:.*]] = math.exp %[[RAW]]
// CHECK:               %[[LOG:.*]] = math.log1p %[[EXP]]
// CHECK:               %[[IS_LARGE:.*]] = arith.cmpf ogt, %[[RAW]], %[[LARGE]]
// CHECK:               %[[DELTA:.*]] = arith.select %[[IS_LARGE]], %[[RAW]], %[[LOG]]
// CHECK:               scf.for %[[N:.*]] = %c0 to %c4 step %c1 iter_args(%[[SUM:.*]] = %[[ZERO]], %[[STATE:.*]] = %{{.*}})
// CHECK:                 %[[AN:.*]] = tensor.extract %[[A]][%[[C]], %[[N]]]
// CHECK:                 %[[LOG_DECAY:.*]] = arith.mulf %[[DELTA]], %[[AN]]
// CHECK:                 %[[DECAY:.*]] = math.exp %[[LOG_DECAY]]
// CHECK:                 %[[GROUP:.*]] = arith.divui %[[C]], %c16
// CHECK:                 tensor.extract %[[B]][%[[BATCH]], %[[TIME]], %[[GROUP]], %[[N]]]
// CHECK:                 %[[BEFORE:.*]] = tensor.extract %[[STATE]][%[[BATCH]], %[[C]], %[[N]]]
// CHECK:                 arith.mulf %[[DECAY]], %[[BEFORE]]
func.func @selective_scan(%u: tensor<2x?x32xf32>, %a: tensor<32x4xf32>, %b: tensor<2x?x2x4xf32>, %d: tensor<32xf32>,
                          %s: tensor<2x32x4xf32>) -> tensor<2x?x32xf32> {
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %b, %a
          : tensor<2x?x32xf32>, tensor<2x?x32xf32>, tensor<32x4xf32>, tensor<2x?x2x4xf32>, tensor<32x4xf32>)
      delta_bias(%d : tensor<32xf32>) outs(%u, %s : tensor<2x?x32xf32>, tensor<2x32x4xf32>) {delta_softplus}
  return %0#0 : tensor<2x?x32xf32>
}

// Complex numbers are pairs of parts, multiplied as such; y is twice the real part.
// CHECK-LABEL: func @selective_scan_complex
// CHECK-DAG:     %[[TWO:.*]] = arith.constant 2.000000e+00 : f32
// CHECK:         %[[INNER:.*]]:2 = scf.for {{.*}} -> (f32, tensor<1x3x2x2xf32>)
// CHECK:           tensor.extract %{{.*}}[%{{.*}}, %{{.*}}, %c0] : tensor<3x2x2xf32>
// CHECK:           tensor.extract %{{.*}}[%{{.*}}, %{{.*}}, %c1] : tensor<3x2x2xf32>
// CHECK:           math.exp
// CHECK:           math.cos
// CHECK:           math.sin
// CHECK:           tensor.insert {{.*}}%c0] : tensor<1x3x2x2xf32>
// CHECK:           tensor.insert {{.*}}%c1] : tensor<1x3x2x2xf32>
// CHECK:         arith.mulf %[[INNER]]#0, %[[TWO]]
func.func @selective_scan_complex(%u: tensor<1x?x3xf32>, %a: tensor<3x2x2xf32>, %s: tensor<1x3x2x2xf32>)
    -> tensor<1x?x3xf32> {
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %a, %a
          : tensor<1x?x3xf32>, tensor<1x?x3xf32>, tensor<3x2x2xf32>, tensor<3x2x2xf32>, tensor<3x2x2xf32>)
      outs(%u, %s : tensor<1x?x3xf32>, tensor<1x3x2x2xf32>) {complex}
  return %0#0 : tensor<1x?x3xf32>
}

// With marked-only, what linnet-select-path did not mark stays.
// MARKED-LABEL: func @marked
// MARKED:         scf.for
// MARKED:         linnet.affine_scan {{.*}} {dimension = 0 : i64, reverse}
func.func @marked(%a: tensor<5x8xf32>, %s: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<5x8xf32>, tensor<5x8xf32>) outs(%a, %s : tensor<5x8xf32>, tensor<8xf32>)
                            {dimension = 0 : i64, linnet.path = "reference"}
  %1:2 = linnet.affine_scan ins(%a, %a : tensor<5x8xf32>, tensor<5x8xf32>) outs(%a, %s : tensor<5x8xf32>, tensor<8xf32>)
                            {dimension = 0 : i64, reverse}
  return %0#1, %1#1 : tensor<8xf32>, tensor<8xf32>
}
