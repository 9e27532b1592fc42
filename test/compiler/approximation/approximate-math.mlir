// --linnet-approximate-math: exp of f32 becomes Linnet's own program, the others MLIR's polynomials. What they compute
// is tested in test/integration/approximate-math.mlir, and exhaustively by tools/verify-math.

// RUN: linnet-opt %s --linnet-approximate-math | FileCheck %s --check-prefixes=CHECK,PLAIN
// RUN: linnet-opt %s --linnet-approximate-math=avx512 | FileCheck %s --check-prefixes=CHECK,AVX512
// RUN: linnet-opt %s --linnet-approximate-math=fma=false | FileCheck %s --check-prefix=NOFMA --implicit-check-not=math.fma

// The argument is bounded in the form that keeps NaN; 2^n is two factors. AVX-512 bounds, looks up and scales by
// instructions of its own.
// CHECK-LABEL: func @exp(
// CHECK-NOT:     math.exp
// PLAIN-NOT:     llvm.call_intrinsic
// PLAIN:         %[[LOW:.*]] = arith.cmpf olt, %[[X:.*]], %{{.*}} : vector<16xf32>
// PLAIN:         arith.select %[[LOW]], %{{.*}}, %[[X]]
// PLAIN:         arith.cmpf ogt
// PLAIN-COUNT-6: arith.addf {{.*}} fastmath<contract> : vector<16xf32>
// PLAIN:         arith.shrsi
// PLAIN-COUNT-2: arith.shli
// AVX512-NOT:    arith.shli
// AVX512:        llvm.call_intrinsic "llvm.x86.avx512.mask.scalef.ps.512"
// CHECK:         return
func.func @exp(%x: vector<16xf32>) -> vector<16xf32> {
  %0 = math.exp %x : vector<16xf32>
  return %0 : vector<16xf32>
}

// The instructions are for 16 lanes; other shapes take the factors on every target.
// CHECK-LABEL: func @exp_of_other_shapes(
// CHECK-NOT:     llvm.call_intrinsic
// CHECK-COUNT-2: arith.shli {{.*}} : i32
// CHECK-COUNT-2: arith.shli {{.*}} : vector<4x2xi32>
// CHECK:         return
func.func @exp_of_other_shapes(%s: f32, %v: vector<4x2xf32>) -> (f32, vector<4x2xf32>) {
  %0 = math.exp %s : f32
  %1 = math.exp %v : vector<4x2xf32>
  return %0, %1 : f32, vector<4x2xf32>
}

// f64 has no program of its own.
// CHECK-LABEL: func @exp_of_f64(
// CHECK-NEXT:    math.exp
func.func @exp_of_f64(%x: f64) -> f64 {
  %0 = math.exp %x : f64
  return %0 : f64
}

// CHECK-LABEL: func @polynomials(
// CHECK-NOT:     math.{{log|log1p|log2|expm1|sin|cos|tanh|erf|exp}} %
// CHECK:         return

// A fused multiply-add would be a library call per element on a target that has none.
// NOFMA-LABEL: func @polynomials(
// NOFMA-NOT:     math.{{log|log1p|log2|expm1|sin|cos|tanh|erf|exp}} %
// NOFMA:         return
func.func @polynomials(%x: f32) -> (f32, f32, f32, f32, f32, f32, f32, f32) {
  %0 = math.log %x : f32
  %1 = math.log1p %x : f32
  %2 = math.log2 %x : f32
  %3 = math.expm1 %x : f32
  %4 = math.sin %x : f32
  %5 = math.cos %x : f32
  %6 = math.tanh %x : f32
  %7 = math.erf %x : f32
  return %0, %1, %2, %3, %4, %5, %6, %7 : f32, f32, f32, f32, f32, f32, f32, f32
}

// NOFMA-LABEL: func @fma(
// NOFMA:         %[[PRODUCT:.*]] = arith.mulf %{{.*}}, %{{.*}} : vector<8xf32>
// NOFMA:         arith.addf %[[PRODUCT]], %{{.*}} : vector<8xf32>
// CHECK-LABEL: func @fma(
// CHECK-NEXT:    math.fma
func.func @fma(%x: vector<8xf32>) -> vector<8xf32> {
  %0 = math.fma %x, %x, %x : vector<8xf32>
  return %0 : vector<8xf32>
}

// Exact functions stay: they are instructions.
// CHECK-LABEL: func @instructions(
// CHECK:         math.sqrt
// CHECK:         math.rsqrt
// CHECK:         math.absf
func.func @instructions(%x: f32) -> (f32, f32, f32) {
  %0 = math.sqrt %x : f32
  %1 = math.rsqrt %x : f32
  %2 = math.absf %x : f32
  return %0, %1, %2 : f32, f32, f32
}
