// The Routing ops as loops over single elements, in the order of docs/spec/routing.md. They have no other lowering: it is
// taken on every path, without a mark and without a remark. Numbers are tested in test/integration.

// RUN: linnet-opt %s --linnet-reference --canonicalize --cse | FileCheck %s --implicit-check-not=linnet. --implicit-check-not=fastmath
// RUN: linnet-opt %s --linnet-reference=marked-only --canonicalize --cse | FileCheck %s --implicit-check-not=linnet.
// RUN: linnet-opt %s --linnet-stage-graph=path=fast --linnet-stage-tiled=path=fast 2>&1 | FileCheck %s --check-prefix=STAGES --implicit-check-not=linnet. --implicit-check-not=remark
// RUN: linnet-opt %s --linnet-stage-graph=path=auto --linnet-stage-tiled=path=auto 2>&1 | FileCheck %s --check-prefix=STAGES --implicit-check-not=linnet. --implicit-check-not=remark
// RUN: linnet-opt %s --linnet-stage-graph=path=reference --linnet-stage-tiled=path=reference 2>&1 | FileCheck %s --check-prefix=STAGES --implicit-check-not=linnet. --implicit-check-not=remark

// STAGES-LABEL: func @route_topk(
// STAGES-LABEL: func @token_permute(
// STAGES-LABEL: func @token_unpermute(

// Slots; the experts, and for each the earlier slots, which must not have taken it. A score has to be greater than the
// best before it. Then the greatest of all scores, the sum of exponentials, the chosen ones, and their shares.
// CHECK-LABEL: func @route_topk(
// CHECK-SAME:    %[[SCORES:.*]]: tensor<2x?x4xf32>, %[[W:.*]]: tensor<2x?x3xf32>, %[[I:.*]]: tensor<2x?x3xi32>
// CHECK-DAG:     %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK-DAG:     %[[LEAST:.*]] = arith.constant 0xFF800000 : f32
// CHECK-DAG:     %[[TIMES:.*]] = tensor.dim %[[SCORES]], %c1
// CHECK:         scf.for %[[B:.*]] = %c0 to %c2 step %c1 iter_args(%{{.*}} = %[[W]], %{{.*}} = %[[I]])
// CHECK:           scf.for %[[T:.*]] = %c0 to %[[TIMES]]
// CHECK:             %[[INDICES:.*]] = scf.for %[[S:.*]] = %c0 to %c3 step %c1 iter_args(%[[OLD:.*]] = %{{.*}})
// CHECK:               %[[BEST:.*]]:2 = scf.for %[[E:.*]] = %c0 to %c4 step %c1 iter_args(%[[PLACE:.*]] = %c-1_i32, %[[MOST:.*]] = %{{.*}})
// CHECK:                 %[[SCORE:.*]] = tensor.extract %[[SCORES]][%[[B]], %[[T]], %[[E]]]
// CHECK:                 scf.for %[[R:.*]] = %c0 to %[[S]] step %c1 iter_args(%{{.*}} = %false)
// CHECK:                   tensor.extract %[[OLD]][%[[B]], %[[T]], %[[R]]]
// CHECK:                 arith.cmpf ogt, %[[SCORE]], %[[MOST]]
// CHECK:               tensor.insert %[[BEST]]#0 into %[[OLD]][%[[B]], %[[T]], %[[S]]]
// CHECK:             %[[MAX:.*]] = scf.for %{{.*}} = %c0 to %c4 step %c1 iter_args(%{{.*}} = %[[LEAST]])
// CHECK:               arith.maximumf
// CHECK:             %[[ALL:.*]] = scf.for %{{.*}} = %c0 to %c4 step %c1 iter_args(%{{.*}} = %[[ZERO]])
// CHECK:               %[[BELOW:.*]] = arith.subf %{{.*}}, %[[MAX]]
// CHECK:               math.exp %[[BELOW]]
// CHECK:             %[[CHOSEN:.*]]:2 = scf.for %{{.*}} = %c0 to %c3
// CHECK:               tensor.extract %[[INDICES]]
// CHECK:               arith.divf %{{.*}}, %[[ALL]]
// CHECK:             scf.for %{{.*}} = %c0 to %c3 step %c1 iter_args(%{{.*}} = %[[CHOSEN]]#0)
// CHECK:               arith.divf %{{.*}}, %[[CHOSEN]]#1
func.func @route_topk(%scores: tensor<2x?x4xf32>, %weights: tensor<2x?x3xf32>, %indices: tensor<2x?x3xi32>)
    -> (tensor<2x?x3xf32>, tensor<2x?x3xi32>) {
  %0:2 = linnet.route_topk ins(%scores : tensor<2x?x4xf32>)
      outs(%weights, %indices : tensor<2x?x3xf32>, tensor<2x?x3xi32>)
  return %0#0, %0#1 : tensor<2x?x3xf32>, tensor<2x?x3xi32>
}

