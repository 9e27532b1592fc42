//===- Mask.td - which keys a query attends to ------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_SPARSE_ATTENTION_MASK_TD
#define LINNET_SPARSE_ATTENTION_MASK_TD

include "dialects/linnet/Linnet.td"
include "mlir/IR/AttrTypeBase.td"

// In all of them i is the position of a query and j that of a key (docs/spec/sparse-attention.md, "Masks").
class Linnet_MaskAttr<string name, string mnemonic_> : AttrDef<Linnet_Dialect, name> {
  let mnemonic = mnemonic_;
}

def Linnet_CausalMask : Linnet_MaskAttr<"CausalMask", "causal"> {
  let summary = "a query attends to keys up to its own position: j <= i";
}

def Linnet_WindowMask : Linnet_MaskAttr<"WindowMask", "window"> {
  let summary = "a query attends to its surroundings: i - left <= j <= i + right";
  let description = [{
    -1 stands for no bound on that side; the others are not negative [mask C1].

    ```mlir
    #linnet.window<left = 255, right = 0>
    ```
  }];
  let parameters = (ins "int64_t":$left, "int64_t":$right);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Linnet_BlockDiagonalMask : Linnet_MaskAttr<"BlockDiagonalMask", "block_diagonal"> {
  let summary = "a query attends to the keys of its block: floor(i / queries) = floor(j / keys)";
  let description = "The sizes of blocks are at least 1 [mask C2].";
  let parameters = (ins "int64_t":$queries, "int64_t":$keys);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Linnet_PrefixMask : Linnet_MaskAttr<"PrefixMask", "prefix"> {
  let summary = "the first keys are seen by every query: j < size";
  let description = "The size is not negative [mask C3].";
  let parameters = (ins "int64_t":$size);
  let assemblyFormat = "`<` $size `>`";
  let genVerifyDecl = 1;
}

def Linnet_QueryPrefixMask : Linnet_MaskAttr<"QueryPrefixMask", "query_prefix"> {
  let summary = "the first queries see every key: i < size";
  let description = "The size is not negative [mask C3].";
  let parameters = (ins "int64_t":$size);
  let assemblyFormat = "`<` $size `>`";
  let genVerifyDecl = 1;
}

def Linnet_DilatedMask : Linnet_MaskAttr<"DilatedMask", "dilated"> {
  let summary = "every step-th key around a query: |i - j| <= window * step and i - j a multiple of step";
  let description = "The window is not negative [mask C1], the step at least 1 [mask C2].";
  let parameters = (ins "int64_t":$window, "int64_t":$step);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Linnet_StridedMask : Linnet_MaskAttr<"StridedMask", "strided"> {
  let summary = "keys at multiples of a distance: i - j a multiple of step";
  let description = "The step is at least 1 [mask C2].";
  let parameters = (ins "int64_t":$step);
  let assemblyFormat = "`<` $step `>`";
  let genVerifyDecl = 1;
}

class Linnet_MaskListAttr<string name, string mnemonic_> : Linnet_MaskAttr<name, mnemonic_> {
  let description = [{
    There is at least one part, and all are masks [mask C4].

    ```mlir
    #linnet.any_of<#linnet.prefix<4>, #linnet.all_of<#linnet.causal, #linnet.window<left = 63, right = 0>>>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::Attribute">:$parts);
  let assemblyFormat = "`<` $parts `>`";
  let genVerifyDecl = 1;
}
def Linnet_AllOfMask : Linnet_MaskListAttr<"AllOfMask", "all_of"> {
  let summary = "what all of several masks allow";
}
def Linnet_AnyOfMask : Linnet_MaskListAttr<"AnyOfMask", "any_of"> {
  let summary = "what any of several masks allows";
}

def Linnet_Mask : Attr<CPred<"::linnet::isMask($_self)">, "a mask of the linnet dialect"> {
  let storageType = "::mlir::Attribute";
  let returnType = "::mlir::Attribute";
  let convertFromStorage = "$_self";
}

#endif // LINNET_SPARSE_ATTENTION_MASK_TD
