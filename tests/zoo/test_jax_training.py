"""The training engine on JAX; collected with KERAS_BACKEND=jax, see `conftest.py`."""

import dataclasses
import os
import re
import signal
import subprocess
import sys

import keras
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import zoo
from custom_layers import losses, optimizers
from zoo.datasets import Split
from zoo.errors import DatasetError, RunError
from zoo.machines.devices import choose
from zoo.training.engine import engine_for

EXPECTED = {"loss", "accuracy", "val_loss", "val_accuracy", "seconds"}


def few(data, count=200):
    train = Split(data.train.x[:count], data.train.y[:count])
    return dataclasses.replace(data, train=train)


def assert_same_weights(one, other):
    for a, b in zip(one.weights, other.weights, strict=True):
        np.testing.assert_array_equal(a, b)


class PressCtrlC(keras.callbacks.Callback):
    """In the middle of the second epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == 1 and batch == 3:
            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("name", ["mlp", "lenet5"])
def test_the_command_trains_in_a_fresh_process(name, tmp_path):
    command = [sys.executable, "-m", "zoo", "train", name, "--dataset", "digits"]
    more = ["--epochs", "2", "--output", tmp_path / "run"]
    result = subprocess.run([*command, *more], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "Training" in result.stderr
    match = re.match(r"test: loss (\S+), accuracy (\S+)", result.stdout)
    assert float(match[1]) < np.log(10)  # what guessing loses
    assert float(match[2]) > 0.4
    events = {
        part: EventAccumulator(str(tmp_path / "run/logs" / part)).Reload()
        for part in ("train", "validation")
    }
    for accumulator in events.values():
        assert len(accumulator.Scalars("epoch_loss")) == 2


@pytest.mark.parametrize(
    ("name", "overrides"),
    [
        ("mlp", {"dropout": 0.3}),
        ("lenet5", {"noise": 0.5, "dropout": 0.3}),
    ],
)
def test_resume_within_an_epoch_ends_with_the_same_bits(
    name, overrides, tmp_path, digits
):
    asked = {
        "dataset": few(digits),
        "epochs": 3,
        "log_every": 2,
        "overrides": overrides,
    }
    whole = zoo.train(name, output=tmp_path / "whole", **asked)
    assert whole.history.keys() == EXPECTED
    with pytest.raises(KeyboardInterrupt):
        zoo.train(name, output=tmp_path / "cut", callbacks=[PressCtrlC()], **asked)
    saved = {path.stem for path in (tmp_path / "cut/checkpoints").iterdir()}
    assert "epoch-0001-step-0000004" in saved
    resumed = zoo.train(name, output=tmp_path / "cut", resume=True, **asked)
    assert_same_weights(resumed.model, whole.model)
    for metric in EXPECTED - {"seconds"}:
        assert resumed.history[metric] == whole.history[metric]


class Raise(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        raise RuntimeError("a callback of the user failed")


class SpoilWeights(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            for weight in self.model.trainable_weights:
                weight.assign(weight * np.nan)


@pytest.mark.parametrize(
    ("callback", "error"),
    [
        (Raise(), RuntimeError),
        (PressCtrlC(), KeyboardInterrupt),
        (SpoilWeights(), RunError),
    ],
)
@pytest.mark.parametrize("strategy", ["cpu", "mirrored"])
def test_a_model_can_be_used_after_an_error(
    callback, error, strategy, tmp_path, digits
):
    with pytest.raises(error):
        zoo.train(
            "mlp",
            dataset=few(digits),
            epochs=2,
            batch_size=20,
            log_every=2,
            strategy=strategy,
            output=tmp_path / "r",
            callbacks=[callback],
        )
    model = callback.model
    assert np.isfinite(model.predict(digits.test.x, verbose=0)).all()
    for variable in [*model.optimizer.variables, *model.metrics_variables]:
        assert np.isfinite(np.asarray(variable)).all()


def test_variables_live_on_when_a_call_fails(digits, monkeypatch):
    model = compiled("mlp")
    engine = engine_for(model, choose("cpu"), batch_size=20, jit=True)
    engine.build(digits.train)
    data = engine.place(few(digits).train)
    before = [np.array(v) for v in engine.variables()]

    def stopped(state):
        raise KeyboardInterrupt

    with monkeypatch.context() as context, pytest.raises(KeyboardInterrupt):
        context.setattr(engine, "_keep", stopped)
        engine.train(data, engine.order(np.arange(200)), 0, 5)
    for variable, value in zip(engine.variables(), before, strict=True):
        np.testing.assert_array_equal(variable, value)
    outcome = engine.train(data, engine.order(np.arange(200)), 0, 5)
    assert (outcome.step, outcome.finite) == (5, True)


def compiled(name):
    model = zoo.create_model(name, input_shape=(8, 8, 1), num_classes=10)
    model.compile(
        optimizers.Adam(0.01),
        losses.SparseCategoricalCrossentropy(from_logits=True),
        weighted_metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")],
    )
    return model


def test_the_layer_that_broke_first_is_named(tmp_path, digits):
    x = digits.train.x[:64].astype("float32")
    x[40] = 5e4  # standardised, it is 8 yet; `exp` of a sum of `exp` is infinite
    data = dataclasses.replace(digits, train=Split(x, digits.train.y[:64]))
    with pytest.raises(
        RunError, match="step .*: the outputs of layer 'activation.*first"
    ):
        zoo.train(
            "mlp",
            dataset=data,
            epochs=1,
            overrides={"activation": "exponential", "hidden_units": (32, 32)},
            output=tmp_path / "r",
        )


@pytest.mark.parametrize("name", ["mlp", "lenet5"])
def test_two_devices_give_the_losses_of_one(name, tmp_path, digits):
    # 1,293 samples to train on: the last batch of 32 has 13 and is padded.
    # A smooth activation: with ReLU, first weights that differ by 1e-7 give losses that
    # differ by 7e-4, on one device as well.
    one, two = (
        zoo.train(
            name,
            dataset=digits,
            epochs=3,
            batch_size=32,
            strategy=strategy,
            output=tmp_path / strategy,
            overrides={"activation": "tanh"},
        )
        for strategy in ("cpu", "mirrored")
    )
    assert two.config["devices"].startswith("2 devices of this machine")
    for metric in EXPECTED - {"seconds"}:
        assert two.history[metric] == pytest.approx(one.history[metric], abs=1e-5)
    assert two.metrics == pytest.approx(one.metrics, abs=1e-5)
    for a, b in zip(one.model.weights, two.model.weights, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_each_device_computes_its_part_of_a_batch(digits):
    devices = choose("mirrored")
    with devices.scope():
        model = compiled("mlp")
        engine = engine_for(model, devices, batch_size=20, jit=True)
        engine.build(digits.train)
        data = engine.place(few(digits).train)
        order = engine.order(np.arange(190))
        lowered = engine._loop.lower(engine._state(), data, *order, 0, 10)
        program = lowered.compile().as_text()
        engine.train(data, order, 0, 10)
    # Gradients of ten samples each are added up over the devices.
    assert "all-reduce" in program
    assert "f32[10,32]" in program
    assert "f32[20,32]" not in program
    kernel = model.trainable_weights[0].value
    assert len(kernel.sharding.device_set) == 2
    assert kernel.sharding.is_fully_replicated


def test_mixed_precision_on_two_devices(tmp_path, digits):
    run = zoo.train(
        "mlp",
        dataset=few(digits),
        epochs=3,
        batch_size=20,
        strategy="mirrored",
        mixed_precision="fp16",
        output=tmp_path / "r",
    )
    assert run.history["loss"][-1] < run.history["loss"][0]
    assert {layer.compute_dtype for layer in run.model.layers} == {"float32"}


def test_a_set_of_tfds_names_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    (tmp_path / "mnist").mkdir()
    with pytest.raises(DatasetError, match="pip install tensorflow tensorflow-data"):
        zoo.load_dataset("mnist", data_dir=tmp_path)


def test_tensorflow_is_not_imported(tmp_path):
    script = """
import sys, zoo
zoo.train("mlp", dataset="iris", epochs=1, output=sys.argv[1])
assert "tensorflow" not in sys.modules
"""
    subprocess.run(
        [sys.executable, "-c", script, tmp_path / "r"], check=True, env=os.environ
    )
