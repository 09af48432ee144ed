"""Recurrent layers become one ONNX operator each, with Keras' numbers for any mask."""

import keras
import numpy as np
import onnx
import pytest

import custom_layers
from custom_layers import Bidirectional as OurBidirectional

from .onnx_models import attributes, nodes, operators, run, written

LOOPS = {"Loop", "Scan", "If"}
FEATURES, UNITS = 3, 4
# Padded right, left, in between, at both ends, not, and entirely.
MASK = np.array(
    [
        [1, 1, 1, 0, 0, 0],
        [0, 0, 1, 1, 1, 1],
        [1, 0, 0, 1, 0, 1],
        [0, 1, 1, 1, 1, 0],
        [1, 1, 1, 1, 1, 1],
        [0, 0, 0, 0, 0, 0],
    ]
)


def _layer(name, package, **options):
    return getattr(package, name)(UNITS, bias_initializer="normal", **options)


def _masked(layer):
    """A model whose mask the ids tell."""
    ids = keras.Input((None,), dtype="int32", name="ids")
    x = keras.layers.Embedding(9, FEATURES, mask_zero=True)(ids)
    return keras.Model(ids, layer(x))


def _unmasked(layer):
    x = keras.Input((None, FEATURES), name="x")
    return keras.Model(x, layer(x))


