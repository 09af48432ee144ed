"""Checks of layers."""

import inspect

import keras
import numpy as np
import pytest

from ..backends import (
    BACKEND,
    PRECISION,
    STEPS,
    as_float64,
    compiled_layer_forms,
    flat,
    layer_gradients,
    numbers,
)
from ..table import single
from .common import (
    Difference,
    check_config_keys,
    check_signature,
    equal,
    finite,
    plain,
    same,
)


def _called(row, layer, inputs=None, dtype="float32", **more):
    """The outputs of a layer for the row's inputs, as a list of tensors."""
    inputs = row.inputs() if inputs is None else inputs
    options = row.call_arguments(len(inputs[0]))
    arrays = [single(x, dtype) for x in inputs]
    return flat(layer(*row.arguments(arrays), **(_cast(options, dtype) | more)))


def _cast(options, dtype="float32"):
    return {name: single(value, dtype) for name, value in options.items()}


def _same_outputs(ours, theirs, **tolerance):
    equal(len(ours), len(theirs), "number of outputs")
    for y, expected in zip(ours, theirs, strict=True):
        same(as_float64(y), as_float64(expected), **tolerance)


def _modes(row, layer):
    """The call as it stands and, where it can be repeated, in training."""
    takes = inspect.signature(layer.call).parameters
    if "training" not in takes:
        return [{}]
    return [{}, {"training": False}, *[{"training": True}] * (not row.random)]


def check_arguments(row):
    """Arguments of the constructor and of the call are the namesake's."""
    check_signature(row, row.out_of_scope)
    ours, theirs = (
        [(p.name, p.default) for p in inspect.signature(c.call).parameters.values()]
        for c in (row.component, row.peer)
    )
    equal(ours, theirs, "signature of call")


def oracle_pairs(row):
    """What the layer gives in single precision, and what it should give."""
    layer, inputs = row.built(), row.inputs()
    weights = [as_float64(w) for w in layer.weights]
    expected = row.oracle(*inputs, *weights, **row.call_arguments())
    outputs = [as_float64(y) for y in _called(row, layer, inputs)]
    expected = list(expected) if isinstance(expected, tuple) else [expected]
    return list(zip(outputs, expected, strict=True))


def check_oracle(row):
    for output, expected in oracle_pairs(row):
        same(output, expected)


def check_gradient(row):
    """The gradient along a direction is the slope between two points on it."""
    if row.stops_gradients:
        return
    for mode in _modes(row, row.make()):
        _check_gradient(row, mode)


def _check_gradient(row, mode):
    layer = row.built(dtype=row.precision)
    layer.activity_regularizer = None
    inputs = [single(x, row.precision) for x in row.inputs()]
    options = _cast(row.call_arguments(), row.precision) | mode
    rng = np.random.default_rng(5)
    starts = [x for x in inputs if x.dtype.kind == "f"]
    weights = [as_float64(w) for w in layer.trainable_weights]
    directions = [rng.normal(size=v.shape) for v in [*starts, *weights]]
    outputs = flat(layer(*row.arguments(inputs), **options))
    cotangents = [
        rng.normal(size=tuple(y.shape)).astype(row.precision) for y in outputs
    ]
    gradients = layer_gradients(layer, inputs, cotangents, row.arguments, **options)
    _check_every_weight_has_one(row, layer, gradients[len(starts) :])
    slope = sum(
        np.sum(as_float64(g) * d)
        for g, d in zip(gradients, directions, strict=True)
        if g is not None
    )

    def moved(step):
        for weight, value, direction in zip(
            layer.trainable_weights, weights, directions[len(starts) :], strict=True
        ):
            weight.assign(value + step * direction)
        towards = iter(directions)
        points = [
            (x + step * next(towards)).astype(row.precision)
            if x.dtype.kind == "f"
            else x
            for x in inputs
        ]
        values = flat(layer(*row.arguments(points), **options))
        return sum(
            np.sum(as_float64(y) * c) for y, c in zip(values, cotangents, strict=True)
        )

    step, error = STEPS[row.precision]
    expected = (moved(step) - moved(-step)) / (2 * step)
    same(slope, expected, "gradient", rtol=error, atol=error)


def _check_every_weight_has_one(row, layer, gradients):
    if row.flat:
        return
    for weight, gradient in zip(layer.trainable_weights, gradients, strict=True):
        if gradient is None or not np.any(numbers(gradient)):
            raise Difference("weight without a gradient", weight.path)


