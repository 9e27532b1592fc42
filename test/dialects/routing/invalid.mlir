// One case per fault that the verifiers of the Routing ops find, in the order in which they look; docs/spec/routing.md
// explains the numbers in brackets.

// RUN: linnet-opt %s --split-input-file --verify-diagnostics

func.func @rank_of_scores(
    %scores: tensor<5x4xf32>,
    %weights: tensor<2x5x2xf32>,
    %indices: tensor<2x5x2xi32>) {
  // expected-error @below {{'linnet.route_topk' op expected scores to have rank 3, got 'tensor<5x4xf32>' [route-topk C1]}}
  %0:2 = linnet.route_topk ins(%scores : tensor<5x4xf32>) outs(%weights, %indices : tensor<2x5x2xf32>, tensor<2x5x2xi32>)
  return
}

// -----

func.func @dynamic_experts(
    %scores: tensor<2x5x?xf32>,
    %weights: tensor<2x5x2xf32>,
    %indices: tensor<2x5x2xi32>) {
  // expected-error @below {{'linnet.route_topk' op expected a static number of experts, at least 1, got 'tensor<2x5x?xf32>' [route-topk C2]}}
  %0:2 = linnet.route_topk ins(%scores : tensor<2x5x?xf32>) outs(%weights, %indices : tensor<2x5x2xf32>, tensor<2x5x2xi32>)
  return
}

// -----

func.func @no_experts(
    %scores: tensor<2x5x0xf32>,
    %weights: tensor<2x5x2xf32>,
    %indices: tensor<2x5x2xi32>) {
  // expected-error @below {{'linnet.route_topk' op expected a static number of experts, at least 1, got 'tensor<2x5x0xf32>' [route-topk C2]}}
  %0:2 = linnet.route_topk ins(%scores : tensor<2x5x0xf32>) outs(%weights, %indices : tensor<2x5x2xf32>, tensor<2x5x2xi32>)
  return
}

// -----

func.func @rank_of_weights(
    %scores: tensor<2x5x4xf32>,
    %weights: tensor<2x5xf32>,
    %indices: tensor<2x5x2xi32>) {
  // expected-error @below {{'linnet.route_topk' op expected weights to have rank 3, got 'tensor<2x5xf32>' [route-topk C3]}}
  %0:2 = linnet.route_topk ins(%scores : tensor<2x5x4xf32>) outs(%weights, %indices : tensor<2x5xf32>, tensor<2x5x2xi32>)
  return
}

// -----

func.func @batch_of_weights(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4xf32>'}}
    %scores: tensor<2x5x4xf32>,
    %weights: tensor<3x5x2xf32>,
    %indices: tensor<2x5x2xi32>) {
  // expected-error @below {{'linnet.route_topk' op expected weights to have shape [2, 5, 2], got 'tensor<3x5x2xf32>' [route-topk C3]}}
  %0:2 = linnet.route_topk ins(%scores : tensor<2x5x4xf32>) outs(%weights, %indices : tensor<3x5x2xf32>, tensor<2x5x2xi32>)
  return
}

// -----

func.func @time_of_indices(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4xf32>'}}
    %scores: tensor<2x5x4xf32>,
    %weights: tensor<2x5x2xf32>,
    %indices: tensor<2x6x2xi32>) {
  // expected-error @below {{'linnet.route_topk' op expected indices to have shape [2, 5, 2], got 'tensor<2x6x2xi32>' [route-topk C3]}}
  %0:2 = linnet.route_topk ins(%scores : tensor<2x5x4xf32>) outs(%weights, %indices : tensor<2x5x2xf32>, tensor<2x6x2xi32>)
  return
}

// -----

func.func @slots_of_indices(
    %scores: tensor<2x5x4xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x2xf32>'}}
    %weights: tensor<2x5x2xf32>,
    %indices: tensor<2x5x3xi32>) {
  // expected-error @below {{'linnet.route_topk' op expected indices to have shape [2, 5, 2], got 'tensor<2x5x3xi32>' [route-topk C3]}}
  %0:2 = linnet.route_topk ins(%scores : tensor<2x5x4xf32>) outs(%weights, %indices : tensor<2x5x2xf32>, tensor<2x5x3xi32>)
  return
}

// -----

func.func @dynamic_slots(
    %scores: tensor<2x5x4xf32>,
    %weights: tensor<2x5x?xf32>,
    %indices: tensor<2x5x?xi32>) {
  // expected-error @below {{'linnet.route_topk' op expected weights of 1 to 4 experts, got 'tensor<2x5x?xf32>' [route-topk C4]}}
  %0:2 = linnet.route_topk ins(%scores : tensor<2x5x4xf32>) outs(%weights, %indices : tensor<2x5x?xf32>, tensor<2x5x?xi32>)
  return
}

