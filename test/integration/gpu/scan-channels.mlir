// Scans across channels on a GPU, a thread for each: against the reference path.
// RUN: %python %project/test/integration/Inputs/compare_devices.py %s %t --sizes B=1,T=1 --sizes B=2,T=37 --seeds 8 --traffic

module @channels attributes {linnet.symbols = ["B", "T"]} {
  func.func @main(%gate: tensor<?x?x40xf32> {linnet.name = "gate", linnet.role = "input", linnet.symbols = ["B", "T"]},
                  %x: tensor<?x?x40xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["B", "T"]},
                  %h0: tensor<?x40xf32> {linnet.name = "h0", linnet.role = "input", linnet.symbols = ["B"]},
                  %w: tensor<40x4xf32> {linnet.name = "w", linnet.role = "input"},
                  %bias: tensor<40xf32> {linnet.name = "bias", linnet.role = "input"},
                  %c0s: tensor<?x3x40xf32> {linnet.name = "window", linnet.role = "input", linnet.symbols = ["B"]},
                  %a: tensor<40x16xf32> {linnet.name = "decay_a", linnet.role = "input"},
                  %b: tensor<?x?x16xf32> {linnet.name = "b", linnet.role = "input", linnet.symbols = ["B", "T"]},
                  %c: tensor<?x?x16xf32> {linnet.name = "c", linnet.role = "input", linnet.symbols = ["B", "T"]},
                  %s0: tensor<?x40x16xf32> {linnet.name = "s0", linnet.role = "input", linnet.symbols = ["B"]})
      -> (tensor<?x?x40xf32> {linnet.name = "h", linnet.role = "output", linnet.symbols = ["B", "T"]},
          tensor<?x40xf32> {linnet.name = "last", linnet.role = "output", linnet.symbols = ["B"]},
          tensor<?x?x40xf32> {linnet.name = "conv", linnet.role = "output", linnet.symbols = ["B", "T"]},
          tensor<?x3x40xf32> {linnet.name = "next_window", linnet.role = "output", linnet.symbols = ["B"]},
          tensor<?x?x40xf32> {linnet.name = "y", linnet.role = "output", linnet.symbols = ["B", "T"]},
          tensor<?x40x16xf32> {linnet.name = "s", linnet.role = "output", linnet.symbols = ["B"]}) {
    %i0 = arith.constant 0 : index
    %i1 = arith.constant 1 : index
    %B = tensor.dim %x, %i0 : tensor<?x?x40xf32>
    %T = tensor.dim %x, %i1 : tensor<?x?x40xf32>
    %e = tensor.empty(%B, %T) : tensor<?x?x40xf32>
    %h, %last = linnet.affine_scan ins(%gate, %x : tensor<?x?x40xf32>, tensor<?x?x40xf32>)
        outs(%e, %h0 : tensor<?x?x40xf32>, tensor<?x40xf32>) {dimension = 1}
    %conv, %window = linnet.causal_conv1d ins(%x, %w : tensor<?x?x40xf32>, tensor<40x4xf32>) bias(%bias : tensor<40xf32>)
        outs(%e, %c0s : tensor<?x?x40xf32>, tensor<?x3x40xf32>) {activation = #linnet.activation<silu>}
    %y, %s = linnet.selective_scan ins(%x, %gate, %a, %b, %c : tensor<?x?x40xf32>, tensor<?x?x40xf32>,
        tensor<40x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>) skip(%bias : tensor<40xf32>)
        gate(%x : tensor<?x?x40xf32>) delta_bias(%bias : tensor<40xf32>)
        outs(%e, %s0 : tensor<?x?x40xf32>, tensor<?x40x16xf32>) {delta_softplus}
    return %h, %last, %conv, %window, %y, %s : tensor<?x?x40xf32>, tensor<?x40xf32>, tensor<?x?x40xf32>,
        tensor<?x3x40xf32>, tensor<?x?x40xf32>, tensor<?x40x16xf32>
  }
}
