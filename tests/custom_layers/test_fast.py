"""The door to the fast paths: what it lets through, and what it does not."""

import functools
import importlib
import inspect
import json
import pkgutil
from pathlib import Path
from unittest import mock

import keras
import numpy as np
import pytest
from keras import ops

import custom_layers
import custom_layers as cl
from custom_layers import fast

from .backends import BACKEND, numbers, tensorflow_only

pytestmark = tensorflow_only
RNG = np.random.default_rng(2)
SEQUENCES = RNG.normal(size=(2, 3, 4)).astype("float32")
IMAGES = RNG.normal(size=(2, 4, 4, 3)).astype("float32")
PARENTS = np.array([[2, 2, -1], [1, -1, -2]])
RULES = cl.optimizers
# What each class of the table is tried with.
OPTIONS = {
    "ChildSumTreeLSTM": {"units": 5},
    "SGD": {"momentum": 0.5},
    "TreeRNN": {"units": 5},
}
# Of Keras, which components may call.
HOOKS = ["assign", "assign_add", "assign_sub", "call", "__call__"]


def _keys():
    """Class and method of the entries of the table that are methods."""
    names = [name for name, backend in fast.TABLE if backend == "tensorflow"]
    return [tuple(name.split(".")) for name in names if "." in name]


def _class(name):
    return getattr(cl, name, None) or getattr(RULES, name)


def _make(cls, name):
    cell = {"units": 5} if name.endswith("Cell") else {}
    return cls(**OPTIONS.get(name, cell))


def _run(component):
    """Trains and uses a component a little."""
    import tensorflow as tf

    if isinstance(component, keras.optimizers.Optimizer):
        weight = keras.Variable([1.0, -2.0])
        for gradient in ([1.0, 2.0], [-0.5, 3.0]):
            component.apply([ops.array(gradient)], [weight])
        return
    layer = component
    if hasattr(component, "step"):
        layer = cl.RNN(component)
    inputs = [SEQUENCES if hasattr(component, "units") else IMAGES]
    if isinstance(component, cl.ChildSumTreeLSTM | cl.TreeRNN):
        inputs.append(PARENTS)
    options = {"training": True} if layer._call_has_training_arg else {}
    with tf.GradientTape():
        layer(*inputs, **options)
    layer(*inputs)


def _methods(cls):
    """The methods that a class has from this package, and some of Keras' hooks."""
    ours = {
        name
        for one in cls.__mro__
        if one.__module__.startswith("custom_layers.")
        for name, value in vars(one).items()
        if inspect.isfunction(value) and not name.startswith("__")
    }
    return sorted(ours | {name for name in HOOKS if hasattr(cls, name)})


def _counted(cls, method):
    """A subclass that overrides a method, and the list of its calls."""
    calls = []

    @functools.wraps(getattr(cls, method))  # Keras reads the names of arguments
    def override(self, *args, **kwargs):
        calls.append(method)
        return getattr(super(subclass, self), method)(*args, **kwargs)

    subclass = type(cls.__name__, (cls,), {method: override})
    return subclass, calls


def _is_served(component, method):
    return fast._own(method, component) is not None


def check_subclass(name, method):
    """No subclass is served, and whatever it overrides is called as without paths."""
    cls = _class(name)
    for overridden in _methods(cls):
        used = []
        for table in (fast.TABLE, fast.NEEDED):
            subclass, calls = _counted(cls, overridden)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(fast, "TABLE", table)
                component = _make(subclass, name)
                assert table is fast.NEEDED or not _is_served(component, method)
                _run(component)
            used.append(len(calls))
        assert used[0] == used[1], f"{name}.{overridden}"


def check_instance(name, method):
    """Nor is an object one of whose methods was replaced."""
    cls = _class(name)
    for overridden in _methods(cls):
        component = _make(cls, name)
        if overridden.startswith("__") or overridden == "build":
            continue  # Keras, as Python, calls those of the class
        setattr(component, overridden, getattr(component, overridden))
        assert not _is_served(component, method), f"{name}.{overridden}"


