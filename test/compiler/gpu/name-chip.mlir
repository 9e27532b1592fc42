// --linnet-name-chip: which GPU a module is for, or an error where there is no such chip.

// RUN: linnet-opt %s --linnet-name-chip=chip=sm_90 | FileCheck %s
// RUN: linnet-opt %s --linnet-name-chip | FileCheck %s --check-prefix=DEFAULT
// RUN: not linnet-opt %s --linnet-name-chip=chip=sm_1 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// CHECK: module @model attributes {linnet.chip = "sm_90"}
// DEFAULT: module @model attributes {linnet.chip = "sm_80"}
// UNKNOWN: name-chip.mlir:[[@LINE+1]]:1: error: unknown chip 'sm_1', expected one of sm_80
module @model {
}
