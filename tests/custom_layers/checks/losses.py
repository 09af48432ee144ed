"""Checks of losses."""

import inspect

import keras
import numpy as np
from keras import ops

from ..backends import (
    PRECISION,
    STEPS,
    as_float64,
    compiled_forms,
    gradient,
    numbers,
)
from .common import (
    check_config_keys,
    check_signature,
    equal,
    finite,
    plain,
    same,
    same_slope,
)

REDUCTIONS = (
    "sum_over_batch_size",
    "mean",
    "sum",
    "mean_with_sample_weight",
    "none",
    None,
)


def check_arguments(row):
    check_signature(row)
    ours, theirs = (
        [(p.name, p.default) for p in inspect.signature(f).parameters.values()]
        for f in (row.function, row.peer_function)
    )
    equal(ours, theirs, "signature of the function")


def oracle_pairs(row):
    """The loss of each sample and its sum, each beside what it should be."""
    losses = row.function(
        row.targets.astype("float32"), row.predictions.astype("float32"), **row.kwargs
    )
    expected = row.oracle(row.targets, row.predictions, **row.kwargs)
    total = row.make(reduction="sum")(row.targets, row.predictions)
    return [(numbers(losses), expected), (numbers(total), expected.sum())]


def check_oracle(row):
    for loss, expected in oracle_pairs(row):
        same(loss, expected)


def check_gradient(row):
    step, error = STEPS[PRECISION]
    y = row.predictions.astype(PRECISION)
    targets = ops.array(row.targets, dtype=PRECISION)
    # In proportion to the predictions, so that probabilities stay positive.
    direction = np.random.default_rng(5).normal(size=y.shape) * np.abs(y)

    def total(predictions):
        return row.function(targets, predictions, **row.kwargs)

    slope = np.sum(as_float64(gradient(total, y)) * direction)
    above, below = (
        np.sum(as_float64(total(ops.array((y + s * direction).astype(PRECISION)))))
        for s in (step, -step)
    )
    same_slope(slope, (above - below) / (2 * step), error)


def check_namesake(row):
    """The namesake's numbers for every reduction, with weights, with a mask."""
    y, p = row.targets, row.predictions.astype("float32")
    same(
        numbers(row.function(y, p, **row.kwargs)),
        numbers(row.peer_function(y, p, **row.kwargs)),
    )
    shape = row.oracle(y, p, **row.kwargs).shape
    rng = np.random.default_rng(2)
    weights = [None, rng.uniform(size=shape[0]), rng.uniform(size=shape)]
    masks = [None, rng.integers(0, 2, size=shape)]
    for reduction in REDUCTIONS:
        ours, theirs = row.make(reduction=reduction), row.make_peer(reduction=reduction)
        for weight in weights:
            if weight is not None and weight.ndim not in (1, len(shape)):
                continue
            if weight is not None and weight.ndim < len(shape):
                weight = weight.reshape((-1,) + (1,) * (len(shape) - 1))
            for mask in masks:
                same(
                    numbers(ours(y, _masked(p, mask), sample_weight=weight)),
                    numbers(theirs(y, _masked(p, mask), sample_weight=weight)),
                )


def _masked(predictions, mask):
    tensor = ops.convert_to_tensor(predictions, dtype="float32")
    if mask is not None and keras.backend.backend() == "tensorflow":
        tensor._keras_mask = ops.convert_to_tensor(mask, dtype="bool")
    return tensor


def check_ranks(row):
    """Lists and a trailing dimension of one are taken as in the namesake."""
    y, p = row.targets, row.predictions
    if y.shape == p.shape:
        y, p = y.tolist(), p.tolist()
        same(numbers(row.make()(y, p)), numbers(row.make_peer()(y, p)))
        return
    y = y[..., None]
    same(numbers(row.make()(y, p)), numbers(row.make_peer()(y, p)))


def check_config(row):
    ours = row.make()
    if row.peer is not None:
        theirs = row.make_peer().get_config()
        equal(row.peer_forgets & set(theirs), set(), "not forgotten")
        check_config_keys(ours.get_config(), {*theirs, *row.peer_forgets})
        equal(ours.name, row.make_peer().name, "name")
    copy = row.component.from_config(ours.get_config())
    equal(plain(copy.get_config()), plain(ours.get_config()), "config")
    y, p = row.targets, row.predictions
    equal("axis" in row.kwargs and "axis" not in ours.get_config(), False, "axis lost")
    same(numbers(copy(y, p)), numbers(ours(y, p)))


def check_mixed_precision(row):
    y, p = row.targets, row.predictions
    exact = numbers(row.make()(y, p))
    for dtype in ("float16", "bfloat16", "mixed_float16"):
        policy = keras.DTypePolicy(dtype)
        ours = row.make(dtype=policy)
        value = ours(y, p)
        equal(keras.backend.standardize_dtype(value.dtype), ours.dtype, "dtype")
        same(as_float64(value), exact, rtol=0.1, atol=0.1)
        if row.peer is not None:
            theirs = row.make_peer(dtype=policy)
            equal(ours.dtype, theirs.dtype, "dtype")
            value_of_peer = as_float64(theirs(y, p))
            # In half precision, some of Keras' are infinite on some backends.
            if np.isfinite(value_of_peer).all():
                same(as_float64(value), value_of_peer, rtol=0.05, atol=0.05)


def check_forms(row):
    y, p = row.targets, row.predictions.astype("float32")
    loss = row.make()
    eager = numbers(loss(y, p))
    for form in compiled_forms(lambda y, p: loss(y, p)).values():
        same(numbers(form(y, p)), eager)


def check_extremes(row):
    """No finite prediction gives a loss or a gradient that is not finite."""
    huge = 1e4 if row.kwargs.get("from_logits") else 1.0
    best = np.where(row.predictions >= np.median(row.predictions), huge, -huge)
    predictions = best if huge > 1 else (best > 0).astype(float)
    if row.component.__name__ == "CategoricalCrossentropy" and huge == 1.0:
        predictions[..., 0] = 1.0
    for p in (predictions, predictions[::-1]):
        p = np.ascontiguousarray(p).astype("float32")

        def total(p):
            return row.function(ops.array(row.targets, "float32"), p, **row.kwargs)

        finite(numbers(total(ops.array(p))))
        finite(numbers(gradient(total, p)), "gradient")
