// A scan of rows by blocks, and a softmax: two sums of warps and what reads them.
#x = affine_map<(b, t, i) -> (b, t, i)>
#row = affine_map<(b, t, i) -> (b, t)>
module @barriers attributes {linnet.symbols = ["B", "T"]} {
  func.func @main(%x: tensor<?x?xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["B", "T"]},
                  %s: tensor<?xf32> {linnet.name = "s", linnet.role = "input", linnet.symbols = ["B"]},
                  %y: tensor<?x40x72xf32> {linnet.name = "y", linnet.role = "input", linnet.symbols = ["B"]})
      -> (tensor<?x?xf32> {linnet.name = "sum", linnet.role = "output", linnet.symbols = ["B", "T"]},
          tensor<?x40x72xf32> {linnet.name = "soft", linnet.role = "output", linnet.symbols = ["B"]}) {
    %zero = arith.constant 0.0 : f32
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %B = tensor.dim %x, %c0 : tensor<?x?xf32>
    %T = tensor.dim %x, %c1 : tensor<?x?xf32>
    %e = tensor.empty(%B, %T) : tensor<?x?xf32>
    %sum, %total = linnet.scan add ins(%x : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>)
        states(%s : tensor<?xf32>) {dimension = 1 : i64}
    %ye = tensor.empty(%B) : tensor<?x40x72xf32>
    %re = tensor.empty(%B) : tensor<?x40xf32>
    %r0 = linalg.fill ins(%zero : f32) outs(%re : tensor<?x40xf32>) -> tensor<?x40xf32>
    %norm = linalg.generic {indexing_maps = [#x, #row], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%y : tensor<?x40x72xf32>) outs(%r0 : tensor<?x40xf32>) {
      ^bb0(%a: f32, %r: f32):
        %0 = math.exp %a : f32
        %1 = arith.addf %r, %0 fastmath<reassoc> : f32
        linalg.yield %1 : f32
    } -> tensor<?x40xf32>
    %soft = linalg.generic {indexing_maps = [#x, #row, #x], iterator_types = ["parallel", "parallel", "parallel"]}
        ins(%y, %norm : tensor<?x40x72xf32>, tensor<?x40xf32>) outs(%ye : tensor<?x40x72xf32>) {
      ^bb0(%a: f32, %n: f32, %o: f32):
        %0 = math.exp %a : f32
        %1 = arith.divf %0, %n : f32
        linalg.yield %1 : f32
    } -> tensor<?x40x72xf32>
    return %sum, %soft : tensor<?x?xf32>, tensor<?x40x72xf32>
  }
}
