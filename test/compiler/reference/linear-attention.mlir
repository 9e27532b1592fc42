// The reference path spells linear_attention as loops over single elements, in the order of the definition and with
// plain arithmetic. Numbers are tested in test/integration.

// RUN: linnet-opt %s --linnet-reference --canonicalize | FileCheck %s --implicit-check-not=linnet. --implicit-check-not=fastmath
// RUN: linnet-opt %s --linnet-reference=marked-only | FileCheck %s --check-prefix=MARKED

// Sequences, heads, tokens; columns of the state, and its keys within; then the read of the new state. Two heads of v
// share one of q, all four one of k. The sum over keys starts from 0, the scale comes after it.
// CHECK-LABEL: func @decay_of_heads(
// CHECK-SAME:    %[[Q:.*]]: tensor<2x?x2x8xf32>, %[[K:.*]]: tensor<2x?x1x8xf32>, %[[V:.*]]: tensor<2x?x4x6xf32>, %[[G:.*]]: tensor<2x?x4xf32>, %[[O:.*]]: tensor<2x?x4x6xf32>, %[[S:.*]]: tensor<2x4x8x6xf32>
// CHECK-DAG:     %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK-DAG:     %[[SCALE:.*]] = arith.constant 5.000000e-01 : f32
// CHECK:         scf.for %[[B:.*]] = %c0 to %c2 step %c1 iter_args(%{{.*}} = %[[O]], %{{.*}} = %[[S]])
// CHECK:           scf.for %[[H:.*]] = %c0 to %c4
// CHECK:             %[[END:.*]] = tensor.dim %[[V]], %c1
// CHECK:             scf.for %[[T:.*]] = %c0 to %[[END]]
// CHECK:               %[[LOG:.*]] = tensor.extract %[[G]][%[[B]], %[[T]], %[[H]]]
// CHECK:               %[[DECAY:.*]] = math.exp %[[LOG]] : f32
// CHECK:               %[[NEW:.*]] = scf.for %[[J:.*]] = %c0 to %c6
// CHECK:                 %[[VALUE:.*]] = tensor.extract %[[V]][%[[B]], %[[T]], %[[H]], %[[J]]]
// CHECK:                 scf.for %[[I:.*]] = %c0 to %c8 step %c1 iter_args(%[[STATE:.*]] = %{{.*}})
// CHECK:                   %[[BEFORE:.*]] = tensor.extract %[[STATE]][%[[B]], %[[H]], %[[I]], %[[J]]]
// CHECK:                   %[[DECAYED:.*]] = arith.mulf %[[DECAY]], %[[BEFORE]] : f32
// CHECK:                   %[[KEY:.*]] = tensor.extract %[[K]][%[[B]], %[[T]], %{{.*}}, %[[I]]]
// CHECK:                   %[[PRODUCT:.*]] = arith.mulf %[[KEY]], %[[VALUE]] : f32
// CHECK:                   %[[AFTER:.*]] = arith.addf %[[DECAYED]], %[[PRODUCT]] : f32
// CHECK:                   tensor.insert %[[AFTER]] into %[[STATE]][%[[B]], %[[H]], %[[I]], %[[J]]]
// CHECK:               scf.for %[[L:.*]] = %c0 to %c6
// CHECK:                 %[[SUM:.*]] = scf.for %[[I:.*]] = %c0 to %c8 step %c1 iter_args(%[[PART:.*]] = %[[ZERO]])
// CHECK:                   %[[ENTRY:.*]] = tensor.extract %[[NEW]][%[[B]], %[[H]], %[[I]], %[[L]]]
// CHECK:                   %[[HQ:.*]] = arith.divui %[[H]], %c2
// CHECK:                   %[[QUERY:.*]] = tensor.extract %[[Q]][%[[B]], %[[T]], %[[HQ]], %[[I]]]
// CHECK:                   %[[TERM:.*]] = arith.mulf %[[QUERY]], %[[ENTRY]] : f32
// CHECK:                   arith.addf %[[PART]], %[[TERM]] : f32
// CHECK:                 %[[Y:.*]] = arith.mulf %[[SUM]], %[[SCALE]] : f32
// CHECK:                 tensor.insert %[[Y]] into %{{.*}}[%[[B]], %[[T]], %[[H]], %[[L]]]
func.func @decay_of_heads(%q: tensor<2x?x2x8xf32>, %k: tensor<2x?x1x8xf32>, %v: tensor<2x?x4x6xf32>, %g: tensor<2x?x4xf32>,
                          %o: tensor<2x?x4x6xf32>, %s: tensor<2x4x8x6xf32>)
    -> (tensor<2x?x4x6xf32>, tensor<2x4x8x6xf32>) {
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<2x?x2x8xf32>, tensor<2x?x1x8xf32>, tensor<2x?x4x6xf32>) log_decay(%g : tensor<2x?x4xf32>)
      outs(%o, %s : tensor<2x?x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 0.5}
  return %0#0, %0#1 : tensor<2x?x4x6xf32>, tensor<2x4x8x6xf32>
}

