"""Callbacks: when they stop, what they restore, which layers they name."""

import math

import keras
import numpy as np
import pytest

import custom_layers as cl
from custom_layers.callbacks import EarlyStopping, GradientMonitor

from .backends import numbers

RNG = np.random.default_rng(2)


class Recorder:
    """Stands for a model: its weights are the number of the epoch."""

    def __init__(self):
        self.stop_training = False
        self.weights = None

    def get_weights(self):
        return self.weights

    def set_weights(self, weights):
        self.weights = weights


def run(callback, values, monitor="val_loss"):
    """Feeds an epoch for each value; returns how many ran, and the model."""
    model = Recorder()
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        model.weights = epoch
        callback.on_epoch_end(epoch, {monitor: value})
        if model.stop_training:
            break
    callback.on_train_end()
    return epoch + 1, model


FALLING = [5.0, 4.0, 3.0, 3.5, 3.2, 3.1, 2.9, 2.95, 2.96, 2.97]
CASES = [
    {},
    {"patience": 2},
    {"patience": 4},
    {"patience": 1, "min_delta": 1.5},
    {"patience": 2, "min_delta": -0.3},
    {"patience": 2, "mode": "max"},
    {"patience": 1, "mode": "max", "min_delta": 1.5},
    {"patience": 2, "baseline": 2.5},
    {"patience": 2, "baseline": 3.5},
    {"patience": 1, "start_from_epoch": 4},
    {"patience": 3, "restore_best_weights": True},
    {"patience": 3, "restore_best_weights": True, "baseline": 0.5},
    {"restore_best_weights": True, "mode": "max"},
    {"patience": 20, "restore_best_weights": True},
]


class TestEarlyStopping:
    @pytest.mark.parametrize(
        "values", [FALLING, FALLING[::-1], [1.0] * 5, [math.nan] * 5]
    )
    @pytest.mark.parametrize("kwargs", CASES, ids=str)
    def test_it_stops_where_the_namesake_stops(self, kwargs, values):
        ours, theirs = EarlyStopping(**kwargs), keras.callbacks.EarlyStopping(**kwargs)
        (epochs, model), (expected, peer) = run(ours, values), run(theirs, values)
        assert (epochs, model.weights) == (expected, peer.weights)
        for name in ("wait", "stopped_epoch", "best", "best_epoch", "best_weights"):
            assert getattr(ours, name) == pytest.approx(
                getattr(theirs, name), nan_ok=True
            )

    def test_it_counts_the_epochs_without_improvement(self):
        assert run(EarlyStopping(patience=3), [3, 2, 1, 1, 1, 1, 1])[0] == 6
        assert (
            run(EarlyStopping(patience=3, min_delta=0.5), [3, 2, 1.8, 1.6, 1.4])[0] == 5
        )
        assert run(EarlyStopping(patience=3, mode="max"), [3, 4, 5, 6, 7])[0] == 5

    def test_the_best_weights_come_back(self):
        stopping = EarlyStopping(patience=2, restore_best_weights=True)
        assert run(stopping, FALLING)[1].weights == 2
        assert run(EarlyStopping(patience=2), FALLING)[1].weights == 4

    def test_it_can_be_used_again(self):
        stopping = EarlyStopping(patience=2)
        assert run(stopping, [1.0, 2.0, 3.0, 4.0])[0] == 3
        assert run(stopping, [10.0, 9.0, 8.0, 7.0])[0] == 4

    @pytest.mark.parametrize(
        ("monitor", "rises"),
        [("loss", False), ("val_loss", False), ("accuracy", True), ("val_mae", False)],
    )
    def test_the_metric_tells_its_direction(self, monitor, rises):
        model = keras.Sequential([keras.Input((2,)), cl.Dense(1)])
        model.compile("sgd", "mse", metrics=["accuracy", "mae"])
        x, y = RNG.normal(size=(8, 2)), RNG.normal(size=(8, 1))
        stopping = EarlyStopping(monitor)
        model.fit(x, y, validation_data=(x, y), callbacks=[stopping], verbose=0)
        assert (stopping.monitor_op is keras.ops.greater) == rises

    def test_a_state_is_all_that_a_later_training_needs(self):
        options = {"patience": 3, "restore_best_weights": True}
        whole = EarlyStopping(**options)
        epochs, model = run(whole, FALLING)
        first, second = EarlyStopping(**options), EarlyStopping(**options)
        run(first, FALLING[:4])
        other = Recorder()
        second.set_model(other)
        second.on_train_begin()
        second.set_state(first.get_state())
        for epoch in range(4, epochs):
            other.weights = epoch
            second.on_epoch_end(epoch, {"val_loss": FALLING[epoch]})
        second.on_train_end()
        assert second.get_state() == whole.get_state()
        assert other.weights == model.weights
        assert other.stop_training == model.stop_training

    def test_it_tells_what_it_does(self, capsys):
        run(EarlyStopping(patience=1, restore_best_weights=True, verbose=1), [1, 2, 3])
        out = capsys.readouterr().out
        assert "Epoch 2: early stopping" in out
        assert "best epoch: 1" in out
        run(EarlyStopping(patience=1), [1, 2, 3])
        assert capsys.readouterr().out == ""

    def test_warnings_and_errors(self):
        with pytest.warns(UserWarning, match="`mode` must be.*mode=down"):
            assert EarlyStopping(mode="down").mode == "auto"
        with pytest.warns(UserWarning, match="`val_loss`.*not available.*acc"):
            run(EarlyStopping(), [1.0], monitor="acc")
        with pytest.raises(ValueError, match="monitor=speed and mode=auto"):
            run(EarlyStopping("speed"), [1.0], monitor="speed")


