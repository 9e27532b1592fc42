// --linnet-approximate-math: every elementary function of f32 becomes a program of the library. What the programs
// compute is verified by linnet-evolve (test/linnet-evolve), here is which one is taken, and what is left alone.

// RUN: linnet-opt %s --split-input-file --linnet-approximate-math --remark-policy=all --remarks-filter=linnet 2>&1 >%t | FileCheck %s --check-prefix=FMA-USES
// RUN: FileCheck %s --check-prefix=FMA --input-file=%t
// RUN: linnet-opt %s --split-input-file --linnet-approximate-math=avx512 --remark-policy=all --remarks-filter=linnet 2>&1 >%t | FileCheck %s --check-prefix=AVX512-USES
// RUN: FileCheck %s --check-prefix=AVX512 --input-file=%t
// RUN: linnet-opt %s --split-input-file --linnet-approximate-math=fma=false --remark-policy=all --remarks-filter=linnet 2>&1 >%t | FileCheck %s --check-prefix=GENERIC-USES
// RUN: FileCheck %s --check-prefix=GENERIC --input-file=%t --implicit-check-not=math.fma

// Without an attribute: within 1 ULP.
// FMA-USES: exp by exp-degree6:
// AVX512-USES: exp by exp-table16:
// GENERIC-USES: exp by exp-degree6-products:
// AVX512-LABEL: func @exp(
// AVX512-NOT:     math.exp
// AVX512:         llvm.call_intrinsic "llvm.x86.avx512.mask.scalef.ps.512"
func.func @exp(%x: vector<16xf32>) -> vector<16xf32> {
  %0 = math.exp %x : vector<16xf32>
  return %0 : vector<16xf32>
}

// -----

// The instructions of AVX-512 are for 16 lanes; other shapes take what every target has.
// AVX512-USES: exp by exp-degree6:
// AVX512-LABEL: func @other_shapes(
// AVX512-NOT:     llvm.call_intrinsic
// AVX512:         return
func.func @other_shapes(%s: f32, %v: vector<4x2xf32>) -> (f32, vector<4x2xf32>) {
  %0 = math.exp %s : f32
  %1 = math.exp %v : vector<4x2xf32>
  return %0, %1 : f32, vector<4x2xf32>
}

// -----