// What no token fills is 0 in `source` and -1 in `place`. Then batches and experts, and within each the tokens in order.
// CHECK-LABEL: func @token_permute(
// CHECK-SAME:    %[[I:.*]]: tensor<2x?x3xi32>, %[[S:.*]]: tensor<?xi32>, %[[P:.*]]: tensor<2x?x3xi32>, %[[C:.*]]: tensor<9xi32>
// CHECK-DAG:     %[[TIMES:.*]] = tensor.dim %[[I]], %c1
// CHECK:         tensor.insert %c0_i32 into
// CHECK:         tensor.insert %c-1_i32 into
// CHECK:         %[[ALL:.*]]:4 = scf.for %[[B:.*]] = %c0 to %c2 step %c1 iter_args(%{{.*}}, %{{.*}} = %[[C]], %{{.*}} = %c0)
// CHECK:           scf.for %[[E:.*]] = %c0 to %c4 step %c1 iter_args(%{{.*}}, %[[OFFSETS:.*]] = %{{.*}}, %[[BEGIN:.*]] = %{{.*}})
// CHECK:             %[[FIRST:.*]] = arith.muli %[[B]], %c4
// CHECK:             %[[GROUP:.*]] = arith.addi %[[FIRST]], %[[E]]
// CHECK:             %[[BEGIN32:.*]] = arith.index_cast %[[BEGIN]]
// CHECK:             tensor.insert %[[BEGIN32]] into %[[OFFSETS]][%[[GROUP]]]
// CHECK:             %[[E32:.*]] = arith.index_cast %[[E]]
// CHECK:             scf.for %[[T:.*]] = %c0 to %[[TIMES]]
// CHECK:               scf.for %[[SLOT:.*]] = %c0 to %c3 step %c1 iter_args(%[[SOURCE:.*]] = %{{.*}}, %[[PLACE:.*]] = %{{.*}}, %[[N:.*]] = %{{.*}})
// CHECK:                 %[[INDEX:.*]] = tensor.extract %[[I]][%[[B]], %[[T]], %[[SLOT]]]
// CHECK:                 %[[HERE:.*]] = arith.cmpi eq, %[[INDEX]], %[[E32]]
// CHECK:                 scf.if %[[HERE]]
// CHECK:                   %[[BEFORE:.*]] = arith.muli %[[B]], %[[TIMES]]
// CHECK:                   %[[TOKEN:.*]] = arith.addi %[[BEFORE]], %[[T]]
// CHECK:                   %[[TOKEN32:.*]] = arith.index_cast %[[TOKEN]]
// CHECK:                   tensor.insert %[[TOKEN32]] into %[[SOURCE]][%[[N]]]
// CHECK:                   %[[N32:.*]] = arith.index_cast %[[N]]
// CHECK:                   tensor.insert %[[N32]] into %[[PLACE]][%[[B]], %[[T]], %[[SLOT]]]
// CHECK:                   arith.addi %[[N]], %c1
// CHECK:         %[[END:.*]] = arith.index_cast %[[ALL]]#3
// CHECK:         tensor.insert %[[END]] into %[[ALL]]#2[%c8]
func.func @token_permute(%indices: tensor<2x?x3xi32>, %source: tensor<?xi32>, %place: tensor<2x?x3xi32>,
                         %offsets: tensor<9xi32>) -> (tensor<?xi32>, tensor<2x?x3xi32>, tensor<9xi32>) {
  %0:3 = linnet.token_permute ins(%indices : tensor<2x?x3xi32>)
      outs(%source, %place, %offsets : tensor<?xi32>, tensor<2x?x3xi32>, tensor<9xi32>) {experts = 4 : i64}
  return %0#0, %0#1, %0#2 : tensor<?xi32>, tensor<2x?x3xi32>, tensor<9xi32>
}

// A sum over the slots for every number; a row that is not there is never loaded.
// CHECK-LABEL: func @token_unpermute(
// CHECK-SAME:    %[[X:.*]]: tensor<?x8xf32>, %[[P:.*]]: tensor<2x?x3xi32>, %[[W:.*]]: tensor<2x?x3xf32>, %[[Y:.*]]: tensor<2x?x8xf32>
// CHECK-DAG:     %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK-DAG:     %[[ROWS:.*]] = tensor.dim %[[X]], %c0
// CHECK:         scf.for %[[B:.*]] = %c0 to %c2
// CHECK:           scf.for %[[T:.*]] = %c0 to
// CHECK:             scf.for %[[D:.*]] = %c0 to %c8
// CHECK:               %[[SUM:.*]] = scf.for %[[S:.*]] = %c0 to %c3 step %c1 iter_args(%[[PART:.*]] = %[[ZERO]])
// CHECK:                 %[[PLACE:.*]] = tensor.extract %[[P]][%[[B]], %[[T]], %[[S]]]
// CHECK:                 %[[ROW:.*]] = arith.index_cast %[[PLACE]]
// CHECK:                 %[[IS:.*]] = arith.cmpi ult, %[[ROW]], %[[ROWS]]
// CHECK:                 scf.if %[[IS]]
// CHECK:                   %[[WEIGHT:.*]] = tensor.extract %[[W]][%[[B]], %[[T]], %[[S]]]
// CHECK:                   %[[NUMBER:.*]] = tensor.extract %[[X]][%[[ROW]], %[[D]]]
// CHECK:                   %[[TERM:.*]] = arith.mulf %[[WEIGHT]], %[[NUMBER]]
// CHECK:                   arith.addf %[[PART]], %[[TERM]]
// CHECK:                 } else {
// CHECK:                   scf.yield %[[PART]]
// CHECK:               tensor.insert %[[SUM]] into %{{.*}}[%[[B]], %[[T]], %[[D]]]
func.func @token_unpermute(%x: tensor<?x8xf32>, %place: tensor<2x?x3xi32>, %weights: tensor<2x?x3xf32>,
                           %y: tensor<2x?x8xf32>) -> tensor<2x?x8xf32> {
  %0 = linnet.token_unpermute ins(%x, %place, %weights : tensor<?x8xf32>, tensor<2x?x3xi32>, tensor<2x?x3xf32>)
      outs(%y : tensor<2x?x8xf32>)
  return %0 : tensor<2x?x8xf32>
}
