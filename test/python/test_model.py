# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trained models, compiled ahead of time: logits, text and carried states."""

import json
import math
import os
import pathlib

import linnet
import numpy as np
import pytest
from safetensors import safe_open

MODELS = pathlib.Path(__file__).resolve().parent.parent / "models"

# The same arithmetic in another order; logits are up to 30.
ROUNDING = 3e-4

# For tests of the interface, which is the same for all models.
one_model = pytest.mark.parametrize("name", ["mamba-kjv"], indirect=True, scope="session")


@pytest.fixture(scope="session", params=["mamba-kjv", "lightning-kjv"])
def name(request):
    return request.param


@pytest.fixture(scope="session")
def folder(name):
    return MODELS / name


@pytest.fixture(scope="session")
def compiled(linnetc, tmp_path_factory, folder):
    libraries = tmp_path_factory.mktemp("model")

    def compile_path(path):
        library = libraries / f"{path}.so"
        if not library.exists():
            linnetc(folder, "-o", library, f"--path={path}")
        return library

    return compile_path


@pytest.fixture(scope="session")
def fast(compiled, folder):
    return linnet.load(compiled("auto"), weights=folder)


@pytest.fixture(scope="session")
def reference(compiled, folder):
    return linnet.load(compiled("reference"), weights=folder)


