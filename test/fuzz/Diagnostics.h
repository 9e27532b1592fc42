//===- Diagnostics.h - what must hold for the diagnostics of an input -----===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TEST_FUZZ_DIAGNOSTICS_H
#define LINNET_TEST_FUZZ_DIAGNOSTICS_H

#include "Require.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"

#include <memory>
#include <optional>

namespace linnet::fuzz {

/// A context for some inputs: what one input makes unique is kept until the context ends, so that a new one is made now
/// and then.
class RenewedContext {
public:
  RenewedContext(void (*prepare)(mlir::DialectRegistry &), int inputs) : prepare(prepare), inputs(inputs) {}

  mlir::MLIRContext &get() {
    if (!context || ++used == inputs) {
      used = 0;
      context.reset();
      mlir::DialectRegistry registry;
      prepare(registry);
      context = std::make_unique<mlir::MLIRContext>(registry, mlir::MLIRContext::Threading::DISABLED);
    }
    return *context;
  }
  /// Leaves the context alone: it cannot even be destroyed.
  void abandon() { (void)context.release(); }

private:
  void (*prepare)(mlir::DialectRegistry &);
  int inputs, used = 0;
  std::unique_ptr<mlir::MLIRContext> context;
};

/// Looks at what is reported while it lives. Messages of MLIR quote the input as it is; those that are all Linnet's own
/// do not.
class Diagnostics {
public:
  Diagnostics(mlir::MLIRContext &context, bool allOwn)
      : handler(&context, [this, allOwn](mlir::Diagnostic &diagnostic) {
          if (allOwn)
            requireMessage(diagnostic.str());
          anyError |= diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error;
        }) {}

  /// Who fails says why.
  void check(bool failed) const { require(!failed || anyError, "an error where something failed"); }

private:
  bool anyError = false;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace linnet::fuzz

#endif // LINNET_TEST_FUZZ_DIAGNOSTICS_H
