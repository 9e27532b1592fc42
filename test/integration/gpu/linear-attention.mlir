// Linear attention on a GPU: constant, per-key decay, the delta rule, what has no code of its own; against the
// reference path.
// RUN: %python %project/test/integration/Inputs/compare_devices.py %s %t --sizes B=1,T=1 --sizes B=2,T=19 --tolerance 1e-5 --seeds 8 --traffic

module @attention attributes {linnet.symbols = ["B", "T"]} {
  func.func @main(%q: tensor<?x?x2x16xf32> {linnet.name = "q", linnet.role = "input", linnet.symbols = ["B", "T"]},
                  %k: tensor<?x?x2x16xf32> {linnet.name = "k", linnet.role = "input", linnet.symbols = ["B", "T"]},
                  %v: tensor<?x?x4x24xf32> {linnet.name = "v", linnet.role = "input", linnet.symbols = ["B", "T"]},
                  %s0: tensor<?x4x16x24xf32> {linnet.name = "s0", linnet.role = "input", linnet.symbols = ["B"]},
                  %d1: tensor<4xf32> {linnet.name = "decay_head", linnet.role = "input"},
                  %d2: tensor<?x?x4x16xf32> {linnet.name = "decay_key", linnet.role = "input", linnet.symbols = ["B", "T"]},
                  %d3: tensor<?x?x4xf32> {linnet.name = "decay", linnet.role = "input", linnet.symbols = ["B", "T"]},
                  %beta: tensor<?x?x4xf32> {linnet.name = "gate", linnet.role = "input", linnet.symbols = ["B", "T"]},
                  %bonus: tensor<4x16xf32> {linnet.name = "bonus", linnet.role = "input"})
      -> (tensor<?x?x4x24xf32> {linnet.name = "head", linnet.role = "output", linnet.symbols = ["B", "T"]},
          tensor<?x?x4x24xf32> {linnet.name = "key", linnet.role = "output", linnet.symbols = ["B", "T"]},
          tensor<?x?x4x24xf32> {linnet.name = "delta", linnet.role = "output", linnet.symbols = ["B", "T"]},
          tensor<?x4x16x24xf32> {linnet.name = "state", linnet.role = "output", linnet.symbols = ["B"]},
          tensor<?x?x4x24xf32> {linnet.name = "both_ways", linnet.role = "output", linnet.symbols = ["B", "T"]}) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %B = tensor.dim %v, %c0 : tensor<?x?x4x24xf32>
    %T = tensor.dim %v, %c1 : tensor<?x?x4x24xf32>
    %e = tensor.empty(%B, %T) : tensor<?x?x4x24xf32>
    %head, %s1 = linnet.linear_attention ins(%q, %k, %v : tensor<?x?x2x16xf32>, tensor<?x?x2x16xf32>, tensor<?x?x4x24xf32>)
        log_decay(%d1 : tensor<4xf32>) outs(%e, %s0 : tensor<?x?x4x24xf32>, tensor<?x4x16x24xf32>) {scale = 0.25 : f64}
    %key, %s2 = linnet.linear_attention ins(%q, %k, %v : tensor<?x?x2x16xf32>, tensor<?x?x2x16xf32>, tensor<?x?x4x24xf32>)
        log_decay(%d2 : tensor<?x?x4x16xf32>) bonus(%bonus : tensor<4x16xf32>)
        outs(%e, %s0 : tensor<?x?x4x24xf32>, tensor<?x4x16x24xf32>) {scale = 0.25 : f64, pre_update}
    %delta, %s3 = linnet.linear_attention ins(%q, %k, %v : tensor<?x?x2x16xf32>, tensor<?x?x2x16xf32>, tensor<?x?x4x24xf32>)
        log_decay(%d3 : tensor<?x?x4xf32>) beta(%beta : tensor<?x?x4xf32>)
        outs(%e, %s0 : tensor<?x?x4x24xf32>, tensor<?x4x16x24xf32>) {scale = 0.25 : f64, qk_l2norm}
    %ways, %s4 = linnet.linear_attention ins(%q, %k, %v : tensor<?x?x2x16xf32>, tensor<?x?x2x16xf32>, tensor<?x?x4x24xf32>)
        outs(%e, %s0 : tensor<?x?x4x24xf32>, tensor<?x4x16x24xf32>) {scale = 0.25 : f64, bidirectional}
    return %head, %key, %delta, %s3, %ways : tensor<?x?x4x24xf32>, tensor<?x?x4x24xf32>, tensor<?x?x4x24xf32>,
        tensor<?x4x16x24xf32>, tensor<?x?x4x24xf32>
  }
}
