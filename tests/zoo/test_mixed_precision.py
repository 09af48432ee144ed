"""Low precision computes the steps; what is kept is in single precision."""

import dataclasses
import signal

import keras
import numpy as np
import pytest
from keras.optimizers import LossScaleOptimizer

import zoo
from tests.zoo.reference import NAMES, STILL
from zoo.datasets import Split
from zoo.errors import ArgumentError

both = pytest.mark.parametrize(
    ("short", "dtype"),
    [
        ("bf16", "bfloat16"),
        pytest.param("fp16", "float16", marks=pytest.mark.slow),
    ],
)


@pytest.fixture(scope="module")
def few(digits):
    return dataclasses.replace(
        digits, train=Split(digits.train.x[:200], digits.train.y[:200])
    )


class Look(keras.callbacks.Callback):
    """What there is while the model trains."""

    def on_train_end(self, logs=None):
        self.trained = self.model
        self.optimizer = self.model.optimizer


class TooLargeScale(keras.callbacks.Callback):
    """Makes the scale of the loss so large that gradients overflow."""

    def on_train_begin(self, logs=None):
        self.model.optimizer.dynamic_scale.assign(2.0**40)


class Interrupt(keras.callbacks.Callback):
    """Presses Ctrl-C after the first call of the engine in the second epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == 1:
            signal.raise_signal(signal.SIGINT)


@pytest.mark.slow
@both
@pytest.mark.parametrize(
    "name", ["mlp", pytest.param("lenet5", marks=pytest.mark.slow)]
)
def test_it_learns_and_keeps_single_precision(tmp_path, few, name, short, dtype):
    look = Look()
    run = zoo.train(
        name,
        dataset=few,
        epochs=10,
        mixed_precision=short,
        output=tmp_path / "r",
        callbacks=[look],
        # Scans as they are: what is distorted takes longer to learn.
        overrides={} if name == "mlp" else STILL,
    )
    # All but the input and its normalization.
    assert {layer.compute_dtype for layer in look.trained.layers[2:]} == {dtype}
    assert isinstance(look.optimizer, LossScaleOptimizer) == (short == "fp16")
    assert run.history["loss"][-1] < 0.9 * run.history["loss"][0]
    saved = keras.saving.load_model(run.directory / "model.keras")
    for model in (run.model, saved):
        assert {layer.compute_dtype for layer in model.layers} == {"float32"}
        assert {weight.dtype for weight in model.trainable_weights} == {"float32"}
    np.testing.assert_array_equal(
        saved.predict(few.test.x, verbose=0), run.model.predict(few.test.x, verbose=0)
    )
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "short", "tolerance"),
    [
        ("mlp", "bf16", 2e-2),
        pytest.param("mlp", "fp16", 2e-3, marks=pytest.mark.slow),
        pytest.param("lenet5", "bf16", 2e-2, marks=pytest.mark.slow),
        pytest.param("lenet5", "fp16", 2e-3, marks=pytest.mark.slow),
    ],
)
def test_its_losses_are_those_of_single_precision(
    tmp_path, few, name, short, tolerance
):
    """To the digits of the type: 8 binary ones of bfloat16, 11 of float16."""
    plain, low = (
        zoo.train(
            name,
            dataset=few,
            epochs=4,
            mixed_precision=precision,
            output=tmp_path / str(precision),
            overrides=NAMES[name],
        )
        for precision in (None, short)
    )
    for metric in ("loss", "val_loss"):
        np.testing.assert_allclose(
            low.history[metric], plain.history[metric], rtol=tolerance
        )


@pytest.mark.parametrize("short", ["fp16", "bf16"])
@pytest.mark.slow
def test_measurements_may_be_larger_than_a_short_number(tmp_path, few, short):
    train, validation, test = (
        Split(1e6 + 1e4 * split.x.astype("float32"), split.y)
        for split in (few.train, few.validation, few.test)
    )
    large = dataclasses.replace(few, train=train, validation=validation, test=test)
    runs = [
        zoo.train(
            "mlp", dataset=data, epochs=4, mixed_precision=short, output=tmp_path / name
        )
        for name, data in (("few", few), ("large", large))
    ]
    losses = [run.history["loss"] for run in runs]
    assert losses[1] == pytest.approx(losses[0], rel=0.05)


@pytest.mark.parametrize("jit", ["on", "auto"])
@pytest.mark.slow
def test_a_loss_scale_that_is_too_large_is_halved_until_it_fits(tmp_path, few, jit):
    look = Look()
    run = zoo.train(
        "lenet5",
        dataset=few,
        epochs=6,
        jit=jit,
        mixed_precision="fp16",
        output=tmp_path / "r",
        callbacks=[TooLargeScale(), look],
    )
    # A step whose gradient overflows halves the scale and leaves the weights alone.
    scale = float(look.optimizer.dynamic_scale)
    skipped = 40 - np.log2(scale)
    assert skipped >= 10
    assert int(look.optimizer.iterations) == 6 * 7 - skipped
    assert run.history["loss"][-1] < run.history["loss"][0]


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"ema": 0.9}])
def test_fp16_resumes_to_the_bit_with_its_loss_scale(tmp_path, few, options):
    asked = {"dataset": few, "epochs": 3, "mixed_precision": "fp16"} | options
    whole, cut = (tmp_path / name for name in ("whole", "cut"))
    start = TooLargeScale()
    expected = zoo.train("mlp", output=whole, callbacks=[start], **asked)
    with pytest.raises(KeyboardInterrupt):
        zoo.train("mlp", output=cut, callbacks=[start, Interrupt()], **asked)
    resumed = zoo.train("mlp", output=cut, resume=True, **asked)
    assert resumed.history["loss"] == expected.history["loss"]
    for a, b in zip(resumed.model.weights, expected.model.weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_an_unknown_precision(tmp_path, few):
    with pytest.raises(
        ArgumentError, match="must be 'bf16' or 'fp16'. Received: 'fp8'"
    ):
        zoo.train("mlp", dataset=few, mixed_precision="fp8", output=tmp_path / "r")
