"""A method that a subclass overrides takes effect as in a subclass of the namesake.

Each public method that the namesake calls is overridden in subclasses of both: ours
must call it too, and come to the same numbers when it changes them.
"""

import dataclasses
import functools
import inspect

import keras
import numpy as np
import pytest
from keras import ops

import custom_layers as cl

from . import rows
from .backends import BACKEND, as_float64, flat, numbers
from .checks import optimizers
from .checks.common import same
from .representatives import first_rows
from .rows.recurrent import CellRow
from .table import single

# No row has dropout: its masks are methods too.
DROPPING = [
    CellRow(
        getattr(cl, name),
        getattr(keras.layers, name),
        None,
        {"units": 4, "dropout": 0.5, "recurrent_dropout": recurrent},
        shape=[(3, 5), *[(3, 4)] * states],
    )
    for name, states in (("SimpleRNNCell", 1), ("LSTMCell", 2), ("GRUCell", 1))
    for recurrent in (0.0, 0.25)
]
BASES = (
    keras.layers.Layer,
    keras.losses.Loss,
    keras.optimizers.Optimizer,
    keras.initializers.Initializer,
    keras.regularizers.Regularizer,
)
# Methods of every layer, which a quick run tries in few of them.
COMMON = {"build", "call", "compute_output_shape", "compute_output_spec", "get_config"}
IMAGES = np.random.default_rng(3).normal(size=(2, 6, 6, 6)).astype("float32")
BOXES = np.array([[[1, 1, 3, 4], [0, 2, 4, 5]], [[2, 0, 4, 3], [1, 1, 2, 2]]])


def _hooks(peer):
    """The public methods that the namesake's classes define, below the base class."""
    names = {}
    for cls in peer.__mro__:
        if cls in BASES or any(issubclass(base, cls) for base in BASES):
            continue
        for name, value in vars(cls).items():
            if inspect.isfunction(value) and not name.startswith("_"):
                names.setdefault(name)
    return list(names)


def _overriding(cls, hook, calls):
    """A subclass that changes the numbers which a method returns."""
    method = getattr(cls, hook)

    @functools.wraps(method)  # Keras reads the names of arguments
    def override(self, *args, **kwargs):
        calls.append(hook)
        return keras.tree.map_structure(_changed, method(self, *args, **kwargs))

    return type(cls.__name__, (cls,), {hook: override})


def _changed(value):
    if not hasattr(value, "dtype") or isinstance(value, keras.KerasTensor):
        return value
    if "float" not in keras.backend.standardize_dtype(value.dtype):
        return value
    return value * 0.75 + 0.125


def _recorded(function):
    if BACKEND != "tensorflow":
        return function()
    import tensorflow as tf

    with tf.GradientTape():
        return function()


def _use(row, component):
    """What a layer computes in its several modes, as a list of arrays."""
    keras.utils.set_random_seed(4)
    layer = row.built(component)
    if hasattr(layer, "reset_dropout_mask"):
        layer.reset_dropout_mask()
        layer.reset_recurrent_dropout_mask()
    inputs = [single(x) for x in row.inputs()]
    options = {name: single(value) for name, value in row.call_arguments().items()}
    takes = inspect.signature(layer.call).parameters
    outputs = []
    for training in (False, True):
        mode = {"training": training} if "training" in takes else {}
        outputs += flat(
            _recorded(lambda m=mode: layer(*row.arguments(inputs), **(options | m)))
        )
    if hasattr(layer, "state_size") and hasattr(layer, "output_size"):
        outputs += _loop_over(layer)
    if hasattr(layer, "get_random_transformation"):
        outputs += _augmented(layer)
    if hasattr(layer, "adapt") and getattr(layer, "input_mean", None) is None:
        layer.adapt(inputs[0])
        outputs.append(layer(inputs[0]))
    if getattr(layer, "stateful", False):
        layer.reset_state()
    store = {}
    layer.save_own_variables(store)
    layer.load_own_variables({key: numbers(value) for key, value in store.items()})
    return [as_float64(y) for y in [*outputs, *layer.losses, *layer.weights]]


def _loop_over(cell):
    """The cell within a recurrent layer."""
    namespace = cl if type(cell).__mro__[1].__module__.startswith("custom") else keras
    x = np.random.default_rng(5).normal(size=(3, 4, 5)).astype("float32")
    layer = namespace.layers.RNN(cell, return_sequences=True)
    return [_recorded(lambda t=t: layer(x, training=t)) for t in (False, True)]


