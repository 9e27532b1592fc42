// --linnet-select-path marks what the fast path does not cover and says why in a remark; path=fast makes that an error,
// path=reference marks everything.

// RUN: linnet-opt %s --linnet-select-path --verify-diagnostics | FileCheck %s
// RUN: linnet-opt %s --linnet-select-path=path=reference 2>&1 | FileCheck %s --check-prefix=REFERENCE
// RUN: not linnet-opt %s --linnet-select-path=path=fast 2>&1 | FileCheck %s --check-prefix=FAST
// RUN: not linnet-opt %s --linnet-select-path=path=slow 2>&1 | FileCheck %s --check-prefix=PATH

// REFERENCE-NOT: remark
// REFERENCE-COUNT-26: linnet.path = "reference"
// REFERENCE-NOT: linnet.path

// All of them at once.
// FAST: error: 'linnet.affine_scan' op is not covered by the fast path: the elements are not f32; LINNET_PATH=auto would take the reference path
// FAST: error: 'linnet.affine_scan' op is not covered by the fast path: a dimension has size 0
// FAST-COUNT-2: error: 'linnet.causal_conv1d' op is not covered by the fast path
// FAST-COUNT-4: error: 'linnet.selective_scan' op is not covered by the fast path
// FAST-COUNT-5: error: 'linnet.linear_attention' op is not covered by the fast path
// FAST-COUNT-4: error: 'linnet.block_local_attention' op is not covered by the fast path
// FAST-COUNT-5: error: 'linnet.attention' op is not covered by the fast path
// FAST-NOT: is not covered

// PATH: error: expected path to be auto, fast or reference, got slow

// CHECK-LABEL: func @covered
// CHECK-NOT:     linnet.path
// CHECK-LABEL: func @affine_scan
func.func @covered(%x: tensor<?x?x32xf32>, %w: tensor<32x16xf32>, %b: tensor<?x?x8x16xf32>, %s: tensor<?x32x16xf32>,
                   %h: tensor<?x32xf32>, %c: tensor<?x15x32xf32>, %z: tensor<?x32x2x2xf32>, %az: tensor<32x2x2xf32>)
    -> (tensor<?x?x32xf32>, tensor<?x15x32xf32>, tensor<?x32xf32>, tensor<?x32x2x2xf32>) {
  %0:2 = linnet.affine_scan ins(%x, %x : tensor<?x?x32xf32>, tensor<?x?x32xf32>)
                            outs(%x, %h : tensor<?x?x32xf32>, tensor<?x32xf32>) {dimension = 1 : i64, reverse}
  %1:2 = linnet.causal_conv1d ins(%0#0, %w : tensor<?x?x32xf32>, tensor<32x16xf32>)
                              outs(%x, %c : tensor<?x?x32xf32>, tensor<?x15x32xf32>)
  // Groups of four channels.
  %2:2 = linnet.selective_scan
      ins(%1#0, %x, %w, %b, %w
          : tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<32x16xf32>, tensor<?x?x8x16xf32>, tensor<32x16xf32>)
      outs(%x, %s : tensor<?x?x32xf32>, tensor<?x32x16xf32>)
  %3:2 = linnet.selective_scan
      ins(%2#0, %x, %az, %az, %az
          : tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<32x2x2xf32>, tensor<32x2x2xf32>, tensor<32x2x2xf32>)
      outs(%x, %z : tensor<?x?x32xf32>, tensor<?x32x2x2xf32>) {complex}
  return %3#0, %1#1, %0#1, %3#1 : tensor<?x?x32xf32>, tensor<?x15x32xf32>, tensor<?x32xf32>, tensor<?x32x2x2xf32>
}

// CHECK:         {dimension = 1 : i64, linnet.path = "reference"}
// CHECK:         {dimension = 0 : i64, linnet.path = "reference"}
func.func @affine_scan(%a: tensor<2x5x8xf64>, %s: tensor<2x8xf64>, %v: tensor<0x4xf32>, %n: tensor<4xf32>)
    -> (tensor<2x8xf64>, tensor<4xf32>) {
  // expected-remark @below {{linnet.affine_scan takes the reference path: the elements are not f32}}
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<2x5x8xf64>, tensor<2x5x8xf64>)
                            outs(%a, %s : tensor<2x5x8xf64>, tensor<2x8xf64>) {dimension = 1 : i64}
  // expected-remark @below {{a dimension has size 0}}
  %1:2 = linnet.affine_scan ins(%v, %v : tensor<0x4xf32>, tensor<0x4xf32>)
                            outs(%v, %n : tensor<0x4xf32>, tensor<4xf32>) {dimension = 0 : i64}
  return %0#1, %1#1 : tensor<2x8xf64>, tensor<4xf32>
}

