# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the tests of linear attention share: inputs of every form, and how results are compared."""

import definitions
import numpy as np
from definitions import assert_close
from linnet.ops import linear_attention

TOLERANCE = 1e-5
#: The forms of the operation: of the decay, of the rule, and of the read.
FORMS = {
    "plain": {},
    "constant": {"decay": "constant"},
    "head": {"decay": "head"},
    "key": {"decay": "key"},
    "delta": {"rule": "delta", "qk_l2norm": True},
    "gated_delta": {"rule": "delta", "decay": "head", "qk_l2norm": True},
    "kda": {"rule": "delta", "decay": "key"},
    "low_rank": {"rule": "low_rank", "decay": "key"},
    "pre_update": {"decay": "head", "read": "pre_update"},
    "bonus": {"decay": "key", "read": "pre_update", "bonus": True},
    "delta_bonus": {"rule": "delta", "decay": "key", "read": "pre_update", "bonus": True},
    "normalized": {"decay": "head", "normalize": "key_sum"},
}
#: A few that go different ways through the compiler, for what would take long with all.
SOME = ("head", "kda", "low_rank", "bonus", "normalized")
OVER_TIME = ("q", "k", "v", "log_decay", "beta", "erase", "write")


def make(rng, form="head", batch=2, length=37, heads=2, keys=5, values=17, query_heads=1, key_heads=2, sequences=None):
    """Arguments as a model has them: keys of about length 1, decays below one. One kernel for each form."""
    form = FORMS[form]
    normal = lambda *shape: rng.standard_normal(shape, np.float32)
    unit = lambda x: (x / np.sqrt((x * x).sum(-1, keepdims=True) + 1e-6)).astype(np.float32)
    x = {
        "q": normal(batch, length, query_heads, keys),
        "k": unit(normal(batch, length, key_heads, keys)),
        "v": normal(batch, length, heads, values),
        "initial_state": normal(sequences or batch, heads, keys, values),
    }
    decays = {"constant": (heads,), "head": (batch, length, heads), "key": (batch, length, heads, keys)}
    if "decay" in form:
        x["log_decay"] = -np.abs(normal(*decays[form["decay"]])) * np.float32(0.5)
    if form.get("rule") == "delta":
        x["beta"] = rng.uniform(0, 1, (batch, length, heads)).astype(np.float32)
    if form.get("rule") == "low_rank":
        removed = unit(normal(batch, length, heads, keys))
        x["erase"] = -removed
        x["write"] = removed * rng.uniform(0, 0.5, (batch, length, heads, 1)).astype(np.float32)
    if form.get("bonus"):
        x["bonus"] = normal(heads, keys)
    if "normalize" in form:  # positive, so that no sum of keys comes near 0
        x["q"], x["k"] = np.abs(x["q"]) + np.float32(0.1), np.abs(x["k"]) + np.float32(0.1)
        x["initial_state"] = (x["initial_state"], np.abs(normal(sequences or batch, heads, keys)))
    return x | {name: form[name] for name in ("read", "normalize", "qk_l2norm") if name in form}


def over_time(x):
    """The arguments that have a dimension of time."""
    return [name for name in OVER_TIME if name in x and x[name].ndim > 1]


def cut(x, begin, end, **changed):
    """The arguments for a part of the time."""
    return x | {name: x[name][:, begin:end] for name in over_time(x)} | changed


def arrays(results):
    """The results as a flat list: with `normalize` the state is a pair."""
    o, state = results
    return [o, *state] if isinstance(state, tuple) else [o, state]


def run(x, **changed):
    return arrays(linear_attention(**(x | changed)))


def assert_all_close(got, want, tolerance=TOLERANCE):
    for a, b in zip(got, want):
        assert_close(a, b, tolerance)


def same(got, want):
    return all(np.array_equal(a, b) for a, b in zip(got, want))


def check(x, tolerance=TOLERANCE):
    got = run(x)
    assert all(a.dtype == np.float32 for a in got)
    assert_all_close(got, arrays(definitions.linear_attention(**x)), tolerance)
