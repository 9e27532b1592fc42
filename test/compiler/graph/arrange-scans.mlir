// --linnet-arrange-scans: a scan over enough lanes runs across them, [T, lanes]; one over fewer runs along time inside a
// vector, [lanes, T], from first to last. A remark says which.

// RUN: linnet-opt %s --linnet-arrange-scans --canonicalize --cse | FileCheck %s
// RUN: linnet-opt %s --linnet-arrange-scans --remark-policy=all --remarks-filter=linnet 2>&1 | FileCheck %s --check-prefix=REMARK

// REMARK: arrange-scans.mlir:{{[0-9]+}}:10: remark: {{.*}}scan across lanes: enough of them to fill a vector
// 96 lanes in one dimension; time is last and stays there.
// CHECK-LABEL: func @many_lanes(
// CHECK-SAME:    %[[A:.*]]: tensor<3x8x4x?xf32>, %[[S:.*]]: tensor<3x8x4xf32>
// CHECK-NOT:     linalg.transpose
// CHECK-DAG:     %[[FLAT:.*]] = tensor.collapse_shape %[[A]] {{.*}} into tensor<96x?xf32>
// CHECK-DAG:     %[[S1:.*]] = tensor.collapse_shape %[[S]] {{.*}} into tensor<96xf32>
// CHECK:         %[[H:.*]], %[[S2:.*]] = linnet.affine_scan ins(%[[FLAT]], %[[FLAT]] : {{.*}}) outs(%{{.*}}, %[[S1]] : tensor<96x?xf32>, tensor<96xf32>) {dimension = 1 : i64, reverse}
// CHECK-DAG:     tensor.expand_shape %[[H]] {{.*}} into tensor<3x8x4x?xf32>
// CHECK-DAG:     tensor.expand_shape %[[S2]] {{.*}} into tensor<3x8x4xf32>
func.func @many_lanes(%a: tensor<3x8x4x?xf32>, %s: tensor<3x8x4xf32>) -> (tensor<3x8x4x?xf32>, tensor<3x8x4xf32>) {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<3x8x4x?xf32>, tensor<3x8x4x?xf32>)
                            outs(%a, %s : tensor<3x8x4x?xf32>, tensor<3x8x4xf32>) {dimension = 3 : i64, reverse}
  return %0#0, %0#1 : tensor<3x8x4x?xf32>, tensor<3x8x4xf32>
}

// Time between the lanes is moved before them.
// CHECK-LABEL: func @time_between_lanes(
// CHECK-SAME:    %[[A:.*]]: tensor<4x?x4xf32>, %[[S:.*]]: tensor<4x4xf32>
// CHECK-DAG:     %[[MOVED:.*]] = linalg.transpose ins(%[[A]] : {{.*}}) outs({{.*}} : tensor<?x4x4xf32>) permutation = [1, 0, 2]
// CHECK-DAG:     %[[FLAT:.*]] = tensor.collapse_shape %[[MOVED]] {{.*}} into tensor<?x16xf32>
// CHECK:         linnet.affine_scan ins(%[[FLAT]], %[[FLAT]] : {{.*}} {dimension = 0 : i64}
// CHECK:         linalg.transpose {{.*}} outs({{.*}} : tensor<4x?x4xf32>) permutation = [1, 0, 2]
func.func @time_between_lanes(%a: tensor<4x?x4xf32>, %s: tensor<4x4xf32>) -> tensor<4x?x4xf32> {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<4x?x4xf32>, tensor<4x?x4xf32>)
                            outs(%a, %s : tensor<4x?x4xf32>, tensor<4x4xf32>) {dimension = 1 : i64}
  return %0#0 : tensor<4x?x4xf32>
}

// REMARK: remark: {{.*}}scan along time inside a vector: fewer than 8 lanes
// CHECK-LABEL: func @few_lanes(
// CHECK-SAME:    %[[A:.*]]: tensor<?x2xf32>, %[[S:.*]]: tensor<2xf32>
// CHECK:         %[[MOVED:.*]] = linalg.transpose ins(%[[A]] : {{.*}}) outs({{.*}} : tensor<2x?xf32>) permutation = [1, 0]
// CHECK:         linnet.affine_scan ins(%[[MOVED]], %[[MOVED]] : {{.*}}) outs(%{{.*}}, %[[S]] : tensor<2x?xf32>, tensor<2xf32>) {dimension = 1 : i64}
func.func @few_lanes(%a: tensor<?x2xf32>, %s: tensor<2xf32>) -> (tensor<?x2xf32>, tensor<2xf32>) {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<?x2xf32>, tensor<?x2xf32>)
                            outs(%a, %s : tensor<?x2xf32>, tensor<2xf32>) {dimension = 0 : i64}
  return %0#0, %0#1 : tensor<?x2xf32>, tensor<2xf32>
}

