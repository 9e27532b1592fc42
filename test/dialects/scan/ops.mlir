// Every form of the Scan family is printed as it was read: as text, in the generic form and as bytecode.

// RUN: linnet-opt %s | linnet-opt | FileCheck %s
// RUN: linnet-opt %s --mlir-print-op-generic | linnet-opt | FileCheck %s
// RUN: linnet-opt %s --emit-bytecode | linnet-opt | FileCheck %s

//===----------------------------------------------------------------------===//
// affine_scan
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @affine_scan(
// CHECK-SAME:    %[[A:.*]]: tensor<2x?x8xf32>, %[[B:.*]]: tensor<2x?x8xf32>, %[[H:.*]]: tensor<2x?x8xf32>, %[[S:.*]]: tensor<2x8xf32>
// CHECK:         %{{.*}}, %{{.*}} = linnet.affine_scan
// CHECK-SAME:      ins(%[[A]], %[[B]] : tensor<2x?x8xf32>, tensor<2x?x8xf32>)
// CHECK-SAME:      outs(%[[H]], %[[S]] : tensor<2x?x8xf32>, tensor<2x8xf32>)
// CHECK-SAME:      {dimension = 1 : i64}
func.func @affine_scan(%a: tensor<2x?x8xf32>, %b: tensor<2x?x8xf32>, %h: tensor<2x?x8xf32>, %s: tensor<2x8xf32>)
    -> (tensor<2x?x8xf32>, tensor<2x8xf32>) {
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<2x?x8xf32>, tensor<2x?x8xf32>)
                            outs(%h, %s : tensor<2x?x8xf32>, tensor<2x8xf32>) {dimension = 1 : i64}
  return %0#0, %0#1 : tensor<2x?x8xf32>, tensor<2x8xf32>
}

// CHECK-LABEL: func @affine_scan_reverse_f64
// CHECK:         linnet.affine_scan ins({{.*}} : tensor<3x5x4x7xf64>, tensor<3x5x4x7xf64>)
// CHECK-SAME:      outs({{.*}} : tensor<3x5x4x7xf64>, tensor<3x5x4xf64>) {dimension = 3 : i64, reverse}
func.func @affine_scan_reverse_f64(%a: tensor<3x5x4x7xf64>, %s: tensor<3x5x4xf64>) -> tensor<3x5x4xf64> {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<3x5x4x7xf64>, tensor<3x5x4x7xf64>)
                            outs(%a, %s : tensor<3x5x4x7xf64>, tensor<3x5x4xf64>) {dimension = 3 : i64, reverse}
  return %0#1 : tensor<3x5x4xf64>
}

// The state of a scan over the only dimension is one number.
// CHECK-LABEL: func @affine_scan_rank_1
// CHECK:         outs({{.*}} : tensor<?xf32>, tensor<f32>) {dimension = 0 : i64}
func.func @affine_scan_rank_1(%a: tensor<?xf32>, %s: tensor<f32>) -> tensor<f32> {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<?xf32>, tensor<?xf32>)
                            outs(%a, %s : tensor<?xf32>, tensor<f32>) {dimension = 0 : i64}
  return %0#1 : tensor<f32>
}

// CHECK-LABEL: func @affine_scan_no_time
// CHECK:         linnet.affine_scan ins({{.*}} : tensor<0x4xf32>, tensor<0x4xf32>)
func.func @affine_scan_no_time(%a: tensor<0x4xf32>, %s: tensor<4xf32>) -> tensor<4xf32> {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<0x4xf32>, tensor<0x4xf32>)
                            outs(%a, %s : tensor<0x4xf32>, tensor<4xf32>) {dimension = 0 : i64}
  return %0#1 : tensor<4xf32>
}

// CHECK-LABEL: func @affine_scan_complex
// CHECK:         outs({{.*}} : tensor<?x4x2xf32>, tensor<4x2xf32>) {complex, dimension = 0 : i64}
func.func @affine_scan_complex(%a: tensor<?x4x2xf32>, %s: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<?x4x2xf32>, tensor<?x4x2xf32>)
                            outs(%a, %s : tensor<?x4x2xf32>, tensor<4x2xf32>) {dimension = 0 : i64, complex}
  return %0#1 : tensor<4x2xf32>
}

