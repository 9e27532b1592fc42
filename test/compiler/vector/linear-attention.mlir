// A tile of linear attention becomes blocks of four tokens that pass the rows of the state, 32 columns at a time.

// RUN: linnet-opt %s --linnet-vectorize-tiles --canonicalize --cse | FileCheck %s --implicit-check-not=linnet.
// RUN: linnet-opt %s --linnet-vectorize-tiles --remark-policy=all --remarks-filter=linnet 2>&1 >%t | FileCheck %s --check-prefix=REMARK
// RUN: linnet-opt %s --linnet-vectorize-tiles=avx512-bf16 --remark-policy=all --remarks-filter=linnet 2>&1 >%t | FileCheck %s --check-prefix=BF16-REMARK
// RUN: linnet-opt %s --linnet-vectorize-tiles=avx512-bf16 --canonicalize --cse | FileCheck %s --check-prefix=BF16
// RUN: linnet-opt %s --linnet-vectorize-tiles=lanes=8 --canonicalize --cse | FileCheck %s --check-prefix=LANES8

// A block reads a row of the state once for its four tokens, adds what they write, and writes it back: 8 accumulators,
// and the packed state, are carried from key to key. Then the tokens that are left, one by one.
// CHECK-LABEL: func @head_decay(
// CHECK-SAME:    %[[Q:[^:]*]]: tensor<1x?x1x32xf32>, %[[K:[^:]*]]: tensor<1x?x1x32xf32>, %[[V:[^:]*]]: tensor<1x?x1x64xf32>, %[[G:[^:]*]]: tensor<1x?x1xf32>
// CHECK:         tensor.empty() : tensor<2x32x32xf32>
// The dots of queries and keys, j <= i, and one exponential for the four decays.
// CHECK:         scf.for {{.*}} step %c16 {{.*}} -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK:         %[[LOGS:.*]] = vector.from_elements
// CHECK-NEXT:    math.exp %[[LOGS]]
// CHECK-NOT:     math.exp
// CHECK-COUNT-8: memref.prefetch
// CHECK:         %{{.*}}:9 = scf.for %[[KEY:.*]] = %c0 to %c32 step %c1 {{.*}} -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, tensor<2x32x32xf32>)
// CHECK-NEXT:      %[[ROW0:.*]] = vector.transfer_read %[[STATE:[^\[]*]][%[[TILE:.*]], %[[KEY]], %c0]
// CHECK-NEXT:      %[[ROW1:.*]] = vector.transfer_read %[[STATE]][%[[TILE]], %[[KEY]], %c16]
// CHECK-COUNT-4:   tensor.extract %[[Q]]
// CHECK-COUNT-4:   tensor.extract %[[K]]
// CHECK:           %[[NEXT:.*]] = vector.transfer_write %{{.*}}, %[[STATE]][%[[TILE]], %[[KEY]], %c0]
// CHECK-NEXT:      vector.transfer_write %{{.*}}, %[[NEXT]][%[[TILE]], %[[KEY]], %c16]
// CHECK:         %{{.*}}:3 = scf.for {{.*}} -> (vector<16xf32>, vector<16xf32>, tensor<2x32x32xf32>)
// Half as many columns at a time with 16 registers of 8 numbers.
// LANES8-LABEL: func @head_decay(
// LANES8:         tensor.empty() : tensor<8x32x8xf32>
// LANES8:         %{{.*}}:5 = scf.for {{.*}} -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, tensor<8x32x8xf32>)
func.func @head_decay(%q: tensor<1x?x1x32xf32>, %k: tensor<1x?x1x32xf32>, %v: tensor<1x?x1x64xf32>,
                      %g: tensor<1x?x1xf32>, %s: tensor<1x1x32x64xf32>) -> (tensor<1x?x1x64xf32>, tensor<1x1x32x64xf32>) {
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<1x?x1x32xf32>, tensor<1x?x1x32xf32>, tensor<1x?x1x64xf32>)
      log_decay(%g : tensor<1x?x1xf32>) outs(%v, %s : tensor<1x?x1x64xf32>, tensor<1x1x32x64xf32>) {scale = 0.5 : f64}
  return %0#0, %0#1 : tensor<1x?x1x64xf32>, tensor<1x1x32x64xf32>
}

// Rows with a decay per key are prepared with all their factors: four to read with, four to write with, one for the
// state.
// CHECK-LABEL: func @key_decay(
// CHECK:         tensor.empty() : tensor<{{[0-9]+}}x9x32xf32>
// CHECK-COUNT-4: math.exp
func.func @key_decay(%q: tensor<1x?x1x32xf32>, %v: tensor<1x?x1x64xf32>, %g: tensor<1x?x1x32xf32>,
                     %s: tensor<1x1x32x64xf32>) -> (tensor<1x?x1x64xf32>, tensor<1x1x32x64xf32>) {
  %0:2 = linnet.linear_attention ins(%q, %q, %v : tensor<1x?x1x32xf32>, tensor<1x?x1x32xf32>, tensor<1x?x1x64xf32>)
      log_decay(%g : tensor<1x?x1x32xf32>) outs(%v, %s : tensor<1x?x1x64xf32>, tensor<1x1x32x64xf32>) {scale = 0.5 : f64}
  return %0#0, %0#1 : tensor<1x?x1x64xf32>, tensor<1x1x32x64xf32>
}

