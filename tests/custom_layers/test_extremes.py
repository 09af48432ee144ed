"""Overflow, zeros and emptiness: what Keras computes, and errors where it has them."""

import keras
import numpy as np
import pytest

import custom_layers as cl

from . import rows
from .backends import as_float64, flat, numbers, tensorflow_only
from .checks import optimizers
from .checks.common import equal, same
from .representatives import first_rows
from .table import single

pytestmark = tensorflow_only
HUGE = np.float32(1e30)
# TensorFlow's kernels abort, or read what nobody wrote, where an axis is empty.
UNDEFINED = {"Conv2DTranspose", "DepthwiseConv2D", "SeparableConv2D"}
# A masked score that overflows stays one: the masks are added.
OVERFLOWING = {"MultiHeadAttention"}


def with_peer(table):
    return pytest.mark.parametrize(
        "row", [r for r in table if r.peer is not None], ids=lambda row: row.title
    )


def _result(function):
    """What a function computes, or that it fails."""
    try:
        return [as_float64(y) for y in flat(function())]
    except Exception:
        return "fails"


def check_same(ours, theirs, case):
    ours, theirs = _result(ours), _result(theirs)
    if theirs == "fails" and ours != "fails":
        # Nothing for nothing is right, too.
        equal(ours[0].size, 0, case)
        return
    if "fails" in (ours, theirs):
        equal(ours, theirs, case)
        return
    for y, expected in zip(ours, theirs, strict=True):
        equal(y.shape, expected.shape, f"{case}: shape")
        same(y, expected, case, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("row", first_rows(rows.OPTIMIZERS))
def test_gradients(row):
    for scale in (1e20, 1e30, 1e38, 0.0, 1e-30, np.inf, np.nan):
        steps = [[g * np.float32(scale) for g in s] for s in optimizers.gradients()]

        def end(make, steps=steps):
            return optimizers.run(make(), optimizers.variables(), steps)

        check_same(lambda: end(row.make), lambda: end(row.make_peer), f"{scale}")


@pytest.mark.parametrize(
    "options", [{}, {"centered": True}, {"momentum": 0.5}], ids=lambda o: f"{o}"
)
def test_a_square_that_overflows_leaves_weights_finite(options):
    """Then smaller gradients: no difference of infinities may be taken."""
    weight = keras.Variable([1.0, -2.0])
    rule = cl.optimizers.RMSprop(0.1, **options)
    for scale in (1e18, 1e20, 1.0, 1e20, 0.0):
        rule.apply([keras.ops.array([scale, -scale])], [weight])
        assert np.all(np.isfinite(numbers(weight))), scale


@with_peer(rows.LOSSES)
def test_losses(row):
    y, p = row.targets, row.predictions.astype("float32")
    cases = {
        "empty": (y[:0], p[:0]),
        "huge": (y, p * HUGE),
        "negative": (y, -p * HUGE),
        "zero": (y, p * 0),
    }
    for case, pair in cases.items():
        for reduction in ("sum_over_batch_size", "none"):
            check_same(
                lambda pair=pair, r=reduction: [row.make(reduction=r)(*pair)],
                lambda pair=pair, r=reduction: [row.make_peer(reduction=r)(*pair)],
                case,
            )


def _without(x, axis):
    """An array with nothing along an axis; others as they are."""
    if not isinstance(x, np.ndarray) or x.ndim <= axis:
        return x
    return np.take(x, [], axis=axis)


def _cases(row):
    inputs = [single(x) for x in row.inputs()]
    call = {name: single(x) for name, x in row.call_arguments().items()}

    def mapped(function):
        return [function(x) if x.dtype.kind == "f" else x for x in inputs], call

    name = row.component.__name__
    if name not in OVERFLOWING:
        yield "huge", mapped(lambda x: x * HUGE)
    yield "zero", mapped(lambda x: x * 0)
    yield "constant", mapped(lambda x: np.full_like(x, 3))
    for axis in (0, 1) if name not in UNDEFINED else ():
        arrays = [_without(x, axis) for x in inputs]
        yield f"empty {axis}", (arrays, {k: _without(v, axis) for k, v in call.items()})


LAYERS = [row for row in rows.LAYERS if not row.random]


@pytest.mark.slow
@with_peer(LAYERS)
def test_layers(row):
    for case, (inputs, call) in _cases(row):

        def outputs(component, inputs=inputs, call=call):
            layer = row.built(component)
            return [layer(*row.arguments(inputs), **call), layer.weights]

        check_same(
            lambda f=outputs: f(row.component), lambda f=outputs: f(row.peer), case
        )


@pytest.mark.parametrize("name", ["GlobalMaxPooling1D", "GlobalMaxPooling2D"])
def test_no_maximum_of_nothing(name):
    x = np.zeros((2, 0, 3) if name.endswith("1D") else (2, 0, 4, 3), "float32")
    for namespace in (keras.layers, cl):
        with pytest.raises(Exception, match="max of an empty tensor"):
            getattr(namespace, name)()(x)
