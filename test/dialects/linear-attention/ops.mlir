// Every form of linear_attention and ssd is printed as it was read: as text, in the generic form and as bytecode.

// RUN: linnet-opt %s | linnet-opt | FileCheck %s
// RUN: linnet-opt %s --mlir-print-op-generic | linnet-opt | FileCheck %s
// RUN: linnet-opt %s --emit-bytecode | linnet-opt | FileCheck %s

// Defaults are not printed.
// CHECK-LABEL: func @plain(
// CHECK-SAME:    %[[Q:.*]]: tensor<2x?x4x8xf32>, %[[V:.*]]: tensor<2x?x4x6xf32>, %[[S:.*]]: tensor<2x4x8x6xf32>
// CHECK:         %{{.*}}, %{{.*}} = linnet.linear_attention
// CHECK-SAME:      ins(%[[Q]], %[[Q]], %[[V]] : tensor<2x?x4x8xf32>, tensor<2x?x4x8xf32>, tensor<2x?x4x6xf32>)
// CHECK-SAME:      outs(%[[V]], %[[S]] : tensor<2x?x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.250000e-01 : f64}
func.func @plain(%q: tensor<2x?x4x8xf32>, %v: tensor<2x?x4x6xf32>, %s: tensor<2x4x8x6xf32>)
    -> (tensor<2x?x4x6xf32>, tensor<2x4x8x6xf32>) {
  %0:2 = linnet.linear_attention
      ins(%q, %q, %v : tensor<2x?x4x8xf32>, tensor<2x?x4x8xf32>, tensor<2x?x4x6xf32>)
      outs(%v, %s : tensor<2x?x4x6xf32>, tensor<2x4x8x6xf32>)
      {scale = 0.125, state_layout = #linnet.state_layout<kv>, l2norm_eps = 1.0e-6 : f64}
  return %0#0, %0#1 : tensor<2x?x4x6xf32>, tensor<2x4x8x6xf32>
}

// The three forms of decay.
// CHECK-LABEL: func @decays(
// CHECK:         log_decay(%{{.*}} : tensor<4xf32>) outs(
// CHECK:         log_decay(%{{.*}} : tensor<2x?x4xf32>) outs(
// CHECK:         log_decay(%{{.*}} : tensor<2x?x4x8xf32>) outs(
func.func @decays(%q: tensor<2x?x4x8xf32>, %v: tensor<2x?x4x6xf32>, %constant: tensor<4xf32>, %head: tensor<2x?x4xf32>,
                  %key: tensor<2x?x4x8xf32>, %s: tensor<2x4x8x6xf32>) -> tensor<2x?x4x6xf32> {
  %0:2 = linnet.linear_attention
      ins(%q, %q, %v : tensor<2x?x4x8xf32>, tensor<2x?x4x8xf32>, tensor<2x?x4x6xf32>)
      log_decay(%constant : tensor<4xf32>)
      outs(%v, %s : tensor<2x?x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0}
  %1:2 = linnet.linear_attention
      ins(%q, %q, %0#0 : tensor<2x?x4x8xf32>, tensor<2x?x4x8xf32>, tensor<2x?x4x6xf32>)
      log_decay(%head : tensor<2x?x4xf32>)
      outs(%v, %s : tensor<2x?x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0}
  %2:2 = linnet.linear_attention
      ins(%q, %q, %1#0 : tensor<2x?x4x8xf32>, tensor<2x?x4x8xf32>, tensor<2x?x4x6xf32>)
      log_decay(%key : tensor<2x?x4x8xf32>)
      outs(%v, %s : tensor<2x?x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0}
  return %2#0 : tensor<2x?x4x6xf32>
}

// Each optional operand alone, and all that go together: the segments keep them apart.
// CHECK-LABEL: func @options(
// CHECK-SAME:    %[[Q:.*]]: tensor<1x9x4x8xf32>, %[[V:.*]]: tensor<1x9x4x6xf32>, %[[G:.*]]: tensor<4xf32>, %[[BETA:.*]]: tensor<1x9x4xf32>, %[[BONUS:.*]]: tensor<4x8xf32>, %[[OFFSETS:.*]]: tensor<2xi64>, %[[S:.*]]: tensor<1x4x8x6xf32>
// CHECK:         ins({{.*}}) beta(%[[BETA]] : tensor<1x9x4xf32>) outs(
// CHECK:         ins({{.*}}) erase(%[[Q]] : tensor<1x9x4x8xf32>) write(%[[Q]] : tensor<1x9x4x8xf32>) outs(
// CHECK:         ins({{.*}}) bonus(%[[BONUS]] : tensor<4x8xf32>) outs({{.*}}) {pre_update, scale
// CHECK:         ins({{.*}}) cu_seqlens(%[[OFFSETS]] : tensor<2xi64>) outs(
// CHECK:         ins({{.*}}) log_decay(%[[G]] : tensor<4xf32>) beta(%[[BETA]] : tensor<1x9x4xf32>) bonus(%[[BONUS]] : tensor<4x8xf32>)
// CHECK-SAME:      cu_seqlens(%[[OFFSETS]] : tensor<2xi64>) outs(
// CHECK:         ins({{.*}}) log_decay(%[[Q]] : tensor<1x9x4x8xf32>) erase(%[[Q]] : tensor<1x9x4x8xf32>)
// CHECK-SAME:      write(%[[Q]] : tensor<1x9x4x8xf32>) bonus(%[[BONUS]] : tensor<4x8xf32>) cu_seqlens(%[[OFFSETS]] : tensor<2xi64>) outs(
func.func @options(%q: tensor<1x9x4x8xf32>, %v: tensor<1x9x4x6xf32>, %g: tensor<4xf32>, %beta: tensor<1x9x4xf32>,
                   %bonus: tensor<4x8xf32>, %offsets: tensor<2xi64>, %s: tensor<1x4x8x6xf32>) -> tensor<1x9x4x6xf32> {
  %0:2 = linnet.linear_attention
      ins(%q, %q, %v : tensor<1x9x4x8xf32>, tensor<1x9x4x8xf32>, tensor<1x9x4x6xf32>)
      beta(%beta : tensor<1x9x4xf32>)
      outs(%v, %s : tensor<1x9x4x6xf32>, tensor<1x4x8x6xf32>) {scale = 1.0}
  %1:2 = linnet.linear_attention
      ins(%q, %q, %0#0 : tensor<1x9x4x8xf32>, tensor<1x9x4x8xf32>, tensor<1x9x4x6xf32>)
      erase(%q : tensor<1x9x4x8xf32>) write(%q : tensor<1x9x4x8xf32>)
      outs(%v, %s : tensor<1x9x4x6xf32>, tensor<1x4x8x6xf32>) {scale = 1.0}
  %2:2 = linnet.linear_attention
      ins(%q, %q, %1#0 : tensor<1x9x4x8xf32>, tensor<1x9x4x8xf32>, tensor<1x9x4x6xf32>)
      bonus(%bonus : tensor<4x8xf32>)
      outs(%v, %s : tensor<1x9x4x6xf32>, tensor<1x4x8x6xf32>) {scale = 1.0, pre_update}
  %3:2 = linnet.linear_attention
      ins(%q, %q, %2#0 : tensor<1x9x4x8xf32>, tensor<1x9x4x8xf32>, tensor<1x9x4x6xf32>)
      cu_seqlens(%offsets : tensor<2xi64>)
      outs(%v, %s : tensor<1x9x4x6xf32>, tensor<1x4x8x6xf32>) {scale = 1.0}
  %4:2 = linnet.linear_attention
      ins(%q, %q, %3#0 : tensor<1x9x4x8xf32>, tensor<1x9x4x8xf32>, tensor<1x9x4x6xf32>)
      log_decay(%g : tensor<4xf32>) beta(%beta : tensor<1x9x4xf32>) bonus(%bonus : tensor<4x8xf32>)
      cu_seqlens(%offsets : tensor<2xi64>)
      outs(%v, %s : tensor<1x9x4x6xf32>, tensor<1x4x8x6xf32>) {scale = 1.0, pre_update}
  %5:2 = linnet.linear_attention
      ins(%q, %q, %4#0 : tensor<1x9x4x8xf32>, tensor<1x9x4x8xf32>, tensor<1x9x4x6xf32>)
      log_decay(%q : tensor<1x9x4x8xf32>) erase(%q : tensor<1x9x4x8xf32>) write(%q : tensor<1x9x4x8xf32>)
      bonus(%bonus : tensor<4x8xf32>) cu_seqlens(%offsets : tensor<2xi64>)
      outs(%v, %s : tensor<1x9x4x6xf32>, tensor<1x4x8x6xf32>) {scale = 1.0, pre_update}
  return %5#0 : tensor<1x9x4x6xf32>
}

// CHECK-LABEL: func @attributes(
// CHECK:         {chunk_size = 64 : i64, l2norm_eps = 5.000000e-01 : f64, normalize, qk_l2norm, reverse, scale = -2.500000e-01 : f64, state_layout = #linnet.state_layout<vk>, sub_chunk_size = 16 : i64}
// CHECK:         {bidirectional, scale = 1.000000e+00 : f64}
// CHECK:         {bidirectional, normalize, scale = 1.000000e+00 : f64}
func.func @attributes(%q: tensor<2x?x4x8xf32>, %v: tensor<2x?x4x6xf32>, %s: tensor<2x4x8x6xf32>,
                      %sums: tensor<2x4x8x7xf32>, %vk: tensor<2x4x7x8xf32>) -> tensor<2x?x4x6xf32> {
  %0:2 = linnet.linear_attention
      ins(%q, %q, %v : tensor<2x?x4x8xf32>, tensor<2x?x4x8xf32>, tensor<2x?x4x6xf32>)
      outs(%v, %vk : tensor<2x?x4x6xf32>, tensor<2x4x7x8xf32>)
      {scale = -0.25, state_layout = #linnet.state_layout<vk>, normalize, qk_l2norm, l2norm_eps = 0.5 : f64,
       reverse, chunk_size = 64 : i64, sub_chunk_size = 16 : i64}
  %1:2 = linnet.linear_attention
      ins(%q, %q, %0#0 : tensor<2x?x4x8xf32>, tensor<2x?x4x8xf32>, tensor<2x?x4x6xf32>)
      outs(%v, %s : tensor<2x?x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0, bidirectional}
  %2:2 = linnet.linear_attention
      ins(%q, %q, %1#0 : tensor<2x?x4x8xf32>, tensor<2x?x4x8xf32>, tensor<2x?x4x6xf32>)
      outs(%v, %sums : tensor<2x?x4x6xf32>, tensor<2x4x8x7xf32>) {scale = 1.0, bidirectional, normalize}
  return %2#0 : tensor<2x?x4x6xf32>
}

// The heads of q and of k divide those of v, each in its way.
// CHECK-LABEL: func @heads(
// CHECK:         ins({{.*}} : tensor<2x?x2x8xf32>, tensor<2x?x1x8xf32>, tensor<2x?x6x6xf32>)
func.func @heads(%q: tensor<2x?x2x8xf32>, %k: tensor<2x?x1x8xf32>, %v: tensor<2x?x6x6xf32>, %s: tensor<2x6x8x6xf32>)
    -> tensor<2x?x6x6xf32> {
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<2x?x2x8xf32>, tensor<2x?x1x8xf32>, tensor<2x?x6x6xf32>)
      outs(%v, %s : tensor<2x?x6x6xf32>, tensor<2x6x8x6xf32>) {scale = 1.0}
  return %0#0 : tensor<2x?x6x6xf32>
}

// Decays and states have the type of the sums.
// CHECK-LABEL: func @element_types(
// CHECK:         log_decay(%{{.*}} : tensor<4xf32>) beta(%{{.*}} : tensor<1x5x4xbf16>) outs(%{{.*}} : tensor<1x5x4x8xbf16>, tensor<1x4x8x8xf32>)
// CHECK:         log_decay(%{{.*}} : tensor<4xf32>) outs(%{{.*}} : tensor<1x5x4x8xf16>, tensor<1x4x8x8xf32>)
// CHECK:         log_decay(%{{.*}} : tensor<4xf64>) outs(%{{.*}} : tensor<1x5x4x8xf64>, tensor<1x4x8x8xf64>)
func.func @element_types(%b: tensor<1x5x4x8xbf16>, %h: tensor<1x5x4x8xf16>, %d: tensor<1x5x4x8xf64>,
                         %beta: tensor<1x5x4xbf16>, %g: tensor<4xf32>, %wide: tensor<4xf64>, %s: tensor<1x4x8x8xf32>,
                         %r: tensor<1x4x8x8xf64>)
    -> (tensor<1x5x4x8xbf16>, tensor<1x5x4x8xf16>, tensor<1x5x4x8xf64>) {
  %0:2 = linnet.linear_attention
      ins(%b, %b, %b : tensor<1x5x4x8xbf16>, tensor<1x5x4x8xbf16>, tensor<1x5x4x8xbf16>)
      log_decay(%g : tensor<4xf32>) beta(%beta : tensor<1x5x4xbf16>)
      outs(%b, %s : tensor<1x5x4x8xbf16>, tensor<1x4x8x8xf32>) {scale = 1.0}
  %1:2 = linnet.linear_attention
      ins(%h, %h, %h : tensor<1x5x4x8xf16>, tensor<1x5x4x8xf16>, tensor<1x5x4x8xf16>)
      log_decay(%g : tensor<4xf32>)
      outs(%h, %s : tensor<1x5x4x8xf16>, tensor<1x4x8x8xf32>) {scale = 1.0}
  %2:2 = linnet.linear_attention
      ins(%d, %d, %d : tensor<1x5x4x8xf64>, tensor<1x5x4x8xf64>, tensor<1x5x4x8xf64>)
      log_decay(%wide : tensor<4xf64>)
      outs(%d, %r : tensor<1x5x4x8xf64>, tensor<1x4x8x8xf64>) {scale = 1.0}
  return %0#0, %1#0, %2#0 : tensor<1x5x4x8xbf16>, tensor<1x5x4x8xf16>, tensor<1x5x4x8xf64>
}

// N + 1 offsets for N states, static or not; no sequence at all is one offset.
// CHECK-LABEL: func @packed(
// CHECK:         cu_seqlens(%{{.*}} : tensor<4xi32>) outs(%{{.*}}, %{{.*}} : tensor<1x?x4x8xf32>, tensor<3x4x8x8xf32>) {reverse,
// CHECK:         cu_seqlens(%{{.*}} : tensor<?xi64>) outs(%{{.*}}, %{{.*}} : tensor<?x?x4x8xf32>, tensor<?x4x8x8xf32>) {bidirectional,
// CHECK:         cu_seqlens(%{{.*}} : tensor<1xi32>) outs(%{{.*}}, %{{.*}} : tensor<1x0x4x8xf32>, tensor<0x4x8x8xf32>)
func.func @packed(%x: tensor<1x?x4x8xf32>, %y: tensor<?x?x4x8xf32>, %z: tensor<1x0x4x8xf32>, %three: tensor<4xi32>,
                  %some: tensor<?xi64>, %none: tensor<1xi32>, %s: tensor<3x4x8x8xf32>, %r: tensor<?x4x8x8xf32>,
                  %e: tensor<0x4x8x8xf32>) -> (tensor<3x4x8x8xf32>, tensor<?x4x8x8xf32>, tensor<0x4x8x8xf32>) {
  %0:2 = linnet.linear_attention
      ins(%x, %x, %x : tensor<1x?x4x8xf32>, tensor<1x?x4x8xf32>, tensor<1x?x4x8xf32>)
      cu_seqlens(%three : tensor<4xi32>)
      outs(%x, %s : tensor<1x?x4x8xf32>, tensor<3x4x8x8xf32>) {scale = 1.0, reverse}
  %1:2 = linnet.linear_attention
      ins(%y, %y, %y : tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>)
      cu_seqlens(%some : tensor<?xi64>)
      outs(%y, %r : tensor<?x?x4x8xf32>, tensor<?x4x8x8xf32>) {scale = 1.0, bidirectional}
  %2:2 = linnet.linear_attention
      ins(%z, %z, %z : tensor<1x0x4x8xf32>, tensor<1x0x4x8xf32>, tensor<1x0x4x8xf32>)
      cu_seqlens(%none : tensor<1xi32>)
      outs(%z, %e : tensor<1x0x4x8xf32>, tensor<0x4x8x8xf32>) {scale = 1.0}
  return %0#1, %1#1, %2#1 : tensor<3x4x8x8xf32>, tensor<?x4x8x8xf32>, tensor<0x4x8x8xf32>
}

// All sizes may be unknown, and any of them 0, that of the heads too.
// CHECK-LABEL: func @sizes(
// CHECK:         outs(%{{.*}} : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>)
// CHECK:         outs(%{{.*}} : tensor<0x5x0x0xf32>, tensor<0x0x0x0xf32>)
func.func @sizes(%x: tensor<?x?x?x?xf32>, %z: tensor<0x5x0x0xf32>, %s: tensor<0x0x0x0xf32>)
    -> (tensor<?x?x?x?xf32>, tensor<0x0x0x0xf32>) {
  %0:2 = linnet.linear_attention
      ins(%x, %x, %x : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>)
      log_decay(%x : tensor<?x?x?x?xf32>)
      outs(%x, %x : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) {scale = 1.0}
  %1:2 = linnet.linear_attention
      ins(%z, %z, %z : tensor<0x5x0x0xf32>, tensor<0x5x0x0xf32>, tensor<0x5x0x0xf32>)
      outs(%z, %s : tensor<0x5x0x0xf32>, tensor<0x0x0x0xf32>) {scale = 1.0}
  return %0#0, %1#1 : tensor<?x?x?x?xf32>, tensor<0x0x0x0xf32>
}

//===----------------------------------------------------------------------===//
// ssd
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @ssd(
// CHECK-SAME:    %[[X:.*]]: tensor<2x?x4x8xf32>, %[[DT:.*]]: tensor<2x?x4xf32>, %[[A:.*]]: tensor<4xf32>, %[[B:.*]]: tensor<2x?x2x16xf32>, %[[S:.*]]: tensor<2x4x8x16xf32>
// CHECK:         %{{.*}}, %{{.*}} = linnet.ssd ins(%[[X]], %[[DT]], %[[A]], %[[B]], %[[B]] : tensor<2x?x4x8xf32>, tensor<2x?x4xf32>, tensor<4xf32>, tensor<2x?x2x16xf32>, tensor<2x?x2x16xf32>)
// CHECK-SAME:      outs(%[[X]], %[[S]] : tensor<2x?x4x8xf32>, tensor<2x4x8x16xf32>){{$}}
func.func @ssd(%x: tensor<2x?x4x8xf32>, %dt: tensor<2x?x4xf32>, %a: tensor<4xf32>, %b: tensor<2x?x2x16xf32>,
               %s: tensor<2x4x8x16xf32>) -> (tensor<2x?x4x8xf32>, tensor<2x4x8x16xf32>) {
  %0:2 = linnet.ssd
      ins(%x, %dt, %a, %b, %b : tensor<2x?x4x8xf32>, tensor<2x?x4xf32>, tensor<4xf32>, tensor<2x?x2x16xf32>, tensor<2x?x2x16xf32>)
      outs(%x, %s : tensor<2x?x4x8xf32>, tensor<2x4x8x16xf32>)
  return %0#0, %0#1 : tensor<2x?x4x8xf32>, tensor<2x4x8x16xf32>
}

// Each optional operand alone, the two shapes of D, and all together with every attribute.
// CHECK-LABEL: func @ssd_options(
// CHECK-SAME:    %[[X:.*]]: tensor<2x?x4x8xf64>, %[[DT:.*]]: tensor<2x?x4xf64>, %[[A:.*]]: tensor<4xf64>, %[[B:.*]]: tensor<2x?x1x16xf64>, %[[D:.*]]: tensor<4x8xf64>, %[[S:.*]]: tensor<2x4x8x16xf64>
// CHECK:         linnet.ssd ins({{.*}}) skip(%[[A]] : tensor<4xf64>) outs(
// CHECK:         linnet.ssd ins({{.*}}) skip(%[[D]] : tensor<4x8xf64>) outs(
// CHECK:         linnet.ssd ins({{.*}}) gate(%[[X]] : tensor<2x?x4x8xf64>) outs(
// CHECK:         linnet.ssd ins({{.*}}) dt_bias(%[[A]] : tensor<4xf64>) outs(
// CHECK:         linnet.ssd ins({{.*}}) skip(%[[D]] : tensor<4x8xf64>) gate(%[[X]] : tensor<2x?x4x8xf64>) dt_bias(%[[A]] : tensor<4xf64>) outs(
// CHECK-SAME:      {chunk_size = 64 : i64, dt_max = 1.000000e-01 : f64, dt_min = 1.000000e-03 : f64, dt_softplus}
func.func @ssd_options(%x: tensor<2x?x4x8xf64>, %dt: tensor<2x?x4xf64>, %a: tensor<4xf64>, %b: tensor<2x?x1x16xf64>,
                       %d: tensor<4x8xf64>, %s: tensor<2x4x8x16xf64>) -> tensor<2x?x4x8xf64> {
  %0:2 = linnet.ssd
      ins(%x, %dt, %a, %b, %b : tensor<2x?x4x8xf64>, tensor<2x?x4xf64>, tensor<4xf64>, tensor<2x?x1x16xf64>, tensor<2x?x1x16xf64>)
      skip(%a : tensor<4xf64>)
      outs(%x, %s : tensor<2x?x4x8xf64>, tensor<2x4x8x16xf64>)
  %1:2 = linnet.ssd
      ins(%0#0, %dt, %a, %b, %b : tensor<2x?x4x8xf64>, tensor<2x?x4xf64>, tensor<4xf64>, tensor<2x?x1x16xf64>, tensor<2x?x1x16xf64>)
      skip(%d : tensor<4x8xf64>)
      outs(%x, %s : tensor<2x?x4x8xf64>, tensor<2x4x8x16xf64>)
  %2:2 = linnet.ssd
      ins(%1#0, %dt, %a, %b, %b : tensor<2x?x4x8xf64>, tensor<2x?x4xf64>, tensor<4xf64>, tensor<2x?x1x16xf64>, tensor<2x?x1x16xf64>)
      gate(%x : tensor<2x?x4x8xf64>)
      outs(%x, %s : tensor<2x?x4x8xf64>, tensor<2x4x8x16xf64>)
  %3:2 = linnet.ssd
      ins(%2#0, %dt, %a, %b, %b : tensor<2x?x4x8xf64>, tensor<2x?x4xf64>, tensor<4xf64>, tensor<2x?x1x16xf64>, tensor<2x?x1x16xf64>)
      dt_bias(%a : tensor<4xf64>)
      outs(%x, %s : tensor<2x?x4x8xf64>, tensor<2x4x8x16xf64>)
  %4:2 = linnet.ssd
      ins(%3#0, %dt, %a, %b, %b : tensor<2x?x4x8xf64>, tensor<2x?x4xf64>, tensor<4xf64>, tensor<2x?x1x16xf64>, tensor<2x?x1x16xf64>)
      skip(%d : tensor<4x8xf64>) gate(%x : tensor<2x?x4x8xf64>) dt_bias(%a : tensor<4xf64>)
      outs(%x, %s : tensor<2x?x4x8xf64>, tensor<2x4x8x16xf64>)
      {dt_softplus, dt_min = 0.001 : f64, dt_max = 0.1 : f64, chunk_size = 64 : i64}
  return %4#0 : tensor<2x?x4x8xf64>
}

// All sizes may be unknown, and any of them 0.
// CHECK-LABEL: func @ssd_sizes(
// CHECK:         outs(%{{.*}} : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>)
// CHECK:         outs(%{{.*}} : tensor<0x5x0x8xf32>, tensor<0x0x8x0xf32>)
func.func @ssd_sizes(%x: tensor<?x?x?x?xf32>, %dt: tensor<?x?x?xf32>, %a: tensor<?xf32>, %z: tensor<0x5x0x8xf32>,
                     %zdt: tensor<0x5x0xf32>, %za: tensor<0xf32>, %zb: tensor<0x5x0x0xf32>, %s: tensor<0x0x8x0xf32>)
    -> (tensor<?x?x?x?xf32>, tensor<0x0x8x0xf32>) {
  %0:2 = linnet.ssd
      ins(%x, %dt, %a, %x, %x : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>, tensor<?xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>)
      skip(%a : tensor<?xf32>) gate(%x : tensor<?x?x?x?xf32>)
      outs(%x, %x : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>)
  %1:2 = linnet.ssd
      ins(%z, %zdt, %za, %zb, %zb : tensor<0x5x0x8xf32>, tensor<0x5x0xf32>, tensor<0xf32>, tensor<0x5x0x0xf32>, tensor<0x5x0x0xf32>)
      outs(%z, %s : tensor<0x5x0x8xf32>, tensor<0x0x8x0xf32>)
  return %0#0, %1#1 : tensor<?x?x?x?xf32>, tensor<0x0x8x0xf32>
}

// CHECK-LABEL: func @block_local(
// CHECK:         linnet.block_local_attention ins(%{{.*}}, %{{.*}}, %{{.*}} : tensor<2x?x2x8xf32>, tensor<2x?x4x8xf32>, tensor<2x?x4x6xf32>) outs(%{{.*}} : tensor<2x?x4x6xf32>) {block_size = 64 : i64, scale = 1.250000e-01 : f64}
// CHECK:         linnet.block_local_attention {{.*}} {block_size = 1 : i64, causal, scale = 1.000000e+00 : f64, weights = #linnet.score_weights<relu>}
func.func @block_local(%q: tensor<2x?x2x8xf32>, %k: tensor<2x?x4x8xf32>, %v: tensor<2x?x4x6xf32>) -> tensor<2x?x4x6xf32> {
  %0 = linnet.block_local_attention ins(%q, %k, %v : tensor<2x?x2x8xf32>, tensor<2x?x4x8xf32>, tensor<2x?x4x6xf32>)
      outs(%v : tensor<2x?x4x6xf32>) {block_size = 64 : i64, scale = 0.125, weights = #linnet.score_weights<softmax>}
  %1 = linnet.block_local_attention ins(%q, %k, %0 : tensor<2x?x2x8xf32>, tensor<2x?x4x8xf32>, tensor<2x?x4x6xf32>)
      outs(%v : tensor<2x?x4x6xf32>) {block_size = 1 : i64, scale = 1.0, causal, weights = #linnet.score_weights<relu>}
  return %1 : tensor<2x?x4x6xf32>
}