// A constant decay is read at the head alone. Layout vk: the value comes before the key.
// CHECK-LABEL: func @constant_decay_vk(
// CHECK-SAME:    %[[X:.*]]: tensor<1x3x4x8xf32>, %[[G:.*]]: tensor<4xf32>
// CHECK:         scf.for %[[H:.*]] = %c0 to %c4
// CHECK:           tensor.extract %[[G]][%[[H]]]
// CHECK:           scf.for %[[J:.*]] = %c0 to %c5
// CHECK:             scf.for %[[I:.*]] = %c0 to %c8
// CHECK:               tensor.extract %{{.*}}[%{{.*}}, %[[H]], %[[J]], %[[I]]] : tensor<1x4x5x8xf32>
// CHECK:               tensor.insert %{{.*}} into %{{.*}}[%{{.*}}, %[[H]], %[[J]], %[[I]]] : tensor<1x4x5x8xf32>
func.func @constant_decay_vk(%x: tensor<1x3x4x8xf32>, %g: tensor<4xf32>, %v: tensor<1x3x4x5xf32>, %s: tensor<1x4x5x8xf32>)
    -> tensor<1x4x5x8xf32> {
  %0:2 = linnet.linear_attention
      ins(%x, %x, %v : tensor<1x3x4x8xf32>, tensor<1x3x4x8xf32>, tensor<1x3x4x5xf32>) log_decay(%g : tensor<4xf32>)
      outs(%v, %s : tensor<1x3x4x5xf32>, tensor<1x4x5x8xf32>) {scale = 1.0, state_layout = #linnet.state_layout<vk>}
  return %0#1 : tensor<1x4x5x8xf32>
}

// The delta rule subtracts what the *decayed* state has for the key, before anything of the column is written.
// CHECK-LABEL: func @delta_rule(
// CHECK-SAME:    %[[Q:.*]]: tensor<1x?x1x8xf32>, %[[K:.*]]: tensor<1x?x1x8xf32>, %[[V:.*]]: tensor<1x?x1x6xf32>, %[[G:.*]]: tensor<1x?x1x8xf32>, %[[BETA:.*]]: tensor<1x?x1xf32>
// CHECK:         scf.for %[[J:.*]] = %c0 to %c6 step %c1 iter_args(%[[STATE:.*]] = %{{.*}})
// CHECK:           %[[VALUE:.*]] = tensor.extract %[[V]]
// CHECK:           %[[SEEN:.*]] = scf.for %[[I:.*]] = %c0 to %c8
// CHECK:             %[[KEY:.*]] = tensor.extract %[[K]][
// CHECK:             %[[ENTRY:.*]] = tensor.extract %[[STATE]]
// CHECK:             %[[LOG:.*]] = tensor.extract %[[G]][%{{.*}}, %{{.*}}, %{{.*}}, %[[I]]]
// CHECK:             %[[DECAY:.*]] = math.exp %[[LOG]]
// CHECK:             %[[DECAYED:.*]] = arith.mulf %[[DECAY]], %[[ENTRY]]
// CHECK:             arith.mulf %[[KEY]], %[[DECAYED]]
// CHECK:           %[[BETAT:.*]] = tensor.extract %[[BETA]]
// CHECK:           %[[DIFFERENCE:.*]] = arith.subf %[[VALUE]], %[[SEEN]]
// CHECK:           %[[WRITTEN:.*]] = arith.mulf %[[BETAT]], %[[DIFFERENCE]]
// CHECK:           scf.for
// CHECK:             %[[AGAIN:.*]] = tensor.extract %[[K]][
// CHECK:             arith.mulf %[[AGAIN]], %[[WRITTEN]]
func.func @delta_rule(%q: tensor<1x?x1x8xf32>, %k: tensor<1x?x1x8xf32>, %v: tensor<1x?x1x6xf32>, %g: tensor<1x?x1x8xf32>,
                      %beta: tensor<1x?x1xf32>, %s: tensor<1x1x8x6xf32>) -> tensor<1x1x8x6xf32> {
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x?x1x8xf32>, tensor<1x?x1x8xf32>, tensor<1x?x1x6xf32>)
      log_decay(%g : tensor<1x?x1x8xf32>) beta(%beta : tensor<1x?x1xf32>)
      outs(%v, %s : tensor<1x?x1x6xf32>, tensor<1x1x8x6xf32>) {scale = 1.0}
  return %0#1 : tensor<1x1x8x6xf32>
}