//===----------------------------------------------------------------------===//
// causal_conv1d
//===----------------------------------------------------------------------===//

// The defaults, layout btd and no activation, are not printed.
// CHECK-LABEL: func @causal_conv1d(
// CHECK-SAME:    %[[X:.*]]: tensor<?x?x16xf32>, %[[W:.*]]: tensor<16x4xf32>, %[[S:.*]]: tensor<?x3x16xf32>
// CHECK:         linnet.causal_conv1d ins(%[[X]], %[[W]] : tensor<?x?x16xf32>, tensor<16x4xf32>)
// CHECK-SAME:      outs(%[[X]], %[[S]] : tensor<?x?x16xf32>, tensor<?x3x16xf32>){{$}}
func.func @causal_conv1d(%x: tensor<?x?x16xf32>, %w: tensor<16x4xf32>, %s: tensor<?x3x16xf32>) -> tensor<?x?x16xf32> {
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<?x?x16xf32>, tensor<16x4xf32>)
                              outs(%x, %s : tensor<?x?x16xf32>, tensor<?x3x16xf32>)
                              {layout = #linnet.layout<btd>, activation = #linnet.activation<none>}
  return %0#0 : tensor<?x?x16xf32>
}

// CHECK-LABEL: func @causal_conv1d_all_options(
// CHECK-SAME:    %[[X:.*]]: tensor<2x16x9xf64>, %[[W:.*]]: tensor<16x3xf64>, %[[BIAS:.*]]: tensor<16xf64>, %[[S:.*]]: tensor<2x16x2xf64>
// CHECK:         linnet.causal_conv1d ins(%[[X]], %[[W]] : tensor<2x16x9xf64>, tensor<16x3xf64>)
// CHECK-SAME:      bias(%[[BIAS]] : tensor<16xf64>)
// CHECK-SAME:      outs(%[[X]], %[[S]] : tensor<2x16x9xf64>, tensor<2x16x2xf64>)
// CHECK-SAME:      {activation = #linnet.activation<silu>, layout = #linnet.layout<bdt>}
func.func @causal_conv1d_all_options(%x: tensor<2x16x9xf64>, %w: tensor<16x3xf64>, %bias: tensor<16xf64>,
                                     %s: tensor<2x16x2xf64>) -> tensor<2x16x2xf64> {
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x16x9xf64>, tensor<16x3xf64>) bias(%bias : tensor<16xf64>)
                              outs(%x, %s : tensor<2x16x9xf64>, tensor<2x16x2xf64>)
                              {layout = #linnet.layout<bdt>, activation = #linnet.activation<silu>}
  return %0#1 : tensor<2x16x2xf64>
}

// A width of 1 looks at no earlier input: the state is empty.
// CHECK-LABEL: func @causal_conv1d_width_1
// CHECK:         outs({{.*}} : tensor<1x?x4xbf16>, tensor<1x0x4xbf16>)
func.func @causal_conv1d_width_1(%x: tensor<1x?x4xbf16>, %w: tensor<4x1xbf16>, %s: tensor<1x0x4xbf16>)
    -> tensor<1x?x4xbf16> {
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<1x?x4xbf16>, tensor<4x1xbf16>)
                              outs(%x, %s : tensor<1x?x4xbf16>, tensor<1x0x4xbf16>)
  return %0#0 : tensor<1x?x4xbf16>
}

//===----------------------------------------------------------------------===//
// selective_scan
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @selective_scan(
// CHECK-SAME:    %[[U:.*]]: tensor<?x?x32xf32>, %[[A:.*]]: tensor<32x16xf32>, %[[B:.*]]: tensor<?x?x16xf32>, %[[S:.*]]: tensor<?x32x16xf32>
// CHECK:         linnet.selective_scan ins(%[[U]], %[[U]], %[[A]], %[[B]], %[[B]]
// CHECK-SAME:      : tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<32x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>)
// CHECK-SAME:      outs(%[[U]], %[[S]] : tensor<?x?x32xf32>, tensor<?x32x16xf32>){{$}}
func.func @selective_scan(%u: tensor<?x?x32xf32>, %a: tensor<32x16xf32>, %b: tensor<?x?x16xf32>, %s: tensor<?x32x16xf32>)
    -> (tensor<?x?x32xf32>, tensor<?x32x16xf32>) {
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %b, %b
          : tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<32x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>)
      outs(%u, %s : tensor<?x?x32xf32>, tensor<?x32x16xf32>)
  return %0#0, %0#1 : tensor<?x?x32xf32>, tensor<?x32x16xf32>
}

