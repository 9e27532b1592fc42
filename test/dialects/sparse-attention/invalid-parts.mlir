// One case per fault that the verifiers of attention_merge, lsh_order, topk_mask, mask_interpolate and window_order find;
// docs/spec/sparse-attention.md explains the numbers in brackets.

// RUN: linnet-opt %s --split-input-file --verify-diagnostics

func.func @rank_of_o1(%a: tensor<2x5x3xf32>, %b: tensor<1x2x5xf32>, %c: tensor<1x2x5x3xf32>, %d: tensor<1x2x5xf32>, %o: tensor<1x2x5x3xf32>, %l: tensor<1x2x5xf32>) {
  // expected-error @below {{'linnet.attention_merge' op expected o1 to have rank 4, got 'tensor<2x5x3xf32>' [attention-merge C1]}}
  %0:2 = linnet.attention_merge ins(%a, %b, %c, %d : tensor<2x5x3xf32>, tensor<1x2x5xf32>, tensor<1x2x5x3xf32>, tensor<1x2x5xf32>)
      outs(%o, %l : tensor<1x2x5x3xf32>, tensor<1x2x5xf32>)
  return
}

// -----

// expected-note @+1 {{the sizes come from a value of type 'tensor<1x2x5x3xf32>'}}
func.func @shape_of_lse1(%a: tensor<1x2x5x3xf32>, %b: tensor<1x2x4xf32>, %c: tensor<1x2x5x3xf32>, %d: tensor<1x2x5xf32>, %o: tensor<1x2x5x3xf32>, %l: tensor<1x2x5xf32>) {
  // expected-error @below {{'linnet.attention_merge' op expected lse1 to have shape [1, 2, 5], got 'tensor<1x2x4xf32>' [attention-merge C1]}}
  %0:2 = linnet.attention_merge ins(%a, %b, %c, %d : tensor<1x2x5x3xf32>, tensor<1x2x4xf32>, tensor<1x2x5x3xf32>, tensor<1x2x5xf32>)
      outs(%o, %l : tensor<1x2x5x3xf32>, tensor<1x2x5xf32>)
  return
}

// -----

// expected-note @+1 {{the sizes come from a value of type 'tensor<1x2x5x3xf32>'}}
func.func @shape_of_o2(%a: tensor<1x2x5x3xf32>, %b: tensor<1x2x5xf32>, %c: tensor<1x2x5x4xf32>, %d: tensor<1x2x5xf32>, %o: tensor<1x2x5x3xf32>, %l: tensor<1x2x5xf32>) {
  // expected-error @below {{'linnet.attention_merge' op expected o2 to have shape [1, 2, 5, 3], got 'tensor<1x2x5x4xf32>' [attention-merge C1]}}
  %0:2 = linnet.attention_merge ins(%a, %b, %c, %d : tensor<1x2x5x3xf32>, tensor<1x2x5xf32>, tensor<1x2x5x4xf32>, tensor<1x2x5xf32>)
      outs(%o, %l : tensor<1x2x5x3xf32>, tensor<1x2x5xf32>)
  return
}

// -----

// expected-note @+1 {{the sizes come from a value of type 'tensor<1x2x5x3xf32>'}}
func.func @shape_of_rows(%a: tensor<1x2x5x3xf32>, %b: tensor<1x2x5xf32>, %c: tensor<1x2x5x3xf32>, %d: tensor<1x2x5xf32>, %o: tensor<1x2x5x3xf32>, %l: tensor<1x2x5xf32>, %r: tensor<1x1x5xi32>) {
  // expected-error @below {{'linnet.attention_merge' op expected rows to have shape [1, 2, 5], got 'tensor<1x1x5xi32>' [attention-merge C2]}}
  %0:2 = linnet.attention_merge ins(%a, %b, %c, %d : tensor<1x2x5x3xf32>, tensor<1x2x5xf32>, tensor<1x2x5x3xf32>, tensor<1x2x5xf32>) rows(%r : tensor<1x1x5xi32>)
      outs(%o, %l : tensor<1x2x5x3xf32>, tensor<1x2x5xf32>)
  return
}

