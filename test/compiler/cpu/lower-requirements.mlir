// --linnet-lower-requirements ends a function early with the code of what does not hold.

// RUN: linnet-opt %s --linnet-lower-requirements | FileCheck %s

// CHECK-LABEL: func @twice(
// CHECK-SAME:    %[[A:.*]]: i1, %[[B:.*]]: i1)
// CHECK:         cf.cond_br %[[A]], ^[[NEXT:.*]], ^[[NO_A:.*]]
// CHECK:       ^[[NEXT]]:
// CHECK:         cf.cond_br %[[B]], ^[[REST:.*]], ^[[NO_B:.*]]
// CHECK:       ^[[REST]]:
// CHECK:         return %{{.*}} : i32
// CHECK:       ^[[NO_A]]:
// CHECK:         %[[TWO:.*]] = arith.constant 2 : i32
// CHECK:         return %[[TWO]]
// CHECK:       ^[[NO_B]]:
// CHECK:         %[[FIVE:.*]] = arith.constant 5 : i32
// CHECK:         return %[[FIVE]]
func.func @twice(%a: i1, %b: i1) -> i32 {
  %zero = arith.constant 0 : i32
  linnet.require %a of "a" {code = 2 : i32}
  linnet.require %b of "b" {code = 5 : i32}
  return %zero : i32
}
