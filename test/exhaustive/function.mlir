// A function of linnet-approximate-math on whole vectors, in the form of stage vector: tools/verify-math puts the others in
// the place of exp and runs them on every float32.
func.func @apply(%in: memref<?xf32>, %out: memref<?xf32>) attributes {llvm.emit_c_interface} {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %n = memref.dim %in, %c0 : memref<?xf32>
  scf.for %i = %c0 to %n step %c16 {
    %x = vector.load %in[%i] : memref<?xf32>, vector<16xf32>
    %y = math.exp %x : vector<16xf32>
    vector.store %y, %out[%i] : memref<?xf32>, vector<16xf32>
  }
  return
}