// -----

func.func @elements_of_merge_rows(%a: tensor<1x2x5x3xf32>, %b: tensor<1x2x5xf32>, %c: tensor<1x2x5x3xf32>, %d: tensor<1x2x5xf32>, %o: tensor<1x2x5x3xf32>, %l: tensor<1x2x5xf32>, %r: tensor<1x2x5xi64>) {
  // expected-error @below {{'linnet.attention_merge' op expected rows to have elements of type 'i32', got 'i64' [attention-merge C2]}}
  %0:2 = linnet.attention_merge ins(%a, %b, %c, %d : tensor<1x2x5x3xf32>, tensor<1x2x5xf32>, tensor<1x2x5x3xf32>, tensor<1x2x5xf32>) rows(%r : tensor<1x2x5xi64>)
      outs(%o, %l : tensor<1x2x5x3xf32>, tensor<1x2x5xf32>)
  return
}

// -----

// expected-note @+1 {{the sizes come from a value of type 'tensor<1x2x5x3xf32>'}}
func.func @shape_of_merged(%a: tensor<1x2x5x3xf32>, %b: tensor<1x2x5xf32>, %c: tensor<1x2x5x3xf32>, %d: tensor<1x2x5xf32>, %o: tensor<1x2x5x3xf32>, %l: tensor<1x2x6xf32>) {
  // expected-error @below {{'linnet.attention_merge' op expected lse to have shape [1, 2, 5], got 'tensor<1x2x6xf32>' [attention-merge C3]}}
  %0:2 = linnet.attention_merge ins(%a, %b, %c, %d : tensor<1x2x5x3xf32>, tensor<1x2x5xf32>, tensor<1x2x5x3xf32>, tensor<1x2x5xf32>)
      outs(%o, %l : tensor<1x2x5x3xf32>, tensor<1x2x6xf32>)
  return
}

// -----

func.func @elements_of_o1(%a: tensor<1x2x5x3xf16>, %b: tensor<1x2x5xf32>, %c: tensor<1x2x5x3xf32>, %d: tensor<1x2x5xf32>, %o: tensor<1x2x5x3xf32>, %l: tensor<1x2x5xf32>) {
  // expected-error @below {{'linnet.attention_merge' op expected o1 to have elements of type f32 or f64, got 'f16' [attention-merge C4]}}
  %0:2 = linnet.attention_merge ins(%a, %b, %c, %d : tensor<1x2x5x3xf16>, tensor<1x2x5xf32>, tensor<1x2x5x3xf32>, tensor<1x2x5xf32>)
      outs(%o, %l : tensor<1x2x5x3xf32>, tensor<1x2x5xf32>)
  return
}

// -----

func.func @elements_of_merged(%a: tensor<1x2x5x3xf32>, %b: tensor<1x2x5xf32>, %c: tensor<1x2x5x3xf32>, %d: tensor<1x2x5xf32>, %o: tensor<1x2x5x3xf64>, %l: tensor<1x2x5xf32>) {
  // expected-error @below {{'linnet.attention_merge' op expected o to have elements of type 'f32', got 'f64' [attention-merge C4]}}
  %0:2 = linnet.attention_merge ins(%a, %b, %c, %d : tensor<1x2x5x3xf32>, tensor<1x2x5xf32>, tensor<1x2x5x3xf32>, tensor<1x2x5xf32>)
      outs(%o, %l : tensor<1x2x5x3xf64>, tensor<1x2x5xf32>)
  return
}

// -----

func.func @rank_of_x(%x: tensor<2x9x4xf32>, %p: tensor<4x3xf32>, %o: tensor<1x2x9xi32>, %l: tensor<1x2x9xi32>) {
  // expected-error @below {{'linnet.lsh_order' op expected x to have rank 4, got 'tensor<2x9x4xf32>' [lsh-order C1]}}
  %0:2 = linnet.lsh_order ins(%x, %p : tensor<2x9x4xf32>, tensor<4x3xf32>) outs(%o, %l : tensor<1x2x9xi32>, tensor<1x2x9xi32>)
  return
}