@pytest.fixture(params=["fast", "reference"])
def model(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def expected(folder):
    with safe_open(folder / "expected.safetensors", "np") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        return tensors, json.loads(file.metadata()["oracle"])


@pytest.mark.parametrize("prompt", [0, 1, 2])
def test_logits(model, expected, prompt):
    tensors, oracle = expected
    want, tolerance = tensors[f"logits_{prompt}"], oracle["tolerance"]["logits"]
    logits, _ = model.forward(tensors[f"prompt_{prompt}"][None])
    assert logits.dtype == np.float32 and logits.shape == (1, *want.shape)
    assert (np.abs(logits[0] - want) <= tolerance["atol"] + tolerance["rtol"] * np.abs(want)).all()
    last, _ = model.forward(tensors[f"prompt_{prompt}"][None], logits="last")
    assert last.shape == (1, 256)
    assert np.abs(last[0] - want[-1]).max() <= tolerance["atol"] + tolerance["rtol"] * np.abs(want[-1]).max()


@pytest.mark.parametrize("prompt", [0, 1, 2])
def test_greedy(fast, expected, prompt):
    tensors, _ = expected
    want = tensors[f"greedy_{prompt}"]
    logits, states = fast.forward(tensors[f"prompt_{prompt}"][None], logits="last")
    written = []
    for _ in range(len(want)):
        written.append(int(logits[0].argmax()))
        logits, states = fast.step([written[-1]], states)
    assert bytes(written) == bytes(want.astype(np.uint8))


@pytest.mark.parametrize("prompt", [0, 1])
def test_greedy_on_the_reference_path(reference, expected, prompt):
    tensors, _ = expected
    session = reference.session()
    logits = session.forward(tensors[f"prompt_{prompt}"][None], logits="last")
    for byte in tensors[f"greedy_{prompt}"]:
        assert int(logits[0].argmax()) == byte
        logits = session.step([byte])


@pytest.mark.parametrize("cuts", [[], [1, 256, 300, 1811, 4095]])
def test_bits_per_byte(fast, expected, cuts):
    text = np.frombuffer((MODELS / "mamba-kjv" / "valid.txt").read_bytes()[:4096], np.uint8)
    states, parts = None, []
    for part in np.split(text, cuts):
        logits, states = fast.forward(part[None], states)
        parts.append(logits[0])
    scores = np.concatenate(parts)[:-1].astype(np.float64)
    scores -= np.logaddexp.reduce(scores, axis=1, keepdims=True)
    bits = -scores[np.arange(len(text) - 1), text[1:]].mean() / math.log(2)
    oracle = expected[1]
    assert abs(bits - oracle["valid"]["bits_per_byte_first_4096_float64"]) < oracle["tolerance"]["bits_per_byte"]


def test_splits(model, expected):
    tokens = expected[0]["prompt_1"][None]
    length = tokens.shape[1]
    whole, last = model.forward(tokens)
    for split in range(1, length):
        first, states = model.forward(tokens[:, :split])
        second, states = model.forward(tokens[:, split:], states)
        assert np.abs(np.concatenate([first, second], 1) - whole).max() < ROUNDING
        assert_states(states, last)
    states, steps = None, []
    for t in range(length):
        logits, states = model.step(tokens[:, t], states)
        steps.append(logits)
    assert np.abs(np.stack(steps, 1) - whole).max() < ROUNDING
    assert_states(states, last)


def assert_states(got, want):
    assert got.keys() == want.keys()
    for name, values in want.items():
        assert got[name].dtype == values.dtype
        assert np.abs(got[name] - values).max() < ROUNDING * max(1, np.abs(values).max())


def test_both_paths(fast, reference, expected):
    tokens = expected[0]["prompt_2"][None]
    for got, want in zip(fast.forward(tokens), reference.forward(tokens)):
        if isinstance(want, dict):
            assert_states(got, want)
        else:
            assert np.abs(got - want).max() < ROUNDING


def test_batches(fast, expected):
    tokens = np.stack([expected[0]["prompt_2"][begin : begin + 40] for begin in (0, 100, 200)])
    logits, states = fast.forward(tokens)
    for i in range(3):
        alone, own = fast.forward(tokens[i : i + 1])
        assert np.array_equal(alone[0], logits[i])
        assert all(np.array_equal(own[name][0], states[name][i]) for name in own)


def test_threads(fast, expected, threads):
    tokens = np.tile(expected[0]["prompt_2"], (2, 2))
    results = []
    for count in (1, 2, 3):
        linnet.set_num_threads(count)
        results.append(fast.forward(tokens)[0])
    assert np.array_equal(results[0], results[1]) and np.array_equal(results[0], results[2])


def test_memory_is_flat(fast, threads):
    """Neither tokens one by one nor a longer text take more memory: what is carried has one size."""
    linnet.set_num_threads(1)

    def resident():
        return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    session = fast.session()
    session.forward(np.full((1, 1000), 65), logits="last")
    session.step([65])
    before = resident()
    for _ in range(3000):
        session.step([65])
    session.forward(np.full((1, 8000), 65), logits="last")
    assert resident() - before < 2**20


@one_model
def test_states_are_values(fast, expected, tmp_path):
    tokens = expected[0]["prompt_1"][None]
    _, states = fast.forward(tokens[:, :10])
    kept = {name: values.copy() for name, values in states.items()}
    want, _ = fast.forward(tokens[:, 10:], states)
    assert all(np.array_equal(states[name], kept[name]) for name in kept)
    np.savez(tmp_path / "states.npz", **states)
    with np.load(tmp_path / "states.npz") as saved:
        got, _ = fast.forward(tokens[:, 10:], saved)
    assert np.array_equal(got, want)
    zeros = fast.init_states(1)
    assert np.array_equal(fast.forward(tokens, zeros)[0], fast.forward(tokens)[0])


@one_model
def test_session(fast, expected, tmp_path):
    tokens = expected[0]["prompt_1"][None]
    want, after = fast.forward(tokens)
    session = fast.session(1)
    assert np.array_equal(session.forward(tokens), want)
    assert all(np.array_equal(session.states[name], after[name]) for name in after)
    session.save(tmp_path / "states.safetensors")
    logits = session.step([65])
    session.restore(tmp_path / "states.safetensors")
    assert np.array_equal(session.step([65]), logits)
    session.states = after
    assert np.array_equal(session.step([65]), logits)
    session.reset()
    assert np.array_equal(session.forward(tokens, logits="last"), fast.forward(tokens, logits="last")[0])
    session.reset(2)
    assert session.batch == 2 and session.step([1, 2]).shape == (2, 256)


@one_model
def test_torch(fast):
    torch = pytest.importorskip("torch")
    logits, _ = fast.forward(torch.tensor([[65, 66]]))
    assert isinstance(logits, torch.Tensor) and logits.shape == (1, 2, 256)


@one_model
def test_description(fast):
    assert fast.name == "mamba-kjv" and fast.metadata["vocab_size"] == 256
    assert "mamba-kjv" in repr(fast)


@one_model
def test_errors(fast, compiled, folder, tmp_path):
    _, states = fast.step([65])
    damaged = tmp_path / "damaged.so"
    damaged.write_bytes(compiled("auto").read_bytes()[:2000])
    conv = next(name for name in states if "conv" in name)
    for call, error, message in (
        (lambda: fast.forward([65]), ValueError, r"argument tokens: expected shape \[B, T\], got \[1\]"),
        (lambda: fast.forward([[]]), ValueError, "argument tokens: expected at least one token"),
        (lambda: fast.forward([[0.5]]), TypeError, "argument tokens: expected integers, got float64"),
        (lambda: fast.forward([[65, 256]]), ValueError, "expected 0 <= token < 256, got 256"),
        (lambda: fast.step([-1]), ValueError, "expected 0 <= token < 256, got -1"),
        (lambda: fast.step([2**40]), ValueError, "argument token: expected tokens of the vocabulary"),
        (lambda: fast.forward([[65]], logits="first"), ValueError, "argument logits: expected 'all' or 'last'"),
        (lambda: fast.step([65], []), TypeError, "argument states: expected a mapping"),
        (lambda: fast.step([65], {}), ValueError, "got none for layers.0"),
        (lambda: fast.step([65], states | {"x": 1}), ValueError, "unknown x"),
        (lambda: fast.step([65, 65], states), ValueError, r"argument states: state .*: expected float32 \[2, "),
        (lambda: fast.step([65], states | {conv: np.float64(states[conv])}), ValueError, f"{conv}: expected float32"),
        (lambda: linnet.load(tmp_path / "none.so"), FileNotFoundError, "argument library: no such file"),
        (lambda: linnet.load(compiled("auto")), ValueError, "argument weights: model mamba-kjv needs weights"),
        (lambda: linnet.load(compiled("auto"), tmp_path / "none"), FileNotFoundError, "argument weights: no such file"),
        (lambda: linnet.load(compiled("auto"), tmp_path), ValueError, "model.safetensors"),
        (lambda: linnet.load(damaged, folder), ValueError, "shorter than its headers say"),
        (lambda: linnet.set_num_threads(0), ValueError, "expected 1 to 1024, got 0"),
        (lambda: linnet.set_num_threads(1.5), TypeError, "integer"),
    ):
        with pytest.raises(error, match=message):
            call()
    fast.step([65], states)  # and it still runs
