// One case per fault that the verifiers of attention and of its masks find, in the order in which they look;
// docs/spec/sparse-attention.md explains the numbers in brackets.

// RUN: linnet-opt %s --split-input-file --verify-diagnostics

func.func @rank_of_q(%q: tensor<4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>) {
  // expected-error @below {{'linnet.attention' op expected q to have rank 4, got 'tensor<4x6x8xf32>' [attention C1]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf32>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @rank_of_v(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>) {
  // expected-error @below {{'linnet.attention' op expected v to have rank 4, got 'tensor<1x2x9xf32>' [attention C1]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9xf32>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

// expected-note @+1 {{the sizes come from a value of type 'tensor<1x4x6x8xf32>'}}
func.func @shape_of_k(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x7xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>) {
  // expected-error @below {{'linnet.attention' op expected k to have shape [1, 2, 9, 8], got 'tensor<1x2x9x7xf32>' [attention C2]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x7xf32>, tensor<1x2x9x5xf32>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

// expected-note @+1 {{the sizes come from a value of type 'tensor<1x2x9x8xf32>'}}
func.func @shape_of_v(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x8x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>) {
  // expected-error @below {{'linnet.attention' op expected v to have shape [1, 2, 9, 5], got 'tensor<1x2x8x5xf32>' [attention C2]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x8x5xf32>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @heads_of_k(%q: tensor<1x4x6x8xf32>, %k: tensor<1x3x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>) {
  // expected-error @below {{'linnet.attention' op expected the heads of k to divide the 4 heads of q, got 3 [attention C3]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x3x9x8xf32>, tensor<1x2x9x5xf32>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @heads_of_v(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x3x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>) {
  // expected-error @below {{'linnet.attention' op expected the heads of v to divide the 4 heads of q, got 3 [attention C3]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x3x9x5xf32>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

// expected-note @+1 {{the sizes come from a value of type 'tensor<1x2x9x5xf32>'}}
func.func @shape_of_o(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x8xf32>,
    %l: tensor<1x4x6xf32>) {
  // expected-error @below {{'linnet.attention' op expected o to have shape [1, 4, 6, 5], got 'tensor<1x4x6x8xf32>' [attention C4]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf32>)
      outs(%o, %l : tensor<1x4x6x8xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

// expected-note @+1 {{the sizes come from a value of type 'tensor<1x4x6x8xf32>'}}
func.func @shape_of_lse(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x9xf32>) {
  // expected-error @below {{'linnet.attention' op expected lse to have shape [1, 4, 6], got 'tensor<1x4x9xf32>' [attention C4]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf32>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x9xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @scale(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>) {
  // expected-error @below {{'linnet.attention' op expected a finite scale [attention C5]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf32>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 0x7FF0000000000000 : f64}
  return
}

// -----

func.func @soft_cap(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>) {
  // expected-error @below {{'linnet.attention' op expected a finite soft_cap above 0 [attention C5]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf32>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64, soft_cap = 0.0 : f64}
  return
}

// -----

func.func @rank_of_rows(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>, %r: tensor<6xi32>) {
  // expected-error @below {{'linnet.attention' op expected query_rows to have rank 3, got 'tensor<6xi32>' [attention C6]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf32>)
      query_rows(%r : tensor<6xi32>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

// expected-note @+1 {{the sizes come from a value of type 'tensor<1x4x6x8xf32>'}}
func.func @rows_of_heads(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>, %r: tensor<1x3x9xi32>) {
  // expected-error @below {{'linnet.attention' op expected key_rows to have shape [1, 4, 9], got 'tensor<1x3x9xi32>' [attention C6]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf32>)
      key_rows(%r : tensor<1x3x9xi32>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @elements_of_rows(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>, %r: tensor<1x4x9xi64>) {
  // expected-error @below {{'linnet.attention' op expected key_rows to have elements of type 'i32', got 'i64' [attention C6]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf32>)
      key_rows(%r : tensor<1x4x9xi64>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @different_ids_of_nothing(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>) {
  // expected-error @below {{'linnet.attention' op expected ids of queries and of keys [attention C7]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf32>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64, different_ids}
  return
}

// -----

// expected-note @+1 {{the sizes come from a value of type 'tensor<1x2x9x8xf32>'}}
func.func @shape_of_ids(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>, %a: tensor<1x1x6xi32>, %b: tensor<1x1x6xi32>) {
  // expected-error @below {{'linnet.attention' op expected the ids of keys to have shape [1, 1, 9], got 'tensor<1x1x6xi32>' [attention C7]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf32>)
      ids(%a, %b : tensor<1x1x6xi32>, tensor<1x1x6xi32>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @block_size_without_blocks(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>) {
  // expected-error @below {{'linnet.attention' op expected blocks beside partial and block_size [attention C8]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf32>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64, block_size = array<i64: 2, 2>}
  return
}

// -----

func.func @no_block_size(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>, %s: tensor<1x1x4xi32>, %c: tensor<?xi32>) {
  // expected-error @below {{'linnet.attention' op expected a block_size of queries and keys, both at least 1, beside blocks [attention C8]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf32>)
      blocks(%s, %c : tensor<1x1x4xi32>, tensor<?xi32>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @empty_block(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>, %s: tensor<1x1x4xi32>, %c: tensor<?xi32>) {
  // expected-error @below {{'linnet.attention' op expected a block_size of queries and keys, both at least 1, beside blocks [attention C8]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf32>)
      blocks(%s, %c : tensor<1x1x4xi32>, tensor<?xi32>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64, block_size = array<i64: 2, 0>}
  return
}

// -----

// expected-note @+1 {{the sizes come from a value of type 'tensor<1x4x6x5xf32>'}}
func.func @starts_of_blocks(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>, %s: tensor<1x1x3xi32>, %c: tensor<?xi32>) {
  // expected-error @below {{'linnet.attention' op expected the starts of blocks to have shape [1, 1, 4], got 'tensor<1x1x3xi32>' [attention C8]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf32>)
      blocks(%s, %c : tensor<1x1x3xi32>, tensor<?xi32>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64, block_size = array<i64: 2, 2>}
  return
}

// -----

// expected-note @+2 {{the sizes come from a value of type 'tensor<?x1xi32>'}}
func.func @columns_of_blocks(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>, %s: tensor<1x1x4xi32>, %c: tensor<?x1xi32>) {
  // expected-error @below {{'linnet.attention' op expected the columns of blocks to have shape [?], got 'tensor<?x1xi32>' [attention C8]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf32>)
      blocks(%s, %c : tensor<1x1x4xi32>, tensor<?x1xi32>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64, block_size = array<i64: 2, 2>}
  return
}

// -----

// expected-note @+2 {{the sizes come from a value of type 'tensor<7xi32>'}}
func.func @partial(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>, %s: tensor<1x1x4xi32>, %c: tensor<7xi32>, %p: tensor<6xi32>, %b: tensor<?x2x2xi8>) {
  // expected-error @below {{'linnet.attention' op expected partial to have shape [7], got 'tensor<6xi32>' [attention C9]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf32>)
      blocks(%s, %c : tensor<1x1x4xi32>, tensor<7xi32>) partial(%p, %b : tensor<6xi32>, tensor<?x2x2xi8>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64, block_size = array<i64: 2, 2>}
  return
}

// -----

// expected-note @+2 {{the sizes come from a value of type 'tensor<7xi32>'}}
func.func @bits_of_partial(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>, %s: tensor<1x1x4xi32>, %c: tensor<7xi32>, %p: tensor<7xi32>, %b: tensor<?x2x2xi8>) {
  // expected-error @below {{'linnet.attention' op expected the bits of partial to have shape [?, 3, 2], got 'tensor<?x2x2xi8>' [attention C9]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf32>)
      blocks(%s, %c : tensor<1x1x4xi32>, tensor<7xi32>) partial(%p, %b : tensor<7xi32>, tensor<?x2x2xi8>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64, block_size = array<i64: 2, 3>}
  return
}

// -----

func.func @elements_of_bits(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>, %s: tensor<1x1x4xi32>, %c: tensor<7xi32>, %p: tensor<7xi32>, %b: tensor<?x2x2xi1>) {
  // expected-error @below {{'linnet.attention' op expected the bits of partial to have elements of type 'i8', got 'i1' [attention C9]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf32>)
      blocks(%s, %c : tensor<1x1x4xi32>, tensor<7xi32>) partial(%p, %b : tensor<7xi32>, tensor<?x2x2xi1>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64, block_size = array<i64: 2, 2>}
  return
}

// -----

// expected-note @+1 {{the sizes come from a value of type 'tensor<1x4x6x8xf32>'}}
func.func @alibi(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>, %a: tensor<2xf32>) {
  // expected-error @below {{'linnet.attention' op expected alibi to have shape [4], got 'tensor<2xf32>' [attention C10]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf32>) alibi(%a : tensor<2xf32>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

// expected-note @+2 {{the sizes come from a value of type 'tensor<3xi32>'}}
func.func @batch_with_offsets(%q: tensor<2x4x6x8xf32>, %k: tensor<2x2x9x8xf32>, %v: tensor<2x2x9x5xf32>, %o: tensor<2x4x6x5xf32>,
    %l: tensor<2x4x6xf32>, %a: tensor<3xi32>) {
  // expected-error @below {{'linnet.attention' op expected q to have shape [1, 4, 6, 8], got 'tensor<2x4x6x8xf32>' [attention C11]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<2x4x6x8xf32>, tensor<2x2x9x8xf32>, tensor<2x2x9x5xf32>) offsets(%a, %a : tensor<3xi32>, tensor<3xi32>)
      outs(%o, %l : tensor<2x4x6x5xf32>, tensor<2x4x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @position_with_offsets(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>, %a: tensor<3xi32>, %p: index) {
  // expected-error @below {{'linnet.attention' op expected offsets without position, rows, ids and blocks [attention C11]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf32>) position(%p) offsets(%a, %a : tensor<3xi32>, tensor<3xi32>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

// expected-note @+2 {{the sizes come from a value of type 'tensor<3xi32>'}}
func.func @offsets(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>, %a: tensor<3xi32>, %b: tensor<4xi32>) {
  // expected-error @below {{'linnet.attention' op expected the offsets of keys to have shape [3], got 'tensor<4xi32>' [attention C11]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf32>) offsets(%a, %b : tensor<3xi32>, tensor<4xi32>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @elements(%q: tensor<1x4x6x8xi32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>) {
  // expected-error @below {{'linnet.attention' op expected q to have elements of type f32, f64, bf16 or f16, got 'i32' [attention C12]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xi32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf32>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @elements_of_v(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf64>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf32>) {
  // expected-error @below {{'linnet.attention' op expected v to have elements of type 'f32', got 'f64' [attention C13]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf64>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @elements_of_lse(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x9x8xf32>, %v: tensor<1x2x9x5xf32>, %o: tensor<1x4x6x5xf32>,
    %l: tensor<1x4x6xf64>) {
  // expected-error @below {{'linnet.attention' op expected lse to have elements of type 'f32', got 'f64' [attention C13]}}
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x4x6x8xf32>, tensor<1x2x9x8xf32>, tensor<1x2x9x5xf32>)
      outs(%o, %l : tensor<1x4x6x5xf32>, tensor<1x4x6xf64>) {scale = 1.0 : f64}
  return
}

// -----

// expected-error @below {{expected left to be a number from -1 to 1073741823, got -2 [mask C1]}}
func.func private @window() attributes {mask = #linnet.window<left = -2, right = 0>}

// -----

// expected-error @below {{expected right to be a number from -1 to 1073741823, got -7 [mask C1]}}
func.func private @window() attributes {mask = #linnet.window<left = 0, right = -7>}

// -----

// expected-error @below {{expected window to be a number from 0 to 1073741823, got -1 [mask C1]}}
func.func private @dilated() attributes {mask = #linnet.dilated<window = -1, step = 1>}

// -----

// expected-error @below {{expected a window of 32-bit size, got 70000 steps of 70000 [mask C1]}}
func.func private @dilated() attributes {mask = #linnet.dilated<window = 70000, step = 70000>}

// -----

// expected-error @below {{expected queries to be a number from 1 to 1073741823, got 0 [mask C2]}}
func.func private @block_diagonal() attributes {mask = #linnet.block_diagonal<queries = 0, keys = 4>}

// -----

// expected-error @below {{expected keys to be a number from 1 to 1073741823, got 0 [mask C2]}}
func.func private @block_diagonal() attributes {mask = #linnet.block_diagonal<queries = 4, keys = 0>}

// -----

// expected-error @below {{expected step to be a number from 1 to 1073741823, got 0 [mask C2]}}
func.func private @dilated() attributes {mask = #linnet.dilated<window = 1, step = 0>}

// -----

// expected-error @below {{expected step to be a number from 1 to 1073741823, got 0 [mask C2]}}
func.func private @strided() attributes {mask = #linnet.strided<0>}

// -----

// expected-error @below {{expected size to be a number from 0 to 1073741823, got -1 [mask C3]}}
func.func private @prefix() attributes {mask = #linnet.prefix<-1>}

// -----

// expected-error @below {{expected size to be a number from 0 to 1073741823, got -1 [mask C3]}}
func.func private @query_prefix() attributes {mask = #linnet.query_prefix<-1>}

// -----

// expected-error @below {{expected parts that are masks, got 4 : i64 [mask C4]}}
func.func private @all_of() attributes {mask = #linnet.all_of<#linnet.causal, 4 : i64>}

// -----

// expected-error @below {{expected parts that are masks, got "window" [mask C4]}}
func.func private @any_of() attributes {mask = #linnet.any_of<"window">}
