// --linnet-block-time runs a causal model function in a loop over blocks of time, with the states carried; where it
// cannot, a remark says why and the function stays as it is.

// RUN: linnet-opt %s --linnet-block-time=block=4 --split-input-file --verify-diagnostics | FileCheck %s
// RUN: not linnet-opt %s --linnet-block-time=block=0 --split-input-file 2>&1 | FileCheck %s --check-prefix=ZERO

// ZERO: error: expected a time block of at least 1, got 0


// The inputs along time are cut; each result along time is pasted into its whole; a state goes from block to block; a
// size that does not change is read outside.
// CHECK: #[[$SIZE:.*]] = affine_map<(d0)[s0] -> (4, -d0 + s0)>
// CHECK-LABEL: func.func @forward(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x?x8xf32> {{{.*}}}, %[[S:[a-z0-9]+]]: tensor<?x8xf32>
// CHECK-DAG:     %[[B:.*]] = tensor.dim %[[X]], %c0{{.*}} :
// CHECK-DAG:     %[[Y:.*]] = tensor.empty(%{{.*}}, %{{.*}}) : tensor<?x?x8xf32>
// CHECK:         %[[T:.*]] = tensor.dim %[[X]], %c1{{.*}} :
// CHECK:         %[[LOOP:.*]]:2 = scf.for %[[START:.*]] = %c0{{.*}} to %[[T]] step %c4{{.*}} iter_args(%[[WHOLE:.*]] = %[[Y]], %[[STATE:.*]] = %[[S]])
// CHECK:           %[[N:.*]] = affine.min #[[$SIZE]](%[[START]])[%[[T]]]
// CHECK:           %[[BLOCK:.*]] = tensor.extract_slice %[[X]][0, %[[START]], 0] [%{{.*}}, %[[N]], 8] [1, 1, 1]
// CHECK:           linalg.map { math.exp } ins(%[[BLOCK]] :
// CHECK:           %[[H:.*]], %[[NEXT:.*]] = linnet.affine_scan ins(%[[BLOCK]], %{{.*}} : {{.*}}) outs(%{{.*}}, %[[STATE]] :
// CHECK:           %[[PASTED:.*]] = tensor.insert_slice %[[H]] into %[[WHOLE]][0, %[[START]], 0] [%{{.*}}, %[[N]], 8] [1, 1, 1]
// CHECK:           scf.yield %[[PASTED]], %[[NEXT]]
// CHECK:         return %[[LOOP]]#0, %[[LOOP]]#1
func.func @forward(%x: tensor<?x?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["B", "T"]},
                   %s: tensor<?x8xf32> {linnet.name = "s", linnet.role = "state", linnet.symbols = ["B"]})
    -> (tensor<?x?x8xf32> {linnet.name = "y", linnet.role = "output", linnet.symbols = ["B", "T"]},
        tensor<?x8xf32> {linnet.name = "s", linnet.role = "state", linnet.symbols = ["B"]}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x8xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x8xf32>
  %e = tensor.empty(%b, %t) : tensor<?x?x8xf32>
  %0 = linalg.map { math.exp } ins(%x : tensor<?x?x8xf32>) outs(%e : tensor<?x?x8xf32>)
  %1:2 = linnet.affine_scan ins(%x, %0 : tensor<?x?x8xf32>, tensor<?x?x8xf32>)
                            outs(%e, %s : tensor<?x?x8xf32>, tensor<?x8xf32>) {dimension = 1 : i64}
  return %1#0, %1#1 : tensor<?x?x8xf32>, tensor<?x8xf32>
}

// -----

