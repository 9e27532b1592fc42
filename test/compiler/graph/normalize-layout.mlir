// --linnet-normalize-layout makes channels the innermost dimension: layout bdt becomes btd between transposes,
// where the vector code does not turn blocks itself.

// RUN: linnet-opt %s --linnet-normalize-layout --canonicalize --cse | FileCheck %s

// The state goes along; the old contents of y do not matter, so nothing is transposed for them.
// CHECK-LABEL: func @causal_conv1d(
// CHECK-SAME:    %[[X:.*]]: tensor<2x16x?xf32>, %[[W:.*]]: tensor<16x3xf32>, %[[BIAS:.*]]: tensor<16xf32>, %[[Y:.*]]: tensor<2x16x?xf32>, %[[S:.*]]: tensor<2x16x2xf32>
// CHECK-DAG:     %[[T:.*]] = tensor.dim %[[X]], %c2
// CHECK-DAG:     %[[EMPTY:.*]] = tensor.empty(%[[T]]) : tensor<2x?x16xf32>
// CHECK-DAG:     %[[X1:.*]] = linalg.transpose ins(%[[X]] : {{.*}}) outs(%{{.*}} : tensor<2x?x16xf32>) permutation = [0, 2, 1]
// CHECK-DAG:     %[[S1:.*]] = linalg.transpose ins(%[[S]] : {{.*}}) outs(%{{.*}} : tensor<2x2x16xf32>) permutation = [0, 2, 1]
// CHECK:         %[[Y2:.*]], %[[S2:.*]] = linnet.causal_conv1d ins(%[[X1]], %[[W]] : {{.*}}) bias(%[[BIAS]] : tensor<16xf32>)
// CHECK-SAME:      outs(%[[EMPTY]], %[[S1]] : tensor<2x?x16xf32>, tensor<2x2x16xf32>) {activation = #linnet.activation<silu>}
// CHECK-DAG:     %[[Y3:.*]] = linalg.transpose ins(%[[Y2]] : {{.*}}) outs(%{{.*}} : tensor<2x16x?xf32>) permutation = [0, 2, 1]
// CHECK-DAG:     %[[S3:.*]] = linalg.transpose ins(%[[S2]] : {{.*}}) outs(%{{.*}} : tensor<2x16x2xf32>) permutation = [0, 2, 1]
// CHECK:         return %[[Y3]], %[[S3]]
func.func @causal_conv1d(%x: tensor<2x16x?xf32>, %w: tensor<16x3xf32>, %bias: tensor<16xf32>, %y: tensor<2x16x?xf32>,
                         %s: tensor<2x16x2xf32>) -> (tensor<2x16x?xf32>, tensor<2x16x2xf32>) {
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x16x?xf32>, tensor<16x3xf32>) bias(%bias : tensor<16xf32>)
                              outs(%y, %s : tensor<2x16x?xf32>, tensor<2x16x2xf32>)
                              {layout = #linnet.layout<bdt>, activation = #linnet.activation<silu>}
  return %0#0, %0#1 : tensor<2x16x?xf32>, tensor<2x16x2xf32>
}

// The state [B, D, N] is the same in both layouts, so are A, skip, delta_bias and a C that is constant in time.
// CHECK-LABEL: func @selective_scan(
// CHECK-SAME:    %[[U:.*]]: tensor<2x32x?xf32>, %[[A:.*]]: tensor<32x4xf32>, %[[B:.*]]: tensor<2x2x4x?xf32>, %[[D:.*]]: tensor<32xf32>, %[[S:.*]]: tensor<2x32x4xf32>
// CHECK:         %[[U1:.*]] = linalg.transpose ins(%[[U]] : {{.*}}) outs(%{{.*}} : tensor<2x?x32xf32>) permutation = [0, 2, 1]
// CHECK:         %[[B1:.*]] = linalg.transpose ins(%[[B]] : {{.*}}) outs(%{{.*}} : tensor<2x?x2x4xf32>) permutation = [0, 3, 1, 2]
// CHECK:         %[[Y2:.*]], %[[S2:.*]] = linnet.selective_scan ins(%[[U1]], %[[U1]], %[[A]], %[[B1]], %[[A]] :
// CHECK-SAME:      skip(%[[D]] : tensor<32xf32>) gate(%[[U1]] : tensor<2x?x32xf32>) delta_bias(%[[D]] : tensor<32xf32>)
// CHECK-SAME:      outs(%{{.*}}, %[[S]] : tensor<2x?x32xf32>, tensor<2x32x4xf32>) {delta_softplus}
// CHECK:         %[[Y3:.*]] = linalg.transpose ins(%[[Y2]] : {{.*}}) outs(%{{.*}} : tensor<2x32x?xf32>)
// CHECK:         return %[[Y3]], %[[S2]]
func.func @selective_scan(%u: tensor<2x32x?xf32>, %a: tensor<32x4xf32>, %b: tensor<2x2x4x?xf32>, %d: tensor<32xf32>,
                          %s: tensor<2x32x4xf32>) -> (tensor<2x32x?xf32>, tensor<2x32x4xf32>) {
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %b, %a
          : tensor<2x32x?xf32>, tensor<2x32x?xf32>, tensor<32x4xf32>, tensor<2x2x4x?xf32>, tensor<32x4xf32>)
      skip(%d : tensor<32xf32>) gate(%u : tensor<2x32x?xf32>) delta_bias(%d : tensor<32xf32>)
      outs(%u, %s : tensor<2x32x?xf32>, tensor<2x32x4xf32>) {layout = #linnet.layout<bdt>, delta_softplus}
  return %0#0, %0#1 : tensor<2x32x?xf32>, tensor<2x32x4xf32>
}

