// The model of the excerpts on the rationale pages: a projection, then a scan, with one carried state.
module @tiny attributes {linnet.symbols = ["B", "T"], linnet.metadata = "{}"} {
  func.func @forward(
      %x: tensor<?x?x64xf32> {linnet.role = "input", linnet.name = "x", linnet.symbols = ["B", "T"]},
      %state: tensor<?x64xf32> {linnet.role = "state", linnet.name = "h", linnet.symbols = ["B"]},
      %w: tensor<64x64xf32> {linnet.role = "weight", linnet.name = "proj.weight"},
      %logDecay: tensor<64xf32> {linnet.role = "weight", linnet.name = "log_decay"})
      -> (tensor<?x?x64xf32> {linnet.role = "output", linnet.name = "y", linnet.symbols = ["B", "T"]},
          tensor<?x64xf32> {linnet.role = "state", linnet.name = "h", linnet.symbols = ["B"]}) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %zero = arith.constant 0.0 : f32
    %B = tensor.dim %x, %c0 : tensor<?x?x64xf32>
    %T = tensor.dim %x, %c1 : tensor<?x?x64xf32>
    %empty = tensor.empty(%B, %T) : tensor<?x?x64xf32>
    // b[t] = W x[t]
    %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %b = linalg.contract
        indexing_maps = [affine_map<(b, t, n, k) -> (b, t, k)>, affine_map<(b, t, n, k) -> (n, k)>,
                         affine_map<(b, t, n, k) -> (b, t, n)>]
        ins(%x, %w : tensor<?x?x64xf32>, tensor<64x64xf32>) outs(%zeros : tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    // a[t] = exp(-exp(log_decay)), the same at every token
    %emptyDecay = tensor.empty() : tensor<64xf32>
    %decay = linalg.map ins(%logDecay : tensor<64xf32>) outs(%emptyDecay : tensor<64xf32>)
      (%in: f32, %out: f32) {
        %e = math.exp %in : f32
        %n = arith.negf %e : f32
        %d = math.exp %n : f32
        linalg.yield %d : f32
      }
    %a = linalg.broadcast ins(%decay : tensor<64xf32>) outs(%empty : tensor<?x?x64xf32>) dimensions = [0, 1]
    %h, %last = linnet.affine_scan ins(%a, %b : tensor<?x?x64xf32>, tensor<?x?x64xf32>)
        outs(%empty, %state : tensor<?x?x64xf32>, tensor<?x64xf32>) {dimension = 1 : i64}
    return %h, %last : tensor<?x?x64xf32>, tensor<?x64xf32>
  }
}
