// The smallest model: y and the state of a scan h_t = x_t h_{t-1} + w.
module @tiny attributes {linnet.symbols = ["B", "T"], linnet.metadata = "{\22tokenizer\22:\22none\22}"} {
  func.func @forward(%x: tensor<?x?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["B", "T"]},
                     %s: tensor<?x8xf32> {linnet.name = "h", linnet.role = "state", linnet.symbols = ["B"]},
                     %w: tensor<8xf32> {linnet.name = "layers.0.w", linnet.role = "weight"})
      -> (tensor<?x?x8xf32> {linnet.name = "y", linnet.role = "output", linnet.symbols = ["B", "T"]},
          tensor<?x8xf32> {linnet.name = "h", linnet.role = "state", linnet.symbols = ["B"]}) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %batches = tensor.dim %x, %c0 : tensor<?x?x8xf32>
    %times = tensor.dim %x, %c1 : tensor<?x?x8xf32>
    %e = tensor.empty(%batches, %times) : tensor<?x?x8xf32>
    %b = linalg.broadcast ins(%w : tensor<8xf32>) outs(%e : tensor<?x?x8xf32>) dimensions = [0, 1]
    %0:2 = linnet.affine_scan ins(%x, %b : tensor<?x?x8xf32>, tensor<?x?x8xf32>)
                              outs(%e, %s : tensor<?x?x8xf32>, tensor<?x8xf32>) {dimension = 1 : i64}
    return %0#0, %0#1 : tensor<?x?x8xf32>, tensor<?x8xf32>
  }
}