// The last token of the whole is the last one of the last block; its value is kept in one buffer.
// CHECK-LABEL: func.func @forward_last(
// CHECK:         %[[INIT:.*]] = tensor.empty(%{{.*}}) : tensor<?x8xf32>
// CHECK:         scf.for {{.*}} iter_args(%[[LAST:.*]] = %[[INIT]], %{{.*}} = %{{.*}})
// CHECK:           %[[H:.*]], %{{.*}} = linnet.affine_scan
// CHECK:           %[[TOKEN:.*]] = tensor.extract_slice %[[H]]
// CHECK:           %[[KEPT:.*]] = linalg.copy ins(%[[TOKEN]] : {{.*}}) outs(%[[LAST]] :
// CHECK:           scf.yield %[[KEPT]], %{{.*}}
func.func @forward_last(%x: tensor<?x?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["B", "T"]},
                        %s: tensor<?x8xf32> {linnet.name = "s", linnet.role = "state", linnet.symbols = ["B"]})
    -> (tensor<?x8xf32> {linnet.name = "y", linnet.role = "output", linnet.symbols = ["B"]},
        tensor<?x8xf32> {linnet.name = "s", linnet.role = "state", linnet.symbols = ["B"]}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x8xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x8xf32>
  %e = tensor.empty(%b, %t) : tensor<?x?x8xf32>
  %0:2 = linnet.affine_scan ins(%x, %x : tensor<?x?x8xf32>, tensor<?x?x8xf32>)
                            outs(%e, %s : tensor<?x?x8xf32>, tensor<?x8xf32>) {dimension = 1 : i64}
  %last = arith.subi %t, %c1 : index
  %1 = tensor.extract_slice %0#0[0, %last, 0] [%b, 1, 8] [1, 1, 1] : tensor<?x?x8xf32> to tensor<?x8xf32>
  return %1, %0#1 : tensor<?x8xf32>, tensor<?x8xf32>
}

// -----

// A single token and a function of no model: nothing to cut.
// CHECK-LABEL: func.func @step(
// CHECK-NOT:     scf.for
// CHECK-LABEL: func.func @no_model(
// CHECK-NOT:     scf.for
func.func @step(%x: tensor<?x1x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["B"]},
                %s: tensor<?x8xf32> {linnet.name = "s", linnet.role = "state", linnet.symbols = ["B"]})
    -> (tensor<?x8xf32> {linnet.name = "s", linnet.role = "state", linnet.symbols = ["B"]}) {
  %0:2 = linnet.affine_scan ins(%x, %x : tensor<?x1x8xf32>, tensor<?x1x8xf32>)
                            outs(%x, %s : tensor<?x1x8xf32>, tensor<?x8xf32>) {dimension = 1 : i64}
  return %0#1 : tensor<?x8xf32>
}
func.func @no_model(%x: tensor<?x8xf32>, %s: tensor<8xf32>) -> tensor<8xf32> {
  %0:2 = linnet.affine_scan ins(%x, %x : tensor<?x8xf32>, tensor<?x8xf32>)
                            outs(%x, %s : tensor<?x8xf32>, tensor<8xf32>) {dimension = 0 : i64}
  return %0#1 : tensor<8xf32>
}

// -----

// Nothing along time lies between the input and the result: there is no memory to save.
// CHECK-LABEL: func.func @no_intermediate_values(
// CHECK-NOT:     scf.for
func.func @no_intermediate_values(
    %x: tensor<?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]},
    %s: tensor<8xf32> {linnet.name = "s", linnet.role = "state"})
    -> (tensor<?x8xf32> {linnet.name = "y", linnet.role = "output", linnet.symbols = ["T"]},
        tensor<8xf32> {linnet.name = "s", linnet.role = "state"}) {
  %0:2 = linnet.affine_scan ins(%x, %x : tensor<?x8xf32>, tensor<?x8xf32>)
                            outs(%x, %s : tensor<?x8xf32>, tensor<8xf32>) {dimension = 0 : i64}
  return %0#0, %0#1 : tensor<?x8xf32>, tensor<8xf32>
}

// -----

// CHECK-LABEL: func.func @reverse(
// CHECK-NOT:     scf.for
func.func @reverse(%x: tensor<?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]},
                   %s: tensor<8xf32> {linnet.name = "s", linnet.role = "state"})
    -> (tensor<8xf32> {linnet.name = "s", linnet.role = "state"}) {
  // expected-remark @below {{not run in blocks of time: it is not causal (linnet.affine_scan)}}
  %0:2 = linnet.affine_scan ins(%x, %x : tensor<?x8xf32>, tensor<?x8xf32>)
                            outs(%x, %s : tensor<?x8xf32>, tensor<8xf32>) {dimension = 0 : i64, reverse}
  return %0#1 : tensor<8xf32>
}

// -----

func.func @scan_of_another_dimension(
    %x: tensor<?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]}, %s: tensor<?xf32>)
    -> tensor<?xf32> {
  // expected-remark @below {{not run in blocks of time: T is not the dimension that it scans (linnet.affine_scan)}}
  %0:2 = linnet.affine_scan ins(%x, %x : tensor<?x8xf32>, tensor<?x8xf32>)
                            outs(%x, %s : tensor<?x8xf32>, tensor<?xf32>) {dimension = 1 : i64}
  return %0#1 : tensor<?xf32>
}