// -----

// expected-note @+1 {{the sizes come from a value of type 'tensor<1x2x9x4xf32>'}}
func.func @shape_of_projections(%x: tensor<1x2x9x4xf32>, %p: tensor<5x3xf32>, %o: tensor<1x2x9xi32>, %l: tensor<1x2x9xi32>) {
  // expected-error @below {{'linnet.lsh_order' op expected projections to have shape [4, 3], got 'tensor<5x3xf32>' [lsh-order C2]}}
  %0:2 = linnet.lsh_order ins(%x, %p : tensor<1x2x9x4xf32>, tensor<5x3xf32>) outs(%o, %l : tensor<1x2x9xi32>, tensor<1x2x9xi32>)
  return
}

// -----

func.func @many_projections(%x: tensor<1x2x9x4xf32>, %p: tensor<4x13xf32>, %o: tensor<1x2x9xi32>, %l: tensor<1x2x9xi32>) {
  // expected-error @below {{'linnet.lsh_order' op expected 1 to 12 projections, got 'tensor<4x13xf32>' [lsh-order C2]}}
  %0:2 = linnet.lsh_order ins(%x, %p : tensor<1x2x9x4xf32>, tensor<4x13xf32>) outs(%o, %l : tensor<1x2x9xi32>, tensor<1x2x9xi32>)
  return
}

// -----

func.func @dynamic_projections(%x: tensor<1x2x9x4xf32>, %p: tensor<4x?xf32>, %o: tensor<1x2x9xi32>, %l: tensor<1x2x9xi32>) {
  // expected-error @below {{'linnet.lsh_order' op expected 1 to 12 projections, got 'tensor<4x?xf32>' [lsh-order C2]}}
  %0:2 = linnet.lsh_order ins(%x, %p : tensor<1x2x9x4xf32>, tensor<4x?xf32>) outs(%o, %l : tensor<1x2x9xi32>, tensor<1x2x9xi32>)
  return
}

// -----

// expected-note @+1 {{the sizes come from a value of type 'tensor<1x2x9x4xf32>'}}
func.func @shape_of_order(%x: tensor<1x2x9x4xf32>, %p: tensor<4x3xf32>, %o: tensor<1x2x8xi32>, %l: tensor<1x2x9xi32>) {
  // expected-error @below {{'linnet.lsh_order' op expected order to have shape [1, 2, 9], got 'tensor<1x2x8xi32>' [lsh-order C3]}}
  %0:2 = linnet.lsh_order ins(%x, %p : tensor<1x2x9x4xf32>, tensor<4x3xf32>) outs(%o, %l : tensor<1x2x8xi32>, tensor<1x2x9xi32>)
  return
}

// -----

func.func @elements_of_place(%x: tensor<1x2x9x4xf32>, %p: tensor<4x3xf32>, %o: tensor<1x2x9xi32>, %l: tensor<1x2x9xi64>) {
  // expected-error @below {{'linnet.lsh_order' op expected place to have elements of type 'i32', got 'i64' [lsh-order C3]}}
  %0:2 = linnet.lsh_order ins(%x, %p : tensor<1x2x9x4xf32>, tensor<4x3xf32>) outs(%o, %l : tensor<1x2x9xi32>, tensor<1x2x9xi64>)
  return
}

// -----

func.func @elements_of_x(%x: tensor<1x2x9x4xf16>, %p: tensor<4x3xf32>, %o: tensor<1x2x9xi32>, %l: tensor<1x2x9xi32>) {
  // expected-error @below {{'linnet.lsh_order' op expected x to have elements of type f32 or f64, got 'f16' [lsh-order C4]}}
  %0:2 = linnet.lsh_order ins(%x, %p : tensor<1x2x9x4xf16>, tensor<4x3xf32>) outs(%o, %l : tensor<1x2x9xi32>, tensor<1x2x9xi32>)
  return
}

// -----

