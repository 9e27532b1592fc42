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

//===----------------------------------------------------------------------===//
// scan
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @scan(
// CHECK-SAME:    %[[X:.*]]: tensor<4x?x8xf32>, %[[S:.*]]: tensor<4x8xf32>
// CHECK:         %{{.*}}:2 = linnet.scan add ins(%[[X]] : tensor<4x?x8xf32>) outs(%[[X]] : tensor<4x?x8xf32>)
// CHECK-SAME:      states(%[[S]] : tensor<4x8xf32>) {dimension = 1 : i64}{{$}}
func.func @scan(%x: tensor<4x?x8xf32>, %s: tensor<4x8xf32>) -> (tensor<4x?x8xf32>, tensor<4x8xf32>) {
  %0:2 = linnet.scan add ins(%x : tensor<4x?x8xf32>) outs(%x : tensor<4x?x8xf32>) states(%s : tensor<4x8xf32>)
                         {dimension = 1 : i64}
  return %0#0, %0#1 : tensor<4x?x8xf32>, tensor<4x8xf32>
}

// Every kind, with floats and integers.
// CHECK-LABEL: func @scan_kinds
// CHECK:         linnet.scan add {{.*}} : tensor<?xi8>)
// CHECK:         linnet.scan mul {{.*}} : tensor<?xi32>)
// CHECK:         linnet.scan min {{.*}} : tensor<?xf64>)
// CHECK:         linnet.scan max {{.*}} : tensor<?xi64>)
// CHECK:         linnet.scan logaddexp {{.*}} : tensor<?xf32>)
func.func @scan_kinds(%a: tensor<?xi8>, %a0: tensor<i8>, %b: tensor<?xi32>, %b0: tensor<i32>, %c: tensor<?xf64>,
                      %c0: tensor<f64>, %d: tensor<?xi64>, %d0: tensor<i64>, %e: tensor<?xf32>, %e0: tensor<f32>) {
  %0:2 = linnet.scan add ins(%a : tensor<?xi8>) outs(%a : tensor<?xi8>) states(%a0 : tensor<i8>) {dimension = 0 : i64}
  %1:2 = linnet.scan mul ins(%b : tensor<?xi32>) outs(%b : tensor<?xi32>) states(%b0 : tensor<i32>) {dimension = 0 : i64}
  %2:2 = linnet.scan min ins(%c : tensor<?xf64>) outs(%c : tensor<?xf64>) states(%c0 : tensor<f64>) {dimension = 0 : i64}
  %3:2 = linnet.scan max ins(%d : tensor<?xi64>) outs(%d : tensor<?xi64>) states(%d0 : tensor<i64>) {dimension = 0 : i64}
  %4:2 = linnet.scan logaddexp ins(%e : tensor<?xf32>) outs(%e : tensor<?xf32>) states(%e0 : tensor<f32>)
                               {dimension = 0 : i64}
  return
}

// Every option, and segments with integers of two widths.
// CHECK-LABEL: func @scan_options(
// CHECK-SAME:    %[[X:.*]]: tensor<3x5xf64>, %[[S:.*]]: tensor<3xf64>, %[[I:.*]]: tensor<3x5xi32>, %[[J:.*]]: tensor<3x5xi8>
// CHECK:         states(%[[S]] : tensor<3xf64>) segments(%[[I]] : tensor<3x5xi32>) {dimension = 1 : i64, exclusive, reverse}
// CHECK:         states(%[[S]] : tensor<3xf64>) segments(%[[J]] : tensor<3x5xi8>) {dimension = 1 : i64, unseeded}
// CHECK:         linnet.scan max ins(%[[X]] : tensor<3x5xf64>)
func.func @scan_options(%x: tensor<3x5xf64>, %s: tensor<3xf64>, %i: tensor<3x5xi32>, %j: tensor<3x5xi8>) {
  %0:2 = linnet.scan min ins(%x : tensor<3x5xf64>) outs(%x : tensor<3x5xf64>) states(%s : tensor<3xf64>)
                         segments(%i : tensor<3x5xi32>) {dimension = 1 : i64, exclusive, reverse}
  %1:2 = linnet.scan mul ins(%x : tensor<3x5xf64>) outs(%x : tensor<3x5xf64>) states(%s : tensor<3xf64>)
                         segments(%j : tensor<3x5xi8>) {dimension = 1 : i64, unseeded}
  // An empty list of ranks is the default and not printed.
  %2:2 = linnet.scan max ins(%x : tensor<3x5xf64>) outs(%x : tensor<3x5xf64>) states(%s : tensor<3xf64>)
                         {dimension = 1 : i64, element_ranks = array<i64>}
  return
}

// A tuple of two inputs of different types, one of whose elements are matrices.
// CHECK-LABEL: func @scan_custom(
// CHECK:         %[[ALL:[0-9]+]]:4 = linnet.scan custom ins(%{{[a-z0-9]+}}, %{{[a-z0-9]+}} : tensor<?x6xi32>, tensor<?x6x2x2xf32>)
// CHECK-SAME:      outs(%{{[a-z0-9]+}}, %{{[a-z0-9]+}} : tensor<?x6xi32>, tensor<?x6x2x2xf32>)
// CHECK-SAME:      states(%{{[a-z0-9]+}}, %{{[a-z0-9]+}} : tensor<6xi32>, tensor<6x2x2xf32>)
// CHECK-SAME:      {dimension = 0 : i64, element_ranks = array<i64: 0, 2>} combine {
// CHECK-NEXT:    ^bb0(%[[I:.*]]: i32, %[[M:.*]]: tensor<2x2xf32>, %[[J:.*]]: i32, %[[N:.*]]: tensor<2x2xf32>):
// CHECK-NEXT:      %[[SUM:.*]] = arith.addi %[[I]], %[[J]] : i32
// CHECK-NEXT:      %[[MAX:.*]] = arith.maximumf %[[M]], %[[N]] : tensor<2x2xf32>
// CHECK-NEXT:      linnet.yield %[[SUM]], %[[MAX]] : i32, tensor<2x2xf32>
// CHECK-NEXT:    }
// CHECK-NEXT:    return %[[ALL]]#1, %[[ALL]]#2
func.func @scan_custom(%x: tensor<?x6xi32>, %m: tensor<?x6x2x2xf32>, %s: tensor<6xi32>, %r: tensor<6x2x2xf32>)
    -> (tensor<?x6x2x2xf32>, tensor<6xi32>) {
  %0:4 = linnet.scan custom ins(%x, %m : tensor<?x6xi32>, tensor<?x6x2x2xf32>)
                            outs(%x, %m : tensor<?x6xi32>, tensor<?x6x2x2xf32>)
                            states(%s, %r : tensor<6xi32>, tensor<6x2x2xf32>)
                            {dimension = 0 : i64, element_ranks = array<i64: 0, 2>} combine {
  ^bb0(%i: i32, %a: tensor<2x2xf32>, %j: i32, %b: tensor<2x2xf32>):
    %sum = arith.addi %i, %j : i32
    %max = arith.maximumf %a, %b : tensor<2x2xf32>
    linnet.yield %sum, %max : i32, tensor<2x2xf32>
  }
  return %0#1, %0#2 : tensor<?x6x2x2xf32>, tensor<6xi32>
}

// Kind custom takes elements of any type, and segments where it is not exclusive.
// CHECK-LABEL: func @scan_custom_segments
// CHECK:         segments(%{{.*}} : tensor<4xi64>) {dimension = 0 : i64} combine {
// CHECK:           linnet.yield %{{.*}} : complex<f32>
func.func @scan_custom_segments(%x: tensor<4xcomplex<f32>>, %s: tensor<complex<f32>>, %g: tensor<4xi64>) {
  %0:2 = linnet.scan custom ins(%x : tensor<4xcomplex<f32>>) outs(%x : tensor<4xcomplex<f32>>)
                            states(%s : tensor<complex<f32>>) segments(%g : tensor<4xi64>) {dimension = 0 : i64} combine {
  ^bb0(%a: complex<f32>, %b: complex<f32>):
    %product = complex.mul %a, %b : complex<f32>
    linnet.yield %product : complex<f32>
  }
  return
}

//===----------------------------------------------------------------------===//
// recurrence
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @recurrence(
// CHECK-SAME:    %[[X:.*]]: tensor<?x8xf32>, %[[S:.*]]: tensor<8xf32>
// CHECK:         %[[ALL:[0-9]+]]:2 = linnet.recurrence ins(%[[X]] : tensor<?x8xf32>) outs(%[[X]] : tensor<?x8xf32>)
// CHECK-SAME:      states(%[[S]] : tensor<8xf32>) {dimension = 0 : i64} step {
// CHECK-NEXT:    ^bb0(%[[C:.*]]: f32, %[[V:.*]]: f32):
// CHECK-NEXT:      %[[SUM:.*]] = arith.addf %[[C]], %[[V]] : f32
// CHECK-NEXT:      linnet.yield %[[SUM]], %[[C]] : f32, f32
// CHECK-NEXT:    }
func.func @recurrence(%x: tensor<?x8xf32>, %s: tensor<8xf32>) -> (tensor<?x8xf32>, tensor<8xf32>) {
  %0:2 = linnet.recurrence ins(%x : tensor<?x8xf32>) outs(%x : tensor<?x8xf32>) states(%s : tensor<8xf32>)
                           {dimension = 0 : i64} step {
  ^bb0(%c: f32, %v: f32):
    %sum = arith.addf %c, %v : f32
    linnet.yield %sum, %c : f32, f32
  }
  return %0#0, %0#1 : tensor<?x8xf32>, tensor<8xf32>
}

// No output, two states, a step that uses a value from outside, in reverse.
// CHECK-LABEL: func @recurrence_states(
// CHECK:         %[[ALL:[0-9]+]]:2 = linnet.recurrence ins(%{{[a-z0-9]+}} : tensor<5xf64>)
// CHECK-SAME:      states(%{{[a-z0-9]+}}, %{{[a-z0-9]+}} : tensor<f64>, tensor<i32>) {dimension = 0 : i64, reverse} step {
func.func @recurrence_states(%x: tensor<5xf64>, %s: tensor<f64>, %n: tensor<i32>, %w: f64, %one: i32)
    -> (tensor<f64>, tensor<i32>) {
  %0:2 = linnet.recurrence ins(%x : tensor<5xf64>) states(%s, %n : tensor<f64>, tensor<i32>)
                           {dimension = 0 : i64, reverse} step {
  ^bb0(%c: f64, %i: i32, %v: f64):
    %sum = math.fma %w, %c, %v : f64
    %next = arith.addi %i, %one : i32
    linnet.yield %sum, %next : f64, i32
  }
  return %0#0, %0#1 : tensor<f64>, tensor<i32>
}

// Elements of different ranks: a matrix times the state, a vector, gives a number.
// CHECK-LABEL: func @recurrence_elements(
// CHECK:         linnet.recurrence ins(%{{[a-z0-9]+}} : tensor<4x?x2x3xf32>) outs(%{{[a-z0-9]+}} : tensor<4x?xf32>)
// CHECK-SAME:      states(%{{[a-z0-9]+}} : tensor<4x3xf32>) {dimension = 1 : i64, ranks = array<i64: 2, 0, 1>} step {
// CHECK-NEXT:    ^bb0(%{{[a-z0-9]+}}: tensor<3xf32>, %{{[a-z0-9]+}}: tensor<2x3xf32>):
func.func @recurrence_elements(%x: tensor<4x?x2x3xf32>, %y: tensor<4x?xf32>, %s: tensor<4x3xf32>) -> tensor<4x?xf32> {
  %0:2 = linnet.recurrence ins(%x : tensor<4x?x2x3xf32>) outs(%y : tensor<4x?xf32>) states(%s : tensor<4x3xf32>)
                           {dimension = 1 : i64, ranks = array<i64: 2, 0, 1>} step {
  ^bb0(%c: tensor<3xf32>, %m: tensor<2x3xf32>):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %first = tensor.extract %m[%c1, %c0] : tensor<2x3xf32>
    linnet.yield %c, %first : tensor<3xf32>, f32
  }
  return %0#0 : tensor<4x?xf32>
}