// CHECK-LABEL: func @selective_scan_all_options(
// CHECK-SAME:    %[[U:.*]]: tensor<2x32x9xf64>, %[[A:.*]]: tensor<32x4xf64>, %[[B:.*]]: tensor<2x4x9xf64>, %[[D:.*]]: tensor<32xf64>, %[[S:.*]]: tensor<2x32x4xf64>
// CHECK:         linnet.selective_scan
// CHECK-SAME:      skip(%[[D]] : tensor<32xf64>) gate(%[[U]] : tensor<2x32x9xf64>) delta_bias(%[[D]] : tensor<32xf64>)
// CHECK-SAME:      outs(%[[U]], %[[S]] : tensor<2x32x9xf64>, tensor<2x32x4xf64>)
// CHECK-SAME:      {delta_softplus, layout = #linnet.layout<bdt>}
func.func @selective_scan_all_options(%u: tensor<2x32x9xf64>, %a: tensor<32x4xf64>, %b: tensor<2x4x9xf64>,
                                      %d: tensor<32xf64>, %s: tensor<2x32x4xf64>) -> tensor<2x32x9xf64> {
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %b, %b
          : tensor<2x32x9xf64>, tensor<2x32x9xf64>, tensor<32x4xf64>, tensor<2x4x9xf64>, tensor<2x4x9xf64>)
      skip(%d : tensor<32xf64>) gate(%u : tensor<2x32x9xf64>) delta_bias(%d : tensor<32xf64>)
      outs(%u, %s : tensor<2x32x9xf64>, tensor<2x32x4xf64>) {layout = #linnet.layout<bdt>, delta_softplus}
  return %0#0 : tensor<2x32x9xf64>
}

// Each optional operand alone: the segments keep them apart.
// CHECK-LABEL: func @selective_scan_one_option
// CHECK:         ins({{.*}}) skip(%{{.*}} : tensor<8xf32>) outs(
// CHECK:         ins({{.*}}) gate(%{{.*}} : tensor<1x?x8xf32>) outs(
// CHECK:         ins({{.*}}) delta_bias(%{{.*}} : tensor<8xf32>) outs(
func.func @selective_scan_one_option(%u: tensor<1x?x8xf32>, %a: tensor<8x2xf32>, %b: tensor<1x?x2xf32>, %d: tensor<8xf32>,
                                     %s: tensor<1x8x2xf32>) -> tensor<1x?x8xf32> {
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %b, %b : tensor<1x?x8xf32>, tensor<1x?x8xf32>, tensor<8x2xf32>, tensor<1x?x2xf32>, tensor<1x?x2xf32>)
      skip(%d : tensor<8xf32>) outs(%u, %s : tensor<1x?x8xf32>, tensor<1x8x2xf32>)
  %1:2 = linnet.selective_scan
      ins(%0#0, %u, %a, %b, %b
          : tensor<1x?x8xf32>, tensor<1x?x8xf32>, tensor<8x2xf32>, tensor<1x?x2xf32>, tensor<1x?x2xf32>)
      gate(%u : tensor<1x?x8xf32>) outs(%u, %s : tensor<1x?x8xf32>, tensor<1x8x2xf32>)
  %2:2 = linnet.selective_scan
      ins(%1#0, %u, %a, %b, %b
          : tensor<1x?x8xf32>, tensor<1x?x8xf32>, tensor<8x2xf32>, tensor<1x?x2xf32>, tensor<1x?x2xf32>)
      delta_bias(%d : tensor<8xf32>) outs(%u, %s : tensor<1x?x8xf32>, tensor<1x8x2xf32>)
  return %2#0 : tensor<1x?x8xf32>
}