// -----

func.func @no_slots(
    %scores: tensor<2x5x4xf32>,
    %weights: tensor<2x5x0xf32>,
    %indices: tensor<2x5x0xi32>) {
  // expected-error @below {{'linnet.route_topk' op expected weights of 1 to 4 experts, got 'tensor<2x5x0xf32>' [route-topk C4]}}
  %0:2 = linnet.route_topk ins(%scores : tensor<2x5x4xf32>) outs(%weights, %indices : tensor<2x5x0xf32>, tensor<2x5x0xi32>)
  return
}

// -----

func.func @more_slots(
    %scores: tensor<2x5x4xf32>,
    %weights: tensor<2x5x5xf32>,
    %indices: tensor<2x5x5xi32>) {
  // expected-error @below {{'linnet.route_topk' op expected weights of 1 to 4 experts, got 'tensor<2x5x5xf32>' [route-topk C4]}}
  %0:2 = linnet.route_topk ins(%scores : tensor<2x5x4xf32>) outs(%weights, %indices : tensor<2x5x5xf32>, tensor<2x5x5xi32>)
  return
}

// -----

func.func @elements_of_scores(
    %scores: tensor<2x5x4xbf16>,
    %weights: tensor<2x5x2xbf16>,
    %indices: tensor<2x5x2xi32>) {
  // expected-error @below {{'linnet.route_topk' op expected scores to have elements of type f32 or f64, got 'bf16' [route-topk C5]}}
  %0:2 = linnet.route_topk ins(%scores : tensor<2x5x4xbf16>) outs(%weights, %indices : tensor<2x5x2xbf16>, tensor<2x5x2xi32>)
  return
}

// -----

func.func @elements_of_weights(
    %scores: tensor<2x5x4xf32>,
    %weights: tensor<2x5x2xf64>,
    %indices: tensor<2x5x2xi32>) {
  // expected-error @below {{'linnet.route_topk' op expected weights to have elements of type 'f32', got 'f64' [route-topk C6]}}
  %0:2 = linnet.route_topk ins(%scores : tensor<2x5x4xf32>) outs(%weights, %indices : tensor<2x5x2xf64>, tensor<2x5x2xi32>)
  return
}

// -----

func.func @elements_of_indices(
    %scores: tensor<2x5x4xf32>,
    %weights: tensor<2x5x2xf32>,
    %indices: tensor<2x5x2xi64>) {
  // expected-error @below {{'linnet.route_topk' op expected indices to have elements of type 'i32', got 'i64' [route-topk C6]}}
  %0:2 = linnet.route_topk ins(%scores : tensor<2x5x4xf32>) outs(%weights, %indices : tensor<2x5x2xf32>, tensor<2x5x2xi64>)
  return
}

// -----

func.func @rank_of_indices(
    %indices: tensor<5x3xi32>,
    %source: tensor<30xi32>,
    %place: tensor<2x5x3xi32>,
    %offsets: tensor<9xi32>) {
  // expected-error @below {{'linnet.token_permute' op expected indices to have rank 3, got 'tensor<5x3xi32>' [token-permute C1]}}
  %0:3 = linnet.token_permute ins(%indices : tensor<5x3xi32>) outs(%source, %place, %offsets : tensor<30xi32>, tensor<2x5x3xi32>, tensor<9xi32>) {experts = 4 : i64}
  return
}

// -----

func.func @no_experts_to_permute(
    %indices: tensor<2x5x3xi32>,
    %source: tensor<30xi32>,
    %place: tensor<2x5x3xi32>,
    %offsets: tensor<9xi32>) {
  // expected-error @below {{'linnet.token_permute' op expected 1 to 2147483647 experts, got 0 [token-permute C2]}}
  %0:3 = linnet.token_permute ins(%indices : tensor<2x5x3xi32>) outs(%source, %place, %offsets : tensor<30xi32>, tensor<2x5x3xi32>, tensor<9xi32>) {experts = 0 : i64}
  return
}

// -----

func.func @negative_experts(
    %indices: tensor<2x5x3xi32>,
    %source: tensor<30xi32>,
    %place: tensor<2x5x3xi32>,
    %offsets: tensor<9xi32>) {
  // expected-error @below {{'linnet.token_permute' op expected 1 to 2147483647 experts, got -4 [token-permute C2]}}
  %0:3 = linnet.token_permute ins(%indices : tensor<2x5x3xi32>) outs(%source, %place, %offsets : tensor<30xi32>, tensor<2x5x3xi32>, tensor<9xi32>) {experts = -4 : i64}
  return
}