// -----

func.func @sum_over_time(%x: tensor<?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]},
                         %y: tensor<8xf32>) -> tensor<8xf32> {
  // expected-remark @below {{not run in blocks of time: it reduces along time (linalg.reduce)}}
  %0 = linalg.reduce { arith.addf } ins(%x : tensor<?x8xf32>) outs(%y : tensor<8xf32>) dimensions = [0]
  return %0 : tensor<8xf32>
}

// -----

func.func @every_second_token(%x: tensor<?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]},
                              %n: index) -> tensor<?x8xf32> {
  // expected-remark @below {{not run in blocks of time: a slice cuts time (tensor.extract_slice)}}
  %0 = tensor.extract_slice %x[0, 0] [%n, 8] [2, 1] : tensor<?x8xf32> to tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}

// -----

func.func @flatten(%x: tensor<?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]})
    -> tensor<?xf32> {
  // expected-remark @below {{not run in blocks of time: a reshape mixes time with another dimension (tensor.collapse_shape)}}
  %0 = tensor.collapse_shape %x [[0, 1]] : tensor<?x8xf32> into tensor<?xf32>
  return %0 : tensor<?xf32>
}

// -----

func.func @position(%x: tensor<?x8xi32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]})
    -> tensor<?x8xi32> {
  // expected-remark @below {{not run in blocks of time: it uses the position in time (linalg.generic)}}
  %0 = linalg.generic {indexing_maps = [affine_map<(t, d) -> (t, d)>], iterator_types = ["parallel", "parallel"]}
      outs(%x : tensor<?x8xi32>) {
  ^bb0(%out: i32):
    %i = linalg.index 0 : index
    %1 = arith.index_cast %i : index to i32
    linalg.yield %1 : i32
  } -> tensor<?x8xi32>
  return %0 : tensor<?x8xi32>
}

// -----

func.func @outer_product(%x: tensor<?xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]},
                         %y: tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-remark @below {{not run in blocks of time: operands run through time differently (linalg.generic)}}
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>],
                       iterator_types = ["parallel", "parallel"]}
      ins(%x, %x : tensor<?xf32>, tensor<?xf32>) outs(%y : tensor<?x?xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %1 = arith.mulf %a, %b : f32
    linalg.yield %1 : f32
  } -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// -----

func.func @position_table(%x: tensor<?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]},
                          %p: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // expected-remark @below {{not run in blocks of time: an operand along time does not come from an input along time (linalg.map)}}
  %0 = linalg.map { arith.addf } ins(%x, %p : tensor<?x8xf32>, tensor<?x8xf32>) outs(%x : tensor<?x8xf32>)
  return %0 : tensor<?x8xf32>
}

// -----

func.func @unknown_op(%x: tensor<?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]})
    -> tensor<?x16xf32> {
  // expected-remark @below {{not run in blocks of time: it is not known to run block by block (tensor.concat)}}
  %0 = tensor.concat dim(1) %x, %x : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x16xf32>
  return %0 : tensor<?x16xf32>
}

// -----

func.func @padded_time(%x: tensor<?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]},
                       %pad: f32) -> tensor<?x8xf32> {
  // expected-remark @below {{not run in blocks of time: it pads time (tensor.pad)}}
  %0 = tensor.pad %x low[1, 0] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %pad : f32
  } : tensor<?x8xf32> to tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}

// -----

func.func @padding_by_position(
    %x: tensor<?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]}) -> tensor<?x32xf32> {
  // expected-remark @below {{not run in blocks of time: its region reads what changes from block to block (tensor.pad)}}
  %0 = tensor.pad %x low[0, 0] high[0, 24] {
  ^bb0(%i: index, %j: index):
    %1 = arith.index_cast %i : index to i32
    %2 = arith.sitofp %1 : i32 to f32
    tensor.yield %2 : f32
  } : tensor<?x8xf32> to tensor<?x32xf32>
  return %0 : tensor<?x32xf32>
}

// -----

// linnet-pack-weights pads what is added to a product whose width is not that of the panels.
// CHECK-LABEL: func.func @padded_channels(
// CHECK:         scf.for
// CHECK:           %[[PART:.*]] = tensor.extract_slice
// CHECK:           tensor.pad %[[PART]] low[0, 0] high[0, 24]
func.func @padded_channels(
    %x: tensor<?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]})
    -> (tensor<?x32xf32> {linnet.name = "y", linnet.role = "output", linnet.symbols = ["T"]}) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %0 = tensor.pad %x low[0, 0] high[0, 24] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<?x8xf32> to tensor<?x32xf32>
  %t = tensor.dim %x, %c0 : tensor<?x8xf32>
  %init = tensor.empty(%t) : tensor<?x32xf32>
  %1 = linalg.exp ins(%0 : tensor<?x32xf32>) outs(%init : tensor<?x32xf32>) -> tensor<?x32xf32>
  return %1 : tensor<?x32xf32>
}

