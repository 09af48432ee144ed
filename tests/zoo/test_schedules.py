"""Schedules of the learning rate: over the steps of a run, and resumed with more."""

import dataclasses

import keras
import pytest

import zoo
from zoo import tasks
from zoo.training.compile import compile_model

PLAIN = {"optimizer": "SGD", "learning_rate": 0.1, "jit": "off"}
PLAIN |= {"overrides": {"dropout": 0.0}}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("schedule", "line"),
    [
        (
            "CosineDecay",
            "The schedule of the learning rate now is for 4 epochs instead of 2: the "
            "rate goes on at 0.05, not at 0.\n",
        ),
        (None, ""),
    ],
)
def test_a_resume_says_how_the_rate_goes_on(tmp_path, capsys, schedule, line):
    asked = PLAIN | {"schedule": schedule, "output": tmp_path / "r"}
    zoo.train("mlp", epochs=2, **asked)
    zoo.train("mlp", epochs=2, resume=True, **asked)
    assert "rate" not in capsys.readouterr().err
    zoo.train("mlp", epochs=4, resume=True, **asked)
    err = capsys.readouterr().err
    assert line in err
    assert ("rate" in err) == bool(line)


def test_a_schedule_counts_the_steps_of_the_run():
    """Four epochs of ten steps, of which one and a half warm up."""
    model = zoo.create_model("mlp")
    recipe = dataclasses.replace(
        zoo.model_spec("mlp").recipe,
        optimizer=("SGD", {"learning_rate": 1.0}),
        schedule=("StepDecay", {"boundaries": (0.5, 0.75), "factor": 0.5}),
        warmup_epochs=1.5,
        epochs=4,
    )
    compile_model(model, recipe, tasks.get("classification"), steps=10, jit=False)
    rates = []
    for step in (0, 13, 14, 19, 20, 29, 30, 39):
        model.optimizer.iterations.assign(step)
        rates.append(float(keras.ops.convert_to_numpy(model.optimizer.learning_rate)))
    expected = [1 / 15, 14 / 15, 1.0, 1.0, 0.5, 0.5, 0.25, 0.25]
    assert rates == pytest.approx(expected)


@pytest.mark.parametrize("schedule", [None, ("CosineDecay", {})])
def test_the_rate_is_scaled_by_the_size_of_batches(schedule):
    model = zoo.create_model("mlp")
    recipe = dataclasses.replace(
        zoo.model_spec("mlp").recipe,
        optimizer=("SGD", {"learning_rate": 0.5}),
        schedule=schedule,
        batch_size=32,
        base_batch_size=128,
    )
    compile_model(model, recipe, tasks.get("classification"), steps=10, jit=False)
    rate = keras.ops.convert_to_numpy(model.optimizer.learning_rate)
    assert float(rate) == pytest.approx(0.125)


class Rates(keras.callbacks.Callback):
    """The rate of the next step, at the end of each epoch."""

    def on_train_begin(self, logs=None):
        self.seen = []

    def on_epoch_end(self, epoch, logs=None):
        rate = self.model.optimizer.learning_rate
        self.seen.append(float(keras.ops.convert_to_numpy(rate)))


def test_in_training_it_ends_with_the_last_step_of_the_last_epoch(tmp_path):
    rates = Rates()
    asked = PLAIN | {"schedule": "CosineDecay", "output": tmp_path / "r"}
    # The last batch of an epoch is smaller, and a step like the others.
    zoo.train(
        "mlp", dataset="iris", epochs=3, batch_size=40, callbacks=[rates], **asked
    )
    assert rates.seen == pytest.approx([0.075, 0.025, 0.0], abs=1e-7)