class Doubled(cl.LSTMCell):
    def call(self, inputs, states, training=False):
        output, states = super().call(inputs, states, training)
        return 2 * output, states


class DoubledStep(cl.GRUCell):
    def step(self, inputs, states, training):
        step = super().step(inputs, states, training)

        def recur(x, states):
            output, states = step.recur(x, states)
            return 2 * output, states

        return step._replace(recur=recur)


class DoubledStack(cl.StackedRNNCells):
    def call(self, inputs, states, training=False):
        output, states = super().call(inputs, states, training=training)
        return 2 * output, states


def check_doubling(cell, plain):
    """An output that is doubled is doubled in every mode."""
    import tensorflow as tf

    layer, peer = cl.RNN(cell), cl.RNN(plain)
    layer.build(SEQUENCES.shape)
    peer.build(SEQUENCES.shape)
    peer.set_weights(layer.get_weights())
    expected = 2 * numbers(peer(SEQUENCES))

    def under_a_tape(training):
        with tf.GradientTape():
            return layer(SEQUENCES, training=training)

    for training in (False, True):
        for form in (
            lambda t: layer(SEQUENCES, training=t),
            under_a_tape,
            tf.function(under_a_tape, autograph=False),
            tf.function(under_a_tape, autograph=False, jit_compile=True),
        ):
            np.testing.assert_allclose(
                numbers(form(training)), expected, rtol=1e-5, atol=1e-6
            )


DOUBLING = [
    lambda: (Doubled(3), cl.LSTMCell(3)),
    lambda: (DoubledStep(3), cl.GRUCell(3)),
    lambda: (cl.StackedRNNCells([Doubled(3)]), cl.StackedRNNCells([cl.LSTMCell(3)])),
    lambda: (DoubledStack([cl.LSTMCell(3)]), cl.StackedRNNCells([cl.LSTMCell(3)])),
]
each_method = pytest.mark.parametrize(("name", "method"), _keys())


@each_method
def test_exactly_our_class_is_served(name, method):
    assert _is_served(_make(_class(name), name), method)


@each_method
def test_a_subclass_is_not_and_all_its_methods_take_effect(name, method):
    check_subclass(name, method)


@each_method
def test_nor_is_an_object_with_another_method(name, method):
    check_instance(name, method)


@pytest.mark.parametrize("make", DOUBLING)
def test_cells_that_compute_something_else(make):
    check_doubling(*make())


def test_a_function_in_the_place_of_a_method():
    cell = cl.LSTMCell(3)
    call = cell.call
    cell.call = lambda *args, **kwargs: (2 * call(*args, **kwargs)[0], args[1])
    plain = cl.LSTMCell(3)
    layer, peer = cl.RNN(cell), cl.RNN(plain)
    layer.build(SEQUENCES.shape)
    peer.build(SEQUENCES.shape)
    peer.set_weights(layer.get_weights())
    first = SEQUENCES[:, :1]
    for training in (False, True):
        np.testing.assert_allclose(
            numbers(layer(first, training=training)), 2 * numbers(peer(first)), 1e-5
        )


@each_method
def test_nor_is_a_class_with_another_method(name, method, monkeypatch):
    """Whether it was patched or mocked, in the class or in a base of it."""
    cls = _class(name)
    component = _make(cls, name)
    for overridden in _methods(cls):
        owner = next((c for c in cls.__mro__ if overridden in vars(c)), cls)
        if overridden not in vars(owner):
            continue  # `__call__` of an optimizer is that of its class
        for place in {cls, owner} if owner.__module__.startswith("custom") else {cls}:
            original = getattr(place, overridden)
            for other in (functools.wraps(original)(lambda *a: None), mock.MagicMock()):
                with monkeypatch.context() as patch:
                    patch.setattr(place, overridden, other)
                    assert not _is_served(component, method), overridden
    assert _is_served(component, method)


