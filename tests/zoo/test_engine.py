"""The engine beside Keras' own `fit`, and what its calls promise."""

import dataclasses
import signal

import keras
import numpy as np
import pytest

import zoo
from custom_layers import (
    LSTM,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GlobalAveragePooling1D,
    RandomFlip,
)
from custom_layers.callbacks import EarlyStopping
from custom_layers.optimizers import Adam
from zoo import tasks
from zoo.datasets import Dataset, Split
from zoo.errors import ArgumentError
from zoo.machines.devices import Devices, choose
from zoo.registry import Recipe
from zoo.runs.order import permutation
from zoo.training.checkpoint import Checkpoints
from zoo.training.compile import compile_model, uses_xla
from zoo.training.engine import check_trainable, engine_for
from zoo.training.engine.base import weights
from zoo.training.feed import InMemory
from zoo.training.loop import Loop

SAMPLES, BATCH, EPOCHS = 50, 16, 3


def mlp():
    x = keras.Input((6,))
    h = Dropout(0.3)(Dense(8, activation="tanh")(x))
    return keras.Model(x, Dense(3)(h))


def cnn():
    x = keras.Input((6, 6, 1))
    h = BatchNormalization()(Conv2D(4, 3, activation="relu")(RandomFlip()(x)))
    return keras.Model(x, Dense(3)(Dropout(0.2)(Flatten()(h))))


def rnn():
    x = keras.Input((5,), dtype="int32")
    return keras.Model(x, Dense(3)(LSTM(4)(Embedding(9, 3)(x))))


def bag():
    x = keras.Input((5,), dtype="int32")
    return keras.Model(x, Dense(3)(GlobalAveragePooling1D()(Embedding(9, 3)(x))))


def dataset(model):
    rng = np.random.default_rng(1)
    shape = (SAMPLES, *model.input_shape[1:])
    x = (
        rng.integers(0, 9, shape)
        if model.input_dtype == "int32"
        else rng.normal(size=shape)
    )
    split = Split(x, rng.integers(0, 3, SAMPLES))
    return Dataset("drawn", split, split, split, ("a", "b", "c"))


RECIPE = Recipe(
    dataset="drawn", batch_size=BATCH, epochs=EPOCHS, schedule=("CosineDecay", {})
)


