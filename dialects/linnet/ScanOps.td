//===- ScanOps.td - the Scan family ---------------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_SCAN_OPS_TD
#define LINNET_SCAN_OPS_TD

include "dialects/linnet/Linnet.td"
include "dialects/linnet/LinnetInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Every op of the family: destination-passing, a primary result along time and a
// final state, both of the type of their init.
class Linnet_ScanOp<string mnemonic, list<Trait> traits = []>
    : Op<Linnet_Dialect, mnemonic, traits # [
        Pure, DestinationStyleOpInterface,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>,
        DeclareOpInterfaceMethods<Linnet_TimeOpInterface>,
        DeclareOpInterfaceMethods<Linnet_CostOpInterface, ["getFlops"]>]> {
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
  // The two inits stand before the optional operands: type inference of ODS finds them by a fixed index.
  int firstInit = 2;
  code dpsDeclaration = "::mlir::MutableOperandRange getDpsInitsMutable() {\n"
                        "  return ::mlir::MutableOperandRange(getOperation(), " # firstInit # ", 2);\n}\n";
  let extraClassDeclaration = dpsDeclaration;
}

def Linnet_AffineScanOp : Linnet_ScanOp<"affine_scan", [
    AllTypesMatch<["h_init", "h"]>, AllTypesMatch<["state_init", "state"]>]> {
  let summary = "first-order recurrence h_t = a_t h_{t-1} + b_t";
  let description = [{
    Along dimension `dimension` of `a` and `b`, elementwise in all others:

    ```
    h[-1] = state_init
    h[t]  = a[t] * h[t-1] + b[t]        t = 0 .. T-1
    state = h[T-1]
    ```

    With `reverse` time runs from T-1 to 0. `state` has the shape of `a` without
    the scanned dimension. `h_init` is not read. With `complex` a last dimension
    of 2 holds the real and the imaginary part of every number, and is none of
    the dimensions of the scan. See docs/spec/scan.md.

    ```mlir
    %h, %last = linnet.affine_scan ins(%a, %b : tensor<2x?x8xf32>, tensor<2x?x8xf32>)
                                   outs(%h0, %s0 : tensor<2x?x8xf32>, tensor<2x8xf32>) {dimension = 1 : i64}
    ```
  }];
  let arguments = (ins AnyRankedTensor:$a, AnyRankedTensor:$b, AnyRankedTensor:$h_init, AnyRankedTensor:$state_init,
                       I64Attr:$dimension, UnitAttr:$reverse, UnitAttr:$complex);
  let results = (outs AnyRankedTensor:$h, AnyRankedTensor:$state);
  let assemblyFormat = [{
    `ins` `(` $a `,` $b `:` type($a) `,` type($b) `)`
    `outs` `(` $h_init `,` $state_init `:` type($h_init) `,` type($state_init) `)` attr-dict
  }];
}

def Linnet_CausalConv1dOp : Linnet_ScanOp<"causal_conv1d", [
    AllTypesMatch<["y_init", "y"]>, AllTypesMatch<["state_init", "state"]>]> {
  let summary = "causal depthwise convolution along time";
  let description = [{
    With x[t] for t < 0 taken from `state_init`, which holds the W-1 inputs
    before the first:

    ```
    y[b,t,d] = act(bias[d] + sum_{w=0}^{W-1} weight[d,w] * x[b, t-W+1+w, d])
    state    = the last W-1 inputs (of state_init and x together)
    ```

    Layout `btd`: x [B,T,D], state [B,W-1,D]. Layout `bdt`: x [B,D,T], state
    [B,D,W-1]. weight [D,W], bias [D]. See docs/spec/scan.md.
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$weight, AnyRankedTensor:$y_init,
                       AnyRankedTensor:$state_init, Optional<AnyRankedTensor>:$bias,
                       DefaultValuedAttr<Linnet_Layout, "::linnet::Layout::BTD">:$layout,
                       DefaultValuedAttr<Linnet_Activation, "::linnet::Activation::None">:$activation);
  let results = (outs AnyRankedTensor:$y, AnyRankedTensor:$state);
  let assemblyFormat = [{
    `ins` `(` $x `,` $weight `:` type($x) `,` type($weight) `)` (`bias` `(` $bias^ `:` type($bias) `)`)?
    `outs` `(` $y_init `,` $state_init `:` type($y_init) `,` type($state_init) `)` attr-dict
  }];
}

def Linnet_SelectiveScanOp : Linnet_ScanOp<"selective_scan", [
    AttrSizedOperandSegments, AllTypesMatch<["y_init", "y"]>, AllTypesMatch<["state_init", "state"]>]> {
  let summary = "selective state-space scan (Mamba-1)";
  let description = [{
    For every batch b and channel c, over states n:

    ```
    d    = delta[t] + delta_bias;  d = softplus(d) with delta_softplus
    h[n] = exp(d * A[c,n]) * h[n] + d * B[t,n] * u[t]
    y[t] = sum_n C[t,n] * h[n]      (complex A: twice the real part)
    y[t] = (y[t] + D * u[t]) * silu(z[t])
    ```

    The sum over n runs from n = 0 upward in the definition. `D`, `z` and
    `delta_bias` are optional. `state_init` is the state before the first token,
    `state` the one after the last.

    Layout `btd`: u, delta, z, y [B,T,D]; B, C [B,T,N], [B,T,G,N] for G groups of
    D/G channels, or [D,N] constant in time. Layout `bdt`: u [B,D,T]; B, C
    [B,N,T], [B,G,N,T] or [D,N]. A [D,N]; D, delta_bias [D]; state [B,D,N].
    With `complex`, A, B, C and the state have a last dimension of 2 more: the
    real and the imaginary part. See docs/spec/scan.md.
  }];
  let arguments = (ins AnyRankedTensor:$u, AnyRankedTensor:$delta, AnyRankedTensor:$A, AnyRankedTensor:$B,
                       AnyRankedTensor:$C, AnyRankedTensor:$y_init, AnyRankedTensor:$state_init,
                       Optional<AnyRankedTensor>:$D, Optional<AnyRankedTensor>:$z, Optional<AnyRankedTensor>:$delta_bias,
                       DefaultValuedAttr<Linnet_Layout, "::linnet::Layout::BTD">:$layout, UnitAttr:$delta_softplus, UnitAttr:$complex);
  let results = (outs AnyRankedTensor:$y, AnyRankedTensor:$state);
  let assemblyFormat = [{
    `ins` `(` $u `,` $delta `,` $A `,` $B `,` $C `:` type($u) `,` type($delta) `,` type($A) `,` type($B) `,` type($C) `)`
    (`skip` `(` $D^ `:` type($D) `)`)? (`gate` `(` $z^ `:` type($z) `)`)? (`delta_bias` `(` $delta_bias^ `:` type($delta_bias) `)`)?
    `outs` `(` $y_init `,` $state_init `:` type($y_init) `,` type($state_init) `)` attr-dict
  }];
  let firstInit = 5;
  let extraClassDeclaration = dpsDeclaration # [{
    /// The dimension of `u` that is time (2 for bdt) and channel.
    int64_t getTimeDim() { return getLayout() == ::linnet::Layout::BTD ? 1 : 2; }
    int64_t getChannelDim() { return getLayout() == ::linnet::Layout::BTD ? 2 : 1; }
    /// Whether B or C (`coefficients`) is constant in time, and the dimension that is its group, if it has one.
    bool isConstantInTime(::mlir::Value coefficients);
    std::optional<int64_t> getGroupDim(::mlir::Value coefficients);
  }];
}

#endif // LINNET_SCAN_OPS_TD