// erase reads the state *before* the decay.
// CHECK-LABEL: func @low_rank(
// CHECK-SAME:    %[[Q:.*]]: tensor<1x?x1x8xf32>, %[[V:.*]]: tensor<1x?x1x6xf32>, %[[G:.*]]: tensor<1xf32>, %[[ERASE:.*]]: tensor<1x?x1x8xf32>, %[[WRITE:.*]]: tensor<1x?x1x8xf32>
// CHECK:         scf.for %[[J:.*]] = %c0 to %c6 step %c1 iter_args(%[[STATE:.*]] = %{{.*}})
// CHECK:           %[[ERASED:.*]] = scf.for
// CHECK:             %[[AT:.*]] = tensor.extract %[[ERASE]]
// CHECK:             %[[ENTRY:.*]] = tensor.extract %[[STATE]]
// CHECK:             arith.mulf %[[AT]], %[[ENTRY]]
// CHECK:           scf.for
// CHECK:             %[[SUM:.*]] = arith.addf
// CHECK:             %[[WT:.*]] = tensor.extract %[[WRITE]]
// CHECK:             %[[PRODUCT:.*]] = arith.mulf %[[WT]], %[[ERASED]]
// CHECK:             arith.addf %[[SUM]], %[[PRODUCT]]
func.func @low_rank(%q: tensor<1x?x1x8xf32>, %v: tensor<1x?x1x6xf32>, %g: tensor<1xf32>, %erase: tensor<1x?x1x8xf32>,
                    %write: tensor<1x?x1x8xf32>, %s: tensor<1x1x8x6xf32>) -> tensor<1x1x8x6xf32> {
  %0:2 = linnet.linear_attention
      ins(%q, %q, %v : tensor<1x?x1x8xf32>, tensor<1x?x1x8xf32>, tensor<1x?x1x6xf32>) log_decay(%g : tensor<1xf32>)
      erase(%erase : tensor<1x?x1x8xf32>) write(%write : tensor<1x?x1x8xf32>)
      outs(%v, %s : tensor<1x?x1x6xf32>, tensor<1x1x8x6xf32>) {scale = 1.0}
  return %0#1 : tensor<1x1x8x6xf32>
}

// pre_update reads first. What the token itself adds to the read is bonus (k v).
// CHECK-LABEL: func @pre_update(
// CHECK-SAME:    %[[Q:.*]]: tensor<1x?x1x8xf32>, %[[K:.*]]: tensor<1x?x1x8xf32>, %[[V:.*]]: tensor<1x?x1x6xf32>, %[[BONUS:.*]]: tensor<1x8xf32>, %[[O:.*]]: tensor<1x?x1x6xf32>, %[[S:.*]]: tensor<1x1x8x6xf32>
// CHECK:         scf.for %{{.*}} iter_args(%{{.*}} = %[[O]], %[[STATE:.*]] = %[[S]])
// CHECK:           scf.for %[[J:.*]] = %c0 to %c6
// CHECK:             scf.for
// CHECK:               %[[ENTRY:.*]] = tensor.extract %[[STATE]]
// CHECK:               %[[U:.*]] = tensor.extract %[[BONUS]]
// CHECK:               %[[KEY:.*]] = tensor.extract %[[K]][
// CHECK:               %[[VALUE:.*]] = tensor.extract %[[V]]
// CHECK:               %[[OWN:.*]] = arith.mulf %[[KEY]], %[[VALUE]]
// CHECK:               %[[EXTRA:.*]] = arith.mulf %[[U]], %[[OWN]]
// CHECK:               arith.addf %[[ENTRY]], %[[EXTRA]]
// CHECK:           scf.for %{{.*}} iter_args(%{{.*}} = %[[STATE]])
func.func @pre_update(%q: tensor<1x?x1x8xf32>, %k: tensor<1x?x1x8xf32>, %v: tensor<1x?x1x6xf32>, %bonus: tensor<1x8xf32>,
                      %o: tensor<1x?x1x6xf32>, %s: tensor<1x1x8x6xf32>) -> (tensor<1x?x1x6xf32>, tensor<1x1x8x6xf32>) {
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x?x1x8xf32>, tensor<1x?x1x8xf32>, tensor<1x?x1x6xf32>) bonus(%bonus : tensor<1x8xf32>)
      outs(%o, %s : tensor<1x?x1x6xf32>, tensor<1x1x8x6xf32>) {scale = 1.0, pre_update}
  return %0#0, %0#1 : tensor<1x?x1x6xf32>, tensor<1x1x8x6xf32>
}