def deep(units, activation, depth, initializer="glorot_uniform"):
    layers = [
        cl.Dense(
            units, activation=activation, kernel_initializer=initializer, name=f"h{i}"
        )
        for i in range(depth)
    ]
    model = keras.Sequential([keras.Input((8,)), *layers, cl.Dense(1, name="out")])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    return model


X, Y = RNG.normal(size=(16, 8)).astype("float32"), RNG.normal(size=(16, 1))


def report(model, **kwargs):
    monitor = GradientMonitor((X, Y), **kwargs)
    history = model.fit(X, Y, epochs=2, verbose=0, callbacks=[monitor])
    return monitor, history.history


class TestGradientMonitor:
    def test_a_deep_sigmoid_net_vanishes_at_its_bottom(self):
        with pytest.warns(
            RuntimeWarning, match="after epoch .: vanishing in h0"
        ) as seen:
            monitor, _ = report(deep(16, "sigmoid", 15))
        assert monitor.report["vanishing"][0] == "h0"
        assert "out" not in monitor.report["vanishing"]
        assert monitor.report["exploding"] == monitor.report["non_finite"] == []
        assert "\n" not in str(seen[0].message)

    def test_a_state_is_all_that_a_later_training_needs(self):
        first = GradientMonitor((X, Y))
        first.history, first.report = {"h": [1.0]}, {"vanishing": ["h"]}
        second = GradientMonitor((X, Y))
        second.on_train_begin()
        second.set_state(first.get_state())
        assert (second.history, second.report) == (first.history, first.report)

    def test_large_weights_explode(self):
        large = keras.initializers.RandomNormal(stddev=5.0, seed=1)
        with pytest.warns(RuntimeWarning, match="exploding in h0"):
            monitor, _ = report(deep(16, "relu", 5, large))
        assert "h0" in monitor.report["exploding"]
        assert monitor.report["vanishing"] == []

    def test_weights_that_are_not_numbers_are_named(self):
        model = deep(4, "tanh", 2)
        model.get_layer("h1").kernel.assign(np.full((4, 4), np.nan))
        with pytest.warns(RuntimeWarning, match="non-finite in .*h1"):
            monitor, _ = report(model)
        assert "h1" in monitor.report["non_finite"]

    @pytest.mark.filterwarnings("error::RuntimeWarning")
    def test_a_healthy_net_is_left_in_peace(self):
        model = keras.Sequential(
            [
                keras.Input((12, 12, 1)),
                cl.Conv2D(4, 3, activation="tanh"),
                cl.AveragePooling2D(2),
                cl.Conv2D(6, 3, activation="tanh"),
                cl.Flatten(),
                cl.Dense(10, activation="tanh"),
                cl.Dense(3),
            ]
        )
        model.compile("sgd", cl.losses.SparseCategoricalCrossentropy(from_logits=True))
        x = RNG.normal(size=(8, 12, 12, 1)).astype("float32")
        y = RNG.integers(0, 3, size=8)
        monitor = GradientMonitor((x, y))
        model.fit(x, y, epochs=3, verbose=0, callbacks=[monitor])
        assert not any(monitor.report.values())
        assert [len(norms) for norms in monitor.history.values()] == [3] * 4

    def test_the_norm_is_that_of_all_weights_of_a_layer(self):
        model = keras.Sequential([keras.Input((8,)), cl.Dense(1, name="line")])
        model.compile(keras.optimizers.SGD(0.0), "mse")
        kernel, bias = (as_float(w) for w in model.get_weights())
        error = 2 * (X @ kernel + bias - Y) / len(X)
        expected = math.sqrt(np.sum((X.T @ error) ** 2) + np.sum(error) ** 2)
        monitor, history = report(model)
        assert monitor.history == {"line": [pytest.approx(expected, rel=1e-4)] * 2}
        assert history["gradient_norm/line"] == monitor.history["line"]

    def test_the_model_stays_as_it_is(self):
        model = keras.Sequential(
            [
                keras.Input((8,)),
                cl.Dense(4),
                keras.layers.BatchNormalization(),
                cl.Dropout(0.5, seed=1),
                cl.Dense(1, kernel_regularizer="l2", activity_regularizer="l1"),
            ]
        )
        model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "mse", metrics=["mae"])
        before = [numbers(v).copy() for v in model.variables]
        monitor = GradientMonitor((X, Y, np.ones(16)))
        monitor.set_model(model)
        first, second = monitor.measure(), monitor.measure()
        assert first == second
        for variable, value in zip(model.variables, before, strict=True):
            np.testing.assert_array_equal(numbers(variable), value)

    def test_rows_of_an_embedding_that_occur_twice_count_as_one(self):
        ids = np.array([[1], [1], [3]])
        model = keras.Sequential(
            [
                keras.Input((1,), dtype="int32"),
                keras.layers.Embedding(5, 1, "zeros", name="table"),
                keras.layers.Flatten(),
            ]
        )
        model.compile("sgd", "mse")
        monitor = GradientMonitor((ids, np.array([[1.0], [2.0], [3.0]])))
        monitor.set_model(model)
        rows = [-2 * (1 + 2) / 3, -2 * 3 / 3]
        expected = math.hypot(*rows)
        assert monitor.measure() == {"table": pytest.approx(expected, rel=1e-5)}

    def test_models_within_models_and_weights_beside_layers(self):
        class Scaled(keras.Model):
            def __init__(self):
                super().__init__(name="scaled")
                inner = keras.Input((8,))
                self.inner = keras.Model(inner, cl.Dense(1, name="a")(inner), name="in")
                self.unused = cl.Dense(2, name="unused")

            def build(self, shape):
                self.scale = self.add_weight((), "ones", name="scale")
                self.unused.build((None, 1))

            def call(self, x):
                return self.inner(x) * self.scale

        model = Scaled()
        model.compile("sgd", "mse")
        model(X)
        monitor = GradientMonitor((X, Y), every=2, verbose=0)
        monitor.set_model(model)
        for epoch in range(3):
            monitor.on_epoch_end(epoch)
        assert set(monitor.history) == {"in/a", "unused", "scaled"}
        assert monitor.report["vanishing"] == ["unused"]
        assert [len(norms) for norms in monitor.history.values()] == [1] * 3

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: GradientMonitor(X), r"`data` must be a batch.*type ndarray"),
            (lambda: GradientMonitor((X,)), "`data` must be a batch"),
            (lambda: GradientMonitor((X, Y), vanishing=2, exploding=1), "vanishing=2"),
            (lambda: GradientMonitor((X, Y), every=0), "every=0"),
        ],
    )
    def test_errors(self, make, message):
        with pytest.raises(ValueError, match=message):
            make()


def as_float(array):
    return np.asarray(array, "float64")
