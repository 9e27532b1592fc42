// What models have beside their scans on a GPU: elementwise, normalisation, softmax, products; against the reference path.
// RUN: %python %project/test/integration/Inputs/compare_devices.py %s %t --sizes B=1,T=1 --sizes B=2,T=37 --tolerance 1e-5 --seeds 8

#x = affine_map<(b, t, i) -> (b, t, i)>
#row = affine_map<(b, t, i) -> (b, t)>
#weight = affine_map<(b, t, i) -> (i)>
module @glue attributes {linnet.symbols = ["B", "T"]} {
  func.func @main(%x: tensor<?x?x72xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["B", "T"]},
                  %norm: tensor<72xf32> {linnet.name = "norm", linnet.role = "input"})
      -> (tensor<?x?x72xf32> {linnet.name = "normed", linnet.role = "output", linnet.symbols = ["B", "T"]},
          tensor<?x?xf32> {linnet.name = "greatest", linnet.role = "output", linnet.symbols = ["B", "T"]},
          tensor<?x72x?xf32> {linnet.name = "turned", linnet.role = "output", linnet.symbols = ["B", "T"]}) {
    %zero = arith.constant 0.0 : f32
    %low = arith.constant 0xFF800000 : f32
    %count = arith.constant 72.0 : f32
    %eps = arith.constant 1.0e-5 : f32
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %B = tensor.dim %x, %c0 : tensor<?x?x72xf32>
    %T = tensor.dim %x, %c1 : tensor<?x?x72xf32>
    %e = tensor.empty(%B, %T) : tensor<?x?x72xf32>
    %re = tensor.empty(%B, %T) : tensor<?x?xf32>
    %r0 = linalg.fill ins(%zero : f32) outs(%re : tensor<?x?xf32>) -> tensor<?x?xf32>
    %squares = linalg.generic {indexing_maps = [#x, #row], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%x : tensor<?x?x72xf32>) outs(%r0 : tensor<?x?xf32>) {
      ^bb0(%a: f32, %s: f32):
        %0 = arith.mulf %a, %a : f32
        %1 = arith.addf %s, %0 fastmath<reassoc> : f32
        linalg.yield %1 : f32
    } -> tensor<?x?xf32>
    %normed = linalg.generic {indexing_maps = [#x, #row, #weight, #x], iterator_types = ["parallel", "parallel", "parallel"]}
        ins(%x, %squares, %norm : tensor<?x?x72xf32>, tensor<?x?xf32>, tensor<72xf32>) outs(%e : tensor<?x?x72xf32>) {
      ^bb0(%a: f32, %s: f32, %w: f32, %o: f32):
        %0 = arith.divf %s, %count : f32
        %1 = arith.addf %0, %eps : f32
        %2 = math.rsqrt %1 : f32
        %3 = arith.mulf %a, %2 : f32
        %4 = arith.mulf %3, %w : f32
        %5 = math.exp %4 : f32
        linalg.yield %5 : f32
    } -> tensor<?x?x72xf32>
    %m0 = linalg.fill ins(%low : f32) outs(%re : tensor<?x?xf32>) -> tensor<?x?xf32>
    %greatest = linalg.generic {indexing_maps = [#x, #row], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%x : tensor<?x?x72xf32>) outs(%m0 : tensor<?x?xf32>) {
      ^bb0(%a: f32, %s: f32):
        %0 = arith.maximumf %s, %a : f32
        linalg.yield %0 : f32
    } -> tensor<?x?xf32>
    %te = tensor.empty(%B, %T) : tensor<?x72x?xf32>
    %turned = linalg.transpose ins(%x : tensor<?x?x72xf32>) outs(%te : tensor<?x72x?xf32>) permutation = [0, 2, 1]
    return %normed, %greatest, %turned : tensor<?x?x72xf32>, tensor<?x?xf32>, tensor<?x72x?xf32>
  }
}