def check_namesake(row):
    """With the namesake's weights: its numbers, gradients, weights and traits."""
    for mode in _modes(row, row.make()):
        ours, theirs = row.built(), row.built(row.peer)
        _same_outputs(_called(row, ours, **mode), _called(row, theirs, **mode))
        same(*([numbers(v) for v in x.losses] for x in (ours, theirs)), "losses")
        for w, v in zip(ours.weights, theirs.weights, strict=True):
            same(numbers(w), numbers(v), "weights")
            _check_same_part(w.regularizer, v.regularizer, "regularizers")
            _check_same_part(w.constraint, v.constraint, "constraints")
    for kind in ("trainable_weights", "non_trainable_weights", "variables"):
        ours_are, theirs_are = (
            [(v.name, tuple(v.shape), v.dtype) for v in getattr(layer, kind)]
            for layer in (ours, theirs)
        )
        equal(ours_are, theirs_are, kind)
    equal(ours.supports_masking, theirs.supports_masking, "supports_masking")
    equal(row.make().built, row.make_peer().built, "built")


def check_initial_weights(row):
    """At the same global seed, the namesake's, and so are those of layers after it."""
    ours, theirs = (_first_weights(row, make) for make in (row.make, row.make_peer))
    for w, v in zip(ours, theirs, strict=True):
        same(w, v, "initial weights", rtol=0, atol=0)


def _first_weights(row, make):
    keras.utils.set_random_seed(12)
    layer, after = make(), keras.initializers.RandomNormal()
    inputs, options = row.specs()
    layer(*row.arguments(inputs), **options)
    return [*map(numbers, layer.weights), numbers(after((3,)))]


def _check_same_part(ours, theirs, what):
    equal(type(ours).__name__, type(theirs).__name__, what)
    if ours is not None:
        # Keras rounds some strengths of penalties to single precision.
        expected = pytest.approx(plain(theirs.get_config()))
        equal(plain(ours.get_config()), expected, what)


def check_namesake_gradient(row):
    """Every gradient is the namesake's."""
    for mode in _modes(row, row.make()):
        found = []
        for component in (row.component, row.peer):
            layer = row.built(component)
            inputs = [single(x) for x in row.inputs()]
            options = _cast(row.call_arguments()) | mode
            rng = np.random.default_rng(5)
            cotangents = [
                rng.normal(size=tuple(y.shape)).astype("float32")
                for y in flat(layer(*row.arguments(inputs), **options))
            ]
            found.append(
                layer_gradients(layer, inputs, cotangents, row.arguments, **options)
            )
        for ours, theirs in zip(*found, strict=True):
            equal(ours is None, theirs is None, "gradient")
            if ours is not None:
                ours, theirs = as_float64(ours), as_float64(theirs)
                same(ours, theirs, "gradient", rtol=1e-4, atol=1e-5)


def check_shapes(row):
    """Symbolic and eager calls and `compute_output_shape` agree, as do dtypes."""
    for batch in (None, row.batch):
        layer = row.make()
        inputs, options = row.specs(batch)
        symbolic = flat(layer(*row.arguments(inputs), **options))
        shapes = [tuple(y.shape) for y in symbolic]
        if row.peer is not None:
            peer = flat(row.make_peer()(*row.arguments(inputs), **options))
            equal(shapes, [tuple(y.shape) for y in peer], "symbolic shape")
        eager = _called(row, layer, row.inputs(batch))
        for y, value in zip(symbolic, eager, strict=True):
            equal(y.dtype, keras.backend.standardize_dtype(value.dtype), "dtype")
            known = (batch, *tuple(value.shape)[1:])
            equal(len(y.shape), len(known), "symbolic shape")
            for size, fixed in zip(y.shape, known, strict=True):
                if size is not None:
                    equal(size, fixed, "symbolic shape")
        if not _computes_shapes(row):
            continue
        given = [tuple(x.shape) for x in inputs]
        computed = _shapes_in(layer.compute_output_shape(*row.arguments(given)))
        equal(computed[0], shapes[0], "compute_output_shape")
        if row.peer is not None:
            peer = row.make_peer().compute_output_shape(*row.arguments(given))
            equal(computed, _shapes_in(peer), "compute_output_shape")


def _computes_shapes(row):
    """Cells of Keras leave their shapes to be found by tracing."""
    silent = keras.layers.Layer.compute_output_shape
    return row.peer is None or row.peer.compute_output_shape is not silent


def _shapes_in(shapes):
    """One shape, or those of several outputs, as a list."""
    if isinstance(shapes, dict):
        shapes = list(shapes.values())
    if all(size is None or isinstance(size, int) for size in shapes):
        return [tuple(shapes)]
    return [shape for part in shapes for shape in _shapes_in(part)]


def check_integer_inputs(row):
    """Integers become floats exactly where they do in the namesake."""
    arrays = [
        np.arange(x.size).reshape(x.shape).astype("int32") if x.dtype.kind == "f" else x
        for x in row.inputs()
    ]
    options, dtypes = row.call_arguments(), []
    for layer in (row.make(), row.make_peer()):
        try:
            outputs = flat(layer(*row.arguments(arrays), **options))
            dtypes.append([keras.backend.standardize_dtype(y.dtype) for y in outputs])
        except Exception:
            dtypes.append("fails")
    if dtypes[1] != "fails":
        equal(*dtypes, "dtype")