def compiled(build, jit):
    keras.utils.set_random_seed(3)
    model = build()
    task = tasks.get("classification")
    compile_model(model, RECIPE, task, steps=-(-SAMPLES // BATCH), jit=jit)
    return model


@pytest.mark.slow
@pytest.mark.parametrize(
    ("build", "jit"),
    [
        (rnn, False),
        (mlp, True),
        *(pytest.param(b, False, marks=pytest.mark.slow) for b in (mlp, cnn, bag)),
        *(pytest.param(b, True, marks=pytest.mark.slow) for b in (cnn, rnn, bag)),
    ],
    ids=lambda value: getattr(value, "__name__", "xla" if value else "graph"),
)
def test_fit_gives_the_same_losses(build, jit, tmp_path):
    ours, stock = compiled(build, jit), compiled(build, jit)
    data = dataset(ours)
    loop = Loop(ours, data, RECIPE, Checkpoints(tmp_path), choose("cpu"))
    loop.resume_or_start()
    loop.run([], [], log_every=2)
    losses = {"loss": [], "val_loss": [], "accuracy": []}
    for epoch in range(EPOCHS):
        order = permutation(RECIPE.seed, epoch, SAMPLES)
        history = stock.fit(
            data.train.x[order],
            data.train.y[order],
            validation_data=tuple(data.validation),
            batch_size=BATCH,
            shuffle=False,
            verbose=0,
        ).history
        for name, values in losses.items():
            values += history[name]
    for name, values in losses.items():
        found = [row[name] for row in loop.progress.history]
        np.testing.assert_allclose(found, values, rtol=2e-6, err_msg=name)


def run_to(steps, calls, build=mlp, jit=False):
    """Weights and metrics after steps done in calls of these lengths."""
    model = compiled(build, jit)
    engine = engine_for(model, choose("cpu"), batch_size=BATCH, jit=jit)
    data = dataset(model)
    engine.build(data.train)
    feed = InMemory(engine, data.train)
    feed.begin(0, 0)
    engine.start_means()
    done = 0
    for length in calls:
        outcome = feed.train(done, min(done + length, steps))
        done = outcome.step
    assert done == steps
    return outcome, [np.asarray(w) for w in model.weights]


@pytest.mark.slow
@pytest.mark.parametrize(
    "jit",
    [False, pytest.param(True, marks=pytest.mark.slow)],
    ids=["graph", "xla"],
)
def test_the_length_of_calls_changes_nothing(jit):
    whole, weights = run_to(4, [4], jit=jit)
    parts, others = run_to(4, [1, 2, 1], jit=jit)
    assert whole == parts
    for a, b in zip(weights, others, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum"])
@pytest.mark.parametrize("given", [(), (np.array([0.5, 2.0, 3.0, 1.0], "float32"),)])
def test_a_padded_batch_has_the_loss_of_its_samples(reduction, given):
    loss = keras.losses.MeanSquaredError(reduction=reduction)
    y, outputs = np.array([[0.0], [0.0], [0.0], [9.0]]), np.array([[1], [2], [3], [4]])
    valid = keras.ops.convert_to_tensor([1.0, 1.0, 1.0, 0.0])
    weight = weights(valid, 4, 3, y, given, is_sum=reduction == "sum")
    expected = loss(y[:3], outputs[:3], *(each[:3] for each in given))
    assert float(loss(y, outputs, weight)) == pytest.approx(float(expected))


@pytest.mark.slow
def test_a_loss_that_is_not_finite_stops_the_call():
    model = compiled(mlp, jit=True)
    engine = engine_for(model, choose("cpu"), batch_size=BATCH, jit=True)
    data = dataset(model)
    order = permutation(0, 0, SAMPLES)
    data.train.x[order[BATCH]] = np.inf
    engine.build(data.train)
    feed = InMemory(engine, data.train)
    feed.begin(0, 0)
    outcome = feed.train(0, 4)
    assert (outcome.step, outcome.finite) == (2, False)


@pytest.mark.slow
def test_one_trace_serves_all_epochs():
    model = compiled(mlp, jit=False)
    traces = []
    call = model.call
    model.call = lambda *args, **more: (traces.append(1), call(*args, **more))[1]
    engine = engine_for(model, choose("cpu"), batch_size=BATCH, jit=False)
    data = dataset(model)
    engine.build(data.train)
    train, half = (
        InMemory(engine, data.train),
        InMemory(engine, Split(*(a[:20] for a in data.test))),
    )
    counts = []
    for epoch in range(3):
        train.begin(0, epoch)
        for first in range(4):
            train.train(first, first + 1)
        train.score()
        half.score()
        counts.append(len(traces))
    assert counts[0] == counts[-1]


def test_xla_is_a_matter_of_policy():
    cpu = choose("cpu")
    gpu = Devices("gpu", "one GPU", accelerated=True)
    assert [uses_xla(build(), "auto", cpu) for build in (mlp, cnn, rnn, bag)] == [
        *(True, False, True, True)
    ]
    assert uses_xla(cnn(), "auto", gpu)
    nested = keras.Sequential([keras.Input((6, 6, 1)), cnn()])
    assert not uses_xla(nested, "auto", cpu)
    each = keras.layers.TimeDistributed(keras.layers.Conv2D(2, 3))
    frames = keras.Sequential([keras.Input((2, 6, 6, 1)), each])
    assert not uses_xla(frames, "auto", cpu)
    assert uses_xla(nested, "on", cpu)
    assert not uses_xla(mlp(), "off", cpu)


def test_callbacks_see_epochs_and_every_few_steps(tmp_path):
    seen = []
    model = compiled(mlp, jit=False)
    loop = Loop(model, dataset(model), RECIPE, Checkpoints(tmp_path), choose("cpu"))
    loop.resume_or_start()
    look = keras.callbacks.LambdaCallback(
        on_train_begin=lambda logs: seen.append("begin"),
        on_epoch_begin=lambda epoch, logs: seen.append(epoch),
        on_train_batch_end=lambda batch, logs: seen.append((batch, sorted(logs))),
        on_epoch_end=lambda epoch, logs: seen.append(sorted(logs)),
        on_train_end=lambda logs: seen.append("end"),
    )
    loop.run([look], [], log_every=3)
    batch_logs = ["accuracy", "loss"]
    epoch_logs = ["accuracy", "loss", "val_accuracy", "val_loss"]
    epochs = [[e, (2, batch_logs), (3, batch_logs), epoch_logs] for e in range(EPOCHS)]
    assert seen == ["begin", *(part for epoch in epochs for part in epoch), "end"]


def test_a_callback_may_stop_the_training(tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["mine"] = 1.0
            self.model.stop_training = epoch == 1

    model = compiled(mlp, jit=False)
    loop = Loop(model, dataset(model), RECIPE, Checkpoints(tmp_path), choose("cpu"))
    loop.resume_or_start()
    loop.run([Stop()], [], log_every=None)
    assert [row["mine"] for row in loop.progress.history] == [1.0, 1.0]


def test_a_train_step_of_its_own_is_not_passed_over():
    class Own(keras.Model):
        def train_step(self, data):
            return {}

    x = keras.Input((6,))
    with pytest.raises(zoo.ZooError, match="train_step of its own"):
        engine_for(Own(x, Dense(3)(x)), choose("cpu"), batch_size=BATCH, jit=False)


def test_a_frozen_model_is_refused():
    model = compiled(mlp, jit=False)
    model.trainable = False
    with pytest.raises(ArgumentError, match="has no trainable weights"):
        check_trainable(model, choose("cpu"))


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="its all-reduce")
@pytest.mark.parametrize(
    "option", [{"gradient_accumulation_steps": 2}, {"ema_overwrite_frequency": 5}]
)
def test_what_several_devices_cannot_do_is_refused(option):
    model = compiled(mlp, jit=False)
    model.optimizer = Adam(use_ema=True, **option)
    check_trainable(model, choose("cpu"))
    several = dataclasses.replace(choose("cpu"), strategy=object())
    scaled = keras.optimizers.LossScaleOptimizer(model.optimizer)
    for optimizer in (model.optimizer, scaled):
        model.optimizer = optimizer
        with pytest.raises(
            ArgumentError, match="devices cannot train with (grad|ema_over)"
        ):
            check_trainable(model, several)


@pytest.mark.slow
def test_patience_continues_where_a_run_was_stopped(tmp_path):
    recipe = dataclasses.replace(RECIPE, epochs=9)

    def run(folder, *more):
        model = compiled(mlp, jit=False)
        loop = Loop(model, dataset(model), recipe, Checkpoints(folder), choose("cpu"))
        loop.resume_or_start()
        # Nothing is as good as the first epoch.
        patience = EarlyStopping("val_loss", patience=3, min_delta=9.0)
        loop.run([patience, *more], [], log_every=None)
        return len(loop.progress.history)

    class Interrupt(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "cut", Interrupt())
    assert run(tmp_path / "whole") == run(tmp_path / "cut") == 4
    assert run(tmp_path / "cut") == 4
