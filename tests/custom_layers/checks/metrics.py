"""Checks of metrics."""

import keras
import numpy as np

from ..backends import numbers
from .common import same


def oracle_pairs(row):
    """The metric of all batches together, without and with weights of the samples."""
    weights = np.random.default_rng(2).uniform(size=len(row.targets))
    pairs = []
    for weight in (np.ones(len(row.targets)), weights):
        metric = row.make()
        for part in (slice(0, 2), slice(2, None)):
            weighted = {} if weight[0] == 1 else {"sample_weight": weight[part]}
            metric.update_state(
                row.targets[part], row.predictions[part].astype("float32"), **weighted
            )
        expected = row.oracle(row.targets, row.predictions, weight, **row.kwargs)
        pairs.append((numbers(metric.result()), expected))
    return pairs


def check_metric_oracle(row):
    for value, expected in oracle_pairs(row):
        same(value, expected)


def check_metric_in_evaluate(row):
    """A model's `evaluate` gives what the oracle gives."""
    inputs = keras.Input(row.predictions.shape[1:])
    model = keras.Model(inputs, keras.layers.Activation("linear")(inputs))
    model.compile(loss=lambda y, p: keras.ops.sum(0 * p), weighted_metrics=[row.make()])
    found = model.evaluate(
        row.predictions, row.targets, batch_size=4, verbose=0, return_dict=True
    )
    ones = np.ones(len(row.targets))
    expected = row.oracle(row.targets, row.predictions, ones, **row.kwargs)
    same(found[row.make().name], expected)
