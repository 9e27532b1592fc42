// One case per fault that the verifier of kronecker_attention finds, in the order in which it looks;
// docs/spec/kronecker-attention.md explains the numbers in brackets.

// RUN: linnet-opt %s --split-input-file --verify-diagnostics

func.func @rank(%q: tensor<2x4x7x8xf32>, %k1: tensor<2x2x5x8xf32>, %k2: tensor<2x2x6x8xf32>, %v1: tensor<2x5x3xf32>, %v2: tensor<2x2x6x3xf32>, %o: tensor<2x4x7x3xf32>, %l: tensor<2x4x7xf32>) {
  // expected-error @below {{'linnet.kronecker_attention' op expected v1 to have rank 4, got 'tensor<2x5x3xf32>' [kronecker-attention C1]}}
  %0:2 = linnet.kronecker_attention ins(%q, %k1, %k2, %v1, %v2 : tensor<2x4x7x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x6x8xf32>, tensor<2x5x3xf32>, tensor<2x2x6x3xf32>)
      outs(%o, %l : tensor<2x4x7x3xf32>, tensor<2x4x7xf32>) {scale = 1.0 : f64}
  return
}

// -----

// expected-note @below {{the sizes come from a value of type}}
func.func @size_of_keys(%q: tensor<2x4x7x8xf32>, %k1: tensor<2x2x5x8xf32>, %k2: tensor<2x2x6x9xf32>, %v1: tensor<2x2x5x3xf32>, %v2: tensor<2x2x6x3xf32>, %o: tensor<2x4x7x3xf32>, %l: tensor<2x4x7xf32>) {
  // expected-error @below {{'linnet.kronecker_attention' op expected k2 to have shape [2, 2, 6, 8], got 'tensor<2x2x6x9xf32>' [kronecker-attention C2]}}
  %0:2 = linnet.kronecker_attention ins(%q, %k1, %k2, %v1, %v2 : tensor<2x4x7x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x6x9xf32>, tensor<2x2x5x3xf32>, tensor<2x2x6x3xf32>)
      outs(%o, %l : tensor<2x4x7x3xf32>, tensor<2x4x7xf32>) {scale = 1.0 : f64}
  return
}

// -----

// expected-note @below {{the sizes come from a value of type}}
func.func @batch_of_values(%q: tensor<2x4x7x8xf32>, %k1: tensor<2x2x5x8xf32>, %k2: tensor<2x2x6x8xf32>, %v1: tensor<1x2x5x3xf32>, %v2: tensor<2x2x6x3xf32>, %o: tensor<2x4x7x3xf32>, %l: tensor<2x4x7xf32>) {
  // expected-error @below {{'linnet.kronecker_attention' op expected v1 to have shape [2, 2, 5, 3], got 'tensor<1x2x5x3xf32>' [kronecker-attention C2]}}
  %0:2 = linnet.kronecker_attention ins(%q, %k1, %k2, %v1, %v2 : tensor<2x4x7x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x6x8xf32>, tensor<1x2x5x3xf32>, tensor<2x2x6x3xf32>)
      outs(%o, %l : tensor<2x4x7x3xf32>, tensor<2x4x7xf32>) {scale = 1.0 : f64}
  return
}

// -----