// The delta rule passes the state twice: what to write is known only when it has been read with the keys too.
// CHECK-LABEL: func @delta(
// CHECK:         %{{.*}}:16 = scf.for {{.*}} to %c32 step %c1
// CHECK-NOT:       vector.transfer_write
// CHECK:         scf.yield
// CHECK:         arith.subf
// CHECK:         %{{.*}} = scf.for {{.*}} to %c32 step %c1 {{.*}} -> (tensor<2x32x32xf32>)
func.func @delta(%q: tensor<1x?x1x32xf32>, %v: tensor<1x?x1x64xf32>, %b: tensor<1x?x1xf32>, %s: tensor<1x1x32x64xf32>)
    -> (tensor<1x?x1x64xf32>, tensor<1x1x32x64xf32>) {
  %0:2 = linnet.linear_attention ins(%q, %q, %v : tensor<1x?x1x32xf32>, tensor<1x?x1x32xf32>, tensor<1x?x1x64xf32>)
      beta(%b : tensor<1x?x1xf32>) outs(%v, %s : tensor<1x?x1x64xf32>, tensor<1x1x32x64xf32>) {scale = 0.5 : f64}
  return %0#0, %0#1 : tensor<1x?x1x64xf32>, tensor<1x1x32x64xf32>
}

// One token: the state is read from where it is and written where it goes, and neither is packed.
// CHECK-LABEL: func @step(
// CHECK-SAME:    %[[Q:[^:]*]]: tensor<1x1x1x32xf32>, %[[V:[^:]*]]: tensor<1x1x1x64xf32>, %[[S:[^:]*]]: tensor<1x1x32x64xf32>
// CHECK:         %[[PLACE:.*]] = tensor.empty() : tensor<1x1x32x64xf32>
// CHECK:         scf.for %[[KEY:.*]] = %c0 to %c32 step %c1 iter_args({{.*}}, %[[NEXT:.*]] = %[[PLACE]])
// CHECK-COUNT-4:   vector.transfer_read %[[S]][%c0, %c0, %[[KEY]], %c{{[0-9]+}}], %{{.*}} {in_bounds = [true]}
// CHECK:           vector.transfer_write %{{.*}}, %[[NEXT]][%c0, %c0, %[[KEY]], %c0]
func.func @step(%q: tensor<1x1x1x32xf32>, %v: tensor<1x1x1x64xf32>, %s: tensor<1x1x32x64xf32>)
    -> (tensor<1x1x1x64xf32>, tensor<1x1x32x64xf32>) {
  %0:2 = linnet.linear_attention ins(%q, %q, %v : tensor<1x1x1x32xf32>, tensor<1x1x1x32xf32>, tensor<1x1x1x64xf32>)
      outs(%v, %s : tensor<1x1x1x64xf32>, tensor<1x1x32x64xf32>) {scale = 0.5 : f64}
  return %0#0, %0#1 : tensor<1x1x1x64xf32>, tensor<1x1x32x64xf32>
}

// A hint of less makes smaller blocks; a remark tells which form was taken, and what it costs.
// REMARK: linear-attention.mlir:{{[0-9]+}}:10: remark: {{.*}}"blocks of 4 tokens; vector operations a token and head: token by token {{[0-9.]+}}, blocks of 4 tokens {{[0-9.]+}}, chunks of 16 {{[0-9.]+}}, chunks of 32 {{[0-9.]+}}, chunks of 64 {{[0-9.]+}}"
// REMARK-NOT: chunk_size
// REMARK: remark: {{.*}}no chunks: it is one token
// REMARK: remark: {{.*}}blocks of 1 tokens (chunk_size asks for it)
// CHECK-LABEL: func @token_by_token(
// CHECK:         %{{.*}}:3 = scf.for {{.*}} to %c32 step %c1 {{.*}} -> (vector<16xf32>, vector<16xf32>, tensor<2x32x32xf32>)
// CHECK-NOT:     scf.for {{.*}} to %c32 step %c1 {{.*}} -> (vector<16xf32>, vector<16xf32>, vector<16xf32>
func.func @token_by_token(%q: tensor<1x?x1x32xf32>, %v: tensor<1x?x1x64xf32>, %s: tensor<1x1x32x64xf32>)
    -> (tensor<1x?x1x64xf32>, tensor<1x1x32x64xf32>) {
  %0:2 = linnet.linear_attention ins(%q, %q, %v : tensor<1x?x1x32xf32>, tensor<1x?x1x32xf32>, tensor<1x?x1x64xf32>)
      outs(%v, %s : tensor<1x?x1x64xf32>, tensor<1x1x32x64xf32>) {scale = 0.5 : f64, chunk_size = 1 : i64}
  return %0#0, %0#1 : tensor<1x?x1x64xf32>, tensor<1x1x32x64xf32>
}