// CHECK-LABEL: func @causal_conv1d
// CHECK-COUNT-2: linnet.path = "reference"
func.func @causal_conv1d(%x: tensor<2x?x8xf32>, %w: tensor<8x?xf32>, %w17: tensor<8x17xf32>, %s: tensor<2x?x8xf32>,
                         %s16: tensor<2x16x8xf32>) -> (tensor<2x?x8xf32>, tensor<2x?x8xf32>) {
  // expected-remark @below {{linnet.causal_conv1d takes the reference path: the width is dynamic}}
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x?x8xf32>, tensor<8x?xf32>)
                              outs(%x, %s : tensor<2x?x8xf32>, tensor<2x?x8xf32>)
  // expected-remark @below {{the width 17 is above 16}}
  %1:2 = linnet.causal_conv1d ins(%x, %w17 : tensor<2x?x8xf32>, tensor<8x17xf32>)
                              outs(%x, %s16 : tensor<2x?x8xf32>, tensor<2x16x8xf32>)
  return %0#0, %1#0 : tensor<2x?x8xf32>, tensor<2x?x8xf32>
}

// CHECK-LABEL: func @selective_scan
// CHECK-COUNT-4: linnet.path = "reference"
func.func @selective_scan(
    %u: tensor<1x?x8xf32>, %s: tensor<1x8x2xf32>, %s0: tensor<1x8x?xf32>, %a: tensor<8x2xf32>, %a0: tensor<8x?xf32>,
    %b: tensor<1x?x4x2xf32>, %b0: tensor<1x?x?x2xf32>, %al: tensor<8x257xf32>, %sl: tensor<1x8x257xf32>,
    %ud: tensor<1x?x?xf32>) -> (tensor<1x?x8xf32>, tensor<1x?x8xf32>, tensor<1x?x8xf32>, tensor<1x?x?xf32>) {
  // expected-remark @below {{linnet.selective_scan takes the reference path: the number of states is dynamic}}
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a0, %a0, %a0 : tensor<1x?x8xf32>, tensor<1x?x8xf32>, tensor<8x?xf32>, tensor<8x?xf32>, tensor<8x?xf32>)
      outs(%u, %s0 : tensor<1x?x8xf32>, tensor<1x8x?xf32>)
  // expected-remark @below {{257 states are more than 256}}
  %1:2 = linnet.selective_scan
      ins(%u, %u, %al, %al, %al
          : tensor<1x?x8xf32>, tensor<1x?x8xf32>, tensor<8x257xf32>, tensor<8x257xf32>, tensor<8x257xf32>)
      outs(%u, %sl : tensor<1x?x8xf32>, tensor<1x8x257xf32>)
  // expected-remark @below {{groups or channels are dynamic}}
  %2:2 = linnet.selective_scan
      ins(%u, %u, %a, %a, %b0
          : tensor<1x?x8xf32>, tensor<1x?x8xf32>, tensor<8x2xf32>, tensor<8x2xf32>, tensor<1x?x?x2xf32>)
      outs(%u, %s : tensor<1x?x8xf32>, tensor<1x8x2xf32>)
  // expected-remark @below {{groups or channels are dynamic}}
  %3:2 = linnet.selective_scan
      ins(%ud, %ud, %a, %b, %b
          : tensor<1x?x?xf32>, tensor<1x?x?xf32>, tensor<8x2xf32>, tensor<1x?x4x2xf32>, tensor<1x?x4x2xf32>)
      outs(%ud, %s : tensor<1x?x?xf32>, tensor<1x8x2xf32>)
  return %0#0, %1#0, %2#0, %3#0 : tensor<1x?x8xf32>, tensor<1x?x8xf32>, tensor<1x?x8xf32>, tensor<1x?x?xf32>
}

