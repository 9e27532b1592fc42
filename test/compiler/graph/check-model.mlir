// --linnet-check-input: one case per fault in the description of a model function (docs/spec/model-functions.md). Every
// fault of a module is reported.

// RUN: linnet-opt %s --linnet-check-input --split-input-file --verify-diagnostics

module attributes {linnet.symbols = ["B", "T"], linnet.metadata = "{}"} {
  func.func @complete(%x: tensor<?x?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["B", "T"]},
                      %s: tensor<?x8xf32> {linnet.name = "s", linnet.role = "state", linnet.symbols = ["B"]},
                      %w: tensor<8xf32> {linnet.name = "w", linnet.role = "weight"})
      -> (tensor<?x?x8xf32> {linnet.name = "y", linnet.role = "output", linnet.symbols = ["B", "T"]},
          tensor<?x8xf32> {linnet.name = "s", linnet.role = "state", linnet.symbols = ["B"]}) {
    return %x, %s : tensor<?x?x8xf32>, tensor<?x8xf32>
  }
  // Not described at all: no model function.
  func.func @other(%x: tensor<?xf32>, %i: index) -> tensor<?xf32> {
    return %x : tensor<?xf32>
  }
}

// -----

// expected-error @below {{expected linnet.symbols of the module to be an array of strings, got [1]}}
module attributes {linnet.symbols = [1]} {
}

// -----

// expected-error @below {{expected each symbol of the module once, got "T" twice}}
module attributes {linnet.symbols = ["T", "B", "T"]} {
}

// -----

// expected-error @below {{expected linnet.metadata to be a string, got 3 : i64}}
module attributes {linnet.metadata = 3} {
}

// -----

// expected-error @below {{expected argument 1 of some_roles to have one of the roles input, weight, state, prepared (linnet.role, docs/spec/model-functions.md), got none}}
// expected-error @below {{expected result 0 of some_roles to have one of the roles output, state, prepared (linnet.role, docs/spec/model-functions.md), got none}}
func.func @some_roles(%x: tensor<8xf32> {linnet.name = "x", linnet.role = "input"}, %y: tensor<8xf32>) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}

// -----

// expected-error @below {{expected argument 0 of roles_of_the_other_side to have one of the roles input, weight, state, prepared (linnet.role, docs/spec/model-functions.md), got output}}
// expected-error @below {{expected result 0 of roles_of_the_other_side to have one of the roles output, state, prepared (linnet.role, docs/spec/model-functions.md), got input}}
func.func @roles_of_the_other_side(%x: tensor<8xf32> {linnet.name = "x", linnet.role = "output"})
    -> (tensor<8xf32> {linnet.name = "y", linnet.role = "input"}) {
  return %x : tensor<8xf32>
}

// -----

// expected-error @below {{expected argument 0 of no_name to have a name (linnet.name), got none}}
func.func @no_name(%x: tensor<8xf32> {linnet.role = "input"}) {
  return
}

// -----

// expected-error @below {{expected argument 0 of no_tensor to be a ranked tensor, got 'index'}}
func.func @no_tensor(%x: index {linnet.name = "x", linnet.role = "input"}) {
  return
}

// -----

// expected-error @below {{expected argument 0 of no_symbols to name its 1 dynamic dimensions (linnet.symbols), got none}}
func.func @no_symbols(%x: tensor<?x8xf32> {linnet.name = "x", linnet.role = "input"}) {
  return
}

// -----

// expected-error @below {{expected argument 0 of too_many_symbols to name its 1 dynamic dimensions (linnet.symbols), got ["T", "D"]}}
func.func @too_many_symbols(
    %x: tensor<?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T", "D"]}) {
  return
}

// -----

// expected-error @below {{expected argument 0 of symbols_of_another_kind to name its 1 dynamic dimensions (linnet.symbols), got [1]}}
func.func @symbols_of_another_kind(
    %x: tensor<?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = [1]}) {
  return
}

// -----

module attributes {linnet.symbols = ["B"]} {
  // expected-error @below {{expected argument 0 of unknown_symbol to use symbols of the module, got "T"}}
  func.func @unknown_symbol(%x: tensor<?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]}) {
    return
  }
}

// -----

module attributes {linnet.symbols = ["T"]} {
  // expected-error @below {{expected argument 0 of dynamic_weight to have a static shape, as it is a weight, got 'tensor<?xf32>'}}
  func.func @dynamic_weight(%x: tensor<?xf32> {linnet.name = "x", linnet.role = "weight", linnet.symbols = ["T"]}) {
    return
  }
}

// -----

// The same name in another role is another thing.
// expected-error @below {{expected each input of same_name to have a name of its own, got x for arguments 0 and 2}}
func.func @same_name(%a: tensor<8xf32> {linnet.name = "x", linnet.role = "input"},
                     %b: tensor<8xf32> {linnet.name = "x", linnet.role = "weight"},
                     %c: tensor<8xf32> {linnet.name = "x", linnet.role = "input"}) {
  return
}

// -----

// expected-error @below {{expected the state h, result 0, to be an argument too, got none}}
func.func @state_without_argument(%x: tensor<8xf32> {linnet.name = "s", linnet.role = "state"})
    -> (tensor<8xf32> {linnet.name = "h", linnet.role = "state"}) {
  return %x : tensor<8xf32>
}

// -----

// expected-error @below {{expected the state s to have one type, got 'tensor<8xf32>' as argument 0 and 'tensor<4xf32>' as result 0}}
func.func @state_of_another_type(%x: tensor<8xf32> {linnet.name = "s", linnet.role = "state"},
                                 %y: tensor<4xf32> {linnet.name = "y", linnet.role = "input"})
    -> (tensor<4xf32> {linnet.name = "s", linnet.role = "state"}) {
  return %y : tensor<4xf32>
}