// CHECK-LABEL: func @selective_scan_groups_btd
// CHECK:         ins({{.*}} : tensor<2x?x32xf32>, tensor<2x?x32xf32>, tensor<32x4xf32>, tensor<2x?x2x4xf32>, tensor<2x?x4x4xf32>)
func.func @selective_scan_groups_btd(%u: tensor<2x?x32xf32>, %a: tensor<32x4xf32>, %b: tensor<2x?x2x4xf32>,
                                     %c: tensor<2x?x4x4xf32>, %s: tensor<2x32x4xf32>) -> tensor<2x?x32xf32> {
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %b, %c
          : tensor<2x?x32xf32>, tensor<2x?x32xf32>, tensor<32x4xf32>, tensor<2x?x2x4xf32>, tensor<2x?x4x4xf32>)
      outs(%u, %s : tensor<2x?x32xf32>, tensor<2x32x4xf32>)
  return %0#0 : tensor<2x?x32xf32>
}

// CHECK-LABEL: func @selective_scan_groups_bdt
// CHECK:         ins({{.*}} : tensor<2x32x?xf32>, tensor<2x32x?xf32>, tensor<32x4xf32>, tensor<2x2x4x?xf32>, tensor<2x4x?xf32>)
func.func @selective_scan_groups_bdt(%u: tensor<2x32x?xf32>, %a: tensor<32x4xf32>, %b: tensor<2x2x4x?xf32>,
                                     %c: tensor<2x4x?xf32>, %s: tensor<2x32x4xf32>) -> tensor<2x32x?xf32> {
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %b, %c
          : tensor<2x32x?xf32>, tensor<2x32x?xf32>, tensor<32x4xf32>, tensor<2x2x4x?xf32>, tensor<2x4x?xf32>)
      outs(%u, %s : tensor<2x32x?xf32>, tensor<2x32x4xf32>) {layout = #linnet.layout<bdt>}
  return %0#0 : tensor<2x32x?xf32>
}

// CHECK-LABEL: func @selective_scan_constant_coefficients
// CHECK:         ins({{.*}} : tensor<2x?x8xf32>, tensor<2x?x8xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<8x4xf32>)
func.func @selective_scan_constant_coefficients(%u: tensor<2x?x8xf32>, %a: tensor<8x4xf32>, %s: tensor<2x8x4xf32>)
    -> tensor<2x?x8xf32> {
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %a, %a : tensor<2x?x8xf32>, tensor<2x?x8xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<8x4xf32>)
      outs(%u, %s : tensor<2x?x8xf32>, tensor<2x8x4xf32>)
  return %0#0 : tensor<2x?x8xf32>
}

// Complex numbers are pairs of parts in a last dimension of 2.
// CHECK-LABEL: func @selective_scan_complex
// CHECK:         ins({{.*}} : tensor<1x?x8xf32>, tensor<1x?x8xf32>, tensor<8x4x2xf32>, tensor<8x4x2xf32>, tensor<1x?x4x2xf32>)
// CHECK-SAME:    outs({{.*}} : tensor<1x?x8xf32>, tensor<1x8x4x2xf32>) {complex}
func.func @selective_scan_complex(%u: tensor<1x?x8xf32>, %a: tensor<8x4x2xf32>, %c: tensor<1x?x4x2xf32>,
                                  %s: tensor<1x8x4x2xf32>) -> tensor<1x8x4x2xf32> {
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %a, %c
          : tensor<1x?x8xf32>, tensor<1x?x8xf32>, tensor<8x4x2xf32>, tensor<8x4x2xf32>, tensor<1x?x4x2xf32>)
      outs(%u, %s : tensor<1x?x8xf32>, tensor<1x8x4x2xf32>) {complex}
  return %0#1 : tensor<1x8x4x2xf32>
}

// All sizes may be unknown.
// CHECK-LABEL: func @selective_scan_dynamic
// CHECK:         outs({{.*}} : tensor<?x?x?xf32>, tensor<?x?x?xf32>)
func.func @selective_scan_dynamic(%u: tensor<?x?x?xf32>, %a: tensor<?x?xf32>, %b: tensor<?x?x?x?xf32>) -> tensor<?x?x?xf32> {
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %b, %b
          : tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>)
      outs(%u, %u : tensor<?x?x?xf32>, tensor<?x?x?xf32>)
  return %0#1 : tensor<?x?x?xf32>
}
