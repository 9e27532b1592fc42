// --linnet-emit-entry-points: linnet_run_NAME(host, buffers, symbols, workspace) makes dense descriptors of its buffers,
// linnet_workspace_NAME(symbols) asks for the size; the module says what the manifest needs.

// RUN: linnet-opt %s --linnet-emit-entry-points --split-input-file --verify-diagnostics | FileCheck %s

// A size below 0 in a shape is symbol -1 - size: -2 is T, -1 is B. The workspace is no argument for the user.
// CHECK:       module attributes {linnet.functions = [{arguments = [
// CHECK-SAME:    {name = "x", role = "input", shape = array<i64: -1, -2, 8>, type = f32},
// CHECK-SAME:    {name = "s", role = "state_in", shape = array<i64: 8>, type = f64}], name = "forward"}]
module attributes {linnet.symbols = ["B", "T"]} {
  // CHECK: func.func private @forward(
  func.func @forward(%host: !llvm.ptr,
                     %x: memref<?x?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["B", "T"]},
                     %s: memref<8xf64> {linnet.name = "s", linnet.role = "state_in"},
                     %w: memref<?xi8> {linnet.role = "workspace"}) {
    return
  }
  // CHECK: func.func private @forward_workspace_bytes(
  func.func @forward_workspace_bytes(%b: index, %t: index) -> index {
    %0 = arith.muli %b, %t : index
    return %0 : index
  }
}

// CHECK-LABEL: func.func @linnet_run_forward(
// CHECK-SAME:    %[[HOST:.*]]: !llvm.ptr, %[[BUFFERS:.*]]: !llvm.ptr, %[[SYMBOLS:.*]]: !llvm.ptr, %[[WORKSPACE:.*]]: !llvm.ptr) -> i32
// CHECK:         %[[X_AT:.*]] = llvm.getelementptr %[[BUFFERS]][0]
// CHECK:         %[[X:.*]] = llvm.load %[[X_AT]] : !llvm.ptr -> !llvm.ptr
// CHECK:         llvm.insertvalue %[[X]], %{{.*}}[1]
// CHECK:         %[[EIGHT:.*]] = llvm.mlir.constant(8 : i64)
// CHECK:         llvm.insertvalue %[[EIGHT]], %{{.*}}[3, 2]
// CHECK:         %[[T_AT:.*]] = llvm.getelementptr %[[SYMBOLS]][1]
// CHECK:         %[[T:.*]] = llvm.load %[[T_AT]] : !llvm.ptr -> i64
// CHECK:         llvm.insertvalue %[[T]], %{{.*}}[3, 1]
// CHECK:         llvm.getelementptr %[[SYMBOLS]][0]
// CHECK:         llvm.getelementptr %[[BUFFERS]][1]
// CHECK:         llvm.insertvalue %[[WORKSPACE]], %{{.*}}[1]
// CHECK:         call @forward(%[[HOST]], %{{.*}}, %{{.*}}, %{{.*}})
// CHECK:         %[[ZERO:.*]] = llvm.mlir.constant(0 : i32)
// CHECK:         return %[[ZERO]]

// CHECK-LABEL: func.func @linnet_workspace_forward(
// CHECK-SAME:    %[[SYMBOLS:.*]]: !llvm.ptr) -> i64
// CHECK-DAG:     llvm.getelementptr %[[SYMBOLS]][0]
// CHECK-DAG:     llvm.getelementptr %[[SYMBOLS]][1]
// CHECK:         call @forward_workspace_bytes(%{{.*}}, %{{.*}}) : (index, index) -> index

// -----

// Without a workspace function nothing is needed.
// CHECK-LABEL: func.func @linnet_workspace_step(
// CHECK-NEXT:    %[[ZERO:.*]] = llvm.mlir.constant(0 : i64)
// CHECK-NEXT:    return %[[ZERO]]
func.func @step(%host: !llvm.ptr, %x: memref<8xf32> {linnet.name = "x", linnet.role = "input"}) {
  return
}

// -----

module attributes {linnet.symbols = ["B"]} {
  // expected-error @below {{expected dimension 1 of argument 1 to be named by linnet.symbols after a symbol of the module, got 'T'}}
  func.func @unknown_symbol(%host: !llvm.ptr,
                            %x: memref<?x?xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["B", "T"]}) {
    return
  }
}

// -----

module attributes {linnet.symbols = ["B"]} {
  // expected-error @below {{expected dimension 0 of argument 1 to be named by linnet.symbols after a symbol of the module, got ''}}
  func.func @no_symbols(%host: !llvm.ptr, %x: memref<?xf32> {linnet.name = "x", linnet.role = "input"}) {
    return
  }
}