def _check(model, inputs, folder, expected):
    """Compares outputs, and counts the operators of recurrence."""
    found = written(model, folder)
    want = keras.tree.flatten(model(inputs))
    got = run(found, {model.inputs[0].name: inputs})
    names = [each.name for each in found.graph.output]
    assert len(got) == len(want), names
    for one, other in zip(got, want, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    counts = operators(found)
    assert not LOOPS & counts.keys()
    assert {k: v for k, v in counts.items() if k in ("RNN", "GRU", "LSTM")} == expected
    return found


def _ids():
    rng = np.random.default_rng(0)
    return (MASK * rng.integers(1, 9, MASK.shape)).astype("int32")


OPERATORS = {"SimpleRNN": "RNN", "GRU": "GRU", "LSTM": "LSTM"}
every_layer = pytest.mark.parametrize("name", OPERATORS)
both_packages = pytest.mark.parametrize(
    "package",
    [
        pytest.param(custom_layers, id="ours"),
        pytest.param(keras.layers, id="keras", marks=pytest.mark.slow),
    ],
)
OPTIONS = [
    {},
    {"return_sequences": True},
    {"return_sequences": True, "zero_output_for_mask": True},
    {"zero_output_for_mask": True},
    {"go_backwards": True},
    {"go_backwards": True, "return_sequences": True},
    {
        "go_backwards": True,
        "return_sequences": True,
        "zero_output_for_mask": True,
        "return_state": True,
    },
    {"go_backwards": True, "zero_output_for_mask": True},
    {"return_sequences": True, "return_state": True, "use_bias": False},
    {"activation": "relu", "return_sequences": True},
    {"activation": keras.activations.hard_sigmoid},
    {"activation": "linear"},
    {"activation": keras.activations.softsign},
    {"activation": "softplus"},
]


def _slow(option):
    is_cheap = option in ({}, {"return_sequences": True})
    return pytest.param(
        option,
        marks=() if is_cheap else pytest.mark.slow,
        id="-".join(getattr(v, "__name__", k) for k, v in option.items()) or "last",
    )


@both_packages
@every_layer
@pytest.mark.parametrize("options", [_slow(each) for each in OPTIONS])
def test_any_mask(name, package, options, tmp_path):
    keras.utils.set_random_seed(1)
    model = _masked(_layer(name, package, **options))
    _check(model, _ids(), tmp_path, {OPERATORS[name]: 1})


@both_packages
@every_layer
@pytest.mark.parametrize(
    "sequences", [pytest.param(False, marks=pytest.mark.slow), True]
)
def test_without_mask(name, package, sequences, tmp_path):
    keras.utils.set_random_seed(2)
    model = _unmasked(_layer(name, package, return_sequences=sequences))
    x = np.random.default_rng(0).normal(size=(5, 7, FEATURES)).astype("float32")
    found = _check(model, x, tmp_path, {OPERATORS[name]: 1})
    assert len(found.graph.node) <= 4


@both_packages
def test_the_other_reset_gate(package, tmp_path):
    keras.utils.set_random_seed(3)
    model = _masked(_layer("GRU", package, reset_after=False))
    found = _check(model, _ids(), tmp_path, {"GRU": 1})
    (gru,) = (node for node in nodes(found.graph) if node.op_type == "GRU")
    assert attributes(gru).get("linear_before_reset", 0) == 0


@pytest.mark.parametrize(
    ("wrapper", "package"),
    [
        (OurBidirectional, custom_layers),
        pytest.param(
            *(keras.layers.Bidirectional, keras.layers), marks=pytest.mark.slow
        ),
    ],
)
@pytest.mark.parametrize(
    "sequences", [True, pytest.param(False, marks=pytest.mark.slow)]
)
def test_bidirectional_is_two_operators(wrapper, package, sequences, tmp_path):
    keras.utils.set_random_seed(4)
    layer = wrapper(_layer("LSTM", package, return_sequences=sequences))
    found = _check(_masked(layer), _ids(), tmp_path, {"LSTM": 2})
    assert not list(_reversals(found)), "one reversal undoes the other"


def _reversals(model):
    constants = {each.name: each for each in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Slice" and len(node.input) > 4:
            steps = onnx.numpy_helper.to_array(constants[node.input[4]])
            if (steps < 0).any():
                yield node


def test_initial_states(tmp_path):
    """A decoder starts with the encoder's states, which a row of padding keeps."""
    keras.utils.set_random_seed(5)
    ids = keras.Input((None,), dtype="int32", name="ids")
    x = keras.layers.Embedding(9, FEATURES, mask_zero=True)(ids)
    _, *states = custom_layers.LSTM(UNITS, return_state=True)(x[:, ::-1])
    states = [state + 1 for state in states]
    layer = custom_layers.LSTM(UNITS, return_sequences=True, return_state=True)
    model = keras.Model(ids, layer(x, initial_state=states))
    _check(model, _ids(), tmp_path, {"LSTM": 2})


@pytest.mark.slow
@pytest.mark.parametrize("package", [custom_layers, keras.layers])
def test_stacked_cells(package, tmp_path):
    keras.utils.set_random_seed(6)
    cells = [package.LSTMCell(UNITS), package.GRUCell(2), package.SimpleRNNCell(3)]
    layer = package.RNN(cells, return_sequences=True, return_state=True)
    model = _masked(layer)
    _check(model, _ids(), tmp_path, {"LSTM": 1, "GRU": 1, "RNN": 1})


@pytest.mark.slow
def test_a_cell_that_onnx_lacks_stays_a_loop(tmp_path):
    """No operator has this activation, or what a subclass computes."""

    class Doubled(keras.layers.LSTMCell):
        def call(self, inputs, states, training=False):
            output, states = super().call(inputs, states, training)
            return 2 * output, states

    keras.utils.set_random_seed(7)
    for layer in (
        keras.layers.RNN(Doubled(UNITS)),
        custom_layers.GRU(UNITS, activation="gelu"),
    ):
        model = _masked(layer)
        found = written(model, tmp_path)
        (got,) = run(found, {"ids": _ids()})
        np.testing.assert_allclose(got, model(_ids()), atol=1e-5)
        assert LOOPS & operators(found).keys()


def _mean_of_the_batch(x):
    return x - keras.ops.mean(x, axis=0)


@pytest.mark.parametrize(
    ("layer", "is_rows"),
    [
        (lambda: keras.Sequential([keras.layers.Dense(2), keras.layers.ReLU()]), True),
        pytest.param(lambda: keras.layers.LSTM(2), True, marks=pytest.mark.slow),
        (lambda: keras.layers.Lambda(_mean_of_the_batch), False),
    ],
)
def test_time_distributed(layer, is_rows, tmp_path):
    """A layer that may look at other samples is called step by step."""
    keras.utils.set_random_seed(8)
    x = keras.Input((5, 4, 3), name="x")
    model = keras.Model(x, keras.layers.TimeDistributed(layer())(x))
    inputs = np.random.default_rng(0).normal(size=(3, 5, 4, 3)).astype("float32")
    found = written(model, tmp_path)
    (got,) = run(found, {"x": inputs})
    np.testing.assert_allclose(got, model(inputs), atol=1e-5)
    assert (len(found.graph.node) < 20) is is_rows