// The last column of the state takes ones for values; rows of q and k are divided by their lengths; o by what the last
// column gives.
// CHECK-LABEL: func @normalized(
// CHECK-SAME:    %[[Q:.*]]: tensor<1x?x1x8xf32>, %[[K:.*]]: tensor<1x?x1x8xf32>
// CHECK-DAG:     %[[EPS:.*]] = arith.constant 2.500000e-01 : f32
// CHECK-DAG:     %[[TINY:.*]] = arith.constant 1.000000e-10 : f32
// CHECK-DAG:     %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
// CHECK:         %[[SQUARES:[^:]*]] = scf.for {{.*}} -> (f32)
// CHECK:         %[[SQUARED:.*]] = arith.addf %[[SQUARES]], %[[EPS]]
// CHECK:         %[[LENGTH:.*]] = math.sqrt %[[SQUARED]]
// CHECK:         %[[FACTOR:.*]] = arith.divf %[[ONE]], %[[LENGTH]]
// CHECK:         scf.for %[[J:.*]] = %c0 to %c7
// CHECK:           %[[IS_ONES:.*]] = arith.cmpi eq, %[[J]], %c6
// CHECK:           scf.if %[[IS_ONES]] -> (f32)
// CHECK-NEXT:        scf.yield %[[ONE]]
// CHECK:           scf.for
// CHECK:             %[[KEY:.*]] = tensor.extract %[[K]][
// CHECK:             arith.mulf %[[KEY]], %[[FACTOR]]
// CHECK:         math.sqrt
// CHECK:         %[[TOTAL:[^:]*]] = scf.for {{.*}} -> (f32)
// CHECK-NEXT:      tensor.extract %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}, %c6]
// CHECK:         %[[SCALED:.*]] = arith.mulf %[[TOTAL]], %{{.*}}
// CHECK:         %[[DENOMINATOR:.*]] = arith.addf %[[SCALED]], %[[TINY]]
// CHECK:         arith.divf %{{.*}}, %[[DENOMINATOR]]
func.func @normalized(%q: tensor<1x?x1x8xf32>, %k: tensor<1x?x1x8xf32>, %v: tensor<1x?x1x6xf32>, %s: tensor<1x1x8x7xf32>)
    -> tensor<1x?x1x6xf32> {
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x?x1x8xf32>, tensor<1x?x1x8xf32>, tensor<1x?x1x6xf32>)
      outs(%v, %s : tensor<1x?x1x6xf32>, tensor<1x1x8x7xf32>) {scale = 2.0, normalize, qk_l2norm, l2norm_eps = 0.25}
  return %0#0 : tensor<1x?x1x6xf32>
}

// Sequence n has the tokens between two offsets and the state n; reversed, step i is the i-th from its end.
// CHECK-LABEL: func @packed_reverse(
// CHECK-SAME:    %[[X:.*]]: tensor<1x?x1x8xf32>, %[[OFFSETS:.*]]: tensor<4xi32>, %[[S:.*]]: tensor<3x1x8x8xf32>
// CHECK:         scf.for %[[N:.*]] = %c0 to %c3
// CHECK:           %[[FIRST:.*]] = tensor.extract %[[OFFSETS]][%[[N]]]
// CHECK:           %[[BEGIN:.*]] = arith.index_cast %[[FIRST]] : i32 to index
// CHECK:           %[[NEXT:.*]] = arith.addi %[[N]], %c1
// CHECK:           %[[LAST:.*]] = tensor.extract %[[OFFSETS]][%[[NEXT]]]
// CHECK:           %[[END:.*]] = arith.index_cast %[[LAST]] : i32 to index
// CHECK:           %[[COUNT:.*]] = arith.subi %[[END]], %[[BEGIN]]
// CHECK:           scf.for %[[STEP:.*]] = %c0 to %[[COUNT]]
// CHECK:             %[[LEFT:.*]] = arith.subi %[[COUNT]], %[[STEP]]
// CHECK:             %[[BACK:.*]] = arith.subi %[[LEFT]], %c1
// CHECK:             %[[T:.*]] = arith.addi %[[BEGIN]], %[[BACK]]
// CHECK:             tensor.extract %[[X]][%c0, %[[T]], %{{.*}}, %{{.*}}]
// CHECK:             tensor.extract %{{.*}}[%[[N]], %{{.*}}, %{{.*}}, %{{.*}}] : tensor<3x1x8x8xf32>
func.func @packed_reverse(%x: tensor<1x?x1x8xf32>, %offsets: tensor<4xi32>, %s: tensor<3x1x8x8xf32>) -> tensor<3x1x8x8xf32> {
  %0:2 = linnet.linear_attention
      ins(%x, %x, %x : tensor<1x?x1x8xf32>, tensor<1x?x1x8xf32>, tensor<1x?x1x8xf32>) cu_seqlens(%offsets : tensor<4xi32>)
      outs(%x, %s : tensor<1x?x1x8xf32>, tensor<3x1x8x8xf32>) {scale = 1.0, reverse}
  return %0#1 : tensor<3x1x8x8xf32>
}

