// --linnet-pack-weights: a product with a weight W[N,K] computes with panels W[N/32,K,32] instead. Only the weight
// moves in memory; activations are reshaped, the result loses its padding by a slice.

// RUN: linnet-opt %s --linnet-pack-weights --canonicalize | FileCheck %s
// RUN: linnet-opt %s --linnet-pack-weights=panel=16 --canonicalize | FileCheck %s --check-prefix=PANEL16

#x = affine_map<(b, t, n, k) -> (b, t, k)>
#w = affine_map<(b, t, n, k) -> (n, k)>
#y = affine_map<(b, t, n, k) -> (b, t, n)>

// CHECK-DAG: #[[$X:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d3)>
// CHECK-DAG: #[[$W:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d2, d3, d4)>
// CHECK-DAG: #[[$Y:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d4)>

// CHECK-LABEL: func @rows_divide(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x?x48xf32> {{.*}}, %[[W:[a-z0-9]+]]: tensor<64x48xf32>
// CHECK-NOT:     tensor.pad
// CHECK-DAG:     %[[PANELS:.*]] = tensor.expand_shape %[[W]] {{\[}}[0, 1], [2]] {{.*}} : tensor<64x48xf32> into tensor<2x32x48xf32>
// CHECK-DAG:     %[[PACKED:.*]] = linalg.transpose ins(%[[PANELS]] : {{.*}}) outs(%{{.*}} : tensor<2x48x32xf32>) permutation = [0, 2, 1]
// CHECK-DAG:     %[[INIT:.*]] = linalg.fill ins(%cst : f32) outs(%{{.*}} : tensor<?x?x2x32xf32>)
// CHECK:         %[[Y:.*]] = linalg.generic {indexing_maps = [#[[$X]], #[[$W]], #[[$Y]]]
// CHECK-SAME:      ins(%[[X]], %[[PACKED]] : tensor<?x?x48xf32>, tensor<2x48x32xf32>) outs(%[[INIT]] : tensor<?x?x2x32xf32>)
// CHECK:         %[[FLAT:.*]] = tensor.collapse_shape %[[Y]] {{\[}}[0], [1], [2, 3]] : tensor<?x?x2x32xf32> into tensor<?x?x64xf32>
// CHECK-NEXT:    return %[[FLAT]]