// -----

// Two halves of channels, side by side.
// CHECK-LABEL: func.func @inserted_channels(
// CHECK:         scf.for
// CHECK:           tensor.insert_slice %{{.*}} into %{{.*}}[0, 0] [%{{.*}}, 8] [1, 1] : tensor<?x8xf32> into tensor<?x16xf32>
func.func @inserted_channels(
    %x: tensor<?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]})
    -> (tensor<?x16xf32> {linnet.name = "y", linnet.role = "output", linnet.symbols = ["T"]}) {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %x, %c0 : tensor<?x8xf32>
  %init = tensor.empty(%t) : tensor<?x16xf32>
  %0 = tensor.insert_slice %x into %init[0, 0] [%t, 8] [1, 1] : tensor<?x8xf32> into tensor<?x16xf32>
  %1 = tensor.insert_slice %x into %0[0, 8] [%t, 8] [1, 1] : tensor<?x8xf32> into tensor<?x16xf32>
  %2 = linalg.exp ins(%1 : tensor<?x16xf32>) outs(%init : tensor<?x16xf32>) -> tensor<?x16xf32>
  return %2 : tensor<?x16xf32>
}

// -----

func.func @inserted_time(
    %x: tensor<?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]},
    %whole: tensor<9x8xf32> {linnet.name = "w", linnet.role = "weight"}) -> tensor<9x8xf32> {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %x, %c0 : tensor<?x8xf32>
  // expected-remark @below {{not run in blocks of time: operands run through time differently (tensor.insert_slice)}}
  %0 = tensor.insert_slice %x into %whole[0, 0] [%t, 8] [1, 1] : tensor<?x8xf32> into tensor<9x8xf32>
  return %0 : tensor<9x8xf32>
}

// -----

func.func @inserted_elsewhere(
    %x: tensor<?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]}, %at: index)
    -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %x, %c0 : tensor<?x8xf32>
  // expected-remark @below {{not run in blocks of time: a slice cuts time (tensor.insert_slice)}}
  %0 = tensor.insert_slice %x into %x[%at, 0] [%t, 8] [1, 1] : tensor<?x8xf32> into tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}

// -----

// A state may pass through reshapes that are undone behind the scan, as linnet-normalize-layout makes them.
// CHECK-LABEL: func.func @transposed_state(
// CHECK:         scf.for {{.*}} iter_args(%{{.*}} = %{{.*}}, %[[S:.*]] = %{{.*}})
// CHECK:           linalg.transpose ins(%[[S]] :
// CHECK:           %{{.*}}, %[[NEXT:.*]] = linnet.causal_conv1d
// CHECK:           linalg.transpose ins(%[[NEXT]] :
// CHECK:           scf.yield
func.func @transposed_state(%x: tensor<1x?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]},
                            %w: tensor<8x4xf32> {linnet.name = "w", linnet.role = "weight"},
                            %s: tensor<1x8x3xf32> {linnet.name = "s", linnet.role = "state"})
    -> (tensor<1x?x8xf32> {linnet.name = "y", linnet.role = "output", linnet.symbols = ["T"]},
        tensor<1x8x3xf32> {linnet.name = "s", linnet.role = "state"}) {
  %0 = tensor.empty() : tensor<1x3x8xf32>
  %1 = linalg.transpose ins(%s : tensor<1x8x3xf32>) outs(%0 : tensor<1x3x8xf32>) permutation = [0, 2, 1]
  %exp = linalg.map { math.exp } ins(%x : tensor<1x?x8xf32>) outs(%x : tensor<1x?x8xf32>)
  %2:2 = linnet.causal_conv1d ins(%exp, %w : tensor<1x?x8xf32>, tensor<8x4xf32>)
                              outs(%x, %1 : tensor<1x?x8xf32>, tensor<1x3x8xf32>)
  %3 = tensor.empty() : tensor<1x8x3xf32>
  %4 = linalg.transpose ins(%2#1 : tensor<1x3x8xf32>) outs(%3 : tensor<1x8x3xf32>) permutation = [0, 2, 1]
  return %2#0, %4 : tensor<1x?x8xf32>, tensor<1x8x3xf32>
}

// -----

// In blocks it would start from zero in every block.
func.func @state_that_is_not_carried(
    %x: tensor<?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]}, %zero: tensor<8xf32>)
    -> (tensor<8xf32> {linnet.name = "y", linnet.role = "output"}) {
  // expected-remark @below {{not run in blocks of time: its initial state is no state of the function (linnet.affine_scan)}}
  %0:2 = linnet.affine_scan ins(%x, %x : tensor<?x8xf32>, tensor<?x8xf32>)
                            outs(%x, %zero : tensor<?x8xf32>, tensor<8xf32>) {dimension = 0 : i64}
  return %0#1 : tensor<8xf32>
}

