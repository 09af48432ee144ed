"""Checks of activations, initializers, regularizers and plain functions."""

import keras
import numpy as np
from keras import ops

import custom_layers as cl

from ..backends import (
    PRECISION,
    STEPS,
    as_float64,
    compiled_forms,
    flat,
    gradient,
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
    same_slope,
)


def _points():
    return np.random.default_rng(23).normal(size=(5, 3, 4)) * 3


def activation_pairs(row):
    x = _points()
    return [(numbers(row.function(x.astype("float32"))), row.oracle(x, **row.kwargs))]


def check_activation_oracle(row):
    _all_same(activation_pairs(row))


def _all_same(pairs):
    for output, expected in pairs:
        same(output, expected)


def check_activation_gradient(row):
    step, error = STEPS[PRECISION]
    x, rng = _points().astype(PRECISION), np.random.default_rng(5)
    direction, cotangent = rng.normal(size=x.shape), rng.normal(size=x.shape)
    cotangent = cotangent.astype(PRECISION)

    def total(x):
        return ops.multiply(row.function(x), cotangent)

    slope = np.sum(as_float64(gradient(total, x)) * direction)
    equal(slope == 0, row.flat, "gradient is zero")
    above, below = (
        np.sum(as_float64(total(ops.array((x + s * direction).astype(PRECISION)))))
        for s in (step, -step)
    )
    same(slope, (above - below) / (2 * step), "gradient", rtol=error, atol=error)


def check_activation_namesake(row):
    x = _points()
    special = np.array([[[0.0, -0.0, 0.5, 6.0], [1.5, np.inf, -np.inf, 1e4]]])
    for values in (x, special):
        values = values.astype("float32")
        theirs = numbers(row.peer_function(values))
        # Kernels differ in what of the outputs an infinite score makes undefined.
        defined = ~np.isnan(theirs)
        same(numbers(row.function(values))[defined], theirs[defined])
    kinks = np.array([[[0.0, 0.5], [1.5, 6.0]]], dtype="float32")
    same(
        numbers(gradient(row.function, kinks)),
        numbers(gradient(row.peer_function, kinks)),
        "gradient",
    )


def check_activation_extremes(row):
    for size in (1e4, 1e30):
        x = np.array(
            [[[size, -size, 0.0, 1.0], [1.0, size, 0.0, -size]]], dtype="float32"
        )
        finite(numbers(row.function(x)))
        finite(numbers(gradient(row.function, x)), "gradient")


def check_activation_dtypes(row):
    for dtype in ("float16", "bfloat16", "float32"):
        x = ops.array(_points(), dtype=dtype)
        y = row.function(x)
        equal(keras.backend.standardize_dtype(y.dtype), dtype, "dtype")
        same(as_float64(y), row.oracle(_points(), **row.kwargs), rtol=0.05, atol=0.05)
        symbolic = row.function(keras.KerasTensor((2, 3, 4), dtype=dtype))
        equal(symbolic.dtype, dtype, "symbolic dtype")
        equal(symbolic.shape, (2, 3, 4), "symbolic shape")


def check_activation_forms(row):
    x = _points().astype("float32")
    for form in compiled_forms(lambda x: row.function(x)).values():
        same(numbers(form(x)), numbers(row.function(ops.array(x))))


def check_activation_name(row):
    """A name stands for ours, and comes back from `serialize`."""
    name = row.component.__name__
    for found in (
        cl.activations.get(name),
        cl.activations.deserialize(name),
        cl.activations.deserialize(cl.activations.serialize(row.component)),
        cl.Dense(2, activation=name).activation,
        cl.Dense.from_config(
            cl.Dense(2, activation=row.component).get_config()
        ).activation,
    ):
        equal(found, row.component, "what the name stands for")


def _draw(row, shape=(60, 40), **more):
    return numbers(row.make()(shape, **more))


def check_initializer_oracle(row):
    """Mean, variance and bound, for a matrix and for a convolution kernel."""
    for shape in ((200, 100), (3, 3, 40, 60)):
        field = int(np.prod(shape[:-2]))
        variance = row.oracle(field * shape[-2], field * shape[-1])
        values = _draw(row, shape)
        error = 5 * np.sqrt(max(variance, 1e-30) / values.size)
        same(values.mean(), row.mean, "mean", rtol=0, atol=max(error, 1e-7))
        # Four standard deviations of a normal's variance; a few weights vary more.
        slack = max(0.05, 4 * np.sqrt(2 / max(np.count_nonzero(values), 1)))
        same(values.var(), variance, "variance", rtol=slack, atol=1e-12)
        if row.limit:
            limit, largest = row.limit(variance), np.abs(values).max()
            same(min(largest, limit), limit, "limit", rtol=0.03)
            same(max(largest, limit), limit, "limit", rtol=1e-6)


def check_initializer_namesake(row):
    for shape in ((4, 3), (3, 4), (7,), (), (3, 3, 2, 4)):
        for dtype in ("float32", "float16", "bfloat16"):
            ours, theirs = (
                _outcome(i, shape, dtype) for i in (row.make(), row.make_peer())
            )
            if isinstance(theirs, type):
                # In half precision ours may do what the namesake cannot.
                if dtype == "float32":
                    equal(ours if isinstance(ours, type) else None, theirs, "error")
                continue
            equal(ours.dtype, theirs.dtype, "dtype")
            exact = (
                {"rtol": 1e-6, "atol": 1e-7}
                if dtype == "float32"
                else {"rtol": 1e-2, "atol": 1e-2}
            )
            same(as_float64(ours), as_float64(theirs), **exact)