def test_a_class_that_is_patched_computes_something_else(monkeypatch):
    plain = cl.LSTMCell.call

    def doubled(self, inputs, states, training=False):
        output, states = plain(self, inputs, states, training)
        return 2 * output, states

    layer = cl.LSTM(3)
    expected = 2 * numbers(layer(SEQUENCES[:, :1]))
    with mock.patch.object(cl.LSTMCell, "call", doubled):
        for training in (False, True):
            y = numbers(layer(SEQUENCES[:, :1], training=training))
            np.testing.assert_allclose(y, expected, rtol=1e-5)
    y = numbers(layer(SEQUENCES[:, :1], training=True))
    np.testing.assert_allclose(2 * y, expected, rtol=1e-5)


@pytest.mark.parametrize("name", ["LSTMCell", "Adam", "BatchNormalization"])
def test_the_guards_are_needed(name, monkeypatch):
    """Without each condition of the guard, a check above fails."""
    method = dict(_keys())[name]
    is_unmodified = fast.is_unmodified

    def ignores_the_object(component):
        return type(component).__module__.startswith("custom_layers.")

    def ignores_the_class(component):
        return not (vars(component).keys() & set(_methods(type(component)))) - {"build"}

    monkeypatch.setattr(fast, "is_unmodified", ignores_the_object)
    with pytest.raises(AssertionError):
        check_instance(name, method)
    monkeypatch.setattr(fast, "is_unmodified", ignores_the_class)
    with pytest.raises(AssertionError):
        check_subclass(name, method)
    monkeypatch.setattr(fast, "is_unmodified", is_unmodified)
    check_instance(name, method)


# But for the step, which any cell that has one may replace.
@pytest.mark.parametrize("make", [DOUBLING[0], *DOUBLING[2:]])
def test_the_guard_of_cells_is_needed(make, monkeypatch):
    monkeypatch.setattr(
        fast, "is_unmodified", lambda cell: isinstance(cell, keras.layers.Layer)
    )
    with pytest.raises(AssertionError):
        check_doubling(*make())


LOSSES = {
    "mean_absolute_error": "MeanAbsoluteError",
    "categorical_crossentropy_of_logits": "CategoricalCrossentropy",
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
}


def test_every_loss_of_the_table_is_tried():
    entries = [n for (n, _), place in fast.TABLE.items() if place.startswith("losses.")]
    assert sorted(entries) == sorted(LOSSES)


@pytest.mark.parametrize("name", LOSSES.values())
def test_a_loss_that_overrides_call_computes_what_it_says(name):
    base = getattr(cl.losses, name)

    class Twice(base):
        def call(self, y_true, y_pred):
            return 2 * super().call(y_true, y_pred)

    options = {"from_logits": True} if "Categorical" in name else {}
    y_pred = np.abs(RNG.normal(size=(2, 120))).astype("float32")
    y_true = np.eye(120, dtype="float32")[[3, 5]]
    if name.startswith("Sparse"):
        y_true = np.array([3, 5])
    plain = float(base(**options)(y_true, y_pred))
    np.testing.assert_allclose(
        float(Twice(**options)(y_true, y_pred)), 2 * plain, rtol=1e-6
    )


def _doors():
    """All functions and methods that have a door, by name."""
    door = fast.path(len).__code__
    found = {}
    for module in pkgutil.walk_packages(custom_layers.__path__, "custom_layers."):
        names = vars(importlib.import_module(module.name))
        for value in list(names.values()):
            for one in [
                value,
                *(vars(value).values() if inspect.isclass(value) else ()),
            ]:
                if getattr(one, "__code__", None) is door:
                    name = one.__wrapped__.__name__.lstrip("_")
                    found.setdefault(name, set()).add(one.__wrapped__)
    return found


def _positional(function, skipped):
    parameters = list(inspect.signature(function).parameters.values())[skipped:]
    return [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]


def test_every_entry_has_a_door_and_a_function_with_its_arguments():
    doors = _doors()
    assert {name.split(".")[-1] for name, _ in fast.TABLE} == doors.keys()
    for (name, _), place in fast.TABLE.items():
        module, function = place.split(".")
        own = getattr(importlib.import_module(f"custom_layers.fast.{module}"), function)
        skipped = int("." in name)
        expected = [_positional(f, skipped) for f in doors[name.split(".")[-1]]]
        assert _positional(own, skipped) in expected, place


