"""Runs that are killed, stopped within an epoch and between two end with the same bits.

A row for each thing that is carried from step to step; what callbacks hold is in
`test_callbacks`, other processes are in `test_faults`.
"""

import signal

import keras
import numpy as np
import pytest

import zoo
from zoo.datasets import Dataset, Split
from zoo.training import feed, loop

from .test_callbacks import assert_same

# Five steps in each epoch; an epoch and a step of it.
KILLED, WITHIN, BETWEEN = (0, 3), (1, 2), (1, 4)
SAMPLES, BATCH, EPOCHS = 78, 16, 4


def pictures():
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 1, (SAMPLES, 6, 6, 1)).astype("float32")
    split = Split(x, (x.mean(axis=(1, 2, 3)) > 0.5).astype("int64"))
    return Dataset("drawn", split, split, split, ("dark", "light"))


def dense():
    return [keras.layers.Flatten(), keras.layers.Dense(4, activation="tanh")]


def normalized():
    normalization = keras.layers.BatchNormalization(momentum=0.5)
    return [keras.layers.Conv2D(2, 3), normalization, keras.layers.Flatten()]


def spectral():
    hidden = keras.layers.Dense(4, activation="tanh")
    return [keras.layers.Flatten(), keras.layers.SpectralNormalization(hidden)]


def noisy():
    shifted = keras.layers.RandomTranslation(0.2, 0.2)
    noise = keras.layers.GaussianNoise(0.1)
    return [shifted, noise, keras.layers.Dropout(0.3), *dense()]


def dropping():
    return [keras.layers.Dropout(0.3), *dense()]


def recurrent():
    rows = keras.layers.Reshape((6, 6))
    return [rows, keras.layers.LSTM(3, dropout=0.2, recurrent_dropout=0.2)]


def half(name):
    def layers():
        flat, hidden = keras.layers.Flatten(), keras.layers.Dense(4, "tanh", dtype=name)
        return [flat, hidden, keras.layers.Dropout(0.3, dtype=name)]

    return layers


def scaled():
    return keras.optimizers.LossScaleOptimizer(
        keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.9),
        initial_scale=2.0**20,
        dynamic_growth_steps=3,
    )


def accumulating():
    return keras.optimizers.Adam(
        0.01, gradient_accumulation_steps=3, use_ema=True, ema_momentum=0.5
    )


def overwriting():
    return keras.optimizers.SGD(
        0.1, momentum=0.9, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=4
    )


def decaying():
    rate = keras.optimizers.schedules.InverseTimeDecay(0.1, 3, 0.5, staircase=True)
    return keras.optimizers.AdamW(rate, weight_decay=0.1, global_clipnorm=0.5)


class Decay(keras.callbacks.Callback):
    """Sets the learning rate after each step, from what it was."""

    def get_state(self):
        return {}

    def set_state(self, state):
        pass

    def on_train_batch_end(self, batch, logs=None):
        optimizer = self.model.optimizer
        optimizer.learning_rate = float(optimizer.learning_rate) * 0.9


CASES = {
    "average": (dense, {"ema": 0.9, "optimizer": "Adam"}),
    "average that overwrites": (dense, {"optimizer": overwriting}),
    "accumulation": (dense, {"optimizer": accumulating}),
    "batch normalization": (normalized, {}),
    "spectral normalization": (spectral, {}),
    "dropout and augmentation": (noisy, {"augmentation": ["RandomFlip"]}),
    "recurrent dropout": (recurrent, {"optimizer": "RMSprop"}),
    "schedule with warmup": (
        dense,
        {"optimizer": "SGD", "schedule": "CosineDecay", "warmup_epochs": 1.5},
    ),
    "schedule of the optimizer": (dense, {"optimizer": decaying}),
    "loss scale": (half("mixed_float16"), {"optimizer": scaled}),
    "half precision": (half("mixed_bfloat16"), {"optimizer": "Nadam"}),
    "rate set at each step": (dense, {"optimizer": "SGD", "callbacks": Decay}),
    "weights of classes": (dense, {"class_weight": {"dark": 3.0}}),
    "stream": (noisy, {}),
    "compiled by XLA": (dropping, {"jit": "on"}),
}
QUICK = {"accumulation"}  # the others are slow


class Killed(BaseException):
    """Ends a run at once: nothing is saved, and no hook is called."""


class Stop(keras.callbacks.Callback):
    """Stops a run after a step of an epoch: by Ctrl-C, or as if it was killed."""

    def __init__(self, moment):
        super().__init__()
        self.moment = moment

    def get_state(self):
        return {}

    def set_state(self, state):
        pass

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_epoch_end(self, epoch, logs=None):
        if self.moment == BETWEEN == (epoch, 4):
            signal.raise_signal(signal.SIGINT)

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) != self.moment or self.moment == BETWEEN:
            return
        if self.moment == KILLED:
            raise Killed
        signal.raise_signal(signal.SIGINT)


def trained(folder, case, moment):
    """Trains a new model of a case until a moment, in a folder that may hold a run."""
    layers, options = CASES[case]
    keras.utils.clear_session()  # layers are numbered anew, as in a new process
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((6, 6, 1)), *layers(), keras.layers.Dense(2, dtype="float32")],
        name="mine",
    )
    asked = {"jit": "off", "schedule": None, "log_every": 1} | options
    if callable(asked.get("optimizer")):
        asked["optimizer"] = asked["optimizer"]()
    more = [asked["callbacks"]()] if "callbacks" in asked else []
    asked |= {"dataset": pictures(), "batch_size": BATCH, "epochs": EPOCHS}
    asked |= {"callbacks": [*more, Stop(moment)], "output": folder, "resume": True}
    return zoo.train(model, **asked)


@pytest.mark.parametrize(
    "case",
    [pytest.param(c, marks=[] if c in QUICK else pytest.mark.slow) for c in CASES],
)
def test_a_run_ends_with_the_same_bits(tmp_path, monkeypatch, case):
    monkeypatch.setattr(loop, "SAVE_SECONDS", 0.0)
    if case == "stream":
        monkeypatch.setattr(feed, "fits_in_memory", lambda *arguments: False)
        monkeypatch.setattr(feed, "BLOCK_BYTES", 2 * BATCH * (36 * 4 + 8))
    for folder in ("whole", "cut"):
        (tmp_path / folder / "files").mkdir(parents=True)
    whole = trained(tmp_path / "whole/run", case, None)
    for moment, error in (
        (KILLED, Killed),
        (WITHIN, KeyboardInterrupt),
        (BETWEEN, KeyboardInterrupt),
    ):
        with pytest.raises(error):
            trained(tmp_path / "cut/run", case, moment)
    cut = trained(tmp_path / "cut/run", case, None)
    assert whole.metrics == cut.metrics
    for a, b in zip(whole.model.get_weights(), cut.model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert_same((tmp_path / "whole", whole, ()), (tmp_path / "cut", cut, ()))
