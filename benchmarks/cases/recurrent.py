"""Recurrent layers."""

from benchmarks.cases import LayerCase

SIZES = [((32, 50, 64), 64), ((128, 28, 128), 128)]

CASES = [
    LayerCase(name, {"units": units}, shape)
    for name in ("SimpleRNN", "GRU", "LSTM")
    for shape, units in SIZES
]
CASES += [
    LayerCase("LSTM", {"units": 128}, (64, 200, 128)),
    LayerCase("LSTM", {"units": 64, "return_sequences": True}, (32, 50, 64)),
    LayerCase("Bidirectional", lambda ns: {"layer": ns.LSTM(64)}, (32, 50, 64)),
    LayerCase("RNN", lambda ns: {"cell": ns.GRUCell(64)}, (32, 50, 64)),
    LayerCase(
        "RNN",
        lambda ns: {"cell": [ns.LSTMCell(64), ns.LSTMCell(64)]},
        (32, 50, 64),
    ),
    LayerCase("TimeDistributed", lambda ns: {"layer": ns.Dense(64)}, (32, 50, 64)),
    # Frames of videos.
    LayerCase(
        "TimeDistributed",
        lambda ns: {"layer": ns.Conv2D(16, 3, activation="relu")},
        (8, 16, 32, 32, 3),
    ),
]
CASES += [
    LayerCase(name, {"units": 64}, [(128, 64)] * count, cell=True)
    for name, count in (("SimpleRNNCell", 2), ("GRUCell", 2), ("LSTMCell", 3))
]
CASES += [
    LayerCase(
        "StackedRNNCells",
        lambda ns: {"cells": [ns.GRUCell(64), ns.GRUCell(64)]},
        [(128, 64)] * 3,
        cell=True,
    )
]