// CHECK-LABEL: func @linear_attention
// CHECK-COUNT-5: linnet.path = "reference"
func.func @linear_attention(
    %v: tensor<1x?x2x8xf32>, %s: tensor<1x2x8x8xf32>, %h: tensor<1x?x2x8xf64>, %sh: tensor<1x2x8x8xf64>, %kd: tensor<1x?x2x?xf32>,
    %sk: tensor<1x2x?x8xf32>, %qh: tensor<1x?x?x8xf32>, %s0: tensor<0x2x8x8xf32>, %v0: tensor<0x?x2x8xf32>,
    %kl: tensor<1x?x2x1025xf32>, %sl: tensor<1x2x1025x8xf32>)
    -> (tensor<1x?x2x8xf64>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<0x?x2x8xf32>, tensor<1x?x2x8xf32>) {
  // expected-remark @below {{linnet.linear_attention takes the reference path: the elements are f64}}
  %0:2 = linnet.linear_attention ins(%h, %h, %h : tensor<1x?x2x8xf64>, tensor<1x?x2x8xf64>, tensor<1x?x2x8xf64>)
      outs(%h, %sh : tensor<1x?x2x8xf64>, tensor<1x2x8x8xf64>) {scale = 1.0 : f64}
  // expected-remark @below {{the sizes of keys and values are not static}}
  %1:2 = linnet.linear_attention ins(%kd, %kd, %v : tensor<1x?x2x?xf32>, tensor<1x?x2x?xf32>, tensor<1x?x2x8xf32>)
      outs(%v, %sk : tensor<1x?x2x8xf32>, tensor<1x2x?x8xf32>) {scale = 1.0 : f64}
  // expected-remark @below {{the number of heads is not static}}
  %2:2 = linnet.linear_attention ins(%qh, %v, %v : tensor<1x?x?x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>)
      outs(%v, %s : tensor<1x?x2x8xf32>, tensor<1x2x8x8xf32>) {scale = 1.0 : f64}
  // expected-remark @below {{a dimension has size 0}}
  %3:2 = linnet.linear_attention ins(%v0, %v0, %v0 : tensor<0x?x2x8xf32>, tensor<0x?x2x8xf32>, tensor<0x?x2x8xf32>)
      outs(%v0, %s0 : tensor<0x?x2x8xf32>, tensor<0x2x8x8xf32>) {scale = 1.0 : f64}
  // expected-remark @below {{no part of the state of a head fits 64 KiB}}
  %4:2 = linnet.linear_attention ins(%kl, %kl, %v : tensor<1x?x2x1025xf32>, tensor<1x?x2x1025xf32>, tensor<1x?x2x8xf32>)
      outs(%v, %sl : tensor<1x?x2x8xf32>, tensor<1x2x1025x8xf32>) {scale = 1.0 : f64}
  return %0#0, %1#0, %2#0, %3#0, %4#0
      : tensor<1x?x2x8xf64>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<0x?x2x8xf32>, tensor<1x?x2x8xf32>
}