// All tokens are added up before the first reads.
// CHECK-LABEL: func @bidirectional(
// CHECK-SAME:    %{{.*}}: tensor<1x9x1x8xf32>, %[[S:.*]]: tensor<1x1x8x8xf32>
// CHECK:         %[[ALL:.*]] = scf.for %{{.*}} = %c0 to %c9
// CHECK:           tensor.insert %{{.*}} : tensor<1x1x8x8xf32>
// CHECK:         scf.for %{{.*}} = %c0 to %c9
// CHECK:           tensor.extract %[[ALL]]{{.*}} : tensor<1x1x8x8xf32>
// CHECK:           tensor.insert %{{.*}} : tensor<1x9x1x8xf32>
func.func @bidirectional(%x: tensor<1x9x1x8xf32>, %s: tensor<1x1x8x8xf32>) -> tensor<1x9x1x8xf32> {
  %0:2 = linnet.linear_attention
      ins(%x, %x, %x : tensor<1x9x1x8xf32>, tensor<1x9x1x8xf32>, tensor<1x9x1x8xf32>)
      outs(%x, %s : tensor<1x9x1x8xf32>, tensor<1x1x8x8xf32>) {scale = 1.0, bidirectional}
  return %0#0 : tensor<1x9x1x8xf32>
}

// bf16 is widened when it is read; sums are in f32, and o is rounded once.
// CHECK-LABEL: func @bf16(
// CHECK-NOT:     arith.{{mulf|addf|subf}} {{.*}} : bf16
// CHECK:         arith.extf %{{.*}} : bf16 to f32
// CHECK:         tensor.insert %{{.*}} : tensor<1x1x8x8xf32>
// CHECK-NOT:     arith.{{mulf|addf|subf}} {{.*}} : bf16
// CHECK:         arith.truncf %{{.*}} : f32 to bf16
// CHECK-NEXT:    tensor.insert %{{.*}} : tensor<1x9x1x8xbf16>
// CHECK-NOT:     truncf
func.func @bf16(%x: tensor<1x9x1x8xbf16>, %beta: tensor<1x9x1xbf16>, %s: tensor<1x1x8x8xf32>)
    -> (tensor<1x9x1x8xbf16>, tensor<1x1x8x8xf32>) {
  %0:2 = linnet.linear_attention
      ins(%x, %x, %x : tensor<1x9x1x8xbf16>, tensor<1x9x1x8xbf16>, tensor<1x9x1x8xbf16>) beta(%beta : tensor<1x9x1xbf16>)
      outs(%x, %s : tensor<1x9x1x8xbf16>, tensor<1x1x8x8xf32>) {scale = 1.0}
  return %0#0, %0#1 : tensor<1x9x1x8xbf16>, tensor<1x1x8x8xf32>
}

// With marked-only, what linnet-select-path did not mark stays.
// MARKED-LABEL: func @marked
// MARKED:         scf.for
// MARKED:         linnet.linear_attention {{.*}} {reverse,
func.func @marked(%x: tensor<1x9x1x8xf32>, %s: tensor<1x1x8x8xf32>) -> (tensor<1x1x8x8xf32>, tensor<1x1x8x8xf32>) {
  %0:2 = linnet.linear_attention
      ins(%x, %x, %x : tensor<1x9x1x8xf32>, tensor<1x9x1x8xf32>, tensor<1x9x1x8xf32>)
      outs(%x, %s : tensor<1x9x1x8xf32>, tensor<1x1x8x8xf32>) {scale = 1.0, linnet.path = "reference"}
  %1:2 = linnet.linear_attention
      ins(%x, %x, %x : tensor<1x9x1x8xf32>, tensor<1x9x1x8xf32>, tensor<1x9x1x8xf32>)
      outs(%x, %s : tensor<1x9x1x8xf32>, tensor<1x1x8x8xf32>) {scale = 1.0, reverse}
  return %0#1, %1#1 : tensor<1x1x8x8xf32>, tensor<1x1x8x8xf32>
}