// Less is asked for: something cheaper.
// AVX512-USES-DAG: exp by exp-reduce-degree2:
// AVX512-USES-DAG: exp by exp-reduce-degree3:
// FMA-USES-DAG: exp by exp-exponent-degree3:
func.func @accuracy(%x: vector<16xf32>) -> (vector<16xf32>, vector<16xf32>) {
  %0 = math.exp %x {linnet.accuracy = #linnet.accuracy<rel = 0.01>} : vector<16xf32>
  %1 = math.exp %x {linnet.accuracy = #linnet.accuracy<rel = 0.001>} : vector<16xf32>
  return %0, %1 : vector<16xf32>, vector<16xf32>
}

// -----

// Forms that are written out are one function, and their parts are gone.
// AVX512-USES-DAG: sigmoid by
// AVX512-USES-DAG: silu by
// AVX512-USES-DAG: gelu by
// AVX512-USES-DAG: softplus by
// AVX512-LABEL: func @fused(
// AVX512-NOT:     {{math.(exp|log1p|erf)}} 
// AVX512:         return
func.func @fused(%x: vector<16xf32>) -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>) {
  %one = arith.constant dense<1.0> : vector<16xf32>
  %half = arith.constant dense<0.5> : vector<16xf32>
  %root = arith.constant dense<0.707106769> : vector<16xf32>
  %twenty = arith.constant dense<20.0> : vector<16xf32>
  %negated = arith.negf %x : vector<16xf32>
  %power = math.exp %negated : vector<16xf32>
  %sum = arith.addf %one, %power : vector<16xf32>
  %sigmoid = arith.divf %one, %sum : vector<16xf32>
  %silu = arith.divf %x, %sum : vector<16xf32>
  %scaled = arith.mulf %x, %root : vector<16xf32>
  %erf = math.erf %scaled : vector<16xf32>
  %shifted = arith.addf %erf, %one : vector<16xf32>
  %halved = arith.mulf %x, %half : vector<16xf32>
  %gelu = arith.mulf %halved, %shifted : vector<16xf32>
  %exp = math.exp %x : vector<16xf32>
  %log = math.log1p %exp : vector<16xf32>
  %large = arith.cmpf ogt, %x, %twenty : vector<16xf32>
  %softplus = arith.select %large, %x, %log : vector<16xi1>, vector<16xf32>
  return %sigmoid, %silu, %gelu, %softplus : vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>
}

// -----

// The gate of another value: as it is written, where the program for exp and a division cost less than the sigmoid; a
// product where an accuracy makes the sigmoid the cheaper one.
// AVX512-USES-DAG: exp by exp-table16:
// AVX512-USES-DAG: sigmoid by
// AVX512-LABEL: func @gate(
// AVX512:         arith.divf %arg1, %{{.*}} : vector<16xf32>
// AVX512-NEXT:    return
// AVX512-LABEL: func @rough_gate(
// AVX512-NOT:     arith.divf
// AVX512:         arith.mulf %arg1, %{{.*}} : vector<16xf32>
// AVX512-NEXT:    return
func.func @gate(%y: vector<16xf32>, %x: vector<16xf32>) -> vector<16xf32> {
  %one = arith.constant dense<1.0> : vector<16xf32>
  %negated = arith.negf %y : vector<16xf32>
  %power = math.exp %negated : vector<16xf32>
  %sum = arith.addf %power, %one : vector<16xf32>
  %0 = arith.divf %x, %sum : vector<16xf32>
  return %0 : vector<16xf32>
}
func.func @rough_gate(%y: vector<16xf32>, %x: vector<16xf32>) -> vector<16xf32> {
  %one = arith.constant dense<1.0> : vector<16xf32>
  %negated = arith.negf %y : vector<16xf32>
  %power = math.exp %negated {linnet.accuracy = #linnet.accuracy<rel = 0.001>} : vector<16xf32>
  %sum = arith.addf %power, %one : vector<16xf32>
  %0 = arith.divf %x, %sum : vector<16xf32>
  return %0 : vector<16xf32>
}

// -----

// Huge arguments of sin and cos have a program of their own, which only lanes with such an argument take.
// FMA-USES-DAG: sin by sin-f64-bounded:
// FMA-USES-DAG: sin by sin-f64:
// FMA-LABEL: func @huge(
// FMA:         %[[OUTSIDE:.*]] = arith.cmpf ogt
// FMA:         %[[ANY:.*]] = vector.reduction <or>
// FMA:         scf.if %[[ANY]]
// FMA:           arith.select %[[OUTSIDE]]
func.func @huge(%x: vector<8xf32>) -> vector<8xf32> {
  %0 = math.sin %x : vector<8xf32>
  return %0 : vector<8xf32>
}

// -----

// A division is left alone, unless less than a division is asked for.
// AVX512-USES: reciprocal by reciprocal-estimate:
// AVX512-LABEL: func @division(
// AVX512:         arith.divf
// AVX512:         llvm.call_intrinsic "llvm.x86.avx512.rcp14.ps.512"
func.func @division(%x: vector<16xf32>) -> (vector<16xf32>, vector<16xf32>) {
  %one = arith.constant dense<1.0> : vector<16xf32>
  %0 = arith.divf %one, %x : vector<16xf32>
  %1 = arith.divf %one, %x {linnet.accuracy = #linnet.accuracy<rel = 0.001>} : vector<16xf32>
  return %0, %1 : vector<16xf32>, vector<16xf32>
}

// -----

// f64 has no programs, and exact functions are instructions.
// FMA-LABEL: func @alone(
// FMA-NEXT:    math.exp
// FMA-NEXT:    math.sqrt
// FMA-NEXT:    math.absf
func.func @alone(%x: f64, %y: f32) -> (f64, f32, f32) {
  %0 = math.exp %x : f64
  %1 = math.sqrt %y : f32
  %2 = math.absf %y : f32
  return %0, %1, %2 : f64, f32, f32
}

// -----

// GENERIC-LABEL: func @fma(
// GENERIC:         %[[PRODUCT:.*]] = arith.mulf %{{.*}}, %{{.*}} : vector<8xf32>
// GENERIC:         arith.addf %[[PRODUCT]], %{{.*}} : vector<8xf32>
func.func @fma(%x: vector<8xf32>) -> vector<8xf32> {
  %0 = math.fma %x, %x, %x : vector<8xf32>
  return %0 : vector<8xf32>
}