func.func @elements_of_projections(%x: tensor<1x2x9x4xf32>, %p: tensor<4x3xf64>, %o: tensor<1x2x9xi32>, %l: tensor<1x2x9xi32>) {
  // expected-error @below {{'linnet.lsh_order' op expected projections to have elements of type 'f32', got 'f64' [lsh-order C4]}}
  %0:2 = linnet.lsh_order ins(%x, %p : tensor<1x2x9x4xf32>, tensor<4x3xf64>) outs(%o, %l : tensor<1x2x9xi32>, tensor<1x2x9xi32>)
  return
}

// -----

func.func @rank_of_scores(%s: tensor<6x8x1xf32>, %c: tensor<6xi32>, %m: tensor<6x8xi8>) {
  // expected-error @below {{'linnet.topk_mask' op expected scores to have rank 2, got 'tensor<6x8x1xf32>' [topk-mask C1]}}
  %0 = linnet.topk_mask ins(%s, %c : tensor<6x8x1xf32>, tensor<6xi32>) outs(%m : tensor<6x8xi8>)
  return
}

// -----

// expected-note @+1 {{the sizes come from a value of type 'tensor<6x8xf32>'}}
func.func @shape_of_counts(%s: tensor<6x8xf32>, %c: tensor<8xi32>, %m: tensor<6x8xi8>) {
  // expected-error @below {{'linnet.topk_mask' op expected counts to have shape [6], got 'tensor<8xi32>' [topk-mask C2]}}
  %0 = linnet.topk_mask ins(%s, %c : tensor<6x8xf32>, tensor<8xi32>) outs(%m : tensor<6x8xi8>)
  return
}

// -----

func.func @elements_of_counts(%s: tensor<6x8xf32>, %c: tensor<6xi64>, %m: tensor<6x8xi8>) {
  // expected-error @below {{'linnet.topk_mask' op expected counts to have elements of type 'i32', got 'i64' [topk-mask C2]}}
  %0 = linnet.topk_mask ins(%s, %c : tensor<6x8xf32>, tensor<6xi64>) outs(%m : tensor<6x8xi8>)
  return
}

// -----

// expected-note @+1 {{the sizes come from a value of type 'tensor<6x8xf32>'}}
func.func @shape_of_mask(%s: tensor<6x8xf32>, %c: tensor<6xi32>, %m: tensor<6x7xi8>) {
  // expected-error @below {{'linnet.topk_mask' op expected mask to have shape [6, 8], got 'tensor<6x7xi8>' [topk-mask C3]}}
  %0 = linnet.topk_mask ins(%s, %c : tensor<6x8xf32>, tensor<6xi32>) outs(%m : tensor<6x7xi8>)
  return
}

// -----

func.func @elements_of_mask(%s: tensor<6x8xf32>, %c: tensor<6xi32>, %m: tensor<6x8xi1>) {
  // expected-error @below {{'linnet.topk_mask' op expected mask to have elements of type 'i8', got 'i1' [topk-mask C3]}}
  %0 = linnet.topk_mask ins(%s, %c : tensor<6x8xf32>, tensor<6xi32>) outs(%m : tensor<6x8xi1>)
  return
}

// -----

func.func @elements_of_scores(%s: tensor<6x8xf64>, %c: tensor<6xi32>, %m: tensor<6x8xi8>) {
  // expected-error @below {{'linnet.topk_mask' op expected scores to have elements of type 'f32', got 'f64' [topk-mask C4]}}
  %0 = linnet.topk_mask ins(%s, %c : tensor<6x8xf64>, tensor<6xi32>) outs(%m : tensor<6x8xi8>)
  return
}

// -----

func.func @rank_of_mask(%m: tensor<6x8xi8>, %n: tensor<6xi32>, %s: tensor<2x7xi32>, %c: tensor<?xi32>) {
  // expected-error @below {{'linnet.mask_interpolate' op expected mask to have rank 3, got 'tensor<6x8xi8>' [mask-interpolate C1]}}
  %0:2 = linnet.mask_interpolate ins(%m, %n : tensor<6x8xi8>, tensor<6xi32>) outs(%s, %c : tensor<2x7xi32>, tensor<?xi32>)
  return
}

// -----

