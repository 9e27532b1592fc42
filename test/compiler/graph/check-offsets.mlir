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

// -----

// An argument is checked once more where its numbers are of something else: rows of another k, blocks of another size,
// and sequences of another length. Matrices of bits are numbered below as many as there are, and those below 0 are none.
// CHECK-LABEL: func @limits(
// CHECK-SAME:    %[[Q:[^:]*]]: tensor<1x2x?x8xf32> {{{[^}]*}}}, %[[K:[^:]*]]: tensor<1x2x?x8xf32> {{{[^}]*}}}, %[[BITS:[^:]*]]: tensor<?x16x16xi8> {{{[^}]*}}}
// CHECK-SAME:    %[[PARTIAL:[^:]*]]: tensor<?xi32> {linnet.name = "partial"
// CHECK-COUNT-3: linnet.require %{{.*}} of "{{rows|starts|columns}}"
// CHECK:         %[[P:.*]] = tensor.dim %[[BITS]], %c0
// CHECK:         scf.for
// CHECK:           %[[NUMBER:.*]] = tensor.extract %[[PARTIAL]]
// CHECK:           %[[INDEX:.*]] = arith.index_cast %[[NUMBER]]
// CHECK:           arith.cmpi slt, %[[INDEX]], %[[P]]
// CHECK:         linnet.require %{{.*}} of "partial"
// CHECK-NEXT:    linnet.attention
// CHECK-NOT:     linnet.require
// CHECK:         tensor.dim %[[K]], %c2
// CHECK:         linnet.require %{{.*}} of "rows"
// CHECK:         linnet.require %{{.*}} of "starts"
// CHECK:         linnet.require %{{.*}} of "columns"
// CHECK-NOT:     linnet.require
// CHECK:         linnet.attention
// CHECK:         tensor.dim %[[Q]], %c2
// CHECK:         linnet.require %{{.*}} of "offsets"
// CHECK:         tensor.dim %[[K]], %c2
// CHECK:         linnet.require %{{.*}} of "offsets"
// CHECK-NEXT:    linnet.attention
// CHECK-NOT:     linnet.require
// CHECK:         return
func.func @limits(%q: tensor<1x2x?x8xf32> {linnet.name = "q", linnet.role = "input", linnet.symbols = ["N"]},
                  %k: tensor<1x2x?x8xf32> {linnet.name = "k", linnet.role = "input", linnet.symbols = ["M"]},
                  %bits: tensor<?x16x16xi8> {linnet.name = "bits", linnet.role = "input", linnet.symbols = ["W"]},
                  %rows: tensor<1x1x?xi32> {linnet.name = "rows", linnet.role = "input", linnet.symbols = ["L"]},
                  %starts: tensor<1x1x?xi32> {linnet.name = "starts", linnet.role = "input", linnet.symbols = ["R"]},
                  %columns: tensor<?xi32> {linnet.name = "columns", linnet.role = "input", linnet.symbols = ["Z"]},
                  %partial: tensor<?xi32> {linnet.name = "partial", linnet.role = "input", linnet.symbols = ["Z"]},
                  %offsets: tensor<?xi32> {linnet.name = "offsets", linnet.role = "input", linnet.symbols = ["C"]})
    -> (tensor<1x2x?x8xf32> {linnet.name = "o", linnet.role = "output", linnet.symbols = ["N"]}) {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x2x?x8xf32>
  %o = tensor.empty(%n) : tensor<1x2x?x8xf32>
  %l = tensor.empty(%n) : tensor<1x2x?xf32>
  %0:2 = linnet.attention ins(%q, %q, %q : tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>)
      key_rows(%rows : tensor<1x1x?xi32>) blocks(%starts, %columns : tensor<1x1x?xi32>, tensor<?xi32>)
      partial(%partial, %bits : tensor<?xi32>, tensor<?x16x16xi8>)
      outs(%o, %l : tensor<1x2x?x8xf32>, tensor<1x2x?xf32>) {scale = 1.0 : f64, block_size = array<i64: 16, 16>}
  %1:2 = linnet.attention ins(%0#0, %k, %k : tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>)
      key_rows(%rows : tensor<1x1x?xi32>) blocks(%starts, %columns : tensor<1x1x?xi32>, tensor<?xi32>)
      outs(%0#0, %l : tensor<1x2x?x8xf32>, tensor<1x2x?xf32>) {scale = 1.0 : f64, block_size = array<i64: 8, 32>}
  %2:2 = linnet.attention ins(%q, %k, %k : tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>)
      offsets(%offsets, %offsets : tensor<?xi32>, tensor<?xi32>)
      outs(%1#0, %l : tensor<1x2x?x8xf32>, tensor<1x2x?xf32>) {scale = 1.0 : f64}
  return %2#0 : tensor<1x2x?x8xf32>
}

// -----

// CHECK-LABEL: func @other_time(
// CHECK-SAME:    %[[V:[^:]*]]: tensor<1x?x2x4xf32> {{{[^}]*}}}, %[[W:[^:]*]]: tensor<1x?x2x4xf32>
// CHECK:         tensor.dim %[[V]], %c1
// CHECK:         linnet.require %{{.*}} of "cu_seqlens"
// CHECK-NEXT:    linnet.linear_attention
// CHECK:         tensor.dim %[[W]], %c1
// CHECK:         linnet.require %{{.*}} of "cu_seqlens"
// CHECK-NEXT:    linnet.linear_attention
// CHECK-NOT:     linnet.require
// CHECK:         return
func.func @other_time(%v: tensor<1x?x2x4xf32> {linnet.role = "input", linnet.name = "v", linnet.symbols = ["T"]},
                      %w: tensor<1x?x2x4xf32> {linnet.role = "input", linnet.name = "w", linnet.symbols = ["U"]},
                      %cu: tensor<?xi32> {linnet.role = "input", linnet.name = "cu_seqlens", linnet.symbols = ["P"]},
                      %s: tensor<?x2x4x4xf32> {linnet.role = "state", linnet.name = "s", linnet.symbols = ["N"]})
    -> (tensor<1x?x2x4xf32> {linnet.role = "output", linnet.name = "o", linnet.symbols = ["U"]},
        tensor<?x2x4x4xf32> {linnet.role = "state", linnet.name = "s", linnet.symbols = ["N"]}) {
  %0:2 = linnet.linear_attention ins(%v, %v, %v : tensor<1x?x2x4xf32>, tensor<1x?x2x4xf32>, tensor<1x?x2x4xf32>)
      cu_seqlens(%cu : tensor<?xi32>) outs(%v, %s : tensor<1x?x2x4xf32>, tensor<?x2x4x4xf32>) {scale = 1.0 : f64}
  %1:2 = linnet.linear_attention ins(%w, %w, %w : tensor<1x?x2x4xf32>, tensor<1x?x2x4xf32>, tensor<1x?x2x4xf32>)
      cu_seqlens(%cu : tensor<?xi32>) outs(%w, %0#1 : tensor<1x?x2x4xf32>, tensor<?x2x4x4xf32>) {scale = 1.0 : f64}
  return %1#0, %1#1 : tensor<1x?x2x4xf32>, tensor<?x2x4x4xf32>
}
