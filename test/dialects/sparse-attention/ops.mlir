// Every form of the syntax of attention and of masks is read and written back.

// RUN: linnet-opt %s | linnet-opt | FileCheck %s
// RUN: linnet-opt %s --emit-bytecode | linnet-opt | FileCheck %s

// CHECK-LABEL: func @plain(
// CHECK:         linnet.attention ins(%{{.*}}, %{{.*}}, %{{.*}} : tensor<2x4x?x8xf32>, tensor<2x2x?x8xf32>, tensor<2x1x?x5xf32>)
// CHECK-SAME:      outs(%{{.*}}, %{{.*}} : tensor<2x4x?x5xf32>, tensor<2x4x?xf32>) {scale = 1.000000e+00 : f64}
func.func @plain(%q: tensor<2x4x?x8xf32>, %k: tensor<2x2x?x8xf32>, %v: tensor<2x1x?x5xf32>, %o: tensor<2x4x?x5xf32>,
                 %l: tensor<2x4x?xf32>) -> (tensor<2x4x?x5xf32>, tensor<2x4x?xf32>) {
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<2x4x?x8xf32>, tensor<2x2x?x8xf32>, tensor<2x1x?x5xf32>)
      outs(%o, %l : tensor<2x4x?x5xf32>, tensor<2x4x?xf32>) {scale = 1.0}
  return %0#0, %0#1 : tensor<2x4x?x5xf32>, tensor<2x4x?xf32>
}

// CHECK-LABEL: func @operands(
// CHECK:         position(%{{.*}}) alibi(%{{.*}} : tensor<4xf32>) query_rows(%{{.*}} : tensor<1x4x?xi32>)
// CHECK-SAME:    key_rows(%{{.*}} : tensor<2x1x?xi32>) ids(%{{.*}}, %{{.*}} : tensor<1x1x?xi32>, tensor<1x1x?xi32>)
// CHECK-SAME:    blocks(%{{.*}}, %{{.*}} : tensor<1x1x?xi32>, tensor<?xi32>) partial(%{{.*}}, %{{.*}} : tensor<?xi32>, tensor<?x32x16xi8>)
// CHECK-SAME:    {block_size = array<i64: 16, 32>, different_ids, scale = 1.000000e+00 : f64, soft_cap = 3.000000e+01 : f64}
func.func @operands(%q: tensor<2x4x?x8xf32>, %o: tensor<2x4x?x8xf32>, %l: tensor<2x4x?xf32>, %p: index, %a: tensor<4xf32>,
                    %qr: tensor<1x4x?xi32>, %kr: tensor<2x1x?xi32>, %ids: tensor<1x1x?xi32>, %c: tensor<?xi32>,
                    %bits: tensor<?x32x16xi8>) -> tensor<2x4x?x8xf32> {
  %0:2 = linnet.attention ins(%q, %q, %q : tensor<2x4x?x8xf32>, tensor<2x4x?x8xf32>, tensor<2x4x?x8xf32>)
      position(%p) alibi(%a : tensor<4xf32>) query_rows(%qr : tensor<1x4x?xi32>) key_rows(%kr : tensor<2x1x?xi32>)
      ids(%ids, %ids : tensor<1x1x?xi32>, tensor<1x1x?xi32>) blocks(%ids, %c : tensor<1x1x?xi32>, tensor<?xi32>)
      partial(%c, %bits : tensor<?xi32>, tensor<?x32x16xi8>)
      outs(%o, %l : tensor<2x4x?x8xf32>, tensor<2x4x?xf32>)
      {scale = 1.0, soft_cap = 30.0, different_ids, block_size = array<i64: 16, 32>}
  return %0#0 : tensor<2x4x?x8xf32>
}

// CHECK-LABEL: func @offsets(
// CHECK:         offsets(%{{.*}}, %{{.*}} : tensor<?xi32>, tensor<?xi32>)
func.func @offsets(%q: tensor<1x4x?x8xbf16>, %o: tensor<1x4x?x8xbf16>, %l: tensor<1x4x?xf32>, %c: tensor<?xi32>)
    -> tensor<1x4x?x8xbf16> {
  %0:2 = linnet.attention ins(%q, %q, %q : tensor<1x4x?x8xbf16>, tensor<1x4x?x8xbf16>, tensor<1x4x?x8xbf16>)
      offsets(%c, %c : tensor<?xi32>, tensor<?xi32>) outs(%o, %l : tensor<1x4x?x8xbf16>, tensor<1x4x?xf32>) {scale = 1.0}
  return %0#0 : tensor<1x4x?x8xbf16>
}