// -----

func.func @too_many_experts(
    %indices: tensor<2x5x3xi32>,
    %source: tensor<30xi32>,
    %place: tensor<2x5x3xi32>,
    %offsets: tensor<9xi32>) {
  // expected-error @below {{'linnet.token_permute' op expected 1 to 2147483647 experts, got 2147483648 [token-permute C2]}}
  %0:3 = linnet.token_permute ins(%indices : tensor<2x5x3xi32>) outs(%source, %place, %offsets : tensor<30xi32>, tensor<2x5x3xi32>, tensor<9xi32>) {experts = 2147483648 : i64}
  return
}

// -----

func.func @shape_of_place(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x3xi32>'}}
    %indices: tensor<2x5x3xi32>,
    %source: tensor<30xi32>,
    %place: tensor<2x5x2xi32>,
    %offsets: tensor<9xi32>) {
  // expected-error @below {{'linnet.token_permute' op expected place to have shape [2, 5, 3], got 'tensor<2x5x2xi32>' [token-permute C3]}}
  %0:3 = linnet.token_permute ins(%indices : tensor<2x5x3xi32>) outs(%source, %place, %offsets : tensor<30xi32>, tensor<2x5x2xi32>, tensor<9xi32>) {experts = 4 : i64}
  return
}

// -----

func.func @rank_of_place(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x3xi32>'}}
    %indices: tensor<2x5x3xi32>,
    %source: tensor<30xi32>,
    %place: tensor<30xi32>,
    %offsets: tensor<9xi32>) {
  // expected-error @below {{'linnet.token_permute' op expected place to have shape [2, 5, 3], got 'tensor<30xi32>' [token-permute C3]}}
  %0:3 = linnet.token_permute ins(%indices : tensor<2x5x3xi32>) outs(%source, %place, %offsets : tensor<30xi32>, tensor<30xi32>, tensor<9xi32>) {experts = 4 : i64}
  return
}

// -----

func.func @size_of_source(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x3xi32>'}}
    %indices: tensor<2x5x3xi32>,
    %source: tensor<10xi32>,
    %place: tensor<2x5x3xi32>,
    %offsets: tensor<9xi32>) {
  // expected-error @below {{'linnet.token_permute' op expected source to have shape [30], got 'tensor<10xi32>' [token-permute C4]}}
  %0:3 = linnet.token_permute ins(%indices : tensor<2x5x3xi32>) outs(%source, %place, %offsets : tensor<10xi32>, tensor<2x5x3xi32>, tensor<9xi32>) {experts = 4 : i64}
  return
}

// -----

func.func @rank_of_source(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x3xi32>'}}
    %indices: tensor<2x5x3xi32>,
    %source: tensor<2x5x3xi32>,
    %place: tensor<2x5x3xi32>,
    %offsets: tensor<9xi32>) {
  // expected-error @below {{'linnet.token_permute' op expected source to have shape [30], got 'tensor<2x5x3xi32>' [token-permute C4]}}
  %0:3 = linnet.token_permute ins(%indices : tensor<2x5x3xi32>) outs(%source, %place, %offsets : tensor<2x5x3xi32>, tensor<2x5x3xi32>, tensor<9xi32>) {experts = 4 : i64}
  return
}

// -----

func.func @size_of_source_of_no_slot(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x?x0xi32>'}}
    %indices: tensor<2x?x0xi32>,
    %source: tensor<1xi32>,
    %place: tensor<2x?x0xi32>,
    %offsets: tensor<9xi32>) {
  // expected-error @below {{'linnet.token_permute' op expected source to have shape [0], got 'tensor<1xi32>' [token-permute C4]}}
  %0:3 = linnet.token_permute ins(%indices : tensor<2x?x0xi32>) outs(%source, %place, %offsets : tensor<1xi32>, tensor<2x?x0xi32>, tensor<9xi32>) {experts = 4 : i64}
  return
}

// -----

func.func @size_of_cu_seqlens(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x3xi32>'}}
    %indices: tensor<2x5x3xi32>,
    %source: tensor<30xi32>,
    %place: tensor<2x5x3xi32>,
    %offsets: tensor<8xi32>) {
  // expected-error @below {{'linnet.token_permute' op expected cu_seqlens to have shape [9], got 'tensor<8xi32>' [token-permute C5]}}
  %0:3 = linnet.token_permute ins(%indices : tensor<2x5x3xi32>) outs(%source, %place, %offsets : tensor<30xi32>, tensor<2x5x3xi32>, tensor<8xi32>) {experts = 4 : i64}
  return
}