// Along time vectors go forward only: a reverse scan reads and writes the other way round.
// CHECK-LABEL: func @few_lanes_reverse(
// CHECK:         linalg.generic
// CHECK:           tensor.extract
// CHECK:         linnet.affine_scan {{.*}} {dimension = 1 : i64}
// CHECK:         linalg.generic
// CHECK:           tensor.extract
func.func @few_lanes_reverse(%a: tensor<2x?xf32>, %s: tensor<2xf32>) -> tensor<2x?xf32> {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<2x?xf32>, tensor<2x?xf32>)
                            outs(%a, %s : tensor<2x?xf32>, tensor<2xf32>) {dimension = 1 : i64, reverse}
  return %0#0 : tensor<2x?xf32>
}

// Nothing but time: one lane.
// CHECK-LABEL: func @only_time(
// CHECK:         linnet.affine_scan {{.*}} outs({{.*}} : tensor<1x?xf32>, tensor<1xf32>) {dimension = 1 : i64}
// CHECK:         return {{.*}} : tensor<?xf32>, tensor<f32>
func.func @only_time(%a: tensor<?xf32>, %s: tensor<f32>) -> (tensor<?xf32>, tensor<f32>) {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<?xf32>, tensor<?xf32>) outs(%a, %s : tensor<?xf32>, tensor<f32>)
                            {dimension = 0 : i64}
  return %0#0, %0#1 : tensor<?xf32>, tensor<f32>
}

// Complex pairs run across lanes, however few.
// CHECK-LABEL: func @complex(
// CHECK:         linnet.affine_scan {{.*}} outs({{.*}} : tensor<?x1x2xf32>, tensor<1x2xf32>) {complex, dimension = 0 : i64}
func.func @complex(%a: tensor<?x2xf32>, %s: tensor<2xf32>) -> tensor<?x2xf32> {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<?x2xf32>, tensor<?x2xf32>)
                            outs(%a, %s : tensor<?x2xf32>, tensor<2xf32>) {dimension = 0 : i64, complex}
  return %0#0 : tensor<?x2xf32>
}

// CHECK-LABEL: func @complex_time_last(
// CHECK:         linalg.transpose
// CHECK:         linnet.affine_scan {{.*}} outs({{.*}} : tensor<?x8x2xf32>, tensor<8x2xf32>) {complex, dimension = 0 : i64}
func.func @complex_time_last(%a: tensor<8x?x2xf32>, %s: tensor<8x2xf32>) -> tensor<8x?x2xf32> {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<8x?x2xf32>, tensor<8x?x2xf32>)
                            outs(%a, %s : tensor<8x?x2xf32>, tensor<8x2xf32>) {dimension = 1 : i64, complex}
  return %0#0 : tensor<8x?x2xf32>
}

// CHECK-LABEL: func @unchanged(
// CHECK-NEXT:    linnet.affine_scan {{.*}} {dimension = 1 : i64}
// CHECK-NEXT:    linnet.affine_scan {{.*}} {dimension = 2 : i64, reverse}
// CHECK-NEXT:    linnet.affine_scan {{.*}} {dimension = 0 : i64, linnet.path = "reference"}
// CHECK-NEXT:    return
func.func @unchanged(%a: tensor<3x?x8xf32>, %s: tensor<3x8xf32>, %b: tensor<?x2xf32>, %r: tensor<2xf32>,
                     %c: tensor<?x?x?xf32>, %q: tensor<?x?xf32>)
    -> (tensor<3x?x8xf32>, tensor<?x2xf32>, tensor<?x?x?xf32>) {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<3x?x8xf32>, tensor<3x?x8xf32>)
                            outs(%a, %s : tensor<3x?x8xf32>, tensor<3x8xf32>) {dimension = 1 : i64}
  %2:2 = linnet.affine_scan ins(%c, %c : tensor<?x?x?xf32>, tensor<?x?x?xf32>)
                            outs(%c, %q : tensor<?x?x?xf32>, tensor<?x?xf32>) {dimension = 2 : i64, reverse}
  %1:2 = linnet.affine_scan ins(%b, %b : tensor<?x2xf32>, tensor<?x2xf32>)
                            outs(%b, %r : tensor<?x2xf32>, tensor<2xf32>) {dimension = 0 : i64, linnet.path = "reference"}
  return %0#0, %1#0, %2#0 : tensor<3x?x8xf32>, tensor<?x2xf32>, tensor<?x?x?xf32>
}
