"""Rows of the recurrent layers and cells."""

from functools import partial

import keras
import numpy as np

import custom_layers as cl

from ..oracles import dense
from ..oracles import recurrent as oracle
from ..table import PENALTIES, LayerRow

X = (3, 4, 5)
_PENALTIES = {k: v for k, v in PENALTIES.items() if k != "activity_regularizer"} | {
    "recurrent_regularizer": "l2",
    "recurrent_constraint": "max_norm",
}


def _mild(shapes, rng):
    return [0.5 * rng.normal(size=shape) for shape in shapes]


def _mask(batch):
    mask = np.random.default_rng(11).random((batch, X[1])) > 0.4
    mask[0] = [False, True, False, True]
    return {"mask": mask}


class CellRow(LayerRow):
    """The inputs are those of one step and the states, which are called in a list."""

    def arguments(self, inputs):
        return [inputs[0], list(inputs[1:])]


def _cell(name, step, kwargs, *states, **more):
    component, peer = getattr(cl, name), getattr(keras.layers, name)
    shapes = [(3, 5), *((3, units) for units in states)]
    row = {"shape": shapes, "weights": _mild, **more}
    return CellRow(component, peer, oracle.cell(step, len(states)), kwargs, **row)


def _row(name, *arguments, **more):
    more = {"shape": X, "weights": _mild, **more}
    return LayerRow(getattr(cl, name), getattr(keras.layers, name), *arguments, **more)


# What lies within them keeps a precision of its own.
_NESTED = partial(_row, precision="float32")
_SIMPLE = partial(_row, "SimpleRNN")
_LSTM = partial(_row, "LSTM")
_GRU = partial(_row, "GRU")
_ALL = {"return_sequences": True, "return_state": True}
_BACK = {"go_backwards": True, "return_sequences": True}


LAYERS = [
    _cell("SimpleRNNCell", oracle.simple_step, {"units": 4, **_PENALTIES}, 4),
    _cell("LSTMCell", oracle.lstm_step, {"units": 4}, 4, 4),
    _cell("GRUCell", oracle.gru_step, {"units": 4}, 4),
    _SIMPLE(oracle.rnn(oracle.simple_step), {"units": 4}),
    _SIMPLE(
        oracle.rnn(oracle.simple_step, sequences=True, state=True, backwards=True),
        {"units": 4, **_ALL, **_BACK, "use_bias": False},
    ),
    _SIMPLE(oracle.rnn(oracle.simple_step), {"units": 4, **_PENALTIES}, call=_mask),
    _LSTM(oracle.rnn(oracle.lstm_step, 2), {"units": 4}),
    _LSTM(
        oracle.rnn(oracle.lstm_step, 2, sequences=True, state=True),
        {"units": 4, **_ALL, "unit_forget_bias": False},
    ),
    _LSTM(
        oracle.rnn(oracle.lstm_step, 2, sequences=True, backwards=True),
        {"units": 4, **_BACK, **PENALTIES, **_PENALTIES},
    ),
    _LSTM(oracle.rnn(oracle.lstm_step, 2), {"units": 4}, call=_mask),
    _LSTM(
        oracle.rnn(oracle.lstm_step, 2, sequences=True, zero=True),
        {"units": 4, "return_sequences": True, "zero_output_for_mask": True},
        call=_mask,
    ),
    _LSTM(oracle.rnn(oracle.lstm_step, 2), {"units": 4, "unroll": True}),
    _GRU(oracle.rnn(oracle.gru_step), {"units": 4}),
    _GRU(
        oracle.rnn(oracle.gru_step, sequences=True, state=True),
        {"units": 4, **_ALL, "use_bias": False},
    ),
    _GRU(
        oracle.rnn(oracle.gru_before_step, sequences=True, backwards=True),
        {"units": 4, **_BACK, "reset_after": False},
    ),
    _GRU(
        oracle.rnn(oracle.gru_step, sequences=True),
        {"units": 4, "return_sequences": True, "unroll": True},
        call=_mask,
    ),
    _NESTED(
        "RNN",
        oracle.rnn(oracle.simple_step),
        lambda ns: {"cell": ns.SimpleRNNCell(4)},
    ),
    _NESTED(
        "RNN",
        oracle.rnn(
            oracle.stacked_step((oracle.lstm_step, 3, 2), (oracle.gru_step, 3, 1)),
            sequences=True,
            sizes=(4, 4, 3),
        ),
        lambda ns: {
            "cell": [ns.LSTMCell(4), ns.GRUCell(3)],
            "return_sequences": True,
        },
    ),
    _cell(
        "StackedRNNCells",
        oracle.stacked_step((oracle.simple_step, 3, 1), (oracle.gru_step, 3, 1)),
        lambda ns: {"cells": [ns.SimpleRNNCell(4), ns.GRUCell(3)]},
        4,
        3,
        precision="float32",
    ),
    _NESTED(
        "Bidirectional",
        oracle.bidirectional(
            oracle.rnn(oracle.lstm_step, 2),
            oracle.rnn(oracle.lstm_step, 2, backwards=True),
            lambda a, b: np.concatenate([a, b], axis=-1),
            3,
        ),
        lambda ns: {"layer": ns.LSTM(3)},
    ),
    _NESTED(
        "Bidirectional",
        oracle.bidirectional(
            oracle.rnn(oracle.gru_step, sequences=True, zero=True),
            oracle.rnn(oracle.gru_step, sequences=True, zero=True, backwards=True),
            lambda a, b: (a + b) / 2,
            3,
            sequences=True,
        ),
        lambda ns: {"layer": ns.GRU(3, return_sequences=True), "merge_mode": "ave"},
        call=_mask,
    ),
    _NESTED(
        "TimeDistributed",
        oracle.time_distributed(dense.dense),
        lambda ns: {"layer": ns.Dense(3)},
    ),
    LayerRow(
        cl.ChildSumTreeLSTM,
        None,
        oracle.tree_lstm(),
        {"units": 4},
        shape=[(3, 6, 5), (3, 6)],
        draw=lambda rng, shapes: [rng.normal(size=shapes[0]), _trees(shapes[1])],
        weights=_mild,
    ),
    LayerRow(
        cl.ChildSumTreeLSTM,
        None,
        oracle.tree_lstm(sequences=True),
        {"units": 4, "return_sequences": True, **PENALTIES, **_PENALTIES},
        shape=[(3, 6, 5), (3, 6)],
        draw=lambda rng, shapes: [rng.normal(size=shapes[0]), _trees(shapes[1])],
        weights=_mild,
    ),
    LayerRow(
        cl.TreeRNN,
        None,
        oracle.tree_rnn(),
        {"units": 4},
        shape=[(3, 6, 5), (3, 6)],
        draw=lambda rng, shapes: [rng.normal(size=shapes[0]), _trees(shapes[1])],
        weights=_mild,
    ),
    LayerRow(
        cl.TreeRNN,
        None,
        oracle.tree_rnn(arity=3, sequences=True),
        {"units": 4, "arity": 3, "return_sequences": True, **PENALTIES, **_PENALTIES},
        shape=[(3, 6, 5), (3, 6)],
        draw=lambda rng, shapes: [rng.normal(size=shapes[0]), _trees(shapes[1])],
        weights=_mild,
    ),
]


def _trees(shape):
    """Deep and flat trees, children before and after parents, two roots, padding."""
    trees = np.array(
        [[1, 2, 5, 2, -2, -1], [-1, 0, 0, 1, 1, 3], [4, 4, -1, 4, 2, -1]], "int32"
    )
    return np.resize(trees, shape)