// -----

func.func @elements_to_permute_indices(
    %indices: tensor<2x5x3xi64>,
    %source: tensor<30xi32>,
    %place: tensor<2x5x3xi32>,
    %offsets: tensor<9xi32>) {
  // expected-error @below {{'linnet.token_permute' op expected indices to have elements of type 'i32', got 'i64' [token-permute C6]}}
  %0:3 = linnet.token_permute ins(%indices : tensor<2x5x3xi64>) outs(%source, %place, %offsets : tensor<30xi32>, tensor<2x5x3xi32>, tensor<9xi32>) {experts = 4 : i64}
  return
}

// -----

func.func @elements_to_permute_source(
    %indices: tensor<2x5x3xi32>,
    %source: tensor<30xi64>,
    %place: tensor<2x5x3xi32>,
    %offsets: tensor<9xi32>) {
  // expected-error @below {{'linnet.token_permute' op expected source to have elements of type 'i32', got 'i64' [token-permute C6]}}
  %0:3 = linnet.token_permute ins(%indices : tensor<2x5x3xi32>) outs(%source, %place, %offsets : tensor<30xi64>, tensor<2x5x3xi32>, tensor<9xi32>) {experts = 4 : i64}
  return
}

// -----

func.func @elements_to_permute_place(
    %indices: tensor<2x5x3xi32>,
    %source: tensor<30xi32>,
    %place: tensor<2x5x3xi64>,
    %offsets: tensor<9xi32>) {
  // expected-error @below {{'linnet.token_permute' op expected place to have elements of type 'i32', got 'i64' [token-permute C6]}}
  %0:3 = linnet.token_permute ins(%indices : tensor<2x5x3xi32>) outs(%source, %place, %offsets : tensor<30xi32>, tensor<2x5x3xi64>, tensor<9xi32>) {experts = 4 : i64}
  return
}

// -----

func.func @elements_to_permute_cu_seqlens(
    %indices: tensor<2x5x3xi32>,
    %source: tensor<30xi32>,
    %place: tensor<2x5x3xi32>,
    %offsets: tensor<9xi64>) {
  // expected-error @below {{'linnet.token_permute' op expected cu_seqlens to have elements of type 'i32', got 'i64' [token-permute C6]}}
  %0:3 = linnet.token_permute ins(%indices : tensor<2x5x3xi32>) outs(%source, %place, %offsets : tensor<30xi32>, tensor<2x5x3xi32>, tensor<9xi64>) {experts = 4 : i64}
  return
}

// -----

func.func @rank_of_places(
    %x: tensor<30x2x8xf32>,
    %place: tensor<30xi32>,
    %weights: tensor<2x5x3xf32>,
    %y: tensor<2x5x2x8xf32>) {
  // expected-error @below {{'linnet.token_unpermute' op expected place to have rank 3, got 'tensor<30xi32>' [token-unpermute C1]}}
  %0 = linnet.token_unpermute ins(%x, %place, %weights : tensor<30x2x8xf32>, tensor<30xi32>, tensor<2x5x3xf32>) outs(%y : tensor<2x5x2x8xf32>)
  return
}

// -----

func.func @rank_of_x(
    %x: tensor<f32>,
    %place: tensor<2x5x3xi32>,
    %weights: tensor<2x5x3xf32>,
    %y: tensor<2x5x2x8xf32>) {
  // expected-error @below {{'linnet.token_unpermute' op expected x to have rank 1 or more, got 'tensor<f32>' [token-unpermute C2]}}
  %0 = linnet.token_unpermute ins(%x, %place, %weights : tensor<f32>, tensor<2x5x3xi32>, tensor<2x5x3xf32>) outs(%y : tensor<2x5x2x8xf32>)
  return
}

// -----

func.func @slots_of_weights(
    %x: tensor<30x2x8xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x3xi32>'}}
    %place: tensor<2x5x3xi32>,
    %weights: tensor<2x5x2xf32>,
    %y: tensor<2x5x2x8xf32>) {
  // expected-error @below {{'linnet.token_unpermute' op expected weights to have shape [2, 5, 3], got 'tensor<2x5x2xf32>' [token-unpermute C3]}}
  %0 = linnet.token_unpermute ins(%x, %place, %weights : tensor<30x2x8xf32>, tensor<2x5x3xi32>, tensor<2x5x2xf32>) outs(%y : tensor<2x5x2x8xf32>)
  return
}

// -----