// CHECK-LABEL: func private @masks()
// CHECK-SAME:    a = #linnet.causal
// CHECK-SAME:    b = #linnet.window<left = 255, right = -1>
// CHECK-SAME:    c = #linnet.block_diagonal<queries = 16, keys = 32>
// CHECK-SAME:    d = #linnet.any_of<#linnet.prefix<4>, #linnet.query_prefix<3>, #linnet.all_of<#linnet.causal, #linnet.strided<8>>>
// CHECK-SAME:    e = #linnet.dilated<window = 3, step = 2>
func.func private @masks() attributes {
  a = #linnet.causal, b = #linnet.window<left = 255, right = -1>, c = #linnet.block_diagonal<queries = 16, keys = 32>,
  d = #linnet.any_of<#linnet.prefix<4>, #linnet.query_prefix<3>, #linnet.all_of<#linnet.causal, #linnet.strided<8>>>,
  e = #linnet.dilated<window = 3, step = 2>}

// CHECK-LABEL: func @parts(
// CHECK:         linnet.attention_merge ins(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : tensor<1x2x?x3xf32>, tensor<1x2x?xf32>, tensor<1x2x?x3xf32>, tensor<1x2x?xf32>) rows(%{{.*}} : tensor<1x2x?xi32>) outs(
// CHECK:         linnet.attention_merge ins({{.*}}) outs(
// CHECK:         linnet.lsh_order ins(%{{.*}}, %{{.*}} : tensor<1x2x?x3xf32>, tensor<3x7xf32>) outs(%{{.*}}, %{{.*}} : tensor<1x2x?xi32>, tensor<1x2x?xi32>) {gray = #linnet.gray_code<encode>}
// CHECK:         linnet.topk_mask ins(%{{.*}}, %{{.*}} : tensor<?x8xf32>, tensor<?xi32>) outs(%{{.*}} : tensor<?x8xi8>)
// CHECK:         linnet.mask_interpolate ins(%{{.*}}, %{{.*}} : tensor<1x?x8xi8>, tensor<?xi32>) outs(%{{.*}}, %{{.*}} : tensor<1x?xi32>, tensor<?xi32>) {max_run = 4 : i64}
// CHECK:         linnet.window_order [4, 6] [2, 3] {hilbert} : tensor<24xi32>
func.func @parts(%o: tensor<1x2x?x3xf32>, %l: tensor<1x2x?xf32>, %r: tensor<1x2x?xi32>, %p: tensor<3x7xf32>,
                 %s: tensor<?x8xf32>, %c: tensor<?xi32>, %m: tensor<?x8xi8>, %w: tensor<1x?x8xi8>, %t: tensor<1x?xi32>)
    -> tensor<24xi32> {
  %0:2 = linnet.attention_merge ins(%o, %l, %o, %l : tensor<1x2x?x3xf32>, tensor<1x2x?xf32>, tensor<1x2x?x3xf32>, tensor<1x2x?xf32>)
      rows(%r : tensor<1x2x?xi32>) outs(%o, %l : tensor<1x2x?x3xf32>, tensor<1x2x?xf32>)
  %1:2 = linnet.attention_merge ins(%o, %l, %o, %l : tensor<1x2x?x3xf32>, tensor<1x2x?xf32>, tensor<1x2x?x3xf32>, tensor<1x2x?xf32>)
      outs(%o, %l : tensor<1x2x?x3xf32>, tensor<1x2x?xf32>)
  %2:2 = linnet.lsh_order ins(%o, %p : tensor<1x2x?x3xf32>, tensor<3x7xf32>)
      outs(%r, %r : tensor<1x2x?xi32>, tensor<1x2x?xi32>) {gray = #linnet.gray_code<encode>}
  %3 = linnet.topk_mask ins(%s, %c : tensor<?x8xf32>, tensor<?xi32>) outs(%m : tensor<?x8xi8>)
  %4:2 = linnet.mask_interpolate ins(%w, %c : tensor<1x?x8xi8>, tensor<?xi32>) outs(%t, %c : tensor<1x?xi32>, tensor<?xi32>) {max_run = 4}
  %5 = linnet.window_order [4, 6] [2, 3] {hilbert} : tensor<24xi32>
  return %5 : tensor<24xi32>
}