func.func @elements_of_bins(%m: tensor<2x6x8xi1>, %n: tensor<6xi32>, %s: tensor<2x7xi32>, %c: tensor<?xi32>) {
  // expected-error @below {{'linnet.mask_interpolate' op expected mask to have elements of type 'i8', got 'i1' [mask-interpolate C1]}}
  %0:2 = linnet.mask_interpolate ins(%m, %n : tensor<2x6x8xi1>, tensor<6xi32>) outs(%s, %c : tensor<2x7xi32>, tensor<?xi32>)
  return
}

// -----

// expected-note @+1 {{the sizes come from a value of type 'tensor<2x6x8xi8>'}}
func.func @shape_of_lengths(%m: tensor<2x6x8xi8>, %n: tensor<8xi32>, %s: tensor<2x7xi32>, %c: tensor<?xi32>) {
  // expected-error @below {{'linnet.mask_interpolate' op expected lengths to have shape [6], got 'tensor<8xi32>' [mask-interpolate C2]}}
  %0:2 = linnet.mask_interpolate ins(%m, %n : tensor<2x6x8xi8>, tensor<8xi32>) outs(%s, %c : tensor<2x7xi32>, tensor<?xi32>)
  return
}

// -----

// expected-note @+1 {{the sizes come from a value of type 'tensor<2x6x8xi8>'}}
func.func @shape_of_starts(%m: tensor<2x6x8xi8>, %n: tensor<6xi32>, %s: tensor<2x6xi32>, %c: tensor<?xi32>) {
  // expected-error @below {{'linnet.mask_interpolate' op expected starts to have shape [2, 7], got 'tensor<2x6xi32>' [mask-interpolate C3]}}
  %0:2 = linnet.mask_interpolate ins(%m, %n : tensor<2x6x8xi8>, tensor<6xi32>) outs(%s, %c : tensor<2x6xi32>, tensor<?xi32>)
  return
}

// -----

func.func @elements_of_columns(%m: tensor<2x6x8xi8>, %n: tensor<6xi32>, %s: tensor<2x7xi32>, %c: tensor<?xi64>) {
  // expected-error @below {{'linnet.mask_interpolate' op expected columns to have elements of type 'i32', got 'i64' [mask-interpolate C3]}}
  %0:2 = linnet.mask_interpolate ins(%m, %n : tensor<2x6x8xi8>, tensor<6xi32>) outs(%s, %c : tensor<2x7xi32>, tensor<?xi64>)
  return
}

// -----

func.func @max_run(%m: tensor<2x6x8xi8>, %n: tensor<6xi32>, %s: tensor<2x7xi32>, %c: tensor<?xi32>) {
  // expected-error @below {{'linnet.mask_interpolate' op expected a max_run of at least 1, got 0 [mask-interpolate C4]}}
  %0:2 = linnet.mask_interpolate ins(%m, %n : tensor<2x6x8xi8>, tensor<6xi32>) outs(%s, %c : tensor<2x7xi32>, tensor<?xi32>) {max_run = 0 : i64}
  return
}

// -----

func.func @grid() {
  // expected-error @below {{'linnet.window_order' op expected a grid of rows and columns, both at least 1 [window-order C1]}}
  %0 = linnet.window_order [4] [2, 2] : tensor<4xi32>
  return
}

// -----

func.func @empty_window() {
  // expected-error @below {{'linnet.window_order' op expected a window of rows and columns, both at least 1 [window-order C1]}}
  %0 = linnet.window_order [4, 4] [2, 0] : tensor<16xi32>
  return
}

// -----

func.func @many_cells() {
  // expected-error @below {{'linnet.window_order' op expected at most 2147483647 cells [window-order C1]}}
  %0 = linnet.window_order [65536, 65536] [2, 2] : tensor<16xi32>
  return
}

// -----

func.func @type_of_order() {
  // expected-error @below {{'linnet.window_order' op expected a result of type 'tensor<16xi32>', got 'tensor<15xi32>' [window-order C2]}}
  %0 = linnet.window_order [4, 4] [2, 2] : tensor<15xi32>
  return
}