// Of bf16, chunks cost least where the target multiplies pairs: keys are turned and joined in pairs, scores are masked
// and rounded; then 8 tokens by 32 columns are summed in registers, over keys and over tokens, and 8 keys by 32 columns
// of the state. Values that are not finite go the way of blocks. Without the instructions there are only blocks.
// BF16-REMARK: remark: {{.*}}"chunks of {{16|32}} tokens; vector operations a token and head: token by token
// REMARK:      remark: {{.*}}"blocks of 4 tokens; {{.*}}; no chunks: the target has no AVX512-BF16"
// BF16-LABEL: func @bf16(
// BF16:         %[[FINITE:.*]] = arith.cmpi ult
// BF16:         scf.if %[[FINITE]]
// BF16:           vector.bitcast %{{.*}} : vector<32xbf16> to vector<16xi32>
// BF16:           math.exp
// BF16:           scf.for {{.*}} to %c32 step %c1
// BF16-COUNT-16:    x86vector.avx512.dot
// BF16:             scf.yield
// BF16:           arith.truncf %{{.*}} : vector<16xf32> to vector<16xbf16>
// BF16:           scf.for {{.*}} to %c32 step %c1
// BF16-COUNT-16:    x86vector.avx512.dot
// BF16-NOT:         vector.transfer_write
// BF16:             scf.yield
// BF16:         else
// BF16-NOT:       x86vector
// BF16:         return
// Without them: elements are widened when rows are staged.
// CHECK-LABEL: func @bf16(
// CHECK-NOT:     x86vector
// CHECK:         arith.extf %{{.*}} : vector<16xbf16> to vector<16xf32>
// CHECK:         return
func.func @bf16(%q: tensor<1x?x1x64xbf16>, %v: tensor<1x?x1x64xbf16>, %g: tensor<1x?x1xf32>, %s: tensor<1x1x64x64xf32>)
    -> (tensor<1x?x1x64xbf16>, tensor<1x1x64x64xf32>) {
  %0:2 = linnet.linear_attention ins(%q, %q, %v : tensor<1x?x1x64xbf16>, tensor<1x?x1x64xbf16>, tensor<1x?x1x64xbf16>)
      log_decay(%g : tensor<1x?x1xf32>)
      outs(%v, %s : tensor<1x?x1x64xbf16>, tensor<1x1x64x64xf32>) {scale = 0.5 : f64}
  return %0#0, %0#1 : tensor<1x?x1x64xbf16>, tensor<1x1x64x64xf32>
}

// A hint of 16 or more asks for chunks of f32 as well, though they cost more; so the remark says.
// REMARK: remark: {{.*}}"chunks of 32 tokens (chunk_size asks for it);
// CHECK-LABEL: func @chunks(
// CHECK:         scf.if
// CHECK:           scf.for {{.*}} to %c32 step %c1 {{.*}} -> (vector<16xf32>, vector<16xf32>
func.func @chunks(%q: tensor<1x?x1x32xf32>, %v: tensor<1x?x1x64xf32>, %s: tensor<1x1x32x64xf32>)
    -> (tensor<1x?x1x64xf32>, tensor<1x1x32x64xf32>) {
  %0:2 = linnet.linear_attention ins(%q, %q, %v : tensor<1x?x1x32xf32>, tensor<1x?x1x32xf32>, tensor<1x?x1x64xf32>)
      outs(%v, %s : tensor<1x?x1x64xf32>, tensor<1x1x32x64xf32>) {scale = 0.5 : f64, chunk_size = 50 : i64}
  return %0#0, %0#1 : tensor<1x?x1x64xf32>, tensor<1x1x32x64xf32>
}

// Wide states in f32 stay in blocks too: loads and stores hide behind multiply-adds.
// REMARK: remark: {{.*}}"blocks of 4 tokens; {{.*}}chunks of 64
// CHECK-LABEL: func @wide(
// CHECK-NOT:     scf.if
// CHECK:         return
func.func @wide(%v: tensor<1x?x1x128xf32>, %s: tensor<1x1x128x128xf32>)
    -> (tensor<1x?x1x128xf32>, tensor<1x1x128x128xf32>) {
  %0:2 = linnet.linear_attention ins(%v, %v, %v : tensor<1x?x1x128xf32>, tensor<1x?x1x128xf32>, tensor<1x?x1x128xf32>)
      outs(%v, %s : tensor<1x?x1x128xf32>, tensor<1x1x128x128xf32>) {scale = 0.5 : f64}
  return %0#0, %0#1 : tensor<1x?x1x128xf32>, tensor<1x1x128x128xf32>
}
