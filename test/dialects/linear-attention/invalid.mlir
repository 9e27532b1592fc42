// One case per fault that the verifiers of linear_attention, ssd and block_local_attention find, in the order in which they look;
// docs/spec/linear-attention.md explains the numbers in brackets.

// RUN: linnet-opt %s --split-input-file --verify-diagnostics

func.func @rank_of_v(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x6xf32>, %o: tensor<2x5x4x6xf32>,
    %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected v to have rank 4, got 'tensor<2x5x6xf32>' [linear-attention C1]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @rank_of_q(%q: tensor<2x5x4x8x1xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected q to have rank 4, got 'tensor<2x5x4x8x1xf32>' [linear-attention C1]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8x1xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @rank_of_k(%q: tensor<2x5x4x8xf32>, %k: tensor<5x4x8xf32>, %v: tensor<2x5x4x6xf32>, %o: tensor<2x5x4x6xf32>,
    %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected k to have rank 4, got 'tensor<5x4x8xf32>' [linear-attention C1]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @batch_of_q(
    %q: tensor<3x5x4x8xf32>, %k: tensor<2x5x4x8xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x6xf32>'}}
    %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected q to have shape [2, 5, 4, 8], got 'tensor<3x5x4x8xf32>' [linear-attention C2]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<3x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @time_of_q(
    %q: tensor<2x6x4x8xf32>, %k: tensor<2x5x4x8xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x6xf32>'}}
    %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected q to have shape [2, 5, 4, 8], got 'tensor<2x6x4x8xf32>' [linear-attention C2]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x6x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @batch_of_k(
    %q: tensor<2x5x4x8xf32>, %k: tensor<1x5x4x8xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x6xf32>'}}
    %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected k to have shape [2, 5, 4, 8], got 'tensor<1x5x4x8xf32>' [linear-attention C2]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<1x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @time_of_k(
    %q: tensor<2x5x4x8xf32>, %k: tensor<2x4x4x8xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x6xf32>'}}
    %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected k to have shape [2, 5, 4, 8], got 'tensor<2x4x4x8xf32>' [linear-attention C2]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x4x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @keys_of_k(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x8xf32>'}}
    %q: tensor<2x5x4x8xf32>,
    %k: tensor<2x5x4x7xf32>,
    %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected k to have shape [2, 5, 4, 8], got 'tensor<2x5x4x7xf32>' [linear-attention C2]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x7xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @heads_of_q(
    %q: tensor<2x5x3x8xf32>, %k: tensor<2x5x4x8xf32>,
    // expected-note @below {{v has type 'tensor<2x5x4x6xf32>'}}
    %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected the heads of q to divide the 4 heads of v, got 3 [linear-attention C3]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x3x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @more_heads_of_q(
    %q: tensor<2x5x8x8xf32>, %k: tensor<2x5x4x8xf32>,
    // expected-note @below {{v has type 'tensor<2x5x4x6xf32>'}}
    %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected the heads of q to divide the 4 heads of v, got 8 [linear-attention C3]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x8x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @heads_of_k(
    %q: tensor<2x5x4x8xf32>, %k: tensor<2x5x3x8xf32>,
    // expected-note @below {{v has type 'tensor<2x5x4x6xf32>'}}
    %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected the heads of k to divide the 4 heads of v, got 3 [linear-attention C3]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x3x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @no_heads_of_k(
    %q: tensor<2x5x4x8xf32>, %k: tensor<2x5x0x8xf32>,
    // expected-note @below {{v has type 'tensor<2x5x4x6xf32>'}}
    %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected the heads of k to divide the 4 heads of v, got 0 [linear-attention C3]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x0x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @rank_0_of_log_decay(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %log_decay: tensor<f32>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected log_decay to have rank 1, 3 or 4, got 'tensor<f32>' [linear-attention C4]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      log_decay(%log_decay : tensor<f32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @rank_2_of_log_decay(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %log_decay: tensor<5x4xf32>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected log_decay to have rank 1, 3 or 4, got 'tensor<5x4xf32>' [linear-attention C4]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      log_decay(%log_decay : tensor<5x4xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @rank_5_of_log_decay(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %log_decay: tensor<2x5x4x8x1xf32>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected log_decay to have rank 1, 3 or 4, got 'tensor<2x5x4x8x1xf32>' [linear-attention C4]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      log_decay(%log_decay : tensor<2x5x4x8x1xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @constant_log_decay(
    %q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x6xf32>'}}
    %v: tensor<2x5x4x6xf32>,
    %log_decay: tensor<5xf32>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected log_decay to have shape [4], got 'tensor<5xf32>' [linear-attention C4]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      log_decay(%log_decay : tensor<5xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @log_decay_of_heads(
    %q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x6xf32>'}}
    %v: tensor<2x5x4x6xf32>,
    %log_decay: tensor<2x4x5xf32>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected log_decay to have shape [2, 5, 4], got 'tensor<2x4x5xf32>' [linear-attention C4]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      log_decay(%log_decay : tensor<2x4x5xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @log_decay_of_keys(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x8xf32>'}}
    %q: tensor<2x5x4x8xf32>,
    %k: tensor<2x5x4x8xf32>,
    %v: tensor<2x5x4x6xf32>,
    %log_decay: tensor<2x5x4x6xf32>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected log_decay to have shape [2, 5, 4, 8], got 'tensor<2x5x4x6xf32>' [linear-attention C4]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      log_decay(%log_decay : tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @beta(
    %q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x6xf32>'}}
    %v: tensor<2x5x4x6xf32>,
    %beta: tensor<2x5xf32>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected beta to have shape [2, 5, 4], got 'tensor<2x5xf32>' [linear-attention C5]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      beta(%beta : tensor<2x5xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @beta_of_keys(
    %q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x6xf32>'}}
    %v: tensor<2x5x4x6xf32>,
    %beta: tensor<2x5x8xf32>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected beta to have shape [2, 5, 4], got 'tensor<2x5x8xf32>' [linear-attention C5]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      beta(%beta : tensor<2x5x8xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @erase(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x8xf32>'}}
    %q: tensor<2x5x4x8xf32>,
    %k: tensor<2x5x4x8xf32>,
    %v: tensor<2x5x4x6xf32>,
    %erase: tensor<2x5x4x6xf32>, %write: tensor<2x5x4x8xf32>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected erase to have shape [2, 5, 4, 8], got 'tensor<2x5x4x6xf32>' [linear-attention C6]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      erase(%erase : tensor<2x5x4x6xf32>) write(%write : tensor<2x5x4x8xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @write(
    %q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x6xf32>'}}
    %v: tensor<2x5x4x6xf32>,
    %erase: tensor<2x5x4x8xf32>, %write: tensor<2x5x2x8xf32>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected write to have shape [2, 5, 4, 8], got 'tensor<2x5x2x8xf32>' [linear-attention C6]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      erase(%erase : tensor<2x5x4x8xf32>) write(%write : tensor<2x5x2x8xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @bonus(
    %q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x6xf32>'}}
    %v: tensor<2x5x4x6xf32>,
    %bonus: tensor<8x4xf32>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected bonus to have shape [4, 8], got 'tensor<8x4xf32>' [linear-attention C8]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      bonus(%bonus : tensor<8x4xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64, pre_update}
  return
}

// -----

func.func @erase_alone(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %erase: tensor<2x5x4x8xf32>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected erase and write together, got one of them [linear-attention C6]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      erase(%erase : tensor<2x5x4x8xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @write_alone(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %write: tensor<2x5x4x8xf32>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected erase and write together, got one of them [linear-attention C6]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      write(%write : tensor<2x5x4x8xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @beta_and_erase(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %beta: tensor<2x5x4xf32>, %erase: tensor<2x5x4x8xf32>, %write: tensor<2x5x4x8xf32>, %o: tensor<2x5x4x6xf32>,
    %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected beta or erase and write, got all of them [linear-attention C7]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      beta(%beta : tensor<2x5x4xf32>) erase(%erase : tensor<2x5x4x8xf32>) write(%write : tensor<2x5x4x8xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @bonus_after_update(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %bonus: tensor<4x8xf32>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected pre_update where there is a bonus [linear-attention C8]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      bonus(%bonus : tensor<4x8xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @normalize_with_beta(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %beta: tensor<2x5x4xf32>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x7xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected no beta, erase, write or pre_update with normalize [linear-attention C13]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      beta(%beta : tensor<2x5x4xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x7xf32>) {scale = 1.0 : f64, normalize}
  return
}

// -----

func.func @normalize_with_erase(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %erase: tensor<2x5x4x8xf32>, %write: tensor<2x5x4x8xf32>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x7xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected no beta, erase, write or pre_update with normalize [linear-attention C13]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      erase(%erase : tensor<2x5x4x8xf32>) write(%write : tensor<2x5x4x8xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x7xf32>) {scale = 1.0 : f64, normalize}
  return
}

// -----

func.func @normalize_with_pre_update(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x7xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected no beta, erase, write or pre_update with normalize [linear-attention C13]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x7xf32>) {scale = 1.0 : f64, normalize, pre_update}
  return
}

// -----

func.func @bidirectional_with_log_decay(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %log_decay: tensor<4xf32>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected no log_decay, beta, erase, write, pre_update or reverse with bidirectional [linear-attention C14]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      log_decay(%log_decay : tensor<4xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64, bidirectional}
  return
}

// -----

func.func @bidirectional_with_beta(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %beta: tensor<2x5x4xf32>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected no log_decay, beta, erase, write, pre_update or reverse with bidirectional [linear-attention C14]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      beta(%beta : tensor<2x5x4xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64, bidirectional}
  return
}

// -----

func.func @bidirectional_with_erase(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %erase: tensor<2x5x4x8xf32>, %write: tensor<2x5x4x8xf32>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected no log_decay, beta, erase, write, pre_update or reverse with bidirectional [linear-attention C14]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      erase(%erase : tensor<2x5x4x8xf32>) write(%write : tensor<2x5x4x8xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64, bidirectional}
  return
}

// -----

func.func @bidirectional_with_pre_update(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected no log_decay, beta, erase, write, pre_update or reverse with bidirectional [linear-attention C14]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64, bidirectional, pre_update}
  return
}

// -----

func.func @bidirectional_with_reverse(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected no log_decay, beta, erase, write, pre_update or reverse with bidirectional [linear-attention C14]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64, bidirectional, reverse}
  return
}

// -----

func.func @chunk_size_0(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected a chunk_size of at least 1, got 0 [linear-attention C15]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64, chunk_size = 0 : i64}
  return
}

// -----

func.func @chunk_size_negative(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected a chunk_size of at least 1, got -16 [linear-attention C15]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64, chunk_size = -16 : i64}
  return
}

// -----

func.func @sub_chunk_size_0(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected a sub_chunk_size of at least 1, got 0 [linear-attention C15]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64, sub_chunk_size = 0 : i64}
  return
}

// -----

func.func @bound_without_gate(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected a log_decay where there is a gate_lower_bound [linear-attention C18]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64, gate_lower_bound = -5.0 : f64}
  return
}

// -----

func.func @bound_of_0(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>, %g: tensor<4xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected a gate_lower_bound that is finite and below 0, got 0.000000e+00 [linear-attention C18]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>) log_decay(%g : tensor<4xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64, gate_lower_bound = 0.0 : f64}
  return
}

// -----

func.func @infinite_bound(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>, %g: tensor<4xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected a gate_lower_bound that is finite and below 0, got -INF [linear-attention C18]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>) log_decay(%g : tensor<4xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64, gate_lower_bound = 0xFFF0000000000000 : f64}
  return
}

// -----

func.func @infinite_scale(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected a finite scale [linear-attention C16]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 0x7FF0000000000000 : f64}
  return
}

// -----

func.func @nan_scale(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected a finite scale [linear-attention C16]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 0x7FF8000000000000 : f64}
  return
}

// -----

func.func @negative_l2norm_eps(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected an l2norm_eps that is finite and not negative, got -1.000000e-06 [linear-attention C17]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64, qk_l2norm, l2norm_eps = -1.0e-6 : f64}
  return
}

// -----

func.func @infinite_l2norm_eps(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected an l2norm_eps that is finite and not negative, got INF [linear-attention C17]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64, l2norm_eps = 0x7FF0000000000000 : f64}
  return
}

// -----

func.func @nan_l2norm_eps(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected an l2norm_eps that is finite and not negative, got nan [linear-attention C17]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64, l2norm_eps = 0x7FF8000000000000 : f64}
  return
}

// -----

func.func @rank_of_cu_seqlens(%q: tensor<1x5x4x8xf32>, %k: tensor<1x5x4x8xf32>, %v: tensor<1x5x4x6xf32>,
    %cu_seqlens: tensor<4x1xi32>, %o: tensor<1x5x4x6xf32>, %s: tensor<3x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected cu_seqlens to have rank 1, at least one element and type i32 or i64, got 'tensor<4x1xi32>' [linear-attention C9]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<1x5x4x8xf32>, tensor<1x5x4x8xf32>, tensor<1x5x4x6xf32>)
      cu_seqlens(%cu_seqlens : tensor<4x1xi32>)
      outs(%o, %s : tensor<1x5x4x6xf32>, tensor<3x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @empty_cu_seqlens(%q: tensor<1x5x4x8xf32>, %k: tensor<1x5x4x8xf32>, %v: tensor<1x5x4x6xf32>,
    %cu_seqlens: tensor<0xi64>, %o: tensor<1x5x4x6xf32>, %s: tensor<3x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected cu_seqlens to have rank 1, at least one element and type i32 or i64, got 'tensor<0xi64>' [linear-attention C9]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<1x5x4x8xf32>, tensor<1x5x4x8xf32>, tensor<1x5x4x6xf32>)
      cu_seqlens(%cu_seqlens : tensor<0xi64>)
      outs(%o, %s : tensor<1x5x4x6xf32>, tensor<3x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @type_of_cu_seqlens(%q: tensor<1x5x4x8xf32>, %k: tensor<1x5x4x8xf32>, %v: tensor<1x5x4x6xf32>,
    %cu_seqlens: tensor<4xi16>, %o: tensor<1x5x4x6xf32>, %s: tensor<3x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected cu_seqlens to have rank 1, at least one element and type i32 or i64, got 'tensor<4xi16>' [linear-attention C9]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<1x5x4x8xf32>, tensor<1x5x4x8xf32>, tensor<1x5x4x6xf32>)
      cu_seqlens(%cu_seqlens : tensor<4xi16>)
      outs(%o, %s : tensor<1x5x4x6xf32>, tensor<3x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @real_cu_seqlens(%q: tensor<1x5x4x8xf32>, %k: tensor<1x5x4x8xf32>, %v: tensor<1x5x4x6xf32>,
    %cu_seqlens: tensor<4xf32>, %o: tensor<1x5x4x6xf32>, %s: tensor<3x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected cu_seqlens to have rank 1, at least one element and type i32 or i64, got 'tensor<4xf32>' [linear-attention C9]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<1x5x4x8xf32>, tensor<1x5x4x8xf32>, tensor<1x5x4x6xf32>)
      cu_seqlens(%cu_seqlens : tensor<4xf32>)
      outs(%o, %s : tensor<1x5x4x6xf32>, tensor<3x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @batch_of_packed(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %cu_seqlens: tensor<4xi32>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected a batch of 1 with cu_seqlens, got 2 [linear-attention C9]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      cu_seqlens(%cu_seqlens : tensor<4xi32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @shape_of_o(
    %q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x6xf32>'}}
    %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x8xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected o to have shape [2, 5, 4, 6], got 'tensor<2x5x4x8xf32>' [linear-attention C10]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @rank_of_o(
    %q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x6xf32>'}}
    %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected o to have shape [2, 5, 4, 6], got 'tensor<2x5x6xf32>' [linear-attention C10]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @rank_of_state(
    %q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x6xf32>'}}
    %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected state to have shape [2, 4, 8, 6], got 'tensor<4x8x6xf32>' [linear-attention C10]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

// The state has the heads of v, not those of k.
func.func @heads_of_state(
    %q: tensor<2x5x2x8xf32>, %k: tensor<2x5x2x8xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x6xf32>'}}
    %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x2x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected state to have shape [2, 4, 8, 6], got 'tensor<2x2x8x6xf32>' [linear-attention C10]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x2x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @layout_of_state(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x8xf32>'}}
    %q: tensor<2x5x4x8xf32>,
    %k: tensor<2x5x4x8xf32>,
    %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x6x8xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected state to have shape [2, 4, 8, 6], got 'tensor<2x4x6x8xf32>' [linear-attention C10]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x6x8xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @layout_vk_of_state(
    %q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x6xf32>'}}
    %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected state to have shape [2, 4, 6, 8], got 'tensor<2x4x8x6xf32>' [linear-attention C10]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>)
      {scale = 1.0 : f64, state_layout = #linnet.state_layout<vk>}
  return
}

// -----

// The sum of keys is a column more.
func.func @normalized_state(
    %q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x6xf32>'}}
    %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected state to have shape [2, 4, 8, 7], got 'tensor<2x4x8x6xf32>' [linear-attention C10]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64, normalize}
  return
}

// -----

func.func @normalized_state_vk(
    %q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x6xf32>'}}
    %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x6x8xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected state to have shape [2, 4, 7, 8], got 'tensor<2x4x6x8xf32>' [linear-attention C10]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x6x8xf32>)
      {scale = 1.0 : f64, normalize, state_layout = #linnet.state_layout<vk>}
  return
}

// -----

// 4 offsets are 3 sequences.
func.func @packed_state(
    %q: tensor<1x5x4x8xf32>, %k: tensor<1x5x4x8xf32>, %v: tensor<1x5x4x6xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<4xi32>'}}
    %cu_seqlens: tensor<4xi32>, %o: tensor<1x5x4x6xf32>, %s: tensor<1x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected state to have shape [3, 4, 8, 6], got 'tensor<1x4x8x6xf32>' [linear-attention C10]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<1x5x4x8xf32>, tensor<1x5x4x8xf32>, tensor<1x5x4x6xf32>)
      cu_seqlens(%cu_seqlens : tensor<4xi32>)
      outs(%o, %s : tensor<1x5x4x6xf32>, tensor<1x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @type_of_q(%q: tensor<2x5x4x8xi32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected q to have elements of type f32, f64, bf16 or f16, got 'i32' [linear-attention C11]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xi32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @small_type_of_q(%q: tensor<2x5x4x8xf8E4M3FN>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected q to have elements of type f32, f64, bf16 or f16, got 'f8E4M3FN' [linear-attention C11]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf8E4M3FN>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @type_of_k(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf16>, %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected k to have elements of type 'f32', got 'f16' [linear-attention C12]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf16>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @type_of_v(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xbf16>,
    %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected v to have elements of type 'f32', got 'bf16' [linear-attention C12]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xbf16>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @type_of_o(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %o: tensor<2x5x4x6xf64>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected o to have elements of type 'f32', got 'f64' [linear-attention C12]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o, %s : tensor<2x5x4x6xf64>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @type_of_beta(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %beta: tensor<2x5x4xf64>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected beta to have elements of type 'f32', got 'f64' [linear-attention C12]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      beta(%beta : tensor<2x5x4xf64>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @type_of_erase(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %erase: tensor<2x5x4x8xf64>, %write: tensor<2x5x4x8xf32>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected erase to have elements of type 'f32', got 'f64' [linear-attention C12]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      erase(%erase : tensor<2x5x4x8xf64>) write(%write : tensor<2x5x4x8xf32>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @type_of_write(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %erase: tensor<2x5x4x8xf32>, %write: tensor<2x5x4x8xf64>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected write to have elements of type 'f32', got 'f64' [linear-attention C12]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      erase(%erase : tensor<2x5x4x8xf32>) write(%write : tensor<2x5x4x8xf64>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @type_of_bonus(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>,
    %bonus: tensor<4x8xf16>, %o: tensor<2x5x4x6xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected bonus to have elements of type 'f32', got 'f16' [linear-attention C12]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      bonus(%bonus : tensor<4x8xf16>)
      outs(%o, %s : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64, pre_update}
  return
}

// -----

// Decays and states are f32 where the rest is f16,
func.func @type_of_log_decay(%q: tensor<2x5x4x8xf16>, %k: tensor<2x5x4x8xf16>, %v: tensor<2x5x4x6xf16>,
    %log_decay: tensor<4xf16>, %o: tensor<2x5x4x6xf16>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected log_decay to have elements of type 'f32', got 'f16' [linear-attention C12]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf16>, tensor<2x5x4x8xf16>, tensor<2x5x4x6xf16>)
      log_decay(%log_decay : tensor<4xf16>)
      outs(%o, %s : tensor<2x5x4x6xf16>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @type_of_state(%q: tensor<2x5x4x8xf16>, %k: tensor<2x5x4x8xf16>, %v: tensor<2x5x4x6xf16>,
    %o: tensor<2x5x4x6xf16>, %s: tensor<2x4x8x6xf16>) {
  // expected-error @below {{'linnet.linear_attention' op expected state to have elements of type 'f32', got 'f16' [linear-attention C12]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf16>, tensor<2x5x4x8xf16>, tensor<2x5x4x6xf16>)
      outs(%o, %s : tensor<2x5x4x6xf16>, tensor<2x4x8x6xf16>) {scale = 1.0 : f64}
  return
}

// -----

// and f64 where it is f64.
func.func @type_of_log_decay_f64(%q: tensor<2x5x4x8xf64>, %k: tensor<2x5x4x8xf64>, %v: tensor<2x5x4x6xf64>,
    %log_decay: tensor<4xf32>, %o: tensor<2x5x4x6xf64>, %s: tensor<2x4x8x6xf64>) {
  // expected-error @below {{'linnet.linear_attention' op expected log_decay to have elements of type 'f64', got 'f32' [linear-attention C12]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf64>, tensor<2x5x4x8xf64>, tensor<2x5x4x6xf64>)
      log_decay(%log_decay : tensor<4xf32>)
      outs(%o, %s : tensor<2x5x4x6xf64>, tensor<2x4x8x6xf64>) {scale = 1.0 : f64}
  return
}

// -----

func.func @type_of_state_f64(%q: tensor<2x5x4x8xf64>, %k: tensor<2x5x4x8xf64>, %v: tensor<2x5x4x6xf64>,
    %o: tensor<2x5x4x6xf64>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @below {{'linnet.linear_attention' op expected state to have elements of type 'f64', got 'f32' [linear-attention C12]}}
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x5x4x8xf64>, tensor<2x5x4x8xf64>, tensor<2x5x4x6xf64>)
      outs(%o, %s : tensor<2x5x4x6xf64>, tensor<2x4x8x6xf32>) {scale = 1.0 : f64}
  return
}

// -----

func.func @ssd_rank_of_x(
    %x: tensor<2x5x32xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected x to have rank 4, got 'tensor<2x5x32xf32>' [ssd C1]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x32xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_time_of_dt(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x8xf32>'}}
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x6x4xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected dt to have shape [2, 5, 4], got 'tensor<2x6x4xf32>' [ssd C2]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x6x4xf32>, tensor<4xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_heads_of_dt(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x8xf32>'}}
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x3xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected dt to have shape [2, 5, 4], got 'tensor<2x5x3xf32>' [ssd C2]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x3xf32>, tensor<4xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_rank_of_dt(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x8xf32>'}}
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4x1xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected dt to have shape [2, 5, 4], got 'tensor<2x5x4x1xf32>' [ssd C2]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4x1xf32>, tensor<4xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_heads_of_a(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x8xf32>'}}
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<3xf32>,
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected A to have shape [4], got 'tensor<3xf32>' [ssd C3]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<3xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_rank_of_a(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x8xf32>'}}
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4x16xf32>,
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected A to have shape [4], got 'tensor<4x16xf32>' [ssd C3]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4x16xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_rank_of_b(
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected B to have rank 4, got 'tensor<2x5x16xf32>' [ssd C4]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x16xf32>, tensor<2x5x2x16xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_batch_of_b(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x8xf32>'}}
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    %b: tensor<1x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected B to have shape [2, 5, 2, 16], got 'tensor<1x5x2x16xf32>' [ssd C4]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<1x5x2x16xf32>, tensor<2x5x2x16xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_groups_of_c(
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x2x16xf32>'}}
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x4x16xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected C to have shape [2, 5, 2, 16], got 'tensor<2x5x4x16xf32>' [ssd C4]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x2x16xf32>, tensor<2x5x4x16xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_states_of_c(
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x2x16xf32>'}}
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x8xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected C to have shape [2, 5, 2, 16], got 'tensor<2x5x2x8xf32>' [ssd C4]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x8xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_heads_of_d(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x8xf32>'}}
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %d: tensor<3xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected D to have shape [4], got 'tensor<3xf32>' [ssd C6]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>)
      skip(%d : tensor<3xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_values_of_d(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x8xf32>'}}
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %d: tensor<4x7xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected D to have shape [4, 8], got 'tensor<4x7xf32>' [ssd C6]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>)
      skip(%d : tensor<4x7xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_rank_of_d(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x8xf32>'}}
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %d: tensor<4x8x1xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected D to have shape [4], got 'tensor<4x8x1xf32>' [ssd C6]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>)
      skip(%d : tensor<4x8x1xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_heads_of_dt_bias(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x8xf32>'}}
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %bias: tensor<8xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected dt_bias to have shape [4], got 'tensor<8xf32>' [ssd C7]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>)
      dt_bias(%bias : tensor<8xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_shape_of_z(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x8xf32>'}}
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %z: tensor<2x5x4x9xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected z to have shape [2, 5, 4, 8], got 'tensor<2x5x4x9xf32>' [ssd C8]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>)
      gate(%z : tensor<2x5x4x9xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_shape_of_y(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x8xf32>'}}
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %y: tensor<2x4x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected y to have shape [2, 5, 4, 8], got 'tensor<2x4x4x8xf32>' [ssd C8]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>)
      outs(%y, %s : tensor<2x4x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_transposed_state(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x8xf32>'}}
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x16x8xf32>) {
  // expected-error @below {{'linnet.ssd' op expected state to have shape [2, 4, 8, 16], got 'tensor<2x4x16x8xf32>' [ssd C9]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x16x8xf32>)
  return
}

// -----

func.func @ssd_states_of_state(
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x2x16xf32>'}}
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x15xf32>) {
  // expected-error @below {{'linnet.ssd' op expected state to have shape [2, 4, 8, 16], got 'tensor<2x4x8x15xf32>' [ssd C9]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x15xf32>)
  return
}

// -----

func.func @ssd_groups(
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x3x16xf32>,
    %c: tensor<2x5x3x16xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected the number of groups to divide the 4 heads, got 3 [ssd C5]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x3x16xf32>, tensor<2x5x3x16xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_more_groups(
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x8x16xf32>,
    %c: tensor<2x5x8x16xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected the number of groups to divide the 4 heads, got 8 [ssd C5]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x8x16xf32>, tensor<2x5x8x16xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_no_groups(
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x0x16xf32>,
    %c: tensor<2x5x0x16xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected the number of groups to divide the 4 heads, got 0 [ssd C5]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x0x16xf32>, tensor<2x5x0x16xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_element_type(
    %x: tensor<2x5x4x8xbf16>,
    %dt: tensor<2x5x4xbf16>,
    %a: tensor<4xbf16>,
    %b: tensor<2x5x2x16xbf16>,
    %c: tensor<2x5x2x16xbf16>,
    %y: tensor<2x5x4x8xbf16>,
    %s: tensor<2x4x8x16xbf16>) {
  // expected-error @below {{'linnet.ssd' op expected x to have elements of type f32 or f64, got 'bf16' [ssd C10]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xbf16>, tensor<2x5x4xbf16>, tensor<4xbf16>, tensor<2x5x2x16xbf16>, tensor<2x5x2x16xbf16>)
      outs(%y, %s : tensor<2x5x4x8xbf16>, tensor<2x4x8x16xbf16>)
  return
}

// -----

func.func @ssd_element_type_of_dt(
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf64>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected dt to have elements of type 'f32', got 'f64' [ssd C11]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf64>, tensor<4xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_element_type_of_a(
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf64>,
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected A to have elements of type 'f32', got 'f64' [ssd C11]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf64>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_element_type_of_b(
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x2x16xf64>,
    %c: tensor<2x5x2x16xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected B to have elements of type 'f32', got 'f64' [ssd C11]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x2x16xf64>, tensor<2x5x2x16xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_element_type_of_c(
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf64>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected C to have elements of type 'f32', got 'f64' [ssd C11]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf64>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_element_type_of_d(
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %d: tensor<4xf64>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected D to have elements of type 'f32', got 'f64' [ssd C11]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>)
      skip(%d : tensor<4xf64>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_element_type_of_z(
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %z: tensor<2x5x4x8xf64>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected z to have elements of type 'f32', got 'f64' [ssd C11]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>)
      gate(%z : tensor<2x5x4x8xf64>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_element_type_of_dt_bias(
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %bias: tensor<4xf64>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected dt_bias to have elements of type 'f32', got 'f64' [ssd C11]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>)
      dt_bias(%bias : tensor<4xf64>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_element_type_of_y(
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %y: tensor<2x5x4x8xf64>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected y to have elements of type 'f32', got 'f64' [ssd C11]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>)
      outs(%y, %s : tensor<2x5x4x8xf64>, tensor<2x4x8x16xf32>)
  return
}

// -----

func.func @ssd_element_type_of_state(
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf64>) {
  // expected-error @below {{'linnet.ssd' op expected state to have elements of type 'f32', got 'f64' [ssd C11]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf64>)
  return
}

// -----

func.func @ssd_no_chunk(
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected a chunk_size of at least 1, got 0 [ssd C12]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>) {chunk_size = 0 : i64}
  return
}

// -----

func.func @ssd_negative_chunk(
    %x: tensor<2x5x4x8xf32>,
    %dt: tensor<2x5x4xf32>,
    %a: tensor<4xf32>,
    %b: tensor<2x5x2x16xf32>,
    %c: tensor<2x5x2x16xf32>,
    %y: tensor<2x5x4x8xf32>,
    %s: tensor<2x4x8x16xf32>) {
  // expected-error @below {{'linnet.ssd' op expected a chunk_size of at least 1, got -16 [ssd C12]}}
  %0:2 = linnet.ssd ins(%x, %dt, %a, %b, %c : tensor<2x5x4x8xf32>, tensor<2x5x4xf32>, tensor<4xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>)
      outs(%y, %s : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>) {chunk_size = -16 : i64}
  return
}

// -----

func.func @block_local_rank_of_q(%q: tensor<2x5x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>, %o: tensor<2x5x4x6xf32>) {
  // expected-error @below {{'linnet.block_local_attention' op expected q to have rank 4, got 'tensor<2x5x8xf32>' [block-local-attention C1]}}
  %0 = linnet.block_local_attention ins(%q, %k, %v : tensor<2x5x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o : tensor<2x5x4x6xf32>) {block_size = 4 : i64, scale = 1.0 : f64}
  return
}

// -----

func.func @block_local_rank_of_k(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x8xf32>, %v: tensor<2x5x4x6xf32>, %o: tensor<2x5x4x6xf32>) {
  // expected-error @below {{'linnet.block_local_attention' op expected k to have rank 4, got 'tensor<2x5x8xf32>' [block-local-attention C1]}}
  %0 = linnet.block_local_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o : tensor<2x5x4x6xf32>) {block_size = 4 : i64, scale = 1.0 : f64}
  return
}

// -----

func.func @block_local_rank_of_v(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x6xf32>, %o: tensor<2x5x4x6xf32>) {
  // expected-error @below {{'linnet.block_local_attention' op expected v to have rank 4, got 'tensor<2x5x6xf32>' [block-local-attention C1]}}
  %0 = linnet.block_local_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x6xf32>)
      outs(%o : tensor<2x5x4x6xf32>) {block_size = 4 : i64, scale = 1.0 : f64}
  return
}

// -----

// expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x6xf32>'}}
func.func @block_local_batch_of_q(%q: tensor<3x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>, %o: tensor<2x5x4x6xf32>) {
  // expected-error @below {{'linnet.block_local_attention' op expected q to have shape [2, 5, 4, 8], got 'tensor<3x5x4x8xf32>' [block-local-attention C2]}}
  %0 = linnet.block_local_attention ins(%q, %k, %v : tensor<3x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o : tensor<2x5x4x6xf32>) {block_size = 4 : i64, scale = 1.0 : f64}
  return
}

// -----

// expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x8xf32>'}}
func.func @block_local_keys_of_k(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x9xf32>, %v: tensor<2x5x4x6xf32>, %o: tensor<2x5x4x6xf32>) {
  // expected-error @below {{'linnet.block_local_attention' op expected k to have shape [2, 5, 4, 8], got 'tensor<2x5x4x9xf32>' [block-local-attention C2]}}
  %0 = linnet.block_local_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x9xf32>, tensor<2x5x4x6xf32>)
      outs(%o : tensor<2x5x4x6xf32>) {block_size = 4 : i64, scale = 1.0 : f64}
  return
}

// -----

func.func @block_local_heads_of_q(%q: tensor<2x5x3x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>, %o: tensor<2x5x4x6xf32>) {
  // expected-error @below {{'linnet.block_local_attention' op expected the heads of q to divide the 4 heads of v, got 3 [block-local-attention C3]}}
  %0 = linnet.block_local_attention ins(%q, %k, %v : tensor<2x5x3x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o : tensor<2x5x4x6xf32>) {block_size = 4 : i64, scale = 1.0 : f64}
  return
}

// -----

func.func @block_local_heads_of_k(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x0x8xf32>, %v: tensor<2x5x4x6xf32>, %o: tensor<2x5x4x6xf32>) {
  // expected-error @below {{'linnet.block_local_attention' op expected the heads of k to divide the 4 heads of v, got 0 [block-local-attention C3]}}
  %0 = linnet.block_local_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x0x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o : tensor<2x5x4x6xf32>) {block_size = 4 : i64, scale = 1.0 : f64}
  return
}

// -----

// expected-note @below {{the sizes come from a value of type 'tensor<2x5x4x6xf32>'}}
func.func @block_local_o(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>, %o: tensor<2x5x4x7xf32>) {
  // expected-error @below {{'linnet.block_local_attention' op expected o to have shape [2, 5, 4, 6], got 'tensor<2x5x4x7xf32>' [block-local-attention C4]}}
  %0 = linnet.block_local_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o : tensor<2x5x4x7xf32>) {block_size = 4 : i64, scale = 1.0 : f64}
  return
}

// -----

func.func @block_local_block_size(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>, %o: tensor<2x5x4x6xf32>) {
  // expected-error @below {{'linnet.block_local_attention' op expected a block_size of at least 1, got 0 [block-local-attention C5]}}
  %0 = linnet.block_local_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o : tensor<2x5x4x6xf32>) {block_size = 0 : i64, scale = 1.0 : f64}
  return
}

// -----

func.func @block_local_scale(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>, %o: tensor<2x5x4x6xf32>) {
  // expected-error @below {{'linnet.block_local_attention' op expected a finite scale [block-local-attention C6]}}
  %0 = linnet.block_local_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o : tensor<2x5x4x6xf32>) {block_size = 4 : i64, scale = 0x7FF0000000000000 : f64}
  return
}

// -----

func.func @block_local_element(%q: tensor<2x5x4x8xi32>, %k: tensor<2x5x4x8xi32>, %v: tensor<2x5x4x6xi32>, %o: tensor<2x5x4x6xi32>) {
  // expected-error @below {{'linnet.block_local_attention' op expected q to have elements of type f32, f64, bf16 or f16, got 'i32' [block-local-attention C7]}}
  %0 = linnet.block_local_attention ins(%q, %k, %v : tensor<2x5x4x8xi32>, tensor<2x5x4x8xi32>, tensor<2x5x4x6xi32>)
      outs(%o : tensor<2x5x4x6xi32>) {block_size = 4 : i64, scale = 1.0 : f64}
  return
}

// -----

func.func @block_local_element_of_k(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf64>, %v: tensor<2x5x4x6xf32>, %o: tensor<2x5x4x6xf32>) {
  // expected-error @below {{'linnet.block_local_attention' op expected k to have elements of type 'f32', got 'f64' [block-local-attention C8]}}
  %0 = linnet.block_local_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf64>, tensor<2x5x4x6xf32>)
      outs(%o : tensor<2x5x4x6xf32>) {block_size = 4 : i64, scale = 1.0 : f64}
  return
}

// -----

func.func @block_local_element_of_v(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xbf16>, %o: tensor<2x5x4x6xbf16>) {
  // expected-error @below {{'linnet.block_local_attention' op expected v to have elements of type 'f32', got 'bf16' [block-local-attention C8]}}
  %0 = linnet.block_local_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xbf16>)
      outs(%o : tensor<2x5x4x6xbf16>) {block_size = 4 : i64, scale = 1.0 : f64}
  return
}

// -----

func.func @block_local_element_of_o(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x4x8xf32>, %v: tensor<2x5x4x6xf32>, %o: tensor<2x5x4x6xf16>) {
  // expected-error @below {{'linnet.block_local_attention' op expected o to have elements of type 'f32', got 'f16' [block-local-attention C8]}}
  %0 = linnet.block_local_attention ins(%q, %k, %v : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x6xf32>)
      outs(%o : tensor<2x5x4x6xf16>) {block_size = 4 : i64, scale = 1.0 : f64}
  return
}
