//===- Scan.td - scan with any combiner, and recurrence -------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_SCAN_SCAN_TD
#define LINNET_SCAN_SCAN_TD

include "dialects/linnet/Linnet.td"
include "dialects/linnet/LinnetInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Linnet_ScanKindEnum : Linnet_I32Enum<"ScanKind", "how a scan combines an earlier and a later element", [
  I32EnumAttrCase<"Add", 0, "add">,
  I32EnumAttrCase<"Mul", 1, "mul">,
  I32EnumAttrCase<"Min", 2, "min">,
  I32EnumAttrCase<"Max", 3, "max">,
  I32EnumAttrCase<"LogAddExp", 4, "logaddexp">,
  I32EnumAttrCase<"Custom", 5, "custom">
]>;
def Linnet_ScanKind : EnumAttr<Linnet_Dialect, Linnet_ScanKindEnum, "scan_kind">;

def Linnet_YieldOp : Op<Linnet_Dialect, "yield", [Pure, ReturnLike, Terminator, ParentOneOf<["ScanOp", "RecurrenceOp"]>]> {
  let summary = "ends the region of a scan or recurrence";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

// An op over elements of several inputs, with a region on elements. Its results are the primary ones, then the states.
class Linnet_ElementScanOp<string mnemonic, list<Trait> traits = []>
    : Op<Linnet_Dialect, mnemonic, traits # [
        AttrSizedOperandSegments, RecursiveMemoryEffects, RecursivelySpeculatable, DestinationStyleOpInterface,
        DeclareOpInterfaceMethods<InferTypeOpInterface>,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>,
        DeclareOpInterfaceMethods<Linnet_TimeOpInterface>,
        DeclareOpInterfaceMethods<Linnet_CostOpInterface, ["getFlops"]>]> {
  let hasVerifier = 1;
  let hasCanonicalizeMethod = 1;
  code sharedDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return ::mlir::MutableOperandRange(getOperation(), getInputs().size(), getYInits().size() + getStateInits().size());
    }
    ::mlir::ResultRange getYs() { return getResults().take_front(getYInits().size()); }
    ::mlir::ResultRange getStates() { return getResults().drop_front(getYInits().size()); }
    /// The dimensions that are no element dimensions: those of the scan, time among them.
    int64_t getScanRank();
  }];
}

def Linnet_ScanOp : Linnet_ElementScanOp<"scan"> {
  let summary = "running combination of all earlier elements";
  let description = [{
    Along dimension `dimension`, for every position of the other dimensions,
    with an associative `combine(earlier, later)`:

    ```
    c[-1] = state_init
    c[t]  = combine(c[t-1], x[t])          t = 0 .. T-1
    y[t]  = c[t]        (exclusive: c[t-1])
    state = c[T-1]
    ```

    `reverse` runs from T-1 to 0; `earlier` is then what was combined before,
    the elements of greater t. `unseeded`: state_init is not read, c[0] = x[0].
    Where `segment_start` (integers of 8 bits or more) is not 0, c[t-1] is replaced by the identity of the
    kind; with kind custom c[t] = x[t].

    Kinds add, mul, min and max take floats and integers (min and max give NaN
    where an element is NaN), logaddexp takes floats. Kind `custom` has a region:
    its arguments are the earlier elements, then the later ones, its yield the
    combined elements. With `element_ranks = [r0, ...]` the last r_i dimensions
    of input i belong to one element; the region sees static tensors of that
    shape, scalars for rank 0. All inputs agree in their other dimensions. See
    docs/spec/scan.md.

    ```mlir
    %y, %sum = linnet.scan add ins(%x : tensor<4x?x8xf32>) outs(%y0 : tensor<4x?x8xf32>)
                 states(%s0 : tensor<4x8xf32>) {dimension = 1 : i64}
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$inputs, Variadic<AnyRankedTensor>:$y_inits,
                       Variadic<AnyRankedTensor>:$state_inits, Optional<AnyRankedTensor>:$segment_start,
                       Linnet_ScanKind:$kind, I64Attr:$dimension, UnitAttr:$exclusive, UnitAttr:$reverse,
                       UnitAttr:$unseeded, DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$element_ranks);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  // None or one: an empty region would not survive mlir::clone.
  let regions = (region VariadicRegion<SizedRegion<1>>:$combiners);
  let assemblyFormat = [{
    $kind `ins` `(` $inputs `:` type($inputs) `)` `outs` `(` $y_inits `:` type($y_inits) `)`
    `states` `(` $state_inits `:` type($state_inits) `)`
    (`segments` `(` $segment_start^ `:` type($segment_start) `)`)? attr-dict (`combine` $combiners^)?
  }];
  let extraClassDeclaration = sharedDeclaration # [{
    /// The region of kind custom.
    ::mlir::Region &getCombiner() { return getCombiners().front(); }
    /// The element dimensions of input `index`.
    int64_t getElementRank(unsigned index) {
      return getElementRanks().empty() ? 0 : getElementRanks()[index];
    }
  }];
}

def Linnet_RecurrenceOp : Linnet_ElementScanOp<"recurrence"> {
  let summary = "serial recurrence with any step";
  let description = [{
    Along dimension `dimension`, for every position of the other dimensions:

    ```
    c[-1]      = state_init
    c[t], y[t] = step(c[t-1], x[t])          t = 0 .. T-1
    state      = c[T-1]
    ```

    The region is the step: its arguments are the elements of the states, then
    those of the inputs; it yields the new states, then the outputs. `ranks`
    gives the number of element dimensions of each input, output and state, in
    this order (the last dimensions; all 0 where it is empty). Values from
    outside, such as weights, may be used inside. The step need not be
    associative, so time is never cut. See docs/spec/scan.md.
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$inputs, Variadic<AnyRankedTensor>:$y_inits,
                       Variadic<AnyRankedTensor>:$state_inits, I64Attr:$dimension, UnitAttr:$reverse,
                       DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$ranks);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region SizedRegion<1>:$step);
  let assemblyFormat = [{
    `ins` `(` $inputs `:` type($inputs) `)` (`outs` `(` $y_inits^ `:` type($y_inits) `)`)?
    `states` `(` $state_inits `:` type($state_inits) `)` attr-dict `step` $step
  }];
  let extraClassDeclaration = sharedDeclaration # [{
    /// The element dimensions of an input, output or state.
    int64_t getInputRank(unsigned index) { return getRanks().empty() ? 0 : getRanks()[index]; }
    int64_t getYRank(unsigned index) { return getRanks().empty() ? 0 : getRanks()[getInputs().size() + index]; }
    int64_t getStateRank(unsigned index) {
      return getRanks().empty() ? 0 : getRanks()[getInputs().size() + getYInits().size() + index];
    }
  }];
}

#endif // LINNET_SCAN_SCAN_TD