// -----

func.func @state_that_is_not_returned(
    %x: tensor<?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]},
    %s: tensor<8xf32> {linnet.name = "s", linnet.role = "state"})
    -> (tensor<?x8xf32> {linnet.name = "y", linnet.role = "output", linnet.symbols = ["T"]}) {
  // expected-remark @below {{not run in blocks of time: its final state is not the one that the function returns (linnet.affine_scan)}}
  %0:2 = linnet.affine_scan ins(%x, %x : tensor<?x8xf32>, tensor<?x8xf32>)
                            outs(%x, %s : tensor<?x8xf32>, tensor<8xf32>) {dimension = 0 : i64}
  return %0#0 : tensor<?x8xf32>
}

// -----

func.func @state_that_is_read_elsewhere(
    %x: tensor<?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]},
    %s: tensor<8xf32> {linnet.name = "s", linnet.role = "state"})
    -> (tensor<8xf32> {linnet.name = "s", linnet.role = "state"}, tensor<8xf32> {linnet.name = "y", linnet.role = "output"}) {
  %0:2 = linnet.affine_scan ins(%x, %x : tensor<?x8xf32>, tensor<?x8xf32>)
                            outs(%x, %s : tensor<?x8xf32>, tensor<8xf32>) {dimension = 0 : i64}
  %e = tensor.empty() : tensor<8xf32>
  // expected-remark @below {{not run in blocks of time: it reads a state of the function (linalg.map)}}
  %1 = linalg.map { math.exp } ins(%s : tensor<8xf32>) outs(%e : tensor<8xf32>)
  return %0#1, %1 : tensor<8xf32>, tensor<8xf32>
}

// -----

// The final state of a block is not that of the sequence.
func.func @final_state_flows_back(
    %x: tensor<?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]},
    %s: tensor<8xf32> {linnet.name = "s", linnet.role = "state"})
    -> (tensor<8xf32> {linnet.name = "s", linnet.role = "state"},
        tensor<?x8xf32> {linnet.name = "y", linnet.role = "output", linnet.symbols = ["T"]}) {
  %0:2 = linnet.affine_scan ins(%x, %x : tensor<?x8xf32>, tensor<?x8xf32>)
                            outs(%x, %s : tensor<?x8xf32>, tensor<8xf32>) {dimension = 0 : i64}
  // expected-remark @below {{not run in blocks of time: an operand depends on the tokens of a block as a whole (linalg.generic)}}
  %1 = linalg.generic {indexing_maps = [affine_map<(t, d) -> (d)>, affine_map<(t, d) -> (t, d)>],
                       iterator_types = ["parallel", "parallel"]} ins(%0#1 : tensor<8xf32>) outs(%x : tensor<?x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %2 = arith.addf %in, %out : f32
    linalg.yield %2 : f32
  } -> tensor<?x8xf32>
  return %0#1, %1 : tensor<8xf32>, tensor<?x8xf32>
}

// -----

// The size of a block is not that of the sequence.
func.func @length_in_a_region(%x: tensor<?x8xi32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]})
    -> (tensor<?x8xi32> {linnet.name = "y", linnet.role = "output", linnet.symbols = ["T"]}) {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %x, %c0 : tensor<?x8xi32>
  %n = arith.index_cast %t : index to i32
  // expected-remark @below {{not run in blocks of time: its region reads what changes from block to block (linalg.map)}}
  %0 = linalg.map ins(%x : tensor<?x8xi32>) outs(%x : tensor<?x8xi32>) (%in: i32, %out: i32) {
    %1 = arith.divsi %in, %n : i32
    linalg.yield %1 : i32
  }
  return %0 : tensor<?x8xi32>
}
