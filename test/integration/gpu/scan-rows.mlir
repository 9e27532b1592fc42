// affine_scan and scan on a GPU: across channels by threads, along time by blocks; against the reference path.
// RUN: %python %project/test/integration/Inputs/compare_devices.py %s %t --sizes B=1,T=1 --sizes B=3,T=255 --sizes B=2,T=256 --sizes B=2,T=257 --sizes B=2,T=1000 --seeds 8 --traffic

module @scan attributes {linnet.symbols = ["B", "T"]} {
  func.func @main(%x: tensor<?x?xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["B", "T"]},
                  %gate: tensor<?x?xf32> {linnet.name = "gate", linnet.role = "input", linnet.symbols = ["B", "T"]},
                  %n: tensor<?x?xi32> {linnet.name = "n", linnet.role = "input", linnet.symbols = ["B", "T"]},
                  %start: tensor<?x?xi8> {linnet.name = "start", linnet.role = "input", linnet.symbols = ["B", "T"]},
                  %s: tensor<?xf32> {linnet.name = "s", linnet.role = "input", linnet.symbols = ["B"]},
                  %ns: tensor<?xi32> {linnet.name = "ns", linnet.role = "input", linnet.symbols = ["B"]})
      -> (tensor<?x?xf32> {linnet.name = "sum", linnet.role = "output", linnet.symbols = ["B", "T"]},
          tensor<?xf32> {linnet.name = "total", linnet.role = "output", linnet.symbols = ["B"]},
          tensor<?x?xf32> {linnet.name = "max", linnet.role = "output", linnet.symbols = ["B", "T"]},
          tensor<?x?xf32> {linnet.name = "log", linnet.role = "output", linnet.symbols = ["B", "T"]},
          tensor<?x?xi32> {linnet.name = "count", linnet.role = "output", linnet.symbols = ["B", "T"]},
          tensor<?x?xf32> {linnet.name = "h", linnet.role = "output", linnet.symbols = ["B", "T"]},
          tensor<?xf32> {linnet.name = "last", linnet.role = "output", linnet.symbols = ["B"]}) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %B = tensor.dim %x, %c0 : tensor<?x?xf32>
    %T = tensor.dim %x, %c1 : tensor<?x?xf32>
    %e = tensor.empty(%B, %T) : tensor<?x?xf32>
    %ne = tensor.empty(%B, %T) : tensor<?x?xi32>
    %y, %t = linnet.scan add ins(%x : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>)
        states(%s : tensor<?xf32>) {dimension = 1 : i64}
    %m, %mt = linnet.scan max ins(%x : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>)
        states(%s : tensor<?xf32>) {dimension = 1 : i64, exclusive}
    %l, %lt = linnet.scan logaddexp ins(%x : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>)
        states(%s : tensor<?xf32>) {dimension = 1 : i64, reverse}
    %k, %kt = linnet.scan add ins(%n : tensor<?x?xi32>) outs(%ne : tensor<?x?xi32>)
        states(%ns : tensor<?xi32>) segments(%start : tensor<?x?xi8>) {dimension = 1 : i64, exclusive}
    %h, %ht = linnet.affine_scan ins(%gate, %x : tensor<?x?xf32>, tensor<?x?xf32>)
        outs(%e, %s : tensor<?x?xf32>, tensor<?xf32>) {dimension = 1 : i64}
    return %y, %t, %m, %l, %k, %h, %ht : tensor<?x?xf32>, tensor<?xf32>, tensor<?x?xf32>, tensor<?x?xf32>,
        tensor<?x?xi32>, tensor<?x?xf32>, tensor<?xf32>
  }
}