func.func @time_of_y(
    %x: tensor<30x2x8xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x3xi32>'}}
    %place: tensor<2x5x3xi32>,
    %weights: tensor<2x5x3xf32>,
    %y: tensor<2x6x2x8xf32>) {
  // expected-error @below {{'linnet.token_unpermute' op expected y to have shape [2, 5, 2, 8], got 'tensor<2x6x2x8xf32>' [token-unpermute C4]}}
  %0 = linnet.token_unpermute ins(%x, %place, %weights : tensor<30x2x8xf32>, tensor<2x5x3xi32>, tensor<2x5x3xf32>) outs(%y : tensor<2x6x2x8xf32>)
  return
}

// -----

func.func @row_of_y(
    // expected-note @below {{the sizes come from a value of type 'tensor<30x2x8xf32>'}}
    %x: tensor<30x2x8xf32>,
    %place: tensor<2x5x3xi32>,
    %weights: tensor<2x5x3xf32>,
    %y: tensor<2x5x2x7xf32>) {
  // expected-error @below {{'linnet.token_unpermute' op expected y to have shape [2, 5, 2, 8], got 'tensor<2x5x2x7xf32>' [token-unpermute C4]}}
  %0 = linnet.token_unpermute ins(%x, %place, %weights : tensor<30x2x8xf32>, tensor<2x5x3xi32>, tensor<2x5x3xf32>) outs(%y : tensor<2x5x2x7xf32>)
  return
}

// -----

func.func @rank_of_y(
    // expected-note @below {{the sizes come from a value of type 'tensor<30x2x8xf32>'}}
    %x: tensor<30x2x8xf32>,
    %place: tensor<2x5x3xi32>,
    %weights: tensor<2x5x3xf32>,
    %y: tensor<2x5x16xf32>) {
  // expected-error @below {{'linnet.token_unpermute' op expected y to have shape [2, 5, 2, 8], got 'tensor<2x5x16xf32>' [token-unpermute C4]}}
  %0 = linnet.token_unpermute ins(%x, %place, %weights : tensor<30x2x8xf32>, tensor<2x5x3xi32>, tensor<2x5x3xf32>) outs(%y : tensor<2x5x16xf32>)
  return
}

// -----

func.func @elements_of_x(
    %x: tensor<30x2x8xf16>,
    %place: tensor<2x5x3xi32>,
    %weights: tensor<2x5x3xf16>,
    %y: tensor<2x5x2x8xf16>) {
  // expected-error @below {{'linnet.token_unpermute' op expected x to have elements of type f32 or f64, got 'f16' [token-unpermute C5]}}
  %0 = linnet.token_unpermute ins(%x, %place, %weights : tensor<30x2x8xf16>, tensor<2x5x3xi32>, tensor<2x5x3xf16>) outs(%y : tensor<2x5x2x8xf16>)
  return
}

// -----

func.func @elements_of_weights_to_combine(
    %x: tensor<30x2x8xf32>,
    %place: tensor<2x5x3xi32>,
    %weights: tensor<2x5x3xf64>,
    %y: tensor<2x5x2x8xf32>) {
  // expected-error @below {{'linnet.token_unpermute' op expected weights to have elements of type 'f32', got 'f64' [token-unpermute C6]}}
  %0 = linnet.token_unpermute ins(%x, %place, %weights : tensor<30x2x8xf32>, tensor<2x5x3xi32>, tensor<2x5x3xf64>) outs(%y : tensor<2x5x2x8xf32>)
  return
}

// -----

func.func @elements_of_y(
    %x: tensor<30x2x8xf32>,
    %place: tensor<2x5x3xi32>,
    %weights: tensor<2x5x3xf32>,
    %y: tensor<2x5x2x8xf64>) {
  // expected-error @below {{'linnet.token_unpermute' op expected y to have elements of type 'f32', got 'f64' [token-unpermute C6]}}
  %0 = linnet.token_unpermute ins(%x, %place, %weights : tensor<30x2x8xf32>, tensor<2x5x3xi32>, tensor<2x5x3xf32>) outs(%y : tensor<2x5x2x8xf64>)
  return
}

// -----

func.func @elements_of_place(
    %x: tensor<30x2x8xf32>,
    %place: tensor<2x5x3xi64>,
    %weights: tensor<2x5x3xf32>,
    %y: tensor<2x5x2x8xf32>) {
  // expected-error @below {{'linnet.token_unpermute' op expected place to have elements of type 'i32', got 'i64' [token-unpermute C6]}}
  %0 = linnet.token_unpermute ins(%x, %place, %weights : tensor<30x2x8xf32>, tensor<2x5x3xi64>, tensor<2x5x3xf32>) outs(%y : tensor<2x5x2x8xf32>)
  return
}
