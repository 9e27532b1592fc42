//===- Routing.td - tokens to experts and back ----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_ROUTING_ROUTING_TD
#define LINNET_ROUTING_ROUTING_TD

include "dialects/linnet/ArrangementOp.td"

def Linnet_RouteTopkOp : Linnet_ArrangementOp<"route_topk", 1, 2, [
    AllTypesMatch<["weights_init", "weights"]>, AllTypesMatch<["indices_init", "indices"]>]> {
  let summary = "the experts of every token, and their weights";
  let description = [{
    The k greatest scores of every token, the greatest first and of equal ones
    the first, and the softmax over all scores at these places, divided by its
    sum over them:

    ```
    p          = softmax(scores[b,t])
    indices    = the k places of the greatest scores
    weights[s] = p[indices[s]] / sum_r p[indices[r]]
    ```

    scores [B,T,E]; weights and indices [B,T,k]. See docs/spec/routing.md.
  }];
  let arguments = (ins AnyRankedTensor:$scores, AnyRankedTensor:$weights_init, AnyRankedTensor:$indices_init);
  let results = (outs AnyRankedTensor:$weights, AnyRankedTensor:$indices);
  let assemblyFormat = [{
    `ins` `(` $scores `:` type($scores) `)`
    `outs` `(` $weights_init `,` $indices_init `:` type($weights_init) `,` type($indices_init) `)` attr-dict
  }];
}

def Linnet_TokenPermuteOp : Linnet_ArrangementOp<"token_permute", 1, 3, [
    AllTypesMatch<["source_init", "source"]>, AllTypesMatch<["place_init", "place"]>,
    AllTypesMatch<["cu_seqlens_init", "cu_seqlens"]>]> {
  let summary = "where every token stands when those of an expert stand together";
  let description = [{
    Packs the (token, slot) pairs of `indices` by batch and expert, in the order
    of time within each:

    ```
    n = 0
    for b, e:
      cu_seqlens[b E + e] = n
      for t, s with indices[b,t,s] = e:
        source[n] = b T + t;  place[b,t,s] = n;  n = n + 1
    cu_seqlens[B E] = n
    ```

    indices and place [B,T,k], source [B T k], cu_seqlens [B E + 1], all i32. An
    index that is no expert has place -1; the end of `source` that is then left
    over is 0. Row n of the packed tokens is row source[n] of x [B T,...], and
    `cu_seqlens` are the offsets of `linnet.linear_attention`.
    See docs/spec/routing.md.
  }];
  let arguments = (ins AnyRankedTensor:$indices, AnyRankedTensor:$source_init, AnyRankedTensor:$place_init,
                       AnyRankedTensor:$cu_seqlens_init, I64Attr:$experts);
  let results = (outs AnyRankedTensor:$source, AnyRankedTensor:$place, AnyRankedTensor:$cu_seqlens);
  let assemblyFormat = [{
    `ins` `(` $indices `:` type($indices) `)`
    `outs` `(` $source_init `,` $place_init `,` $cu_seqlens_init `:` type($source_init) `,` type($place_init) `,`
    type($cu_seqlens_init) `)` attr-dict
  }];
}

def Linnet_TokenUnpermuteOp : Linnet_ArrangementOp<"token_unpermute", 3, 1, [AllTypesMatch<["y_init", "y"]>]> {
  let summary = "the weighted sum of what the experts made of a token";
  let description = [{
    ```
    y[b,t] = sum_s weights[b,t,s] x[place[b,t,s]]
    ```

    x [N,...]; place and weights [B,T,k]; y [B,T,...]. A place outside 0 to N-1
    adds nothing. See docs/spec/routing.md.
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$place, AnyRankedTensor:$weights, AnyRankedTensor:$y_init);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = [{
    `ins` `(` $x `,` $place `,` $weights `:` type($x) `,` type($place) `,` type($weights) `)`
    `outs` `(` $y_init `:` type($y_init) `)` attr-dict
  }];
}

#endif // LINNET_ROUTING_ROUTING_TD