def _augmented(layer):
    """A batch and a single image with all that belongs to them."""
    layer.bounding_box_format = "xyxy"
    outputs = []
    for entry in (slice(None), 0):
        data = {
            "images": ops.array(IMAGES[entry]),
            "bounding_boxes": {
                "boxes": ops.array(BOXES[entry], dtype="float32"),
                "labels": ops.array(np.ones((2, 2))[entry]),
            },
            "labels": ops.array(np.arange(2.0)[entry]),
            "segmentation_masks": ops.array(np.abs(IMAGES[entry, ..., :1]) // 0.5),
        }
        for given in (data, data["images"]):
            outputs += flat(layer(given, training=True))
    return outputs


def _layer_cases():
    seen = set()
    for row in [*rows.LAYERS, *DROPPING]:
        if row.peer is None:
            continue
        for hook in _hooks(row.peer):
            # Layers that inherit both methods say nothing new of them.
            methods = getattr(row.component, hook, None), getattr(row.peer, hook)
            again = hook in COMMON or methods in seen
            seen.add(methods)
            marks = [pytest.mark.slow] if again else []
            yield pytest.param(row, hook, id=f"{row.title}-{hook}", marks=marks)


@pytest.mark.parametrize(("row", "hook"), list(_layer_cases()))
def test_a_method_of_a_layer(row, hook):
    check_a_method(row, hook)


def check_a_method(row, hook):
    if BACKEND == "torch" and row.component is cl.RandomRotation:
        pytest.skip("Keras on Torch rotates segmentation masks in another way")
    if BACKEND == "jax" and row.component is cl.RandomRotation:
        pytest.skip("Keras on JAX leaves out projective entries of the matrix")
    calls = {"ours": [], "theirs": []}
    peer = _overriding(row.peer, hook, calls["theirs"])
    changed = dataclasses.replace(row, peer=peer)
    expected = _use(changed, peer)
    if not calls["theirs"]:
        return
    component = _overriding(row.component, hook, calls["ours"])
    outputs = _use(dataclasses.replace(row, component=component), component)
    assert calls["ours"], f"{hook} is never called"
    for y, value in zip(outputs, expected, strict=True):
        same(y, value, rtol=1e-4, atol=1e-4)


def test_a_convolution_without_its_kernel():
    def silent(layer):
        class Silent(layer):
            def convolution_op(self, inputs, kernel):
                return super().convolution_op(inputs, kernel * 0.0)

        return Silent

    for name in ("Conv1D", "Conv2D"):
        x = np.ones((2, 7, 3) if name == "Conv1D" else (2, 7, 7, 3), "float32")
        layer = silent(getattr(cl, name))(4, 3)
        assert not np.any(numbers(layer(x))), name
    theirs = silent(keras.layers.Conv2D)(4, 3)
    assert not np.any(numbers(theirs(x)))


class NeverCalls(cl.Conv2D):
    def call(self, inputs):
        return self.finish(ops.conv(inputs, self.kernel, strides=self.strides))


def test_a_method_that_is_never_called_is_noticed():
    row = next(row for row in rows.LAYERS if row.component is cl.Conv2D)
    check_a_method(row, "convolution_op")
    with pytest.raises(AssertionError, match="never called"):
        check_a_method(dataclasses.replace(row, component=NeverCalls), "convolution_op")


@pytest.mark.parametrize(
    "row", [r for r in rows.LOSSES if r.peer is not None], ids=lambda row: row.title
)
def test_the_call_of_a_loss(row):
    values, calls = [], []
    for cls in (row.component, row.peer):
        loss = _overriding(cls, "call", calls)(**row.kwargs)
        values.append(numbers(loss(row.targets, row.predictions)))
    assert len(calls) == 2
    same(*values)


@pytest.mark.parametrize("row", first_rows(rows.OPTIMIZERS))
def test_the_rule_of_an_optimizer(row):
    ends = []
    for cls in (row.component, row.peer):

        class Halved(cls):
            def update_step(self, gradient, variable, learning_rate):
                super().update_step(gradient * 0.5, variable, learning_rate * 3)

        weights = optimizers.variables()
        ends.append(
            optimizers.run(Halved(**row.kwargs), weights, optimizers.gradients())
        )
    for ours, theirs in zip(*ends, strict=True):
        same(ours, theirs)


@pytest.mark.parametrize(
    "row",
    [r for r in [*rows.INITIALIZERS, *rows.REGULARIZERS] if r.peer is not None],
    ids=lambda row: row.title,
)
def test_initializers_and_regularizers_in_a_layer(row):
    kind = "initializer" if row in rows.INITIALIZERS else "regularizer"
    found = []
    for cls, dense in ((row.component, cl.Dense), (row.peer, keras.layers.Dense)):
        keras.utils.set_random_seed(5)
        calls = []
        part = _overriding(cls, "__call__", calls)(**row.kwargs)
        layer = dense(3, **{f"kernel_{kind}": part})
        layer.build((2, 4))
        found.append([numbers(x) for x in (*layer.weights, *layer.losses)])
        assert calls
    for ours, theirs in zip(*found, strict=True):
        same(ours, theirs)


@pytest.mark.slow
@pytest.mark.parametrize(
    "hook", [n for n in vars(keras.callbacks.EarlyStopping) if not n.startswith("_")]
)
def test_a_method_of_early_stopping(hook):
    found = []
    for cls in (cl.callbacks.EarlyStopping, keras.callbacks.EarlyStopping):
        calls = []

        class Changed(cls):
            def get_monitor_value(self, logs):
                return super().get_monitor_value(logs) + 0.1 * len(self.seen)

        setattr(Changed, hook, _counted(getattr(Changed, hook), calls))
        callback = Changed(monitor="loss", patience=2, restore_best_weights=True)
        callback.seen = calls
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        model.set_weights([np.ones((2, 1)), np.zeros(1)])
        model.compile("sgd", "mse", run_eagerly=True)
        history = model.fit(
            np.ones((4, 2)), np.ones(4), epochs=9, verbose=0, callbacks=[callback]
        )
        found.append((len(calls), len(history.epoch), callback.stopped_epoch))
        same(model.get_weights()[0], np.full((2, 1), model.get_weights()[0][0, 0]))
    assert found[0] == found[1]


def _counted(method, calls):
    @functools.wraps(method)
    def counted(self, *args, **kwargs):
        calls.append(method.__name__)
        return method(self, *args, **kwargs)

    return counted