// PANEL16-LABEL: func @rows_divide
// PANEL16:         outs(%{{.*}} : tensor<4x48x16xf32>) permutation = [0, 2, 1]
// PANEL16:         outs(%{{.*}} : tensor<?x?x4x16xf32>)
func.func @rows_divide(%x: tensor<?x?x48xf32> {linnet.name = "x", linnet.role = "input"},
                       %w: tensor<64x48xf32> {linnet.name = "w", linnet.role = "weight"}) -> tensor<?x?x64xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x48xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x48xf32>
  %0 = tensor.empty(%b, %t) : tensor<?x?x64xf32>
  %1 = linalg.fill ins(%zero : f32) outs(%0 : tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %2 = linalg.contract indexing_maps = [#x, #w, #y] ins(%x, %w : tensor<?x?x48xf32>, tensor<64x48xf32>)
                       outs(%1 : tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %2 : tensor<?x?x64xf32>
}

// 40 rows are padded to two panels. The value that the product is added to is padded as well, here along the only
// dimension that is not reshaped for free.
// CHECK-LABEL: func @rows_are_padded(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<1x7x48xf32> {{.*}}, %[[R:[a-z0-9]+]]: tensor<1x7x40xf32> {{.*}}, %[[W:[a-z0-9]+]]: tensor<40x48xf32>
// CHECK:         tensor.pad %[[W]] low[0, 0] high[24, 0]
// CHECK:         } : tensor<40x48xf32> to tensor<64x48xf32>
// CHECK:         tensor.pad %[[R]] low[0, 0, 0] high[0, 0, 24]
// CHECK:         } : tensor<1x7x40xf32> to tensor<1x7x64xf32>
// CHECK:         %[[Y:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<1x7x2x32xf32>)
// CHECK:         %[[FLAT:.*]] = tensor.collapse_shape %[[Y]]
// CHECK:         tensor.extract_slice %[[FLAT]][0, 0, 0] [1, 7, 40] [1, 1, 1] : tensor<1x7x64xf32> to tensor<1x7x40xf32>
func.func @rows_are_padded(%x: tensor<1x7x48xf32> {linnet.name = "x", linnet.role = "input"},
                           %r: tensor<1x7x40xf32> {linnet.name = "r", linnet.role = "input"},
                           %w: tensor<40x48xf32> {linnet.name = "w", linnet.role = "weight"}) -> tensor<1x7x40xf32> {
  %0 = linalg.contract indexing_maps = [#x, #w, #y] ins(%x, %w : tensor<1x7x48xf32>, tensor<40x48xf32>)
                       outs(%r : tensor<1x7x40xf32>) -> tensor<1x7x40xf32>
  return %0 : tensor<1x7x40xf32>
}

// A product of two activations has no weight to pack.
// CHECK-LABEL: func @no_weight
// CHECK:         linalg.contract {{.*}} ins(%{{.*}}, %{{.*}} : tensor<1x7x48xf32>, tensor<64x48xf32>)
func.func @no_weight(%x: tensor<1x7x48xf32> {linnet.name = "x", linnet.role = "input"},
                     %w: tensor<64x48xf32> {linnet.name = "w", linnet.role = "input"},
                     %y: tensor<1x7x64xf32> {linnet.name = "y", linnet.role = "input"}) -> tensor<1x7x64xf32> {
  %0 = linalg.contract indexing_maps = [#x, #w, #y] ins(%x, %w : tensor<1x7x48xf32>, tensor<64x48xf32>)
                       outs(%y : tensor<1x7x64xf32>) -> tensor<1x7x64xf32>
  return %0 : tensor<1x7x64xf32>
}

// A weight with its rows last, W[K,N], is not this product.
// CHECK-LABEL: func @transposed_weight
// CHECK:         linalg.contract {{.*}} ins(%{{.*}}, %{{.*}} : tensor<1x7x48xf32>, tensor<48x64xf32>)
func.func @transposed_weight(%x: tensor<1x7x48xf32> {linnet.name = "x", linnet.role = "input"},
                             %w: tensor<48x64xf32> {linnet.name = "w", linnet.role = "weight"},
                             %y: tensor<1x7x64xf32> {linnet.name = "y", linnet.role = "input"}) -> tensor<1x7x64xf32> {
  %0 = linalg.contract indexing_maps = [#x, affine_map<(b, t, n, k) -> (k, n)>, #y]
                       ins(%x, %w : tensor<1x7x48xf32>, tensor<48x64xf32>)
                       outs(%y : tensor<1x7x64xf32>) -> tensor<1x7x64xf32>
  return %0 : tensor<1x7x64xf32>
}

// -----

// One dot product for each row, as x has the rows too: nothing to pack.
// CHECK-LABEL: func.func @row_by_row(
// CHECK-NOT:     linalg.transpose
// CHECK:         linalg.contract
func.func @row_by_row(%x: tensor<2x64x4xf32> {linnet.name = "x", linnet.role = "input"},
                      %w: tensor<64x4xf32> {linnet.name = "w", linnet.role = "weight"}, %init: tensor<2x64xf32> {linnet.name = "i", linnet.role = "input"})
    -> (tensor<2x64xf32> {linnet.name = "y", linnet.role = "output"}) {
  %0 = linalg.contract indexing_maps = [affine_map<(b, n, k) -> (b, n, k)>, affine_map<(b, n, k) -> (n, k)>, affine_map<(b, n, k) -> (b, n)>]
    ins(%x, %w : tensor<2x64x4xf32>, tensor<64x4xf32>) outs(%init : tensor<2x64xf32>) -> tensor<2x64xf32>
  return %0 : tensor<2x64xf32>
}