// expected-note @below {{the sizes come from a value of type}}
func.func @number_of_keys(%q: tensor<2x4x7x8xf32>, %k1: tensor<2x2x5x8xf32>, %k2: tensor<2x2x6x8xf32>, %v1: tensor<2x2x5x3xf32>, %v2: tensor<2x2x5x3xf32>, %o: tensor<2x4x7x3xf32>, %l: tensor<2x4x7xf32>) {
  // expected-error @below {{'linnet.kronecker_attention' op expected v2 to have shape [2, 2, 6, 3], got 'tensor<2x2x5x3xf32>' [kronecker-attention C2]}}
  %0:2 = linnet.kronecker_attention ins(%q, %k1, %k2, %v1, %v2 : tensor<2x4x7x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x6x8xf32>, tensor<2x2x5x3xf32>, tensor<2x2x5x3xf32>)
      outs(%o, %l : tensor<2x4x7x3xf32>, tensor<2x4x7xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @heads(%q: tensor<2x3x7x8xf32>, %k1: tensor<2x2x5x8xf32>, %k2: tensor<2x2x6x8xf32>, %v1: tensor<2x2x5x3xf32>, %v2: tensor<2x2x6x3xf32>, %o: tensor<2x4x7x3xf32>, %l: tensor<2x4x7xf32>) {
  // expected-error @below {{'linnet.kronecker_attention' op expected the heads of k1 to divide the 3 heads of q, got 2 [kronecker-attention C3]}}
  %0:2 = linnet.kronecker_attention ins(%q, %k1, %k2, %v1, %v2 : tensor<2x3x7x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x6x8xf32>, tensor<2x2x5x3xf32>, tensor<2x2x6x3xf32>)
      outs(%o, %l : tensor<2x4x7x3xf32>, tensor<2x4x7xf32>) {scale = 1.0 : f64}
  return
}

// -----

// expected-note @below {{the sizes come from a value of type}}
func.func @result(%q: tensor<2x4x7x8xf32>, %k1: tensor<2x2x5x8xf32>, %k2: tensor<2x2x6x8xf32>, %v1: tensor<2x2x5x3xf32>, %v2: tensor<2x2x6x3xf32>, %o: tensor<2x4x7x8xf32>, %l: tensor<2x4x7xf32>) {
  // expected-error @below {{'linnet.kronecker_attention' op expected o to have shape [2, 4, 7, 3], got 'tensor<2x4x7x8xf32>' [kronecker-attention C4]}}
  %0:2 = linnet.kronecker_attention ins(%q, %k1, %k2, %v1, %v2 : tensor<2x4x7x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x6x8xf32>, tensor<2x2x5x3xf32>, tensor<2x2x6x3xf32>)
      outs(%o, %l : tensor<2x4x7x8xf32>, tensor<2x4x7xf32>) {scale = 1.0 : f64}
  return
}

// -----

// expected-note @below {{the sizes come from a value of type}}
func.func @lse(%q: tensor<2x4x7x8xf32>, %k1: tensor<2x2x5x8xf32>, %k2: tensor<2x2x6x8xf32>, %v1: tensor<2x2x5x3xf32>, %v2: tensor<2x2x6x3xf32>, %o: tensor<2x4x7x3xf32>, %l: tensor<2x4x6xf32>) {
  // expected-error @below {{'linnet.kronecker_attention' op expected lse to have shape [2, 4, 7], got 'tensor<2x4x6xf32>' [kronecker-attention C5]}}
  %0:2 = linnet.kronecker_attention ins(%q, %k1, %k2, %v1, %v2 : tensor<2x4x7x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x6x8xf32>, tensor<2x2x5x3xf32>, tensor<2x2x6x3xf32>)
      outs(%o, %l : tensor<2x4x7x3xf32>, tensor<2x4x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @scale(%q: tensor<2x4x7x8xf32>, %k1: tensor<2x2x5x8xf32>, %k2: tensor<2x2x6x8xf32>, %v1: tensor<2x2x5x3xf32>, %v2: tensor<2x2x6x3xf32>, %o: tensor<2x4x7x3xf32>, %l: tensor<2x4x7xf32>) {
  // expected-error @below {{'linnet.kronecker_attention' op expected a finite scale [kronecker-attention C6]}}
  %0:2 = linnet.kronecker_attention ins(%q, %k1, %k2, %v1, %v2 : tensor<2x4x7x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x6x8xf32>, tensor<2x2x5x3xf32>, tensor<2x2x6x3xf32>)
      outs(%o, %l : tensor<2x4x7x3xf32>, tensor<2x4x7xf32>) {scale = 0x7FF0000000000000 : f64}
  return
}

// -----

func.func @elements(%q: tensor<2x4x7x8xbf16>, %k1: tensor<2x2x5x8xf32>, %k2: tensor<2x2x6x8xf32>, %v1: tensor<2x2x5x3xf32>, %v2: tensor<2x2x6x3xf32>, %o: tensor<2x4x7x3xf32>, %l: tensor<2x4x7xf32>) {
  // expected-error @below {{'linnet.kronecker_attention' op expected q to have elements of type f32 or f64, got 'bf16' [kronecker-attention C7]}}
  %0:2 = linnet.kronecker_attention ins(%q, %k1, %k2, %v1, %v2 : tensor<2x4x7x8xbf16>, tensor<2x2x5x8xf32>, tensor<2x2x6x8xf32>, tensor<2x2x5x3xf32>, tensor<2x2x6x3xf32>)
      outs(%o, %l : tensor<2x4x7x3xf32>, tensor<2x4x7xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @elements_of_values(%q: tensor<2x4x7x8xf32>, %k1: tensor<2x2x5x8xf32>, %k2: tensor<2x2x6x8xf32>, %v1: tensor<2x2x5x3xf32>, %v2: tensor<2x2x6x3xf64>, %o: tensor<2x4x7x3xf32>, %l: tensor<2x4x7xf32>) {
  // expected-error @below {{'linnet.kronecker_attention' op expected v2 to have elements of type 'f32', got 'f64' [kronecker-attention C8]}}
  %0:2 = linnet.kronecker_attention ins(%q, %k1, %k2, %v1, %v2 : tensor<2x4x7x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x6x8xf32>, tensor<2x2x5x3xf32>, tensor<2x2x6x3xf64>)
      outs(%o, %l : tensor<2x4x7x3xf32>, tensor<2x4x7xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @elements_of_lse(%q: tensor<2x4x7x8xf32>, %k1: tensor<2x2x5x8xf32>, %k2: tensor<2x2x6x8xf32>, %v1: tensor<2x2x5x3xf32>, %v2: tensor<2x2x6x3xf32>, %o: tensor<2x4x7x3xf32>, %l: tensor<2x4x7xf64>) {
  // expected-error @below {{'linnet.kronecker_attention' op expected lse to have elements of type 'f32', got 'f64' [kronecker-attention C8]}}
  %0:2 = linnet.kronecker_attention ins(%q, %k1, %k2, %v1, %v2 : tensor<2x4x7x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x6x8xf32>, tensor<2x2x5x3xf32>, tensor<2x2x6x3xf32>)
      outs(%o, %l : tensor<2x4x7x3xf32>, tensor<2x4x7xf64>) {scale = 1.0 : f64}
  return
}

// -----

// expected-note @below {{the sizes come from a value of type}}
func.func @positions(%q: tensor<2x4x7x8xf32>, %k1: tensor<2x2x5x8xf32>, %k2: tensor<2x2x6x8xf32>, %v1: tensor<2x2x5x3xf32>, %v2: tensor<2x2x6x3xf32>, %o: tensor<2x4x7x3xf32>, %l: tensor<2x4x7xf32>, %p: tensor<8xi32>) {
  // expected-error @below {{'linnet.kronecker_attention' op expected positions to have shape [7], got 'tensor<8xi32>' [kronecker-attention C9]}}
  %0:2 = linnet.kronecker_attention ins(%q, %k1, %k2, %v1, %v2 : tensor<2x4x7x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x6x8xf32>, tensor<2x2x5x3xf32>, tensor<2x2x6x3xf32>) positions(%p : tensor<8xi32>)
      outs(%o, %l : tensor<2x4x7x3xf32>, tensor<2x4x7xf32>) {scale = 1.0 : f64, causal}
  return
}

// -----

func.func @elements_of_positions(%q: tensor<2x4x7x8xf32>, %k1: tensor<2x2x5x8xf32>, %k2: tensor<2x2x6x8xf32>, %v1: tensor<2x2x5x3xf32>, %v2: tensor<2x2x6x3xf32>, %o: tensor<2x4x7x3xf32>, %l: tensor<2x4x7xf32>, %p: tensor<7xi64>) {
  // expected-error @below {{'linnet.kronecker_attention' op expected positions to have elements of type 'i32', got 'i64' [kronecker-attention C9]}}
  %0:2 = linnet.kronecker_attention ins(%q, %k1, %k2, %v1, %v2 : tensor<2x4x7x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x6x8xf32>, tensor<2x2x5x3xf32>, tensor<2x2x6x3xf32>) positions(%p : tensor<7xi64>)
      outs(%o, %l : tensor<2x4x7x3xf32>, tensor<2x4x7xf32>) {scale = 1.0 : f64, causal}
  return
}

// -----

func.func @positions_without_causal(%q: tensor<2x4x7x8xf32>, %k1: tensor<2x2x5x8xf32>, %k2: tensor<2x2x6x8xf32>, %v1: tensor<2x2x5x3xf32>, %v2: tensor<2x2x6x3xf32>, %o: tensor<2x4x7x3xf32>, %l: tensor<2x4x7xf32>, %p: tensor<7xi32>) {
  // expected-error @below {{'linnet.kronecker_attention' op expected positions with causal only [kronecker-attention C10]}}
  %0:2 = linnet.kronecker_attention ins(%q, %k1, %k2, %v1, %v2 : tensor<2x4x7x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x6x8xf32>, tensor<2x2x5x3xf32>, tensor<2x2x6x3xf32>) positions(%p : tensor<7xi32>)
      outs(%o, %l : tensor<2x4x7x3xf32>, tensor<2x4x7xf32>) {scale = 1.0 : f64}
  return
}