// CHECK-LABEL: func @block_local_attention
// CHECK-COUNT-4: linnet.path = "reference"
func.func @block_local_attention(%d: tensor<1x?x2x8xf64>, %kd: tensor<1x?x2x?xf32>, %hd: tensor<1x?x?x8xf32>,
                                 %v: tensor<1x?x2x8xf32>)
    -> (tensor<1x?x2x8xf64>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>) {
  // expected-remark @below {{linnet.block_local_attention takes the reference path: the elements are f64}}
  %0 = linnet.block_local_attention ins(%d, %d, %d : tensor<1x?x2x8xf64>, tensor<1x?x2x8xf64>, tensor<1x?x2x8xf64>)
      outs(%d : tensor<1x?x2x8xf64>) {block_size = 16 : i64, scale = 1.0 : f64}
  // expected-remark @below {{the sizes of keys and values are not static}}
  %1 = linnet.block_local_attention ins(%kd, %kd, %v : tensor<1x?x2x?xf32>, tensor<1x?x2x?xf32>, tensor<1x?x2x8xf32>)
      outs(%v : tensor<1x?x2x8xf32>) {block_size = 16 : i64, scale = 1.0 : f64}
  // expected-remark @below {{the number of heads is not static}}
  %2 = linnet.block_local_attention ins(%hd, %v, %v : tensor<1x?x?x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>)
      outs(%v : tensor<1x?x2x8xf32>) {block_size = 16 : i64, scale = 1.0 : f64}
  // expected-remark @below {{the keys of a block do not fit 64 KiB}}
  %3 = linnet.block_local_attention ins(%v, %v, %v : tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>)
      outs(%v : tensor<1x?x2x8xf32>) {block_size = 1025 : i64, scale = 1.0 : f64}
  return %0, %1, %2, %3 : tensor<1x?x2x8xf64>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>
}

// CHECK-LABEL: func @attention
// CHECK-COUNT-5: linnet.path = "reference"
func.func @attention(%d: tensor<1x2x?x8xf64>, %dl: tensor<1x2x?xf64>, %kd: tensor<1x2x?x?xf32>, %hd: tensor<1x?x?x8xf32>,
                     %hl: tensor<1x?x?xf32>, %v: tensor<1x2x?x8xf32>, %l: tensor<1x2x?xf32>, %large: tensor<1x2x?x513xf32>,
                     %c: tensor<?xi32>, %ids: tensor<1x1x?xi32>)
    -> (tensor<1x2x?x8xf64>, tensor<1x2x?x8xf32>, tensor<1x?x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>) {
  // expected-remark @below {{linnet.attention takes the reference path: the elements are f64}}
  %0:2 = linnet.attention ins(%d, %d, %d : tensor<1x2x?x8xf64>, tensor<1x2x?x8xf64>, tensor<1x2x?x8xf64>)
      outs(%d, %dl : tensor<1x2x?x8xf64>, tensor<1x2x?xf64>) {scale = 1.0 : f64}
  // expected-remark @below {{the sizes of keys and values are not static}}
  %1:2 = linnet.attention ins(%kd, %kd, %v : tensor<1x2x?x?xf32>, tensor<1x2x?x?xf32>, tensor<1x2x?x8xf32>)
      outs(%v, %l : tensor<1x2x?x8xf32>, tensor<1x2x?xf32>) {scale = 1.0 : f64}
  // expected-remark @below {{the number of heads is not static}}
  %2:2 = linnet.attention ins(%hd, %hd, %hd : tensor<1x?x?x8xf32>, tensor<1x?x?x8xf32>, tensor<1x?x?x8xf32>)
      outs(%hd, %hl : tensor<1x?x?x8xf32>, tensor<1x?x?xf32>) {scale = 1.0 : f64}
  // expected-remark @below {{heads of 513 elements are not from 1 to 512}}
  %3:2 = linnet.attention ins(%large, %large, %v : tensor<1x2x?x513xf32>, tensor<1x2x?x513xf32>, tensor<1x2x?x8xf32>)
      outs(%v, %l : tensor<1x2x?x8xf32>, tensor<1x2x?xf32>) {scale = 1.0 : f64}
  // expected-remark @below {{there are ids beside blocks of 1 keys, which are smaller than 8}}
  %4:2 = linnet.attention ins(%v, %v, %v : tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>)
      ids(%ids, %ids : tensor<1x1x?xi32>, tensor<1x1x?xi32>) blocks(%ids, %c : tensor<1x1x?xi32>, tensor<?xi32>)
      outs(%v, %l : tensor<1x2x?x8xf32>, tensor<1x2x?xf32>) {scale = 1.0 : f64, block_size = array<i64: 1, 1>}
  return %0#0, %1#0, %2#0, %3#0, %4#0
      : tensor<1x2x?x8xf64>, tensor<1x2x?x8xf32>, tensor<1x?x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>
}
