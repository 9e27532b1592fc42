// --linnet-check-offsets makes model functions refuse offsets that do not cut time into sequences.

// RUN: linnet-opt %s --linnet-check-offsets --split-input-file --verify-diagnostics | FileCheck %s

// Once for both operations: 0 first, the length of time last, and nothing falls in between.
// CHECK-LABEL: func @packed(
// CHECK-SAME:    %[[V:[^:]*]]: tensor<1x?x2x4xf32> {{{[^}]*}}}, %[[CU:[^:]*]]: tensor<?xi32>
// CHECK-DAG:     %[[T:.*]] = tensor.dim %[[V]], %{{.*}} : tensor<1x?x2x4xf32>
// CHECK-DAG:     %[[BEGINS:.*]] = arith.cmpi eq, %{{.*}}, %{{.*}} : index
// CHECK-DAG:     %[[ENDS:.*]] = arith.cmpi eq, %{{.*}}, %[[T]] : index
// CHECK:         %[[BOUNDED:.*]] = arith.andi %[[BEGINS]], %[[ENDS]]
// CHECK:         %[[OK:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %[[BOUNDED]]) -> (i1)
// CHECK:           arith.cmpi sle
// CHECK:         linnet.require %[[OK]] of "cu_seqlens"
// CHECK-NEXT:    linnet.linear_attention
// CHECK-NOT:     linnet.require
func.func @packed(%v: tensor<1x?x2x4xf32> {linnet.role = "input", linnet.name = "v", linnet.symbols = ["T"]},
                  %cu: tensor<?xi32> {linnet.role = "input", linnet.name = "cu_seqlens", linnet.symbols = ["P"]},
                  %s: tensor<?x2x4x4xf32> {linnet.role = "state", linnet.name = "s", linnet.symbols = ["N"]})
    -> (tensor<1x?x2x4xf32> {linnet.role = "output", linnet.name = "o", linnet.symbols = ["T"]},
        tensor<?x2x4x4xf32> {linnet.role = "state", linnet.name = "s", linnet.symbols = ["N"]}) {
  %0:2 = linnet.linear_attention ins(%v, %v, %v : tensor<1x?x2x4xf32>, tensor<1x?x2x4xf32>, tensor<1x?x2x4xf32>)
      cu_seqlens(%cu : tensor<?xi32>) outs(%v, %s : tensor<1x?x2x4xf32>, tensor<?x2x4x4xf32>) {scale = 1.0 : f64}
  %1:2 = linnet.linear_attention ins(%v, %v, %0#0 : tensor<1x?x2x4xf32>, tensor<1x?x2x4xf32>, tensor<1x?x2x4xf32>)
      cu_seqlens(%cu : tensor<?xi32>) outs(%v, %0#1 : tensor<1x?x2x4xf32>, tensor<?x2x4x4xf32>) {scale = 1.0 : f64}
  return %1#0, %1#1 : tensor<1x?x2x4xf32>, tensor<?x2x4x4xf32>
}

// Nobody to tell.
// CHECK-LABEL: func @no_model(
// CHECK-NOT:     linnet.require
func.func @no_model(%v: tensor<1x?x2x4xf32>, %cu: tensor<?xi32>, %s: tensor<?x2x4x4xf32>) -> tensor<1x?x2x4xf32> {
  %0:2 = linnet.linear_attention ins(%v, %v, %v : tensor<1x?x2x4xf32>, tensor<1x?x2x4xf32>, tensor<1x?x2x4xf32>)
      cu_seqlens(%cu : tensor<?xi32>) outs(%v, %s : tensor<1x?x2x4xf32>, tensor<?x2x4x4xf32>) {scale = 1.0 : f64}
  return %0#0 : tensor<1x?x2x4xf32>
}

// -----

func.func @computed(%v: tensor<1x?x2x4xf32> {linnet.role = "input", linnet.name = "v", linnet.symbols = ["T"]},
                    %cu: tensor<3xi32> {linnet.role = "input", linnet.name = "cu_seqlens"},
                    %s: tensor<2x2x4x4xf32> {linnet.role = "state", linnet.name = "s"})
    -> (tensor<1x?x2x4xf32> {linnet.role = "output", linnet.name = "o", linnet.symbols = ["T"]},
        tensor<2x2x4x4xf32> {linnet.role = "state", linnet.name = "s"}) {
  %empty = tensor.empty() : tensor<3xi32>
  %twice = linalg.add ins(%cu, %cu : tensor<3xi32>, tensor<3xi32>) outs(%empty : tensor<3xi32>) -> tensor<3xi32>
  // expected-error @below {{expected cu_seqlens to be an argument of the function or a result of token_permute: others cannot be checked when it is called}}
  %0:2 = linnet.linear_attention ins(%v, %v, %v : tensor<1x?x2x4xf32>, tensor<1x?x2x4xf32>, tensor<1x?x2x4xf32>)
      cu_seqlens(%twice : tensor<3xi32>) outs(%v, %s : tensor<1x?x2x4xf32>, tensor<2x2x4x4xf32>) {scale = 1.0 : f64}
  return %0#0, %0#1 : tensor<1x?x2x4xf32>, tensor<2x2x4x4xf32>
}

// -----

// Offsets that token_permute gives are offsets whatever the indices are.
// CHECK-LABEL: func @permuted(
// CHECK-NOT:     linnet.require
// CHECK:         return
func.func @permuted(%v: tensor<1x6x2x4xf32> {linnet.role = "input", linnet.name = "v"},
                    %i: tensor<1x3x2xi32> {linnet.role = "input", linnet.name = "indices"},
                    %s: tensor<2x2x4x4xf32> {linnet.role = "state", linnet.name = "s"})
    -> (tensor<1x6x2x4xf32> {linnet.role = "output", linnet.name = "o"},
        tensor<2x2x4x4xf32> {linnet.role = "state", linnet.name = "s"}) {
  %source = tensor.empty() : tensor<6xi32>
  %place = tensor.empty() : tensor<1x3x2xi32>
  %offsets = tensor.empty() : tensor<3xi32>
  %0:3 = linnet.token_permute ins(%i : tensor<1x3x2xi32>)
      outs(%source, %place, %offsets : tensor<6xi32>, tensor<1x3x2xi32>, tensor<3xi32>) {experts = 2 : i64}
  %1:2 = linnet.linear_attention ins(%v, %v, %v : tensor<1x6x2x4xf32>, tensor<1x6x2x4xf32>, tensor<1x6x2x4xf32>)
      cu_seqlens(%0#2 : tensor<3xi32>) outs(%v, %s : tensor<1x6x2x4xf32>, tensor<2x2x4x4xf32>) {scale = 1.0 : f64}
  return %1#0, %1#1 : tensor<1x6x2x4xf32>, tensor<2x2x4x4xf32>
}

// -----

func.func @permuted_rows(%v: tensor<1x5x2x4xf32> {linnet.role = "input", linnet.name = "v"},
                         %i: tensor<1x3x2xi32> {linnet.role = "input", linnet.name = "indices"},
                         %s: tensor<2x2x4x4xf32> {linnet.role = "state", linnet.name = "s"})
    -> (tensor<1x5x2x4xf32> {linnet.role = "output", linnet.name = "o"},
        tensor<2x2x4x4xf32> {linnet.role = "state", linnet.name = "s"}) {
  %source = tensor.empty() : tensor<6xi32>
  %place = tensor.empty() : tensor<1x3x2xi32>
  %offsets = tensor.empty() : tensor<3xi32>
  // expected-note @below {{cu_seqlens comes from here}}
  %0:3 = linnet.token_permute ins(%i : tensor<1x3x2xi32>)
      outs(%source, %place, %offsets : tensor<6xi32>, tensor<1x3x2xi32>, tensor<3xi32>) {experts = 2 : i64}
  // expected-error @below {{expected a v of at least the 6 rows of cu_seqlens, got 5}}
  %1:2 = linnet.linear_attention ins(%v, %v, %v : tensor<1x5x2x4xf32>, tensor<1x5x2x4xf32>, tensor<1x5x2x4xf32>)
      cu_seqlens(%0#2 : tensor<3xi32>) outs(%v, %s : tensor<1x5x2x4xf32>, tensor<2x2x4x4xf32>) {scale = 1.0 : f64}
  return %1#0, %1#1 : tensor<1x5x2x4xf32>, tensor<2x2x4x4xf32>
}

// -----

// Attention trusts rows, blocks and offsets: those that are arguments are checked, once each.
// CHECK-LABEL: func @attention(
// CHECK-COUNT-3: linnet.require %{{.*}} of "{{rows|starts|columns}}"
// CHECK-NOT:     linnet.require
// CHECK:         linnet.attention
// CHECK-NOT:     linnet.require
// CHECK:         linnet.attention
func.func @attention(%q: tensor<1x2x?x8xf32> {linnet.name = "q", linnet.role = "input", linnet.symbols = ["N"]},
                     %rows: tensor<1x1x?xi32> {linnet.name = "rows", linnet.role = "input", linnet.symbols = ["M"]},
                     %starts: tensor<1x1x?xi32> {linnet.name = "starts", linnet.role = "input", linnet.symbols = ["R"]},
                     %columns: tensor<?xi32> {linnet.name = "columns", linnet.role = "input", linnet.symbols = ["Z"]})
    -> (tensor<1x2x?x8xf32> {linnet.name = "o", linnet.role = "output", linnet.symbols = ["N"]}) {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x2x?x8xf32>
  %o = tensor.empty(%n) : tensor<1x2x?x8xf32>
  %l = tensor.empty(%n) : tensor<1x2x?xf32>
  %0:2 = linnet.attention ins(%q, %q, %q : tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>)
      key_rows(%rows : tensor<1x1x?xi32>) blocks(%starts, %columns : tensor<1x1x?xi32>, tensor<?xi32>)
      outs(%o, %l : tensor<1x2x?x8xf32>, tensor<1x2x?xf32>) {scale = 1.0 : f64, block_size = array<i64: 16, 16>}
  %1:2 = linnet.attention ins(%0#0, %q, %q : tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>)
      key_rows(%rows : tensor<1x1x?xi32>) blocks(%starts, %columns : tensor<1x1x?xi32>, tensor<?xi32>)
      outs(%o, %l : tensor<1x2x?x8xf32>, tensor<1x2x?xf32>) {scale = 1.0 : f64, block_size = array<i64: 16, 16>}
  return %1#0 : tensor<1x2x?x8xf32>
}
