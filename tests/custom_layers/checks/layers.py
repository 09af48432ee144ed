"""Checks of layers."""

import inspect

import keras
import numpy as np
import pytest

from ..backends import (
    STEPS,
    as_float64,
    compiled_forms,
    input_and_weight_gradients,
    numbers,
)
from .common import check_config_keys, check_signature, plain, same


def check_arguments(row):
    check_signature(row, row.out_of_scope)
    ours, theirs = (inspect.signature(c.call) for c in (row.component, row.peer))
    ours, theirs = (
        [(p.name, p.default) for p in s.parameters.values()] for s in (ours, theirs)
    )
    assert ours == theirs, f"call takes {ours}, the namesake's {theirs}"


def check_oracle(row):
    layer, x = row.built(), row.inputs()
    weights = [as_float64(w) for w in layer.weights]
    same(numbers(layer(x.astype("float32"))), row.oracle(x, *weights))


def check_gradient(row):
    """The gradient along a direction is the slope between two points on it."""
    layer = row.built(dtype=row.precision)
    layer.activity_regularizer = None
    x = row.inputs().astype(row.precision)
    rng = np.random.default_rng(5)
    values = [x, *(as_float64(w) for w in layer.trainable_weights)]
    directions = [rng.normal(size=v.shape) for v in values]
    cotangent = rng.normal(size=tuple(layer(x).shape)).astype(row.precision)
    gradients = input_and_weight_gradients(layer, x, cotangent)
    for weight, gradient in zip(layer.trainable_weights, gradients[1:], strict=True):
        assert gradient is not None, f"{weight.name} has no gradient"
        assert np.any(numbers(gradient) != 0), f"{weight.name} has a zero gradient"
    slope = sum(
        np.sum(as_float64(g) * d) for g, d in zip(gradients, directions, strict=True)
    )

    def moved(step):
        for weight, value, direction in zip(
            layer.trainable_weights, values[1:], directions[1:], strict=True
        ):
            weight.assign(value + step * direction)
        moved_x = (x + step * directions[0]).astype(row.precision)
        return np.sum(as_float64(layer(moved_x)) * cotangent)

    step, error = STEPS[row.precision]
    same(slope, (moved(step) - moved(-step)) / (2 * step), rtol=error, atol=error)


def check_namesake(row):
    """With the namesake's weights: its numbers, shapes, weights and traits."""
    ours, theirs = row.built(), row.built(row.peer)
    x = row.inputs().astype("float32")
    same(numbers(ours(x)), numbers(theirs(x)))
    same(numbers(ours(x, **_inference(ours))), numbers(theirs(x, **_inference(theirs))))
    for kind in ("trainable_weights", "non_trainable_weights", "variables"):
        ours_are, theirs_are = (
            [(v.name, tuple(v.shape), v.dtype) for v in getattr(layer, kind)]
            for layer in (ours, theirs)
        )
        assert ours_are == theirs_are, (
            f"{kind}: {ours_are}, the namesake's {theirs_are}"
        )
    assert ours.supports_masking == theirs.supports_masking
    assert row.make().built == row.make_peer().built
    same([numbers(v) for v in ours.losses], [numbers(v) for v in theirs.losses])
    for w, v in zip(ours.weights, theirs.weights, strict=True):
        _check_same_part(w.regularizer, v.regularizer)
        _check_same_part(w.constraint, v.constraint)


def _check_same_part(ours, theirs):
    assert type(ours).__name__ == type(theirs).__name__
    if ours is not None:
        # Keras rounds some strengths of penalties to single precision.
        assert plain(ours.get_config()) == pytest.approx(plain(theirs.get_config()))


def _inference(layer):
    takes = inspect.signature(layer.call).parameters
    return {"training": False} if "training" in takes else {}


def check_shapes(row):
    """Symbolic and eager calls and `compute_output_shape` agree, as do dtypes."""
    for batch in (None, row.shape[0]):
        shape = (batch, *row.shape[1:])
        layer, peer = row.make(), row.make_peer()
        symbolic = layer(keras.KerasTensor(shape))
        eager = layer(row.inputs(batch).astype("float32"))
        assert (
            symbolic.dtype == eager.dtype.name if hasattr(eager.dtype, "name") else True
        )
        assert symbolic.shape[1:] == tuple(eager.shape)[1:], (
            symbolic.shape,
            eager.shape,
        )
        assert symbolic.shape[0] in (batch, None)
        assert tuple(layer.compute_output_shape(shape)) == symbolic.shape
        assert symbolic.shape == peer(keras.KerasTensor(shape)).shape


def check_integer_inputs(row):
    """Integers become floats exactly where they do in the namesake."""
    x = np.arange(np.prod(row.shape)).reshape(row.shape).astype("int32")
    dtypes = []
    for layer in (row.make(), row.make_peer()):
        try:
            dtypes.append(keras.backend.standardize_dtype(layer(x).dtype))
        except Exception:
            dtypes.append("fails")
    assert dtypes[0] == dtypes[1] or dtypes[1] == "fails", dtypes


def check_config(row):
    layer = row.make()
    check_config_keys(
        layer.get_config(), row.make_peer().get_config(), row.out_of_scope
    )
    built = row.built()
    x = row.inputs().astype("float32")
    for original in (layer, built):
        copy = row.component.from_config(original.get_config())
        assert plain(copy.get_config()) == plain(original.get_config())
    copy.build_from_config(built.get_build_config())
    copy.set_weights(built.get_weights())
    same(numbers(copy(x)), numbers(built(x)))
    assert plain(row.make().get_config() | {"name": ""}) == plain(
        built.get_config() | {"name": ""}
    ), "building rewrote an argument"


def check_mixed_precision(row):
    x = row.inputs().astype("float32")
    exact = numbers(row.built()(x))
    for policy in ("mixed_float16", "mixed_bfloat16", "float16"):
        ours, theirs = row.built(dtype=policy), row.built(row.peer, dtype=policy)
        y = ours(x)
        assert keras.backend.standardize_dtype(y.dtype) == ours.compute_dtype
        assert keras.backend.standardize_dtype(theirs(x).dtype) == ours.compute_dtype
        assert [w.dtype for w in ours.weights] == [w.dtype for w in theirs.weights]
        same(as_float64(y), exact, rtol=0.05, atol=0.1)


def check_forms(row):
    """Compiled forms compute what the eager form does."""
    layer, x = row.built(), row.inputs().astype("float32")
    eager = numbers(layer(x))
    for form in compiled_forms(lambda x: layer(x)).values():
        same(numbers(form(x)), eager)


def check_no_retracing(row):
    """One trace serves every call of a shape and, with an open batch, every batch."""
    import tensorflow as tf

    layer, traces = row.built(), []

    def traced(x):
        traces.append(x.shape)
        return layer(x)

    fixed = tf.function(traced)
    x = row.inputs().astype("float32")
    for shift in (0, 1):
        same(numbers(fixed(tf.constant(x + shift))), numbers(layer(x + shift)))
    assert len(traces) == 1, f"traced for {traces}"
    traces.clear()
    spec = tf.TensorSpec((None, *row.shape[1:]), "float32")
    open_batch = tf.function(traced, input_signature=[spec])
    try:
        open_batch.get_concrete_function()
    except Exception as error:
        raise AssertionError("it cannot be traced for an open batch") from error
    for batch in (1, 2, 5):
        x = row.inputs(batch).astype("float32")
        same(numbers(open_batch(tf.constant(x))), numbers(layer(x)))
    assert len(traces) == 1, f"traced for {traces}"