def _outcome(initializer, shape, dtype):
    """The weights, or the class of the error where there are none such."""
    try:
        return initializer(shape, dtype=dtype)
    except Exception as error:
        return type(error)


def check_initializer_seed(row):
    """An object repeats itself; a generator and objects without a seed do not."""
    initializer = row.make()
    same(numbers(initializer((5, 5))), numbers(initializer((5, 5))))
    if "seed" not in row.kwargs:
        return
    generator = row.component(seed=keras.random.SeedGenerator(1))
    first, second = numbers(generator((5, 5))), numbers(generator((5, 5)))
    _differ(first, second, "draws of a generator")
    first, second = (numbers(row.component()((5, 5))) for _ in range(2))
    _differ(first, second, "draws without a seed")
    keras.utils.set_random_seed(4)
    ours = numbers(row.component()((5, 5)))
    keras.utils.set_random_seed(4)
    same(ours, numbers((row.peer or row.component)()((5, 5))))


def _differ(first, second, what):
    if np.array_equal(first, second):
        raise Difference(what, f"twice {first}")


def check_initializer_config(row):
    if row.peer is not None:
        check_config_keys(row.make().get_config(), row.make_peer().get_config())
    name = row.component.__name__
    registered = keras.initializers.serialize(row.make())["class_name"]
    equal(registered, name, "class_name")
    copy = cl.initializers.deserialize(cl.initializers.serialize(row.make()))
    equal(type(copy), row.component, "class")
    equal(plain(copy.get_config()), plain(row.make().get_config()), "config")
    same(numbers(copy((3, 4))), _draw(row, (3, 4)))
    for found in (
        cl.initializers.get(name),
        cl.initializers.get(row.component),
        row.make().clone(),
    ):
        equal(type(found), row.component, "class")


def _weight():
    return np.random.default_rng(29).normal(size=(5, 4))


def regularizer_pairs(row):
    return [
        (numbers(row.make()(x.astype("float32"))), row.oracle(x, **row.kwargs))
        for x in (_weight(), np.zeros((3, 3)))
    ]


def check_regularizer_oracle(row):
    _all_same(regularizer_pairs(row))


def check_regularizer_gradient(row):
    step, error = STEPS[PRECISION]
    x = _weight().astype(PRECISION)
    direction = np.random.default_rng(5).normal(size=x.shape)
    slope = np.sum(as_float64(gradient(row.make(), x)) * direction)
    above, below = (
        as_float64(row.make()(ops.array((x + s * direction).astype(PRECISION))))
        for s in (step, -step)
    )
    same_slope(slope, (above - below) / (2 * step), error)


def check_regularizer_namesake(row):
    x = _weight().astype("float32")
    same(numbers(row.make()(x)), numbers(row.make_peer()(x)))
    check_config_keys(row.make().get_config(), row.make_peer().get_config())


def _arrays(row, dtype="float32"):
    return [single(np.asarray(x), dtype) for x in row.arguments]


def function_pairs(row):
    outputs = flat(row.function(*_arrays(row)))
    expected = flat(row.oracle(*row.arguments, **row.kwargs))
    return list(zip(map(as_float64, outputs), expected, strict=True))


def check_function_oracle(row):
    _all_same(function_pairs(row))


def _same_parts(ours, expected, **tolerance):
    ours, expected = flat(ours), flat(expected)
    equal(len(ours), len(expected), "number of outputs")
    for y, value in zip(ours, expected, strict=True):
        same(as_float64(y), as_float64(value), **tolerance)


def check_function_gradient(row):
    """By all float arguments at once, in one random direction."""
    step, error = STEPS[PRECISION]
    arrays, rng = _arrays(row, PRECISION), np.random.default_rng(5)
    floats = [i for i, x in enumerate(arrays) if x.dtype.kind == "f"]
    directions = {i: rng.normal(size=arrays[i].shape) for i in floats}

    def total(moved):
        filled = [moved.get(i, x) for i, x in enumerate(arrays)]
        return sum(ops.sum(y) for y in flat(row.function(*filled)))

    def along(i):
        others = {j: ops.array(arrays[j]) for j in floats if j != i}
        return gradient(lambda x: total(others | {i: x}), arrays[i])

    slope = sum(np.sum(as_float64(along(i)) * directions[i]) for i in floats)
    above, below = (
        as_float64(
            total(
                {
                    i: ops.array((arrays[i] + s * directions[i]).astype(PRECISION))
                    for i in floats
                }
            )
        )
        for s in (step, -step)
    )
    same_slope(slope, (above - below) / (2 * step), error)


def check_function_namesake(row):
    check_signature(row)
    _same_parts(row.function(*_arrays(row)), row.peer_function(*_arrays(row)))


def check_function_forms(row):
    eager = row.function(*[ops.array(x) for x in _arrays(row)])
    for form in compiled_forms(lambda *x: flat(row.function(*x))).values():
        _same_parts(form(*_arrays(row)), eager)


def check_function_low_precision(row):
    exact = row.function(*_arrays(row))
    for dtype in ("float16", "bfloat16"):
        arrays = [
            ops.array(x, dtype=dtype if x.dtype.kind == "f" else x.dtype.name)
            for x in _arrays(row)
        ]
        _same_parts(row.function(*arrays), exact, rtol=0.1, atol=0.1)