// Left alone: what has its channels last already, a selective_scan whose vector code turns blocks, and what takes the
// reference path.
// CHECK-LABEL: func @selective_scan_turns(
// CHECK-NOT:     linalg.transpose
// CHECK:         linnet.selective_scan {{.*}} {layout = #linnet.layout<bdt>}
// CHECK-NOT:     linalg.transpose
func.func @selective_scan_turns(%u: tensor<2x32x?xf32>, %a: tensor<32x4xf32>, %b: tensor<2x2x4x?xf32>,
                                %s: tensor<2x32x4xf32>) -> tensor<2x32x?xf32> {
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %b, %b
          : tensor<2x32x?xf32>, tensor<2x32x?xf32>, tensor<32x4xf32>, tensor<2x2x4x?xf32>, tensor<2x2x4x?xf32>)
      outs(%u, %s : tensor<2x32x?xf32>, tensor<2x32x4xf32>) {layout = #linnet.layout<bdt>}
  return %0#0 : tensor<2x32x?xf32>
}

// CHECK-LABEL: func @unchanged
// CHECK-NOT:     linalg.transpose
// CHECK:         linnet.causal_conv1d ins(%{{.*}}, %{{.*}} : tensor<2x?x16xf32>, tensor<16x3xf32>)
// CHECK:         linnet.causal_conv1d {{.*}} {layout = #linnet.layout<bdt>, linnet.path = "reference"}
// CHECK-NOT:     linalg.transpose
func.func @unchanged(%x: tensor<2x?x16xf32>, %xt: tensor<2x16x?xf32>, %w: tensor<16x3xf32>, %s: tensor<2x2x16xf32>,
                     %st: tensor<2x16x2xf32>) -> (tensor<2x?x16xf32>, tensor<2x16x?xf32>) {
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x?x16xf32>, tensor<16x3xf32>)
                              outs(%x, %s : tensor<2x?x16xf32>, tensor<2x2x16xf32>)
  %1:2 = linnet.causal_conv1d ins(%xt, %w : tensor<2x16x?xf32>, tensor<16x3xf32>)
                              outs(%xt, %st : tensor<2x16x?xf32>, tensor<2x16x2xf32>)
                              {layout = #linnet.layout<bdt>, linnet.path = "reference"}
  return %0#0, %1#0 : tensor<2x?x16xf32>, tensor<2x16x?xf32>
}

// A state [B, H, V, K] is turned, and turned back into where it came from.
// CHECK-LABEL: func @linear_attention(
// CHECK-SAME:    %{{.*}}, %[[V:[^:]*]]: tensor<2x?x4x8xf32>, %[[S:.*]]: tensor<2x4x8x16xf32>
// CHECK:         %[[S1:.*]] = linalg.transpose ins(%[[S]] : {{.*}}) outs(%{{.*}} : tensor<2x4x16x8xf32>) permutation = [0, 1, 3, 2]
// CHECK:         %[[O:.*]], %[[S2:.*]] = linnet.linear_attention {{.*}} outs(%[[V]], %[[S1]] : tensor<2x?x4x8xf32>, tensor<2x4x16x8xf32>) {scale = 1.000000e+00 : f64}
// CHECK:         %[[S3:.*]] = linalg.transpose ins(%[[S2]] : {{.*}}) outs(%[[S]] : tensor<2x4x8x16xf32>) permutation = [0, 1, 3, 2]
// CHECK:         return %[[O]], %[[S3]]
func.func @linear_attention(%q: tensor<2x?x4x16xf32>, %v: tensor<2x?x4x8xf32>, %s: tensor<2x4x8x16xf32>)
    -> (tensor<2x?x4x8xf32>, tensor<2x4x8x16xf32>) {
  %0:2 = linnet.linear_attention ins(%q, %q, %v : tensor<2x?x4x16xf32>, tensor<2x?x4x16xf32>, tensor<2x?x4x8xf32>)
      outs(%v, %s : tensor<2x?x4x8xf32>, tensor<2x4x8x16xf32>) {scale = 1.0 : f64, state_layout = #linnet.state_layout<vk>}
  return %0#0, %0#1 : tensor<2x?x4x8xf32>, tensor<2x4x8x16xf32>
}

// An attention of bf16 is one of f32 between conversions; lse is f32 in any case.
// CHECK-LABEL: func @attention_bf16(
// CHECK-COUNT-3: arith.extf
// CHECK:         %[[O:.*]], %[[L:.*]] = linnet.attention {{.*}} outs(%{{.*}}, %{{.*}} : tensor<1x2x?x8xf32>, tensor<1x2x?xf32>)
// CHECK:         linalg.generic {{.*}} ins(%[[O]] :
// CHECK:           arith.truncf
// CHECK:         return %{{.*}}, %[[L]]
func.func @attention_bf16(%q: tensor<1x2x?x8xbf16>, %k: tensor<1x2x?x8xbf16>, %v: tensor<1x2x?x8xbf16>, %l: tensor<1x2x?xf32>)
    -> (tensor<1x2x?x8xbf16>, tensor<1x2x?xf32>) {
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x2x?x8xbf16>, tensor<1x2x?x8xbf16>, tensor<1x2x?x8xbf16>)
      outs(%q, %l : tensor<1x2x?x8xbf16>, tensor<1x2x?xf32>) {scale = 1.0 : f64}
  return %0#0, %0#1 : tensor<1x2x?x8xbf16>, tensor<1x2x?xf32>
}