def test_no_entry_is_both():
    assert not fast.FASTER.keys() & fast.NEEDED.keys()
    assert BACKEND in {backend for _, backend in fast.TABLE}


ROWS = json.loads(
    (Path(__file__).parents[2] / "benchmarks/fast_paths.json").read_text()
)["rows"]


@pytest.mark.parametrize("name", sorted({name for name, _ in fast.FASTER}))
def test_every_path_for_speed_has_a_figure_that_shows_it(name):
    """Training takes at most nine tenths of the time, alone or in a whole model."""
    found = [
        row[key]
        for row in ROWS
        for key in ("best", "fit", "zoo")
        if row["path"] == name and key in row
    ]
    assert found and min(found) <= 0.9


@pytest.mark.slow
def test_doubled_cells_in_fit_evaluate_and_export(tmp_path):
    import tensorflow as tf

    layers = [keras.Input((3, 4)), cl.RNN(Doubled(5)), cl.Dense(1)]
    model = keras.Sequential(layers)
    y = np.arange(2.0).reshape(2, 1)
    plain = cl.RNN(cl.LSTMCell(5))
    plain.build(SEQUENCES.shape)
    plain.set_weights(model.layers[0].get_weights())
    outputs = model.layers[1](2 * plain(SEQUENCES[:, :1]))
    np.testing.assert_allclose(
        numbers(model(SEQUENCES[:, :1])), numbers(outputs), rtol=1e-5
    )
    for jit_compile in (False, True):
        model.compile(keras.optimizers.SGD(0.0), "mse", jit_compile=jit_compile)
        history = model.fit(SEQUENCES, y, epochs=1, verbose=0).history["loss"]
        loss = model.evaluate(SEQUENCES, y, verbose=0)
        np.testing.assert_allclose(history[0], loss, rtol=1e-5)
    model.export(tmp_path / "model", verbose=False)
    artifact = tf.saved_model.load(str(tmp_path / "model"))
    served = numbers(artifact.serve(SEQUENCES))
    np.testing.assert_allclose(served, numbers(model(SEQUENCES)), rtol=1e-5)


@pytest.mark.parametrize("length", [1, 7, 8, 10])
@pytest.mark.parametrize("name", ["SimpleRNN", "LSTM", "GRU"])
def test_gradients_of_recurrent_layers_of_any_length(name, length, monkeypatch):
    """With one step, several, or all of them in a round of the loop."""
    import tensorflow as tf

    x = tf.constant(RNG.normal(size=(3, length, 4)).astype("float32"))
    layer = getattr(cl, name)(5, return_sequences=True)
    layer.build(x.shape)
    weights = [weight.value for weight in layer.trainable_variables]
    upstream = tf.constant(RNG.normal(size=(3, length, 5)).astype("float32"))

    def gradients():
        @tf.function(autograph=False)
        def computed():
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = layer(x, training=True)
            return tape.gradient(y, [x, *weights], upstream)

        return [np.array(gradient) for gradient in computed()]

    ours = gradients()
    rest = {key: place for key, place in fast.TABLE.items() if "Cell" not in key[0]}
    monkeypatch.setattr(fast, "TABLE", rest)
    for got, want in zip(ours, gradients(), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["SimpleRNN", "LSTM", "GRU"])
def test_the_loops_compute_no_gradient_of_the_inputs(name):
    """That follows them, where TensorFlow leaves it out for a first layer."""
    import tensorflow as tf

    x = tf.ones((3, 10, 4))
    layer = getattr(cl, name)(5)
    layer.build(x.shape)
    weights = [weight.value for weight in layer.trainable_variables]

    @tf.function(autograph=False)
    def computed():
        with tf.GradientTape() as tape:
            y = layer(x, training=True)
        return tape.gradient(y, weights)

    graph = computed.get_concrete_function().graph.as_graph_def()
    products = sum(
        node.op == "MatMul"
        for function in graph.library.function
        if "while_body" in function.signature.name
        for node in function.node_def
    )
    steps = 5
    forward, backward, by_weights = 2 * steps, steps, 2
    assert products == forward + backward + by_weights