def check_config(row):
    layer = row.make()
    if row.peer is not None:
        check_config_keys(
            layer.get_config(), row.make_peer().get_config(), row.out_of_scope
        )
    built = row.built()
    for original in (layer, built):
        copy = row.component.from_config(original.get_config())
        equal(plain(copy.get_config()), plain(original.get_config()), "config")
    copy.build_from_config(built.get_build_config())
    copy.set_weights(built.get_weights())
    _same_outputs(_called(row, copy), _called(row, built))
    before, after = (_without_names(plain(x.get_config())) for x in (row.make(), built))
    equal(after, before, "config after build")


def _without_names(config):
    """Neither names nor, for layers within the layer, what they were built for."""
    left_out = ("name", "build_config")
    if isinstance(config, dict):
        return {k: _without_names(v) for k, v in config.items() if k not in left_out}
    if isinstance(config, list):
        return [_without_names(part) for part in config]
    return config


def check_mixed_precision(row):
    exact = [numbers(y) for y in _called(row, row.built())]
    for policy in ("mixed_float16", "mixed_bfloat16", "float16"):
        ours = row.built(dtype=policy)
        if _may_lack_kernels(row) and _fails_in(policy, row):
            continue
        outputs = _called(row, ours)
        dtypes = [keras.backend.standardize_dtype(y.dtype) for y in outputs]
        if row.peer is None:
            equal(dtypes[0], ours.compute_dtype, "dtype")
        else:
            theirs = row.built(row.peer, dtype=policy)
            peers = [
                keras.backend.standardize_dtype(y.dtype) for y in _called(row, theirs)
            ]
            equal(dtypes, peers, "dtype")
            kept = [[w.dtype for w in layer.weights] for layer in (ours, theirs)]
            equal(*kept, "dtype of the weights")
        _same_outputs(outputs, exact, rtol=0.05, atol=0.1)


def _may_lack_kernels(row):
    return row.peer is not None and (
        BACKEND != "tensorflow" or row.precision != PRECISION
    )


def _fails_in(policy, row):
    """Whether this machine has no kernel for it, for the namesake neither."""
    try:
        _called(row, row.built(row.peer, dtype=policy))
    except Exception:
        return True
    return False


def check_forms(row):
    """Compiled forms compute what the eager form does; random ones, its shapes."""
    takes = "training" in inspect.signature(row.make().call).parameters
    for training in (False, True) if takes else (None,):
        layer = row.built()
        options = _cast(row.call_arguments())
        options |= {"training": training} if takes else {}
        arrays = [single(x) for x in row.inputs()]
        eager = flat(layer(*row.arguments(arrays), **options))
        same = _same_shapes if row.random and training else _same_outputs
        for form in compiled_layer_forms(layer, row.arguments, **options).values():
            same(form(*arrays), eager)


def _same_shapes(ours, expected):
    for y, value in zip(ours, expected, strict=True):
        equal(tuple(y.shape), tuple(value.shape), "shape")
        finite(as_float64(y))


def check_no_retracing(row):
    """One trace serves every call of a shape and, with an open batch, every batch."""
    import tensorflow as tf

    layer, traces = row.built(), []
    names = [
        name
        for name, value in row.call_arguments().items()
        if isinstance(value, np.ndarray)
    ]

    def traced(inputs, arrays):
        traces.append(inputs[0].shape)
        options = row.call_arguments() | dict(zip(names, arrays, strict=True))
        return flat(layer(*row.arguments(inputs), **options))

    def feeds(batch=None, seed=7):
        inputs = [single(x) for x in row.inputs(batch, seed)]
        options = row.call_arguments(batch)
        return inputs, [single(options[name]) for name in names]

    def check(function, inputs, arrays):
        tensors = keras.tree.map_structure(tf.constant, (inputs, arrays))
        options = row.call_arguments() | dict(zip(names, arrays, strict=True))
        _same_outputs(
            function(*tensors), flat(layer(*row.arguments(inputs), **options))
        )

    fixed = tf.function(traced)
    for seed in (7, 8):
        check(fixed, *feeds(seed=seed))
    equal(len(traces), 1, "traces")
    traces.clear()
    specs = keras.tree.map_structure(
        lambda x: tf.TensorSpec((None, *x.shape[1:]), x.dtype), feeds()
    )
    open_batch = tf.function(traced, input_signature=specs)
    try:
        open_batch.get_concrete_function()
    except Exception as error:
        raise Difference("trace for an open batch", error) from error
    for batch in (1, 2, 5):
        check(open_batch, *feeds(batch))
    equal(len(traces), 1, "traces")
